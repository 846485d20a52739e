package interp

import (
	"context"
	"errors"
	"fmt"
	"go/token"
	"go/types"
	"html"
	"reflect"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/adabc437/fanout/interp/check"
	"github.com/adabc437/fanout/interp/rich"
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
	handle *parallel.Job
	start  time.Time
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
	ticks, end := pausing(tickEvery)
	opts := append(opt.parallel(), parallel.WithLabel(opt.label), parallel.WithWorkers(r.workersOf(opt)), parallel.WithTicks(ticks))
	handle := &parallel.Job{}
	begin := func() {
		handle.Future = parallel.Go(func(ctx context.Context, opts ...parallel.Option) (any, error) {
			defer end()
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
		r.asRun(handle, begin)
	}
	i.addJob(handle)
	return handle, nil
}

// asRun begins a job as a run of its own, which ends with it.
func (r *run) asRun(handle *parallel.Job, begin func()) {
	i := r.interp
	i.runMu.Lock()
	i.lastID++
	id := i.lastID
	i.runMu.Unlock()
	begun := make(chan struct{})
	started, over := rt.Start(id, func() {
		begin()
		close(begun)
		handle.Drained()
	}, func(any, bool) {})
	<-begun
	go func() { // ends with the job
		<-handle.Done()
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

// addJob notes a job, and its account when it ends.
func (i *Interp) addJob(handle *parallel.Job) {
	i.runMu.Lock()
	defer i.runMu.Unlock()
	i.lastJob++
	i.jobs = append(i.jobs, &job{number: i.lastJob, handle: handle, start: time.Now()})
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

// A gate keeps tasks of jobs from running interpreted code while a cell is loaded, which
// changes the interpreter.
type gate struct {
	mu      sync.Mutex
	changed chan struct{} // closed and made anew when something changes
	closed  bool
	passes  map[*pass]bool // of the jobs that run
}

// A pass lets the tasks of a job through the gate, and counts those that run.
type pass struct {
	gate  *gate
	tasks int
	over  bool // the job has ended; its end may have abandoned tasks
}

func (g *gate) change() {
	if g.changed != nil {
		close(g.changed)
	}
	g.changed = make(chan struct{})
}

// admit gives a job its pass.
func (g *gate) admit() *pass {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.passes == nil {
		g.passes = map[*pass]bool{}
	}
	p := &pass{gate: g}
	g.passes[p] = true
	return p
}

// enter waits until the gate is open and counts a task in. leave counts it out. A task
// of a job that has ended meanwhile ends here.
func (p *pass) enter() (leave func()) {
	g := p.gate
	g.mu.Lock()
	defer g.mu.Unlock()
	for g.closed {
		changed := g.changed
		g.mu.Unlock()
		<-changed
		g.mu.Lock()
	}
	if p.over {
		runtime.Goexit()
	}
	p.tasks++
	return func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		if p.tasks--; p.over && p.tasks == 0 {
			delete(g.passes, p)
		}
		g.change()
	}
}

// end notes that a job has ended.
func (p *pass) end() {
	g := p.gate
	g.mu.Lock()
	defer g.mu.Unlock()
	if p.over = true; p.tasks == 0 {
		delete(g.passes, p)
	}
	g.change()
}

// abandoned says whether tasks run that the end of their job has abandoned.
func (g *gate) abandoned() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	for p := range g.passes {
		if p.over {
			return true
		}
	}
	return false
}

// forget forgets the tasks that have been abandoned: they are stopped.
func (g *gate) forget() {
	g.mu.Lock()
	defer g.mu.Unlock()
	for p := range g.passes {
		if p.over {
			delete(g.passes, p)
		}
	}
	g.change()
}

// running says whether tasks run. The caller holds g.mu.
func (g *gate) running() bool {
	for p := range g.passes {
		if p.tasks > 0 {
			return true
		}
	}
	return false
}

// close keeps tasks out, and waits until none runs; slow is called if that takes long.
func (g *gate) close(ctx context.Context, slow func()) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed = true; g.changed == nil {
		g.change()
	}
	late := time.NewTimer(time.Second)
	defer late.Stop()
	for g.running() {
		changed := g.changed
		g.mu.Unlock()
		select {
		case <-changed:
		case <-late.C:
			slow()
		case <-ctx.Done():
		}
		g.mu.Lock()
		if ctx.Err() != nil {
			g.closed = false
			g.change()
			return ctx.Err()
		}
	}
	return nil
}

// open lets tasks in again.
func (g *gate) open() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.closed = false
	g.change()
}

// gated is an interpreted function that passes the gate at each call. Of a call that was
// stopped, which returns zero values, it ends the goroutine.
func (t *interpreted) gated(f reflect.Value, p *pass) reflect.Value {
	return reflect.MakeFunc(f.Type(), func(args []reflect.Value) (out []reflect.Value) {
		defer p.enter()()
		token := t.begun(t.started())
		defer t.ended(token)
		before := t.lastStop()
		if f.Type().IsVariadic() {
			out = f.CallSlice(args)
		} else {
			out = f.Call(args)
		}
		if t.lastStop() != before {
			runtime.Goexit()
		}
		return out
	})
}

// keepRun keeps the account of the latest map, for %timeline.
func (i *Interp) keepRun(run *parallel.Run) {
	i.runMu.Lock()
	defer i.runMu.Unlock()
	i.latestRun = run
}

// futureBundle shows how a future stands.
func futureBundle(f future) map[string]any {
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
			"text/plain": plots.ProgressText(now, 40) + " · running in the background",
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
		figure := figureBundle(plots.Timeline(&run))
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
		line += ": " + run.Err.Error()
	}
	return line
}

// followEvery is how often the display of a future that runs is brought up to date.
const followEvery = 250 * time.Millisecond

// showFuture displays a future, and keeps the display up to date until it has ended.
func (r *run) showFuture(f future, id string) {
	r.emit(session.Event{Kind: session.Display, Data: futureBundle(f), Metadata: map[string]any{}, DisplayID: id})
	if state(f) != "running" {
		return
	}
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
			out.Emit(session.Event{Kind: session.Update, Data: futureBundle(f), Metadata: map[string]any{}, DisplayID: id})
		}
	}()
}

// await waits for futures, with a progress line for the first that runs. It returns false
// when the time is over before that.
func (r *run) await(list []future, limit time.Duration, quiet bool) (bool, error) {
	ctx := r.ctx
	if limit > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, limit)
		defer cancel()
	}
	ticks, end := pausing(progressEvery)
	defer end()
	p := &progress{run: r, opt: mapOpt{quiet: quiet}, id: uuid.NewString()}
	for _, f := range list {
		for running := true; running; {
			select {
			case <-f.Done():
				running = false
			case <-ticks:
				p.report(f.Progress())
			case <-ctx.Done():
				if r.ctx.Err() != nil {
					r.emit(session.Event{Kind: session.Stream, Name: "stderr", Text: f.Label() + " goes on in the background; %pcancel ends it\n"})
					return false, &session.Diagnostic{Name: session.Interrupted, Message: "interrupted while it waited"}
				}
				return false, nil
			}
		}
	}
	if p.shown {
		p.show(map[string]any{"text/plain": "", "text/html": ""})
	}
	return true, nil
}

// futures are the handles among the arguments of a magic.
func futures(magic string, args []any) ([]future, error) {
	var list []future
	for n, a := range args {
		f, ok := isFuture(a)
		if !ok {
			return nil, fmt.Errorf("argument %d of %s is no handle: %%pmap -a gives one", n+1, magic)
		}
		list = append(list, f)
	}
	return list, nil
}

// handlesType is the type of a magic that takes handles, and gives nothing.
func handlesType(magic string) func(args []types.TypeAndValue) (*types.Signature, error) {
	return func(args []types.TypeAndValue) (*types.Signature, error) {
		var params []*types.Var
		for n, a := range args {
			if resultType(a.Type) == nil && !types.IsInterface(a.Type) {
				return nil, &check.ArgError{Arg: n, Err: fmt.Errorf("%s takes handles, as %%pmap -a gives them, but this is %s", magic, article(typeString(types.Default(a.Type))))}
			}
			params = append(params, types.NewVar(0, nil, "", types.Default(a.Type)))
		}
		return types.NewSignatureType(nil, nil, nil, types.NewTuple(params...), nil, false), nil
	}
}

// handleMagic makes a magic that takes handles.
func handleMagic(m *Magic, do func(r *run, f flagSet, list []future) error) *Magic {
	m.Expand = func(x *expansion) error {
		flags, skip, err := m.parseFlags(x.piece.Args)
		if err != nil {
			return err
		}
		args, err := x.argsAt(skip, -1)
		if err != nil {
			return fmt.Errorf("%%%s takes handles: %w", m.Name, err)
		}
		s := x.newSite("__magic_")
		s.typ = handlesType("%" + m.Name)
		s.call = func(r *run, args []any) (any, error) {
			list, err := futures("%"+m.Name, args)
			if err != nil {
				return nil, err
			}
			return nil, do(r, flags, list)
		}
		x.expression(s, args)
		return nil
	}
	return m
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

func pwaitMagic() *Magic {
	return handleMagic(&Magic{
		Name: "pwait", Args: "[flags] [handle…]", Short: "Wait for maps in the background: for all, or those of the handles.",
		Flags: []Flag{
			{"", "--timeout", "TIME", "wait that long at most, 5s say, and say what still runs"},
			flagQuiet,
		},
		Example: "h := %pmap -a f xs\n%pwait h",
	}, func(r *run, flags flagSet, list []future) error {
		limit, err := flags.duration("timeout")
		if err != nil {
			return err
		}
		if len(list) == 0 {
			list = r.interp.running()
		}
		if over, err := r.await(list, limit, flags.has("quiet")); over || err != nil {
			return err
		}
		left := 0
		for _, f := range list {
			if state(f) == "running" {
				left++
			}
		}
		r.print(fmt.Sprintf("%d of %d still running after %s\n", left, len(list), limit))
		return nil
	})
}

func pcancelMagic() *Magic {
	return handleMagic(&Magic{
		Name: "pcancel", Args: "[--all] [handle…]", Short: "End maps in the background; what they have done is kept: see Partial of the handle.",
		Flags:   []Flag{{"", "--all", "", "end all that run"}},
		Example: "h := %pmap -a f xs\n%pcancel h",
	}, func(r *run, flags flagSet, list []future) error {
		running := r.interp.running()
		switch {
		case flags.has("all"):
			list = append(list, running...)
		case len(list) == 0 && len(running) == 1:
			list = running
		case len(list) == 0 && len(running) > 1:
			return fmt.Errorf("%d maps run: say which with its handle, or --all; %%pstatus lists them", len(running))
		}
		if len(list) == 0 {
			r.print("nothing runs in the background\n")
		}
		for _, f := range list {
			was := state(f)
			f.Cancel()
			select {
			case <-f.Done():
			case <-r.ctx.Done():
				return nil
			}
			if was != "running" {
				r.print(fmt.Sprintf("%s: %s already\n", f.Label(), was))
				continue
			}
			run := f.Run()
			r.print(fmt.Sprintf("%s: cancelled with %d of %d tasks done\n", f.Label(), run.Measure().Done, run.Tasks))
		}
		return nil
	})
}

func pstatusMagic() *Magic {
	return handleMagic(&Magic{
		Name: "pstatus", Args: "[handle…]", Short: "How maps in the background stand: all of this session, or those of the handles.",
		Example: "h := %pmap -a f xs\n%pstatus",
	}, func(r *run, _ flagSet, list []future) error {
		if len(list) > 0 {
			for _, f := range list {
				r.showFuture(f, uuid.NewString())
			}
			return nil
		}
		jobs := r.interp.allJobs()
		if len(jobs) == 0 {
			r.print("no maps in the background yet; %pmap -a starts one\n")
			return nil
		}
		var rows [][]string
		for _, j := range jobs {
			now := j.handle.Progress()
			took := now.Elapsed
			if took == 0 {
				took = time.Since(j.start)
			}
			rows = append(rows, []string{strconv.Itoa(j.number), clip(j.handle.Label(), 40), state(j.handle), fmt.Sprintf("%d of %d", now.Done, now.Total), strconv.Itoa(now.Failed), fmt.Sprint(roundTime(took))})
		}
		r.emit(session.Event{Kind: session.Display, Data: rich.Table("", []string{"map", "state", "done", "failed", "time"}, rows, 100), Metadata: map[string]any{}})
		return nil
	})
}

func presultMagic() *Magic {
	m := &Magic{
		Name: "presult", Args: "[flags] [handle]", Short: "Wait for a map in the background and give its result: of the handle, or of the latest.",
		Flags:   []Flag{flagOut, flagQuiet},
		Example: "h := %pmap -a f xs\nys := %presult h",
	}
	m.Expand = func(x *expansion) error {
		opt, skip, err := x.mapOptions(m)
		if err != nil {
			return err
		}
		args, err := x.argsAt(skip, -1)
		if err != nil || len(args) > 1 {
			return fmt.Errorf("%%presult takes one handle: %w", errors.Join(err, fmt.Errorf("found %d", len(args))))
		}
		s := x.newSite("__magic_")
		s.typ = func(args []types.TypeAndValue) (*types.Signature, error) {
			result := types.Universe.Lookup("any").Type()
			sig, err := handlesType("%presult")(args)
			if err != nil {
				return nil, err
			}
			if len(args) == 1 {
				if t := resultType(args[0].Type); t != nil {
					result = t
				}
			}
			return types.NewSignatureType(nil, nil, nil, sig.Params(), types.NewTuple(types.NewVar(0, nil, "", result)), false), nil
		}
		s.call = func(r *run, args []any) (any, error) { return r.presult(args, opt) }
		x.mapExpression(s, args, opt)
		return nil
	}
	return m
}

func (r *run) presult(args []any, opt mapOpt) (any, error) {
	list, err := futures("%presult", args)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		jobs := r.interp.allJobs()
		if len(jobs) == 0 {
			return nil, errors.New("there is no map in the background yet; %pmap -a starts one")
		}
		list = []future{jobs[len(jobs)-1].handle}
	}
	if _, err := r.await(list, 0, opt.quiet); err != nil {
		return nil, err
	}
	record := list[0].Run()
	r.interp.keepRun(&record)
	if !opt.quiet && record.Tasks > 1 {
		p := &progress{run: r, id: uuid.NewString()}
		p.finish(&record)
	}
	out := reflect.ValueOf(list[0]).MethodByName("Get").Call(nil)
	err, _ = out[1].Interface().(error)
	if errors.Is(err, context.Canceled) && r.ctx.Err() == nil {
		return nil, &session.Diagnostic{
			Name: session.TaskError, Message: fmt.Sprintf("%s was cancelled with %d of %d tasks done", list[0].Label(), record.Measure().Done, record.Tasks),
			Hint: "what is done is in the first result of the handle's Partial()",
		}
	}
	opt.collect = true // its faults are shown, if there are any
	return r.mapResult(&record, out[0], err, opt)
}
