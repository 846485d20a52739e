package main

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
)

// A group of goroutines with the first error, built from sync and context.

type Group struct {
	wg     sync.WaitGroup
	once   sync.Once
	err    error
	cancel context.CancelCauseFunc
	sem    chan struct{}
}

func WithContext(ctx context.Context, limit int) (*Group, context.Context) {
	ctx, cancel := context.WithCancelCause(ctx)
	return &Group{cancel: cancel, sem: make(chan struct{}, limit)}, ctx
}

func (g *Group) Go(f func() error) {
	g.sem <- struct{}{}
	g.wg.Add(1)
	go func() {
		defer func() {
			if r := recover(); r != nil {
				g.fail(fmt.Errorf("panic: %v", r))
			}
			<-g.sem
			g.wg.Done()
		}()
		if err := f(); err != nil {
			g.fail(err)
		}
	}()
}

func (g *Group) fail(err error) {
	g.once.Do(func() {
		g.err = err
		g.cancel(err)
	})
}

func (g *Group) Wait() error {
	g.wg.Wait()
	g.cancel(nil)
	return g.err
}

func run(n int, bad int, how func(int) error) (int, error, error) {
	g, ctx := WithContext(context.Background(), 2)
	var done atomic.Int32
	for i := range n {
		g.Go(func() error {
			if i == bad {
				return how(i)
			}
			if ctx.Err() == nil {
				done.Add(1)
			}
			return nil
		})
	}
	err := g.Wait()
	return int(done.Load()), err, context.Cause(ctx)
}

func main() {
	n, err, cause := run(10, -1, nil)
	fmt.Println(n, err, cause)
	n, err, cause = run(10, 4, func(i int) error { return fmt.Errorf("task %d failed", i) })
	fmt.Println(n < 10, err, cause == err)
	_, err, _ = run(10, 0, func(i int) error { panic(fmt.Sprint("task ", i)) })
	fmt.Println(err)
	_, err, _ = run(1, 0, func(i int) error { var m map[int]int; m[i] = 1; return nil })
	fmt.Println(err)
}
