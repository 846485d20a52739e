package parallel

import (
	"context"
	"errors"
	"fmt"
)

// ErrEmpty is what [Reduce] answers when there is nothing to reduce.
var ErrEmpty = errors.New("parallel: nothing to reduce: xs is empty")

var errNilFunc2 = errors.New("parallel: f is nil: give a function of two arguments")

// Reduce combines the elements of xs by f, as f(f(xs[0], xs[1]), xs[2]) … does, in so
// far as f is associative: f(f(a, b), c) = f(a, f(b, c)). The order of the elements is
// kept, so f need not be commutative. Sums of floating-point numbers depend on how the
// elements are grouped, which [WithChunk] fixes.
//
// A task combines the elements of one chunk, so the records and the errors are those of
// chunks.
func Reduce[T any](f func(a, b T) T, xs []T, opts ...Option) (T, error) {
	if f == nil {
		var zero T
		return zero, errNilFunc2
	}
	fold := func(xs []T) (T, error) {
		sum := xs[0]
		for _, x := range xs[1:] {
			sum = f(sum, x)
		}
		return sum, nil
	}
	return reduce(len(xs), func(_ context.Context, lo, hi int) (T, error) { return fold(xs[lo:hi]) }, fold, func(lo, hi int) any { return xs[lo:hi] }, opts)
}

// ReduceErr is [Reduce] for a function that can fail.
func ReduceErr[T any](f func(a, b T) (T, error), xs []T, opts ...Option) (T, error) {
	if f == nil {
		var zero T
		return zero, errNilFunc2
	}
	fold := func(xs []T) (sum T, err error) {
		sum = xs[0]
		for _, x := range xs[1:] {
			if sum, err = f(sum, x); err != nil {
				return sum, err
			}
		}
		return sum, nil
	}
	return reduce(len(xs), func(_ context.Context, lo, hi int) (T, error) { return fold(xs[lo:hi]) }, fold, func(lo, hi int) any { return xs[lo:hi] }, opts)
}

// reduce folds n elements, chunk by chunk, and then what came of the chunks.
func reduce[T any](n int, fold func(ctx context.Context, lo, hi int) (T, error), join func([]T) (T, error), input func(lo, hi int) any, opts []Option) (zero T, err error) {
	if n == 0 {
		return zero, ErrEmpty
	}
	o := resolve(opts)
	size := o.chunk
	if size <= 0 {
		size = max(1, n/8/o.workers)
	}
	size = min(size, n) // or the sums below could overflow
	end := func(i int) int { return min((i+1)*size, n) }
	sums := make([]T, (n+size-1)/size)
	j := jobOf(sums, func(i int) any { return input(i*size, end(i)) },
		func(ctx context.Context, i int) (T, error) { return fold(ctx, i*size, end(i)) })
	if sums, err = collect(sums, execute(j, append(opts[:len(opts):len(opts)], WithChunk(1), part))); err != nil {
		return zero, err
	}
	defer func() {
		if value := recover(); value != nil {
			err = fmt.Errorf("parallel: combining what came of the chunks: %w",
				newTaskError(len(sums), 0, func(int) any { return sums }, value, nil))
		}
	}()
	sum, err := join(sums)
	if err != nil {
		return zero, fmt.Errorf("parallel: combining what came of the chunks: %w", err)
	}
	return sum, nil
}

// Filter returns the elements of xs for which keep is true, in their order.
func Filter[T any](keep func(T) bool, xs []T, opts ...Option) ([]T, error) {
	kept, err := Map(keep, xs, append(opts[:len(opts):len(opts)], part)...)
	if err != nil {
		return nil, err
	}
	var out []T
	for i, k := range kept {
		if k {
			out = append(out, xs[i])
		}
	}
	return out, nil
}
