package main

import "fmt"

// All forms of for, and the variable that each turn has to itself.

func main() {
	for i := 0; i < 3; i++ {
		fmt.Print(i, " ")
	}
	n := 3
	for n > 0 {
		n--
	}
	for {
		n++
		if n%2 == 0 {
			continue
		}
		if n > 6 {
			break
		}
	}
	fmt.Println(n)
	var fs []func() int
	for i := 0; i < 4; i++ {
		fs = append(fs, func() int { i += 10; return i })
		if i == 1 {
			i++ // skips 2 and the closure sees it
		}
	}
	for _, f := range fs {
		fmt.Print(f(), f(), " ")
	}
	fmt.Println()
	var ps []*int
	for i, j := 0, 10; i < j; i, j = i+2, j-3 {
		ps = append(ps, &i, &j)
	}
	for _, p := range ps {
		fmt.Print(*p, " ")
	}
	fmt.Println()
	for i := range 3 {
		i *= 100
		fmt.Print(i, " ")
	}
	var k int
	for k = range 5 {
		if k == 3 {
			break
		}
	}
	fmt.Println(k)
	for range 2 {
		fmt.Print("x")
	}
	const c = 2
	for i := range uint8(c + 1) {
		fmt.Printf("%T%d", i, i)
	}
	fmt.Println()
	var arr [3]int
	idx := 0
	for idx, arr[idx] = range []int{5, 6, 7} {
	}
	fmt.Println(idx, arr)
	for i := 5; ; i-- {
		if i < 0 {
			break
		}
		switch {
		case i == 3:
			continue
		case i == 1:
			break
		default:
			fmt.Print(i)
		}
	}
	fmt.Println()
	for x := range 0 {
		fmt.Println("never", x)
	}
	m := -3
	for range m {
		fmt.Println("never")
	}
	sum := 0
	for i, done := 0, false; !done; i++ {
		sum += i
		done = sum > 20
	}
	fmt.Println(sum)
}
