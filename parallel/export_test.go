package parallel

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// exported is a run with everything that an export has to tell.
func exported() *Run {
	us := time.Microsecond
	fault := &TaskError{Index: 3, Input: `"secret"`, Worker: 1, Attempt: 2, Err: errors.New("no such, \"file\"")}
	return &Run{
		Label: "load <all>", Workers: 2, Cores: 4, Tasks: 9, Seed: 1<<64 - 1, Start: time.Date(2024, 5, 6, 7, 8, 9, 10, time.UTC),
		Wall: 2000 * us, CPU: 1500 * us, Delayed: 7, Err: fault,
		Records: []Record{
			{Index: 0, Count: 3, Attempt: 1, Started: 1500, Finished: 400*us + 1, Returned: 400*us + 1},
			{Index: 3, Count: 1, Attempt: 1, Worker: 1, Started: 2 * us, Finished: 10 * us, Returned: 12 * us, Err: errors.New("busy"), Retried: true},
			{Index: 3, Count: 1, Attempt: 2, Worker: 1, Queued: 10 * us, Started: 900 * us, Finished: 1000 * us, Returned: 1000 * us, Bytes: 77, Err: fault},
			{Index: 4, Count: 1, Attempt: 1, Worker: 1, Started: 10 * us, Finished: 900 * us, Returned: 900 * us},
			{Index: 5, Count: 2, Attempt: 1, Started: 500 * us, Finished: 2000 * us, Returned: 2000 * us, Err: fmt.Errorf("stopped: %w", context.Canceled)},
		},
	}
}

func TestWriteCSV(t *testing.T) {
	var b bytes.Buffer
	if err := exported().WriteCSV(&b); err != nil {
		t.Fatal(err)
	}
	const want = `index,count,attempt,worker,state,queued_s,started_s,finished_s,returned_s,bytes,error
0,3,1,0,done,0.000000000,0.000001500,0.000400001,0.000400001,0,
3,1,1,1,retried,0.000000000,0.000002000,0.000010000,0.000012000,0,busy
3,1,2,1,failed,0.000010000,0.000900000,0.001000000,0.001000000,77,"task 3 (input ""secret""): no such, ""file"", after 2 attempts"
4,1,1,1,done,0.000000000,0.000010000,0.000900000,0.000900000,0,
5,2,1,0,cancelled,0.000000000,0.000500000,0.002000000,0.002000000,0,stopped: context canceled
`
	if b.String() != want {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
	}
	rows, err := csv.NewReader(&b).ReadAll()
	if err != nil || len(rows) != 6 {
		t.Errorf("%d rows, %v", len(rows), err)
	}
}

func TestSecondsAreExact(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0.000000000", 1: "0.000000001", -1: "-0.000000001", 90*time.Minute + 5: "5400.000000005",
		1<<63 - 1: "9223372036.854775807", -1 << 63: "-9223372036.854775808",
	} {
		if got := seconds(d); got != want {
			t.Errorf("%d ns is %q, want %q", d, got, want)
		}
	}
}

// sameRun compares runs but for their errors, of which the text and the causes count.
func sameRun(a, b *Run) error {
	sameErr := func(x, y error) bool {
		if x == nil || y == nil {
			return x == y
		}
		same := x.Error() == y.Error()
		for _, c := range []error{context.Canceled, context.DeadlineExceeded, ErrAbandoned} {
			same = same && errors.Is(x, c) == errors.Is(y, c)
		}
		return same
	}
	if !sameErr(a.Err, b.Err) || len(a.Records) != len(b.Records) || !a.Start.Equal(b.Start) {
		return fmt.Errorf("%+v is not %+v", a, b)
	}
	x, y := *a, *b
	x.Records, y.Records, x.Err, y.Err, x.Start, y.Start = nil, nil, nil, nil, time.Time{}, time.Time{}
	if !reflect.DeepEqual(x, y) {
		return fmt.Errorf("%+v is not %+v", x, y)
	}
	for i := range a.Records {
		p, q := a.Records[i], b.Records[i]
		if !sameErr(p.Err, q.Err) || p.Failed() != q.Failed() || p.Cancelled() != q.Cancelled() {
			return fmt.Errorf("record %d: %v is not %v", i, p.Err, q.Err)
		}
		if p.Err, q.Err = nil, nil; p != q {
			return fmt.Errorf("record %d: %+v is not %+v", i, p, q)
		}
	}
	return nil
}

// roundTrip writes a run and reads it back.
func roundTrip(run *Run) (*Run, error) {
	var b bytes.Buffer
	if err := run.WriteJSON(&b); err != nil {
		return nil, err
	}
	return ReadRun(&b)
}

func TestRunsComeBackFromJSON(t *testing.T) {
	real := make(map[string]*Run)
	note := func(name string, opts ...Option) []Option {
		real[name] = new(Run)
		return append(opts, WithRun(real[name]), WithLabel(name), WithWorkers(3))
	}
	odd := func(x int) (int, error) {
		if x%7 == 3 {
			return 0, errors.New("odd\x00\xff")
		}
		return x, nil
	}
	xs := make([]int, 500)
	for i := range xs {
		xs[i] = i
	}
	MapErr(odd, xs, note("stopped")...)
	MapErr(odd, xs, note("collected", WithCollect())...)
	MapErr(odd, xs, note("retried", WithCollect(), WithRetry(Retry{Attempts: 3}))...)
	Map(func(x int) int { return x }, xs, note("fine")...)
	ctx, cancel := context.WithCancel(context.Background())
	MapContext(ctx, func(ctx context.Context, x int) (int, error) {
		if x == 20 {
			cancel()
		}
		return x, ctx.Err()
	}, xs, note("cancelled")...)
	real["by hand"], real["none"] = exported(), new(Run)
	for name, run := range real {
		got, err := roundTrip(run)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		run.Start = run.Start.Round(0) // without the monotonic clock
		if name != "stopped" && name != "collected" && name != "retried" {
			if err := sameRun(run, got); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		again, err := roundTrip(got) // what is not UTF-8 in an error is replaced the first time
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if err := sameRun(got, again); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if m, n := run.Measure(), got.Measure(); !reflect.DeepEqual(m, n) || run.Losses() != got.Losses() {
			t.Errorf("%s: measures %+v are not %+v", name, m, n)
		}
	}
}

func TestReadRunSaysWhatIsWrong(t *testing.T) {
	head := `{"format":"fanout-run","version":1,"workers":2,"tasks":5,"wall_ns":100,"records":`
	for in, want := range map[string]string{
		``:                                    "unexpected end of JSON input",
		`{}`:                                  `the format is "", version 0; this program reads "fanout-run", version 1`,
		`{"format":"fanout-run","version":2}`: `version 2; this program reads`,
		head + `[]} x`:                        "invalid character 'x'",
		head + `{}}`:                          "the records are not a list",
		head + `[{}]}`:                        "record 0 is of 0 tasks",
		head + `[{"count":"a"}]}`:             "record 0: json: cannot unmarshal string",
		head + `[{"index":4,"count":2}]}`:     "record 0 is of 2 tasks from 4, but there are 5 in all",
		head + `[{"count":1,"worker":2}]}`:    "record 0 is of worker 2 of 2",
		head + `[{"count":1,"finished_ns":101,"returned_ns":101}]}`: "finished at 101ns and returned at 101ns in a run of 100ns",
		head + `[{"count":1,"started_ns":9,"finished_ns":8}]}`:      "started at 9ns, finished at 8ns",
		head + `[{"index":3,"count":1},{"index":2,"count":1}]}`:     "the records are not in the order",
		`{"format":"fanout-run","version":1,"workers":-1}`:          "workers is -1, not from 0 to 65536",
		`{"format":"fanout-run","version":1,"wall_ns":-1}`:          "wall_ns is -1",
	} {
		_, err := ReadRun(strings.NewReader(in))
		if err == nil || !strings.HasPrefix(err.Error(), "parallel: read a run: ") || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", in, err, want)
		}
	}
}

func TestReadRunIsBounded(t *testing.T) {
	var b bytes.Buffer
	if err := exported().WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	all := b.Bytes()
	if _, err := readRun(bytes.NewReader(all), int64(len(all))); err != nil {
		t.Error(err)
	}
	in := bytes.NewReader(append(all, bytes.Repeat([]byte(" "), 1<<20)...))
	if _, err := readRun(in, int64(len(all))); err == nil || !strings.Contains(err.Error(), "longer than") || in.Len() < 1<<19 {
		t.Errorf("got %v with %d bytes left", err, in.Len())
	}
}

func FuzzReadRun(f *testing.F) {
	var b bytes.Buffer
	if err := exported().WriteJSON(&b); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add([]byte(`{"format":"fanout-run","version":1,"workers":2,"tasks":5,"wall_ns":100,"records":[{"count":1,"finished_ns":9}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		run, err := ReadRun(bytes.NewReader(data))
		if err != nil {
			return
		}
		run.Measure()
		if l := run.Losses(); run.Wall > 0 && l.Total() != time.Duration(run.Workers)*run.Wall {
			t.Errorf("%+v add up to %v, not %d × %v", l, l.Total(), run.Workers, run.Wall)
		}
		again, err := roundTrip(run)
		if err != nil {
			t.Fatal(err)
		}
		if err := sameRun(run, again); err != nil {
			t.Error(err)
		}
		if err := run.WriteTrace(io.Discard); err != nil {
			t.Error(err)
		}
		if err := run.WriteCSV(io.Discard); err != nil {
			t.Error(err)
		}
	})
}

// readTrace reads what WriteTrace wrote.
func readTrace(t *testing.T, run *Run) []map[string]any {
	t.Helper()
	var b bytes.Buffer
	if err := run.WriteTrace(&b); err != nil {
		t.Fatal(err)
	}
	var file struct {
		Unit   string           `json:"displayTimeUnit"`
		Events []map[string]any `json:"traceEvents"`
	}
	if err := json.Unmarshal(b.Bytes(), &file); err != nil {
		t.Fatal(err)
	}
	if file.Unit != "ms" {
		t.Errorf("the unit is %q", file.Unit)
	}
	return file.Events
}

func TestTraceOfARun(t *testing.T) {
	var got []string
	for _, e := range readTrace(t, exported()) {
		args := e["args"].(map[string]any)
		switch e["ph"] {
		case "M":
			if name, ok := args["name"]; ok {
				got = append(got, fmt.Sprint(e["name"], " ", e["tid"], " ", name))
			}
		case "X":
			got = append(got, fmt.Sprint(e["tid"], " ", e["name"], " ", e["cat"], " ", e["ts"], "+", e["dur"], " ", args["error"]))
		case "C":
			got = append(got, fmt.Sprint(e["name"], " ", e["ts"], ": ", args["tasks"]))
		}
	}
	want := []string{
		"process_name 1 load <all>", "thread_name 1 caller", "thread_name 2 worker 0", "thread_name 3 worker 1",
		`1 load <all> call 0+2000 no such, "file"`,
		"2 tasks 0–2 task,done 1.5+398.501 <nil>",
		"3 task 3 (retried) task,retried 2+8 busy",
		`3 task 3 (failed) task,failed 900+100 no such, "file"`,
		"3 task 4 task,done 10+890 <nil>",
		"2 tasks 5–6 (cancelled) task,cancelled 500+1500 stopped: context canceled",
		"queued 0: 9", "queued 1.5: 6", "queued 2: 5", "queued 10: 5", "queued 500: 3", "queued 900: 2",
		"running 0: 0", "running 1.5: 1", "running 2: 2", "running 10: 2", "running 400.001: 1",
		"running 500: 2", "running 900: 2", "running 1000: 1", "running 2000: 0",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// Lanes have their names on their tracks, further ones for what overlaps, and come back
// from JSON.
func TestTraceOfLanes(t *testing.T) {
	us := time.Microsecond
	run := &Run{Label: "f on a device", Workers: 2, Tasks: 4, Wall: 9 * us, Lanes: []string{"copy in", "kernel"}, Records: []Record{
		{Index: 0, Count: 2, Attempt: 1, Finished: 4 * us}, {Index: 0, Count: 2, Attempt: 1, Worker: 1, Started: 4 * us, Finished: 8 * us},
		{Index: 2, Count: 2, Attempt: 1, Started: 3 * us, Finished: 5 * us}, {Index: 2, Count: 2, Attempt: 1, Worker: 1, Started: 8 * us, Finished: 9 * us},
	}}
	names := map[any]any{}
	var got []string
	for _, e := range readTrace(t, run) {
		args := e["args"].(map[string]any)
		switch {
		case e["name"] == "thread_name":
			names[e["tid"]] = args["name"]
		case e["ph"] == "X":
			got = append(got, fmt.Sprint(names[e["tid"]], ": ", e["name"], " ", e["ts"], "+", e["dur"]))
		case e["name"] == "queued":
			t.Errorf("a counter of tasks that wait: %v", e)
		}
	}
	want := []string{"caller: f on a device 0+9", "copy in: tasks 0–1 0+4", "kernel: tasks 0–1 4+4", "copy in (2): tasks 2–3 3+2", "kernel: tasks 2–3 8+1"}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	var b bytes.Buffer
	if err := run.WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	back, err := ReadRun(bytes.NewReader(b.Bytes()))
	if err != nil || !slices.Equal(back.Lanes, run.Lanes) {
		t.Errorf("%+v, %v", back, err)
	}
	if _, err := ReadRun(strings.NewReader(strings.Replace(b.String(), `"kernel"`, `"kernel","more"`, 1))); err == nil {
		t.Error("more names than workers are no error")
	}
}

// Every event has the fields that its phase asks for, slices of a track do not overlap,
// and counters do not go below zero.
func TestTracesKeepTheFormat(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	for n := range 100 {
		run := randomRun(rng, true)
		ends := map[any]float64{}
		var slicesOf = map[any][][2]float64{}
		for _, e := range readTrace(t, run) {
			for _, field := range []string{"name", "ph", "ts", "pid", "tid", "args"} {
				if _, ok := e[field]; !ok {
					t.Fatalf("run %d: no %s in %v", n, field, e)
				}
			}
			switch e["ph"] {
			case "X":
				slicesOf[e["tid"]] = append(slicesOf[e["tid"]], [2]float64{e["ts"].(float64), e["ts"].(float64) + e["dur"].(float64)})
			case "C":
				if v := e["args"].(map[string]any)["tasks"].(float64); v < 0 {
					t.Fatalf("run %d: %v", n, e)
				}
				if at := e["ts"].(float64); at < ends[e["name"]] {
					t.Fatalf("run %d: %v after %v", n, e, ends[e["name"]])
				} else {
					ends[e["name"]] = at
				}
			case "M":
			default:
				t.Fatalf("run %d: %v", n, e)
			}
		}
		for tid, list := range slicesOf {
			slices.SortFunc(list, func(a, b [2]float64) int { return slices.Compare(a[:], b[:]) })
			for i := 1; i < len(list); i++ {
				if list[i][0] < list[i-1][1]-1e-9 {
					t.Fatalf("run %d: slices of track %v overlap: %v", n, tid, list)
				}
			}
		}
	}
}

// broken takes some bytes and fails then.
type broken struct{ left int }

func (b *broken) Write(p []byte) (int, error) {
	if b.left -= len(p); b.left < 0 {
		return 0, io.ErrShortWrite
	}
	return len(p), nil
}

func TestExportsHandOnErrorsOfTheWriter(t *testing.T) {
	run := exported()
	for len(run.Records) < 1000 {
		run.Records = append(run.Records, run.Records...)
	}
	for name, write := range map[string]func(io.Writer) error{"trace": run.WriteTrace, "CSV": run.WriteCSV, "JSON": run.WriteJSON} {
		for _, left := range []int{0, 5000} {
			if err := write(&broken{left}); !errors.Is(err, io.ErrShortWrite) || !strings.HasPrefix(err.Error(), "parallel: write ") {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}
