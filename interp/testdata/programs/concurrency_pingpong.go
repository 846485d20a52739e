package main

import "fmt"

// Unbuffered channels as turns, channels of channels, and directions.

type request struct {
	n     int
	reply chan int
}

func server(in <-chan request) {
	total := 0
	for r := range in {
		total += r.n
		r.reply <- total
	}
}

func player(name string, in, out chan int, log chan<- string, end int) {
	for n := range in {
		log <- fmt.Sprint(name, n)
		if n >= end {
			close(out)
			return
		}
		out <- n + 1
	}
	close(out)
}

func sieve(n int) (primes []int) {
	gen := func(out chan<- int) {
		for i := 2; ; i++ {
			out <- i
		}
	}
	filter := func(in <-chan int, out chan<- int, p int) {
		for v := range in {
			if v%p != 0 {
				out <- v
			}
		}
	}
	ch := make(chan int)
	go gen(ch)
	for range n {
		p := <-ch
		primes = append(primes, p)
		next := make(chan int)
		go filter(ch, next, p)
		ch = next
	}
	return
}

func main() {
	reqs := make(chan request)
	go server(reqs)
	for _, n := range []int{5, 10, -3} {
		r := request{n, make(chan int)}
		reqs <- r
		fmt.Print(<-r.reply, " ")
	}
	close(reqs)
	fmt.Println()
	a, b := make(chan int), make(chan int)
	log := make(chan string, 20)
	go player("ping", a, b, log, 9)
	go player("pong", b, a, log, 6)
	a <- 1
	for range 6 {
		fmt.Print(<-log, " ")
	}
	fmt.Println()
	fmt.Println(sieve(10))
	var send chan<- int = make(chan int, 1)
	send <- 4
	fmt.Printf("%T %T %T %d\n", send, (<-chan int)(nil), make(chan chan string), len(send))
	type future func() int
	async := func(f func() int) future {
		ch := make(chan int, 1)
		go func() { ch <- f() }()
		return func() int { return <-ch }
	}
	f, g := async(func() int { return 6 }), async(func() int { return 7 })
	fmt.Println(f() * g())
	done := make(chan struct{})
	data := ""
	go func() { data = "written before close"; close(done) }()
	<-done
	fmt.Println(data)
}
