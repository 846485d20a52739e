package main

import "fmt"

// A deferred call recovers and panics again with another value.

type wrapped struct {
	op  string
	err any
}

func (w *wrapped) Error() string { return fmt.Sprintf("%s: %v", w.op, w.err) }

func guard(op string, f func()) {
	defer func() {
		if r := recover(); r != nil {
			fmt.Println("guard", op, "got", r)
			panic(&wrapped{op, r})
		}
	}()
	f()
}

func main() {
	defer fmt.Println("deferred in main")
	guard("fine", func() { fmt.Println("working") })
	guard("outer", func() {
		guard("inner", func() {
			panic("origin")
		})
	})
}
