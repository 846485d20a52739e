package edit

import (
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

// braces is a language whose text is complete when its braces are.
type braces struct{}

func (braces) Complete(text string) (bool, string) {
	open := strings.Count(text, "{") - strings.Count(text, "}")
	return open <= 0, strings.Repeat("\t", max(open, 0))
}

func (braces) Candidates(text string, at int) (from, to int, list []Candidate) {
	b := buffer{text: text, at: at}
	from, to = b.name()
	for _, w := range []string{"Print", "Printf", "Println", "Sprint"} {
		if strings.HasPrefix(w, text[from:at]) {
			list = append(list, Candidate{w, "function", "func(a ...any)"})
		}
	}
	return from, to, list
}

func (braces) Describe(text string, at int) string {
	b := buffer{text: text, at: at}
	from, to := b.name()
	if from == to {
		return ""
	}
	return "doc of " + text[from:to] + "\nsecond line"
}

// state is the text with | at the cursor.
func (e *Editor) state() string { return e.text[:e.at] + "|" + e.text[e.at:] }

// type presses keys: names in <>, characters for themselves.
func (e *Editor) press(keys string) (last Action) {
	for _, k := range regexp.MustCompile(`<[^<>]+>|(?s:.)`).FindAllString(keys, -1) {
		if len(k) > 1 && k[0] == '<' {
			k = k[1 : len(k)-1]
		}
		last = e.Press(k)
	}
	return last
}

func run(t *testing.T, o Options, cases map[string]string) {
	t.Helper()
	for keys, want := range cases {
		e := New(braces{}, o)
		e.SetHistory([]string{"first", "second {\n}", "third", "fourth := Second"})
		e.Begin("")
		e.press(keys)
		if got := e.state(); got != want {
			t.Errorf("%q: got %q, want %q", keys, got, want)
		}
	}
}

func TestEmacs(t *testing.T) {
	run(t, Options{}, map[string]string{
		"héllo<C-b><C-b>X":                      "hélX|lo",
		"a{<Enter>b<Enter>}":                    "a{\n\tb\n}|",
		"a{<Enter>b{<Enter>c":                   "a{\n\tb{\n\t\tc|",
		"a{<Enter><Enter>b":                     "a{\n\n\tb|",
		"a b<M-Enter>c":                         "a b\nc|",
		"\t":                                    "\t|",
		"<Tab>x":                                "\tx|",
		"ab cd<C-a>X<C-e>Y":                     "Xab cdY|",
		"one two<M-b><M-b><M-f>!":               "one!| two",
		"one two<C-w><C-y><C-y>":                "one twotwo|",
		"one two three<C-w><C-w><C-y>":          "one two three|",
		"a b<C-w>c<C-a><C-k><C-y><M-y>":         "b|",
		"one<C-a><C-k>two<C-y>":                 "twoone|",
		"one two<C-a><M-d><C-e><C-y>":           " twoone|",
		"one.two<M-Backspace>":                  "one.|",
		"abc<C-u>d<C-_>":                        "|",
		"abc<Backspace>d<C-_><C-_>":             "abc|",
		"abc<C-a><C-k><C-_><M-_>":               "|",
		"ab<C-t>":                               "ba|",
		"abc<C-b><C-t>":                         "acb|",
		"hello<M-b><M-u> x":                     "HELLO x|",
		"hello world<M-b><M-c>":                 "hello World|",
		"a<C-q><Tab>b":                          "a\tb|",
		"a<Enter>":                              "a|",
		"日本e\u0301<Left><Left>x":                "日x|本e\u0301",
		"日本<Backspace>":                         "日|",
		"abc<M-Enter>d<M-Enter>efg<Up><Up>X":    "abcX|\nd\nefg",
		"abcd<M-Enter>e<M-Enter>fghi<C-p><C-p>": "abcd|\ne\nfghi",
		"(a)<Backspace><C-x><C-q>b":             "(ab|",
		"<C-d>":                                 "|",
		"ab<C-a><C-d>":                          "|b",
		"a{<Enter>}<Backspace>":                 "a{\n|",
	})
}

func TestHistory(t *testing.T) {
	run(t, Options{}, map[string]string{
		"<Up>":                       "fourth := Second|",
		"<Up><Up>":                   "third|",
		"<Up><Up><Up><Up><Up><Up>":   "first|",
		"f<Up><Up>":                  "first|",
		"f<Up><Up><Down>":            "fourth := Second|",
		"f<Up><Down>":                "f|",
		"x<Up>":                      "x|",
		"<Up><Up><Up>":               "second {\n}|",
		"<Up><Up><Up><Up>":           "s|econd {\n}",
		"<Up><Up><Up><Up><Up>":       "first|",
		"<Up><Up><Up><Up><Up><Down>": "second {|\n}",
		"<Up><Up><Up><Up><Left><Up>": "first|",
		"<Up><Up><Up><Up><Down>":     "second {\n}|",
		"<Up><Up><Up><Up>x<Up>":      "sx|econd {\n}",
		"<C-r>sec":                   "fourth := |Second",
		"<C-r>sec<C-r>":              "|second {\n}",
		"<C-r>Sec<C-r>":              "fourth := |Second",
		"<C-r>sec<C-r><C-s>":         "fourth := |Second",
		"<C-r>ir<Esc>X":              "thX|ird",
		"ab<C-r>ir<C-g>":             "ab|",
		"<C-r>irs<Backspace><Right>": "th|ird",
		"<C-r>zzz<Esc>":              "|",
		"<C-r>fir<Enter>":            "first|",
		"<C-r>fir<C-a><C-_>":         "|",
	})
}

func TestCompletion(t *testing.T) {
	run(t, Options{}, map[string]string{
		"x.Pr<Tab>":                     "x.Print|",
		"x.Pr<Tab><Tab><Tab>":           "x.Printf|",
		"x.Pr<Tab><Tab><Tab><S-Tab>":    "x.Print|",
		"x.Pr<Tab><Tab><Tab><Enter>(":   "x.Printf(|",
		"x.Pr<Tab><Down><Down><Down>":   "x.Println|",
		"x.Pr<Tab><Tab><Tab><Tab><Tab>": "x.Print|",
		"S<Tab>":                        "Sprint|",
		"nothing<Tab>":                  "nothing|",
		"Pr<Tab>l<Tab><Enter>":          "Println|",
		"Pr<Tab><Tab><Tab><C-_>":        "Print|",
	})
}

func TestWhatKeysAskFor(t *testing.T) {
	for keys, want := range map[string]Action{
		"a<Enter>": Accept, "a{<Enter>": None, "a{<Enter>}<Enter>": Accept, "<Enter>": Accept, "a<M-Enter>b<Up><Enter>": None,
		"a<C-c>": Drop, "<C-d>": Leave, "a<C-d>": None, "<C-l>": Clear, "a<C-x><C-e>": Extern, "<C-z>": Stop,
		"ab<F1>": None, "ab<F1><F1>": Page, "ab<C-x>h<C-x>h": Page, "ab<S-Tab><S-Tab>": Page, "<C-r>th<Enter>": Accept,
	} {
		e := New(braces{}, Options{})
		e.SetHistory([]string{"third"})
		e.Begin("")
		if got := e.press(keys); got != want {
			t.Errorf("%q: got %v, want %v", keys, got, want)
		}
	}
}

func TestVi(t *testing.T) {
	run(t, Options{Vi: true}, map[string]string{
		"abc<Esc>":                       "ab|c",
		"abc<Esc>0x":                     "|bc",
		"one two three<Esc>0wcwX<Esc>":   "one |X three",
		"one two three<Esc>0dw":          "|two three",
		"one two three<Esc>02dw":         "|three",
		"one two three<Esc>0d2w":         "|three",
		"one two three<Esc>bD":           "one two| ",
		"one two<Esc>0wdb":               "|two",
		"one two<Esc>0de":                "| two",
		"one two<Esc>0dwP":               "one| two",
		"one two<Esc>0dwp":               "tone| wo",
		"one<Esc>yyp":                    "one\n|one",
		"one<Esc>yyP":                    "|one\none",
		"a<M-Enter>b<M-Enter>c<Esc>kdd":  "a\n|c",
		"a<M-Enter>b<M-Enter>c<Esc>2kdj": "|c",
		"a<M-Enter>b<M-Enter>c<Esc>ggdG": "|",
		"a<M-Enter>b<Esc>k2dd":           "|",
		"a <M-Enter>b<Esc>kJ":            "a |b",
		"f(a, b)<Esc>F(ci(x<Esc>":        "f(|x)",
		"f(a, b)<Esc>di(":                "f(|)",
		"f(a, b)<Esc>da(":                "|f",
		`s = "one two"<Esc>ci"x<Esc>`:    `s = "|x"`,
		"one two<Esc>0diw":               "| two",
		"one two<Esc>0daw":               "|two",
		"one two<Esc>0fod0":              "|o",
		"a,b,c<Esc>0f,;x":                "a,b|c",
		"a,b,c<Esc>$F,,":                 "a,b|,c",
		"a,b,c<Esc>0dt,":                 "|,b,c",
		"a,b,c<Esc>dT,":                  "a,b,|c",
		"abc<Esc>rX":                     "ab|X",
		"abc<Esc>0~~":                    "AB|c",
		"a<M-Enter>  b<Esc>kJ":           "a| b",
		"one two<Esc>0dw.":               "|",
		"a b c<Esc>0cwX<Esc>w.":          "X |X c",
		"one two<Esc>0cwxyz<Esc>u":       "|one two",
		"one<Esc>atwo<Esc>u":             "on|e",
		"abc<Esc>xu":                     "ab|c",
		"abc<Esc>xu<C-r>":                "a|b",
		"ab<Esc>Ic<Esc>Ad":               "cabd|",
		"a{<Esc>ob<Esc>":                 "a{\n\t|b",
		"b<Esc>Oa<Esc>":                  "|a\nb",
		"abc<Esc>sX":                     "abX|",
		"abc<Esc>SX":                     "X|",
		"(a[b])<Esc>%":                   "|(a[b])",
		"<Esc>k":                         "fourth := Secon|d",
		"<Esc>/irs<Enter>":               "first|",
		"ab<Esc>5":                       "a|b",
		"abc<C-w>d":                      "d|",
	})
	e := New(braces{}, Options{Vi: true})
	e.Begin("")
	for keys, want := range map[string]Action{"<Esc>v": Extern, "<Esc><Enter>": Accept, "<Esc><C-c>": Drop, "<Esc><C-d>": Leave} {
		e.Begin("")
		if got := e.press(keys); got != want {
			t.Errorf("%q: got %v, want %v", keys, got, want)
		}
	}
	if e.Mode() != "command" {
		t.Errorf("the mode is %q", e.Mode())
	}
}

func TestKeysCanHaveOtherCommands(t *testing.T) {
	run(t, Options{Keys: map[string]string{"C-t": "complete", "C-x C-t": "kill-cell", "Tab": "indent"}}, map[string]string{
		"S<C-t>": "Sprint|", "abc<C-x><C-t>": "|", "a<Tab>": "a\t|",
	})
	for key, name := range emacsKeys {
		if _, ok := commands[name]; !ok {
			t.Errorf("%s is for %s, which is no command", key, name)
		}
	}
}

func TestPaste(t *testing.T) {
	e := New(braces{}, Options{})
	e.Begin("")
	e.Paste("a {\n\tb\n}\n")
	if got := e.state(); got != "a {\n\tb\n}|" {
		t.Errorf("got %q", got)
	}
	e.press("<C-_>")
	if got := e.state(); got != "|" {
		t.Errorf("undone: %q", got)
	}
}

func TestCalls(t *testing.T) {
	for text, want := range map[string]int{
		"f(": 2, "f(a, ": 4, "f(a, g(b)": 4, "f(a, g(": 7, "f(a)": -1, "(a": -1, "f([]int{1, ": -1, `f("(", `: 6, "if x(": 5,
		"f(func() {\n": -1, "x := a.b(1,\n\t2": 11, "f[int](": 7,
	} {
		e := New(braces{}, Options{})
		e.Begin(text)
		at, ok := e.Call()
		if !ok {
			at = -1
		}
		if at != want {
			t.Errorf("%q: got %d, want %d", text, at, want)
		}
	}
}

// plain is a view without styles, with | at the cursor.
func (e *Editor) plain(l Look) []string {
	lines, row, col := e.View(l, false)
	escapes := regexp.MustCompile(`\x1b\[[0-9;]*m`)
	var out []string
	for i, line := range lines {
		line = escapes.ReplaceAllString(line, "")
		if i == row {
			r := []rune(line)
			line = string(r[:min(col, len(r))]) + "|" + string(r[min(col, len(r)):])
		}
		out = append(out, line)
	}
	return out
}

func TestView(t *testing.T) {
	look := Look{Prompt: "In: ", Continuation: "..: ", Width: 30, Height: 12, Chosen: "7", Dim: "2"}
	for keys, want := range map[string][]string{
		"":                                {"In: |"},
		"0123456789abcdefghijABCDEF":      {"In: 0123456789abcdefghijABCDEF", "    |"},
		"0123456789abcdefghijABCDEFgh":    {"In: 0123456789abcdefghijABCDEF", "    gh|"},
		"0123456789abcdefghijABCDEF<C-a>": {"In: |0123456789abcdefghijABCDEF"},
		"a{<Enter>b":                      {"In: a{", "..:     b|"},
		"a\x01b":                          {"In: a^Ab|"},
		"Pr<Tab>":                         {"In: Print|", " Print   function func(a ...a…", " Printf  function func(a ...a…", " Println function func(a ...a…"},
		"Pr<Tab><Tab>":                    {"In: Print|", " Print   function func(a ...a…", " Printf  function func(a ...a…", " Println function func(a ...a…"},
		"ab<F1>":                          {"In: ab|", "doc of ab", "second line"},
		"<C-r>x":                          {"In: |", "no search back: x"},
		"a<C-x>":                          {"In: a|", "C-x-"},
	} {
		e := New(braces{}, Options{})
		e.Begin("")
		e.press(keys)
		if got := e.plain(look); !reflect.DeepEqual(got, want) {
			t.Errorf("%q: got %q, want %q", keys, got, want)
		}
	}
}

func TestACellThatIsTallerThanTheTerminalShowsTheLinesAroundTheCursor(t *testing.T) {
	e := New(braces{}, Options{})
	var lines []string
	for i := range 100 {
		lines = append(lines, fmt.Sprint("line ", i))
	}
	e.Begin(strings.Join(lines, "\n"))
	for range 50 {
		e.press("<Up>")
	}
	got := e.plain(Look{Prompt: "> ", Continuation: ". ", Width: 40, Height: 10})
	if len(got) != 9 || !strings.Contains(strings.Join(got, "\n"), ". line 49|") {
		t.Errorf("got %q", got)
	}
}

func TestAHintShowsAsLongAsItsCallIsTyped(t *testing.T) {
	look := Look{Prompt: "> ", Width: 40, Height: 10}
	e := New(braces{}, Options{})
	e.Begin("f(a")
	e.SetHint("f(a", 2, "func f(x int)\n       ^^^^^\n\ndoc")
	if got := e.plain(look); len(got) != 3 || got[1] != "func f(x int)" {
		t.Errorf("got %q", got)
	}
	e.press(", ")
	if got := e.plain(look); len(got) != 1 {
		t.Errorf("for the next argument: %q", got)
	}
}

func FuzzKeys(f *testing.F) {
	f.Add("one two<Esc>0dw.u", true)
	f.Add("Pr<Tab><Tab><C-r>x<C-r>", false)
	f.Add("a{<Enter>日本e\u0301<Left><C-t><M-u>", false)
	f.Fuzz(func(t *testing.T, keys string, vi bool) {
		if len(keys) > 500 {
			return
		}
		e := New(braces{}, Options{Vi: vi})
		e.SetHistory([]string{"first", "sécond {\n}", "third"})
		e.Begin("")
		for _, k := range regexp.MustCompile(`<[^<>]+>|(?s:.)`).FindAllString(strings.ToValidUTF8(keys, ""), -1) {
			if len(k) > 1 && k[0] == '<' {
				k = k[1 : len(k)-1]
			}
			e.Press(k)
			text, at := e.Text()
			if at < 0 || at > len(text) {
				t.Fatalf("%q: the cursor is at %d of %q", keys, at, text)
			}
			if len(text) > 1<<16 {
				return
			}
			lines, row, col := e.View(Look{Prompt: "> ", Continuation: ". ", Width: 30, Height: 8}, false)
			if row < 0 || row >= len(lines) || len(lines) > 8 || col < 0 || col > 30 {
				t.Fatalf("%q: the cursor is at %d, %d of %q", keys, row, col, lines)
			}
		}
	})
}
