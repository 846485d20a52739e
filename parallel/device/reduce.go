package device

import (
	"context"
	"errors"
	"reflect"

	"github.com/adabc437/fanout/parallel/device/ir"
)

// ErrEmpty says that there is nothing to combine.
var ErrEmpty = errors.New("device: there is nothing to combine: a reduction of no elements has a value only if its function is sum (0) or product (1)")

// Reduce combines the elements of a list: x0 ∘ x1 ∘ x2 ∘ …, where a ∘ b is the call's
// function, func(a, b T) T. It must be associative, and need not be commutative: the order
// of the elements is kept. They are combined in a tree, of sections of at most 256 that are
// combined one after another, so that sums of floats may differ from those of a loop in their
// last digits, and from device to device. The [Operator] sum adds float32 up as float64, where
// the device has that, and rounds once. The error of a sum of n float64 is at most
// (270·⌈log₂₅₆ n⌉)·2⁻⁵³·Σ|xᵢ|.
//
// Numbers of another type than the function's are converted, as by [Device.Map]. The result is
// a value of the list's type, or if elements are converted, a Call.Result; of a whole number n, which stands for 0 to
// n−1, it is a Call.Result, or an int or whatever the function takes. Of no elements it is
// ErrEmpty, but 0 of the [Operator] sum and 1 of product. If the function fails, the error
// is a *TaskError, whose Index is the element with which the function's second argument
// begins. The profile is there in any case but that of a call that cannot be.
func (d *Device) Reduce(ctx context.Context, c *Call) (result any, p *Profile, err error) {
	r, err := newFolding(d, c, "reduction", false)
	if err != nil {
		return nil, nil, err
	}
	r.profile = d.profile(c, r.list.n)
	value := reflect.New(r.result).Elem()
	if r.list.n == 0 {
		err = c.Function.neutral(value)
	} else {
		err = r.all(ctx, value)
	}
	r.profile.end(err)
	if err != nil {
		return nil, r.profile, err
	}
	return value.Interface(), r.profile, nil
}

// ReduceSource is the kernels that Reduce would run, in the device's language.
func (d *Device) ReduceSource(ctx context.Context, c *Call) (string, error) {
	return d.foldSource(ctx, c, "reduction", false)
}

// neutral sets v to the function's value of nothing.
func (f *Function) neutral(v reflect.Value) error {
	one := reflect.ValueOf(1)
	switch {
	case f.operator == "sum":
		v.SetZero()
	case f.operator == "product" && v.CanConvert(one.Type()):
		v.Set(one.Convert(v.Type()))
	default:
		return ErrEmpty
	}
	return nil
}

// all reduces chunk by chunk, and what the chunks give at the end.
func (r *folding) all(ctx context.Context, value reflect.Value) (err error) {
	if err := r.build(ctx); err != nil {
		return err
	}
	w := newWork(r.device, r.profile)
	defer w.end()
	if r.captures, err = w.captures(ctx, r.call); err != nil {
		return err
	}
	chunk := r.chunk(0)
	got := level{n: (r.list.n + chunk - 1) / chunk, stride: chunk}
	got.arg.Len = got.n
	if got.arg.Buffer, err = w.buffer(got.n * r.elem.Size()); err != nil {
		return err
	}
	for i := range got.n {
		l, err := w.next(ctx)
		if err != nil {
			return err
		}
		in, err := r.input(l, i*chunk, min((i+1)*chunk, r.list.n))
		if err != nil {
			return err
		}
		if err := r.reduce(ctx, l, in, got.arg, i); err != nil {
			return err
		}
		if err := l.queue.Flush(); err != nil {
			return err
		}
		r.profile.Chunks++
	}
	typ := value.Type()
	if !ir.Same(r.given(), r.elem) {
		typ = goTypes[r.elem.Kind]
	}
	out := reflect.MakeSlice(reflect.SliceOf(typ), 1, 1)
	if got.n > 1 {
		if err := w.wait(ctx); err != nil {
			return err
		}
	} else {
		w.turn = 1 - w.turn // the chunk's lane goes on
	}
	l, err := w.lane(w.turn)
	if err != nil {
		return err
	}
	last := got.arg.Buffer
	if got.n > 1 {
		l.used = 0
		sum := got.arg
		sum.Len = 1
		if sum.Buffer, err = l.buffer(r.elem.Size()); err != nil {
			return err
		}
		if err := r.reduce(ctx, l, got, sum, 0); err != nil {
			return err
		}
		last = sum.Buffer
	}
	if err := l.out(bytesOf(out, 0, 1), last, 0, r.list.n); err != nil {
		return err
	}
	if err := w.wait(ctx); err != nil {
		return err
	}
	value.Set(out.Index(0).Convert(value.Type()))
	return nil
}
