package main

import (
	"fmt"
	"time"
)

// Select: default, nil channels, closed ones, timeouts, sending and receiving.

func drain(a, b <-chan int) (sum int) {
	for a != nil || b != nil {
		select {
		case v, ok := <-a:
			if !ok {
				a = nil
				continue
			}
			sum += v
		case v, ok := <-b:
			if !ok {
				b = nil
				continue
			}
			sum += 100 * v
		}
	}
	return
}

func fill(n int) <-chan int {
	ch := make(chan int, n)
	for i := range n {
		ch <- i + 1
	}
	close(ch)
	return ch
}

func trySend(ch chan<- string, s string) bool {
	select {
	case ch <- s:
		return true
	default:
		return false
	}
}

func fib(out chan<- int, quit <-chan struct{}) {
	x, y := 0, 1
	for {
		select {
		case out <- x:
			x, y = y, x+y
		case <-quit:
			close(out)
			return
		}
	}
}

func main() {
	fmt.Println(drain(fill(3), fill(2)), drain(nil, nil))
	box := make(chan string, 2)
	fmt.Println(trySend(box, "a"), trySend(box, "b"), trySend(box, "c"), len(box))
	var nilch chan int
	select {
	case v := <-nilch:
		fmt.Println("never", v)
	case nilch <- 1:
		fmt.Println("never")
	default:
		fmt.Println("default")
	}
	out, quit := make(chan int), make(chan struct{})
	go fib(out, quit)
	for range 8 {
		fmt.Print(<-out, " ")
	}
	close(quit)
	for range out {
	}
	fmt.Println()
	select {
	case <-time.After(time.Millisecond):
		fmt.Println("timeout")
	case <-nilch:
	}
	done := make(chan bool)
	go func() {
		defer close(done)
		m := map[string]int{}
		arr := [2]int{}
		i := 0
		for i < 2 {
			select {
			case s := <-box:
				m[s]++
				arr[i] = len(s)
				i++
			}
		}
		fmt.Println(m, arr)
	}()
	<-done
	_, ok := <-done
	fmt.Println(ok)
	c := make(chan int, 1)
	evens := 0
	for i := range 10 {
		select {
		case v := <-c:
			if v%2 == 0 {
				evens++
			}
		case c <- i:
		}
	}
	fmt.Println(evens, len(c))
	timer := time.NewTimer(time.Hour)
	fmt.Println(timer.Stop(), timer.Reset(time.Hour), timer.Stop())
}
