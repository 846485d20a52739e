package plots

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/adabc437/fanout/parallel"
)

// heading names a run: "isPrime · 200 tasks · 2 workers".
func heading(run *parallel.Run, title string) string {
	if title == "" {
		title = run.Label
	}
	h := plural(run.Tasks, "task") + " · " + plural(run.Workers, "worker")
	if title != "" {
		h = title + " · " + h
	}
	return h
}

// A figureOf is one number of the caption.
type figureOf struct{ name, value string }

func caption(run *parallel.Run, m parallel.Measures) []figureOf {
	dash := func(known bool, s string) string {
		if known {
			return s
		}
		return "–"
	}
	worked := m.Busy > 0 && m.Wall > 0
	return []figureOf{
		{"wall time", formatDuration(m.Wall)},
		{"CPU time", dash(run.CPU > 0, formatDuration(run.CPU))},
		{"speed-up", dash(worked, figures(m.Speedup)+"×")},
		{"efficiency", dash(worked, percent(m.Efficiency))},
		{"imbalance", dash(worked, percent(m.Imbalance))},
	}
}

// lesson says in one sentence what there is to learn from a run. The first
// case that fits wins: how it ended, then what held it up, then praise.
func lesson(run *parallel.Run, m parallel.Measures, l parallel.Losses) string {
	for _, say := range []func(*parallel.Run, parallel.Measures) string{
		sayEmpty, sayFailed, sayCancelled, sayRetried, sayTooFew, sayAlone, sayShort, sayCrowded(l), sayBusy(l),
		sayDispatch(l), sayTail, sayReturn(l), sayWaiting,
	} {
		if s := say(run, m); s != "" {
			return s
		}
	}
	if m.Efficiency >= 0.85 {
		return fmt.Sprintf("An even load: the workers were busy %s of the time.", percent(m.Efficiency))
	}
	s := fmt.Sprintf("The workers had no task for %s of the time", percent(1-m.Efficiency))
	parts := partsOf(l)
	if parts == nil {
		return s + "."
	}
	worst := slices.MaxFunc(parts[1:], func(a, b part) int { return cmp.Compare(a.took, b.took) })
	return fmt.Sprintf("%s; most of what was lost is: %s, %d%%.", s, worst.name, worst.percent)
}

// sayRetried is for runs that needed further attempts.
func sayRetried(run *parallel.Run, m parallel.Measures) string {
	if m.Retried == 0 {
		return ""
	}
	var lost time.Duration
	for _, rec := range run.Records {
		if rec.Retried {
			lost += rec.Busy()
		}
	}
	return fmt.Sprintf("%s failed and %s tried again: %s of the workers' time went into them.", plural(m.Retried, "attempt"), were(m.Retried), formatDuration(lost))
}

func were(n int) string {
	if n == 1 {
		return "was"
	}
	return "were"
}

func sayEmpty(run *parallel.Run, m parallel.Measures) string {
	switch {
	case run.Tasks == 0:
		return "There was nothing to run: the input is empty."
	case len(run.Records) == 0:
		return "No task started."
	}
	return ""
}

func sayFailed(run *parallel.Run, m parallel.Measures) string {
	if m.Failed == 0 {
		return ""
	}
	var first *parallel.Record
	for i := range run.Records {
		if rec := &run.Records[i]; rec.Failed() && !rec.Retried && (first == nil || rec.Finished < first.Finished) {
			first = rec
		}
	}
	s := fmt.Sprintf("Task %d failed on worker %d after %s", first.Index, first.Worker, formatDuration(first.Busy()))
	if m.Failed > 1 {
		s = fmt.Sprintf("%s failed, first task %d on worker %d", plural(m.Failed, "task"), first.Index, first.Worker)
	}
	if left := m.Skipped + m.Cancelled; left > 0 {
		return fmt.Sprintf("%s and stopped the run: %s of %s tasks were done, %s %s not.", s, count(m.Done), count(run.Tasks), count(left), were(left))
	}
	return fmt.Sprintf("%s; the other %s succeeded.", s, count(m.Done))
}

func sayCancelled(run *parallel.Run, m parallel.Measures) string {
	if m.Skipped+m.Cancelled == 0 {
		if !errors.Is(run.Err, context.Canceled) {
			return ""
		}
		return fmt.Sprintf("Cancelled as the last of %s ended.", plural(run.Tasks, "task"))
	}
	s := fmt.Sprintf("Cancelled after %s of %s", count(m.Done), plural(run.Tasks, "task"))
	switch lost := abandoned(run); {
	case lost == 1:
		return s + "; one that was still running was given up."
	case lost > 1:
		return fmt.Sprintf("%s; %s that were still running were given up.", s, count(lost))
	}
	return s + "."
}

func abandoned(run *parallel.Run) (n int) {
	for _, rec := range run.Records {
		if errors.Is(rec.Err, parallel.ErrAbandoned) {
			n++
		}
	}
	return n
}

func sayTooFew(run *parallel.Run, _ parallel.Measures) string {
	switch idle := run.Workers - run.Tasks; {
	case idle == 1:
		return fmt.Sprintf("%s for %d workers: one worker had nothing to do.", plural(run.Tasks, "task"), run.Workers)
	case idle > 1:
		return fmt.Sprintf("%s for %d workers: %d workers had nothing to do.", plural(run.Tasks, "task"), run.Workers, idle)
	}
	return ""
}

func sayAlone(run *parallel.Run, m parallel.Measures) string {
	if run.Workers != 1 {
		return ""
	}
	return fmt.Sprintf("One worker ran the tasks one after another, %s each on average.", formatDuration(m.Busy/time.Duration(max(m.Done, 1))))
}

// sayShort is for runs that are over before a goroutine has well started, or that
// have hardly anything to do in the little time they take.
func sayShort(_ *parallel.Run, m parallel.Measures) string {
	if m.Wall >= time.Millisecond || m.Wall >= 100*time.Microsecond && m.Busy > m.Wall/4 {
		return ""
	}
	return fmt.Sprintf("All was over in %s: starting the workers takes as long as that, so more of them cannot help.", formatDuration(m.Wall))
}

// sayDispatch is for workers that wait for their next task too often.
func sayDispatch(l parallel.Losses) func(*parallel.Run, parallel.Measures) string {
	return func(_ *parallel.Run, m parallel.Measures) string {
		share := shareOf(l.Dispatch, l)
		if share < 0.25 || m.Done == 0 {
			return ""
		}
		each := m.Busy / time.Duration(m.Done)
		if each > 10*time.Microsecond {
			return fmt.Sprintf("The workers spent %s of their time between tasks, waiting for the next one.", percent(share))
		}
		return fmt.Sprintf("Handing out the tasks took %s of the workers' time, for %s a task: larger chunks would pay.", percent(share), formatDuration(each))
	}
}

// sayReturn is for results that take their time to come back.
func sayReturn(l parallel.Losses) func(*parallel.Run, parallel.Measures) string {
	return func(*parallel.Run, parallel.Measures) string {
		share := shareOf(l.Return, l)
		if share < 0.25 {
			return ""
		}
		return fmt.Sprintf("The workers waited for %s of their time while results were on the way back: smaller results would pay.", percent(share))
	}
}

// shareOf returns which share of the workers' time d is.
func shareOf(d time.Duration, l parallel.Losses) float64 {
	if l.Total() == 0 {
		return 0
	}
	return float64(d) / float64(l.Total())
}

// sayTail is for runs in which some workers had nothing to do at the end.
func sayTail(run *parallel.Run, m parallel.Measures) string {
	var end, quiet time.Duration // when the last worker ended, and the last of the idle ones
	for _, t := range m.WorkerLast {
		end = max(end, t)
	}
	idle, who := 0, 0
	lost := 0.0 // share of all workers' time
	for w, t := range m.WorkerLast {
		lost += float64(end-t) / float64(end) / float64(run.Workers)
		if float64(t) < 0.85*float64(end) {
			idle, who = idle+1, w
			quiet = max(quiet, t)
		}
	}
	if idle == 0 || lost < 0.1 {
		return ""
	}
	var last *parallel.Record
	for i := range run.Records {
		if rec := &run.Records[i]; last == nil || rec.Finished > last.Finished {
			last = rec
		}
	}
	usual := m.Busy / time.Duration(max(m.Done, 1))
	s := fmt.Sprintf("Worker %d", who)
	if idle > 1 {
		s = fmt.Sprintf("%d of %d workers", idle, run.Workers)
	}
	s += fmt.Sprintf(" sat idle for the last %s of the run: ", percent(float64(end-quiet)/float64(end)))
	switch tail := end - quiet; {
	case float64(last.Busy()) < 0.6*float64(tail):
		left := 0 // tasks that it ended when the others had none any more
		for _, rec := range run.Records {
			if rec.Worker == last.Worker && rec.Finished > quiet {
				left += rec.Count
			}
		}
		return s + fmt.Sprintf("worker %d still had %s to do.", last.Worker, plural(left, "task"))
	case last.Count > 1:
		return s + fmt.Sprintf("a chunk of %s came last, and smaller chunks would share it out.", plural(last.Count, "task"))
	case last.Started >= end/10 && last.Busy() <= 3*usual/2:
		return s + fmt.Sprintf("%s of about %s do not divide evenly among %d workers.", plural(run.Tasks, "task"), formatDuration(usual), run.Workers)
	case last.Started < end/10:
		return s + fmt.Sprintf("one task (%d) took nearly all the time of the run.", last.Index)
	}
	return s + fmt.Sprintf("one long task (%d) came last.", last.Index)
}

// sayCrowded is for workers that compete with each other for the cores.
func sayCrowded(l parallel.Losses) func(*parallel.Run, parallel.Measures) string {
	return func(run *parallel.Run, m parallel.Measures) string {
		if run.Cores == 0 || run.Workers <= run.Cores || delayed(m) < 0.25 {
			return ""
		}
		return fmt.Sprintf("%d workers shared %s: waiting in line for one took %s of the workers' time. Fewer workers would be as fast.",
			run.Workers, plural(run.Cores, "core"), percent(shareOf(l.Core, l)))
	}
}

// sayBusy is for a machine whose cores other programs use, too.
func sayBusy(l parallel.Losses) func(*parallel.Run, parallel.Measures) string {
	return func(_ *parallel.Run, m parallel.Measures) string {
		if delayed(m) < 0.15 {
			return ""
		}
		return fmt.Sprintf("Other programs used the cores too: waiting for one took %s of the workers' time.", percent(shareOf(l.Core, l)))
	}
}

// delayed is the share of the tasks' time in which they waited for a core.
func delayed(m parallel.Measures) float64 {
	if m.Busy == 0 {
		return 0
	}
	return float64(m.Busy-m.Work) / float64(m.Busy)
}

// sayWaiting is for tasks that sleep, or wait for a disk or a network.
func sayWaiting(run *parallel.Run, m parallel.Measures) string {
	if run.CPU == 0 || m.Wall < 10*time.Millisecond || m.Efficiency < 0.6 || 2*run.CPU > m.Work {
		return ""
	}
	return fmt.Sprintf("The tasks mostly waited: they used a core for %s of their time, so more workers would help.", percent(float64(run.CPU)/float64(m.Work)))
}
