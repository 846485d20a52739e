package main

import "fmt"

// A deferred call recovers and panics with what it got; another one panics anew.

func cleanup(name string) {
	r := recover()
	fmt.Println("cleanup", name, r)
	if r != nil {
		panic(r)
	}
}

func work(n int) {
	defer cleanup(fmt.Sprint("work", n))
	if n == 0 {
		panic("bottom")
	}
	work(n - 1)
}

func replaced() {
	defer func() {
		fmt.Println("replaced recovers", recover())
	}()
	defer func() {
		panic("second")
	}()
	panic("first")
}

func main() {
	replaced()
	work(0)
	fmt.Println("not reached")
}
