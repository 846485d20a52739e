package parallel

import (
	"math"
	"slices"
	"testing"
)

func TestImapTakesAnyWindowAndChunk(t *testing.T) {
	for name, opt := range map[string]Option{
		"window": WithWindow(math.MaxInt), "chunk": WithChunk(math.MaxInt),
	} {
		pool := NewPool(2)
		var got []int
		for y, err := range Imap(double, slices.Values(upTo(5)), WithPool(pool), opt) {
			if err != nil {
				t.Fatal(name, err)
			}
			got = append(got, y)
		}
		if !slices.Equal(got, []int{0, 2, 4, 6, 8}) {
			t.Errorf("%s: %v", name, got)
		}
		if err := pool.Close(); err != nil {
			t.Error(name, err)
		}
	}
	for _, c := range []struct{ n, workers, chunk, want int }{
		{0, 4, 3, 24}, {5, 4, 3, 12}, {100, 4, 3, 100}, {0, mostOut, mostOut, mostOut}, {math.MaxInt, 1, 1, mostOut}, {-1, 1, mostOut, mostOut},
	} {
		if got := windowOf(c.n, c.workers, c.chunk); got != c.want {
			t.Errorf("%+v: %d", c, got)
		}
	}
}

func TestAStreamThatCannotStartLeavesThePool(t *testing.T) {
	pool := NewPool(1)
	func() {
		defer func() {
			if recover() == nil {
				t.Error("no panic")
			}
		}()
		watch := func(o *options) { o.watch = func(*run) { panic("watch") } }
		for range Imap(double, slices.Values(upTo(5)), WithPool(pool), watch) {
		}
	}()
	if err := pool.Close(); err != nil { // it would wait for ever
		t.Error(err)
	}
}

func TestReduceTakesAnyChunk(t *testing.T) {
	y, err := Reduce(func(a, b int) int { return a + b }, upTo(4), WithChunk(math.MaxInt))
	if err != nil || y != 6 {
		t.Error(y, err)
	}
}

func double(x int) int { return 2 * x }
