// Package irtest has programs of package ir with their arguments and what they must give,
// which every back-end can be tried on: see [Cases] and [Run].
package irtest

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/adabc437/fanout/parallel/device/backend"
	"github.com/adabc437/fanout/parallel/device/ir"
)

// A Case is a launch of one kernel. Cases in a row may share a program.
type Case struct {
	Name    string
	Program *ir.Program
	Kernel  string
	Base, N int64
	Args    []Arg
	Fault   *Fault // which task fails, if one does: then Want is not looked at

	own *ir.Kernel // if it shares nothing with other kernels, and can be joined with them
}

// An Arg is an argument: the bytes of a value, or what a slice has before the launch and
// must have after it.
type Arg struct {
	Name string // in errors; "": its number
	Type *ir.Type
	Data []byte
	Rows []int64 // of a slice of slices: where rows begin, and where the last one ends
	Want []byte  // nil: Data
	ULPs float64 // by how many units in the last place floats may differ
	// Labels say what the elements are; behind the last one they begin again.
	Labels []string
}

// A Fault is the task that fails, and what the back-end says if it knows the values.
type Fault struct {
	Index int64
	Site  int
	X, Y  int64
}

// Run tries all cases on a device, or those of the groups with these names; those of small
// kernels several in one, for devices take long to compile kernels. Those that need float64
// are left out where it has none.
func Run(t *testing.T, dev backend.Device, groups ...string) {
	var last *ir.Program
	var built backend.Program
	q, err := dev.Queue()
	if err != nil {
		t.Fatal(err)
	}
	defer q.Free()
	cases := Cases()
	if len(groups) > 0 {
		cases = slices.DeleteFunc(cases, func(c Case) bool {
			group, _, _ := strings.Cut(c.Name, "/")
			return !slices.Contains(groups, group)
		})
	}
	if len(cases) == 0 {
		t.Fatalf("there are no cases %v", groups)
	}
	for _, c := range join(cases) {
		t.Run(c.Name, func(t *testing.T) {
			if !dev.Info().Float64 && c.usesFloat64() {
				t.Skip("the device has no float64")
			}
			if c.Program != last {
				p, err := dev.Build(t.Context(), c.Program)
				if err != nil {
					var b *backend.BuildError
					if errors.As(err, &b) {
						t.Log(b.Log)
					}
					t.Fatal(err)
				}
				last, built = c.Program, p
			}
			if err := c.Check(t.Context(), dev, q, built); err != nil {
				t.Error(err)
			}
		})
	}
}

func (c *Case) usesFloat64() bool {
	for _, a := range c.Args {
		if a.Type.Uses(ir.Float64) {
			return true
		}
	}
	return false
}

// Check runs the case, and says what is not as it should be.
func (c *Case) Check(ctx context.Context, dev backend.Device, q backend.Queue, p backend.Program) error {
	k, err := p.Kernel(c.Kernel)
	if err != nil {
		return err
	}
	args := make([]backend.Arg, len(c.Args))
	for i, a := range c.Args {
		if args[i], err = a.upload(ctx, dev, q); err != nil {
			return fmt.Errorf("argument %d: %w", i, err)
		}
		if b := args[i].Buffer; b != nil {
			defer b.Free()
		}
	}
	e, err := q.Launch(k, c.Base, c.N, args)
	if err != nil {
		return err
	}
	err = e.Wait(ctx)
	if c.Fault != nil {
		return c.Fault.check(c, err)
	}
	if err != nil {
		return err
	}
	var wrong []error
	for i, a := range c.Args {
		if a.Type.Kind != ir.Slice || len(a.Data) == 0 {
			continue
		}
		got := make([]byte, len(a.Data))
		e, err := q.Read(got, args[i].Buffer, 0)
		if err != nil {
			return err
		}
		if err := e.Wait(ctx); err != nil {
			return err
		}
		if err := a.compare(got); err != nil {
			name := a.Name
			if name == "" {
				name = fmt.Sprint("argument ", i)
			}
			wrong = append(wrong, fmt.Errorf("%s: %w", name, err))
		}
	}
	return errors.Join(wrong...)
}

func (f *Fault) check(c *Case, err error) error {
	var got *backend.FaultError
	if !errors.As(err, &got) {
		return fmt.Errorf("no task fails: %v", err)
	}
	if got.Index != f.Index || got.Site != c.Program.Sites[f.Site] {
		return fmt.Errorf("task %d fails at %+v, not %d at %+v", got.Index, got.Site, f.Index, c.Program.Sites[f.Site])
	}
	if got.Known && (got.X != f.X || got.Y != f.Y) {
		return fmt.Errorf("it fails with %d and %d, not with %d and %d", got.X, got.Y, f.X, f.Y)
	}
	return nil
}

func (a *Arg) upload(ctx context.Context, dev backend.Device, q backend.Queue) (backend.Arg, error) {
	if a.Type.Kind != ir.Slice {
		return backend.Arg{Value: a.Data}, nil
	}
	put := func(data []byte) (backend.Buffer, error) {
		b, err := dev.Alloc(int64(len(data)))
		if err != nil || len(data) == 0 {
			return b, err
		}
		e, err := q.Write(b, 0, data)
		if err != nil {
			return nil, err
		}
		return b, e.Wait(ctx)
	}
	b, err := put(a.Data)
	if err != nil {
		return backend.Arg{}, err
	}
	elem := a.Type.Elem
	if elem.Kind == ir.Slice {
		rows, err := put(bytesOf(a.Rows))
		return backend.Arg{Buffer: b, Len: int64(len(a.Rows) - 1), Rows: rows}, err
	}
	n := int64(len(a.Rows)) // of elements without bytes
	if size := elem.Size(); size > 0 {
		n = int64(len(a.Data)) / size
	}
	return backend.Arg{Buffer: b, Len: n}, nil
}

// compare compares the bytes that there are with those that there should be.
func (a *Arg) compare(got []byte) error {
	want := a.Want
	if want == nil {
		want = a.Data
	}
	elem := a.Type.Elem
	for elem.Kind == ir.Slice || elem.Kind == ir.Array {
		elem = elem.Elem
	}
	size := elem.Size()
	if size == 0 {
		return nil
	}
	for i := int64(0); i*size < int64(len(want)); i++ {
		g, w := got[i*size:(i+1)*size], want[i*size:(i+1)*size]
		if err := SameValue(elem, g, w, a.ULPs); err != nil {
			what := ""
			if n := int64(len(a.Labels)); n > 1 {
				what = fmt.Sprintf(" (%s of task %d)", a.Labels[i%n], i/n)
			}
			return fmt.Errorf("element %d%s: %w", i, what, err)
		}
	}
	return nil
}

// SameValue says how two values of a type differ, by their memory: all NaNs are one, padding
// is not looked at. Floats may differ by ulps units in the last place.
func SameValue(t *ir.Type, got, want []byte, ulps float64) error {
	switch t.Kind {
	case ir.Struct:
		for _, f := range t.Fields {
			end := f.Offset + f.Type.Size()
			if f.Name == "_" {
				continue
			}
			if err := SameValue(f.Type, got[f.Offset:end], want[f.Offset:end], ulps); err != nil {
				return fmt.Errorf("%s: %w", f.Name, err)
			}
		}
		return nil
	case ir.Array:
		size := t.Elem.Size()
		for i := range t.Len {
			if err := SameValue(t.Elem, got[i*size:(i+1)*size], want[i*size:(i+1)*size], ulps); err != nil {
				return fmt.Errorf("[%d]: %w", i, err)
			}
		}
		return nil
	case ir.Float32:
		g, w := math.Float32frombits(binary.NativeEndian.Uint32(got)), math.Float32frombits(binary.NativeEndian.Uint32(want))
		return sameFloat(float64(g), float64(w), ulps, math.Float32bits(g) == math.Float32bits(w), float64(math.Nextafter32(float32(math.Abs(float64(w))), math.MaxFloat32))-math.Abs(float64(w)))
	case ir.Float64:
		g, w := math.Float64frombits(binary.NativeEndian.Uint64(got)), math.Float64frombits(binary.NativeEndian.Uint64(want))
		return sameFloat(g, w, ulps, math.Float64bits(g) == math.Float64bits(w), math.Nextafter(math.Abs(w), math.MaxFloat64)-math.Abs(w))
	}
	if string(got) != string(want) {
		return fmt.Errorf("%#x, not %#x (%s, the first byte is the lowest on most machines)", got, want, t)
	}
	return nil
}

func sameFloat(got, want, ulps float64, sameBits bool, ulp float64) error {
	switch {
	case sameBits, math.IsNaN(got) && math.IsNaN(want):
		return nil
	case ulps > 0 && !math.IsInf(got, 0) && !math.IsInf(want, 0) && math.Abs(got-want) <= ulps*ulp:
		return nil
	}
	return fmt.Errorf("%v, not %v, of which one unit in the last place is %g", got, want, ulp)
}

// bytesOf are the bytes of a slice's elements.
func bytesOf[T any](list []T) []byte {
	b, err := binary.Append(nil, binary.NativeEndian, list)
	if err != nil {
		panic(err)
	}
	return b
}
