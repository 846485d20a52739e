package main

import (
	"fmt"
	"runtime"
	"sync"
)

// runtime.Goexit ends a goroutine, running its deferred calls.

func worker(id int, out chan<- string, leave bool) {
	defer func() { out <- fmt.Sprint("worker ", id, " deferred, recover ", recover()) }()
	func() {
		defer func() { out <- fmt.Sprint("inner deferred ", id) }()
		if leave {
			runtime.Goexit()
		}
	}()
	out <- fmt.Sprint("worker ", id, " finished")
}

func collect(f func(chan<- string)) []string {
	out := make(chan string, 10)
	var wg sync.WaitGroup
	wg.Go(func() { f(out) })
	wg.Wait()
	close(out)
	var all []string
	for s := range out {
		all = append(all, s)
	}
	return all
}

func main() {
	for _, leave := range []bool{false, true} {
		for _, s := range collect(func(out chan<- string) { worker(1, out, leave) }) {
			fmt.Println(s)
		}
	}
	got := collect(func(out chan<- string) {
		defer func() { out <- "outer" }()
		defer func() {
			defer func() { recover() }()
			panic("in a deferred call")
		}()
		runtime.Goexit()
	})
	fmt.Println(got)
}
