package parallel

import (
	"bytes"
	"cmp"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"time"
)

// csvHeader names the columns of [Run.WriteCSV].
var csvHeader = []string{
	"index", "count", "attempt", "worker", "state",
	"queued_s", "started_s", "finished_s", "returned_s", "bytes", "error",
}

// WriteCSV writes the records as a table of comma-separated values (RFC 4180): a header,
// and a line for each record, in order. Times are seconds since the start of the run,
// with nine decimals, which is exact. The state is done, failed, cancelled, or retried
// for an attempt that was followed by another. The error is empty for tasks that
// succeeded.
func (r *Run) WriteCSV(w io.Writer) error {
	out := csv.NewWriter(w)
	if err := out.Write(csvHeader); err != nil {
		return fmt.Errorf("parallel: write records as CSV: %w", err)
	}
	for i := range r.Records {
		rec := &r.Records[i]
		text := ""
		if rec.Err != nil {
			text = rec.Err.Error()
		}
		err := out.Write([]string{
			strconv.Itoa(rec.Index), strconv.Itoa(rec.Count), strconv.Itoa(rec.Attempt), strconv.Itoa(rec.Worker), rec.state(),
			seconds(rec.Queued), seconds(rec.Started), seconds(rec.Finished), seconds(rec.Returned),
			strconv.FormatInt(rec.Bytes, 10), text,
		})
		if err != nil {
			return fmt.Errorf("parallel: write records as CSV: %w", err)
		}
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return fmt.Errorf("parallel: write records as CSV: %w", err)
	}
	return nil
}

// state says in a word what became of the record's tasks.
func (r *Record) state() string {
	switch {
	case r.Retried:
		return "retried"
	case r.Err == nil:
		return "done"
	case r.Cancelled():
		return "cancelled"
	}
	return "failed"
}

// seconds writes d in seconds, exactly.
func seconds(d time.Duration) string {
	sign := ""
	n := uint64(d)
	if d < 0 {
		sign, n = "-", -n
	}
	return fmt.Sprintf("%s%d.%09d", sign, n/1e9, n%1e9)
}

const (
	runFormat  = "fanout-run"
	runVersion = 1

	// Bounds of what ReadRun takes.
	maxRunBytes   = 256 << 20
	maxRunRecords = 4 << 20
	maxRunWorkers = 1 << 16
	maxRunTasks   = 1 << 40
)

// A runFile is a Run as JSON. Times are in nanoseconds.
type runFile struct {
	Format  string        `json:"format"`
	Version int           `json:"version"`
	Label   string        `json:"label"`
	Workers int           `json:"workers"`
	Cores   int           `json:"cores"`
	Tasks   int           `json:"tasks"`
	Start   time.Time     `json:"start"`
	Seed    uint64        `json:"seed,string"` // a string: JSON numbers lose digits in many programs
	Wall    time.Duration `json:"wall_ns"`
	CPU     time.Duration `json:"cpu_ns"`
	Delayed time.Duration `json:"delayed_ns"`
	Error   *errorFile    `json:"error,omitempty"`
	Lanes   []string      `json:"lanes,omitempty"`
	Records recordFiles   `json:"records"`
}

type recordFile struct {
	Index    int           `json:"index"`
	Count    int           `json:"count"`
	Attempt  int           `json:"attempt"`
	Retried  bool          `json:"retried,omitempty"`
	Worker   int           `json:"worker"`
	Queued   time.Duration `json:"queued_ns"`
	Started  time.Duration `json:"started_ns"`
	Finished time.Duration `json:"finished_ns"`
	Returned time.Duration `json:"returned_ns"`
	Bytes    int64         `json:"bytes,omitempty"`
	Error    *errorFile    `json:"error,omitempty"`
}

// recordFiles are read one by one, so that a small file cannot ask for much memory.
type recordFiles []recordFile

func (l *recordFiles) UnmarshalJSON(data []byte) error {
	*l = nil
	d := json.NewDecoder(bytes.NewReader(data))
	if start, err := d.Token(); err != nil || start != json.Delim('[') {
		return errors.New("the records are not a list")
	}
	for d.More() {
		if len(*l) == maxRunRecords {
			return fmt.Errorf("there are more than %d records", maxRunRecords)
		}
		var rec recordFile
		if err := d.Decode(&rec); err != nil {
			return fmt.Errorf("record %d: %w", len(*l), err)
		}
		if rec.Count < 1 {
			return fmt.Errorf("record %d is of %d tasks: it must be of at least one", len(*l), rec.Count)
		}
		*l = append(*l, rec)
	}
	return nil
}

// An errorFile is an error as text, with what callers ask of it.
type errorFile struct {
	Text   string   `json:"text"`
	Causes []string `json:"causes,omitempty"` // cancelled, timeout, abandoned
}

// A readError is an error that was read back.
type readError struct {
	text   string
	causes []error
}

func (e *readError) Error() string   { return e.text }
func (e *readError) Unwrap() []error { return e.causes }

// causeNames are the errors that are told apart in a file.
var causeNames = []struct {
	name string
	err  error
}{
	{"cancelled", context.Canceled}, {"timeout", context.DeadlineExceeded}, {"abandoned", ErrAbandoned},
}

func newErrorFile(err error) *errorFile {
	if err == nil {
		return nil
	}
	f := &errorFile{Text: err.Error()}
	for _, c := range causeNames {
		if isError(err, c.err) {
			f.Causes = append(f.Causes, c.name)
		}
	}
	return f
}

func (f *errorFile) err() error {
	if f == nil {
		return nil
	}
	e := &readError{text: f.Text}
	for _, c := range causeNames {
		if slices.Contains(f.Causes, c.name) {
			e.causes = append(e.causes, c.err)
		}
	}
	return e
}

// WriteJSON writes the run as JSON: an object with the fields of a [Run], whose names say
// the unit of a time (wall_ns), and a list of records. [ReadRun] reads it back.
func (r *Run) WriteJSON(w io.Writer) error {
	f := runFile{
		Format: runFormat, Version: runVersion,
		Label: r.Label, Workers: r.Workers, Cores: r.Cores, Tasks: r.Tasks, Start: r.Start, Seed: r.Seed,
		Wall: r.Wall, CPU: r.CPU, Delayed: r.Delayed, Error: newErrorFile(r.Err), Lanes: r.Lanes,
		Records: make(recordFiles, len(r.Records)),
	}
	for i, rec := range r.Records {
		f.Records[i] = recordFile{
			rec.Index, rec.Count, rec.Attempt, rec.Retried, rec.Worker,
			rec.Queued, rec.Started, rec.Finished, rec.Returned, rec.Bytes, newErrorFile(rec.Err),
		}
	}
	if err := json.NewEncoder(w).Encode(f); err != nil {
		return fmt.Errorf("parallel: write a run as JSON: %w", err)
	}
	return nil
}

// ReadRun reads what [Run.WriteJSON] wrote, at most 256 MiB and 4 million records of it.
// Errors come back as text: errors.Is still knows context.Canceled,
// context.DeadlineExceeded and [ErrAbandoned] of them, but they are no [*TaskError] any
// more. It refuses a run that makes no sense, with an error that says what is wrong.
func ReadRun(r io.Reader) (*Run, error) {
	run, err := readRun(r, maxRunBytes)
	if err != nil {
		return nil, fmt.Errorf("parallel: read a run: %w", err)
	}
	return run, nil
}

func readRun(r io.Reader, most int64) (*Run, error) {
	data, err := io.ReadAll(io.LimitReader(r, most+1))
	if err != nil {
		return nil, err
	}
	if int64(len(data)) > most {
		return nil, fmt.Errorf("it is longer than %d bytes", most)
	}
	var f runFile
	if err := json.Unmarshal(data, &f); err != nil {
		return nil, err
	}
	if f.Format != runFormat || f.Version != runVersion {
		return nil, fmt.Errorf("the format is %q, version %d; this program reads %q, version %d",
			f.Format, f.Version, runFormat, runVersion)
	}
	run := &Run{
		Label: f.Label, Workers: f.Workers, Cores: f.Cores, Tasks: f.Tasks, Start: f.Start, Seed: f.Seed,
		Wall: f.Wall, CPU: f.CPU, Delayed: f.Delayed, Err: f.Error.err(), Lanes: f.Lanes,
		Records: make([]Record, len(f.Records)),
	}
	for i, rec := range f.Records {
		run.Records[i] = Record{
			rec.Index, rec.Count, rec.Attempt, rec.Retried, rec.Worker,
			rec.Queued, rec.Started, rec.Finished, rec.Returned, rec.Bytes, rec.Error.err(),
		}
	}
	return run, run.check()
}

// check says what makes no sense in a run, as far as others rely on it.
func (r *Run) check() error {
	for _, n := range []struct {
		name    string
		is, max int64
	}{
		{"workers", int64(r.Workers), maxRunWorkers}, {"cores", int64(r.Cores), math.MaxInt32}, {"tasks", int64(r.Tasks), maxRunTasks},
		{"wall_ns", int64(r.Wall), math.MaxInt64 / maxRunWorkers}, {"cpu_ns", int64(r.CPU), math.MaxInt64}, {"delayed_ns", int64(r.Delayed), math.MaxInt64},
	} {
		if n.is < 0 || n.is > n.max {
			return fmt.Errorf("%s is %d, not from 0 to %d", n.name, n.is, n.max)
		}
	}
	if len(r.Lanes) > r.Workers {
		return fmt.Errorf("there are names for %d lanes, but %d workers", len(r.Lanes), r.Workers)
	}
	for i := range r.Records {
		rec := &r.Records[i]
		switch {
		case rec.Index < 0 || rec.Count < 1 || rec.Count > r.Tasks || rec.Index > r.Tasks-rec.Count:
			return fmt.Errorf("record %d is of %d tasks from %d, but there are %d in all", i, rec.Count, rec.Index, r.Tasks)
		case rec.Worker < 0 || rec.Worker >= r.Workers:
			return fmt.Errorf("record %d is of worker %d of %d", i, rec.Worker, r.Workers)
		case rec.Queued < 0 || rec.Queued > rec.Started || rec.Started > rec.Finished || rec.Finished > r.Wall || rec.Returned < 0:
			return fmt.Errorf("record %d was queued at %v, started at %v, finished at %v and returned at %v in a run of %v",
				i, rec.Queued, rec.Started, rec.Finished, rec.Returned, r.Wall)
		}
	}
	ordered := slices.IsSortedFunc(r.Records, func(a, b Record) int {
		return cmp.Or(cmp.Compare(a.Index, b.Index), cmp.Compare(a.Attempt, b.Attempt))
	})
	if !ordered {
		return errors.New("the records are not in the order of their indices and attempts")
	}
	return nil
}
