package main

import "fmt"

// A panic in a goroutine ends the whole program.

type job struct{ id int }

func (j job) do() int {
	if j.id == 3 {
		panic(fmt.Sprint("job ", j.id, " is broken"))
	}
	return j.id * j.id
}

func safe(j job, out chan<- int) {
	defer func() {
		if r := recover(); r != nil {
			fmt.Println("recovered:", r)
			out <- -1
		}
	}()
	out <- j.do()
}

func main() {
	out := make(chan int)
	for i := range 5 {
		go safe(job{i}, out)
		fmt.Println(<-out)
	}
	done := make(chan bool)
	go func() {
		defer fmt.Println("deferred in the goroutine")
		job{3}.do()
		done <- true
	}()
	<-done
	fmt.Println("not reached")
}
