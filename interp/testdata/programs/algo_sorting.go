package main

import "fmt"

// Sorting algorithms over slices of several types.

func bubble(a []int) int {
	swaps := 0
	for i := range a {
		for j := 0; j < len(a)-1-i; j++ {
			if a[j] > a[j+1] {
				a[j], a[j+1] = a[j+1], a[j]
				swaps++
			}
		}
	}
	return swaps
}

func quick(a []int) {
	if len(a) < 2 {
		return
	}
	p, l := a[len(a)/2], 0
	a[len(a)/2], a[len(a)-1] = a[len(a)-1], a[len(a)/2]
	for i, v := range a[:len(a)-1] {
		if v < p {
			a[i], a[l] = a[l], a[i]
			l++
		}
	}
	a[l], a[len(a)-1] = a[len(a)-1], a[l]
	quick(a[:l])
	quick(a[l+1:])
}

func merge(a []string) []string {
	if len(a) < 2 {
		return a
	}
	l, r := merge(a[:len(a)/2]), merge(a[len(a)/2:])
	out := make([]string, 0, len(a))
	for len(l) > 0 && len(r) > 0 {
		if l[0] <= r[0] {
			out, l = append(out, l[0]), l[1:]
		} else {
			out, r = append(out, r[0]), r[1:]
		}
	}
	return append(append(out, l...), r...)
}

func counting(s string) string {
	var n [256]int
	for i := 0; i < len(s); i++ {
		n[s[i]]++
	}
	b := make([]byte, 0, len(s))
	for c, k := range n {
		for ; k > 0; k-- {
			b = append(b, byte(c))
		}
	}
	return string(b)
}

func main() {
	a := []int{5, 2, 9, 1, 5, 6, -3, 0}
	b := append([]int(nil), a...)
	fmt.Println(bubble(a), a)
	quick(b)
	fmt.Println(b)
	fmt.Println(merge([]string{"pear", "fig", "apple", "kiwi", "date"}))
	fmt.Println(counting("hello sorting world"))
	var big []int
	for i, x := 0, 12345; i < 200; i++ {
		x = (x*1103515245 + 12345) & 0x7fffffff
		big = append(big, x%1000)
	}
	quick(big)
	ok := true
	for i := 1; i < len(big); i++ {
		ok = ok && big[i-1] <= big[i]
	}
	fmt.Println(ok, big[0], big[199])
}
