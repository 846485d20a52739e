package interp

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"go/types"
	"html"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/adabc437/fanout/interp/check"
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
			{"-w", "--workers", "N", "use N workers in place of the session's"},
			{"-c", "--chunk", "N", "hand out N tasks at a time; without it, the size is measured"},
			{"-q", "--quiet", "", "show no progress and no plot"},
			{"", "--label", "NAME", "name the run in its plot"},
		},
		Example: "%pmap isPrime 1000        // f(0) … f(999)\nys := %pmap -w 4 f xs     // a slice of f's results",
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

// mapOpt are the flags that the map magics share.
type mapOpt struct {
	workers, chunk int
	quiet          bool
	label          string
}

func mapOptions(f flagSet) (mapOpt, error) {
	opt := mapOpt{quiet: f.has("quiet"), label: f["label"]}
	for name, to := range map[string]*int{"workers": &opt.workers, "chunk": &opt.chunk} {
		if !f.has(name) {
			continue
		}
		n, err := strconv.Atoi(f[name])
		if err != nil || n < 1 || n > maxWorkers && name == "workers" {
			return opt, fmt.Errorf("--%s takes a whole number from 1 up, not %q", name, f[name])
		}
		*to = n
	}
	return opt, nil
}

// maxWorkers bounds the workers that a user can ask for.
const maxWorkers = 10000

// pmapType is the type of %pmap f xs: []R where f returns R.
func pmapType(args []types.TypeAndValue) (*types.Signature, error) {
	f, ok := args[0].Type.Underlying().(*types.Signature)
	if !ok || args[0].IsType() {
		return nil, &check.ArgError{Arg: 0, Err: fmt.Errorf("the first argument of %%pmap must be a function, but its type is %s", typeString(types.Default(args[0].Type)))}
	}
	if f.TypeParams().Len() > 0 {
		return nil, &check.ArgError{Err: errors.New("f is generic: say for which types, as in f[int]")}
	}
	if err := elementsFit(f, args[1]); err != nil {
		return nil, err
	}
	var results []*types.Var
	n := f.Results().Len()
	if n > 0 && isError(f.Results().At(n-1).Type()) {
		n--
	}
	if n > 1 {
		return nil, fmt.Errorf("f returns %d values; %%pmap takes a function that returns one, or one and an error", f.Results().Len())
	}
	if n == 1 {
		results = append(results, types.NewVar(0, nil, "", types.NewSlice(f.Results().At(0).Type())))
	}
	params := types.NewTuple(types.NewVar(0, nil, "f", args[0].Type), types.NewVar(0, nil, "xs", types.Default(args[1].Type)))
	return types.NewSignatureType(nil, nil, nil, params, types.NewTuple(results...), false), nil
}

// elementsFit says what is wrong with f and xs before anything runs, where their
// static types show it; MapValue looks at the values.
func elementsFit(f *types.Signature, xs types.TypeAndValue) error {
	elems, ok := elements(types.Default(xs.Type))
	if !ok {
		return &check.ArgError{Arg: 1, Err: fmt.Errorf("the second argument of %%pmap must be a slice, array, map, string, channel, iterator or whole number, but its type is %s", typeString(types.Default(xs.Type)))}
	}
	params := f.Params().Len()
	if params > 0 && f.Params().At(0).Type().String() == "context.Context" {
		params--
	}
	if params < 1 || params > 2 || params == 2 && len(elems) < 2 {
		return &check.ArgError{Err: fmt.Errorf("f takes %s; %%pmap calls it with one element of %s", count(params, "argument"), typeString(types.Default(xs.Type)))}
	}
	last := f.Params().At(f.Params().Len() - 1).Type()
	e := elems[len(elems)-1]
	if types.AssignableTo(e, last) || types.ConvertibleTo(e, last) && (isNumeric(e) && isNumeric(last) || types.Identical(e.Underlying(), last.Underlying())) {
		return nil
	}
	if _, dynamic := e.Underlying().(*types.Interface); dynamic || f.Variadic() {
		return nil
	}
	return &check.ArgError{Arg: 1, Err: fmt.Errorf("f takes a %s, but the elements of %s are %s", typeString(last), typeString(types.Default(xs.Type)), typeString(e))}
}

// count is 1 argument, 2 arguments.
func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}

// elements are the types of k, v in for k, v := range t.
func elements(t types.Type) ([]types.Type, bool) {
	integer := types.Typ[types.Int]
	switch u := t.Underlying().(type) {
	case *types.Slice:
		return []types.Type{integer, u.Elem()}, true
	case *types.Array:
		return []types.Type{integer, u.Elem()}, true
	case *types.Pointer:
		if a, ok := u.Elem().Underlying().(*types.Array); ok {
			return []types.Type{integer, a.Elem()}, true
		}
	case *types.Map:
		return []types.Type{u.Key(), u.Elem()}, true
	case *types.Chan:
		return []types.Type{u.Elem()}, true
	case *types.Interface:
		return []types.Type{t, t}, true
	case *types.Basic:
		if u.Info()&types.IsInteger != 0 {
			return []types.Type{t}, true
		}
		if u.Info()&types.IsString != 0 {
			return []types.Type{integer, types.Typ[types.Rune]}, true
		}
	case *types.Signature:
		if u.Params().Len() == 1 {
			if yield, ok := u.Params().At(0).Type().Underlying().(*types.Signature); ok && yield.Params().Len() > 0 {
				var list []types.Type
				for v := range yield.Params().Variables() {
					list = append(list, v.Type())
				}
				return list, true
			}
		}
	}
	return nil, false
}

func isNumeric(t types.Type) bool {
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&types.IsNumeric != 0
}

func isError(t types.Type) bool {
	return types.Identical(t, types.Universe.Lookup("error").Type())
}

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
		parallel.WithProgress(progressEvery, p.report),
	}
	if opt.chunk > 0 {
		opts = append(opts, parallel.WithChunk(opt.chunk))
	}
	if f == nil || reflect.ValueOf(f).Kind() != reflect.Func || reflect.ValueOf(f).IsNil() {
		return nil, errors.New("f is nil; it must be a function")
	}
	out, err := parallel.MapValue(r.ctx, reflect.ValueOf(f), reflect.ValueOf(xs), opts...)
	p.finish(record)
	if err != nil {
		return nil, r.taskError(err)
	}
	if !out.IsValid() {
		return nil, nil
	}
	return out.Interface(), nil
}

// taskError says which task failed, on what, and where in the cells.
func (r *run) taskError(err error) error {
	if errors.Is(err, context.Canceled) && r.ctx.Err() != nil {
		return &session.Diagnostic{Name: session.Interrupted, Message: "the map was interrupted"}
	}
	trace := r.trace()
	var t *parallel.TaskError
	if !errors.As(err, &t) {
		return &session.Diagnostic{Name: session.MagicError, Message: err.Error()}
	}
	d := &session.Diagnostic{Name: session.TaskError, Message: t.Error()}
	if t.Value != nil {
		d.Message = fmt.Sprintf("task %d failed on input %s: panic: %s", t.Index, t.Input, panicText(t.Value))
	} else if t.Err != nil {
		d.Message = fmt.Sprintf("task %d failed on input %s: %s", t.Index, t.Input, t.Err)
	}
	d.Trace = trace
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

// papplyType is the type of %papply f args…: f's own result.
func papplyType(args []types.TypeAndValue) (*types.Signature, error) {
	f, ok := args[0].Type.Underlying().(*types.Signature)
	if !ok || args[0].IsType() {
		return nil, &check.ArgError{Arg: 0, Err: fmt.Errorf("the first argument of %%papply must be a function, but its type is %s", typeString(types.Default(args[0].Type)))}
	}
	if f.TypeParams().Len() > 0 {
		return nil, &check.ArgError{Err: errors.New("f is generic: say for which types, as in f[int]")}
	}
	want := f.Params().Len()
	if got := len(args) - 1; got != want && !(f.Variadic() && got >= want-1) {
		return nil, &check.ArgError{Err: fmt.Errorf("f takes %s, but %d given", count(want, "argument"), got)}
	}
	params := []*types.Var{types.NewVar(0, nil, "f", args[0].Type)}
	for n := range args[1:] {
		var t types.Type
		if f.Variadic() && n >= want-1 {
			t = f.Params().At(want - 1).Type().(*types.Slice).Elem()
		} else {
			t = f.Params().At(n).Type()
		}
		params = append(params, types.NewVar(0, nil, "", t))
	}
	n := f.Results().Len()
	if n > 0 && isError(f.Results().At(n-1).Type()) {
		n--
	}
	if n > 1 {
		return nil, fmt.Errorf("f returns %d values; %%papply takes a function that returns one, or one and an error", f.Results().Len())
	}
	var results []*types.Var
	if n == 1 {
		results = append(results, types.NewVar(0, nil, "", f.Results().At(0).Type()))
	}
	return types.NewSignatureType(nil, nil, nil, types.NewTuple(params...), types.NewTuple(results...), false), nil
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
