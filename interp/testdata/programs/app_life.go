package main

import "fmt"

// Conway's game of life on a torus, with cells in a map and in arrays.

const w, h = 8, 6

type grid [h][w]bool

func (g *grid) at(x, y int) bool { return g[(y+h)%h][(x+w)%w] }

func (g *grid) neighbours(x, y int) (n int) {
	for dy := -1; dy <= 1; dy++ {
		for dx := -1; dx <= 1; dx++ {
			if (dx != 0 || dy != 0) && g.at(x+dx, y+dy) {
				n++
			}
		}
	}
	return
}

func (g grid) step() (next grid) {
	for y := range g {
		for x := range g[y] {
			n := g.neighbours(x, y)
			next[y][x] = n == 3 || n == 2 && g[y][x]
		}
	}
	return
}

func (g grid) String() string {
	buf := make([]byte, 0, (w+1)*h)
	for _, row := range g {
		for _, c := range row {
			b := byte('.')
			if c {
				b = '#'
			}
			buf = append(buf, b)
		}
		buf = append(buf, '\n')
	}
	return string(buf)
}

type point struct{ x, y int }

func sparse(live map[point]bool) map[point]bool {
	counts := map[point]int{}
	for p := range live {
		for _, d := range []point{{-1, -1}, {0, -1}, {1, -1}, {-1, 0}, {1, 0}, {-1, 1}, {0, 1}, {1, 1}} {
			counts[point{p.x + d.x, p.y + d.y}]++
		}
	}
	next := map[point]bool{}
	for p, n := range counts {
		if n == 3 || n == 2 && live[p] {
			next[p] = true
		}
	}
	return next
}

func main() {
	var g grid
	live := map[point]bool{}
	for _, p := range []point{{1, 0}, {2, 1}, {0, 2}, {1, 2}, {2, 2}} {
		g[p.y][p.x] = true
		live[p] = true
	}
	start := g
	fmt.Print(g)
	for range 4 {
		g = g.step()
		live = sparse(live)
	}
	fmt.Println("after 4")
	fmt.Print(g)
	fmt.Println(len(live), live[point{2, 1}], live[point{3, 2}], g == start)
	for range 4*24 - 4 {
		g = g.step()
	}
	fmt.Println(g == start)
}
