package main

import "fmt"

// Changing what is ranged over while ranging.

func main() {
	m := map[int]bool{}
	for i := range 20 {
		m[i] = true
	}
	for k := range m {
		if k%2 == 0 {
			delete(m, k)
		}
	}
	fmt.Println(len(m), m[1], m[2])
	seen := 0
	for k := range m {
		clear(m)
		seen++
		_ = k
	}
	fmt.Println(seen, len(m))
	s := []int{1, 2, 3}
	for i, v := range s {
		s = append(s, v*10)
		s[i] = 0
	}
	fmt.Println(s)
	t := []int{1, 2, 3, 4}
	for i := range t {
		t = t[:len(t)-1]
		fmt.Print(i, len(t), " ")
	}
	fmt.Println(len(t))
	u := []int{1, 2, 3}
	for i, v := range u {
		if i+1 < len(u) {
			u[i+1] += v
		}
	}
	fmt.Println(u)
	str := "abc"
	for i, r := range str {
		str = "zzzzzz"
		fmt.Print(i, string(r), " ")
	}
	fmt.Println(str)
	var last *int
	for _, v := range []int{1, 2, 3} {
		if v == 2 {
			last = &v
		}
		v = 50
	}
	fmt.Println(*last)
	type item struct{ n int }
	items := []item{{1}, {2}}
	for _, it := range items {
		it.n = 9
	}
	for i := range items {
		it := &items[i]
		it.n += 100
	}
	fmt.Println(items)
	ptrs := map[string]*item{"a": {1}, "b": {2}}
	for _, p := range ptrs {
		p.n *= 3
	}
	fmt.Println(ptrs["a"].n, ptrs["b"].n)
	n := 3
	for i := range n {
		n = 10
		fmt.Print(i, " ")
	}
	fmt.Println(n)
	nested := [][]int{{1}, {2}}
	for _, row := range nested {
		row[0]++
		row = append(row, 5)
		_ = row
	}
	fmt.Println(nested)
	i := 99
	for i := range 2 {
		_ = i
	}
	fmt.Println(i)
	for i = range 4 {
	}
	fmt.Println(i)
}
