package main

import (
	"fmt"
	"sync"
)

// Defer: order, arguments evaluated at once, results changed at the end.

type T struct{ n int }

func (t T) show(s string)   { fmt.Println(s, t.n) }
func (t *T) pshow(s string) { fmt.Println(s, t.n) }

func order() {
	for i := range 3 {
		defer fmt.Print(i, " ")
	}
	defer fmt.Print("first ")
}

func args() {
	x := 1
	defer fmt.Println("arg", x)
	defer func() { fmt.Println("closure", x) }()
	t := T{1}
	defer t.show("value receiver")
	defer t.pshow("pointer receiver")
	f := func() { fmt.Println("first f") }
	defer f()
	f = func() { fmt.Println("second f") }
	x, t.n = 2, 2
}

func named() (n int, err error) {
	defer func() {
		n *= 2
		if r := recover(); r != nil {
			err = fmt.Errorf("recovered: %v", r)
		}
	}()
	n = 21
	if n > 20 {
		panic("too big")
	}
	return 1, nil
}

func after() (n int) {
	defer func() { n += 5 }()
	return 10
}

func unnamed() int {
	n := 1
	defer func() { n = 100 }()
	return n
}

func trace(s string) string { fmt.Println("enter", s); return s }
func un(s string)           { fmt.Println("leave", s) }

func nested() {
	defer un(trace("nested"))
	func() {
		defer un(trace("inner"))
		fmt.Println("in inner")
	}()
	fmt.Println("in nested")
}

func loopRecover() (got []any) {
	for i := range 4 {
		func() {
			defer func() { got = append(got, recover()) }()
			if i%2 == 1 {
				panic(i)
			}
		}()
	}
	return
}

func chained() (s string) {
	defer func() { s += "1" }()
	defer func() { s += "2" }()
	if true {
		defer func() { s += "3" }()
	}
	return "0"
}

func main() {
	order()
	fmt.Println()
	args()
	fmt.Println(named())
	fmt.Println(after(), unnamed())
	nested()
	fmt.Println(loopRecover())
	fmt.Println(chained())
	defer fmt.Println("main's defer")
	var mu sync.Mutex
	func() {
		mu.Lock()
		defer mu.Unlock()
	}()
	fmt.Println(mu.TryLock())
}
