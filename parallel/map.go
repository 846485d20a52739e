package parallel

import (
	"context"
	"errors"
	"fmt"
	"reflect"
)

// errNilFunc is what the map family answers when f is nil.
var errNilFunc = errors.New("parallel: f is nil: give a function of one argument")

// Map calls f on each element of xs and returns the results in the order of
// xs: len(xs) values. f runs on several goroutines at once.
//
// The error is nil when every task succeeded; a [*TaskError] when one
// panicked; [ErrClosed] when the pool is closed; and otherwise wraps the cause
// of the cancelled context. With an error the results of the tasks that did
// finish are in their places, and the others are zero values.
func Map[T, R any](f func(T) R, xs []T, opts ...Option) ([]R, error) {
	if f == nil {
		return nil, errNilFunc
	}
	if o := resolve(opts); o.place != nil {
		return mapAt[T, R](o.ctx, o, xs)
	}
	out := results[R](len(xs))
	job := jobOf(out, func(i int) any { return xs[i] }, func(_ context.Context, i int) (R, error) { return f(xs[i]), nil })
	job.span = func(w *worker, lo, hi int) error {
		for w.at = lo; w.at < hi; {
			out[w.at] = f(xs[w.at])
			w.at++
			if w.sig.Load() != 0 {
				break
			}
		}
		return nil
	}
	return collect(out, execute(job, opts))
}

// MapErr is [Map] for a function that can fail: the first error stops the
// call, and comes back in a [*TaskError], which unwraps to it.
func MapErr[T, R any](f func(T) (R, error), xs []T, opts ...Option) ([]R, error) {
	if f == nil {
		return nil, errNilFunc
	}
	return mapContext(func(_ context.Context, x T) (R, error) { return f(x) }, xs, opts)
}

// MapContext is [MapErr] for a function that listens to a context. The
// context that a task sees derives from ctx, and is cancelled when another task
// fails. A [WithContext] among opts is overruled by ctx.
func MapContext[T, R any](ctx context.Context, f func(context.Context, T) (R, error), xs []T, opts ...Option) ([]R, error) {
	if f == nil {
		return nil, errNilFunc
	}
	return mapContext(f, xs, append(opts[:len(opts):len(opts)], WithContext(ctx)))
}

// Apply calls f on x on a worker and returns its result. A panic comes back as
// a [*TaskError] with index 0.
func Apply[T, R any](f func(T) R, x T, opts ...Option) (R, error) {
	ys, err := Map(f, []T{x}, opts...)
	return first(ys), err
}

// ApplyErr is [Apply] for a function that can fail.
func ApplyErr[T, R any](f func(T) (R, error), x T, opts ...Option) (R, error) {
	ys, err := MapErr(f, []T{x}, opts...)
	return first(ys), err
}

func first[R any](ys []R) (y R) {
	if len(ys) > 0 {
		y = ys[0]
	}
	return y
}

func mapContext[T, R any](f func(context.Context, T) (R, error), xs []T, opts []Option) ([]R, error) {
	if o := resolve(opts); o.place != nil {
		return mapAt[T, R](o.ctx, o, xs)
	}
	out := results[R](len(xs))
	job := jobOf(out, func(i int) any { return xs[i] }, func(ctx context.Context, i int) (R, error) { return f(ctx, xs[i]) })
	return collect(out, execute(job, opts))
}

// jobOf is the job of calling task(i) for each index of out, where its results go.
func jobOf[R any](out []R, input func(i int) any, task func(ctx context.Context, i int) (R, error)) job {
	return job{
		n: len(out), input: input,
		span: func(w *worker, lo, hi int) error {
			for w.at = lo; w.at < hi; {
				y, err := task(w.ctx, w.at)
				if err != nil {
					return err
				}
				out[w.at] = y
				w.at++
				if w.sig.Load() != 0 {
					break
				}
			}
			return nil
		},
		each: func(ctx context.Context, i int, keep func() bool) error {
			y, err := task(ctx, i)
			if err != nil {
				return err
			}
			if keep == nil || keep() {
				out[i] = y
			}
			return nil
		},
		copyDone: func(done []interval, packed bool) any { return copyOf(out, done, packed) },
		replaceBy: func(v any) (func(int), error) {
			y, err := replacement[R](v)
			return func(i int) { out[i] = y }, err
		},
	}
}

// replacement returns v as a result.
func replacement[R any](v any) (y R, err error) {
	y, ok := v.(R)
	if !ok && (v != nil || !nilable(reflect.TypeFor[R]())) {
		return y, fmt.Errorf("parallel: the replacement is %s, and the results are of type %v", article(fmt.Sprintf("%T", v)), reflect.TypeFor[R]())
	}
	return y, nil
}

// nilable says that nil is a value of the type.
func nilable(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Interface, reflect.Pointer, reflect.Slice, reflect.Map, reflect.Chan, reflect.Func:
		return true
	}
	return false
}

// collect returns the results of a call that has ended. Abandoned tasks may
// still write to out, so what is done is copied out of their reach.
func collect[R any](out []R, o outcome) ([]R, error) {
	if !o.abandoned && !o.unordered {
		return out, o.err
	}
	return copyOf(out, o.done, o.unordered), o.err
}

// copyOf copies the results of some tasks to their places, or from the start on if
// packed.
func copyOf[R any](out []R, done []interval, packed bool) []R {
	kept := make([]R, len(out))
	at := 0
	for _, s := range done {
		if !packed {
			at = s.lo
		}
		at += copy(kept[at:], out[s.lo:s.hi])
	}
	return kept
}
