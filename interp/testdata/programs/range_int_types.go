package main

import "fmt"

// Range over integers of several types, and over values that change.

type Index uint8
type Day int

const days Day = 3

func (d Day) String() string { return [...]string{"mon", "tue", "wed"}[d] }

func count(n int) int {
	fmt.Print("[evaluated once] ")
	return n
}

func squares(n int) (out []int) {
	for i := range n {
		out = append(out, i*i)
	}
	return
}

func grid(w, h int) (cells [][2]int) {
	for y := range h {
		for x := range w {
			if x == y {
				continue
			}
			cells = append(cells, [2]int{x, y})
		}
	}
	return
}

func main() {
	for d := range days {
		fmt.Print(d, " ")
	}
	fmt.Println()
	for i := range Index(3) {
		fmt.Printf("%v %T ", i, i)
	}
	fmt.Println()
	for i := range count(3) {
		fmt.Print(i, " ")
	}
	fmt.Println()
	var n8 int8 = 4
	total := int8(0)
	for i := range n8 {
		total += i
		n8 = 100
	}
	fmt.Println(total, n8)
	fmt.Println(squares(5), squares(0), squares(-2) == nil, grid(3, 2))
	k := 2
	for k := range k {
		k += 5
		fmt.Print(k, " ")
	}
	fmt.Println(k)
	for i := range len("four") {
		fmt.Print("four"[i:i+1], "-")
	}
	fmt.Println()
	var fs []func() int
	for i := range 3 {
		fs = append(fs, func() int { i++; return i })
	}
	fmt.Println(fs[0](), fs[0](), fs[2]())
	var i int
	for i = range 10 {
		if i == 4 {
			break
		}
	}
	fmt.Println(i)
	arr := [5]int{}
	for i := range arr {
		arr[i] = i
	}
	for i := range len(arr) / 2 {
		arr[i], arr[len(arr)-1-i] = arr[len(arr)-1-i], arr[i]
	}
	fmt.Println(arr)
	var p *[3]string
	for i := range p {
		fmt.Print(i)
	}
	for range len(p) {
		fmt.Print("!")
	}
	fmt.Println()
	for i := range int64(1) << 2 {
		fmt.Print(i, " ")
	}
	for r := range 'c' - 'a' {
		fmt.Print(string('a'+r), " ")
	}
	fmt.Println()
outer:
	for i := range 3 {
		for j := range 3 {
			switch {
			case j == 2:
				continue outer
			case i == 2:
				break outer
			}
			fmt.Print(i*10+j, " ")
		}
	}
	fmt.Println()
}
