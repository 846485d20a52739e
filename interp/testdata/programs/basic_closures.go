package main

import "fmt"

// Closures as counters, accumulators and middleware.

func counter(start int) func() int {
	n := start
	return func() int {
		n++
		return n
	}
}

func adder() func(int) int {
	sum := 0
	return func(x int) int {
		sum += x
		return sum
	}
}

func logged(name string, f func(int) int) func(int) int {
	return func(n int) int {
		out := f(n)
		fmt.Printf("%s(%d) = %d\n", name, n, out)
		return out
	}
}

func filter(xs []int, keep func(int) bool) []int {
	var out []int
	for _, x := range xs {
		if keep(x) {
			out = append(out, x)
		}
	}
	return out
}

func main() {
	a, b := counter(0), counter(10)
	fmt.Println(a(), a(), b(), a(), b())
	pos, neg := adder(), adder()
	for i := 1; i <= 5; i++ {
		pos(i)
		neg(-2 * i)
	}
	fmt.Println(pos(0), neg(0))
	square := logged("square", func(n int) int { return n * n })
	square(square(3))
	limit := 4
	small := filter([]int{1, 9, 3, 7, 4, 2}, func(n int) bool { return n < limit })
	limit = 8
	fmt.Println(small, filter([]int{1, 9, 3, 7}, func(n int) bool { return n < limit }))
	var actions []func() string
	for _, name := range []string{"x", "y", "z"} {
		actions = append(actions, func() string { return name + name })
	}
	for _, act := range actions {
		fmt.Print(act(), " ")
	}
	fmt.Println()
}
