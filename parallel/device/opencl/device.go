package opencl

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	"github.com/adabc437/fanout/parallel/device/backend"
)

// stopGrace is how long a kernel has to end when it is asked to stop.
const stopGrace = 2 * time.Second

// closing is how long Close waits for commands.
const closing = 2 * time.Second

// A device is one of OpenCL's, with a context of its own.
type device struct {
	cl    *api
	id    uintptr
	info  backend.Info
	cache *cache
	// of the compiler
	options string
	ieee32  bool     // whether its float32 is IEEE 754's
	key     []string // what a compiled program depends on besides its source
	// of launches
	maxGroup int64
	align    int64 // of buffers that are parts of others, in bytes
	chunk    int64 // the most indices in one command
	poll     bool  // whether to ask for the state of events: the driver's waiting would spin
	remote   bool  // whether flags that stop kernels are set by commands
	grace    time.Duration
	clblast  func() (*clblast, error)

	open   func() (uintptr, error) // the context, made when it is first asked for
	opened atomic.Bool
	// control is a queue for the flags of running kernels; one and none are what they are set to.
	control   uintptr
	one, none int32

	// life is held by each call, and by Close alone.
	life   sync.RWMutex
	closed bool

	used atomic.Int64

	mu       sync.Mutex
	memories map[*memory]struct{}
	programs map[*program]struct{}
	queues   map[*queue]struct{}
	scratch  []*scratch
	slots    []slot
	slabs    []slab
	running  sync.WaitGroup // the queues' goroutines
}

var _ backend.Device = (*device)(nil)

// newDevice describes a device; nil if programs cannot be compiled for it.
func newDevice(cl *api, platform, id uintptr, dir string) *device {
	text := func(what uintptr) string { return infoText(&cl.getDeviceInfo, id, what) }
	number := func(what uintptr) int64 { return int64(infoNumber(&cl.getDeviceInfo, id, what)) }
	if number(deviceAvailable) == 0 || number(deviceCompiler) == 0 {
		return nil
	}
	d := &device{
		cl: cl, id: id,
		info: backend.Info{
			Backend: "opencl",
			Name:    backend.Tidy(text(deviceName)),
			Model:   text(deviceName),
			Vendor:  text(deviceVendor),
			Driver: fmt.Sprintf("%s (%s), driver %s", infoText(&cl.getPlatformInfo, platform, platformName),
				infoText(&cl.getPlatformInfo, platform, platformVersion), text(deviceDriver)),
			Kind:    kindOf(number(deviceType)),
			Units:   int(number(deviceUnits)),
			Clock:   int(number(deviceClock)),
			Memory:  number(deviceMemory),
			MaxBuf:  number(deviceMaxAlloc),
			Float64: number(deviceDouble) != 0,
			Shared:  number(deviceUnified) != 0,
			Tick:    time.Duration(number(deviceTick)),
		},
		maxGroup: max(1, number(deviceMaxGroup)),
		align:    max(64, number(deviceBaseAlign)/8),
		chunk:    maxChunk,
		grace:    stopGrace,
		one:      1,
		memories: map[*memory]struct{}{},
		programs: map[*program]struct{}{},
		queues:   map[*queue]struct{}{},
	}
	d.remote = !d.info.Shared
	d.poll = strings.Contains(d.info.Vendor, "NVIDIA")
	d.options = buildOptions(text(deviceCVersion), number(deviceSingle))
	d.ieee32 = number(deviceSingle)&(roundedDivideSqrt|subnormals) == roundedDivideSqrt|subnormals
	if strings.Contains(d.info.Driver, "PoCL") || strings.Contains(d.info.Driver, "pocl") {
		d.info.Name += ", PoCL"
		d.options += quiet
	}
	d.key = []string{d.info.Model, d.info.Vendor, d.info.Driver, text(deviceVersion)}
	if dir != "" {
		d.cache = &cache{dir: dir, files: cacheFiles, bytes: cacheBytes}
	}
	d.open = sync.OnceValues(d.newContext)
	return d
}

func kindOf(bits int64) backend.Kind {
	switch {
	case bits&deviceTypeGPU != 0:
		return backend.GPU
	case bits&deviceTypeCPU != 0:
		return backend.CPU
	}
	return backend.Accelerator
}

// Info describes the device.
func (d *device) Info() backend.Info { return d.info }

// InUse is how many bytes buffers take. A buffer that was freed counts until the commands
// that use it have ended.
func (d *device) InUse() int64 { return d.used.Load() }

func (d *device) newContext() (uintptr, error) {
	var status int32
	c := d.cl.createContext.make(0, 1, uintptr(unsafe.Pointer(&d.id)), 0, 0, uintptr(unsafe.Pointer(&status)))
	if status != success {
		return 0, fmt.Errorf("opencl: %s: %w", d.info.Name, failed(status, d.cl.createContext.name))
	}
	q, err := d.newQueue(c)
	if err != nil {
		d.cl.releaseContext.do(c)
		return 0, fmt.Errorf("opencl: %s: %w", d.info.Name, err)
	}
	d.control = q
	d.opened.Store(true)
	return c, nil
}

// enter begins a call that uses the driver: it gives the context, which stays until leave.
func (d *device) enter() (uintptr, error) {
	d.life.RLock()
	if d.closed {
		d.life.RUnlock()
		return 0, errClosed
	}
	c, err := d.open()
	if err != nil {
		d.life.RUnlock()
	}
	return c, err
}

func (d *device) leave() { d.life.RUnlock() }

// newQueue asks the driver for a queue whose commands run in order.
func (d *device) newQueue(context uintptr) (uintptr, error) {
	var status int32
	q := d.cl.createCommandQueue.make(context, d.id, queueProfiling, uintptr(unsafe.Pointer(&status)))
	return q, failed(status, d.cl.createCommandQueue.name)
}

// answers says whether the device still runs commands, after a failure that can mean that
// it is lost, or not.
func (d *device) answers() bool {
	context, err := d.open()
	if err != nil {
		return false
	}
	q, err := d.newQueue(context)
	if err != nil {
		return false
	}
	defer d.cl.releaseCommandQueue.do(q)
	return d.cl.enqueueMarkerWithWaitList.do(q, 0, 0, 0) == success && d.cl.finish.do(q) == success
}

// Close asks the kernels that run to stop, waits for the queues and frees all that the
// device has. Where a command does not end, it gives an error that is ErrAbandoned, and
// the rest is freed if the command ever ends. It may be called twice.
func (d *device) Close() error {
	d.stopAll()
	d.life.Lock()
	was := d.closed
	d.closed = true
	d.life.Unlock()
	if was {
		return nil
	}
	d.stopAll()
	for _, q := range d.allQueues() {
		q.Free()
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		d.running.Wait()
		d.release()
	}()
	timer := time.NewTimer(closing)
	defer timer.Stop()
	select {
	case <-done:
		return nil
	case <-timer.C:
		return fmt.Errorf("opencl: close %s: %w", d.info.Name, backend.ErrAbandoned)
	}
}

func (d *device) stopAll() {
	for _, q := range d.allQueues() {
		q.stopAll(errClosed)
	}
}

func (d *device) allQueues() []*queue {
	d.mu.Lock()
	defer d.mu.Unlock()
	list := make([]*queue, 0, len(d.queues))
	for q := range d.queues {
		list = append(list, q)
	}
	return list
}

// release frees what is left when no command runs any more and none can come.
func (d *device) release() {
	d.mu.Lock()
	memories, programs := d.memories, d.programs
	d.memories, d.programs = nil, nil
	d.mu.Unlock()
	for m := range memories {
		d.cl.releaseMemObject.do(m.mem)
		d.used.Add(-m.size)
	}
	for p := range programs {
		p.release()
	}
	for _, s := range d.scratch {
		s.free(d)
	}
	for _, s := range d.slots {
		d.cl.releaseMemObject.do(s.mem)
	}
	if !d.opened.Load() {
		return
	}
	if context, err := d.open(); err == nil {
		d.freeSlabs(context)
		d.cl.releaseCommandQueue.do(d.control)
		d.cl.releaseContext.do(context)
	}
}
