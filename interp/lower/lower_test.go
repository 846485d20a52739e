package lower_test

import (
	"bytes"
	"flag"
	"go/printer"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/adabc437/fanout/interp/cell"
	"github.com/adabc437/fanout/interp/check"
	"github.com/adabc437/fanout/interp/lower"
	"github.com/adabc437/fanout/interp/symbols"
)

var update = flag.Bool("update", false, "write what comes out as what is wanted")

// Each file of testdata holds cells of a session under "-- cell --", and under
// "-- go --" the Go that comes out of each.
func TestLower(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no cells", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			head, rest, _ := strings.Cut(string(text), "-- cell --\n")
			out := head
			s := newSession()
			for _, step := range strings.Split(rest, "-- cell --\n") {
				code, want, _ := strings.Cut(step, "-- go --\n")
				got := s.lower(t, code)
				if got != want && !*update {
					t.Errorf("%sgives\n%swant\n%s", code, got, want)
				}
				out += "-- cell --\n" + code + "-- go --\n" + got
			}
			if *update {
				if err := os.WriteFile(file, []byte(out), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

type session struct {
	checker *check.Checker
	scope   *check.Scope
}

func newSession() *session {
	fset := token.NewFileSet()
	return &session{
		checker: &check.Checker{Fset: fset, Importer: symbols.Importer(fset), Packages: map[string]string{"fmt": "fmt", "slices": "slices", "os": "os", "bufio": "bufio", "strings": "strings", "sync": "sync"}},
		scope:   check.NewScope(),
	}
}

// lower takes a cell through the stages and prints what comes out.
func (s *session) lower(t *testing.T, code string) string {
	t.Helper()
	chunks, errs := cell.Chunks("In[1]", code)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	unit, diags := s.checker.Check(check.Input{Number: 1, File: "u", Chunks: chunks}, s.scope)
	if unit == nil {
		t.Fatal(check.Errors(diags))
	}
	p, d := lower.Lower(unit, s.scope, lower.Options{Entry: "__cell", Run: 1, Generic: func(name string) bool { return name == "slices.Max" }})
	if d != nil {
		return "error: " + d.Error() + "\n"
	}
	for _, e := range p.Entities {
		s.scope.Declare(e)
	}
	var b bytes.Buffer
	for _, f := range p.Files {
		for _, decl := range f.Decls {
			// An empty file set: the nodes' places would spread the lines.
			if err := printer.Fprint(&b, token.NewFileSet(), decl); err != nil {
				t.Fatal(err)
			}
			b.WriteString("\n")
		}
	}
	return tidy(b.String())
}

var (
	importRE = regexp.MustCompile(`(?s)^import \(.*?\n\)\n|^import .*?\n`)
	atRE     = regexp.MustCompile(`\s*pkg_fanout_host\.At\(1, \d+\)`)
)

// tidy leaves out the imports and the marks of places.
func tidy(s string) string {
	s = importRE.ReplaceAllString(s, "")
	s = atRE.ReplaceAllString(s, "")
	s = strings.ReplaceAll(s, "pkg_fanout_host.", "host.")
	return strings.TrimSpace(s) + "\n"
}
