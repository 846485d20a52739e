// Package cpu is the back-end that is always there: it runs programs of package ir in
// goroutines, on as many cores as Go uses. It is the reference for the others. See [Open],
// and [Call] for a single call of a function.
package cpu

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/adabc437/fanout/parallel/device/backend"
	"github.com/adabc437/fanout/parallel/device/ir"
)

var (
	errClosed = errors.New("cpu: the device is closed")
	errFreed  = errors.New("cpu: it was freed")
)

// device is the machine's own processor.
type device struct {
	info   backend.Info
	opened time.Time
	limit  int64
	queues sync.WaitGroup

	mu     sync.Mutex
	closed bool
	open   map[*queue]bool
	inUse  int64
	holds  map[*hold]bool
}

// Open makes a device of the machine's processor. Buffers may take 80% of its memory.
func Open() backend.Device {
	memory := memorySize()
	limit := memory / 5 * 4
	return &device{
		info: backend.Info{
			Backend: "cpu", Name: backend.Tidy(processor()), Model: processor(), Vendor: runtime.GOARCH, Driver: runtime.Version(), Kind: backend.CPU,
			Units: runtime.GOMAXPROCS(0), Memory: memory, MaxBuf: limit, Float64: true, Shared: true, Tick: time.Nanosecond,
		},
		opened: time.Now(), limit: limit, open: map[*queue]bool{}, holds: map[*hold]bool{},
	}
}

func (d *device) Info() backend.Info { return d.info }

func (d *device) InUse() int64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.inUse
}

func (d *device) isClosed() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.closed
}

// Close ends what runs, and waits for it.
func (d *device) Close() error {
	d.mu.Lock()
	d.closed = true
	open := slices.Collect(maps.Keys(d.open))
	d.mu.Unlock()
	for _, q := range open {
		q.abort()
	}
	d.queues.Wait()
	d.mu.Lock()
	defer d.mu.Unlock()
	d.inUse = 0
	clear(d.holds)
	return nil
}

func (d *device) now() time.Duration { return time.Since(d.opened) }

// Build compiles the program to closures.
func (d *device) Build(ctx context.Context, p *ir.Program) (backend.Program, error) {
	if ctx.Err() != nil {
		return nil, because(ctx)
	}
	if d.isClosed() {
		return nil, errClosed
	}
	c, err := compile(p)
	if err != nil {
		return nil, &backend.BuildError{Log: err.Error(), Err: err}
	}
	return &program{device: d, code: c, source: ir.Text(p)}, nil
}

// BuildSource is not supported: the device has no language of its own.
func (d *device) BuildSource(context.Context, string) (backend.Program, error) {
	return nil, fmt.Errorf("cpu: kernels in OpenCL C need an OpenCL device, of which PoCL makes one of any processor: %w", backend.ErrUnsupported)
}

// Alloc makes a buffer.
func (d *device) Alloc(size int64) (backend.Buffer, error) {
	if size < 0 {
		return nil, fmt.Errorf("cpu: a buffer cannot have %d bytes", size)
	}
	h := &hold{device: d, size: max(size, 1)}
	if err := h.take(size); err != nil {
		return nil, err
	}
	b := &buffer{device: d, size: h.size, words: make([]uint64, (h.size+7)/8), hold: h}
	runtime.AddCleanup(b, (*hold).free, h)
	return b, nil
}

// A hold is what a buffer takes of the device's memory, until it is freed or dropped.
type hold struct {
	device *device
	size   int64
}

func (h *hold) take(asked int64) error {
	d := h.device
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case d.closed:
		return errClosed
	case h.size > d.limit-d.inUse:
		return &backend.MemoryError{Asked: asked, InUse: d.inUse, Memory: d.info.Memory}
	}
	d.inUse += h.size
	d.holds[h] = true
	return nil
}

func (h *hold) free() {
	d := h.device
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.holds[h] {
		d.inUse -= h.size
		delete(d.holds, h)
	}
}

// A buffer has its bytes in words, for their alignment.
type buffer struct {
	device *device
	size   int64
	hold   *hold
	mu     sync.Mutex
	words  []uint64 // nil when freed; commands have their own reference
}

func (b *buffer) Size() int64 { return b.size }

func (b *buffer) Free() {
	b.mu.Lock()
	b.words = nil
	b.mu.Unlock()
	b.hold.free()
}

func (b *buffer) get() ([]uint64, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.words == nil {
		return nil, fmt.Errorf("%w: a buffer", errFreed)
	}
	return b.words, nil
}

// A program is compiled, and has machines that are not in use.
type program struct {
	device   *device
	code     *compiler
	source   string
	machines sync.Pool
	freed    atomic.Bool
}

func (p *program) Source() string { return p.source }

func (p *program) Cached() bool { return false }

func (p *program) Free() { p.freed.Store(true) }

func (p *program) Kernel(name string) (backend.Kernel, error) {
	k := p.code.kernels[name]
	switch {
	case p.device.isClosed():
		return nil, errClosed
	case p.freed.Load():
		return nil, fmt.Errorf("%w: the program of kernel %s", errFreed, name)
	case k == nil:
		return nil, fmt.Errorf("cpu: the program has no kernel %s", name)
	}
	return &kernel{program: p, code: k}, nil
}

type kernel struct {
	program *program
	code    *compiledKernel
}

func (k *kernel) Name() string { return k.code.ir.Name }

var (
	_ backend.Device  = (*device)(nil)
	_ backend.Buffer  = (*buffer)(nil)
	_ backend.Program = (*program)(nil)
	_ backend.Queue   = (*queue)(nil)
	_ backend.Event   = (*event)(nil)
)
