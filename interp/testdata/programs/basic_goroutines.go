package main

import (
	"fmt"
	"strings"
	"sync"
)

// Goroutines as a beginner writes them: channels, wait groups, mutexes.

func square(n int, out chan int) {
	out <- n * n
}

func sum(xs []int, c chan int) {
	total := 0
	for _, x := range xs {
		total += x
	}
	c <- total
}

type counter struct {
	mu sync.Mutex
	n  map[string]int
}

func (c *counter) inc(key string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n[key]++
}

func main() {
	out := make(chan int)
	for i := 1; i <= 4; i++ {
		go square(i, out)
	}
	total := 0
	for i := 0; i < 4; i++ {
		total += <-out
	}
	fmt.Println(total)

	xs := []int{7, 2, 8, -9, 4, 0}
	c := make(chan int)
	go sum(xs[:len(xs)/2], c)
	go sum(xs[len(xs)/2:], c)
	x, y := <-c, <-c
	fmt.Println(x + y)

	var wg sync.WaitGroup
	cnt := counter{n: make(map[string]int)}
	for i := 0; i < 20; i++ {
		wg.Add(1)
		go func(i int) {
			defer wg.Done()
			if i%2 == 0 {
				cnt.inc("even")
			} else {
				cnt.inc("odd")
			}
		}(i)
	}
	wg.Wait()
	fmt.Println(cnt.n["even"], cnt.n["odd"])

	results := make([]string, 3)
	for i, w := range []string{"a", "b", "c"} {
		wg.Add(1)
		go func() {
			defer wg.Done()
			results[i] = strings.Repeat(w, i+1)
		}()
	}
	wg.Wait()
	fmt.Println(results)
}
