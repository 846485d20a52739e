package main

import "fmt"

// Minimax on a three by three board.

type cell byte

const (
	empty cell = '.'
	x     cell = 'X'
	o     cell = 'O'
)

type board [9]cell

var lines = [...][3]int{{0, 1, 2}, {3, 4, 5}, {6, 7, 8}, {0, 3, 6}, {1, 4, 7}, {2, 5, 8}, {0, 4, 8}, {2, 4, 6}}

func start() (b board) {
	for i := range b {
		b[i] = empty
	}
	return
}

func (b board) winner() cell {
	for _, l := range lines {
		if c := b[l[0]]; c != empty && c == b[l[1]] && c == b[l[2]] {
			return c
		}
	}
	return empty
}

func (b board) full() bool {
	for _, c := range b {
		if c == empty {
			return false
		}
	}
	return true
}

func other(c cell) cell {
	if c == x {
		return o
	}
	return x
}

type scored struct{ move, score int }

var cache = map[board]scored{}

func best(b board, me cell) scored {
	if s, ok := cache[b]; ok {
		return s
	}
	if w := b.winner(); w != empty {
		return scored{-1, -1}
	}
	if b.full() {
		return scored{-1, 0}
	}
	top := scored{-1, -2}
	for i, c := range b {
		if c != empty {
			continue
		}
		b[i] = me
		if s := -best(b, other(me)).score; s > top.score {
			top = scored{i, s}
		}
		b[i] = empty
	}
	cache[b] = top
	return top
}

func (b board) String() string {
	s := ""
	for i := 0; i < 9; i += 3 {
		s += string([]byte{byte(b[i]), byte(b[i+1]), byte(b[i+2])}) + "/"
	}
	return s
}

func main() {
	b := start()
	turn := x
	for b.winner() == empty && !b.full() {
		m := best(b, turn)
		b[m.move] = turn
		fmt.Println(b, string(turn), m)
		turn = other(turn)
	}
	fmt.Println("winner", string(b.winner()), len(cache))
	var c board = start()
	c[0], c[1], c[4] = x, o, x
	fmt.Println(best(c, o).move, c.full())
}
