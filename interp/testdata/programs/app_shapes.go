package main

import (
	"fmt"
	"math"
	"sort"
)

// Shapes behind an interface, sorted and summed in several ways.

type Shape interface {
	Area() float64
	Perimeter() float64
	fmt.Stringer
}

type Circle struct{ R float64 }
type Rect struct{ W, H float64 }
type Triangle struct{ A, B, C float64 }
type Square struct{ Rect }

func (c Circle) Area() float64      { return math.Pi * c.R * c.R }
func (c Circle) Perimeter() float64 { return 2 * math.Pi * c.R }
func (c Circle) String() string     { return fmt.Sprintf("circle %.1f", c.R) }

func (r Rect) Area() float64      { return r.W * r.H }
func (r Rect) Perimeter() float64 { return 2 * (r.W + r.H) }
func (r Rect) String() string     { return fmt.Sprintf("rect %gx%g", r.W, r.H) }

func (t Triangle) Area() float64 {
	s := t.Perimeter() / 2
	return math.Sqrt(s * (s - t.A) * (s - t.B) * (s - t.C))
}
func (t Triangle) Perimeter() float64 { return t.A + t.B + t.C }
func (t Triangle) String() string     { return fmt.Sprint("triangle ", t.A, t.B, t.C) }

func NewSquare(a float64) Square { return Square{Rect{a, a}} }
func (s Square) String() string  { return fmt.Sprintf("square %g", s.W) }

type byArea []Shape

func (b byArea) Len() int           { return len(b) }
func (b byArea) Less(i, j int) bool { return b[i].Area() < b[j].Area() }
func (b byArea) Swap(i, j int)      { b[i], b[j] = b[j], b[i] }

func total(f func(Shape) float64, ss ...Shape) (t float64) {
	for _, s := range ss {
		t += f(s)
	}
	return
}

func main() {
	shapes := []Shape{Circle{1}, Rect{2, 3.5}, Triangle{3, 4, 5}, NewSquare(2)}
	sort.Sort(byArea(shapes))
	for i, s := range shapes {
		fmt.Printf("%d %-14v area %6.2f perimeter %6.2f\n", i, s, s.Area(), s.Perimeter())
	}
	fmt.Printf("%.3f %.3f\n", total(Shape.Area, shapes...), total(func(s Shape) float64 { return s.Perimeter() }, shapes[1:]...))
	corners := 0
	for _, s := range shapes {
		switch v := s.(type) {
		case Circle:
			corners += int(v.R) - 1
		case Triangle:
			corners += 3
		case Rect, Square:
			corners += 4
		}
	}
	fmt.Println(corners)
	sort.SliceStable(shapes, func(i, j int) bool { return len(shapes[i].String()) < len(shapes[j].String()) })
	fmt.Println(shapes)
	var biggest Shape
	for _, s := range shapes {
		if biggest == nil || s.Area() > biggest.Area() {
			biggest = s
		}
	}
	fmt.Println(biggest, biggest == Shape(Rect{2, 3.5}))
}
