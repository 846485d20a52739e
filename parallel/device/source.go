package device

import (
	"context"
	"errors"
	"fmt"
	"math"
	"reflect"
	"regexp"
	"strings"

	"github.com/adabc437/fanout/parallel/device/backend"
	"github.com/adabc437/fanout/parallel/device/opencl"
)

// ErrItems says that a kernel was to run for nothing.
var ErrItems = errors.New("device: there is no work-item: the first slice has no elements, or there is no slice")

// A SourceCall is a kernel in the device's own language, and what it is called with.
type SourceCall struct {
	Source, Kernel string
	// Args are for its parameters: slices and Arrays for pointers, numbers, arrays and
	// structs for values, and of a pointer to local memory the number of elements.
	// Numbers become what the kernel takes; slices have the same type. What a kernel
	// may write to is copied back.
	Args []any
	// Global is how many work-items there are in each of up to three dimensions; nil: one
	// for each element of the first list. Local is how many of them form a group; nil: the
	// driver chooses.
	Global, Local []int64
}

// cTypes are the types of OpenCL C that Go has.
var cTypes = map[string]reflect.Type{
	"char": reflect.TypeFor[int8](), "short": reflect.TypeFor[int16](), "int": reflect.TypeFor[int32](), "long": reflect.TypeFor[int64](),
	"uchar": reflect.TypeFor[uint8](), "ushort": reflect.TypeFor[uint16](), "uint": reflect.TypeFor[uint32](), "ulong": reflect.TypeFor[uint64](),
	"unsigned char": reflect.TypeFor[uint8](), "unsigned short": reflect.TypeFor[uint16](), "unsigned int": reflect.TypeFor[uint32](), "unsigned long": reflect.TypeFor[uint64](),
	"float": reflect.TypeFor[float32](), "double": reflect.TypeFor[float64](),
}

var vectorRE = regexp.MustCompile(`^(u?(?:char|short|int|long)|float|double)(2|4|8|16)$`)

// goType is the Go type of values of an OpenCL C type; nil if it is not known, as of a struct.
func goType(c string) reflect.Type {
	if t := cTypes[c]; t != nil {
		return t
	}
	if m := vectorRE.FindStringSubmatch(c); m != nil {
		n := 0
		fmt.Sscan(m[2], &n)
		return reflect.ArrayOf(n, cTypes[m[1]])
	}
	return nil
}

// alike says whether values of two types stand in memory alike.
func alike(a, b reflect.Type) bool {
	if a.Kind() == reflect.Array && b.Kind() == reflect.Array {
		return a.Len() == b.Len() && alike(a.Elem(), b.Elem())
	}
	return KindOf(a) == KindOf(b) || a.Kind() == reflect.Bool && b.Kind() == reflect.Uint8
}

// An ArgError is an argument that a kernel does not take.
type ArgError struct {
	Arg int // from 0; beyond the last: one is missing
	Err error
}

// Error says why.
func (e *ArgError) Error() string { return e.Err.Error() }

// Unwrap gives Err.
func (e *ArgError) Unwrap() error { return e.Err }

// RunSource compiles and runs a kernel that is written in the device's language, OpenCL C.
// A *[backend.BuildError] has what the compiler says; an *[ArgError] says which argument
// does not fit. Interrupting it frees the caller; the device may go on (backend.ErrAbandoned).
func (d *Device) RunSource(ctx context.Context, c *SourceCall) (p *Profile, err error) {
	p = d.profile(&Call{Function: &Function{Name: c.Kernel}}, 0)
	defer func() { p.end(err) }()
	program, err := d.BuildSource(ctx, c.Source)
	if err != nil {
		return p, err
	}
	defer program.Free()
	p.Cached = program.Cached()
	kernel, err := program.Kernel(c.Kernel)
	if err != nil {
		return p, err
	}
	described, ok := kernel.(interface {
		Args() ([]opencl.ArgInfo, error)
	})
	if !ok {
		return p, backend.ErrUnsupported
	}
	infos, err := described.Args()
	if err != nil {
		return p, err
	}
	if len(infos) != len(c.Args) {
		return p, &ArgError{min(len(infos), len(c.Args)), fmt.Errorf("kernel %s takes %d arguments (%s), and gets %d", c.Kernel, len(infos), signature(infos), len(c.Args))}
	}
	w := newWork(d, p)
	defer w.end()
	l, err := w.lane(0)
	if err != nil {
		return p, err
	}
	args := make([]backend.Arg, len(infos))
	type back struct {
		bytes  []byte
		buffer backend.Buffer
	}
	var backs []back
	first := int64(0)
	for i, info := range infos {
		var n int64
		bytes := []byte(nil)
		if k, err := sameSlice(c.Args, i); err != nil {
			return p, &ArgError{i, err}
		} else if k >= 0 && args[k].Buffer != nil && strings.HasSuffix(info.Type, "*") && infos[k].Type == info.Type {
			args[i] = args[k] // a slice that is there already, as a pointer to it would be
			if own := reflect.ValueOf(c.Args[i]); !info.Const && infos[k].Const {
				backs = append(backs, back{bytesOf(own, 0, int64(own.Len())), args[i].Buffer})
			}
			continue
		}
		if args[i], n, bytes, err = d.sourceArg(l, info, c.Args[i]); err != nil {
			return p, &ArgError{i, fmt.Errorf("argument %d of %s, %s: %w", i+1, c.Kernel, describe(info), err)}
		}
		if first == 0 {
			first = n
		}
		if bytes != nil && !info.Const {
			backs = append(backs, back{bytes, args[i].Buffer})
		}
	}
	global := c.Global
	if global == nil {
		global = []int64{first}
	}
	if p.Tasks = times(global...); p.Tasks == math.MaxInt64 {
		return p, fmt.Errorf("device: %v work-items are too many", global)
	}
	if p.Tasks <= 0 {
		return p, ErrItems
	}
	if err := l.launchSource(kernel, global, c.Local, p.Tasks, args); err != nil {
		return p, err
	}
	for _, b := range backs {
		own := make([]byte, len(b.bytes)) // the device may write to it when the call has been given up
		if err := l.out(own, b.buffer, 0, p.Tasks); err != nil {
			return p, err
		}
		l.then(func() { copy(b.bytes, own) })
	}
	p.Chunks = 1
	return p, w.wait(ctx)
}

// sameSlice is an earlier argument that is the same slice as number i, or −1. Slices that share
// some of their memory are an error: each would be copied for itself.
func sameSlice(args []any, i int) (int, error) {
	v := reflect.ValueOf(args[i])
	if !v.IsValid() || v.Kind() != reflect.Slice || v.Len() == 0 {
		return -1, nil
	}
	size := v.Type().Elem().Size()
	lo := v.Pointer()
	hi := lo + uintptr(v.Len())*size
	for k, a := range args[:i] {
		w := reflect.ValueOf(a)
		if !w.IsValid() || w.Kind() != reflect.Slice || w.Len() == 0 {
			continue
		}
		from := w.Pointer()
		to := from + uintptr(w.Len())*w.Type().Elem().Size()
		switch {
		case from == lo && to == hi:
			return k, nil
		case from < hi && lo < to:
			return -1, fmt.Errorf("arguments %d and %d are slices that share some of their memory: give the same slice, or others", k+1, i+1)
		}
	}
	return -1, nil
}

func describe(a opencl.ArgInfo) string { return strings.TrimSpace(a.Type + " " + a.Name) }

func signature(infos []opencl.ArgInfo) string {
	list := make([]string, len(infos))
	for i, a := range infos {
		list[i] = describe(a)
	}
	return strings.Join(list, ", ")
}

// sourceArg is a Go value as an argument. Of a slice, n is its length, and bytes its memory.
func (d *Device) sourceArg(l *lane, info opencl.ArgInfo, x any) (arg backend.Arg, n int64, bytes []byte, err error) {
	v := reflect.ValueOf(x)
	pointee, isPointer := strings.CutSuffix(info.Type, "*")
	want := goType(strings.TrimSpace(pointee))
	switch {
	case isPointer && info.Space == "local":
		if !v.IsValid() || !v.CanInt() || v.Int() < 1 {
			return arg, 0, nil, fmt.Errorf("it is local memory: give the number of elements, and not a %T", x)
		}
		size := int64(1)
		if want != nil {
			size = int64(want.Size())
		}
		return backend.Arg{Len: v.Int() * size}, 0, nil, nil
	case isPointer:
		if a, ok := x.(onDevice); ok {
			if reflect.ValueOf(x).IsNil() {
				return arg, 0, nil, errNil
			}
			b, err := a.part().use()
			if err != nil {
				return arg, 0, nil, err
			}
			if a.part().on.device != d {
				return arg, 0, nil, elsewhere(a.part().on.device, d, "kernel")
			}
			if want != nil && !alike(a.part().elem, want) {
				return arg, 0, nil, fmt.Errorf("it takes a list of %s, and not of %s", want, a.part().elem)
			}
			return backend.Arg{Buffer: b, Offset: a.part().lo * int64(a.part().elem.Size())}, int64(a.part().Len()), nil, nil
		}
		if !v.IsValid() || v.Kind() != reflect.Slice {
			return arg, 0, nil, fmt.Errorf("it takes a slice, and not a %T", x)
		}
		elem := v.Type().Elem()
		if err := plain(elem); err != nil {
			return arg, 0, nil, err
		}
		if want != nil && !alike(elem, want) {
			return arg, 0, nil, fmt.Errorf("it takes a []%s, and not a %T", want, x)
		}
		bytes = bytesOf(v, 0, int64(v.Len()))
		arg, err = l.in(bytes, 0, int64(v.Len()))
		return arg, int64(v.Len()), bytes, err
	}
	if !v.IsValid() {
		return arg, 0, nil, fmt.Errorf("it takes a value, and not nil")
	}
	if err := plain(v.Type()); err != nil {
		return arg, 0, nil, err
	}
	if want != nil && !alike(v.Type(), want) {
		from, to := KindOf(v.Type()), KindOf(want)
		if !(from.IsInteger() && (to.IsInteger() || to.IsFloat()) || from.IsFloat() && to.IsFloat()) {
			return arg, 0, nil, fmt.Errorf("it takes a %s, and not a %T", want, x)
		}
		given := v
		if v = v.Convert(want); from.IsInteger() && to.IsInteger() && (v.Convert(given.Type()).Interface() != given.Interface() || from.IsSigned() != to.IsSigned() && given.CanInt() && given.Int() < 0) {
			return arg, 0, nil, fmt.Errorf("%v does not fit a %s", x, want)
		}
	}
	return argOf(v), 0, nil, nil
}

// launchSource runs a kernel of BuildSource.
func (l *lane) launchSource(k backend.Kernel, global, local []int64, n int64, args []backend.Arg) error {
	return l.start(Step{Stage: Kernel, Count: n}, func(q backend.Queue) (backend.Event, error) { return q.LaunchSource(k, global, local, args) })
}
