package main

import (
	"errors"
	"fmt"
)

// If with init, else chains, shadowing and block scope.

var x = "package"

func get() string { return x }

func div(a, b int) (int, error) {
	if b == 0 {
		return 0, errors.New("division by zero")
	}
	return a / b, nil
}

func scopes() {
	fmt.Println(x)
	x := 1
	{
		x := "inner"
		x += "!"
		fmt.Println(x)
	}
	if x := x + 1; x > 5 {
		fmt.Println("big", x)
	} else if y := x * 10; y > 15 {
		fmt.Println("mid", x, y)
		x := y
		_ = x
	} else {
		fmt.Println("small", x, y)
	}
	fmt.Println(x, get())
	for x := range 2 {
		x := x + 10
		fmt.Print(x, " ")
	}
	fmt.Println(x)
	func(x string) { fmt.Println(x, len(x)) }("param")
	switch x := "sw"; x {
	case "sw":
		x := x + "itch"
		fmt.Println(x)
	}
	type x2 struct{ x int }
	fmt.Println(x2{x}.x)
}

func redeclare() error {
	a, err := div(10, 2)
	b, err := div(a, 0)
	if err != nil {
		_, err := div(1, 1)
		fmt.Println(a, b, err)
	}
	return err
}

func closureCapture() int {
	n := 0
	inc := func() { n++ }
	if true {
		n := 100
		inc()
		n++
		_ = n
	}
	inc()
	return n
}

func builtinShadow() {
	len := func(s string) int { return 42 }
	true := false
	nil := "nil?"
	string := 3
	fmt.Println(len("x"), true, nil, string)
	type int float64
	var f int = 2.5
	fmt.Printf("%v %T\n", f, f)
}

func main() {
	scopes()
	fmt.Println(redeclare())
	fmt.Println(closureCapture())
	builtinShadow()
	if v, err := div(7, 2); err != nil {
		fmt.Println("error", err)
	} else if w := v * 2; w == 6 {
		fmt.Println(v, w)
	}
	if a, b := 1, 2; a < b && !(a == b) || false {
		fmt.Println("ok")
	}
	x = "changed"
	fmt.Println(get())
}
