package interp

import (
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/types"
	"maps"
	"math"
	"math/rand/v2"
	"reflect"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/adabc437/fanout/interp/check"
	"github.com/adabc437/fanout/interp/pause"
	"github.com/adabc437/fanout/interp/session"
	"github.com/adabc437/fanout/parallel"
	"github.com/adabc437/fanout/parallel/device"
	"github.com/adabc437/fanout/parallel/scaling"
	"github.com/adabc437/fanout/plots"
)

const scalingPath = parallelPath + "/scaling"

// An experiment is a magic that runs a map many times and draws what it has measured.
type experiment struct {
	name, short, example string
	flags                []Flag
	elements             bool   // f takes one element, without its index
	list                 string // the flag that takes a list of numbers; "" for none
	result               string // the type of its value, in package scaling
	devices              bool   // f runs on devices, too, if they can
	run                  func(r *run, f, xs reflect.Value, opt experimentOpt) (result any, err error)
}

// experimentOpt are the flags of experiments.
type experimentOpt struct {
	mapOpt
	counts []int // workers, or sizes of chunks
	plan   scaling.Plan
	source string // of f

	device       func(seed uint64) *device.Call // the same map on a device; nil where there is none
	untranslated error                          // why not
}

var (
	flagRepeats = Flag{"", "--repeats", "N", "time each setting N times; without it, as often as the budget allows"}
	flagBudget  = Flag{"", "--budget", "TIME", "take about that long in all; 5s without it"}
	flagCounts  = Flag{"-w", "--workers", "N,N…", "the numbers of workers to compare, 1,2,4 say"}
	flagSizes   = Flag{"-c", "--chunks", "N,N…", "the sizes of chunks to compare, 1,10,100 say"}
)

func experiments() []experiment {
	common := []Flag{flagRepeats, flagBudget, flagOut, flagQuiet, flagSeed, flagLabel}
	with := func(flags ...Flag) []Flag { return append(flags, common...) }
	return []experiment{{
		name: "speedup", short: "Time a map with different numbers of workers: speed-up, the serial fraction of Amdahl's law, Karp–Flatt.",
		flags: with(flagCounts, flagChunk), list: "workers", result: "SpeedupResult", example: "%speedup countPrimes spans\nres := %speedup -w 1,2,4,8 f xs   // a *scaling.SpeedupResult",
		run: func(r *run, f, xs reflect.Value, opt experimentOpt) (any, error) {
			return scaling.Speedup(r.ctx, r.work(f, xs, opt), scaling.SpeedupOptions{Workers: opt.counts, Plan: opt.plan})
		},
	}, {
		name: "chunks", short: "Time a map with different sizes of chunks: what handing out a chunk costs, and where imbalance begins.",
		flags: with(flagWorkers, flagSizes), list: "chunks", result: "ChunksResult", example: "%chunks f xs\n%chunks -c 1,100,10000 f 1_000_000",
		run: func(r *run, f, xs reflect.Value, opt experimentOpt) (any, error) {
			n, err := tasksIn(xs)
			if err != nil {
				return nil, err
			}
			return scaling.Chunks(r.ctx, r.work(f, xs, opt), n, scaling.ChunksOptions{Workers: r.workersOf(opt.mapOpt), Sizes: opt.counts, Plan: opt.plan})
		},
	}, {
		name: "compare", short: "Run a map in several ways, one after another on one worker, in parallel, and on devices, and see whether they agree.",
		flags: with(flagWorkers, flagChunk), result: "CompareResult", devices: true, example: "%compare countPrimes spans",
		run: (*run).compare,
	}, {
		name: "efficiency", short: "Strong and weak scaling of a map: the same work, and as much work for each worker.",
		flags: with(flagCounts, flagChunk), list: "workers", elements: true, result: "EfficiencyResult", example: "%efficiency countPrimes spans",
		run: func(r *run, f, xs reflect.Value, opt experimentOpt) (any, error) {
			list, err := parallel.Elements(r.ctx, xs)
			if err != nil {
				return nil, err
			}
			largest := max(2, runtime.GOMAXPROCS(0))
			if len(opt.counts) > 0 {
				largest = slices.Max(opt.counts)
			}
			all := repeated(list, largest)
			work := func(ctx context.Context, scale int, opts ...parallel.Option) error {
				return r.work(f, all.Slice(0, scale*list.Len()), opt)(ctx, opts...)
			}
			return scaling.Efficiency(r.ctx, work, scaling.EfficiencyOptions{Workers: opt.counts, Plan: opt.plan})
		},
	}}
}

// magic makes a magic of an experiment.
func (e experiment) magic() *Magic {
	m := &Magic{Name: e.name, Args: "[flags] f xs", Short: e.short, Flags: e.flags, Example: e.example}
	m.Expand = func(x *expansion) error {
		flags, skip, err := m.parseFlags(x.piece.Args)
		if err != nil {
			return err
		}
		opt, err := e.options(flags)
		if err != nil {
			return err
		}
		if err := x.storable(m, opt.mapOpt); err != nil {
			return err
		}
		args, err := x.argsAt(skip, 2)
		if err != nil {
			return fmt.Errorf("%%%s takes a function and its inputs: %w", m.Name, err)
		}
		opt.name(m, x.run.cell.Code[args[0][0]:args[1][1]])
		opt.plan.Label = opt.label
		opt.source = x.run.cell.Code[args[0][0]:args[0][1]]
		valued := !x.piece.Statement || opt.out != ""
		s := x.newSite("__magic_")
		typ := opt.seedFits(func(args []types.TypeAndValue) (*types.Signature, error) { return e.typ(x.run.interp, args, valued) })
		s.typ = typ
		s.call = func(r *run, args []any) (any, error) { return r.experiment(e, args, opt) }
		if e.devices {
			s.translation = &translation{lists: 1, optional: true}
			s.typ = func(args []types.TypeAndValue) (*types.Signature, error) { return withCaptured(args, 2, typ) }
			s.device = func(r *run, t *translation, args []any) (any, error) {
				own, captured := t.cut(args)
				opt := opt
				opt.device = func(seed uint64) *device.Call {
					c := t.call(args, deviceOpt{mapOpt: mapOpt{seed: seed, seeded: true}})
					c.Captures = captured
					return c
				}
				opt.untranslated = t.why
				return r.experiment(e, own, opt)
			}
		}
		x.mapExpression(s, args, opt.mapOpt)
		return nil
	}
	return m
}

// typ is the type of an experiment, which has a value where it is part of an expression.
func (e experiment) typ(i *Interp, args []types.TypeAndValue, valued bool) (*types.Signature, error) {
	m, err := mapperOf("%"+e.name, args[0], true)
	if err != nil {
		return nil, err
	}
	if e.elements && len(m.params) != 1 {
		return nil, &check.ArgError{Err: fmt.Errorf("f takes %s; %%%s calls it with one element of xs", count(len(m.params), "argument"), e.name)}
	}
	if err := m.elementsFit(args[1], 1); err != nil {
		return nil, err
	}
	if !valued {
		return m.signature(args[1:], nil), nil
	}
	pkg, err := i.checker.Importer.Import(scalingPath)
	if err != nil {
		return nil, fmt.Errorf("package scaling: %w", err)
	}
	return m.signature(args[1:], types.NewPointer(pkg.Scope().Lookup(e.result).Type())), nil
}

// numberList reads numbers from 1 up, parted by commas.
func numberList(f flagSet, name string) ([]int, error) {
	var list []int
	for _, word := range strings.Split(f[name], ",") {
		n, err := strconv.Atoi(strings.TrimSpace(word))
		if err != nil || n < 1 || name == "workers" && n > maxWorkers {
			return nil, fmt.Errorf("--%s takes whole numbers from 1 up, parted by commas and without blanks, as 1,2,4, not %q%s", name, f[name], literalOnly(f[name], ""))
		}
		list = append(list, n)
	}
	return list, nil
}

// options reads the flags of an experiment.
func (e experiment) options(f flagSet) (experimentOpt, error) {
	var opt experimentOpt
	var err error
	if e.list != "" && f.has(e.list) {
		if opt.counts, err = numberList(f, e.list); err != nil {
			return opt, err
		}
		delete(f, e.list)
	}
	if opt.mapOpt, err = mapOptions(f); err != nil {
		return opt, err
	}
	if opt.plan.Budget, err = f.duration("budget"); err != nil {
		return opt, err
	}
	if f.has("repeats") {
		n, err := strconv.Atoi(f["repeats"])
		if err != nil || n < 1 {
			return opt, fmt.Errorf("--repeats takes a whole number from 1 up, not %q%s", f["repeats"], literalOnly(f["repeats"], ""))
		}
		opt.plan.Repeats = n
	}
	return opt, nil
}

// experiment runs one, and shows its figure.
func (r *run) experiment(e experiment, args []any, opt experimentOpt) (any, error) {
	f, lists, err := inputs(args)
	if err != nil {
		return nil, err
	}
	xs, err := r.repeatable(lists[0])
	if err != nil {
		return nil, r.taskError(err)
	}
	switch n, err := tasksIn(xs); {
	case err != nil:
		return nil, r.taskError(err)
	case n == 0:
		return nil, errors.New("xs is empty: there is nothing to measure")
	}
	p := &progress{run: r, opt: opt.mapOpt, id: uuid.NewString()}
	start, last := time.Now(), time.Time{}
	opt.plan.Progress = func(done, total int) {
		if now := time.Now(); now.Sub(last) >= progressEvery {
			last = now
			p.report(parallel.Progress{Label: opt.label, Done: done, Total: total, Elapsed: now.Sub(start)})
		}
	}
	result, err := e.run(r, f, xs, opt)
	if err != nil {
		if p.shown {
			p.show(map[string]any{"text/plain": "", "text/html": ""}, map[string]any{})
		}
		return nil, r.taskError(err)
	}
	if figure := resultFigure(result, r.interp.columns()); figure != nil && !opt.quiet {
		p.show(r.interp.picture(figure))
	}
	return result, nil
}

// resultFigure is the picture of the result of an experiment; nil if it is none.
func resultFigure(v any, o plots.Option) *plots.Figure {
	switch v := v.(type) {
	case *scaling.SpeedupResult:
		return plots.Speedup(v, o)
	case *scaling.ChunksResult:
		return plots.Chunks(v, o)
	case *scaling.CompareResult:
		return plots.Compare(v, o)
	case *scaling.EfficiencyResult:
		return plots.Scaling(v, o)
	}
	return nil
}

// repeatable is xs as something that can be mapped again and again: what a channel or an
// iterator gives is read once.
func (r *run) repeatable(xs reflect.Value) (reflect.Value, error) {
	for xs.IsValid() && xs.Kind() == reflect.Interface {
		xs = xs.Elem()
	}
	if !xs.IsValid() || xs.Kind() != reflect.Chan && xs.Kind() != reflect.Func {
		return xs, nil
	}
	return parallel.Elements(r.ctx, xs)
}

// work is a map as an experiment runs it.
func (r *run) work(f, xs reflect.Value, opt experimentOpt) scaling.Work {
	return func(ctx context.Context, opts ...parallel.Option) error {
		ticker := pause.NewTicker(tickEvery)
		defer ticker.Stop()
		own := append(opt.parallel(), parallel.WithLabel(opt.label), parallel.WithTicks(ticker.C))
		_, err := parallel.MapValue(ctx, f, xs, append(own, opts...)...)
		return err
	}
}

// tasksIn is how many tasks a map over xs has.
func tasksIn(xs reflect.Value) (int, error) {
	switch {
	case xs.CanInt():
		return int(xs.Int()), nil
	case xs.CanUint() && xs.Uint() <= math.MaxInt:
		return int(xs.Uint()), nil
	}
	list, err := parallel.Elements(context.Background(), xs)
	if err != nil {
		return 0, err
	}
	return list.Len(), nil
}

// repeated is list, n times over.
func repeated(list reflect.Value, n int) reflect.Value {
	out := reflect.MakeSlice(reflect.SliceOf(list.Type().Elem()), 0, n*list.Len())
	for range n {
		out = reflect.AppendSlice(out, list)
	}
	return out
}

// tooSlow is why a way that takes longer was stopped.
type tooSlow time.Duration

func (t tooSlow) Error() string { return fmt.Sprintf("not done within %s", time.Duration(t)) }
func (tooSlow) Unwrap() error   { return context.DeadlineExceeded }

// deviceTolerance is how much floats of a device may differ, relatively: its functions of
// package math may be off in the last digits.
const deviceTolerance = 1e-9

// deviceWays are the ways of a comparison on devices.
func (r *run) deviceWays(in *ownInput, opt experimentOpt, results bool) (list []scaling.Way, warnings []string) {
	if _, ok := device.Elem(in.of.Interface()); !ok || opt.device == nil {
		return nil, nil
	}
	set, err := r.interp.devices.open(r.ctx)
	var chosen *device.Device
	if err == nil {
		chosen, err = r.interp.devices.pick(r.ctx, "")
	}
	if err != nil {
		return nil, []string{"Devices are left out: " + err.Error() + "."}
	}
	for _, d := range set.Devices {
		if d.Info().Backend == "cpu" && d != chosen { // the workers are that, and faster
			continue
		}
		if opt.untranslated != nil {
			return nil, []string{"Devices are left out: " + opt.untranslated.Error() + "."}
		}
		list = append(list, scaling.Way{Name: fmt.Sprintf("device %d, %s", d.Number, d.Info().Name), Run: func(ctx context.Context) (any, error) {
			defer r.holdsDevice()()
			if limit := 2 * opt.budget(); d.Info().Backend == "cpu" { // it interprets
				limited, cancel := context.WithTimeoutCause(ctx, limit, tooSlow(limit))
				defer cancel()
				ctx = limited
			}
			c := opt.device(opt.seed)
			c.Lists = []any{in.value().Interface()}
			out, _, err := d.Map(ctx, c)
			if err != nil || !results {
				return nil, err
			}
			return out, nil
		}})
	}
	if len(set.Devices) == 1 && len(list) == 0 {
		warnings = append(warnings, "No device beside the cores was found; %gpu use cpu has the device cpu compared, too, which interprets.")
	}
	return list, warnings
}

// budget is how long an experiment is to take.
func (o experimentOpt) budget() time.Duration {
	if o.plan.Budget > 0 {
		return o.plan.Budget
	}
	return 5 * time.Second
}

// An ownInput is an input with rows that functions may write to: each run gets its own.
type ownInput struct{ of, copied reflect.Value }

// make copies the rows, if there are any.
func (f *ownInput) make() { f.copied = withRows(f.of) }

// value is the input of the run that was prepared last.
func (f *ownInput) value() reflect.Value {
	if f.copied.IsValid() {
		return f.copied
	}
	return f.of
}

// withRows is xs with rows of its own, where it is a slice of slices; else xs itself.
func withRows(xs reflect.Value) reflect.Value {
	if !xs.IsValid() || xs.Kind() != reflect.Slice || xs.IsNil() || xs.Type().Elem().Kind() != reflect.Slice {
		return xs
	}
	all := reflect.MakeSlice(xs.Type(), xs.Len(), xs.Len())
	for i := range xs.Len() {
		row := xs.Index(i)
		if row.Type().Elem().Kind() == reflect.Slice {
			all.Index(i).Set(withRows(row))
		} else if !row.IsNil() {
			own := reflect.MakeSlice(row.Type(), row.Len(), row.Len())
			reflect.Copy(own, row)
			all.Index(i).Set(own)
		}
	}
	return all
}

// compare runs a map one task after another and in parallel, compiled and interpreted.
func (r *run) compare(f, xs reflect.Value, opt experimentOpt) (any, error) {
	n, err := tasksIn(xs)
	if err != nil {
		return nil, err
	}
	if !opt.seeded { // the ways agree only on the same random numbers
		opt.seed, opt.seeded = rand.Uint64(), true
	}
	var warnings []string
	results := f.Type().NumOut() > 0 && !holdsFuncs(f.Type().Out(0), map[reflect.Type]bool{})
	if !results && f.Type().NumOut() > 0 {
		warnings = append(warnings, "The results are not compared: functions are in them, which are equal to none.")
	}
	workers := r.workersOf(opt.mapOpt)
	in := &ownInput{of: xs}
	ways := func(tier string, f reflect.Value, limit time.Duration, stop func()) []scaling.Way {
		way := func(name string, opts ...parallel.Option) scaling.Way {
			return scaling.Way{Name: tier + name, Run: func(ctx context.Context) (any, error) {
				if limit > 0 {
					limited, cancel := context.WithTimeoutCause(ctx, limit, tooSlow(limit))
					defer cancel()
					defer context.AfterFunc(limited, stop)()
					ctx = limited
				}
				own := append(opt.parallel(), parallel.WithLabel(opt.label))
				out, err := parallel.MapValue(ctx, f, in.value(), append(own, opts...)...)
				if err != nil || !out.IsValid() || !results {
					return nil, err
				}
				return out.Interface(), nil
			}}
		}
		return []scaling.Way{
			way("one after another", parallel.WithWorkers(1), parallel.WithChunk(max(n, 1))),
			way(count(workers, "worker"), parallel.WithWorkers(workers)),
		}
	}
	list := ways("", f, 0, nil)
	devices, more := r.deviceWays(in, opt, results)
	warnings = append(warnings, more...)
	if r.interp.native != nil {
		g, tier, err := r.interpretedForm(opt.source)
		switch {
		case err != nil:
			warnings = append(warnings, "The interpreter cannot run it: "+err.Error()+".")
		case !g.IsValid():
		case !sameTypes(f.Type(), g.Type()):
			warnings = append(warnings, "The interpreter is left out: types that cells declare are among those of f, and the interpreter's are others.")
		default:
			budget := opt.budget()
			list = append(ways("compiled, ", f, 0, nil), ways("interpreted, ", g, 2*budget, tier.stopAll)...)
		}
	}
	list = append(list, devices...)
	tolerance := 0.0
	if len(devices) > 0 {
		tolerance = deviceTolerance
	}
	res, err := scaling.Compare(r.ctx, list, scaling.CompareOptions{Plan: opt.plan, Tolerance: tolerance, Prepare: in.make})
	if err == nil {
		res.Warnings = append(res.Warnings, warnings...)
	}
	return res, err
}

// sameTypes says that the interpreted form g takes what f takes, and gives such results.
func sameTypes(f, g reflect.Type) bool {
	for n := range f.NumIn() {
		if !f.In(n).ConvertibleTo(g.In(n)) {
			return false
		}
	}
	for n := range f.NumOut() {
		if f.Out(n) != g.Out(n) && f.Out(n).Kind() == reflect.Interface {
			return false
		}
	}
	return true
}

// holdsFuncs says that a value of type t is a function, or has one in it. seen are the
// types that were looked at already: types may hold themselves.
func holdsFuncs(t reflect.Type, seen map[reflect.Type]bool) bool {
	if seen[t] {
		return false
	}
	seen[t] = true
	switch t.Kind() {
	case reflect.Func:
		return true
	case reflect.Slice, reflect.Array, reflect.Map:
		return holdsFuncs(t.Elem(), seen)
	case reflect.Struct:
		for field := range t.Fields() {
			if holdsFuncs(field.Type, seen) {
				return true
			}
		}
	}
	return false
}

// interpretedForm is a function of the session as the interpreted tier has it, with what
// it needs, and its tier. It is no function where there is nothing in it to interpret.
func (r *run) interpretedForm(source string) (f reflect.Value, tier *interpreted, err error) {
	decls, own, err := r.interp.needs(source)
	if err != nil || !own {
		return f, nil, err
	}
	sub, err := New(Options{})
	if err != nil {
		return f, nil, err
	}
	if err := sub.Restore(r.ctx, session.Past{Declarations: decls}); err != nil {
		return f, nil, err
	}
	probe := &run{interp: sub, cell: session.Cell{Code: source, Number: 1, Silent: true}, out: discard{}, ctx: r.ctx, cancel: func() {}}
	if err := sub.begin(probe); err != nil {
		return f, nil, err
	}
	defer sub.end(probe)
	probe.execute()
	if d := probe.reply.Err; d != nil {
		return f, nil, errors.New(d.Message)
	}
	if len(probe.results) == 1 {
		f = reflect.ValueOf(probe.results[0])
	}
	if !f.IsValid() || f.Kind() != reflect.Func {
		return reflect.Value{}, nil, fmt.Errorf("%s is no function there", source)
	}
	return f, sub.tier, nil
}

// needs are the declarations of the session that an expression uses, and those that they
// use. own says that there is code of the user's in it.
func (i *Interp) needs(source string) (list []session.Declaration, own bool, err error) {
	e, err := parser.ParseExpr(source)
	if err != nil {
		return nil, false, err
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	needed := map[string]bool{}
	entities := i.scope.Entities()
	var need func(name string)
	need = func(name string) {
		ent := i.scope.Lookup(name)
		if ent == nil || needed[name] {
			return
		}
		needed[name] = true
		if ent.IsVar() {
			err = fmt.Errorf("it uses the variable %s of the session", name)
			return
		}
		for ref := range ent.Refs {
			need(ref)
		}
		for _, m := range entities { // the methods of a type
			if strings.HasPrefix(m.Name, name+".") {
				need(m.Name)
			}
		}
	}
	ast.Inspect(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Ident:
			need(n.Name)
		case *ast.FuncLit:
			own = true
		}
		return true
	})
	imports := i.scope.Imports()
	for _, name := range slices.Sorted(maps.Keys(imports)) {
		list = append(list, session.Declaration{Name: "import " + name, Source: fmt.Sprintf("import %s %q", name, imports[name])})
	}
	seen := map[string]bool{} // a declaration may be that of several names
	for _, ent := range entities {
		if key := fmt.Sprint(ent.Cell, ent.Chunk); needed[ent.Name] && ent.Chunk != nil && !seen[key] {
			seen[key] = true
			list = append(list, declaration(ent.Name, ent))
		}
	}
	return list, own || len(needed) > 0, err
}
