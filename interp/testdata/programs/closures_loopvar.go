package main

import "fmt"

// Closures: capture, loop variables, counters, generators, mutual recursion.

func counter() (inc, dec func() int, get func() int) {
	n := 0
	inc = func() int { n++; return n }
	dec = func() int { n--; return n }
	get = func() int { return n }
	return
}

func fib() func() int {
	a, b := 0, 1
	return func() int {
		defer func() { a, b = b, a+b }()
		return a
	}
}

func memo(f func(int) int) func(int) int {
	seen := map[int]int{}
	return func(n int) int {
		v, ok := seen[n]
		if !ok {
			v = f(n)
			seen[n] = v
		}
		return v
	}
}

func curry(a int) func(int) func(int) int {
	return func(b int) func(int) int { return func(c int) int { return a*100 + b*10 + c } }
}

func main() {
	inc, dec, get := counter()
	inc()
	inc()
	dec()
	fmt.Println(get())
	f := fib()
	for range 10 {
		fmt.Print(f(), " ")
	}
	fmt.Println()
	var fs []func()
	for i := 0; i < 3; i++ {
		fs = append(fs, func() { fmt.Print(i, " ") })
	}
	for _, s := range []string{"x", "y"} {
		fs = append(fs, func() { fmt.Print(s, " ") })
	}
	for k := range map[string]int{"only": 1} {
		fs = append(fs, func() { fmt.Print(k, " ") })
	}
	for i := range 2 {
		fs = append(fs, func() { i++; fmt.Print(i, " ") })
	}
	for _, f := range fs {
		f()
	}
	fs[6]()
	fmt.Println()
	var incs []func() int
	for i := 0; i < 6; i += 2 {
		incs = append(incs, func() int { i++; return i })
		i++
	}
	fmt.Println(incs[0](), incs[0](), incs[1]())
	calls := 0
	sq := memo(func(n int) int { calls++; return n * n })
	fmt.Println(sq(4), sq(4), sq(5), calls)
	fmt.Println(curry(1)(2)(3))
	var even, odd func(int) bool
	even = func(n int) bool { return n == 0 || odd(n-1) }
	odd = func(n int) bool { return n != 0 && even(n-1) }
	fmt.Println(even(10), odd(7), even(3))
	x := 1
	func() {
		x := x + 1
		x++
		func() { x *= 10 }()
		fmt.Print(x, " ")
	}()
	func() { x = 50 }()
	fmt.Println(x)
	acc := []func(int) int{}
	for _, op := range []func(int, int) int{func(a, b int) int { return a + b }, func(a, b int) int { return a * b }} {
		total := 1
		acc = append(acc, func(n int) int { total = op(total, n); return total })
	}
	fmt.Println(acc[0](5), acc[0](5), acc[1](5), acc[1](5))
	type visitor func(n int, next visitor2)
	var v visitor2 = func(n int) { fmt.Print("leaf ", n, " ") }
	var w visitor = func(n int, next visitor2) { next(n * 2) }
	w(4, v)
	fmt.Println()
}

type visitor2 func(int)
