package interp

import (
	"context"
	"errors"
	"fmt"
	"go/types"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/adabc437/fanout/interp/check"
	"github.com/adabc437/fanout/interp/session"
	"github.com/adabc437/fanout/interp/size"
	"github.com/adabc437/fanout/parallel"
	"github.com/adabc437/fanout/parallel/device"
	"github.com/adabc437/fanout/parallel/device/backend"
	"github.com/adabc437/fanout/plots"
)

var (
	flagDevice = Flag{"-d", "--device", "N", "the device: its number as in %gpu, or cpu"}
	flagShow   = Flag{"", "--show", "", "show the kernel's source, and run nothing"}
	flagKeep   = Flag{"-k", "--keep", "", "the results stay on the device: a *device.Array"}
	flagMemory = Flag{"", "--chunk-bytes", "SIZE", "how much is on the device at a time, such as 64MiB; automatic otherwise"}
)

// deviceOpt are the flags of the magics for devices.
type deviceOpt struct {
	mapOpt
	device     string
	show, keep bool
	chunk      int64
	steps      int
	exclusive  bool
	initial    [2]int // where the expression of --initial stands in the cell; empty: it is not given
}

func deviceOptions(f flagSet) (deviceOpt, error) {
	opt := deviceOpt{device: f["device"], show: f.has("show"), keep: f.has("keep")}
	var err error
	if opt.mapOpt, err = mapOptions(f); err != nil {
		return opt, err
	}
	if opt.steps, err = stepCount(f); err != nil {
		return opt, err
	}
	if f.has("chunk-bytes") {
		if opt.chunk, err = size.Parse(f["chunk-bytes"]); err != nil || opt.chunk < 1 {
			return opt, fmt.Errorf("--chunk-bytes takes a size from 1 up, such as 64MiB, 1MB or a number of bytes, not %q", f["chunk-bytes"])
		}
	}
	if f.has("device") && opt.device == "" {
		return opt, errors.New("--device takes the number of a device; %gpu lists them")
	}
	return opt, nil
}

// deviceBusy is said of a kernel that does not end when it is asked to.
const deviceBusy = "the device does not stop: it may be busy with the kernel for a while; %restart gives it up"

// onDevice makes a call on a device, whose context ends when the time of the call is over.
// The run knows of it meanwhile, and the panel shows it.
func (r *run) onDevice(opt deviceOpt, call func(context.Context, *deviceWatch) error) (err error) {
	ctx, live := r.interp.newMap(r.ctx, r.cell.Number, parallel.Progress{Label: opt.label})
	defer live.cancel(nil)
	if opt.limit > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, opt.limit)
		defer cancel()
	}
	defer r.holdsDevice()()
	live.begin()
	defer func() { live.end(err) }()
	watch := r.watchDevice(opt, live)
	defer watch.end()
	err = call(ctx, watch)
	if errors.Is(err, backend.ErrAbandoned) {
		r.left.Store(true)
	}
	if err != nil && context.Cause(ctx) == errMapCancelled {
		err = errors.Join(errMapCancelled, err)
	}
	return err
}

// holdsDevice notes that the run asks something of a device until end is called: when it is
// interrupted it may take longer to stop.
func (r *run) holdsDevice() (end func()) {
	r.kernels.Add(1)
	return func() { r.kernels.Add(-1) }
}

// deviceAtWork says whether a device is at work for the run, if only because it does not stop.
func (r *run) deviceAtWork() bool { return r.kernels.Load() > 0 || r.left.Load() }

// Patience is that of [session.Patient].
func (i *Interp) Patience() time.Duration {
	if i.holdsDevice() {
		return devicePatience
	}
	return 0
}

// holdsDevice says whether a cell that runs waits for a device.
func (i *Interp) holdsDevice() bool {
	i.runMu.Lock()
	defer i.runMu.Unlock()
	for _, r := range i.runs {
		if r.kernels.Load() > 0 {
			return true
		}
	}
	return false
}

func gpumapMagic() *Magic {
	m := &Magic{
		Name: "gpumap", Args: "[flags] f xs…", Short: "Call f on each element of xs on a device: a GPU, if there is one.",
		Flags:   []Flag{flagDevice, flagShow, flagKeep, flagOut, flagQuiet, flagSeed, flagMemory, flagLimit, flagLabel},
		Example: "%gpumap f xs                // the results are in the order of xs\nys := %gpumap f 1000000      // f(0), f(1), …\n%gpumap f as bs             // f(as[0], bs[0]), f(as[1], bs[1]), …\n%gpumap --show f xs         // the kernel that f becomes\n%gpumap -d cpu f xs         // on the cores of this machine, for comparison",
	}
	m.Expand = func(x *expansion) error {
		s, args, opt, err := x.deviceSite(m, 0, -1, "%gpumap takes a function and its inputs")
		if err != nil {
			return err
		}
		s.translation = &translation{lists: len(args) - 1}
		s.typ = x.run.interp.gpumapType(len(args)-1, opt)
		s.device = func(r *run, t *translation, args []any) (any, error) { return r.gpumap(t, args, opt) }
		x.mapExpression(s, args, opt.mapOpt)
		return nil
	}
	return m
}

// deviceSite makes a site of the flags and arguments from byte skip on; n is how many
// arguments there are, or −1, a function and lists. takes says in an error what is taken.
func (x *expansion) deviceSite(m *Magic, skip, n int, takes string) (s *site, args [][2]int, opt deviceOpt, err error) {
	opt, skip, err = x.deviceOptions(m, skip)
	if err != nil {
		return nil, nil, opt, err
	}
	args, err = x.argsAt(skip, n)
	if err == nil && n < 0 && len(args) < 2 {
		err = errors.New("expected a function and at least one list")
	}
	if err != nil {
		took := ""
		if opt.device != "" {
			took = fmt.Sprintf(" (-d took %s as the device)", opt.device)
		}
		return nil, nil, opt, fmt.Errorf("%s: %w%s", takes, err, took)
	}
	opt.name(m, x.run.cell.Code[args[0][0]:args[len(args)-1][1]])
	return x.newSite("__magic_"), args, opt, nil
}

// deviceOptions reads the flags from byte skip on, and says where they end.
func (x *expansion) deviceOptions(m *Magic, skip int) (deviceOpt, int, error) {
	flags, more, err := m.parseFlags(x.piece.Args[skip:])
	skip += more
	if err != nil {
		return deviceOpt{}, 0, err
	}
	opt, err := deviceOptions(flags)
	if err != nil {
		return opt, 0, err
	}
	if opt.exclusive = flags.has("exclusive"); flags.has("initial") {
		if !opt.exclusive {
			return opt, 0, errors.New("--initial is for --exclusive: the other scan begins with the first element")
		}
		at, _ := strconv.Atoi(flags["at initial"]) // written by parseFlags
		at += x.piece.ArgsAt + skip - more
		opt.initial = [2]int{at, at + len(flags["raw initial"])}
	}
	if opt.show && opt.out != "" {
		return opt, 0, errors.New("--show runs nothing, and so there is nothing to store with -o")
	}
	if header := x.blockBehind(skip); header != "" {
		return opt, 0, fmt.Errorf("before a block, %%%s and its arguments stand in parentheses: write (%s) {", m.Name, header)
	}
	return opt, skip, x.storable(m, opt.mapOpt)
}

// gpumapType is the type of %gpumap f xs…: []R, or *device.Array[R], where f returns R.
func (i *Interp) gpumapType(lists int, opt deviceOpt) func([]types.TypeAndValue) (*types.Signature, error) {
	return func(args []types.TypeAndValue) (*types.Signature, error) {
		m, err := deviceMapper("%gpumap", args[0], true)
		if err != nil {
			return nil, err
		}
		if m.variadic {
			return nil, &check.ArgError{Err: fmt.Errorf("f is a %s, and a device calls functions with a fixed number of arguments: write func(x T) … { return f(x) }", typeString(m.whole))}
		}
		all := args[1:]
		given := make([]types.TypeAndValue, lists) // with arrays on devices as slices
		for n := range given {
			given[n] = all[n]
			if elem := deviceElem(all[n].Type); elem != nil {
				given[n].Type = types.NewSlice(elem)
			}
		}
		for n, xs := range given {
			if !onDevices(xs.Type) {
				return nil, notOnDevices(xs.Type, n+1)
			}
		}
		if lists == 1 {
			err = m.elementsFit(given[0], 1)
		} else {
			err = m.listsFit(given)
		}
		if err != nil {
			return nil, err
		}
		if opt.show {
			return m.signature(all, nil), nil
		}
		result := m.slice()
		if opt.keep {
			if result == nil {
				return nil, &check.ArgError{Err: errors.New("f returns nothing that could stay on the device")}
			}
			if result, err = i.arrayType(m.results[0]); err != nil {
				return nil, err
			}
		}
		return m.signature(all, result), nil
	}
}

// deviceMapper is mapperOf for a function that a device is to run.
func deviceMapper(magic string, f types.TypeAndValue, random bool) (*mapper, error) {
	if sig, ok := f.Type.Underlying().(*types.Signature); ok && !f.IsType() && sig.TypeParams().Len() == 0 {
		results := sig.Results()
		switch n := results.Len(); {
		case n > 0 && isError(results.At(n-1).Type()):
			return nil, &check.ArgError{Err: errors.New("f returns an error, which a device does not have: return a bool or a number that says what went wrong, or panic with a constant message")}
		case n > 1:
			return nil, &check.ArgError{Err: fmt.Errorf("f returns %d values; %s takes a function that returns one: return a struct of them", n, magic)}
		}
	}
	return mapperOf(magic, f, random)
}

// onDevices says that devices have lists of that kind.
func onDevices(t types.Type) bool {
	switch u := types.Default(t).Underlying().(type) {
	case *types.Slice, *types.Array, *types.Pointer:
		return true
	case *types.Basic:
		return u.Info()&types.IsInteger != 0
	}
	return false
}

func notOnDevices(t types.Type, arg int) error {
	instead := ""
	if _, ok := elements(types.Default(t)); ok {
		instead = ": make a slice of it"
	}
	return &check.ArgError{Arg: arg, Err: fmt.Errorf("a device maps over slices, arrays and whole numbers, and not over %s%s", article(typeString(types.Default(t))), instead)}
}

// deviceElem is T of a *device.Array[T], or nil.
func deviceElem(t types.Type) types.Type {
	p, ok := types.Unalias(t).(*types.Pointer)
	if !ok {
		return nil
	}
	n, ok := types.Unalias(p.Elem()).(*types.Named)
	if !ok || n.Obj().Pkg() == nil || n.Obj().Pkg().Path() != devicePath || n.Obj().Name() != "Array" || n.TypeArgs().Len() != 1 {
		return nil
	}
	return n.TypeArgs().At(0)
}

// arrayType is *device.Array[elem].
func (i *Interp) arrayType(elem types.Type) (types.Type, error) {
	pkg, err := i.checker.Importer.Import(devicePath)
	if err != nil {
		return nil, fmt.Errorf("package device: %w", err)
	}
	a, err := types.Instantiate(nil, pkg.Scope().Lookup("Array").Type(), []types.Type{elem}, false)
	if err != nil {
		return nil, fmt.Errorf("package device: %w", err)
	}
	return types.NewPointer(a), nil
}

// call is the call of a site for a device.
func (t *translation) call(args []any, opt deviceOpt) *device.Call {
	c := &device.Call{Function: t.function, Lists: args[1 : 1+t.lists], Captures: args[1+t.lists:], ChunkBytes: opt.chunk, Seed: opt.seed}
	if f := reflect.TypeOf(args[0]); f.NumOut() > 0 {
		c.Result = f.Out(0)
	}
	if !opt.seeded && t.function.Random {
		c.Seed = uint64(time.Now().UnixNano())
	}
	return c
}

func (r *run) gpumap(t *translation, args []any, opt deviceOpt) (any, error) {
	d, err := r.deviceFor(args, opt)
	if err != nil {
		return nil, err
	}
	if opt.seeded && !t.function.Random {
		return nil, errors.New("--seed is for an f that takes random numbers: func(r *rand.Rand, …), of math/rand/v2")
	}
	c := t.call(args, opt)
	if opt.show {
		return nil, r.deviceSource(d, c, (*device.Device).Source)
	}
	if err := resultsFit(d, c, opt.keep); err != nil {
		return nil, err
	}
	return r.deviceCall(d, c, opt, (*device.Call).Len, (*device.Device).Map)
}

// deviceSource shows the kernel of a call, which source gives.
func (r *run) deviceSource(d *device.Device, c *device.Call, source func(*device.Device, context.Context, *device.Call) (string, error)) error {
	text, err := source(d, r.ctx, c)
	if err != nil {
		return r.deviceError(d, err)
	}
	r.showSource(d, text)
	return nil
}

// deviceCall runs a call. If its results are to be kept, they stay on the device: size is
// how many there are.
func (r *run) deviceCall(d *device.Device, c *device.Call, opt deviceOpt, size func(*device.Call) (int, error), call func(*device.Device, context.Context, *device.Call) (any, *device.Profile, error)) (any, error) {
	if opt.keep {
		n, err := size(c)
		if err == nil {
			c.Out, err = d.NewOf(c.Result, n, c.Lists...)
		}
		if err != nil {
			return nil, r.deviceError(d, err)
		}
	}
	var out any
	var p *device.Profile
	var line *deviceWatch
	err := r.onDevice(opt, func(ctx context.Context, watch *deviceWatch) (err error) {
		line, c.Progress = watch, watch.note
		out, p, err = call(d, ctx, c)
		return err
	})
	if kept, ok := c.Out.(interface{ Free() }); ok && err != nil {
		kept.Free()
	} else if opt.keep {
		out = c.Out
	}
	return r.deviceResult(d, out, p, err, opt, line)
}

// deviceFor is where a magic runs: where its arrays are, or on the device of the flag or
// of the session.
func (r *run) deviceFor(args []any, opt deviceOpt) (*device.Device, error) {
	defer r.holdsDevice()() // it may be the first that looks for devices
	for _, a := range args[1:] {
		if on, ok := a.(interface{ Device() *device.Device }); ok && opt.device == "" && !reflect.ValueOf(a).IsNil() && on.Device() != nil {
			return on.Device(), nil
		}
	}
	return r.interp.devices.pick(r.ctx, opt.device)
}

// deviceResult shows where the time of a call went, and gives its result or error.
func (r *run) deviceResult(d *device.Device, out any, p *device.Profile, err error, opt deviceOpt, line *deviceWatch) (any, error) {
	if p != nil {
		if opt.label != "" {
			p.Function = opt.label
		}
		r.interp.keepRun(p.Run())
		if !opt.quiet {
			line.show(r.interp.picture(plots.Device(p, r.interp.columns())))
		}
	}
	if err != nil {
		return nil, r.deviceError(d, err)
	}
	return out, nil
}

// deviceError says what went wrong on a device, and where in the cells.
func (r *run) deviceError(d *device.Device, err error) error {
	name := d.Label()
	var list *device.ListError
	if errors.As(err, &list) {
		var said *session.Diagnostic
		if errors.As(r.deviceError(d, list.Err), &said) {
			return &listDiagnostic{said, list.List}
		}
	}
	var task *device.TaskError
	var memory *backend.MemoryError
	var build *backend.BuildError
	var said *session.Diagnostic
	switch {
	case errors.As(err, &said):
		return said
	case errors.As(err, &task):
		diag := &session.Diagnostic{Name: session.TaskError, Message: task.Error()}
		if n, ok := check.CellOf(task.Site.File); ok {
			diag.Pos = &session.Position{Cell: n, Line: task.Site.Line, Column: task.Site.Col, Source: r.lines(check.FileName(n), task.Site.Line)}
		}
		diag.Hint = panicHint("panic: runtime error: " + task.Reason())
		return diag
	case r.ctx.Err() != nil, errors.Is(err, errMapCancelled):
		diag := &session.Diagnostic{Name: session.Interrupted, Message: "the kernel on " + name + " was interrupted"}
		if r.ctx.Err() == nil {
			diag.Message = "the kernel on " + name + " was cancelled"
		}
		if errors.Is(err, backend.ErrAbandoned) {
			diag.Notes = append(diag.Notes, deviceBusy)
		}
		return diag
	case errors.Is(err, context.DeadlineExceeded):
		diag := &session.Diagnostic{Name: session.MagicError, Message: "the time of the call (--limit) was over before the kernel on " + name + " was done"}
		if errors.Is(err, backend.ErrAbandoned) {
			diag.Notes = append(diag.Notes, deviceBusy)
		}
		return diag
	case errors.As(err, &memory):
		return &session.Diagnostic{
			Name: session.MemoryError, Message: fmt.Sprintf("%s: %s asked for, and %s of %s are in use", "out of memory on "+name, plots.Bytes(memory.Asked), plots.Bytes(memory.InUse), plots.Bytes(memory.Memory)),
			Hint: "free arrays that stay on the device (a.Free()), or map over a part of the list at a time; %gpu mem shows what is in use",
		}
	case errors.As(err, &build):
		return &session.Diagnostic{Name: session.DeviceError, Message: name + " refuses the kernel: " + build.Log, Hint: "please report it, with the function; %gpumap --show shows the kernel"}
	case errors.Is(err, backend.ErrLost):
		return &session.Diagnostic{Name: session.DeviceError, Message: fmt.Sprintf("%s does not answer any more: %s", name, err), Hint: "%gpu use N picks another device; %restart tries this one again"}
	}
	diag := &session.Diagnostic{Name: session.DeviceError, Message: deviceMessage(err)}
	switch {
	case errors.Is(err, device.ErrFreed):
		diag.Hint = "make it again: by a magic with -k, or by device.ToDevice"
	case errors.Is(err, device.ErrElsewhere):
		diag.Hint = "xs, err := a.ToHost() makes a slice of it, which every device takes; without -d a call runs where its array is"
	case errors.Is(err, device.ErrLengths):
		diag.Hint = "a part of a longer list is xs[:n], and of an array on the device, a.Slice(0, n)"
	}
	return diag
}

// A listDiagnostic is an error that lies in one of the lists of a call.
type listDiagnostic struct {
	said *session.Diagnostic
	list int
}

func (e *listDiagnostic) Error() string { return e.said.Error() }

// Unwrap is the error without its place.
func (e *listDiagnostic) Unwrap() error { return e.said }

func deviceMessage(err error) string {
	return strings.TrimPrefix(strings.TrimPrefix(err.Error(), "device: "), "opencl: ")
}

// showSource shows a kernel.
func (r *run) showSource(d *device.Device, source string) {
	language := "c"
	if d.Info().Backend == "cpu" {
		language = "go"
	}
	r.emit(session.Event{Kind: session.Display, Metadata: map[string]any{}, Data: map[string]any{
		"text/plain": source, "text/markdown": "```" + language + "\n" + source + "\n```",
	}})
}
