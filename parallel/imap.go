package parallel

import (
	"context"
	"iter"
)

// Imap calls f on the elements that xs gives, several at once, and gives the results in
// their order, each as soon as it and those before it are there. At most as many
// elements are taken from xs ahead of the results as [WithWindow] says: a consumer that
// is slow, or a source without end, fills no memory.
//
// A task that fails gives its error in its place, and the others go on, as with
// [WithCollect]; [WithRetry], [WithTaskTimeout] and [WithReplacement] hold. What ends the
// whole, as its context, [WithTimeout] or a closed pool, gives one error more, the last.
//
// A loop that ends early, or is ended, ends the tasks' context, and waits a short while
// for those that run, as a cancelled [Map] does. xs runs on a goroutine of its own,
// beside the loop's body; a source that blocks then is left to itself likewise.
//
// [WithChunk] lets a worker take so many elements at once. [WithRun] fills in the run
// when the loop ends, with a record for each element: Queued is when it came from xs,
// Returned when the loop got its result. Progress is reported while the loop waits for
// results; its Total are the elements taken so far.
func Imap[T, R any](f func(T) R, xs iter.Seq[T], opts ...Option) iter.Seq2[R, error] {
	if f == nil {
		return failing[R](errNilFunc)
	}
	return ImapErr(func(x T) (R, error) { return f(x), nil }, xs, opts...)
}

// ImapErr is [Imap] for a function that can fail.
func ImapErr[T, R any](f func(T) (R, error), xs iter.Seq[T], opts ...Option) iter.Seq2[R, error] {
	if f == nil {
		return failing[R](errNilFunc)
	}
	return imap(func(_ context.Context, _ int, x T) (R, error) { return f(x) },
		func(context.Context) iter.Seq[T] { return xs }, func(x T) any { return x }, opts)
}

// ImapUnordered is [Imap] with the results as they come.
func ImapUnordered[T, R any](f func(T) R, xs iter.Seq[T], opts ...Option) iter.Seq2[R, error] {
	return Imap(f, xs, append(opts[:len(opts):len(opts)], WithUnordered())...)
}

// ImapErrUnordered is [ImapErr] with the results as they come.
func ImapErrUnordered[T, R any](f func(T) (R, error), xs iter.Seq[T], opts ...Option) iter.Seq2[R, error] {
	return ImapErr(f, xs, append(opts[:len(opts):len(opts)], WithUnordered())...)
}

// ImapContext is [ImapErr] for a function that listens to a context, which derives from
// ctx.
func ImapContext[T, R any](ctx context.Context, f func(context.Context, T) (R, error), xs iter.Seq[T], opts ...Option) iter.Seq2[R, error] {
	if f == nil {
		return failing[R](errNilFunc)
	}
	return imap(func(ctx context.Context, _ int, x T) (R, error) { return f(ctx, x) },
		func(context.Context) iter.Seq[T] { return xs }, func(x T) any { return x }, append(opts[:len(opts):len(opts)], WithContext(ctx)))
}

// WithWindow lets [Imap] take n elements ahead of the results that the loop has had; at
// least one chunk per worker, twice as many without it, and never more than 2²⁰.
func WithWindow(n int) Option {
	return func(o *options) { o.window = n }
}

// failing gives but an error.
func failing[R any](err error) iter.Seq2[R, error] {
	return func(yield func(R, error) bool) {
		var zero R
		yield(zero, err)
	}
}

// imap calls f on what the source gives, with its number; input shows it in messages.
func imap[T, R any](f func(ctx context.Context, i int, x T) (R, error), source func(context.Context) iter.Seq[T], input func(T) any, opts []Option) iter.Seq2[R, error] {
	return func(yield func(R, error) bool) {
		var zero R
		s, err := newStream(f, source, input, opts)
		if err != nil {
			yield(zero, err)
			return
		}
		func() {
			defer s.r.pool.exit()
			defer func() { s.end(err) }() // also when the loop's body panics
			err = s.give(yield)
		}()
		if err != nil {
			yield(zero, err)
		}
	}
}
