package main

import "fmt"

// A panic with a value of a named basic type.

type Status int
type Reason string

func check(s Status) Reason {
	if s >= 500 {
		panic(s)
	}
	return Reason(fmt.Sprint("ok ", int(s)))
}

func attempt(f func()) (r any) {
	defer func() { r = recover() }()
	f()
	return "fine"
}

func main() {
	fmt.Println(check(200))
	fmt.Println(attempt(func() { panic(Reason("because")) }))
	r := attempt(func() { check(501) })
	fmt.Printf("%v %T\n", r, r)
	s, ok := r.(Status)
	fmt.Println(s, ok)
	_, isInt := r.(int)
	fmt.Println(isInt)
	check(
		503,
	)
}
