package main

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Contexts: cancellation, deadlines, values, causes and AfterFunc.

type ctxKey struct{ name string }

var userKey = ctxKey{"user"}

func user(ctx context.Context) string {
	u, ok := ctx.Value(userKey).(string)
	if !ok {
		return "anonymous"
	}
	return u
}

func slow(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func producer(ctx context.Context) <-chan int {
	out := make(chan int)
	go func() {
		defer close(out)
		for i := 0; ; i++ {
			select {
			case out <- i:
			case <-ctx.Done():
				return
			}
		}
	}()
	return out
}

func main() {
	ctx := context.Background()
	fmt.Println(user(ctx), user(context.WithValue(ctx, userKey, "ann")))
	fmt.Println(ctx, context.TODO(), ctx.Err(), ctx.Done() == nil)
	c1, cancel := context.WithCancel(ctx)
	for v := range producer(c1) {
		if v == 3 {
			cancel()
			break
		}
	}
	fmt.Println(c1.Err(), errors.Is(c1.Err(), context.Canceled))
	c2, cancel2 := context.WithTimeout(ctx, time.Millisecond)
	defer cancel2()
	fmt.Println(slow(c2, time.Hour), errors.Is(c2.Err(), context.DeadlineExceeded))
	_, has := c2.Deadline()
	_, none := ctx.Deadline()
	fmt.Println(has, none)
	c3, cancel3 := context.WithCancelCause(ctx)
	child, stop := context.WithCancel(c3)
	defer stop()
	cancel3(errors.New("my cause"))
	<-child.Done()
	fmt.Println(child.Err(), context.Cause(child), context.Cause(c3))
	c4, cancel4 := context.WithCancel(ctx)
	ran := make(chan string, 1)
	context.AfterFunc(c4, func() { ran <- "after func" })
	cancel4()
	fmt.Println(<-ran)
	stopped := context.AfterFunc(ctx, func() {})
	fmt.Println(stopped())
	detached := context.WithoutCancel(c4)
	fmt.Println(detached.Err(), c4.Err())
	fmt.Println(slow(ctx, time.Microsecond))
}
