package opencl

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"unsafe"

	"github.com/adabc437/fanout/parallel/device/backend"
	"github.com/adabc437/fanout/parallel/device/clc"
	"github.com/adabc437/fanout/parallel/device/ir"
)

// A program was compiled for a device.
type program struct {
	dev    *device
	id     uintptr
	source string
	ir     *ir.Program // nil: it was written by hand
	cached bool

	mu      sync.Mutex
	freed   bool
	kernels map[string]*Kernel
}

var _ backend.Program = (*program)(nil)

// A Kernel is what a queue can launch. For a kernel that was written by hand, [Kernel.Args]
// says what its parameters are.
type Kernel struct {
	program         *program
	name            string
	ir              *ir.Kernel // nil: it was written by hand
	count           int        // of parameters
	group, multiple int64      // the most work-items in a group, and what their number should be a multiple of
	args            []ArgInfo  // nil where the driver does not tell
	argsErr         error

	// mu is held while the arguments are set, until the command has them.
	mu   sync.Mutex
	id   uintptr // 0 when the program was freed
	word uint64
	size [6]uintptr
	had  map[[3]uintptr]bool // sizes of groups that it was launched with
}

// mostSizes is how many sizes of groups a kernel remembers.
const mostSizes = 64

// isFresh says whether a launch is the first with groups of that size.
func (k *Kernel) isFresh(group ...uintptr) bool {
	var size [3]uintptr
	copy(size[:], group)
	if k.had[size] || len(k.had) >= mostSizes {
		return false
	}
	if k.had == nil {
		k.had = map[[3]uintptr]bool{}
	}
	k.had[size] = true
	return true
}

var _ backend.Kernel = (*Kernel)(nil)

// Name is the kernel's name in the source.
func (k *Kernel) Name() string { return k.name }

// Build prints a program as OpenCL C and compiles it, or takes it from the cache.
func (d *device) Build(ctx context.Context, p *ir.Program) (backend.Program, error) {
	source, err := clc.Print(p, clc.Options{NoFloat64: !d.info.Float64, IEEE32: d.ieee32})
	if err != nil {
		return nil, err
	}
	return d.build(ctx, &program{dev: d, source: source, ir: p}, d.options)
}

// BuildSource compiles OpenCL C that was written by hand.
func (d *device) BuildSource(ctx context.Context, source string) (backend.Program, error) {
	return d.build(ctx, &program{dev: d, source: source}, d.options+" -cl-kernel-arg-info")
}

// buildOptions are those of every program: the language's version, and Go's own division
// and square root where the device has them.
func buildOptions(version string, single int64) string {
	options := "-cl-std=CL1.2"
	if strings.HasPrefix(version, "OpenCL C 1.0") || strings.HasPrefix(version, "OpenCL C 1.1") {
		options = "-cl-std=CL1.1"
	}
	if single&roundedDivideSqrt != 0 {
		options += " -cl-fp32-correctly-rounded-divide-sqrt"
	}
	return options
}

// quiet keeps Clang in PoCL from writing how many errors and warnings there were to the
// process's standard error: it does so where it would show carets, which PoCL's log never
// has. PoCL takes options up to the next space, and knows but a few; Clang's end at a tab
// too. A PoCL that does not pass them on so sees the name of a macro that nothing uses.
const quiet = " -DFANOUT_QUIET\t-fno-caret-diagnostics"

// build compiles in a goroutine of its own, for nothing can stop a driver's compiler. When
// ctx ends first, the program is freed as soon as it is there; Close waits for it.
func (d *device) build(ctx context.Context, p *program, options string) (backend.Program, error) {
	if ctx.Err() != nil {
		return nil, ended(ctx)
	}
	context, err := d.enter()
	if err != nil {
		return nil, err
	}
	var claimed atomic.Bool // by who gives up, or by who is ready
	done := make(chan error, 1)
	go func() {
		defer d.leave()
		err := d.compile(context, p, options)
		if claimed.CompareAndSwap(false, true) {
			done <- err
		} else if err == nil {
			p.Free()
		}
	}()
	select {
	case err = <-done:
	case <-ctx.Done():
		if claimed.CompareAndSwap(false, true) {
			return nil, ended(ctx)
		}
		err = <-done
	}
	if err != nil {
		return nil, err
	}
	return p, nil
}

func (d *device) compile(context uintptr, p *program, options string) error {
	key := cacheKey(append([]string{p.source, options}, d.key...))
	if data := d.cache.get(key); data != nil {
		if id, ok := d.fromBinary(context, data, options); ok {
			p.id, p.cached = id, true
			if p.ir != nil || d.keepsArgs(p) {
				d.register(p)
				return nil
			}
			d.cl.releaseProgram.do(id)
			p.cached = false
		}
		d.cache.drop(key)
	}
	id, err := d.fromSource(context, p.source, options)
	if err != nil {
		return err
	}
	p.id = id
	if d.cache != nil {
		d.cache.put(key, d.binary(id))
	}
	d.register(p)
	return nil
}

func (d *device) register(p *program) {
	p.kernels = map[string]*Kernel{}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.programs[p] = struct{}{}
}

// keepsArgs says whether a program from the cache can say what its kernels' parameters
// are: some drivers keep that with the source alone.
func (d *device) keepsArgs(p *program) bool {
	return keepsArgs(p.names(), func(name string) (count int, told bool, ok bool) {
		id, status := d.newKernel(p.id, name)
		if status != success {
			return 0, false, false
		}
		defer d.cl.releaseKernel.do(id)
		var space uint32
		count = int(uint32(infoNumber(&d.cl.getKernelInfo, id, kernelNumArgs)))
		told = count > 0 && d.cl.getKernelArgInfo.do(id, 0, kernelArgAddress, 4, uintptr(unsafe.Pointer(&space)), 0) == success
		return count, told, true
	})
}

// keepsArgs asks the first kernel that has parameters: one without shows nothing. ask says
// how many a kernel has, whether the driver tells of the first, and whether there is
// such a kernel.
func keepsArgs(names string, ask func(name string) (count int, told bool, ok bool)) bool {
	for name := range strings.SplitSeq(names, ";") {
		if count, told, ok := ask(name); !ok || count > 0 {
			return ok && told
		}
	}
	return true
}

func (d *device) newKernel(program uintptr, name string) (uintptr, int32) {
	text := append([]byte(name), 0)
	var status int32
	id := d.cl.createKernel.make(program, uintptr(unsafe.Pointer(&text[0])), uintptr(unsafe.Pointer(&status)))
	return id, status
}

func (d *device) fromSource(context uintptr, source, options string) (uintptr, error) {
	text := append([]byte(source), 0)
	at, size := unsafe.Pointer(&text[0]), uintptr(len(source))
	var status int32
	id := d.cl.createProgramWithSource.make(context, 1, uintptr(unsafe.Pointer(&at)), uintptr(unsafe.Pointer(&size)), uintptr(unsafe.Pointer(&status)))
	runtime.KeepAlive(text)
	if status != success {
		return 0, d.failed(status, d.cl.createProgramWithSource.name, 0)
	}
	if status := d.buildProgram(id, options); status != success {
		err := d.failed(status, d.cl.buildProgram.name, 0)
		log := infoText(&d.cl.getProgramBuildInfo, id, d.id, programBuildLog)
		d.cl.releaseProgram.do(id)
		if own := (*Error)(nil); !errors.As(err, &own) || own.lost || log == "" && status != codeBuildFailure {
			return 0, err
		}
		return 0, &backend.BuildError{Log: log, Err: &refused{firstError(log), err}}
	}
	return id, nil
}

func (d *device) buildProgram(id uintptr, options string) int32 {
	text := append([]byte(options), 0)
	return d.cl.buildProgram.do(id, 1, uintptr(unsafe.Pointer(&d.id)), uintptr(unsafe.Pointer(&text[0])), 0, 0)
}

func (d *device) fromBinary(context uintptr, data []byte, options string) (uintptr, bool) {
	at, size := unsafe.Pointer(&data[0]), uintptr(len(data))
	var state, status int32
	id := d.cl.createProgramWithBinary.make(context, 1, uintptr(unsafe.Pointer(&d.id)), uintptr(unsafe.Pointer(&size)),
		uintptr(unsafe.Pointer(&at)), uintptr(unsafe.Pointer(&state)), uintptr(unsafe.Pointer(&status)))
	runtime.KeepAlive(data)
	if status != success {
		return 0, false
	}
	if state != success || d.buildProgram(id, options) != success {
		d.cl.releaseProgram.do(id)
		return 0, false
	}
	return id, true
}

// binary is the compiled program, nil if the driver does not give it.
func (d *device) binary(id uintptr) []byte {
	var size uintptr
	f := &d.cl.getProgramInfo
	if f.do(id, programBinarySizes, unsafe.Sizeof(size), uintptr(unsafe.Pointer(&size)), 0) != success || size == 0 || size > cacheBytes {
		return nil
	}
	data := make([]byte, size)
	at := unsafe.Pointer(&data[0])
	if f.do(id, programBinaries, unsafe.Sizeof(at), uintptr(unsafe.Pointer(&at)), 0) != success {
		return nil
	}
	return data
}

// refused is a compiler's first complaint.
type refused struct {
	line string
	err  error
}

func (r *refused) Error() string { return r.line }
func (r *refused) Unwrap() error { return r.err }

func firstError(log string) string {
	lines := strings.Split(log, "\n")
	for _, l := range lines {
		if strings.Contains(l, "error") {
			return strings.TrimSpace(l)
		}
	}
	return strings.TrimSpace(lines[0])
}

// Source is what was compiled.
func (p *program) Source() string { return p.source }

// Cached says whether the program was in the cache.
func (p *program) Cached() bool { return p.cached }

// names are the kernels' names with semicolons between.
func (p *program) names() string { return infoText(&p.dev.cl.getProgramInfo, p.id, programKernelNames) }

// Kernel finds a kernel by its name. It is the same one each time.
func (p *program) Kernel(name string) (backend.Kernel, error) {
	if _, err := p.dev.enter(); err != nil {
		return nil, err
	}
	defer p.dev.leave()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.freed {
		return nil, fmt.Errorf("opencl: kernel %s: its program was freed", name)
	}
	if k := p.kernels[name]; k != nil {
		return k, nil
	}
	k, err := p.newKernel(name)
	if err != nil {
		return nil, err
	}
	p.kernels[name] = k
	return k, nil
}

func (p *program) newKernel(name string) (*Kernel, error) {
	d := p.dev
	k := &Kernel{program: p, name: name}
	if p.ir != nil {
		for _, f := range p.ir.Kernels {
			if f.Name == name {
				k.ir = f
			}
		}
	}
	if p.ir != nil && k.ir == nil || !hasName(p.names(), name) {
		return nil, fmt.Errorf("opencl: the program has no kernel %q; it has %s", name, strings.ReplaceAll(p.names(), ";", ", "))
	}
	var status int32
	if k.id, status = d.newKernel(p.id, name); status != success {
		return nil, fmt.Errorf("opencl: kernel %s: %w", name, d.failed(status, d.cl.createKernel.name, 0))
	}
	k.count = int(uint32(infoNumber(&d.cl.getKernelInfo, k.id, kernelNumArgs)))
	k.group = int64(max(1, infoNumber(&d.cl.getKernelWorkGroupInfo, k.id, d.id, kernelGroupSize)))
	k.multiple = int64(max(1, infoNumber(&d.cl.getKernelWorkGroupInfo, k.id, d.id, kernelGroupMultiple)))
	if k.ir == nil {
		k.args, k.argsErr = k.readArgs()
	} else if want := driverArgs(k.ir); want != k.count {
		d.cl.releaseKernel.do(k.id)
		return nil, fmt.Errorf("opencl: kernel %s was printed with %d parameters, not %d", name, k.count, want)
	}
	return k, nil
}

func hasName(list, name string) bool {
	for n := range strings.SplitSeq(list, ";") {
		if n == name {
			return true
		}
	}
	return false
}

// driverArgs is how many parameters a kernel of the IR has when it is printed.
func driverArgs(k *ir.Kernel) int {
	n := 4 // base, n, faults, stop
	for _, p := range k.Params {
		n++
		if p.Type.Kind == ir.Slice {
			n++
			if p.Type.Elem.Kind == ir.Slice {
				n++
			}
		}
	}
	return n
}

// Free frees the program and its kernels. Commands that run one of them still end.
func (p *program) Free() {
	d := p.dev
	d.mu.Lock()
	_, mine := d.programs[p]
	delete(d.programs, p)
	d.mu.Unlock()
	if mine {
		p.release()
	}
}

func (p *program) release() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.freed = true
	for _, k := range p.kernels {
		k.mu.Lock()
		p.dev.cl.releaseKernel.do(k.id)
		k.id = 0
		k.mu.Unlock()
	}
	p.dev.cl.releaseProgram.do(p.id)
}
