package main

import (
	"fmt"
	"io"
	"strings"
)

// Channel statements: sends, receives, closing, ranging, directions.

type msg struct {
	id   int
	body string
}

func produce(out chan<- msg, n int) {
	for i := 1; i <= n; i++ {
		out <- msg{i, strings.Repeat("m", i)}
	}
	close(out)
}

func consume(in <-chan msg) (ids []int, last string) {
	for m := range in {
		ids = append(ids, m.id)
		last = m.body
	}
	return
}

func first(chs ...<-chan int) []int {
	out := make([]int, len(chs))
	for i, c := range chs {
		out[i] = <-c
	}
	return out
}

func of(n int) <-chan int {
	c := make(chan int, 1)
	c <- n
	return c
}

func main() {
	c := make(chan msg)
	go produce(c, 4)
	fmt.Println(consume(c))
	m, ok := <-c
	fmt.Println(m, ok, cap(c))
	fmt.Println(first(of(1), of(2), of(3)))
	b := make(chan []int, 2)
	b <- []int{1, 2}
	x := []int{9}
	b <- x
	x[0] = 10
	fmt.Println(len(b), (<-b)[1], <-b)
	var once = make(chan func() string, 1)
	once <- func() string { return "from a channel" }
	fmt.Println((<-once)())
	arr := [2]chan int{make(chan int, 1), make(chan int, 1)}
	arr[0] <- 4
	arr[1] <- <-arr[0] + 1
	fmt.Println(<-arr[1])
	mp := map[string]chan string{"a": make(chan string, 1)}
	mp["a"] <- "in map"
	s, open := <-mp["a"]
	fmt.Println(s, open)
	errs := make(chan error, 2)
	errs <- nil
	errs <- io.EOF
	close(errs)
	for e := range errs {
		fmt.Print(e, " ")
	}
	fmt.Println()
	done := make(chan struct{})
	total := 0
	go func() {
		defer close(done)
		for v := range of2(5) {
			total += v
		}
	}()
	<-done
	fmt.Println(total)
	var send chan<- int
	var recv <-chan int
	both := make(chan int, 1)
	send, recv = both, both
	send <- 8
	v := 1
	v, ok = <-recv
	fmt.Println(v, ok, len(both))
	st := struct{ c chan int }{make(chan int, 1)}
	st.c <- 3
	v += <-st.c
	fmt.Println(v, -<-of(5), <-of(2)*<-of(3))
}

func of2(n int) chan int {
	c := make(chan int, n)
	for i := range n {
		c <- i
	}
	close(c)
	return c
}
