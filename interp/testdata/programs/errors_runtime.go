package main

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
)

// Runtime errors as values: their types, texts, and use in errors.As.

type safeMap[K comparable, V any] struct{ m map[K]V }

func guard(f func()) (err error) {
	defer func() {
		if r := recover(); r != nil {
			switch x := r.(type) {
			case runtime.Error:
				err = fmt.Errorf("runtime: %w", x)
			case error:
				err = fmt.Errorf("plain: %w", x)
			default:
				err = fmt.Errorf("value: %v", x)
			}
		}
	}()
	f()
	return nil
}

type List struct {
	items []int
	next  *List
}

func (l *List) At(i int) int { return l.items[i] }
func (l *List) Last() int    { return l.next.next.items[0] }

func main() {
	l := &List{items: []int{1, 2, 3}}
	var m map[string]int
	zero := 0
	var e any = l
	for i, f := range []func(){
		func() { l.At(3) },
		func() { l.At(-1 + zero) },
		func() { l.Last() },
		func() { m["x"]++ },
		func() { fmt.Println(10 / zero) },
		func() { fmt.Println(10 % zero) },
		func() { _ = e.(fmt.Stringer) },
		func() { _ = e.(*strings.Builder) },
		func() { _ = l.items[2 : 1+zero] },
		func() { _ = "abc"[5+zero] },
		func() { panic(io.ErrUnexpectedEOF) },
		func() { panic(42) },
		func() { var f func(); f() },
		func() { var err error; _ = err.Error() },
		func() { _ = [2]int{}[zero+1] },
		func() { close((chan int)(nil)) },
		func() { _ = make([]byte, zero-1) },
		func() { a := [3]int{}; s := a[:]; _ = s[:zero+4] },
	} {
		err := guard(f)
		var re runtime.Error
		var te *runtime.TypeAssertionError
		fmt.Println(i, err, errors.As(err, &re), errors.As(err, &te), errors.Is(err, io.ErrUnexpectedEOF))
	}
}
