package parallel

import (
	"bufio"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// WriteTrace writes the run in the trace event format of Chrome, which ui.perfetto.dev and
// chrome://tracing open: a track for the caller and one for each worker that had tasks,
// a slice for each record, with its index, count, attempt and error, and counters of the
// tasks that wait and of those that run at once. Failed tasks, attempts that were tried
// again and cancelled tasks have names, categories and colours of their own. Times are
// microseconds since the start of the run. A run with Lanes has tracks of their names, and
// no counter of tasks that wait: each of its tasks is in several lanes.
//
// The format is that of "Trace Event Format", Google, 2016: the JSON object form, with
// events of the phases M (metadata), X (complete) and C (counter).
func (r *Run) WriteTrace(w io.Writer) error {
	b := bufio.NewWriter(w)
	t := tracer{out: b, run: r}
	t.write()
	if t.err == nil {
		t.err = b.Flush()
	}
	if t.err != nil {
		return fmt.Errorf("parallel: write a trace: %w", t.err)
	}
	return nil
}

const (
	tracePid    = 1
	traceCaller = 1 // thread of the caller
	traceWorker = 2 // thread of worker 0
)

// A traceEvent is one event of the format.
type traceEvent struct {
	Name  string   `json:"name"`
	Cat   string   `json:"cat,omitempty"`
	Phase string   `json:"ph"`
	At    micros   `json:"ts"`
	Took  *micros  `json:"dur,omitempty"`
	Pid   int      `json:"pid"`
	Tid   int      `json:"tid"`
	Color string   `json:"cname,omitempty"`
	Args  traceArg `json:"args"`
}

type traceArg map[string]any

// micros are microseconds, with their fractions.
type micros float64

func toMicros(d time.Duration) micros { return micros(d) / 1000 }

// A tracer writes the events of a run. After an error it writes nothing.
type tracer struct {
	out    *bufio.Writer
	run    *Run
	beside []int // of a run with Lanes: which of its lane's tracks each record is on
	comma  bool
	err    error
}

func (t *tracer) write() {
	t.text(`{"displayTimeUnit":"ms","otherData":`)
	t.json(map[string]any{
		"label": t.run.Label, "workers": t.run.Workers, "cores": t.run.Cores, "tasks": t.run.Tasks,
		"start": t.run.Start.Format(time.RFC3339Nano), "wall": t.run.Wall.String(), "cpu": t.run.CPU.String(),
	})
	t.text(`,"traceEvents":[`)
	if t.run.Lanes != nil {
		t.lanes()
	}
	t.names()
	t.caller()
	for i := range t.run.Records {
		t.record(&t.run.Records[i], t.thread(i))
	}
	t.counters()
	t.text("\n]}\n")
}

func (t *tracer) text(s string) {
	if t.err == nil {
		_, t.err = t.out.WriteString(s)
	}
}

func (t *tracer) json(v any) {
	data, err := json.Marshal(v)
	if t.err == nil {
		t.err = err
	}
	if t.err == nil {
		_, t.err = t.out.Write(data)
	}
}

func (t *tracer) event(e traceEvent) {
	if t.comma {
		t.text(",")
	}
	t.comma = true
	t.text("\n")
	e.Pid = tracePid
	t.json(e)
}

// names gives the process and its threads their names.
func (t *tracer) names() {
	meta := func(name string, tid int, args traceArg) {
		t.event(traceEvent{Name: name, Phase: "M", Tid: tid, Args: args})
	}
	meta("process_name", traceCaller, traceArg{"name": t.label()})
	thread := func(tid int, name string) {
		meta("thread_name", tid, traceArg{"name": name})
		meta("thread_sort_index", tid, traceArg{"sort_index": tid})
	}
	thread(traceCaller, "caller")
	var threads []int
	for i := range t.run.Records {
		if tid := t.thread(i); len(threads) == 0 || threads[len(threads)-1] != tid {
			threads = append(threads, tid)
		}
	}
	slices.Sort(threads)
	for _, tid := range slices.Compact(threads) {
		w, beside := tid-traceWorker, 0
		if t.beside != nil {
			w, beside = w/traceBeside, w%traceBeside
		}
		name := t.run.lane(w)
		if beside > 0 {
			name += fmt.Sprintf(" (%d)", beside+1)
		}
		thread(tid, name)
	}
}

// traceBeside is how many tracks a lane can have.
const traceBeside = 8

// thread is the thread of record i.
func (t *tracer) thread(i int) int {
	if t.beside == nil {
		return traceWorker + t.run.Records[i].Worker
	}
	return traceWorker + t.run.Records[i].Worker*traceBeside + t.beside[i]
}

// lanes deals the records of each lane out to tracks, on which they do not overlap.
func (t *tracer) lanes() {
	records := t.run.Records
	t.beside = make([]int, len(records))
	order := make([]int, len(records))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(records[a].Started, records[b].Started) })
	ends := map[int]*[traceBeside]time.Duration{}
	for _, i := range order {
		rec := &records[i]
		end := ends[rec.Worker]
		if end == nil {
			end = new([traceBeside]time.Duration)
			ends[rec.Worker] = end
		}
		k := 0
		for k+1 < traceBeside && end[k] > rec.Started {
			k++
		}
		t.beside[i], end[k] = k, max(end[k], rec.Finished)
	}
}

func (t *tracer) label() string { return cmp.Or(t.run.Label, "parallel map") }

// caller is the slice of the whole call.
func (t *tracer) caller() {
	m := t.run.Measure()
	args := traceArg{
		"tasks": t.run.Tasks, "workers": t.run.Workers, "done": m.Done, "failed": m.Failed,
		"cancelled": m.Cancelled, "skipped": m.Skipped, "speedup": m.Speedup, "efficiency": m.Efficiency,
	}
	if t.run.Lanes != nil {
		args = traceArg{"tasks": t.run.Tasks}
	}
	if t.run.Err != nil {
		args["error"] = bareError(t.run.Err)
	}
	wall := toMicros(t.run.Wall)
	t.event(traceEvent{Name: t.label(), Cat: "call", Phase: "X", Took: &wall, Tid: traceCaller, Args: args})
}

// traceColors are by state, from the names that the format reserves.
var traceColors = map[string]string{
	"failed": "terrible", "retried": "bad", "cancelled": "grey",
}

// record is the slice of a record.
func (t *tracer) record(rec *Record, thread int) {
	name := fmt.Sprintf("task %d", rec.Index)
	if rec.Count > 1 {
		name = fmt.Sprintf("tasks %d–%d", rec.Index, rec.Index+rec.Count-1)
	}
	state := rec.state()
	if state != "done" {
		name += " (" + state + ")"
	}
	args := traceArg{"index": rec.Index, "count": rec.Count, "attempt": rec.Attempt}
	if rec.Err != nil {
		args["error"] = bareError(rec.Err)
	}
	if rec.Returned > rec.Finished {
		args["returned_us"] = toMicros(rec.Returned)
	}
	if rec.Bytes > 0 {
		args["bytes"] = rec.Bytes
	}
	took := toMicros(rec.Busy())
	t.event(traceEvent{
		Name: name, Cat: "task," + state, Phase: "X", At: toMicros(rec.Started), Took: &took,
		Tid: thread, Color: traceColors[state], Args: args,
	})
}

// counters are the tasks that wait, and those that run, whenever their number changes.
// Viewers put the name of the series, tasks, after that of the counter.
func (t *tracer) counters() {
	var waiting, running []change
	begun := 0
	for i := range t.run.Records {
		rec := &t.run.Records[i]
		if rec.Attempt <= 1 { // a task that is tried again has been counted
			begun += rec.Count
		}
		waiting = append(waiting, change{rec.Queued, rec.Count}, change{rec.Started, -rec.Count})
		running = append(running, change{rec.Started, 1}, change{rec.Finished, -1})
	}
	if t.run.Lanes == nil {
		t.counter("queued", append(waiting, change{0, t.run.Tasks - begun}))
	}
	t.counter("running", append(running, change{0, 0}))
}

// A change is by how much a number changes at a time.
type change struct {
	at time.Duration
	by int
}

func (t *tracer) counter(name string, changes []change) {
	slices.SortFunc(changes, func(a, b change) int { return cmp.Compare(a.at, b.at) })
	sum := 0
	for i, c := range changes {
		sum += c.by
		if i+1 == len(changes) || changes[i+1].at != c.at {
			t.event(traceEvent{Name: name, Phase: "C", At: toMicros(c.at), Tid: traceCaller, Args: traceArg{"tasks": sum}})
		}
	}
}

// bareError says what went wrong without the input of the task, in bounded length.
func bareError(err error) string {
	s := err.Error()
	var fault *TaskError
	if errors.As(err, &fault) {
		switch {
		case fault.Value != nil:
			s = fmt.Sprintf("panic: %v", fault.Value)
		case fault.Err != nil:
			s = fault.Err.Error()
		}
	}
	const most = 400
	if s = strings.ToValidUTF8(s, "\uFFFD"); len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "…"
	}
	return s
}
