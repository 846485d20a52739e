package main

import (
	"container/heap"
	"fmt"
	"strings"
)

// Shortest paths with container/heap.

type edge struct {
	to   string
	cost int
}

type graph map[string][]edge

type item struct {
	node  string
	dist  int
	index int
}

type pq []*item

func (q pq) Len() int           { return len(q) }
func (q pq) Less(i, j int) bool { return q[i].dist < q[j].dist }
func (q pq) Swap(i, j int)      { q[i], q[j] = q[j], q[i]; q[i].index = i; q[j].index = j }
func (q *pq) Push(x any)        { it := x.(*item); it.index = len(*q); *q = append(*q, it) }
func (q *pq) Pop() any {
	old := *q
	it := old[len(old)-1]
	*q = old[:len(old)-1]
	return it
}

func (g graph) add(a, b string, c int) {
	g[a] = append(g[a], edge{b, c})
	g[b] = append(g[b], edge{a, c})
}

func (g graph) path(from, to string) ([]string, int, bool) {
	dist := map[string]int{from: 0}
	prev := map[string]string{}
	q := &pq{{node: from}}
	for q.Len() > 0 {
		cur := heap.Pop(q).(*item)
		if cur.node == to {
			var p []string
			for n := to; n != ""; n = prev[n] {
				p = append([]string{n}, p...)
			}
			return p, cur.dist, true
		}
		if cur.dist > dist[cur.node] {
			continue
		}
		for _, e := range g[cur.node] {
			d := cur.dist + e.cost
			if old, seen := dist[e.to]; !seen || d < old {
				dist[e.to], prev[e.to] = d, cur.node
				heap.Push(q, &item{node: e.to, dist: d})
			}
		}
	}
	return nil, 0, false
}

func main() {
	g := graph{}
	g.add("a", "b", 7)
	g.add("a", "c", 9)
	g.add("a", "f", 14)
	g.add("b", "c", 10)
	g.add("b", "d", 15)
	g.add("c", "d", 11)
	g.add("c", "f", 2)
	g.add("d", "e", 6)
	g.add("e", "f", 9)
	g["island"] = nil
	p, d, ok := g.path("a", "e")
	fmt.Println(strings.Join(p, " > "), d, ok)
	fmt.Println(g.path("a", "island"))
	fmt.Println(g.path("d", "d"))
	h := &pq{}
	for i, d := range []int{5, 1, 4, 2} {
		heap.Push(h, &item{node: fmt.Sprint("n", i), dist: d})
	}
	(*h)[len(*h)-1].dist = 0
	heap.Fix(h, len(*h)-1)
	for h.Len() > 0 {
		it := heap.Pop(h).(*item)
		fmt.Print(it.node, ":", it.dist, " ")
	}
	fmt.Println()
}
