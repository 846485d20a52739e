package main

import "fmt"

// Functions of functions: fold, pipeline, partial application, trampolines.

type Pred[T any] func(T) bool
type Seq func(yield func(int) bool)

func pipe(fs ...func(int) int) func(int) int {
	return func(n int) int {
		for _, f := range fs {
			n = f(n)
		}
		return n
	}
}

func partial(f func(int, int) int, a int) func(int) int { return func(b int) int { return f(a, b) } }

func fold(f func(acc, x int) int, acc int, xs ...int) int {
	for _, x := range xs {
		acc = f(acc, x)
	}
	return acc
}

type thunk func() (int, thunk)

func sumTo(n, acc int) thunk {
	return func() (int, thunk) {
		if n == 0 {
			return acc, nil
		}
		return 0, sumTo(n-1, acc+n)
	}
}

func run(t thunk) (v int) {
	for t != nil {
		v, t = t()
	}
	return
}

func tee(logs *[]string, name string, f func(int) int) func(int) int {
	return func(n int) int {
		out := f(n)
		*logs = append(*logs, fmt.Sprintf("%s(%d)=%d", name, n, out))
		return out
	}
}

func gen(start int) (next func() int, reset func()) {
	n := start
	return func() int { n++; return n - 1 }, func() { n = start }
}

func fix(f func(func(int) int, int) int) func(int) int {
	var g func(int) int
	g = func(n int) int { return f(g, n) }
	return g
}

func main() {
	add := func(a, b int) int { return a + b }
	mul := func(a, b int) int { return a * b }
	var logs []string
	p := pipe(tee(&logs, "inc", partial(add, 1)), tee(&logs, "dbl", partial(mul, 2)), func(n int) int { return -n })
	fmt.Println(p(4), p(-1), logs)
	fmt.Println(fold(add, 0, 1, 2, 3), fold(mul, 1, 1, 2, 3, 4), fold(func(a, x int) int { return max(a, x) }, -1, 5, 9, 2))
	fmt.Println(run(sumTo(1000, 0)))
	next, reset := gen(5)
	next()
	next()
	a := next()
	reset()
	fmt.Println(a, next())
	fact := fix(func(self func(int) int, n int) int {
		if n == 0 {
			return 1
		}
		return n * self(n-1)
	})
	fmt.Println(fact(6))
	var stack []func()
	for i := range 3 {
		stack = append(stack, func() { fmt.Print("undo ", i, "; ") })
	}
	for len(stack) > 0 {
		stack[len(stack)-1]()
		stack = stack[:len(stack)-1]
	}
	fmt.Println()
	counts := map[string]int{}
	count := func(k string) func() { return func() { counts[k]++ } }
	for _, f := range []func(){count("a"), count("b"), count("a")} {
		f()
		f()
	}
	fmt.Println(counts)
	odd := Pred[int](func(n int) bool { return n%2 == 1 })
	fmt.Println(odd(3), odd(4))
	x := 10
	set, get := func(n int) { x = n }, func() int { return x }
	set(20)
	fmt.Println(get(), x)
	var s Seq = func(yield func(int) bool) {
		for i := 1; yield(i * i); i++ {
		}
	}
	s(func(n int) bool { fmt.Print(n, " "); return n < 20 })
	fmt.Println()
}
