package device

import (
	"context"
	"errors"
	"reflect"
	"slices"

	"github.com/adabc437/fanout/parallel/device/backend"
	"github.com/adabc437/fanout/parallel/device/ir"
)

// Scan makes the prefixes of a list: out[i] = x0 ∘ x1 ∘ … ∘ xi, where a ∘ b is the call's
// function, as in [Device.Reduce]. The result is a slice, of as many elements as the list
// has; it is nil if they are in Call.Out, an [Array], which may be the list itself.
//
// With Call.Exclusive it is out[0] = i and out[n] = i ∘ x0 ∘ … ∘ xn-1, where i is
// Call.Initial: the identity of the function, 0 for a sum, or what is to stand in front. Of
// an [Operator] it need not be given; without it the error is ErrInitial.
//
// The function is called about twice for each element: first for the sum of each section
// of the list, then for the prefixes of these, then for each element.
func (d *Device) Scan(ctx context.Context, c *Call) (out any, p *Profile, err error) {
	r, err := newFolding(d, c, "scan", true)
	if err != nil {
		return nil, nil, err
	}
	var first reflect.Value
	if c.Exclusive {
		if first, err = r.initial(); err != nil {
			return nil, nil, err
		}
	}
	to := &list{n: r.list.n, elem: r.result}
	if c.Out != nil {
		if to.array, err = d.place(c.Out, to.n); err != nil {
			return nil, nil, err
		}
		if err := to.array.apart(r.list.array); err != nil {
			return nil, nil, err
		}
		to.elem = to.array.elem
		if err := fits(to.elem, r.given()); err != nil {
			return nil, nil, err
		}
	} else if err := holds(to.elem, to.n); err != nil {
		return nil, nil, err
	} else {
		to.host = reflect.MakeSlice(reflect.SliceOf(to.elem), int(to.n), int(to.n))
	}
	r.profile = d.profile(c, to.n)
	if to.n > 0 {
		err = r.scan(ctx, to, first)
	}
	r.profile.end(err)
	if err != nil || to.array != nil {
		return nil, r.profile, err
	}
	return to.host.Interface(), r.profile, nil
}

// ScanSource is the kernels that Scan would run, in the device's language.
func (d *Device) ScanSource(ctx context.Context, c *Call) (string, error) {
	return d.foldSource(ctx, c, "scan", true)
}

// place is an Array of the device for n results.
func (d *Device) place(out any, n int64) (*raw, error) {
	a, ok := out.(onDevice)
	if !ok || reflect.ValueOf(out).IsNil() || a.part().on == nil || a.part().on.device != d || int64(a.part().Len()) != n {
		return nil, errors.New("device: the results need an Array of the same device, with as many elements")
	}
	_, err := a.part().use()
	return a.part(), err
}

// scan makes the prefixes chunk by chunk. A chunk gets what is in front of it from the one
// before, by a buffer of two elements, which they take in turns.
func (r *folding) scan(ctx context.Context, to *list, first reflect.Value) (err error) {
	if err := r.build(ctx); err != nil {
		return err
	}
	w := newWork(r.device, r.profile)
	defer w.end()
	if r.captures, err = w.captures(ctx, r.call); err != nil {
		return err
	}
	carry := backend.Arg{Len: 2}
	if carry.Buffer, err = w.buffer(2 * r.elem.Size()); err != nil {
		return err
	}
	if first.IsValid() { // for the first chunk
		bytes := valueBytes(first)
		if err := r.device.move(func(q backend.Queue) (backend.Event, error) { return q.Write(carry.Buffer, 0, bytes) }, len(bytes)); err != nil {
			return err
		}
	}
	places := int64(2)
	if to.array != nil && r.list.host.IsValid() {
		places = 1
	} else if to.array != nil {
		places = 0
	}
	// Where a task may fail, the elements have to be there when it is explained.
	spare := to.array != nil && r.list.array != nil && to.array.on == r.list.array.on && to.array.lo == r.list.array.lo &&
		slices.ContainsFunc(r.program.Kernels, func(k *ir.Kernel) bool { return k.Fails })
	if spare {
		places = 1
	}
	chunk := r.chunk(places)
	var before *lane
	for lo := int64(0); lo < r.list.n; lo += chunk {
		hi := min(lo+chunk, r.list.n)
		l, err := w.next(ctx)
		if err != nil {
			return err
		}
		in, err := r.input(l, lo, hi)
		if err == nil && spare {
			err = r.spare(l, &in)
		}
		if err != nil {
			return err
		}
		var out backend.Arg
		if to.array != nil {
			out, err = to.arrayArg(lo, hi)
		} else {
			out.Len = hi - lo
			out.Buffer, err = l.buffer((hi - lo) * int64(r.result.Size()))
		}
		if err != nil {
			return err
		}
		s := &scanning{folding: r, lane: l, carry: carry, from: -1, to: int64(r.profile.Chunks+1) % 2, before: before}
		if lo > 0 || first.IsValid() {
			s.from = 1 - s.to
		}
		if err := s.prefixes(ctx, in, out, s.to); err != nil {
			return err
		}
		if to.array == nil {
			if err := l.out(bytesOf(to.host, lo, hi), out.Buffer, lo, hi); err != nil {
				return err
			}
		}
		if err := l.queue.Flush(); err != nil {
			return err
		}
		r.profile.Chunks++
		before = l
	}
	return w.wait(ctx)
}

// spare copies a level elsewhere on the device.
func (r *folding) spare(l *lane, in *level) error {
	size := in.n * r.taken.Size()
	b, err := l.buffer(size)
	if err != nil {
		return err
	}
	from := in.arg
	in.arg.Buffer, in.arg.Offset = b, 0
	return l.start(Step{Stage: Kernel, First: in.first}, func(q backend.Queue) (backend.Event, error) { return q.Copy(b, 0, from.Buffer, from.Offset, size) })
}

// A scanning is the scan of one chunk.
type scanning struct {
	*folding
	lane     *lane
	carry    backend.Arg
	from, to int64 // places in carry; from is -1 in the first chunk
	before   *lane // the chunk in front, until it is done
}

// prefixes makes those of a level: the last one goes to carry[to], if that is a place.
func (s *scanning) prefixes(ctx context.Context, in level, out backend.Arg, to int64) error {
	per := s.section(in.n)
	var before backend.Arg
	if in.n > per {
		sums, err := s.sections(ctx, s.lane, in, per)
		if err != nil {
			return err
		}
		before.Len = sums.n
		if before.Buffer, err = s.lane.buffer(sums.n * s.elem.Size()); err != nil {
			return err
		}
		if err := s.prefixes(ctx, sums, before, -1); err != nil {
			return err
		}
	} else if s.before != nil {
		if err := s.lane.queue.Flush(); err != nil {
			return err
		}
		if err := s.before.wait(ctx); err != nil {
			return err
		}
		s.before = nil
	}
	name := in.name(s.applies)
	explain := func(fault *backend.FaultError) error {
		front, place := before, fault.Index-1
		if fault.Index == 0 {
			front, place = s.carry, s.from
			if s.from < 0 {
				front = backend.Arg{}
			}
		}
		return s.explain(ctx, fault, name, in, per, front, place)
	}
	args := s.args(&in, per, before, s.carry, argOf(reflect.ValueOf(s.from)), argOf(reflect.ValueOf(to)), out)
	return s.lane.run(s.kernels[name], 0, (in.n+per-1)/per, args, s.step(in), explain)
}
