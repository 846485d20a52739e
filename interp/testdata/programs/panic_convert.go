package main

import (
	"fmt"
	"strings"
)

// Conversions that fail at run time: slices to arrays, make, channels.

func try(name string, f func()) {
	defer func() { fmt.Println(name+":", recover()) }()
	f()
}

func head(s []byte) [4]byte { return [4]byte(s) }

func main() {
	n := -5
	big := 1 << 62
	var c chan int
	try("fits", func() { fmt.Print(head([]byte("abcdef"))) })
	try("short", func() { _ = (*[8]byte)([]byte("abc")) })
	try("makeslice len", func() { _ = make([]int, n) })
	try("makeslice cap", func() { _ = make([]int, 2, 2+n) })
	try("makeslice big", func() { _ = make([]int64, big) })
	try("makechan", func() { _ = make(chan int, n) })
	try("close nil", func() { close(c) })
	try("close twice", func() { d := make(chan int); close(d); close(d) })
	try("send closed", func() { d := make(chan int, 1); close(d); d <- 1 })
	try("shift", func() { _ = 1 << n })
	try("unhashable", func() { _ = map[any]int{func() {}: 1} })
	try("compare", func() { var a, b any = []int{1}, []int{1}; fmt.Print(a == b) })
	try("compare struct", func() {
		type t struct{ v any }
		a, b := t{map[int]int{}}, t{map[int]int{}}
		fmt.Print(a == b)
	})
	try("repeat", func() { strings.Repeat("x", n) })
	try("nil panic", func() { panic(nil) })
	fmt.Println(head([]byte("ab")))
}
