package main

import (
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
)

// Control flow out of range-over-func bodies: return, defer, labels, panics.

func upto(n int) iter.Seq[int] {
	return func(yield func(int) bool) {
		defer fmt.Print("<done ", n, "> ")
		for i := range n {
			if !yield(i) {
				return
			}
		}
	}
}

func pairs(m map[string]int) iter.Seq2[string, int] {
	return func(yield func(string, int) bool) {
		for _, k := range slices.Sorted(maps.Keys(m)) {
			if !yield(k, m[k]) {
				return
			}
		}
	}
}

func firstBig(limit int) (k string, v int, err error) {
	for k, v := range pairs(map[string]int{"a": 1, "b": 20, "c": 300}) {
		if v > limit {
			return k, v, nil
		}
	}
	return "", 0, errors.New("none")
}

func labelled() (s string) {
outer:
	for i := range upto(4) {
		for j := range upto(4) {
			if j == 2 {
				continue outer
			}
			if i == 2 {
				break outer
			}
			s += fmt.Sprint(i, j, " ")
		}
	}
	return s
}

func deferOrder() {
	for i := range upto(2) {
		defer fmt.Print("d", i, " ")
	}
	fmt.Print("body end ")
}

func recovers() (r any) {
	defer func() { r = recover() }()
	for i := range upto(5) {
		if i == 1 {
			panic(fmt.Sprint("at ", i))
		}
	}
	return nil
}

func nestedReturn() int {
	for i := range upto(3) {
		for j := range upto(3) {
			if i+j == 3 {
				return i*10 + j
			}
		}
	}
	return -1
}

func capture() (fs []func() int) {
	for i := range upto(3) {
		fs = append(fs, func() int { i += 100; return i })
	}
	return
}

func misuse() (msg any) {
	defer func() { msg = recover() }()
	var saved func(int) bool
	for range func(yield func(int) bool) { saved = yield; yield(1) } {
	}
	saved(2)
	return "no panic"
}

func main() {
	fmt.Println(firstBig(10))
	fmt.Println(firstBig(1000))
	fmt.Println(labelled())
	deferOrder()
	fmt.Println()
	fmt.Println(recovers())
	fmt.Println(nestedReturn())
	fs := capture()
	fmt.Println(fs[0](), fs[0](), fs[1]())
	fmt.Println(misuse())
	n := 0
	for range upto(3) {
		n++
		if n == 2 {
			continue
		}
		switch n {
		case 3:
			break
		}
	}
	fmt.Println(n)
	for i := range upto(10) {
		if i == 1 {
			goto end
		}
	}
end:
	fmt.Println("end")
}
