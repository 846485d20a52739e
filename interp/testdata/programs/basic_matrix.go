package main

import "fmt"

// Two-dimensional slices: multiplication, transposition, spirals, Pascal.

func multiply(a, b [][]int) [][]int {
	out := make([][]int, len(a))
	for i := range a {
		out[i] = make([]int, len(b[0]))
		for j := range b[0] {
			for k := range b {
				out[i][j] += a[i][k] * b[k][j]
			}
		}
	}
	return out
}

func transpose(m [][]int) [][]int {
	out := make([][]int, len(m[0]))
	for i := range out {
		out[i] = make([]int, len(m))
		for j := range m {
			out[i][j] = m[j][i]
		}
	}
	return out
}

func spiral(n int) [][]int {
	grid := make([][]int, n)
	for i := range grid {
		grid[i] = make([]int, n)
	}
	top, left, bottom, right := 0, 0, n-1, n-1
	k := 1
	for top <= bottom && left <= right {
		for c := left; c <= right; c++ {
			grid[top][c] = k
			k++
		}
		top++
		for r := top; r <= bottom; r++ {
			grid[r][right] = k
			k++
		}
		right--
		for c := right; c >= left && top <= bottom; c-- {
			grid[bottom][c] = k
			k++
		}
		bottom--
		for r := bottom; r >= top && left <= right; r-- {
			grid[r][left] = k
			k++
		}
		left++
	}
	return grid
}

func pascal(n int) [][]int {
	rows := [][]int{{1}}
	for len(rows) < n {
		last := rows[len(rows)-1]
		row := []int{1}
		for i := 1; i < len(last); i++ {
			row = append(row, last[i-1]+last[i])
		}
		rows = append(rows, append(row, 1))
	}
	return rows
}

func main() {
	a := [][]int{{1, 2}, {3, 4}}
	b := [][]int{{0, 1}, {1, 1}}
	fmt.Println(multiply(a, b), transpose([][]int{{1, 2, 3}, {4, 5, 6}}))
	for _, row := range spiral(4) {
		for _, v := range row {
			fmt.Printf("%3d", v)
		}
		fmt.Println()
	}
	for _, row := range pascal(6) {
		fmt.Println(row)
	}
}
