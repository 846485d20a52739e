package interp

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"go/types"
	"html"
	"math"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/adabc437/fanout/interp/pause"
	"github.com/adabc437/fanout/interp/session"
	"github.com/adabc437/fanout/parallel"
	"github.com/adabc437/fanout/plots"
)

// progressWidth is how many columns the bar of a progress line takes in a terminal.
const progressWidth = 24

// progressEvery is the least time between two updates of a progress line.
const progressEvery = 100 * time.Millisecond

// A mapKind is a magic of the map family.
type mapKind struct {
	name, args, short, example string

	flags []Flag
	exprs int // Go arguments behind the flags; -1: two or more
	typ   func(args []types.TypeAndValue) (*types.Signature, error)
	call  mapCall
}

// A mapCall maps f over lists, as functions of package parallel do for values. The
// context is that of the options.
type mapCall func(ctx context.Context, f reflect.Value, lists []reflect.Value, opts ...parallel.Option) (reflect.Value, error)

func mapKinds() []mapKind {
	first := func(call func(context.Context, reflect.Value, reflect.Value, ...parallel.Option) (reflect.Value, error)) mapCall {
		return func(ctx context.Context, f reflect.Value, lists []reflect.Value, opts ...parallel.Option) (reflect.Value, error) {
			return call(ctx, f, lists[0], opts...)
		}
	}
	return []mapKind{{
		name: "pmap", args: "[flags] f xs", short: "Call f on each element of xs, in parallel; the results are in the order of xs.",
		flags: mapFlags(), exprs: 2, typ: pmapType, call: first(parallel.MapValue),
		example: "%pmap isPrime 1000        // f(0) … f(999)\nys := %pmap -w 4 f xs     // a slice of f's results\n%pmap g xs                // where g takes two: g(i, x), index and element; of a map g(k, v)\nh := %pmap -a f xs        // in the background\n%pmap --seed 1 throw 100  // throw(r *rand.Rand, n int): each task has random numbers of its own (math/rand/v2)",
	}, {
		name: "pstarmap", args: "[flags] f tuples | f as bs…", short: "Call f, in parallel, on the values of each tuple (a struct, array or slice), or on the elements of several lists side by side.",
		flags: mapFlags(), exprs: -1, typ: pstarmapType, call: parallel.StarmapValue,
		example: "%pstarmap math.Pow [][2]float64{{2, 3}, {3, 2}}   // 8, 9\nys := %pstarmap f as bs                          // f(as[0], bs[0]), f(as[1], bs[1]), …",
	}, {
		name: "preduce", args: "[flags] f xs", short: "Combine the elements of xs by f, two at a time, in parallel. f(f(a, b), c) must be f(a, f(b, c)).",
		flags: []Flag{flagWorkers, flagChunk, flagAsync, flagOut, flagQuiet, flagLimit, flagLabel}, exprs: 2, typ: preduceType, call: first(parallel.ReduceValue),
		example: "%preduce func(a, b int) int { return a + b } xs\n%preduce math.Max xs",
	}, {
		name: "pfilter", args: "[flags] keep xs", short: "The elements of xs for which keep is true, found in parallel, in their order.",
		flags: []Flag{flagWorkers, flagChunk, flagAsync, flagOut, flagQuiet, flagRetries, flagBackoff, flagTimeout, flagLimit, flagLabel}, exprs: 2, typ: pfilterType, call: first(parallel.FilterValue),
		example: "primes := %pfilter isPrime 1000",
	}}
}

// magic makes a magic of the kind.
func (k mapKind) magic() *Magic {
	m := &Magic{Name: k.name, Args: k.args, Short: k.short, Flags: k.flags, Example: k.example}
	m.Expand = func(x *expansion) error {
		opt, skip, err := x.mapOptions(m)
		if err != nil {
			return err
		}
		args, err := x.argsAt(skip, k.exprs)
		if err == nil && len(args) < 2 {
			err = errors.New("expected a function and at least one list")
		}
		if err != nil {
			return fmt.Errorf("%%%s takes a function and its inputs: %w", k.name, err)
		}
		opt.name(m, x.run.cell.Code[args[0][0]:args[len(args)-1][1]])
		x.mapSite(opt.seedFits(k.typ), inputs, k.call, args, opt, func(r *run, args []any) (any, error) { return r.mapped(k.call, args, opt) })
		return nil
	}
	return m
}

// mapOptions reads the flags of a magic of the map family, and says where its Go
// arguments begin.
func (x *expansion) mapOptions(m *Magic) (mapOpt, int, error) {
	flags, skip, err := m.parseFlags(x.piece.Args)
	if err != nil {
		return mapOpt{}, 0, err
	}
	opt, err := mapOptions(flags)
	if err != nil {
		return opt, 0, err
	}
	if err := x.storable(m, opt); err != nil {
		return opt, 0, err
	}
	if header := x.blockBehind(skip); header != "" {
		return opt, 0, fmt.Errorf("before a block, %%%s and its arguments stand in parentheses: write (%s) {", m.Name, header)
	}
	return opt, skip, nil
}

// storable says that -o is of no use where the result goes elsewhere already.
func (x *expansion) storable(m *Magic, opt mapOpt) error {
	if opt.out != "" && !x.piece.Statement {
		return fmt.Errorf("-o %s stores the result of a %%%s that stands alone; here it is part of an expression already", opt.out, m.Name)
	}
	return nil
}

// mapSite puts in a map: one that sync runs, or in the background call on the inputs that
// it takes.
func (x *expansion) mapSite(
	typ func([]types.TypeAndValue) (*types.Signature, error), take func([]any) (reflect.Value, []reflect.Value, error), call mapCall,
	args [][2]int, opt mapOpt, sync func(*run, []any) (any, error),
) {
	s := x.newSite("__magic_")
	s.typ, s.call = typ, sync
	if opt.async {
		s.typ = x.run.interp.asyncType(typ)
		s.call = func(r *run, args []any) (any, error) {
			f, lists, err := take(args)
			if err != nil {
				return nil, err
			}
			return r.mappedAsync(call, f, lists, opt)
		}
	}
	x.mapExpression(s, args, opt)
}

// mapExpression puts in the call of a map, and the variable that is to have its result.
func (x *expansion) mapExpression(s *site, args [][2]int, opt mapOpt) {
	if opt.out != "" {
		x.src.Mark(x.run.markFile(), x.run.cell.Code, x.piece.Start)
		x.src.Add(opt.out + " := ")
	}
	x.expression(s, args)
}

// name labels a run by its magic and the arguments, if it has no label yet.
func (opt *mapOpt) name(m *Magic, args string) {
	if opt.label == "" {
		opt.label = "%" + m.Name + " " + clip(strings.Join(strings.Fields(args), " "), 60)
	}
}

// tickEvery is how often a map looks to itself.
const tickEvery = 5 * time.Millisecond

// negativeCount says what is wrong with %pmap f -3.
const negativeCount = "a whole number n stands for 0 to n−1, and must not be negative"

// inputs checks the arguments of a map.
func inputs(args []any) (f reflect.Value, lists []reflect.Value, err error) {
	if f = reflect.ValueOf(args[0]); args[0] == nil || f.Kind() != reflect.Func || f.IsNil() {
		return f, nil, errors.New("f is nil; it must be a function")
	}
	for _, xs := range args[1:] {
		v := reflect.ValueOf(xs)
		if v.CanInt() && v.Int() < 0 {
			return f, nil, fmt.Errorf("xs is %d: %s", v.Int(), negativeCount)
		}
		lists = append(lists, v)
	}
	return f, lists, nil
}

// workersOf is the number of workers of a map.
func (r *run) workersOf(opt mapOpt) int {
	if opt.workers > 0 {
		return opt.workers
	}
	return r.interp.workerCount()
}

// mapped runs a map, with a live progress line that turns into the plot.
func (r *run) mapped(call mapCall, args []any, opt mapOpt) (_ any, failure error) {
	f, lists, err := inputs(args)
	if err != nil {
		return nil, err
	}
	record := &parallel.Run{}
	p := &progress{run: r, opt: opt, id: uuid.NewString()}
	opts := []parallel.Option{
		parallel.WithRun(record), parallel.WithLabel(opt.label), parallel.WithWorkers(r.workersOf(opt)),
	}
	ticker := pause.NewTicker(tickEvery) // a timer could wake a task, for what looks for deadlocks
	defer ticker.Stop()
	opts = append(opts, parallel.WithTicks(ticker.C))
	ctx, live := r.interp.newMap(r.ctx, r.cell.Number, parallel.Progress{Label: opt.label, Workers: r.workersOf(opt), Total: lengthOf(lists)})
	defer live.cancel(nil)
	live.begin()
	defer func() { live.end(failure) }()
	opts = append(opts, parallel.WithProgress(progressEvery, func(now parallel.Progress) {
		live.note(now)
		p.report(now)
	}))
	opts = append(opts, opt.parallel()...)
	interrupted := make(chan time.Time, 1)
	stop := context.AfterFunc(r.ctx, func() { interrupted <- time.Now() })
	out, err := call(ctx, f, lists, opts...)
	if !stop() {
		at := <-interrupted
		if r.tier != nil {
			at = r.tier.before(at, record.Start)
		}
		if cutOff(record, at); err == nil {
			err = record.Err
		}
	}
	r.interp.keepRun(record)
	if err == nil || len(record.Records) > 0 || p.shown {
		p.finish(record)
	}
	if err != nil && errors.Is(context.Cause(ctx), errMapCancelled) {
		done := record.Measure().Done
		err = &session.Diagnostic{Name: session.Interrupted, Message: fmt.Sprintf("%s: %d of %d tasks were done", errMapCancelled, done, record.Tasks)}
		return nil, err
	}
	return r.mapResult(record, out, err, opt)
}

// lengthOf is how many tasks a map on lists has, if that is known before it reads them.
func lengthOf(lists []reflect.Value) int {
	if len(lists) == 0 {
		return 0
	}
	switch lists[0].Kind() {
	case reflect.Slice, reflect.Array:
		return lists[0].Len()
	}
	return 0
}

// mapResult shows the table of the tasks that failed, and returns what a map gives.
func (r *run) mapResult(record *parallel.Run, out reflect.Value, err error, opt mapOpt) (any, error) {
	if opt.collect || opt.replace {
		r.showFaults(record, opt)
	}
	var collected *parallel.Errors
	if err != nil && !errors.As(err, &collected) {
		return nil, r.mapError(record, err, opt)
	}
	if !out.IsValid() {
		return nil, nil
	}
	return out.Interface(), nil
}

// cutOff marks as cancelled the tasks that ended after an interrupt: interpreted
// code was stopped in them, and returned zero values.
func cutOff(record *parallel.Run, at time.Time) {
	for i := range record.Records {
		rec := &record.Records[i]
		if rec.Err != nil || !record.Start.Add(rec.Finished).After(at) {
			continue
		}
		rec.Err = context.Canceled
		if record.Err == nil {
			record.Err = context.Canceled
		}
	}
}

// showFaults shows the table of the tasks that failed, or says how many there are: results
// that are missing look like others.
func (r *run) showFaults(record *parallel.Run, opt mapOpt) {
	switch table := r.faultTable(record); {
	case table == nil:
	case !opt.quiet:
		r.emit(session.Event{Kind: session.Display, Data: table, Metadata: map[string]any{}})
	case opt.collect:
		r.emit(session.Event{Kind: session.Stream, Name: "stderr", Text: fmt.Sprintf("%d of %d tasks failed; %%records has the errors\n", record.Measure().Failed, record.Tasks)})
	}
}

// noEnd is what to do where the inputs of a map have no end.
const noEnd = "a map reads all of xs first: a channel has to be closed, and for what has no end there is %pimap"

// mapError says what has ended a map.
func (r *run) mapError(record *parallel.Run, err error, opt mapOpt) error {
	limit := ""
	if opt.limit > 0 {
		limit = fmt.Sprintf(" (--limit %s)", opt.limit)
	}
	var read *parallel.ReadError
	var task *parallel.TaskError
	switch over := errors.Is(err, context.DeadlineExceeded) && r.ctx.Err() == nil; {
	case errors.As(err, &read):
		d := &session.Diagnostic{Name: session.MagicError, Hint: noEnd}
		switch {
		case r.ctx.Err() != nil:
			d.Name, d.Message = session.Interrupted, fmt.Sprintf("the map was interrupted while it read %s, after %s", read.What, count(read.Elements, "element"))
		case over:
			d.Message = fmt.Sprintf("the time of the map%s was over while it read %s, after %s", limit, read.What, count(read.Elements, "element"))
		default:
			d.Message = fmt.Sprintf("the map was cancelled while it read %s, after %s", read.What, count(read.Elements, "element"))
		}
		return d
	case over && !errors.As(err, &task):
		return fmt.Errorf("the time of the map%s was over after %d of %d tasks", limit, record.Measure().Done, record.Tasks)
	}
	return r.taskError(err)
}

// taskError says which task failed, on what, and where in the cells.
func (r *run) taskError(err error) error {
	if errors.Is(err, context.Canceled) && r.ctx.Err() != nil {
		return &session.Diagnostic{Name: session.Interrupted, Message: "the map was interrupted"}
	}
	trace := r.trace()
	var t *parallel.TaskError
	if !errors.As(err, &t) {
		return &session.Diagnostic{Name: session.MagicError, Message: plainError(err)}
	}
	d := &session.Diagnostic{Name: session.TaskError, Message: t.Error()}
	if t.Value != nil {
		d.Message = fmt.Sprintf("task %d failed on input %s: panic: %s", t.Index, t.Input, panicText(t.Value))
	} else if t.Err != nil {
		d.Message = fmt.Sprintf("task %d failed on input %s: %s", t.Index, t.Input, t.Err)
	}
	d.Trace = trace
	if t.Value != nil {
		d.Pos = r.panicAt.Load()
		d.Hint = panicHint(d.Message)
		if frames := r.framesOf(string(t.Stack)); len(frames) > 0 {
			d.Pos, d.Trace = firstPlace(frames), namedFrames(frames)
			pinpoint(d.Pos, d.Message)
		}
	}
	return d
}

// ofWayRE begins the error of a way of a comparison, or of a setting of an experiment.
var ofWayRE = regexp.MustCompile(`^(?:scaling: )?(?:the way "[^"]*"|with [^:]*|one after another): `)

// plainError is an error without the names of packages that users have not called.
func plainError(err error) string {
	text := err.Error()
	if rest := ofWayRE.ReplaceAllString(text, ""); strings.HasPrefix(rest, "parallel: ") {
		text = rest
	}
	return strings.TrimPrefix(strings.TrimPrefix(text, "scaling: "), "parallel: ")
}

// progress shows how far a map has come, through one display id.
type progress struct {
	run   *run
	opt   mapOpt
	id    string
	shown bool
}

func (p *progress) report(now parallel.Progress) {
	if p.opt.quiet || now.Final {
		return
	}
	data := map[string]any{"text/plain": plots.ProgressText(now, progressWidth, p.run.interp.lineColumns())}
	if p.run.cell.HTML {
		data["text/html"] = plots.ProgressHTML(now)
	}
	p.emit(data, map[string]any{}, true)
}

// show puts something in the place of the line for good.
func (p *progress) show(data, meta map[string]any) { p.emit(data, meta, false) }

func (p *progress) emit(data, meta map[string]any, interim bool) {
	kind := session.Update
	if !p.shown {
		kind = session.Display
	}
	p.shown = true
	p.run.emit(session.Event{Kind: kind, Data: data, Metadata: meta, DisplayID: p.id, Interim: interim})
}

// finish turns the line into the plot.
func (p *progress) finish(run *parallel.Run) {
	if p.opt.quiet {
		return
	}
	p.show(p.run.interp.picture(plots.Timeline(run, p.run.interp.columns())))
}

// figureBundle is a figure's MIME bundle with HTML besides, which suits light and dark
// pages: front ends that do not trust a notebook's SVG still show an image made of it.
func figureBundle(f *plots.Figure) map[string]any {
	data := f.MimeBundle()
	data["text/html"] = f.HTML()
	return data
}

// picture is figureBundle with the PNG besides where the cell asks for it, and the size
// to show that at.
func (i *Interp) picture(f *plots.Figure) (data, meta map[string]any) {
	data, meta = figureBundle(f), map[string]any{}
	if i.current().cell.PNG {
		data["image/png"] = base64.StdEncoding.EncodeToString(f.PNG())
		meta["image/png"] = pngSize(f)
	}
	return data, meta
}

// lineColumns is how many columns a line of text may take; 0 is any number.
func (i *Interp) lineColumns() int { return max(i.current().cell.Width-1, 0) }

// columns is the option of figures for how wide the front end's text may be.
func (i *Interp) columns() plots.Option { return plots.Columns(i.lineColumns()) }

// valueColumns is how many columns a value may take before it is spread over lines, beside
// its label; 0 is the default.
func (i *Interp) valueColumns() int {
	w := i.current().cell.Width
	if w <= 0 {
		return 0
	}
	return min(max(w, 60), 160) - len("Out[10]: ")
}

// pngSize is the size to show a figure's PNG at, which has two pixels for each unit.
func pngSize(f *plots.Figure) map[string]any {
	w, h := f.Size()
	return map[string]any{"width": math.Round(w), "height": math.Round(h)}
}

func papplyMagic() *Magic {
	m := &Magic{
		Name: "papply", Args: "[flags] f args…", Short: "Call f once, on a worker of the pool, and show its result.",
		Flags:   []Flag{flagAsync, flagOut, flagQuiet, flagRetries, flagBackoff, flagTimeout, flagOnError, flagLabel},
		Example: "%papply isPrime 1000003\n%papply f(x, 2*x)\nh := %papply -a f x    // in the background",
	}
	m.Expand = func(x *expansion) error {
		opt, skip, err := x.mapOptions(m)
		if err != nil {
			return err
		}
		args, err := x.applyArgs(skip)
		if err == nil && len(args) == 0 {
			err = errors.New("expected Go expressions")
		}
		if err != nil {
			return fmt.Errorf("%%papply takes a function and its arguments: %w", err)
		}
		opt.name(m, x.piece.Args[skip:])
		x.mapSite(papplyType, applyInputs, applyCall, args, opt, func(r *run, args []any) (any, error) { return r.papply(args, opt) })
		return nil
	}
	return m
}

// applyCall is a mapCall of a single call.
func applyCall(ctx context.Context, f reflect.Value, args []reflect.Value, opts ...parallel.Option) (reflect.Value, error) {
	out, err := parallel.ApplyValue(ctx, f, args, opts...)
	if err != nil || len(out) == 0 {
		return reflect.Value{}, err
	}
	return out[0], nil
}

func (r *run) papply(args []any, opt mapOpt) (any, error) {
	f, in, err := applyInputs(args)
	if err != nil {
		return nil, err
	}
	record := &parallel.Run{}
	opts := append(opt.parallel(), parallel.WithRun(record), parallel.WithLabel(opt.label), parallel.WithWorkers(1))
	out, err := applyCall(r.ctx, f, in, opts...)
	r.interp.keepRun(record)
	if err == nil && !opt.quiet {
		p := &progress{run: r, opt: opt, id: uuid.NewString()}
		p.show(map[string]any{
			"text/plain": applyLine(record),
			"text/html":  `<div style="opacity:.75">` + html.EscapeString(applyLine(record)) + `</div>`,
		}, map[string]any{})
	}
	return r.mapResult(record, out, err, opt)
}

// applyInputs checks the arguments of a single call: those that are nil get the types
// of f's parameters.
func applyInputs(args []any) (f reflect.Value, in []reflect.Value, err error) {
	if f = reflect.ValueOf(args[0]); args[0] == nil || f.Kind() != reflect.Func || f.IsNil() {
		return f, nil, errors.New("f is nil; it must be a function")
	}
	for n, a := range args[1:] {
		v := reflect.ValueOf(a)
		if !v.IsValid() {
			if f.Type().In(0) == reflect.TypeFor[context.Context]() {
				n++
			}
			t := f.Type().In(min(n, f.Type().NumIn()-1))
			if f.Type().IsVariadic() && n >= f.Type().NumIn()-1 {
				t = t.Elem()
			}
			v = reflect.Zero(t)
		}
		in = append(in, v)
	}
	return f, in, nil
}

// applyLine says in a line what a single call took.
func applyLine(run *parallel.Run) string {
	var busy time.Duration
	if len(run.Records) > 0 {
		busy = run.Records[0].Busy()
	}
	return fmt.Sprintf("%s: %s on a worker, %s with hand-over", run.Label, roundTime(busy), roundTime(run.Wall))
}

func workersMagic() *Magic {
	return &Magic{
		Name: "workers", Args: "[N]", Short: "Show or set the number of workers of parallel maps; 0 is one per core.",
		Line: func(r *run, args string) error {
			i := r.interp
			if args != "" {
				n, err := strconv.Atoi(args)
				if err != nil || n < 0 || n > maxWorkers {
					return fmt.Errorf("%%workers takes a number from 0 to %d, not %q", maxWorkers, args)
				}
				i.runMu.Lock()
				i.workers = n
				i.runMu.Unlock()
				r.setting("%workers", "%workers "+args)
			}
			r.print(fmt.Sprintf("%d workers\n", i.workerCount()))
			return nil
		},
	}
}

// workerCount is the number of workers of this session's maps.
func (i *Interp) workerCount() int {
	i.runMu.Lock()
	defer i.runMu.Unlock()
	if i.workers > 0 {
		return i.workers
	}
	return parallel.Default().Workers()
}
