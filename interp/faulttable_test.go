package interp

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/adabc437/fanout/parallel"
)

func TestFaultTable(t *testing.T) {
	nb := newNotebook(t)
	r := &run{interp: nb.i}
	ran := func(fail func(i int) error, tasks int) *parallel.Run {
		run := &parallel.Run{Workers: 2, Tasks: tasks}
		for i := range tasks {
			rec := parallel.Record{Index: i, Count: 1, Attempt: 1, Worker: i % 2, Started: time.Duration(i) * time.Millisecond, Finished: time.Duration(i+2) * time.Millisecond}
			if err := fail(i); err != nil {
				rec.Err = &parallel.TaskError{Index: i, Input: fmt.Sprint(10 * i), Err: err}
			}
			run.Records = append(run.Records, rec)
		}
		return run
	}
	if table := r.faultTable(ran(func(int) error { return nil }, 3)); table != nil {
		t.Error(table)
	}
	few := ran(func(i int) error {
		if i == 1 {
			return errors.New("a <b>\n c")
		}
		return nil
	}, 3)
	few.Records[2].Err = &parallel.TaskError{Index: 2, Input: "20", Value: "boom"}
	table := r.faultTable(few)
	want := "2 of 3 tasks failed\n" +
		"          input  error        worker  took\n" +
		"  task 1     10  a <b> c           1   2ms\n" +
		"  task 2     20  panic: boom       0   2ms"
	if table["text/plain"] != want {
		t.Errorf("got\n%s\nwant\n%s", table["text/plain"], want)
	}
	if page := table["text/html"].(string); !strings.Contains(page, "a &lt;b&gt; c") || strings.Contains(page, "attempts") {
		t.Error(page)
	}
	// Nothing of the user's moves the cursor or changes the colours.
	few.Records[1].Err = &parallel.TaskError{Index: 1, Input: "a\r\u202eb", Err: errors.New("x\x1b[31m\u009b2Jy\x7f\u2028z\xff\x00")}
	if text := r.faultTable(few)["text/plain"].(string); !strings.Contains(text, "  task 1  a b    x [31m 2Jy z\uFFFD ") || strings.ContainsAny(text, "\x1b\u009b\x7f\x00\r\u202e\u2028") {
		t.Errorf("%q", text)
	}
	// Many are grouped by what they say, and there is an end to kinds, too.
	table = r.faultTable(ran(func(i int) error { return fmt.Errorf("no %d", i) }, 40))
	if text := table["text/plain"].(string); !strings.Contains(text, "task 0 and 39 like it") || strings.Count(text, "\n") != 2 {
		t.Error(text)
	}
	table = r.faultTable(ran(func(i int) error { return errors.New(strings.Repeat("x", i+1)) }, 40))
	if text := table["text/plain"].(string); !strings.HasPrefix(text, "40 of 40 tasks failed, 28 of them with other errors than these\n") {
		t.Error(text)
	}
	// An attempt that was followed by another is no fault.
	again := ran(func(i int) error { return errors.New("e") }, 1)
	again.Records[0].Retried = true
	if table := r.faultTable(again); table != nil {
		t.Error(table)
	}
}

func TestFaultFlags(t *testing.T) {
	nb := newNotebook(t)
	nb.value("func risky(n int) (float64, error) { if n%4 == 3 { return 0, fmt.Errorf(`no %d`, n) }; return float64(n), nil }")
	for code, want := range map[string]string{
		"%pmap -q --on-error collect risky 5": "[]float64{0, 1, 2, 0, 4}",
		"%pmap -q --on-error -1 risky 5":      "[]float64{0, 1, 2, -1, 4}",
		"%pmap -q --on-error=NaN risky 4":     "[]float64{0, 1, 2, NaN}",
		"%pmap -q --on-error \"none\" func(n int) (string, error) { return ``, errors.New(`e`) } 1": `[]string{"none"}`,
		"%pmap -q --retries 2 --backoff 1ms risky 3":                                                "[]float64{0, 1, 2}",
	} {
		if got := nb.value(code); got != want {
			t.Errorf("%s: %s", code, got)
		}
	}
	for code, want := range map[string]string{
		"%pmap -q --on-error colect risky 5":                            "--on-error takes stop, collect, or a number, string, true, false or nil",
		"%pmap -q --on-error \"x\" risky 5":                             "the replacement is a string, and the results are of type float64",
		"%pmap -q --on-error nil risky 5":                               "the replacement is nil, and the results are of type float64",
		"%pmap -q --retries -1 risky 5":                                 "--retries takes a whole number from 0 up",
		"%pmap -q --timeout 5 risky 5":                                  "--timeout takes a time with its unit",
		"%pmap -q --backoff 5ms risky 5":                                "--backoff is for retries",
		"%pmap -q --retries 3 risky 5":                                  "task 3 failed on input 3: no 3",
		"%pmap -q --timeout 20ms time.Sleep []time.Duration{time.Hour}": "the task took longer than 20ms",
	} {
		reply, _ := nb.run(code)
		if reply.Err == nil || !strings.Contains(reply.Err.Message, want) {
			t.Errorf("%s: %v", code, reply.Err)
		}
	}
}
