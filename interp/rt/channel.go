package rt

// What a cell's own statements do with channels can be interrupted: a goroutine
// that stayed blocked there would take a value that a later cell sends. (Inside
// functions, the operations are the language's.)

// done is closed when the goroutine's run is to stop; it is nil, and blocks, for
// others.
func done() <-chan struct{} {
	if r := current(); r != nil {
		return r.stopped
	}
	return nil
}

// Done is what select statements of cells wait for besides.
func Done() <-chan struct{} { return done() }

// Recv is <-ch.
func Recv[T any](ch <-chan T) T {
	v, _ := Recv2(ch)
	return v
}

// Recv2 is the receive operation with two results.
func Recv2[T any](ch <-chan T) (v T, ok bool) {
	select {
	case v, ok = <-ch:
		return v, ok
	default:
	}
	select {
	case v, ok = <-ch:
	case <-done():
		Trap()
	}
	return v, ok
}

// RecvAs is Recv2 for a second result of another type than bool.
func RecvAs[B ~bool, T any](ch <-chan T) (T, B) {
	v, ok := Recv2(ch)
	return v, B(ok)
}

// Send is ch <- v, called with ch and then with v.
func Send[T any](ch chan<- T) func(v T) {
	return func(v T) {
		select {
		case ch <- v:
		case <-done():
			Trap()
		}
	}
}

// Range is what a range over ch goes over.
func Range[T any](ch <-chan T) func(yield func(T) bool) {
	return func(yield func(T) bool) {
		for {
			v, ok := Recv2(ch)
			if !ok || !yield(v) {
				return
			}
		}
	}
}
