package main

import "fmt"

// Slices: capacity, aliasing, append, copy and full slice expressions.

func show(name string, s []int) { fmt.Println(name, s, len(s), cap(s), s == nil) }

func grow(s []int) []int {
	s = append(s, 99)
	s[0] = -1
	return s
}

func main() {
	base := []int{0, 1, 2, 3, 4, 5, 6, 7}
	a := base[2:4]
	show("a", a)
	a = append(a, 100)
	show("base", base)
	b := base[2:4:4]
	b = append(b, 200)
	show("b", b[:3])
	show("base", base)
	show("head", base[:0])
	show("tail", base[8:])
	var n []int
	show("nil", n)
	show("empty", []int{})
	n = append(n, 1, 2, 3)
	n = append(n, n...)
	show("n", n[:6:6])
	full := make([]int, 2, 10)
	g := grow(full)
	fmt.Println(full, g, full[:3])
	tight := []int{1, 2}
	t2 := grow(tight[:2:2])
	fmt.Println(tight, t2)
	fmt.Println(copy(base, base[3:]), base)
	fmt.Println(copy(base[2:], base), base)
	bs := make([]byte, 3)
	fmt.Println(copy(bs, "hello"), string(bs), string(append([]byte("x"), "yz"...)))
	s2 := [][]int{{1}, {2, 3}, nil}
	s2[2] = append(s2[2], s2[1]...)
	s2[1][0] = 20
	fmt.Println(s2, len(s2[2]))
	idx := []string{3: "c", 1: "a", "b"}
	fmt.Printf("%q\n", idx)
	s := []int{1, 2, 3, 4, 5}
	s = append(s[:1], s[2:]...)
	fmt.Println(s, s[:5])
	for i, v := range s {
		if i == 0 {
			s = append(s, 60)
			s[1] = 33
		}
		fmt.Print(v, " ")
	}
	fmt.Println(s)
	pp := &s
	*pp = (*pp)[1:]
	(*pp)[0]++
	fmt.Println(s, len(*pp))
	clear(s[:2])
	fmt.Println(s)
	x := []int{1, 2, 3}
	i := 0
	i, x[i] = 2, 7
	fmt.Println(i, x)
	x[0], x[2] = x[2], x[0]
	fmt.Println(x)
}
