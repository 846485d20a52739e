package main

import "fmt"

// Pointers as a beginner meets them: parameters, structs, slices, nil.

type point struct{ x, y int }

func setValue(n int)    { n = 100 }
func setPtr(n *int)     { *n = 100 }
func moveValue(p point) { p.x += 10 }
func movePtr(p *point)  { p.x += 10 }

func newPoint(x, y int) *point {
	p := point{x, y}
	return &p
}

func setFirst(xs []int) { xs[0] = 9 }
func grow(xs []int)     { xs = append(xs, 1) }
func growPtr(xs *[]int) { *xs = append(*xs, 1) }

func describe(p *point) string {
	if p == nil {
		return "nil point"
	}
	return fmt.Sprintf("(%d, %d)", p.x, p.y)
}

func main() {
	n := 1
	setValue(n)
	fmt.Println(n)
	setPtr(&n)
	fmt.Println(n)
	p := point{1, 2}
	moveValue(p)
	fmt.Println(p)
	movePtr(&p)
	fmt.Println(p)
	q := newPoint(3, 4)
	r := q
	r.y = 40
	fmt.Println(describe(q), describe(nil), q == r, *q == point{3, 40})
	xs := []int{1, 2}
	setFirst(xs)
	grow(xs)
	fmt.Println(xs, len(xs))
	growPtr(&xs)
	fmt.Println(xs, len(xs))
	points := []point{{1, 1}, {2, 2}}
	for _, pt := range points {
		pt.x = 0
	}
	for i := range points {
		points[i].y *= 5
	}
	fmt.Println(points)
	m := map[string]*point{"a": &p}
	m["a"].x = -1
	fmt.Println(p.x)
	pp := &q
	(*pp).x = 7
	*pp = &p
	fmt.Println(q.x, r.x)
}
