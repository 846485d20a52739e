package interp

import (
	"os"
	"strings"
	"testing"
	"unicode/utf8"
)

// TestInspect holds what is said of names and calls to testdata/inspect.txt. Each
// case there is a line with the text of a cell, | where the cursor is and ⏎ for line
// ends, and below it, indented, what is shown.
func TestInspect(t *testing.T) {
	nb := newNotebook(t)
	for _, c := range append(completionSession,
		"// double doubles.\n// It keeps the sign.\nfunc double(n int) int { return 2 * n }\n\n/* Limit is\nthe most. */\nconst Limit = 10\n\n// total counts.\ntotal := 5",
		"// Account holds money.\ntype Account struct {\n\t// Owner pays.\n\tOwner string\n\tsum int\n}\n\n// Add pays in.\nfunc (a *Account) Add(n int, notes ...string) error { return nil }\nacc := Account{}\nmapTo := func(f func(int) string, n int) string { return f(n) }\nfunc Each[T any, K comparable](list []T, f func(T) K) []K { return nil }",
	) {
		if reply, _ := nb.run(c); reply.Err != nil {
			t.Fatalf("%s\n%v", c, reply.Err)
		}
	}
	const file = "testdata/inspect.txt"
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	for line := range strings.Lines(string(want)) {
		line = strings.TrimSuffix(line, "\n")
		if strings.HasPrefix(line, "\t") || line == "" {
			continue
		}
		got.WriteString(line + "\n")
		if strings.HasPrefix(line, "#") {
			got.WriteString("\n")
			continue
		}
		code, detail := strings.CutPrefix(line, "?? ")
		before, after, _ := strings.Cut(strings.ReplaceAll(code, "⏎", "\n"), "|")
		level := 0
		if detail {
			level = 1
		}
		in, err := nb.i.Inspect(t.Context(), before+after, len(before), level)
		if err != nil {
			t.Fatal(err)
		}
		text, _ := in.Data["text/plain"].(string)
		if !in.Found {
			text = "nothing"
		}
		lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
		if len(lines) > 12 {
			lines = append(lines[:12], "[cut]")
		}
		for _, l := range lines {
			got.WriteString(strings.TrimRight("\t"+l, " \t") + "\n")
		}
		got.WriteString("\n")
	}
	if *update {
		if err := os.WriteFile(file, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if got.String() != string(want) {
		t.Errorf("got\n%s", got.String())
	}
}

func TestHelpOfMagicsFitsATerminal(t *testing.T) {
	for _, m := range magics() {
		for line := range strings.SplitSeq(m.help(), "\n") {
			if n := utf8.RuneCountInString(line); n > terminalWidth {
				t.Errorf("%s: %d columns: %s", m.spelling(), n, line)
			}
		}
	}
}
