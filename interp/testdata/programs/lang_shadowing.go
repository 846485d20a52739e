package main

import (
	"errors"
	"fmt"
	"strconv"
)

// Names that hide others: packages, types, functions, results, methods.

type T struct{ T int }

func (t T) String() string { return fmt.Sprintf("T<%d>", t.T) }

func value() (value int) {
	value = 5
	{
		value := value * 2
		value++
		_ = value
	}
	return value
}

func errs() (err error) {
	if _, err := strconv.Atoi("x"); err != nil {
		defer func(e error) { err = errors.Join(err, fmt.Errorf("deferred saw %w", e)) }(err)
	}
	func() {
		err = errors.New("closure set it")
	}()
	return
}

var n = 1

func next() int { n++; return n }

func param(n int) (m int) {
	m = n
	for n := n; n < 3; n++ {
		m += n
	}
	if n := next(); n > 1 {
		m *= n
	}
	return m + n
}

type string2 = string

func types() {
	type T string
	var t T = "local"
	fmt.Printf("%v %T\n", t, t)
	{
		type T []int
		fmt.Printf("%v %d\n", T{1}, len(T{1, 2}))
	}
	T2 := struct{ T }{t}
	fmt.Println(T2.T == "local")
}

func multi() {
	a, b := 1, 2
	b, c := 3, 4
	{
		a, d := b, c
		a++
		_ = d
		b = a
	}
	fmt.Println(a, b, c)
	var f func(int) int
	f = func(a int) int {
		if a == 0 {
			return b
		}
		return f(a-1) + c
	}
	fmt.Println(f(2))
}

func main() {
	fmt.Println(value(), errs())
	fmt.Println(param(1), n)
	types()
	multi()
	t := T{T: 3}
	fmt.Println(t, t.T, T{t.T + 1})
	strings := []string2{"a", "b"}
	fmt.Println(len(strings), strings)
	for i, strings := range strings {
		fmt.Print(i, strings, " ")
	}
	fmt.Println()
	switch n := n; {
	case n > 0:
		n := "text"
		fmt.Println(n)
	}
	iota := 5
	const c = 2
	fmt.Println(iota, c)
	print := func(s ...any) { fmt.Println(append([]any{"print:"}, s...)...) }
	print(1, "x")
	append := 3
	fmt.Println(append)
}
