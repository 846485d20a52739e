package interp

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"html"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/adabc437/fanout/interp/pause"
	"github.com/adabc437/fanout/interp/session"
	"github.com/adabc437/fanout/parallel"
	"github.com/adabc437/fanout/plots"
)

// progressEvery is the least time between two updates of a progress line.
const progressEvery = 100 * time.Millisecond

func pmapMagic() *Magic {
	m := &Magic{
		Name: "pmap", Args: "[flags] f xs", Short: "Call f on each element of xs, in parallel; the results are in the order of xs.",
		Flags: []Flag{
			{"-w", "--workers", "N", "use N workers in place of the session's; 0 is one per core"},
			{"-c", "--chunk", "N", "hand out N tasks at a time; without it, the size is measured"},
			{"-q", "--quiet", "", "show no progress and no plot"},
			{"", "--label", "NAME", "name the run in its plot"},
			{"", "--retries", "N", "try a task that fails up to N times more"},
			{"", "--backoff", "TIME", "wait before that, 100ms say, and each time twice as long"},
			{"", "--timeout", "TIME", "give each task that long, 5s say; one that takes longer has failed"},
			{"", "--on-error", "WHAT", "stop (as without it), collect (run all, list the failures), or a value in the place of a failed result"},
		},
		Example: "%pmap isPrime 1000        // f(0) … f(999)\nys := %pmap -w 4 f xs     // a slice of f's results\n%pmap g xs                // where g takes two: g(i, x), index and element; of a map g(k, v)",
	}
	m.Expand = func(x *expansion) error {
		flags, skip, err := m.parseFlags(x.piece.Args)
		if err != nil {
			return err
		}
		opt, err := mapOptions(flags)
		if err != nil {
			return err
		}
		if header := x.blockBehind(skip); header != "" {
			return fmt.Errorf("before a block, %%pmap and its arguments stand in parentheses: write (%s) {", header)
		}
		args, err := x.argsAt(skip, 2)
		if err != nil {
			return fmt.Errorf("%%pmap takes a function and its inputs: %w", err)
		}
		if opt.label == "" {
			opt.label = "%pmap " + clip(strings.Join(strings.Fields(x.run.cell.Code[args[0][0]:args[1][1]]), " "), 60)
		}
		s := x.newSite("__magic_")
		s.typ = pmapType
		s.call = func(r *run, args []any) (any, error) { return r.pmap(args[0], args[1], opt) }
		x.expression(s, args)
		return nil
	}
	return m
}

// tickEvery is how often a map looks to itself.
const tickEvery = 5 * time.Millisecond

// mapOpt are the flags that the map magics share.
type mapOpt struct {
	workers, chunk int
	quiet          bool
	label          string
	retry          parallel.Retry
	timeout        time.Duration
	collect        bool
	replace        bool
	replacement    any
}

// faultOptions reads the flags that say what becomes of tasks that fail.
func (opt *mapOpt) faultOptions(f flagSet) error {
	span := func(name string) (time.Duration, error) {
		if !f.has(name) {
			return 0, nil
		}
		d, err := time.ParseDuration(f[name])
		if err != nil || d <= 0 {
			return 0, fmt.Errorf("--%s takes a time with its unit, as 250ms or 5s, not %q", name, f[name])
		}
		return d, nil
	}
	var err error
	if opt.retry.Backoff, err = span("backoff"); err != nil {
		return err
	}
	if opt.timeout, err = span("timeout"); err != nil {
		return err
	}
	if f.has("retries") {
		n, err := strconv.Atoi(f["retries"])
		if err != nil || n < 0 {
			return fmt.Errorf("--retries takes a whole number from 0 up, not %q", f["retries"])
		}
		opt.retry.Attempts = 1 + n
	} else if f.has("backoff") {
		return errors.New("--backoff is for retries: say how many with --retries N")
	}
	switch what := f["on-error"]; {
	case !f.has("on-error") || what == "stop":
	case what == "collect":
		opt.collect = true
	default:
		v, ok := literal(f["raw on-error"])
		if !ok {
			return fmt.Errorf("--on-error takes stop, collect, or a number, string, true, false or nil to put in the place of a failed result, not %q", what)
		}
		opt.replace, opt.replacement = true, v
	}
	return nil
}

// literal reads a value as Go writes it.
func literal(text string) (any, bool) {
	switch text {
	case "nil":
		return nil, true
	case "true", "false":
		return text == "true", true
	case "NaN":
		return math.NaN(), true
	}
	if n, err := strconv.Atoi(text); err == nil {
		return n, true
	}
	if x, err := strconv.ParseFloat(text, 64); err == nil {
		return x, true
	}
	s, err := strconv.Unquote(text)
	return s, err == nil
}

// parallel gives the options as package parallel takes them.
func (opt *mapOpt) parallel() (opts []parallel.Option) {
	if opt.chunk > 0 {
		opts = append(opts, parallel.WithChunk(opt.chunk))
	}
	if opt.retry.Attempts > 1 {
		opts = append(opts, parallel.WithRetry(opt.retry))
	}
	if opt.timeout > 0 {
		opts = append(opts, parallel.WithTaskTimeout(opt.timeout))
	}
	if opt.collect {
		opts = append(opts, parallel.WithCollect())
	}
	if opt.replace {
		opts = append(opts, parallel.WithReplacement(opt.replacement))
	}
	return opts
}

func mapOptions(f flagSet) (mapOpt, error) {
	opt := mapOpt{quiet: f.has("quiet"), label: f["label"]}
	if f.has("workers") {
		n, err := strconv.Atoi(f["workers"])
		if err != nil || n < 0 || n > maxWorkers {
			return opt, fmt.Errorf("--workers takes a whole number from 0 (one per core) to %d, not %q", maxWorkers, f["workers"])
		}
		if opt.workers = n; n == 0 {
			opt.workers = parallel.Default().Workers()
		}
	}
	if f.has("chunk") {
		n, err := strconv.Atoi(f["chunk"])
		if err != nil || n < 1 {
			return opt, fmt.Errorf("--chunk takes a whole number from 1 up, not %q", f["chunk"])
		}
		opt.chunk = n
	}
	return opt, opt.faultOptions(f)
}

// maxWorkers bounds the workers that a user can ask for.
const maxWorkers = 10000

// negativeCount says what is wrong with %pmap f -3.
const negativeCount = "a whole number n stands for 0 to n−1, and must not be negative"

// pmap runs a map, with a live progress line that turns into the plot.
func (r *run) pmap(f, xs any, opt mapOpt) (any, error) {
	workers := opt.workers
	if workers == 0 {
		workers = r.interp.workerCount()
	}
	record := &parallel.Run{}
	p := &progress{run: r, opt: opt, id: uuid.NewString()}
	opts := []parallel.Option{
		parallel.WithRun(record), parallel.WithLabel(opt.label), parallel.WithWorkers(workers),
	}
	ticks, end := pausing(tickEvery)
	defer end()
	opts = append(opts, parallel.WithTicks(ticks))
	if !opt.quiet {
		opts = append(opts, parallel.WithProgress(progressEvery, p.report))
	}
	opts = append(opts, opt.parallel()...)
	if f == nil || reflect.ValueOf(f).Kind() != reflect.Func || reflect.ValueOf(f).IsNil() {
		return nil, errors.New("f is nil; it must be a function")
	}
	if n := reflect.ValueOf(xs); n.CanInt() && n.Int() < 0 {
		return nil, fmt.Errorf("xs is %d: %s", n.Int(), negativeCount)
	}
	interrupted := make(chan time.Time, 1)
	stop := context.AfterFunc(r.ctx, func() { interrupted <- time.Now() })
	out, err := parallel.MapValue(r.ctx, reflect.ValueOf(f), reflect.ValueOf(xs), opts...)
	if !stop() {
		at := <-interrupted
		if r.tier != nil {
			at = r.tier.before(at, record.Start)
		}
		if cutOff(record, at); err == nil {
			err = record.Err
		}
	}
	if err == nil || len(record.Records) > 0 || p.shown {
		p.finish(record)
	}
	if table := r.faultTable(record); table != nil && (opt.collect || opt.replace) && !opt.quiet {
		r.emit(session.Event{Kind: session.Display, Data: table, Metadata: map[string]any{}})
	}
	var collected *parallel.Errors
	if err != nil && !errors.As(err, &collected) {
		return nil, r.taskError(err)
	}
	if !out.IsValid() {
		return nil, nil
	}
	return out.Interface(), nil
}

// pausing gives the time again and again, and needs no timer, which what looks for
// deadlocks would take for something that may wake a task.
func pausing(every time.Duration) (ticks <-chan time.Time, end func()) {
	ch := make(chan time.Time)
	over := make(chan struct{})
	go func() {
		for {
			pause.For(every)
			select {
			case <-over:
				return
			case ch <- time.Now():
			}
		}
	}()
	return ch, func() { close(over) }
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

// taskError says which task failed, on what, and where in the cells.
func (r *run) taskError(err error) error {
	if errors.Is(err, context.Canceled) && r.ctx.Err() != nil {
		return &session.Diagnostic{Name: session.Interrupted, Message: "the map was interrupted"}
	}
	trace := r.trace()
	var t *parallel.TaskError
	if !errors.As(err, &t) {
		return &session.Diagnostic{Name: session.MagicError, Message: strings.TrimPrefix(err.Error(), "parallel: ")}
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
		}
	}
	return d
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
	data := map[string]any{"text/plain": plots.ProgressText(now, 80)}
	if p.run.cell.HTML {
		data["text/html"] = plots.ProgressHTML(now)
	}
	p.show(data)
}

func (p *progress) show(data map[string]any) {
	kind := session.Update
	if !p.shown {
		kind = session.Display
	}
	p.shown = true
	p.run.emit(session.Event{Kind: kind, Data: data, Metadata: map[string]any{}, DisplayID: p.id})
}

// finish turns the line into the plot.
func (p *progress) finish(run *parallel.Run) {
	if p.opt.quiet {
		return
	}
	p.show(figureBundle(plots.Timeline(run)))
}

// figureBundle is a figure's MIME bundle with the picture as HTML besides: front
// ends that do not trust a notebook's SVG still show an image made of it.
func figureBundle(f *plots.Figure) map[string]any {
	data := f.MimeBundle()
	lines := strings.Split(strings.TrimSpace(f.Text()), "\n")
	data["text/html"] = fmt.Sprintf(`<img style="max-width:100%%" alt="%s" src="data:image/svg+xml;base64,%s">`,
		html.EscapeString(lines[0]+". "+lines[len(lines)-1]), base64.StdEncoding.EncodeToString([]byte(f.SVG())))
	return data
}

func papplyMagic() *Magic {
	m := &Magic{
		Name: "papply", Args: "[flags] f args…", Short: "Call f once, on a worker of the pool, and show its result.",
		Flags:   []Flag{{"-q", "--quiet", "", "show no plot"}, {"", "--label", "NAME", "name the run in its plot"}},
		Example: "%papply isPrime 1000003\n%papply f(x, 2*x)",
	}
	m.Expand = func(x *expansion) error {
		flags, skip, err := m.parseFlags(x.piece.Args)
		if err != nil {
			return err
		}
		opt, err := mapOptions(flags)
		if err != nil {
			return err
		}
		args, err := x.applyArgs(skip)
		if err != nil {
			return fmt.Errorf("%%papply takes a function and its arguments: %w", err)
		}
		if len(args) == 0 {
			return errors.New("%papply takes a function and its arguments")
		}
		if opt.label == "" {
			opt.label = "%papply " + clip(strings.Join(strings.Fields(x.piece.Args[skip:]), " "), 60)
		}
		s := x.newSite("__magic_")
		s.typ = papplyType
		s.call = func(r *run, args []any) (any, error) { return r.papply(args, opt) }
		x.expression(s, args)
		return nil
	}
	return m
}

func (r *run) papply(args []any, opt mapOpt) (any, error) {
	f := reflect.ValueOf(args[0])
	if f.Kind() != reflect.Func || f.IsNil() {
		return nil, errors.New("f is nil; it must be a function")
	}
	var in []reflect.Value
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
	record := &parallel.Run{}
	out, err := parallel.ApplyValue(r.ctx, f, in, parallel.WithRun(record), parallel.WithLabel(opt.label), parallel.WithWorkers(1))
	if err != nil {
		return nil, r.taskError(err)
	}
	if !opt.quiet {
		p := &progress{run: r, opt: opt, id: uuid.NewString()}
		p.show(map[string]any{
			"text/plain": applyLine(record),
			"text/html":  `<div style="opacity:.75">` + html.EscapeString(applyLine(record)) + `</div>`,
		})
	}
	if len(out) == 0 {
		return nil, nil
	}
	return out[0].Interface(), nil
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
