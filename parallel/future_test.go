package parallel

import (
	"context"
	"errors"
	"iter"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"time"
)

func TestStarmapAndItsKind(t *testing.T) {
	ys, err := Starmap(func(a int, b string) string { return b[:a] }, []Pair[int, string]{{1, "abc"}, {3, "xyz"}})
	if err != nil || !slices.Equal(ys, []string{"a", "xyz"}) {
		t.Error(ys, err)
	}
	zs, err := Map2(func(a, b int) int { return a * b }, []int{1, 2, 3}, []int{4, 5, 6})
	if err != nil || !slices.Equal(zs, []int{4, 10, 18}) {
		t.Error(zs, err)
	}
	if _, err := Map2(func(a, b int) int { return 0 }, []int{1}, nil); err == nil {
		t.Error("slices of two lengths")
	}
	ws, err := Map3(func(a, b, c int) int { return a + b + c }, []int{1, 2}, []int{3, 4}, []int{5, 6})
	if err != nil || !slices.Equal(ws, []int{9, 12}) {
		t.Error(ws, err)
	}
	vs, err := Starmap3(func(a, b, c int) int { return a*b + c }, []Triple[int, int, int]{{2, 3, 4}})
	if err != nil || vs[0] != 10 {
		t.Error(vs, err)
	}
	_, err = StarmapErr(func(a, b int) (int, error) { return 0, errFlaky }, []Pair[int, int]{{5, 6}})
	if fault := (*TaskError)(nil); !errors.As(err, &fault) || fault.Input != "{5 6}" && fault.Input != "{First:5 Second:6}" {
		t.Errorf("%v: %q", err, fault.Input)
	}
}

func TestReduceAndFilter(t *testing.T) {
	words := []string{"a", "b", "c", "d", "e", "f", "g"}
	for _, opts := range [][]Option{nil, {WithChunk(2)}, {WithChunk(100)}, {WithWorkers(3)}} {
		if s, err := Reduce(func(a, b string) string { return a + b }, words, opts...); err != nil || s != "abcdefg" {
			t.Error(s, err)
		}
	}
	if _, err := Reduce(func(a, b int) int { return a + b }, nil); !errors.Is(err, ErrEmpty) {
		t.Error(err)
	}
	if n, err := Reduce(func(a, b int) int { return a + b }, upTo(100001)); err != nil || n != 5000050000 {
		t.Error(n, err)
	}
	odd, err := Filter(func(x int) bool { return x%2 == 1 }, upTo(8))
	if err != nil || !slices.Equal(odd, []int{1, 3, 5, 7}) {
		t.Error(odd, err)
	}
	if _, err := Filter(func(x int) bool { panic("p") }, upTo(1)); err == nil {
		t.Error("no error")
	}
}

func TestFuture(t *testing.T) {
	gate := make(chan struct{})
	f := MapAsync(func(x int) int {
		if x == 1 {
			<-gate
		}
		return x * 10
	}, []int{0, 1, 2}, WithWorkers(2), WithChunk(1), WithLabel("mine"))
	if f.Ready() || f.Successful() || f.Label() != "mine" {
		t.Error("it is ready")
	}
	if _, err := f.Result(); err == nil {
		t.Error("a result")
	}
	if err := f.Wait(expired(t)); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	for { // until the others are done
		ys, done := f.Partial()
		if len(done) == 3 && done[0] && done[2] {
			if done[1] || ys[2] != 20 || ys[1] != 0 {
				t.Error(ys, done)
			}
			break
		}
		runtime.Gosched()
	}
	var got atomic.Int32
	called := make(chan bool, 1)
	f.OnSuccess(func(ys []int) { got.Store(int32(ys[1])); called <- true })
	f.OnError(func(error) { t.Error("called") })
	close(gate)
	ys, err := f.Get()
	if err != nil || !slices.Equal(ys, []int{0, 10, 20}) || !f.Successful() {
		t.Error(ys, err)
	}
	if <-called; got.Load() != 10 {
		t.Error(got.Load())
	}
	late := false
	f.OnSuccess(func([]int) { late = true })
	if run := f.Run(); !late || run.Tasks != 3 || len(run.Records) == 0 {
		t.Error("after the end", late, run)
	}
	if _, done := f.Partial(); !slices.Equal(done, []bool{true, true, true}) {
		t.Error(done)
	}
}

// expired is a context that has ended.
func expired(t *testing.T) context.Context {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx
}

func TestCancelledFuture(t *testing.T) {
	f := MapContextAsync(t.Context(), func(ctx context.Context, x int) (int, error) {
		<-ctx.Done()
		return 0, ctx.Err()
	}, upTo(3))
	f.Cancel()
	if _, err := f.Get(); !errors.Is(err, context.Canceled) || f.Successful() {
		t.Error(err)
	}
	failed := make(chan error, 1)
	f.OnError(func(err error) { failed <- err })
	if err := <-failed; err == nil {
		t.Error("no error")
	}
	if y, err := ApplyAsync(func(x int) int { return -x }, 3).Get(); y != -3 || err != nil {
		t.Error(y, err)
	}
	if _, err := ApplyErrAsync(func(int) (int, error) { panic("p") }, 3).Get(); err == nil {
		t.Error("no error")
	}
}

func TestAsCompleted(t *testing.T) {
	gates := []chan int{make(chan int), make(chan int), make(chan int)}
	var futures []*Future[int]
	for _, g := range gates {
		futures = append(futures, ApplyAsync(func(g chan int) int { return <-g }, g, WithPool(NewPool(4))))
	}
	var order []int
	gates[2] <- 2
	for i, f := range AsCompleted(futures...) {
		y, err := f.Get()
		if y != i || err != nil {
			t.Error(i, y, err)
		}
		if order = append(order, i); len(order) < 3 {
			next := []int{0, 1}[len(order)-1]
			gates[next] <- next
		}
	}
	if !slices.Equal(order, []int{2, 0, 1}) {
		t.Error(order)
	}
}

func counting(from, to int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := from; i < to; i++ {
			if !yield(i) {
				return
			}
		}
	}
}

func TestImap(t *testing.T) {
	for _, workers := range []int{1, 2, 7} {
		next := 0
		for y, err := range Imap(func(x int) int { time.Sleep(time.Duration(x%3) * 100 * time.Microsecond); return x * 2 }, counting(0, 200), WithWorkers(workers)) {
			if y != 2*next || err != nil {
				t.Fatalf("result %d is %d, %v", next, y, err)
			}
			next++
		}
		if next != 200 {
			t.Errorf("%d results", next)
		}
	}
	var all []int
	for y, err := range ImapUnordered(func(x int) int { return x }, counting(0, 100), WithWorkers(4)) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, y)
	}
	if slices.Sort(all); !slices.Equal(all, upTo(100)) {
		t.Error(all)
	}
}

// A source without end is taken from no further than the window reaches.
func TestImapHoldsTheSourceBack(t *testing.T) {
	var taken atomic.Int64
	endless := func(yield func(int) bool) {
		for i := 0; yield(i); i++ {
			taken.Add(1)
		}
	}
	n := 0
	for y := range Imap(func(x int) int { return x }, endless, WithWorkers(2), WithWindow(5)) {
		if n++; y == 100 {
			break
		}
		if ahead := taken.Load() - int64(n); ahead > 5 {
			t.Fatalf("%d elements ahead", ahead)
		}
	}
	if n != 101 {
		t.Error(n)
	}
}

func TestImapFailures(t *testing.T) {
	var errs, ys []int
	for y, err := range ImapErr(func(x int) (int, error) {
		switch x % 4 {
		case 1:
			return 0, errFlaky
		case 2:
			panic("two")
		case 3:
			runtime.Goexit()
		}
		return x, nil
	}, counting(0, 12), WithWorkers(2)) {
		var fault *TaskError
		if errors.As(err, &fault) {
			errs = append(errs, fault.Index)
		} else if err == nil {
			ys = append(ys, y)
		}
	}
	if !slices.Equal(ys, []int{0, 4, 8}) || !slices.Equal(errs, []int{1, 2, 3, 5, 6, 7, 9, 10, 11}) {
		t.Error(ys, errs)
	}
	var last error
	for _, last = range Imap(func(x int) int { return x }, func(func(int) bool) { panic("source") }) {
	}
	if last == nil || last.Error() != "parallel: xs panicked: source" {
		t.Error(last)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	n := 0
	for _, last = range Imap(func(x int) int { return x }, counting(0, 1<<40), WithContext(ctx)) {
		if n++; n == 10 {
			cancel()
		}
	}
	if !errors.Is(last, context.Canceled) {
		t.Error(last)
	}
	for _, last = range Imap[int, int](nil, counting(0, 1)) {
	}
	if last == nil {
		t.Error("f is nil")
	}
}
