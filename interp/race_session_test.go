//go:build !race && cgo

package interp

import (
	"strings"
	"testing"

	"github.com/adabc437/fanout/interp/session"
)

// raced runs cells, of which the last is under the race detector, and returns its report,
// what it printed and how it ended.
func raced(t *testing.T, cells ...string) (report, printed string, d *session.Diagnostic) {
	t.Helper()
	nb := newNotebookOn(t, TierCompiled)
	for _, c := range cells[:len(cells)-1] {
		nb.value(c)
	}
	var out *recorder
	var reply session.Reply
	printed = captured(t, func() { reply, out = nb.run(cells[len(cells)-1]) })
	return out.text(session.Display), printed, reply.Err
}

func TestRaces(t *testing.T) {
	for name, c := range map[string]struct {
		cells []string
		want  []string // in the report; "none" for no race
		print string
	}{
		"counter": {
			[]string{"%%race\ncount := 0\nvar wg sync.WaitGroup\nfor range 4 {\n\twg.Add(1)\n\tgo func() {\n\t\tdefer wg.Done()\n\t\tcount++\n\t}()\n}\nwg.Wait()\nfmt.Println(count > 0)"},
			[]string{"1 data race\n", "In[1] line 8 writes `count` (the goroutine started at In[1] line 6) while In[1] line 8", "In[1]:8 | count++"}, "true\n",
		},
		"map write": {
			[]string{"m := map[int]int{}\nfunc put(n int) { m[n] = n }", "%race put 100"},
			[]string{"In[1] line 2 writes `m[n]` (a worker of the map) while In[1] line 2 writes it"}, "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			report, printed, d := raced(t, c.cells...)
			for _, want := range c.want {
				if want == "none" {
					want = raceNone
				}
				if !strings.Contains(report, want) {
					t.Errorf("the report lacks %q:\n%s", want, report)
				}
			}
			if printed != c.print || d != nil {
				t.Errorf("printed %q, want %q; %+v", printed, c.print, d)
			}
		})
	}
}
