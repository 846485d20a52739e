package main

import "fmt"

// Recursion: factorials, Fibonacci, powers, permutations, Ackermann.

func factorial(n int) int {
	if n <= 1 {
		return 1
	}
	return n * factorial(n-1)
}

func fib(n int) int {
	if n < 2 {
		return n
	}
	return fib(n-1) + fib(n-2)
}

func power(base, exp int) int {
	switch {
	case exp == 0:
		return 1
	case exp%2 == 0:
		half := power(base, exp/2)
		return half * half
	}
	return base * power(base, exp-1)
}

func ackermann(m, n int) int {
	if m == 0 {
		return n + 1
	}
	if n == 0 {
		return ackermann(m-1, 1)
	}
	return ackermann(m-1, ackermann(m, n-1))
}

func permute(prefix, rest string, visit func(string)) {
	if rest == "" {
		visit(prefix)
		return
	}
	for i := range rest {
		permute(prefix+rest[i:i+1], rest[:i]+rest[i+1:], visit)
	}
}

func isEven(n int) bool {
	if n == 0 {
		return true
	}
	return isOdd(n - 1)
}

func isOdd(n int) bool {
	if n == 0 {
		return false
	}
	return isEven(n - 1)
}

func main() {
	for i := 0; i <= 10; i++ {
		fmt.Print(factorial(i), " ", fib(i), "; ")
	}
	fmt.Println()
	fmt.Println(power(2, 30), power(3, 13), ackermann(2, 3))
	permute("", "abc", func(s string) { fmt.Print(s, " ") })
	fmt.Println()
	fmt.Println(isEven(10), isOdd(7), isEven(3))
}
