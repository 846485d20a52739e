package kernel

import (
	"regexp"
	"strings"
	"testing"

	"github.com/adabc437/fanout/interp/session"
)

func at(line, column int, source string) *session.Position {
	return &session.Position{Cell: 3, Line: line, Column: column, Source: source}
}

func TestRenderText(t *testing.T) {
	for _, tc := range []struct {
		name string
		d    session.Diagnostic
		want string
	}{
		{"message only", session.Diagnostic{Name: "Panic", Message: "boom"}, "Panic: boom"},
		{"place", session.Diagnostic{Name: "TypeError", Message: "undefined: missing", Pos: at(2, 6, "y := missing + x"), Hint: "declare it"},
			"In[3]:2:6: TypeError: undefined: missing\n" +
				"    2 | y := missing + x\n" +
				"      |      ^\n" +
				"Hint: declare it"},
		{"tab and wide runes", session.Diagnostic{Name: "TypeError", Message: "m", Pos: at(2, 8, "\t\"日é\u0301\" x")},
			"In[3]:2:8: TypeError: m\n" +
				"    2 |     \"日é\u0301\" x\n" +
				"      |           ^"},
		{"end of the line", session.Diagnostic{Name: "SyntaxError", Message: "m", Pos: at(1, 99, "x :=\n")},
			"In[3]:1:99: SyntaxError: m\n" +
				"    1 | x :=\n" +
				"      |     ^"},
		{"no source", session.Diagnostic{Name: "SyntaxError", Message: "m", Pos: at(1, 1, "")}, "In[3]:1:1: SyntaxError: m"},
		{"more errors", session.Diagnostic{Name: "TypeError", Message: "a", Pos: at(1, 1, "a"), More: []*session.Diagnostic{
			{Name: "TypeError", Message: "b\nc", Pos: at(2, 1, "")}, nil, {Name: "Other", Message: "d"},
		}},
			"In[3]:1:1: TypeError: a\n    1 | a\n      | ^\nIn[3]:2:1: b\nc\nOther: d"},
		{"trace, notes, report", session.Diagnostic{
			Name: "Panic", Message: "index out of range", Trace: []session.Frame{
				{Func: "f", Position: *at(2, 7, "  xs[9]")}, {Func: "g", Position: *at(5, 1, "")}, {Func: "g", Position: *at(5, 1, "")}, {Position: *at(9, 1, "g()")},
			},
			Notes:  []string{"x was lost.\nDeclarations are back."},
			Report: "goroutine 1 [running]:\nmain.f()\n",
		},
			"Panic: index out of range\n" +
				"Trace:\n" +
				"  In[3]:2:7 f  xs[9]\n" +
				"  In[3]:5:1 g\n" +
				"  … 1 more like it\n" +
				"  In[3]:9:1  g()\n" +
				"x was lost.\n" +
				"Declarations are back.\n" +
				"\n" +
				"goroutine 1 [running]:\n" +
				"main.f()"},
		{"a trace that begins at the place", session.Diagnostic{
			Name: "Panic", Message: "boom", Pos: at(2, 7, "panic()"), Trace: []session.Frame{
				{Func: "f", Position: *at(2, 0, "panic()")}, {Func: "g", Position: *at(5, 0, "f()")},
			},
		},
			"In[3]:2:7 in f: Panic: boom\n    2 | panic()\n      |       ^\nCalled from:\n  In[3]:5 g  f()"},
		{"a trace that begins elsewhere", session.Diagnostic{
			Name: "Panic", Message: "boom", Pos: at(2, 0, "panic()"), Trace: []session.Frame{{Func: "f", Position: *at(3, 1, "")}},
		},
			"In[3]:2: Panic: boom\n    2 | panic()\nCalled from:\n  In[3]:3:1 f"},
		{"escape sequences are taken out", session.Diagnostic{
			Name: "Panic", Message: "\x1b[31mred\x1b[0m\x07 \x1b]0;title\x07\xff", Pos: at(1, 2, "a\x1bb"),
		},
			"In[3]:1:2: Panic: red \uFFFD\n    1 | a\uFFFDb\n      |  ^"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := RenderText(&tc.d); got != tc.want {
				t.Errorf("got\n%s\nwant\n%s", got, tc.want)
			}
			if got := escapes.ReplaceAllString(RenderANSI(&tc.d), ""); got != tc.want {
				t.Errorf("with colours, got\n%s\nwant\n%s", got, tc.want)
			}
			content := ErrorContent(&tc.d)
			got := strings.Join(content.Traceback, "\n")
			if colours.MatchString(got) || escapes.ReplaceAllString(got, "") != tc.want || content.EName != tc.d.Name {
				t.Errorf("error content %+v", content)
			}
		})
	}
}

// colours are the escape sequences of coloured text.
var colours = regexp.MustCompile("\x1b\\[(3|4|9)[0-9]|\x1b\\[[0-9]+;")

func TestLongTraceIsCut(t *testing.T) {
	d := session.Diagnostic{Name: "Panic", Message: "m"}
	for line := range 100 {
		d.Trace = append(d.Trace, session.Frame{Func: "f", Position: *at(line+1, 1, "")})
	}
	lines := strings.Split(RenderText(&d), "\n")
	if len(lines) != maxFrames+3 || lines[len(lines)-1] != "  … 76 more" {
		t.Errorf("%d lines, the last %q", len(lines), lines[len(lines)-1])
	}
}

func TestLongSourceLineIsShownAroundTheCaret(t *testing.T) {
	for _, tc := range []struct{ before, after int }{{0, 500}, {500, 0}, {500, 500}, {30, 500}, {500, 30}} {
		line := strings.Repeat("日", tc.before/2) + "X" + strings.Repeat("-", tc.after)
		shown, caret := underline(line, tc.before/2+1, lineWidth)
		column := 0
		for _, r := range shown {
			if r == 'X' {
				break
			}
			column += runeWidth(r)
		}
		if column != caret {
			t.Errorf("%v: caret in column %d, the place in %d of %q", tc, caret, column, shown)
		}
		total := 0
		for _, r := range shown {
			total += runeWidth(r)
		}
		if total > lineWidth+2 || total < lineWidth-2 {
			t.Errorf("%v: %d columns: %q", tc, total, shown)
		}
		if tc.before > 200 && !strings.HasPrefix(shown, "…") || tc.after > 200 && !strings.HasSuffix(shown, "…") {
			t.Errorf("%v: the cut is not shown: %q", tc, shown)
		}
	}
}

func FuzzRender(f *testing.F) {
	f.Add("msg", "\tx := 日", 3)
	f.Fuzz(func(t *testing.T, message, source string, column int) {
		d := &session.Diagnostic{Name: "Panic", Message: message, Pos: at(1, column, source), Report: message}
		for _, r := range RenderText(d) {
			if r < ' ' && r != '\n' && r != '\t' {
				t.Fatalf("control character %q", r)
			}
		}
	})
}

func TestATerminalBreaksProseAtWordsAndCutsSource(t *testing.T) {
	d := &session.Diagnostic{
		Name: "TypeError", Message: "undefined: something in a place", Hint: "did you mean another thing?",
		Pos:   &session.Position{Cell: 1, Line: 2, Column: 31, Source: strings.Repeat("a", 30) + "B" + strings.Repeat("c", 30)},
		Notes: []string{"variables lost: one, two, three", "  indented and too long to fit"},
	}
	want := `In[1]:2:31: TypeError:
undefined: something in
a place
    2 | …aaaaaaaBcccccc…
      |         ^
Hint: did you mean
another thing?
variables lost: one,
two, three
  indented and too long
  to fit`
	if got := RenderTerminal(d, false, 24); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got, want := escapes.ReplaceAllString(RenderTerminal(d, true, 24), ""), want; got != want {
		t.Errorf("with colours\n%s\nwant\n%s", got, want)
	}
}
