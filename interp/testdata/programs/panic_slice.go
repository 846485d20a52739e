package main

import "fmt"

// Slice bounds out of range, in several forms.

func try(name string, f func() any) {
	defer func() {
		if r := recover(); r != nil {
			fmt.Println(name, "->", r)
		}
	}()
	fmt.Println(name, f())
}

func window(s []int, from, to int) []int {
	return s[from:to]
}

func main() {
	s := make([]int, 3, 5)
	str := "hello"
	n, neg := 7, -1
	try("in cap", func() any { return s[:5] })
	try("beyond cap", func() any { return s[:n] })
	try("reversed", func() any { return s[3 : 1+n-7] })
	try("negative", func() any { return s[neg:] })
	try("full", func() any { return s[:2:n] })
	try("full reversed", func() any { return s[: 3 : 2+n-7] })
	try("string", func() any { return str[2:n] })
	try("string reversed", func() any { return str[4 : n-4] })
	try("string index", func() any { return str[n] })
	try("array", func() any { return (&[2]int{1, 2})[n-7 : n] })
	try("empty", func() any { return len(s[3:]) + len(str[5:]) })
	fmt.Println(window(s, 2, 4))
	fmt.Println(window(s, 4, 9))
}
