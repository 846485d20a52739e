package colour

import (
	"strings"
	"testing"

	"github.com/adabc437/fanout/frontend/internal/edit"
)

// names are styles that can be told apart.
var names = Theme{Keyword: "k", Type: "t", Function: "f", String: "s", Number: "n", Comment: "c", Operator: "o", Magic: "m"}

func marked(spans []edit.Span) string {
	var b strings.Builder
	for _, s := range spans {
		if s.Style == "" || s.Style == "o" {
			b.WriteString(s.Text)
		} else {
			b.WriteString(s.Style + "<" + s.Text + ">")
		}
	}
	return b.String()
}

func TestHighlight(t *testing.T) {
	for in, want := range map[string]string{
		"func f(x int) string { return \"a\" }": "k<func> f<f>(x t<int>) t<string> { k<return> s<\"a\"> }",
		"x := 1.5 // half":                      "x := n<1.5> c<// half>",
		"y == nil && true":                      "y == n<nil> && n<true>",
		"a := `raw\nstring` + 'c'":              "a := s<`raw\nstring`> + s<'c'>",
		"/* open":                               "c</* open>",
		"s := \"open":                           "s := s<\"open>",
		"%pmap -w 2 f xs":                       "m<%pmap> -w n<2> f xs",
		"ys := xs\n!ls 'x' | wc\nfor {}":        "ys := xs\nm<!ls 'x' | wc>\nk<for> {}",
		"%%bash\nfor i in 1":                    "m<%%bash>\nk<for> i in n<1>",
		"?name":                                 "m<?name>",
		"a % b":                                 "a % b",
	} {
		if got := marked(names.Highlight(in)); got != want {
			t.Errorf("%q: got %s, want %s", in, got, want)
		}
	}
}

func TestThemes(t *testing.T) {
	for _, c := range []struct {
		setting           string
		dark, known, rich bool
		want              Theme
	}{
		{"", true, true, true, dark}, {"auto", false, true, true, light}, {"", false, false, true, plain}, {"", true, true, false, plain},
		{Light, true, true, true, light}, {Dark, false, false, true, dark}, {Never, true, true, true, bare},
	} {
		if got := ThemeFor(c.setting, c.dark, c.known, c.rich); got != c.want {
			t.Errorf("%+v: got %+v", c, got)
		}
	}
	if !Rich("xterm-256color", "") || !Rich("foot", "truecolor") || Rich("xterm", "") {
		t.Error("256 colours are not told from 8")
	}
}

func FuzzHighlight(f *testing.F) {
	for _, s := range []string{"func f() {}", "%x\n!y", "`a\r\n", "\"\\", "/*\r", "a\x00b", "日本 := 1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var b strings.Builder
		for _, s := range dark.Highlight(text) {
			b.WriteString(s.Text)
		}
		if b.String() != text {
			t.Errorf("%q became %q", text, b.String())
		}
	})
}
