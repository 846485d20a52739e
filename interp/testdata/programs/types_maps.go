package main

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
)

// Maps: zero values, deletion, keys of many types, nested maps.

type Point struct{ X, Y int }

type key struct {
	name string
	at   Point
}

func main() {
	m := map[string]int{"one": 1, "two": 2}
	m["three"]++
	m["three"] += 2
	v, ok := m["four"]
	_, has := m["one"]
	fmt.Println(m, v, ok, has, len(m))
	delete(m, "one")
	delete(m, "absent")
	fmt.Println(m)
	var nilMap map[string]int
	fmt.Println(nilMap["x"], len(nilMap), nilMap == nil)
	delete(nilMap, "x")
	for range nilMap {
		fmt.Println("never")
	}
	pts := map[Point]string{{1, 2}: "a", {3, 4}: "b"}
	pts[Point{1, 2}] += "!"
	fmt.Println(pts[Point{1, 2}], pts[Point{9, 9}] == "")
	ks := map[key][]int{}
	k := key{"k", Point{1, 1}}
	ks[k] = append(ks[k], 1, 2)
	ks[k][0] = 10
	fmt.Println(ks)
	any1 := map[any]string{1: "int", "1": "string", 1.0: "float", true: "bool", Point{}: "point", [2]int{1, 2}: "array", nil: "nil"}
	fmt.Println(any1[1], any1["1"], any1[1.0], any1[true], any1[Point{}], any1[[2]int{1, 2}], any1[nil], any1[int8(1)] == "")
	nested := map[string]map[string]int{}
	for _, w := range strings.Fields("go gopher git lisp lua") {
		first := w[:1]
		if nested[first] == nil {
			nested[first] = make(map[string]int)
		}
		nested[first][w] = len(w)
	}
	fmt.Println(nested)
	nan := math.NaN()
	nm := map[float64]int{nan: 1}
	nm[nan] = 2
	_, found := nm[nan]
	fmt.Println(len(nm), found)
	clear(nm)
	fmt.Println(len(nm))
	ptrs := map[string]*Point{"p": {1, 2}}
	ptrs["p"].X = 50
	fmt.Println(*ptrs["p"])
	funcs := map[string]func(int, int) int{"add": func(a, b int) int { return a + b }, "mul": func(a, b int) int { return a * b }}
	for _, name := range slices.Sorted(maps.Keys(funcs)) {
		fmt.Println(name, funcs[name](3, 4))
	}
	total := 0
	for k := range map[int]bool{1: true, 2: false, 3: true} {
		total += k
	}
	fmt.Println(total)
	arrs := map[string][2]int{"a": {1, 2}}
	a := arrs["a"]
	a[0] = 9
	fmt.Println(arrs, a)
}
