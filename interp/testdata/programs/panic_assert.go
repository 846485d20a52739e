package main

import (
	"fmt"
	"runtime"
)

// A failed type assertion, with and without the second result.

type Animal interface{ Sound() string }
type Walker interface {
	Animal
	Walk() int
}
type Dog struct{ legs int }

func (d Dog) Sound() string { return "woof" }
func (d *Dog) Walk() int    { return d.legs }

type Fish struct{}

func (Fish) Sound() string { return "..." }

func try(f func() any) {
	defer func() {
		if r := recover(); r != nil {
			_, isErr := r.(*runtime.TypeAssertionError)
			fmt.Println("failed:", r, isErr)
		}
	}()
	fmt.Println(f())
}

func main() {
	var a Animal = &Dog{4}
	try(func() any { return a.(Walker).Walk() })
	a = Dog{3}
	_, ok := a.(Walker)
	fmt.Println(ok)
	try(func() any { return a.(Walker) })
	try(func() any { return a.(Fish) })
	var x any = 5
	try(func() any { return x.(string) })
	try(func() any { return x.(int) + 1 })
	var none any
	try(func() any { return none.(int) })
	try(func() any { return none.(Animal) })
	f, ok := x.(float64)
	fmt.Println(f, ok)
	animals := []Animal{&Dog{4}, Fish{}}
	for _, a := range animals {
		fmt.Println(a.(Walker).Walk())
	}
}
