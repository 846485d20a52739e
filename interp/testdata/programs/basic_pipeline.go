package main

import (
	"fmt"
	"sort"
	"sync"
)

// A pipeline of channels as the first lessons on concurrency show it.

func generate(nums ...int) <-chan int {
	out := make(chan int)
	go func() {
		for _, n := range nums {
			out <- n
		}
		close(out)
	}()
	return out
}

func square(in <-chan int) <-chan int {
	out := make(chan int)
	go func() {
		for n := range in {
			out <- n * n
		}
		close(out)
	}()
	return out
}

func merge(cs ...<-chan int) <-chan int {
	var wg sync.WaitGroup
	out := make(chan int)
	output := func(c <-chan int) {
		for n := range c {
			out <- n
		}
		wg.Done()
	}
	wg.Add(len(cs))
	for _, c := range cs {
		go output(c)
	}
	go func() {
		wg.Wait()
		close(out)
	}()
	return out
}

func main() {
	for n := range square(square(generate(2, 3))) {
		fmt.Println(n)
	}
	in := generate(1, 2, 3, 4, 5)
	var all []int
	for n := range merge(square(in), square(in)) {
		all = append(all, n)
	}
	sort.Ints(all)
	fmt.Println(all)
	done := make(chan struct{})
	ticks := 0
	go func() {
		defer close(done)
		for range 3 {
			ticks++
		}
	}()
	<-done
	fmt.Println(ticks)
}
