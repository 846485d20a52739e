package programs

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"
)

func TestKnownListsAreKept(t *testing.T) {
	file := filepath.Join(t.TempDir(), "KNOWN.txt")
	k := Known{"a": {[]Way{Whole, Many}, "one: two"}, "b": {Ways, "why"}}
	if err := os.WriteFile(file, []byte(k.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := ReadKnown(file)
	if err != nil || !reflect.DeepEqual(got, k) {
		t.Errorf("%v %v", got, err)
	}
	if !got.Has("a", Many) || got.Has("a", Two) || got.Has("c", Two) {
		t.Error(got)
	}
	for _, bad := range []string{"a all", "a: why", "a sideways: why", "a all: x\na two: y", "a all: "} {
		if err := os.WriteFile(file, []byte(bad), 0o600); err != nil {
			t.Fatal(err)
		}
		if k, err := ReadKnown(file); err == nil {
			t.Errorf("%q reads as %v", bad, k)
		}
	}
}

func TestKnownListsAreUpdated(t *testing.T) {
	k := Known{"stays": {Ways, "old"}, "goes": {Ways, "old"}, "varies": {Ways, "sometimes slow"}}
	got := k.Update([]Result{
		{"stays", Two, Wrong, "x"}, {"stays", Many, Right, ""}, {"goes", Two, Right, ""},
		{"comes", Many, Wrong, "a\nb"}, {"comes", Whole, Wrong, "c"}, {"refused", Two, Refused, "d"}, {"varies", Two, Wrong, "e"}, {"varies", Many, Right, ""},
	})
	want := Known{"stays": {[]Way{Two}, "old"}, "comes": {[]Way{Whole, Many}, "c"}, "varies": k["varies"]}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%v", got)
	}
}
