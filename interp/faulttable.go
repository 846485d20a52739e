package interp

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode"

	"github.com/adabc437/fanout/interp/rich"
	"github.com/adabc437/fanout/parallel"
)

// maxFaults is how many tasks, or kinds of failures, a fault table lists.
const maxFaults = 12

// A fault is a line of the table: one failed task, or several with the same error.
type fault struct {
	index    int // of the first
	n        int
	attempts int
	input    string
	err      string
	worker   int
	busy     time.Duration
	place    string
}

// numbers are what errors of one kind differ in.
var numbers = regexp.MustCompile(`\d+`)

// faults lists the failed tasks of a run. Where there are more than the table holds,
// those with the same error, but for numbers in it, share a line, that of the first.
func (r *run) faults(run *parallel.Run) []fault {
	var list []fault
	for _, rec := range run.Records {
		if !rec.Failed() || rec.Retried {
			continue
		}
		f := fault{index: rec.Index, n: rec.Count, attempts: rec.Attempt, err: rec.Err.Error(), worker: rec.Worker, busy: rec.Busy()}
		var t *parallel.TaskError
		if errors.As(rec.Err, &t) {
			f.input = t.Input
			if t.Value != nil {
				f.err = "panic: " + panicText(t.Value)
			} else if t.Err != nil {
				f.err = t.Err.Error()
			}
			if frames := r.framesOf(string(t.Stack)); len(frames) > 0 {
				f.place = lineOf(frames[0].Position)
			}
		}
		f.err, f.input = printable(f.err), printable(f.input)
		list = append(list, f)
	}
	if len(list) <= maxFaults {
		return list
	}
	var kinds []fault
	at := map[string]int{}
	for _, f := range list {
		key := numbers.ReplaceAllString(f.err, "#") + "\x00" + f.place
		if k, ok := at[key]; ok {
			kinds[k].n += f.n
			continue
		}
		at[key] = len(kinds)
		kinds = append(kinds, f)
	}
	return kinds
}

// printable makes a line of a text of the user's, in which nothing moves the cursor of a
// terminal or changes its colours.
func printable(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	return strings.Join(strings.Fields(s), " ")
}

// faultTable shows the failed tasks of a run as text and as HTML; nil if there are none.
func (r *run) faultTable(run *parallel.Run) map[string]any {
	list := r.faults(run)
	if len(list) == 0 {
		return nil
	}
	m := run.Measure()
	title := fmt.Sprintf("%d of %d tasks failed", m.Failed, run.Tasks)
	head := []string{"input", "error", "attempts", "worker", "took", "line"}
	rows := [][]string{}
	more := 0
	for k, f := range list {
		if k == maxFaults {
			for _, f := range list[k:] {
				more += f.n
			}
			break
		}
		task := fmt.Sprintf("task %d", f.index)
		if f.n > 1 {
			task += fmt.Sprintf(" and %d like it", f.n-1)
		}
		rows = append(rows, []string{task, clip(f.input, 30), clip(f.err, 60), fmt.Sprint(f.attempts), fmt.Sprint(f.worker), fmt.Sprint(roundTime(f.busy)), f.place})
	}
	if more > 0 {
		title += fmt.Sprintf(", %d of them with other errors than these", more)
	}
	head, rows = withoutEmpty(head, rows)
	return rich.Table(title, head, rows, 100)
}

// withoutEmpty drops the columns in which nothing stands, and that of the attempts if
// each is the first.
func withoutEmpty(head []string, rows [][]string) ([]string, [][]string) {
	keep := make([]bool, 1+len(head))
	for _, row := range rows {
		for c, cell := range row {
			keep[c] = keep[c] || c == 0 || cell != "" && (head[c-1] != "attempts" || cell != "1")
		}
	}
	pick := func(row []string) (out []string) {
		for c, cell := range row {
			if keep[c] {
				out = append(out, cell)
			}
		}
		return out
	}
	for n, row := range rows {
		rows[n] = pick(row)
	}
	return pick(append([]string{""}, head...))[1:], rows
}
