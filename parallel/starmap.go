package parallel

import (
	"context"
	"fmt"
	"math/rand/v2"

	"github.com/adabc437/fanout/parallel/philox"
)

// A Pair holds the arguments of a function of two.
type Pair[A, B any] struct {
	First  A
	Second B
}

// A Triple holds the arguments of a function of three.
type Triple[A, B, C any] struct {
	First  A
	Second B
	Third  C
}

// Starmap is [Map] for a function of two arguments: it calls f on those of each pair.
func Starmap[A, B, R any](f func(A, B) R, args []Pair[A, B], opts ...Option) ([]R, error) {
	if f == nil {
		return nil, errNilFunc
	}
	return Map(func(a Pair[A, B]) R { return f(a.First, a.Second) }, args, opts...)
}

// StarmapErr is [Starmap] for a function that can fail.
func StarmapErr[A, B, R any](f func(A, B) (R, error), args []Pair[A, B], opts ...Option) ([]R, error) {
	if f == nil {
		return nil, errNilFunc
	}
	return MapErr(func(a Pair[A, B]) (R, error) { return f(a.First, a.Second) }, args, opts...)
}

// Starmap3 is [Starmap] for a function of three arguments.
func Starmap3[A, B, C, R any](f func(A, B, C) R, args []Triple[A, B, C], opts ...Option) ([]R, error) {
	if f == nil {
		return nil, errNilFunc
	}
	return Map(func(a Triple[A, B, C]) R { return f(a.First, a.Second, a.Third) }, args, opts...)
}

// Map2 calls f on the elements of two slices side by side, which must be of one
// length: f(as[i], bs[i]).
func Map2[A, B, R any](f func(A, B) R, as []A, bs []B, opts ...Option) ([]R, error) {
	if f == nil {
		return nil, errNilFunc
	}
	return Map2Err(func(a A, b B) (R, error) { return f(a, b), nil }, as, bs, opts...)
}

// Map2Err is [Map2] for a function that can fail.
func Map2Err[A, B, R any](f func(A, B) (R, error), as []A, bs []B, opts ...Option) ([]R, error) {
	if f == nil {
		return nil, errNilFunc
	}
	if len(as) != len(bs) {
		return nil, fmt.Errorf("parallel: the slices have %d and %d elements; they must have as many", len(as), len(bs))
	}
	out := results[R](len(as))
	job := jobOf(out, func(i int) any { return Pair[A, B]{as[i], bs[i]} }, func(_ context.Context, i int) (R, error) { return f(as[i], bs[i]) })
	return collect(out, execute(job, opts))
}

// Map3 is [Map2] for three slices.
func Map3[A, B, C, R any](f func(A, B, C) R, as []A, bs []B, cs []C, opts ...Option) ([]R, error) {
	if f == nil {
		return nil, errNilFunc
	}
	if len(as) != len(bs) || len(as) != len(cs) {
		return nil, fmt.Errorf("parallel: the slices have %d, %d and %d elements; they must have as many", len(as), len(bs), len(cs))
	}
	out := results[R](len(as))
	job := jobOf(out, func(i int) any { return Triple[A, B, C]{as[i], bs[i], cs[i]} }, func(_ context.Context, i int) (R, error) { return f(as[i], bs[i], cs[i]), nil })
	return collect(out, execute(job, opts))
}

// MapRand is [Map] for a function that takes random numbers: each task has a stream of
// its own, which is the same whatever the workers and the chunks are. [WithSeed] makes
// it the same in every run; devices give the same numbers (package philox). The source is
// valid until f returns.
func MapRand[T, R any](f func(*rand.Rand, T) R, xs []T, opts ...Option) ([]R, error) {
	if f == nil {
		return nil, errNilFunc
	}
	out := results[R](len(xs))
	input := func(i int) any { return xs[i] }
	seed, opts := seedOf(opts)
	j := jobOf(out, input, func(_ context.Context, i int) (R, error) {
		source := new(philox.Source)
		source.Seed(seed, uint64(i))
		return f(rand.New(source), xs[i]), nil
	})
	j.random = true
	j.span = func(w *worker, lo, hi int) error {
		source := new(philox.Source)
		random := rand.New(source)
		for w.at = lo; w.at < hi; {
			source.Seed(seed, uint64(w.at))
			out[w.at] = f(random, xs[w.at])
			w.at++
			if w.sig.Load() != 0 {
				break
			}
		}
		return nil
	}
	return collect(out, execute(j, opts))
}

// seedOf returns the seed among opts, or draws one and adds it to them.
func seedOf(opts []Option) (uint64, []Option) {
	o := resolve(opts)
	if o.seeded {
		return o.seed, opts
	}
	seed := rand.Uint64()
	return seed, append(opts[:len(opts):len(opts)], WithSeed(seed))
}
