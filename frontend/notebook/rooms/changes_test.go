package rooms

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf16"
)

func TestChangeSetsAreAppliedInUTF16Units(t *testing.T) {
	for _, test := range []struct{ text, change, want string }{
		{"", `[]`, ""},
		{"", `[[0,"a","b"]]`, "a\nb"},
		{"abc", `[3]`, "abc"},
		{"abc", `[1,[1],1]`, "ac"},
		{"abc", `[[3,""]]`, ""},
		{"a😀b", `[3,[0,"!"],1]`, "a😀!b"},
		{"a😀b", `[1,[2,"é"],1]`, "aéb"},
		{"é\nx", `[2,[1,"y","","z"]]`, "é\ny\n\nz"},
	} {
		var c ChangeSet
		if err := json.Unmarshal([]byte(test.change), &c); err != nil {
			t.Fatalf("%s: %v", test.change, err)
		}
		if got, err := c.Apply(test.text); err != nil || got != test.want {
			t.Errorf("%q %s: got %q, %v; want %q", test.text, test.change, got, err, test.want)
		}
	}
}

func TestChangeSetsThatDoNotFitAreRefused(t *testing.T) {
	for _, test := range []struct{ text, change, want string }{
		{"abc", `[2]`, "before the end"},
		{"abc", `[4]`, "past the end"},
		{"abc", `[[9]]`, "past the end"},
		{"a😀b", `[2,[2]]`, "cuts a character"},
		{"", `[-1]`, "out of range"},
		{"", `[[0,"a\nb"]]`, "line end"},
		{"", `[[]]`, "empty"},
		{"", `{}`, "change set"},
		{"", `["a"]`, "change set"},
	} {
		var c ChangeSet
		err := json.Unmarshal([]byte(test.change), &c)
		if err == nil {
			_, err = c.Apply(test.text)
		}
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q %s: got error %v, want one with %q", test.text, test.change, err, test.want)
		}
	}
}

func TestPositionsConvertBetweenUnitsAndCodePoints(t *testing.T) {
	const text = "é😀x"
	for units, want := range []int{0, 1, 2, 2, 3, 3} {
		if got := codePoint(text, units); got != want {
			t.Errorf("unit %d is code point %d, want %d", units, got, want)
		}
	}
	for point, want := range []int{0, 1, 3, 4, 4} {
		if got := unitOffset(text, point); got != want {
			t.Errorf("code point %d is unit %d, want %d", point, got, want)
		}
	}
}

// applyUnits is Apply done on UTF-16, as a browser does it.
func applyUnits(text string, c ChangeSet) (string, bool) {
	units := utf16.Encode([]rune(text))
	var out []uint16
	for _, s := range c {
		if s.Length > len(units) {
			return "", false
		}
		if s.Replace {
			out = append(out, utf16.Encode([]rune(s.Insert))...)
		} else {
			out = append(out, units[:s.Length]...)
		}
		units = units[s.Length:]
	}
	return string(utf16.Decode(out)), len(units) == 0
}

func FuzzChangeSet(f *testing.F) {
	f.Add("a😀b", []byte(`[1,[2,"é"],1]`))
	f.Add("abc", []byte(`[[3,"x","y"]]`))
	f.Add("", []byte(`[[0]]`))
	f.Fuzz(func(t *testing.T, text string, data []byte) {
		text = strings.ToValidUTF8(text, "?")
		var c ChangeSet
		if json.Unmarshal(data, &c) != nil {
			return
		}
		again, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		var d ChangeSet
		if err := json.Unmarshal(again, &d); err != nil {
			t.Fatalf("%s cannot be read again: %v", again, err)
		}
		got, err := c.Apply(text)
		if err != nil {
			return
		}
		want, ok := applyUnits(text, c)
		if !ok || got != want {
			t.Fatalf("%q %s gives %q, want %q (%v)", text, data, got, want, ok)
		}
		if other, err := d.Apply(text); err != nil || other != got {
			t.Fatalf("written and read it gives %q, %v", other, err)
		}
	})
}
