package opencl

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"unsafe"

	"github.com/adabc437/fanout/parallel/device/backend"
)

// An ArgInfo says what a parameter of a hand-written kernel is.
type ArgInfo struct {
	Name  string
	Type  string // as in the source, such as float*, uint or float4
	Space string // where what it points to is: global, constant or local; private: it is a value
	Const bool   // what it points to is not written
}

// Args says what the kernel's parameters are. It is for kernels of BuildSource; the driver
// keeps it of no others.
func (k *Kernel) Args() ([]ArgInfo, error) {
	if k.ir != nil {
		return nil, fmt.Errorf("opencl: kernel %s: %w", k.name, backend.ErrUnsupported)
	}
	if k.argsErr != nil {
		return nil, k.argsErr
	}
	return slices.Clone(k.args), nil
}

var spaces = map[uint64]string{0x119B: "global", 0x119C: "local", 0x119D: "constant", 0x119E: "private"}

func (k *Kernel) readArgs() ([]ArgInfo, error) {
	f := &k.program.dev.cl.getKernelArgInfo
	list := make([]ArgInfo, k.count)
	for i := range list {
		var space uint32
		if status := f.do(k.id, uintptr(i), kernelArgAddress, 4, uintptr(unsafe.Pointer(&space)), 0); status != success {
			return nil, fmt.Errorf("opencl: kernel %s: %w", k.name, failed(status, f.name))
		}
		var qualifier uint64
		f.do(k.id, uintptr(i), kernelArgQualifier, 8, uintptr(unsafe.Pointer(&qualifier)), 0) // of a driver that does not tell: 0
		list[i] = ArgInfo{
			Const: qualifier&1 != 0 || spaces[uint64(space)] == "constant",
			Name:  infoText(f, k.id, uintptr(i), kernelArgName),
			Type:  infoText(f, k.id, uintptr(i), kernelArgTypeName),
			Space: spaces[uint64(space)],
		}
	}
	return list, nil
}

// LaunchSource runs a hand-written kernel. An argument for a pointer to local memory is an
// Arg with neither Buffer nor Value, whose Len is the number of bytes.
func (q *queue) LaunchSource(k backend.Kernel, global, local []int64, args []backend.Arg) (backend.Event, error) {
	d := q.dev
	kernel, err := d.kernelOf(k)
	if err != nil {
		return nil, err
	}
	if kernel.ir != nil {
		return nil, fmt.Errorf("opencl: kernel %s is of Build: Launch runs it", kernel.name)
	}
	if err := kernel.checkRange(global, local); err != nil {
		return nil, err
	}
	if _, err := d.enter(); err != nil {
		return nil, err
	}
	defer d.leave()
	e := newEvent(q, d.cl.enqueueNDRangeKernel.name)
	list, err := kernel.sourceOperands(e, args)
	if err != nil {
		e.cancel()
		return nil, err
	}
	return q.launch(e, kernel, func() error { return q.enqueueSource(e, kernel, global, local, list) })
}

func (q *queue) enqueueSource(e *event, k *Kernel, global, local []int64, list []operand) error {
	d := q.dev
	if slices.Contains(global, 0) {
		return d.failed(q.marker(e), d.cl.enqueueMarkerWithWaitList.name, 0)
	}
	args := setter{k: k}
	for i := range list {
		switch o := &list[i]; {
		case o.buffer != nil:
			release, err := args.pointer(o)
			if err != nil {
				return err
			}
			defer release()
		case o.arg.Value != nil:
			args.bytes(o.arg.Value)
		case k.space(i) == "local":
			args.set(uintptr(o.arg.Len), nil)
		default:
			args.mem(0)
		}
	}
	if args.err != nil {
		return args.err
	}
	at := copy(k.size[:3], sizes(global))
	var group unsafe.Pointer
	if local != nil {
		copy(k.size[3:], sizes(local))
		group = unsafe.Pointer(&k.size[3])
	}
	f := &d.cl.enqueueNDRangeKernel
	status := f.do(q.id, k.id, uintptr(at), 0, uintptr(unsafe.Pointer(&k.size[0])), uintptr(group), 0, 0, uintptr(unsafe.Pointer(&e.last)))
	if status == success && local == nil {
		e.fresh = k.isFresh(k.size[:at]...) // the driver chooses by these
	} else if status == success {
		e.fresh = k.isFresh(k.size[3 : 3+at]...)
	}
	return d.failed(status, f.name, 0)
}

func sizes(list []int64) []uintptr {
	out := make([]uintptr, len(list))
	for i, n := range list {
		out[i] = uintptr(n)
	}
	return out
}

func (k *Kernel) checkRange(global, local []int64) error {
	if len(global) < 1 || len(global) > 3 {
		return fmt.Errorf("opencl: kernel %s: work-items in %d dimensions; there are 1 to 3", k.name, len(global))
	}
	if local != nil && len(local) != len(global) {
		return fmt.Errorf("opencl: kernel %s: %w: work-items in %d dimensions, groups in %d", k.name, backend.ErrGroups, len(global), len(local))
	}
	all, group := int64(1), int64(1)
	for i, n := range global {
		if n < 0 || n > 0 && all > math.MaxInt64/n {
			return fmt.Errorf("opencl: kernel %s: %v work-items: not a number of int64", k.name, global)
		}
		all *= n
		if local == nil {
			continue
		}
		if local[i] < 1 || local[i] > k.program.dev.maxGroup {
			return fmt.Errorf("opencl: kernel %s: %w: %d work-items in one; there are 1 to %d", k.name, backend.ErrGroups, local[i], k.program.dev.maxGroup)
		}
		if n%local[i] != 0 {
			return fmt.Errorf("opencl: kernel %s: %w: %d does not divide %d work-items; %d does", k.name, backend.ErrGroups, local[i], n, divisor(n, local[i]))
		}
		group *= local[i]
	}
	if group > k.group {
		return fmt.Errorf("opencl: kernel %s: %w: groups of %v are %d work-items; the device has at most %d", k.name, backend.ErrGroups, local, group, k.group)
	}
	return nil
}

// divisor is the largest number up to most that divides n.
func divisor(n, most int64) int64 {
	for ; n%most != 0; most-- {
	}
	return most
}

// sourceOperands checks the arguments as far as the driver tells what the parameters are.
func (k *Kernel) sourceOperands(e *event, args []backend.Arg) ([]operand, error) {
	if len(args) != k.count {
		return nil, fmt.Errorf("opencl: kernel %s takes %d arguments, not %d", k.name, k.count, len(args))
	}
	list := make([]operand, len(args))
	for i := range args {
		o, err := k.sourceOperand(i, &args[i])
		if err == nil && o.buffer != nil {
			err = e.hold(o.buffer.memory)
		}
		if err != nil {
			name := ""
			if k.args != nil {
				name = ", " + strings.TrimSpace(k.args[i].Space+" "+k.args[i].Type+" "+k.args[i].Name)
			}
			return nil, fmt.Errorf("opencl: kernel %s: argument %d%s: %w", k.name, i+1, name, err)
		}
		list[i] = o
	}
	return list, nil
}

// space is where the i-th argument points to, "" where the driver does not tell.
func (k *Kernel) space(i int) string {
	if k.args == nil {
		return ""
	}
	return k.args[i].Space
}

func (k *Kernel) sourceOperand(i int, a *backend.Arg) (o operand, err error) {
	o = operand{arg: a}
	switch space := k.space(i); {
	case a.Rows != nil:
		return o, fmt.Errorf("rows are for kernels of Build")
	case a.Buffer != nil && a.Value != nil:
		return o, fmt.Errorf("either a buffer or a value is wanted, not both")
	case space == "private":
		if a.Value == nil {
			return o, fmt.Errorf("a value is wanted, not a buffer")
		}
		if want := scalarSize(k.args[i].Type); want > 0 && want != len(a.Value) {
			return o, fmt.Errorf("a value of %d bytes is wanted, not %d", want, len(a.Value))
		}
		return o, nil
	case space == "local":
		if a.Buffer != nil || a.Value != nil || a.Len < 1 {
			return o, fmt.Errorf("the number of bytes is wanted as Len, 1 or more, and nothing else")
		}
		return o, nil
	case space != "" && a.Value != nil:
		return o, fmt.Errorf("a buffer is wanted, not a value")
	case a.Buffer != nil:
		if o.buffer, err = k.program.dev.bufferOf(a.Buffer, a.Offset, 0); err == nil {
			o.size = o.buffer.size - a.Offset
		}
		return o, err
	case a.Value != nil && len(a.Value) == 0:
		return o, fmt.Errorf("a value of no bytes")
	}
	return o, nil
}

// scalarSize is the size in bytes of OpenCL C's own types, 0 of others.
func scalarSize(name string) int {
	base := strings.TrimRight(name, "0123456789")
	size := map[string]int{
		"char": 1, "uchar": 1, "short": 2, "ushort": 2, "int": 4, "uint": 4, "long": 8, "ulong": 8,
		"float": 4, "double": 8, "half": 2,
		"unsigned char": 1, "unsigned short": 2, "unsigned int": 4, "unsigned long": 8,
	}[base]
	switch name[len(base):] {
	case "":
		return size
	case "2":
		return 2 * size
	case "3", "4":
		return 4 * size
	case "8":
		return 8 * size
	case "16":
		return 16 * size
	}
	return 0
}
