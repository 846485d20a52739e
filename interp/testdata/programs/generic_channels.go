package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// Generic pipelines of channels.

func gen[T any](ctx context.Context, xs ...T) <-chan T {
	out := make(chan T)
	go func() {
		defer close(out)
		for _, x := range xs {
			select {
			case out <- x:
			case <-ctx.Done():
				return
			}
		}
	}()
	return out
}

func mapc[A, B any](in <-chan A, f func(A) B) <-chan B {
	out := make(chan B)
	go func() {
		defer close(out)
		for a := range in {
			out <- f(a)
		}
	}()
	return out
}

func merge[T any](ins ...<-chan T) <-chan T {
	out := make(chan T)
	var wg sync.WaitGroup
	for _, in := range ins {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for v := range in {
				out <- v
			}
		}()
	}
	go func() { wg.Wait(); close(out) }()
	return out
}

func batch[T any](in <-chan T, n int) <-chan []T {
	out := make(chan []T)
	go func() {
		defer close(out)
		var b []T
		for v := range in {
			if b = append(b, v); len(b) == n {
				out <- b
				b = nil
			}
		}
		if len(b) > 0 {
			out <- b
		}
	}()
	return out
}

func collect[T any](in <-chan T) (all []T) {
	for v := range in {
		all = append(all, v)
	}
	return
}

type Event[T any] struct {
	Seq  int
	Data T
}

func main() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	fmt.Println(collect(mapc(gen(ctx, 1, 2, 3), func(n int) string { return strings.Repeat("x", n) })))
	m := collect(merge(gen(ctx, 1, 2), gen(ctx, 10, 20), gen[int](ctx)))
	slices.Sort(m)
	fmt.Println(m)
	fmt.Println(collect(batch(gen(ctx, "a", "b", "c", "d", "e"), 2)))
	seq := 0
	evs := mapc(gen(ctx, 2.5, 3.5), func(f float64) Event[float64] { seq++; return Event[float64]{seq, f} })
	for e := range evs {
		fmt.Printf("%+v ", e)
	}
	fmt.Println()
	sub, stop := context.WithCancel(ctx)
	ch := gen(sub, 1, 2, 3)
	fmt.Println(<-ch)
	stop()
	for range ch {
	}
	fmt.Println("drained", sub.Err(), ctx.Err())
}
