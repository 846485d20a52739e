package table

import (
	"maps"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func TestArchive(t *testing.T) {
	texts := map[string]string{"": "", "a": "alpha", "b/c": strings.Repeat("long ", 1000)}
	names := slices.Sorted(maps.Keys(texts))
	data, err := Pack(names, func(name string) []byte { return []byte(texts[name]) })
	if err != nil {
		t.Fatal(err)
	}
	a, err := Open(string(data))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range texts {
		if got, err := a.Text(name); got != want || err != nil {
			t.Errorf("%q: %d bytes, %v", name, len(got), err)
		}
	}
	if _, err := a.Text("none"); err == nil {
		t.Error("a text that is not there")
	}
	for n := range data {
		if _, err := Open(string(data[:n])); err == nil {
			t.Errorf("opened with %d of %d bytes", n, len(data))
		}
	}
}

func TestReader(t *testing.T) {
	b := AppendString(AppendString(nil, "one"), "")
	r := NewReader(string(b))
	if s := r.String(); s != "one" {
		t.Errorf("read %q", s)
	}
	if s := r.String(); s != "" || r.More() {
		t.Errorf("read %q", s)
	}
	if s := r.String(); s != "" || r.More() {
		t.Errorf("read %q after the end", s)
	}
	if s := NewReader("\x7fshort").String(); s != "" {
		t.Errorf("read %q of a string cut short", s)
	}
	if n := NewReader(strings.Repeat("\xff", 20)).Uint(); n != 0 {
		t.Errorf("read %d", n)
	}
}

func TestLoad(t *testing.T) {
	v := 1
	p := Package{
		Values: []Symbol{
			{"F", math.Sqrt}, {"T", (*strings.Builder)(nil)}, {"C", reflect.Int},
			{"I", Int("-5")}, {"X", Float("-0x1p-1")}, {"S", String("s")}, {"W", Word('/')},
		},
		Vars: []Symbol{{"V", &v}},
	}
	m := p.Load()
	m["V"].SetInt(2)
	if v != 2 {
		t.Error("the variable is a copy")
	}
	for name, want := range map[string]string{"I": "-5", "X": "-0.5", "S": `"s"`, "W": "47"} {
		if got := m[name].MethodByName("String").Call(nil)[0].String(); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
	if m["F"].Kind() != reflect.Func || !m["T"].IsNil() || m["C"].Type() != reflect.TypeFor[reflect.Kind]() {
		t.Errorf("symbols %v", m)
	}
}
