package main

import "fmt"

// A panic with a formatted string, from a method called through an interface.

type Step interface{ Run(depth int) int }

type down struct{ limit int }

func (d down) Run(depth int) int {
	if depth > d.limit {
		panic(fmt.Sprintf("too deep: %d > %d", depth, d.limit))
	}
	return 1 + d.Run(depth+1)
}

type safe struct{ Step }

func (s safe) Run(depth int) (n int) {
	defer func() {
		if n == 0 {
			fmt.Println("safe sees a panic pass at depth", depth)
		}
	}()
	return s.Step.Run(depth)
}

func main() {
	var s Step = safe{down{3}}
	fmt.Println("start")
	fmt.Println(s.Run(0))
}
