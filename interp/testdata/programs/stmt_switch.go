package main

import (
	"fmt"
	"strings"
)

// Expression switches: lists, fallthrough, no condition, init, any types.

func grade(n int) string {
	switch {
	case n >= 90:
		return "A"
	case n >= 80:
		return "B"
	default:
		return "F"
	}
}

func vowel(r rune) bool {
	switch r {
	case 'a', 'e', 'i', 'o', 'u':
		return true
	}
	return false
}

func fall(n int) (out []string) {
	switch n {
	default:
		out = append(out, "default")
		fallthrough
	case 1:
		out = append(out, "one")
	case 2:
		out = append(out, "two")
		fallthrough
	case 3:
		out = append(out, "three")
		if n == 2 {
			break
		}
		out = append(out, "after")
	}
	return
}

var calls []string

func f(s string, v int) int { calls = append(calls, s); return v }

func main() {
	fmt.Println(grade(95), grade(85), grade(10))
	n := 0
	for _, r := range "education" {
		if vowel(r) {
			n++
		}
	}
	fmt.Println(n)
	for i := range 5 {
		fmt.Print(fall(i), " ")
	}
	fmt.Println()
	switch f("tag", 2) {
	case f("a", 1), f("b", 2), f("c", 3):
		calls = append(calls, "hit")
	case f("d", 4):
	}
	fmt.Println(calls)
	switch x := len("abc"); x {
	case 3:
		x := x * 2
		fmt.Println("three", x)
	}
	switch x := any(2.5); x {
	case 2:
		fmt.Println("int")
	case 2.5:
		fmt.Println("float")
	case "2.5":
		fmt.Println("string")
	}
	var err error
	switch err {
	case nil:
		fmt.Println("no error")
	}
	switch p := (struct{ a, b int }{1, 2}); p {
	case struct{ a, b int }{1, 2}:
		fmt.Println("struct")
	}
	switch {
	}
	switch x := 3; {
	case x == 3:
		x := x + 1
		fmt.Println("shadowed", x)
	}
	switch s := "go"; strings.ToUpper(s) {
	case "GO":
		fmt.Println(s)
	}
	switch true {
	case false:
	default:
		fmt.Println("default last")
	case 1 > 2:
		fmt.Println("never")
	}
	switch [2]int{1, 2} {
	case [2]int{1, 2}:
		fmt.Println("array")
	}
}
