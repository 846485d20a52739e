package edit

import (
	"regexp"
	"strings"
	"testing"

	"github.com/rivo/uniseg"
)

// words gives each line and each run of blanks a span of its own, as a highlighter does.
func words(text string) []Span {
	var spans []Span
	for _, s := range regexp.MustCompile(`[ \t\n]+|[^ \t\n]+`).FindAllString(text, -1) {
		spans = append(spans, Span{Text: s, Style: "1"})
	}
	return spans
}

var sgr = regexp.MustCompile("\x1b\\[[0-9;]*m")

func TestNoRowIsWiderThanTheTerminal(t *testing.T) {
	texts := []string{"\t日本\t語" + strings.Repeat("日", 40), "é\u0301\t👍🏽\t👩‍👩‍👧x", "a\tb\x01\x02\x03\x04c"}
	for tabs := range 6 {
		for _, lead := range []string{"", "x", "if true {\n"} {
			texts = append(texts, lead+strings.Repeat("\t", tabs)+strings.Repeat("a", 70)+"\t\tb")
		}
	}
	for _, prompt := range []string{"In [1]: ", "In [10000]: ", "日本: "} {
		for width := minWidth; width <= 100; width++ {
			for _, text := range texts {
				for _, highlight := range []func(string) []Span{nil, words} {
					e := New(braces{}, Options{})
					e.Begin(text)
					l := Look{Prompt: prompt, Continuation: prompt, Width: width, Height: 200, Highlight: highlight, Dim: "2"}
					lines, row, col := e.View(l, false)
					at := 0
					for i, line := range lines {
						line = sgr.ReplaceAllString(line, "")
						w := uniseg.StringWidth(line)
						if w > width || strings.ContainsAny(line, "\t\n\x1b") {
							t.Fatalf("%q, %d columns, prompt %q: row %d is %q, %d wide", text, width, prompt, i, line, w)
						}
						at = w
					}
					if row != len(lines)-1 || col != at {
						t.Fatalf("%q, %d columns, prompt %q: the cursor is at %d, %d, want %d, %d", text, width, prompt, row, col, len(lines)-1, at)
					}
				}
			}
		}
	}
}

func TestABurstIsTextAsItIs(t *testing.T) {
	e := New(braces{}, Options{})
	e.Begin("")
	e.SetBurst(true)
	e.press("type T struct {<Enter>\tName<Tab>string<Enter>\tx struct{<Enter>\t\t}<Enter>}")
	if got, want := e.text, "type T struct {\n\tName\tstring\n\tx struct{\n\t\t}\n}"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestTheEndOfAPasteIsNoLine(t *testing.T) {
	e := New(braces{}, Options{})
	e.Begin("")
	e.Paste("x := 1\n")
	if got := e.state(); got != "x := 1|" {
		t.Errorf("got %q", got)
	}
	e.press("<C-a>")
	e.Paste("y := 2\n")
	if got := e.state(); got != "y := 2\n|x := 1" {
		t.Errorf("before other text: %q", got)
	}
}

func TestWhatIsDoneHasNoMarks(t *testing.T) {
	e := New(braces{}, Options{})
	e.Begin("f(x)")
	l := Look{Prompt: "> ", Width: 40, Height: 10, Bracket: "4"}
	if lines, _, _ := e.View(l, false); !strings.Contains(lines[0], "\x1b[4m") {
		t.Errorf("while it is typed: %q", lines)
	}
	if lines, _, _ := e.View(l, true); strings.Contains(lines[0], "\x1b[4m") {
		t.Errorf("when it is done: %q", lines)
	}
}

func TestTheHintShowsTheArgumentThatIsTyped(t *testing.T) {
	params := []string{"alpha int", "beta string", "gamma []float64", "delta map[string]int", "epsilon func(int) bool"}
	line := "func f(" + strings.Join(params, ", ") + ") error"
	for width := 30; width < 120; width++ {
		for _, p := range params {
			at := strings.Index(line, p)
			got := signature(line+"\n"+strings.Repeat(" ", at)+strings.Repeat("^", len(p)), Look{Width: width, Height: 24})
			from := len([]rune(got[1][:strings.IndexByte(got[1], '^')]))
			shown := []rune(got[0])
			if from+len(p) > len(shown) || string(shown[from:from+len(p)]) != p || len(shown) > width {
				t.Fatalf("%d columns, %s:\n%s\n%s", width, p, got[0], got[1])
			}
		}
	}
	long := "func g(\n    a int,\n    b int,\n    c int,\n    d int,\n  → e int,\n)"
	if got, want := strings.Join(signature(long, Look{Width: 40, Height: 24}), "\n"), "func g( …\n    d int,\n  → e int,\n)"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
