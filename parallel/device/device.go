// Package device runs Go functions on devices: on GPUs, on other devices that OpenCL
// finds, and on the cores of this machine, with the same results.
//
// A [Function] is translated from the source of a Go function. [Device.Map] calls it for
// each element of a list, [Device.Reduce] and [Device.Scan] combine elements; lists are
// slices of this process, which are copied to the device and back, or an [Array], which
// stays there. A [Profile] says where the time went.
package device

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/adabc437/fanout/parallel/device/backend"
	"github.com/adabc437/fanout/parallel/device/cpu"
	"github.com/adabc437/fanout/parallel/device/ir"
	"github.com/adabc437/fanout/parallel/device/opencl"
)

// A Set holds the devices of a machine.
type Set struct {
	// Devices has GPUs first, then other devices of OpenCL, then the cores of this machine
	// without OpenCL, which are always there.
	Devices []*Device
	// Missing says why there is no device of OpenCL, or is nil.
	Missing error
}

// A Device runs functions. Its methods may be called by several goroutines.
type Device struct {
	backend.Device
	// Number is its place in the Set.
	Number int

	closed   atomic.Bool
	mu       sync.Mutex
	programs map[string]backend.Program // by their text
	retired  map[string]backend.Program // those before
}

// Open finds the devices of the machine.
func Open(options ...opencl.Option) *Set {
	s := &Set{}
	found, err := opencl.Open(options...)
	s.Missing = err
	for _, kind := range []backend.Kind{backend.GPU, backend.Accelerator, backend.CPU} {
		for _, d := range found {
			if d.Info().Kind == kind {
				s.add(d)
			}
		}
	}
	s.add(cpu.Open())
	return s
}

func (s *Set) add(d backend.Device) {
	s.Devices = append(s.Devices, &Device{Device: d, Number: len(s.Devices), programs: map[string]backend.Program{}})
}

// Default is the device that is best for most work: the first one.
func (s *Set) Default() *Device { return s.Devices[0] }

// Close frees all that the devices have.
func (s *Set) Close() error {
	var errs []error
	for _, d := range s.Devices {
		errs = append(errs, d.Close())
	}
	return errors.Join(errs...)
}

// Close frees all that the device has.
func (d *Device) Close() error {
	d.closed.Store(true)
	d.mu.Lock()
	clear(d.programs)
	clear(d.retired)
	d.mu.Unlock()
	return d.Device.Close()
}

// mostPrograms is how many programs a device keeps.
const mostPrograms = 200

// built compiles a program, unless it has been compiled before: then fresh is false.
func (d *Device) built(ctx context.Context, p *ir.Program) (program backend.Program, fresh bool, err error) {
	return d.builtFor(ctx, nil, p)
}

// builtFor is built of a program with kernels for f, whose text is known.
func (d *Device) builtFor(ctx context.Context, f *Function, p *ir.Program) (program backend.Program, fresh bool, err error) {
	if err := d.fits(p); err != nil {
		return nil, false, err
	}
	if err := p.Finish(); err != nil {
		return nil, false, fmt.Errorf("device: %w", err)
	}
	text := ""
	if f != nil {
		text = f.text
	}
	if text == "" {
		bare := *p
		bare.Kernels = nil
		text = ir.Text(&bare)
	}
	text += ir.Text(&ir.Program{Kernels: p.Kernels})
	return d.compiled(text, func() (backend.Program, error) { return d.Build(ctx, p) })
}

// compiled is what build gave of that text, now or before.
func (d *Device) compiled(text string, build func() (backend.Program, error)) (program backend.Program, fresh bool, err error) {
	d.mu.Lock()
	program = d.programs[text]
	d.mu.Unlock()
	if program != nil {
		return program, false, nil
	}
	if program, err = build(); err != nil {
		return nil, false, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if other := d.programs[text]; other != nil { // another goroutine was faster
		program.Free()
		return other, false, nil
	}
	if len(d.programs) >= mostPrograms { // calls that are under way may still use them: they stay for a while
		for _, old := range d.retired {
			old.Free()
		}
		d.retired = d.programs
		d.programs = map[string]backend.Program{}
	}
	d.programs[text] = program
	return program, true, nil
}

// A Float64Error says that a device does not compute with float64.
type Float64Error struct {
	Device   string
	Function string // that does
}

// Error says so, and what to do.
func (e *Float64Error) Error() string {
	return fmt.Sprintf("%s does not compute with float64, which %s does: use float32 (of a function of math that is float32(math.Exp(float64(x)))), or another device", e.Device, e.Function)
}

// fits says whether the device has what the program needs.
func (d *Device) fits(p *ir.Program) error {
	if d.Info().Float64 {
		return nil
	}
	for _, k := range p.Kernels {
		for _, v := range k.Params {
			if v.Type.Uses(ir.Float64) {
				return &Float64Error{d.Info().Name, k.Name}
			}
		}
		if usesFloat64(k.Body) {
			return &Float64Error{d.Info().Name, k.Name}
		}
	}
	for _, f := range p.Funcs {
		for _, v := range f.Params {
			if v.Type.Uses(ir.Float64) {
				return &Float64Error{d.Info().Name, f.Go}
			}
		}
		if usesFloat64(f.Body) {
			return &Float64Error{d.Info().Name, f.Go}
		}
	}
	return nil
}

// usesFloat64 says whether a float64 is computed somewhere in body.
func usesFloat64(body []ir.Stmt) (found bool) {
	ir.Walk(body, func(s ir.Stmt) {
		if d, ok := s.(*ir.Declare); ok {
			found = found || d.Var.Type.Uses(ir.Float64)
		}
		ir.Exprs(s, func(e ir.Expr) {
			ir.Inside(e, func(e ir.Expr) { found = found || e.Type().Kind == ir.Float64 })
		})
	})
	return found
}
