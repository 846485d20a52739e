package main

import (
	"fmt"
	"os"
)

// os.Exit(0) in the middle of things, from a goroutine's signal.

type app struct {
	hooks []func()
	state map[string]int
}

func (a *app) onExit(f func()) { a.hooks = append(a.hooks, f) }

func (a *app) exit(code int) {
	for i := len(a.hooks) - 1; i >= 0; i-- {
		a.hooks[i]()
	}
	os.Exit(code)
}

func main() {
	a := &app{state: map[string]int{}}
	a.onExit(func() { fmt.Println("first hook", a.state) })
	a.onExit(func() { fmt.Println("second hook"); a.state["closed"] = 1 })
	quit := make(chan int)
	go func() {
		a.state["worker"] = 7
		quit <- 0
	}()
	for {
		select {
		case code := <-quit:
			a.exit(code)
		}
	}
}
