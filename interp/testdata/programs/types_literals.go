package main

import "fmt"

// Composite literals: elided types, keys, nesting, pointers, sizes.

type P struct{ X, Y int }
type Line struct{ A, B P }
type Poly struct {
	Name string
	Pts  []P
	Refs []*P
	By   map[string]P
	In   map[P]string
	M    [][]int
}

const (
	red = iota
	green
	blue
)

var colors = [...]string{red: "r", blue: "b", green: "g"}

func main() {
	fmt.Println(colors, len(colors))
	l := Line{P{1, 2}, P{Y: 4}}
	ls := []Line{{P{1, 2}, P{3, 4}}, {B: P{X: 9}}}
	fmt.Println(l, ls, Line{})
	p := Poly{
		Name: "poly",
		Pts:  []P{{1, 2}, {}, {Y: 5}},
		Refs: []*P{{7, 8}, nil, &l.A},
		By:   map[string]P{"a": {1, 1}, "b": {}},
		In:   map[P]string{{1, 2}: "x", {3, 4}: "y"},
		M:    [][]int{{1}, {}, nil, {2, 3}},
	}
	p.Refs[2].X = 100
	fmt.Println(p.Pts, *p.Refs[0], p.Refs[1], l.A.X, p.By, len(p.In), p.M)
	sparse := []int{5: 1, 2, 0: 3, 4}
	fmt.Println(sparse, len(sparse))
	arr := [...][2]int{{1, 2}, 3: {7}}
	fmt.Println(arr, len(arr), arr[1] == [2]int{})
	mm := map[string]map[string][]int{"x": {"y": {1, 2}}, "z": nil}
	fmt.Println(mm["x"]["y"][1], mm["z"] == nil, len(mm["q"]["r"]))
	ptr := &[]string{"a", "b"}
	(*ptr)[0] = "c"
	pm := &map[string]int{"k": 1}
	(*pm)["k"]++
	parr := &[3]int{1, 2, 3}
	parr[1] *= 10
	fmt.Println(*ptr, *pm, *parr, parr[1:])
	fs := []func(int) int{func(n int) int { return n + 1 }, func(n int) int { return n * n }}
	fmt.Println(fs[1](fs[0](4)))
	anys := []any{1, "two", 3.0, nil, []int{4}, map[string]any{"five": []any{6}}, P{7, 8}}
	fmt.Println(anys, anys[5].(map[string]any)["five"].([]any)[0])
	vowels := [128]bool{'a': true, 'e': true, 'i': true, 'o': true, 'u': true}
	n := 0
	for _, r := range "alphabetical" {
		if vowels[r] {
			n++
		}
	}
	fmt.Println(n, len(vowels))
	if (P{1, 2}) == l.B || l.B == (P{0, 4}) {
		fmt.Println("equal")
	}
	for _, pt := range []P{{1, 1}, {2, 2}} {
		fmt.Print(pt.X*pt.Y, " ")
	}
	fmt.Println(P{1, 2}.X, []int{1, 2, 3}[1], map[string]int{"a": 5}["a"], "str"[1], [2]bool{true}[0])
	type T struct {
		P
		*Line
		n int
	}
	t := T{P: P{1, 2}, Line: &Line{A: P{3, 4}}, n: 5}
	fmt.Println(t.X, t.A.Y, t.n, T{}.Line == nil)
}
