package interp

import (
	"context"
	"errors"
	"fmt"
	"go/token"
	"go/types"
	"html"
	"reflect"
	"slices"
	"time"

	"github.com/adabc437/fanout/interp/pause"
	"github.com/adabc437/fanout/interp/rt"
	"github.com/adabc437/fanout/interp/session"
	"github.com/adabc437/fanout/parallel"
	"github.com/adabc437/fanout/plots"
)

// Maps in the background.
//
// %pmap -a gives a *parallel.Job at once. The checker calls its type parallel.Job[[]R], an
// alias with the type of the result as its argument, so that %presult knows it; when the
// program runs there is one type for all.
//
// The tasks of compiled code belong to a run of their own, which outlives the cell: an
// interrupt of a later cell leaves them alone, and the end of the job stops those that do
// not listen to their context. Interpreted code has one stop for all, so there an
// interrupt ends the jobs, too; and as loading a cell changes the interpreter, it waits
// until no task of a job runs (see gate).

const parallelPath = "github.com/adabc437/fanout/parallel"

// maxJobs is how many jobs %pstatus knows.
const maxJobs = 100

// A job is a map in the background.
type job struct {
	number int
	cell   int // the number of the cell that began it
	handle *parallel.Job
	start  time.Time
	shown  []display // that show it as it was when it ran
}

// A display shows a job in the output of a run.
type display struct {
	id  string
	run int
}

// state is a word for how a job stands.
func state(f future) string {
	select {
	case <-f.Done():
	default:
		return "running"
	}
	switch run := f.Run(); {
	case errors.Is(run.Err, context.Canceled):
		return "cancelled"
	case run.Err != nil:
		return "failed"
	}
	return "done"
}

// A future is a *parallel.Job or a *parallel.Future.
type future interface {
	Done() <-chan struct{}
	Progress() parallel.Progress
	Run() parallel.Run
	Label() string
	Cancel()
}

// asyncType makes the type of a magic that of its handle.
func (i *Interp) asyncType(typ func([]types.TypeAndValue) (*types.Signature, error)) func([]types.TypeAndValue) (*types.Signature, error) {
	return func(args []types.TypeAndValue) (*types.Signature, error) {
		sig, err := typ(args)
		if err != nil {
			return nil, err
		}
		var result types.Type
		if sig.Results().Len() > 0 {
			result = sig.Results().At(0).Type()
		}
		handle, err := i.jobType(result)
		if err != nil {
			return nil, err
		}
		return types.NewSignatureType(nil, nil, nil, sig.Params(), types.NewTuple(types.NewVar(0, nil, "", handle)), false), nil
	}
}

// parallelType is a type of package parallel.
func (i *Interp) parallelType(name string) (types.Type, error) {
	pkg, err := i.checker.Importer.Import(parallelPath)
	if err != nil {
		return nil, fmt.Errorf("package parallel: %w", err)
	}
	return pkg.Scope().Lookup(name).Type(), nil
}

// jobType is the type of a handle on a result of the given type; nil is none.
func (i *Interp) jobType(result types.Type) (types.Type, error) {
	job, err := i.parallelType("Job")
	if err != nil || result == nil {
		return types.NewPointer(job), err
	}
	pkg := job.(*types.Named).Obj().Pkg()
	alias := types.NewAlias(types.NewTypeName(token.NoPos, pkg, "Job", nil), types.NewPointer(job))
	anything := types.Universe.Lookup("any").Type()
	alias.SetTypeParams([]*types.TypeParam{types.NewTypeParam(types.NewTypeName(token.NoPos, pkg, "R", nil), anything)})
	return types.Instantiate(nil, alias, []types.Type{result}, false)
}

// resultType is what a handle of type t is on: nil if it is no handle.
func resultType(t types.Type) types.Type {
	if a, ok := t.(*types.Alias); ok && a.TypeArgs().Len() == 1 && a.Obj().Name() == "Job" {
		return a.TypeArgs().At(0)
	}
	p, ok := types.Unalias(t).(*types.Pointer)
	if !ok {
		return nil
	}
	n, ok := types.Unalias(p.Elem()).(*types.Named)
	if !ok || n.Obj().Pkg() == nil || n.Obj().Pkg().Path() != parallelPath {
		return nil
	}
	switch {
	case n.Obj().Name() == "Future" && n.TypeArgs().Len() == 1:
		return n.TypeArgs().At(0)
	case n.Obj().Name() == "Job":
		return types.Universe.Lookup("any").Type()
	}
	return nil
}

// mappedAsync starts a map in the background.
func (r *run) mappedAsync(call mapCall, f reflect.Value, lists []reflect.Value, opt mapOpt) (any, error) {
	i := r.interp
	var gate *pass
	if i.native == nil {
		gate = r.tier.gate.admit()
		f = r.tier.gated(f, gate)
	}
	ticker := pause.NewTicker(tickEvery)
	opts := append(opt.parallel(), parallel.WithLabel(opt.label), parallel.WithWorkers(r.workersOf(opt)), parallel.WithTicks(ticker.C))
	handle := &parallel.Job{}
	jobCtx, end := context.WithCancel(context.Background())
	begin := func() {
		handle.Future = parallel.Go(func(ctx context.Context, opts ...parallel.Option) (any, error) {
			defer ticker.Stop()
			defer end()
			defer context.AfterFunc(ctx, end)()
			out, err := call(ctx, f, lists, opts...)
			if !out.IsValid() {
				return nil, err
			}
			return out.Interface(), err
		}, opts...)
	}
	if i.native == nil {
		begin()
		go func() { // ends with the job
			<-handle.Done()
			gate.end()
		}()
	} else {
		r.asRun(jobCtx, handle, begin)
	}
	i.addJob(r.cell.Number, handle)
	return handle, nil
}

// asRun begins a job as a run of its own, which ends with it. The magics in the functions
// that it calls are that run's: they go on when the cell has ended, and until ctx has.
func (r *run) asRun(ctx context.Context, handle *parallel.Job, begin func()) {
	i := r.interp
	i.runMu.Lock()
	i.lastID++
	id := i.lastID
	i.jobRuns[id] = &run{interp: i, cell: r.cell, out: r.out, ctx: ctx, id: id, tier: r.tier, marks: r.marks}
	i.runMu.Unlock()
	begun := make(chan struct{})
	started, over := rt.Start(id, func() {
		begin()
		close(begun)
		handle.Drained()
	}, func(any, bool) {})
	<-begun
	go func() { // ends with the job
		defer func() {
			i.runMu.Lock()
			defer i.runMu.Unlock()
			delete(i.jobRuns, id)
		}()
		select {
		case <-handle.Done():
		case <-ctx.Done(): // it may still read its inputs, and not listen
			select {
			case <-handle.Done():
			case <-time.After(stopGrace):
				started.Kill()
				<-handle.Done()
			}
		}
		if state(handle) == "done" {
			<-over
			started.Forget()
			return
		}
		started.Kill()
		select {
		case <-over:
		case <-time.After(stopGrace):
		}
		started.Settle(false)
	}()
}

// addJob notes a job of the cell with a number, and its account when it ends.
func (i *Interp) addJob(cell int, handle *parallel.Job) {
	i.runMu.Lock()
	defer i.runMu.Unlock()
	i.lastJob++
	i.jobs = append(i.jobs, &job{number: i.lastJob, cell: cell, handle: handle, start: time.Now()})
	if over := len(i.jobs) - maxJobs; over > 0 {
		for n, j := range i.jobs {
			if over > 0 && state(j.handle) != "running" {
				i.jobs[n] = nil
				over--
			}
		}
		i.jobs = slices.DeleteFunc(i.jobs, func(j *job) bool { return j == nil })
	}
}

// allJobs are the jobs, oldest first.
func (i *Interp) allJobs() []*job {
	i.runMu.Lock()
	defer i.runMu.Unlock()
	return slices.Clone(i.jobs)
}

// cancelJobs ends the jobs that run.
func (i *Interp) cancelJobs() {
	for _, j := range i.allJobs() {
		j.handle.Cancel()
	}
}

// isFuture says whether a value is a handle, and not a nil one.
func isFuture(v any) (future, bool) {
	f, ok := v.(future)
	if !ok || reflect.ValueOf(v).Kind() == reflect.Pointer && reflect.ValueOf(v).IsNil() {
		return nil, false
	}
	if j, isJob := v.(*parallel.Job); isJob && j.Future == nil {
		return nil, false
	}
	return f, true
}

// running are the jobs that have not ended.
func (i *Interp) running() (list []future) {
	for _, j := range i.allJobs() {
		if state(j.handle) == "running" {
			list = append(list, j.handle)
		}
	}
	return list
}

// stillRunning ends the progress line of a map that no cell waits for.
const stillRunning = " · running in the background"

// futureBundle shows how a future stands, in text of so many columns; 0 is any number.
func futureBundle(f future, columns int) map[string]any {
	now := f.Progress()
	if state(f) == "running" {
		if now.Label == "" {
			now.Label = "map"
		}
		if now.Total == 0 {
			line := now.Label + ": starting in the background"
			return map[string]any{"text/plain": line, "text/html": `<div>` + html.EscapeString(line) + `</div>`}
		}
		return map[string]any{
			"text/plain": plots.ProgressText(now, 40, max(columns-len([]rune(stillRunning)), min(columns, 1))) + stillRunning,
			"text/html":  plots.ProgressHTML(now),
		}
	}
	run := f.Run()
	line := fmt.Sprintf("%s: %s", run.Label, stateLine(f))
	if run.Label == "" {
		line = stateLine(f)
	}
	data := map[string]any{"text/plain": line, "text/html": `<div>` + html.EscapeString(line) + `</div>`}
	if run.Tasks > 1 {
		figure := figureBundle(plots.Timeline(&run, plots.Columns(columns)))
		data["text/plain"] = line + "\n" + fmt.Sprint(figure["text/plain"])
		data["text/html"] = fmt.Sprint(data["text/html"], figure["text/html"])
	}
	return data
}

// stateLine says how a future has ended.
func stateLine(f future) string {
	run := f.Run()
	line := fmt.Sprintf("%s after %s", state(f), roundTime(run.Wall))
	if run.Err != nil && state(f) != "cancelled" {
		line += ": " + printable(run.Err.Error())
	}
	return line
}

// followEvery is how often the display of a future that runs is brought up to date.
const followEvery = 250 * time.Millisecond

// showFuture displays a future, and keeps the display up to date until it has ended. It
// returns what it has displayed first.
func (r *run) showFuture(f future, id string) map[string]any {
	running := state(f) == "running" // then, not when it has been displayed
	columns := r.interp.lineColumns()
	data := futureBundle(f, columns)
	r.emit(session.Event{Kind: session.Display, Data: data, Metadata: map[string]any{}, DisplayID: id, Interim: running})
	if !running {
		return data
	}
	r.interp.noteDisplay(f, display{id, r.id})
	out := r.out
	go func() { // ends with the call
		t := time.NewTicker(followEvery)
		defer t.Stop()
		for running := true; running; {
			select {
			case <-f.Done():
				running = false
			case <-t.C:
			}
			out.Emit(session.Event{Kind: session.Update, Data: futureBundle(f, columns), Metadata: map[string]any{}, DisplayID: id, Interim: running})
		}
	}()
	return data
}

// noteDisplay notes that a job that runs is on show.
func (i *Interp) noteDisplay(f future, d display) {
	i.runMu.Lock()
	defer i.runMu.Unlock()
	for _, j := range i.jobs {
		if future(j.handle) == f {
			j.shown = append(j.shown, d)
		}
	}
}

// showEnds brings the displays of jobs that have ended up to date, on a page, as an update
// of this run: clients that run a notebook to its end take none of a cell before.
func (r *run) showEnds() {
	if !r.cell.HTML || r.cell.Silent {
		return
	}
	i := r.interp
	type update struct {
		f  future
		id string
	}
	var list []update
	i.runMu.Lock()
	for _, j := range i.jobs {
		if len(j.shown) == 0 || state(j.handle) == "running" {
			continue
		}
		j.shown = slices.DeleteFunc(j.shown, func(d display) bool {
			if d.run == r.id { // its own updates come from this run
				return false
			}
			list = append(list, update{j.handle, d.id})
			return true
		})
	}
	i.runMu.Unlock()
	for _, u := range list {
		r.emit(session.Event{Kind: session.Update, Data: futureBundle(u.f, i.lineColumns()), Metadata: map[string]any{}, DisplayID: u.id})
	}
}
