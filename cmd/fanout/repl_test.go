package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/adabc437/fanout/kernel/history"
)

// screenTime is how long a screen may take to look as it should. Tests do not wait for
// it unless they fail.
const screenTime = time.Minute

// A pane is a terminal of tmux in which a program runs.
type pane struct {
	t    *testing.T
	sock string
	home string
}

// openPane starts fanout with arguments in a terminal of 80 columns and 24 lines, with
// a home of its own. Settings is repl.toml.
func openPane(t *testing.T, home, settings string, env []string, args ...string) *pane {
	t.Helper()
	if _, err := exec.LookPath("tmux"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("CI must have tmux: %v", err)
		}
		t.Skipf("no tmux here: %v", err)
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cache, err := goCache()
	if err != nil {
		t.Fatal(err)
	}
	userCache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "pane") // short enough for a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	p := &pane{t: t, sock: filepath.Join(dir, "s"), home: home}
	if err := os.MkdirAll(filepath.Join(home, "config", "fanout"), 0o700); err != nil {
		t.Fatal(err)
	}
	p.file("config/fanout/repl.toml", settings)
	command := []string{"env"}
	for _, kv := range append([]string{
		asFanout + "=1", "HOME=" + home, "XDG_DATA_HOME=" + home + "/data", "XDG_CONFIG_HOME=" + home + "/config",
		"GOCACHE=" + cache, "XDG_CACHE_HOME=" + userCache, "NO_COLOR=", "COLORTERM=", "COLORFGBG=15;0", "PAGER=cat", "TERM_PROGRAM=", "LESS=", "FANOUT_TIER=interpreted", // at once
	}, env...) {
		command = append(command, "'"+kv+"'")
	}
	command = append(command, "'"+exe+"'", "repl")
	command = append(command, args...)
	p.tmux("-f", os.DevNull, "new-session", "-d", "-x", "80", "-y", "24", "-c", home, strings.Join(command, " "))
	t.Cleanup(func() { _ = exec.Command("tmux", "-S", p.sock, "kill-server").Run() })
	return p
}

func (p *pane) file(name, text string) string {
	p.t.Helper()
	path := filepath.Join(p.home, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		p.t.Fatal(err)
	}
	return path
}

func (p *pane) tmux(args ...string) string {
	p.t.Helper()
	cmd := exec.Command("tmux", append([]string{"-S", p.sock}, args...)...)
	cmd.Env = append(os.Environ(), "TERM=xterm-256color", "LC_ALL=C.UTF-8")
	out, err := cmd.CombinedOutput()
	if err != nil {
		p.t.Fatalf("tmux %q: %v: %s", args, err, out)
	}
	return string(out)
}

// press types keys, by the names that tmux has for them, as a person does: what comes
// right behind an Enter or a Tab would be a paste.
func (p *pane) press(keys ...string) {
	p.t.Helper()
	for i, key := range keys {
		before := p.shown()
		if key == "Escape" { // as terminals that tell it from the start of a sequence send it
			p.tmux("send-keys", "-l", "\x1b[27u")
		} else {
			p.tmux("send-keys", "--", key)
		}
		if i == len(keys)-1 || key != "Enter" && key != "Tab" {
			continue
		}
		for end := time.Now().Add(2 * time.Second); p.shown() == before && time.Now().Before(end); { // some keys change nothing
			time.Sleep(5 * time.Millisecond)
		}
	}
}

// shown is what is on the screen, and where the cursor is.
func (p *pane) shown() string {
	p.t.Helper()
	return p.tmux("display-message", "-p", "#{cursor_x} #{cursor_y} #{history_size}") + p.tmux("capture-pane", "-p")
}

func (p *pane) screen() string {
	p.t.Helper()
	var lines []string
	for line := range strings.SplitSeq(p.tmux("capture-pane", "-p"), "\n") {
		lines = append(lines, strings.TrimRight(line, " "))
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n")
}

// see waits until the whole screen matches want, in which … stands for any text.
func (p *pane) see(want string) {
	p.t.Helper()
	want = strings.Trim(want, "\n")
	pattern := regexp.MustCompile(`\A(?s:` + strings.ReplaceAll(regexp.QuoteMeta(want), "…", ".*") + `)\z`)
	var got string
	for end := time.Now().Add(screenTime); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if got = p.screen(); pattern.MatchString(got) {
			return
		}
	}
	p.t.Fatalf("the screen is\n%s\n\nwant\n%s", got, want)
}

// ends waits until the program has ended.
func (p *pane) ends() {
	p.t.Helper()
	for end := time.Now().Add(screenTime); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if exec.Command("tmux", "-S", p.sock, "has-session").Run() != nil {
			return
		}
	}
	p.t.Fatalf("the program does not end; the screen is\n%s", p.screen())
}

// banner is what the first screen begins with.
const banner = "Fanout…help.\n"

func TestTerminal(t *testing.T) {
	home := t.TempDir()
	p := openPane(t, home, `page = "help"`, []string{"EDITOR=sed -i s/one/two/"})
	p.see(banner + "In [1]:")
	for _, step := range []step{
		{"a result", []string{"1 + 1", "Enter"}, "In [1]: 1 + 1\nOut[1]: 2\nIn [2]:"},
		{"lines are indented until Go is complete", []string{"func fib(n int) int {", "Enter", "if n < 2 {", "Enter", "return n", "Enter", "}", "Enter", "return fib(n-1) + fib(n-2)", "Enter", "}", "Enter"}, `
In [2]: func fib(n int) int {
   ...:     if n < 2 {
   ...:         return n
   ...:     }
   ...:     return fib(n-1) + fib(n-2)
   ...: }
In [3]:`},
		{"Alt-Enter begins a line", []string{"x := 1", "M-Enter", "x + 1", "Enter"}, "In [3]: x := 1\n   ...: x + 1\nOut[3]: 2\nIn [4]:"},
		{"Enter within a cell begins a line", []string{"x = 2", "M-Enter", "x", "Up", "End", "Enter", "x = 3", "M-<", "C-k", "M->", "Enter"}, "In [4]:\n   ...: x = 3\n   ...: x\nOut[4]: 3\nIn [5]:"},
		{"a menu of completions with types", []string{"strings.Fie", "Tab"}, `
In [5]: strings.Fields
 Fields        function func(s string) []string
 FieldsFunc    function func(s string, f func(rune) bool) []string
 FieldsFuncSeq function func(s string, f func(rune) bool) iter.Seq[string]
 FieldsSeq     function func(s string) iter.Seq[string]`},
		{"the menu follows what is typed", []string{"S"}, "In [5]: strings.FieldsS\n FieldsSeq function func(s string) iter.Seq[string]"},
		{"Tab and Shift-Tab choose", []string{"BSpace", "Tab", "Tab", "Tab", "Tab", "BTab", "Enter"}, "In [5]: strings.FieldsFunc"},
		{"the signature of the call that is typed", []string{"(", `"a b", `}, `
In [5]: strings.FieldsFunc("a b",
func strings.FieldsFunc(s string, f func(rune) bool) []string
                                  ^^^^^^^^^^^^^^^^^`},
		{"Ctrl-C drops what is typed", []string{"C-c"}, "In [5]: strings.FieldsFunc(\"a b\",\nIn [5]:"},
		{"documentation", []string{"strings.ToUpper", "BTab"}, `
In [5]: strings.ToUpper
func strings.ToUpper(s string) string
…
ToUpper returns s with all Unicode letters mapped to their upper case.`},
		{"all of it in the pager", []string{"BTab"}, "func strings.ToUpper(s string) string\n…upper case.\nIn [5]: strings.ToUpper\n…upper case."},
		{"Ctrl-R searches the history", []string{"C-c", "C-l", "C-r", "ret"}, `
In [5]: func fib(n int) int {
   ...:     if n < 2 {
   ...:         return n
   ...:     }
   ...:     return fib(n-1) + fib(n-2)
   ...: }
search back: ret`},
		{"and goes on", []string{"C-g", "C-r", "x", "C-r"}, "In [5]: x := 1\n   ...: x + 1\nsearch back: x"},
		{"what is found runs", []string{"Enter"}, "In [5]: x := 1\n   ...: x + 1\nOut[5]: 2\nIn [6]:"},
		{"Up finds what begins alike", []string{"fu", "Up"}, `
In [6]: func fib(n int) int {
   ...:     if n < 2 {
   ...:         return n
   ...:     }
   ...:     return fib(n-1) + fib(n-2)
   ...: }`},
		{"Down comes back", []string{"Down"}, "In [6]: fu"},
		{"help on a name", []string{"C-u", "fib?", "Enter"}, "In [6]: fib?\nfunc fib(n int) int…\nIn [7]:"},
		{"its source", []string{"fib??", "Enter"}, "In [7]: fib??\nfunc fib(n int) int…return fib(n-1) + fib(n-2)\n}\nIn [8]:"},
		{"the shell", []string{"!echo from the shell", "Enter"}, "In [8]: !echo from the shell\nfrom the shell\nIn [9]:"},
		{"an editor of the user's", []string{"one := 41", "C-x", "C-e"}, "In [9]: two := 41"},
		{"what it leaves runs", []string{"M-Enter", "two + 1", "Enter"}, "In [9]: two := 41\n   ...: two + 1\nOut[9]: 42\nIn [10]:"},
		{"Ctrl-C interrupts", []string{`fmt.Println("begun"); for {}`, "Enter"}, "In [10]: fmt.Println(\"begun\"); for {}\nbegun"},
		{"and the session lives", []string{"C-c"}, "In[10]:1:23: Interrupted:…\nIn [11]:"},
		{"a cell asks", []string{"var name string", "M-Enter", `fmt.Print("name? "); fmt.Scanln(&name)`, "M-Enter", "name", "Enter"}, "In [11]: var name string\n    ...: fmt.Print(\"name? \"); fmt.Scanln(&name)\n    ...: name\nname?"},
		{"and is answered", []string{"Ava", "BSpace", "BSpace", "da", "Enter"}, "name? Ada\nOut[11]: \"Ada\"\nIn [12]:"},
		{"what is wrong", []string{"undefinedName", "Enter"}, "In [12]: undefinedName\nIn[12]:1:1: TypeError: undefined: undefinedName…\nIn [13]:"},
		{"live progress", []string{"%pmap -w 2 --label nap func(i int) int { time.Sleep(time.Second); return i } []int{0, 1, 2, 3, 4, 5, 6, 7}", "Enter"}, "In [13]: %pmap…░…of 8 ·…"},
		{"in the end a plot", nil, "In [13]: %pmap…worker 0 │…Out[13]: []int{0, 1, 2, 3, 4, 5, 6, 7}\nIn [14]:"},
		{"a session is saved", []string{"%save " + home + "/s.ipynb", "Enter"}, "In [14]: %save…\nwrote …s.ipynb: 9 cells\nIn [14]:"}, // without help
		{"not over another file", []string{"%save " + home + "/s.ipynb", "Enter"}, "In [14]: %save…\n%save: …s.ipynb is there already; %save -f…it\nIn [14]:"},
	} {
		p.step(t, step)
	}
	p.press("C-l")
	p.paste("for i := range 2 {\n\tfmt.Println(\"i is\", i)\n\n}")
	p.see("In [14]: for i := range 2 {\n    ...:     fmt.Println(\"i is\", i)\n    ...:\n    ...: }")
	p.press("Enter")
	p.see("In [14]: for…}\ni is 0\ni is 1\nIn [15]:")
	p.press("C-l", strings.Repeat("long ", 20))
	p.see("In [15]: " + strings.TrimSpace(strings.Repeat("long ", 14)) + " l\n         ong " + strings.TrimSpace(strings.Repeat("long ", 5)))
	p.tmux("resize-window", "-x", "60", "-y", "20")
	p.press("C-u", "1", "C-l")
	p.see("In [15]: 1")
	p.press("C-u", "C-d")
	p.ends()
	p.saved("s.ipynb", "func fib(n int) int", "Ada")

	h := history.Open(history.Options{Path: filepath.Join(home, "data", "fanout", "history.sqlite")})
	defer h.Close()
	entries, err := h.Search(t.Context(), "1 + 1", 0, false)
	if err != nil || len(entries) != 1 || entries[0].Output != "2" {
		t.Errorf("the history that notebooks share has %+v, %v", entries, err)
	}
	p = openPane(t, home, "", nil)
	p.see(banner + "In [1]:")
	p.press("C-l", "for", "Up")
	p.see("In [1]: for i := range 2 {\n   ...:     fmt.Println(\"i is\", i)\n   ...:\n   ...: }")
	p.press("C-c", "C-d")
	p.ends()
}

// A step presses keys on a clear screen, unless nothing is pressed.
type step struct {
	name string
	keys []string
	want string
}

func (p *pane) step(t *testing.T, s step) {
	t.Helper()
	t.Run(s.name, func(t *testing.T) {
		p.t = t
		if continues := len(s.keys) == 0 || strings.HasPrefix(s.name, "and ") || strings.HasPrefix(s.name, "all of"); !continues {
			p.press("C-l")
		}
		if len(s.keys) > 0 {
			p.press(s.keys...)
		}
		want := strings.Trim(s.want, "\n")
		if strings.HasPrefix(s.name, "and ") && !strings.HasPrefix(want, "…") {
			want = "…" + want
		}
		p.see(want)
	})
	if p.t = t; t.Failed() {
		t.FailNow()
	}
}

// paste pastes text as a terminal does.
func (p *pane) paste(text string) {
	p.t.Helper()
	p.tmux("set-buffer", "-b", "test", text)
	p.tmux("paste-buffer", "-p", "-r", "-b", "test")
}

// saved says whether a file has texts in it.
func (p *pane) saved(name string, want ...string) {
	p.t.Helper()
	text, err := os.ReadFile(filepath.Join(p.home, name))
	for _, w := range want {
		if err != nil || !strings.Contains(string(text), w) {
			p.t.Errorf("%s has no %q in it: %v\n%s", name, w, err, text)
		}
	}
}

func TestTerminalWithTheKeysOfVi(t *testing.T) {
	p := openPane(t, t.TempDir(), "[bind]\n\"C-t\" = \"complete\"\n", nil, "--vi")
	p.see(banner + "[ins] In [1]:")
	for _, s := range []step{
		{"words change", []string{`a := "one two three"`, "Escape", "bcwfour"}, `[ins] In [1]: a := "one two four"`},
		{"a dot does it again", []string{"Escape", "2b."}, `[nav] In [1]: a := "one four four"`},
		{"lines open", []string{"u", "o", "a", "Escape", "0"}, "[nav] In [1]: a := \"one two four\"\n         ...: a"},
		{"Enter runs", []string{"Enter"}, "In [1]: a := \"one two four\"\n   ...: a\nOut[1]: \"one two four\"\n[ins] In [2]:"},
		{"k goes back", []string{"Escape", "k"}, "[nav] In [2]: a := \"one two four\"\n         ...: a"},
		{"a key of the user's completes", []string{"C-c", "strings.ToUpperS", "C-t"}, "In [2]: a := \"one two four\"\n   ...: a\n[ins] In [2]: strings.ToUpperSpecial"},
	} {
		p.step(t, s)
	}
	p.press("C-c", "C-d")
	p.ends()
}

func TestTerminalColours(t *testing.T) {
	for background, keyword := range map[string]string{"15;0": "176", "0;15": "90"} {
		p := openPane(t, t.TempDir(), "", []string{"COLORFGBG=" + background, "TERM=tmux-256color"})
		p.see(banner + "In [1]:")
		p.press("C-l", "return")
		p.see("In [1]: return")
		if got := p.tmux("capture-pane", "-p", "-e"); !strings.Contains(got, "38;5;"+keyword+"mreturn") {
			t.Errorf("on %s: %q", background, got)
		}
		p.press("C-c", "C-d")
		p.ends()
	}
	p := openPane(t, t.TempDir(), "", []string{"NO_COLOR=1"})
	p.see(banner + "In [1]:")
	p.press("C-l", "return")
	p.see("In [1]: return")
	if got := p.tmux("capture-pane", "-p", "-e"); strings.Contains(got, "\x1b[3") {
		t.Errorf("with NO_COLOR: %q", got)
	}
	p.press("C-c", "C-d")
	p.ends()
}

func TestTerminalImages(t *testing.T) {
	for images, want := range map[string]string{"kitty": "\x1b_Ga=T,f=100,q=2,c=", "iterm2": "\x1b]1337;File=inline=1;", "sixel": "\x1bP0;0;8q"} {
		home := t.TempDir()
		p := openPane(t, home, "images = \""+images+"\"\n", nil)
		raw := filepath.Join(home, "raw")
		p.see(banner + "In [1]:")
		p.tmux("pipe-pane", "cat > '"+raw+"'")
		p.press("C-l", "_ = %pmap func(i int) int { return i } []int{1, 2}; 7", "Enter")
		p.see("…Out[1]: 7\nIn [2]:")
		for end := time.Now().Add(screenTime); ; time.Sleep(20 * time.Millisecond) {
			got, err := os.ReadFile(raw)
			if err == nil && strings.Contains(string(got), want) {
				break
			}
			if time.Now().After(end) {
				t.Fatalf("%s: %q is not in what was written: %v\n%q", images, want, err, got)
			}
		}
		p.press("C-d")
		p.ends()
	}
}

func TestTerminalStartsWithTheUsersCells(t *testing.T) {
	home := t.TempDir()
	if err := os.MkdirAll(filepath.Join(home, "config", "fanout"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(home, "config", "fanout", "init.go"), []byte("greeting := \"hello\"\nfunc twice(s string) string { return s + s }\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	p := openPane(t, home, "", []string{"PAGER=sed s/^/:/ | head -2"})
	p.see(banner + "In [1]:")
	program := filepath.Join(home, "main.go")
	for _, s := range []step{
		{"they have run", []string{"twice(greeting)", "Enter"}, "In [1]: twice(greeting)\nOut[1]: \"hellohello\"\nIn [2]:"},
		{"long results go to the pager", []string{"type T struct{ A, B int }", "M-Enter", "make([]T, 100)", "Enter"}, "In [2]: type T struct{ A, B int }\n   ...: make([]T, 100)\n:Out[2]:\n:…\nIn [3]:"},
		{"a session is saved as a program", []string{"%save -p " + program, "Enter"}, "In [3]: %save -p…main.go\nwrote …main.go: 3 cells\nIn [3]:"},
	} {
		p.step(t, s)
	}
	p.press("C-d")
	p.ends()
	run := exec.Command("go", "run", program)
	if out, err := run.CombinedOutput(); err != nil || !strings.HasPrefix(string(out), "hellohello\n") {
		t.Errorf("the program printed %q, %v", out, err)
	}
}
