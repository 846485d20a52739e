package main

import "fmt"

// An index out of range, after some that a function recovered from.

type Grid struct {
	w, h  int
	cells []byte
}

func NewGrid(w, h int) *Grid { return &Grid{w, h, make([]byte, w*h)} }

func (g *Grid) Set(x, y int, b byte) {
	g.cells[y*g.w+x] = b
}

func (g *Grid) TrySet(x, y int, b byte) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("set %d,%d: %v", x, y, r)
		}
	}()
	g.Set(x, y, b)
	return nil
}

func main() {
	g := NewGrid(3, 2)
	g.Set(1, 1, 'x')
	fmt.Println(g.TrySet(0, 0, 'y'), g.TrySet(5, 5, 'z'), g.TrySet(-9, 0, 'z'))
	fmt.Printf("%q\n", g.cells)
	arr := [3]int{1, 2, 3}
	i := len(g.cells)
	fmt.Println(arr[i/3])
	fmt.Println(arr[i/2])
}
