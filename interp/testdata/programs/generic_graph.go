package main

import (
	"fmt"
	"math"
)

// Generic graphs, matrices of numbers, and algorithms on constraints.

type Number interface {
	~int | ~int32 | ~int64 | ~float64
}

type Edge[K comparable, W Number] struct {
	To K
	W  W
}

type Graph[K comparable, W Number] struct {
	adj   map[K][]Edge[K, W]
	nodes []K
}

func NewGraph[K comparable, W Number]() *Graph[K, W] {
	return &Graph[K, W]{adj: map[K][]Edge[K, W]{}}
}

func (g *Graph[K, W]) node(k K) {
	if _, ok := g.adj[k]; !ok {
		g.adj[k] = nil
		g.nodes = append(g.nodes, k)
	}
}

func (g *Graph[K, W]) Add(a, b K, w W) *Graph[K, W] {
	g.node(a)
	g.node(b)
	g.adj[a] = append(g.adj[a], Edge[K, W]{b, w})
	return g
}

func (g *Graph[K, W]) Shortest(from K) map[K]W {
	dist := map[K]W{from: 0}
	for range g.nodes {
		changed := false
		for _, a := range g.nodes {
			d, ok := dist[a]
			if !ok {
				continue
			}
			for _, e := range g.adj[a] {
				if old, seen := dist[e.To]; !seen || d+e.W < old {
					dist[e.To] = d + e.W
					changed = true
				}
			}
		}
		if !changed {
			break
		}
	}
	return dist
}

func Walk[K comparable, W Number](g *Graph[K, W], from K, visit func(K)) {
	seen := map[K]bool{}
	var rec func(K)
	rec = func(k K) {
		if seen[k] {
			return
		}
		seen[k] = true
		visit(k)
		for _, e := range g.adj[k] {
			rec(e.To)
		}
	}
	rec(from)
}

func Dot[T Number](a, b []T) (s T) {
	for i := range a {
		s += a[i] * b[i]
	}
	return
}

func Scale[S ~[]T, T Number](s S, k T) S {
	out := make(S, len(s))
	for i, v := range s {
		out[i] = v * k
	}
	return out
}

type Vec []float64

func (v Vec) Norm() float64 { return math.Sqrt(Dot(v, v)) }

func main() {
	g := NewGraph[string, int]()
	g.Add("a", "b", 4).Add("a", "c", 1).Add("c", "b", 2).Add("b", "d", 5).Add("d", "a", -3)
	fmt.Println(g.Shortest("a"), len(g.nodes))
	var order []string
	Walk(g, "a", func(k string) { order = append(order, k) })
	fmt.Println(order)
	type pt struct{ x, y int }
	h := NewGraph[pt, float64]()
	h.Add(pt{0, 0}, pt{1, 0}, 1.5).Add(pt{1, 0}, pt{1, 1}, 0.25)
	fmt.Println(h.Shortest(pt{0, 0})[pt{1, 1}], h.nodes)
	fmt.Println(Dot([]int{1, 2, 3}, []int{4, 5, 6}), Dot([]float64{.5}, []float64{4}))
	fmt.Println(Scale(Vec{3, 4}, 2).Norm(), Scale([]int32{1, 2}, 3))
}
