package main

import (
	"fmt"
	"strings"
)

// Arrays are values: copied, compared, and keys of maps.

type Board [3][3]rune

func (b Board) With(r, c int, v rune) Board {
	b[r][c] = v
	return b
}

func (b *Board) Set(r, c int, v rune) { b[r][c] = v }

func (b Board) String() string {
	var sb strings.Builder
	for _, row := range b {
		for _, v := range row {
			if v == 0 {
				v = '.'
			}
			sb.WriteRune(v)
		}
		sb.WriteByte('/')
	}
	return sb.String()
}

func sum(a [4]int) (s int) {
	for i := range a {
		s += a[i]
		a[i] = 0
	}
	return
}

func main() {
	a := [4]int{1, 2, 3, 4}
	b := a
	b[0] = 100
	fmt.Println(a, b, a == b, a == [4]int{1, 2, 3, 4}, sum(a), a)
	c := [...]string{2: "two", 5: "five", "six"}
	fmt.Printf("%d %q %T\n", len(c), c, c)
	p := &a
	p[1] = 20
	for i, v := range p {
		fmt.Print(i, "=", v, " ")
	}
	fmt.Println(len(p), cap(p[:2]), (*p)[1:3])
	var bd Board
	nb := bd.With(1, 1, 'x')
	bd.Set(0, 2, 'o')
	fmt.Println(bd, nb, bd == nb)
	m := map[[2]int]string{{0, 1}: "a", {1, 0}: "b"}
	m[[2]int{0, 1}] += "!"
	fmt.Println(m[[2]int{0, 1}], m[[2]int{1, 0}], len(m))
	arr := [3]int{1, 2, 3}
	for i, v := range arr {
		arr[2] = 10
		if i == 2 {
			fmt.Println("copy sees", v)
		}
	}
	for i, v := range &arr {
		arr[2] = 11
		if i == 2 {
			fmt.Println("pointer sees", v)
		}
	}
	sl := arr[:]
	sl[0] = 9
	fmt.Println(arr, [3]int(sl), *(*[2]int)(sl))
	var grid [2][3]int
	grid[1][2] = 5
	row := grid[1]
	row[0] = 7
	fmt.Println(grid, row, len(grid), len(grid[0]))
	structs := [2]struct{ x, y int }{{1, 2}, {y: 4}}
	structs[1].x++
	fmt.Println(structs, [0]int{} == [0]int{}, structs == [2]struct{ x, y int }{{1, 2}, {1, 4}})
}
