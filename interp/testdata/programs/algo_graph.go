package main

import "fmt"

// Breadth and depth first search, topological order, union and find.

type Graph map[int][]int

func (g Graph) bfs(from int) (order []int, dist map[int]int) {
	dist = map[int]int{from: 0}
	queue := []int{from}
	for len(queue) > 0 {
		n := queue[0]
		queue = queue[1:]
		order = append(order, n)
		for _, m := range g[n] {
			if _, seen := dist[m]; !seen {
				dist[m] = dist[n] + 1
				queue = append(queue, m)
			}
		}
	}
	return
}

func (g Graph) dfs(n int, seen map[int]bool, visit func(int)) {
	if seen[n] {
		return
	}
	seen[n] = true
	for _, m := range g[n] {
		g.dfs(m, seen, visit)
	}
	visit(n)
}

func (g Graph) topo() (order []int, err error) {
	in := map[int]int{}
	for n, ms := range g {
		in[n] += 0
		for _, m := range ms {
			in[m]++
		}
	}
	for len(in) > 0 {
		best := -1
		for n, k := range in {
			if k == 0 && (best < 0 || n < best) {
				best = n
			}
		}
		if best < 0 {
			return order, fmt.Errorf("cycle among %d nodes", len(in))
		}
		delete(in, best)
		for _, m := range g[best] {
			in[m]--
		}
		order = append(order, best)
	}
	return order, nil
}

type DSU struct{ parent, size []int }

func NewDSU(n int) *DSU {
	d := &DSU{make([]int, n), make([]int, n)}
	for i := range n {
		d.parent[i], d.size[i] = i, 1
	}
	return d
}

func (d *DSU) Find(x int) int {
	for d.parent[x] != x {
		d.parent[x] = d.parent[d.parent[x]]
		x = d.parent[x]
	}
	return x
}

func (d *DSU) Union(a, b int) bool {
	a, b = d.Find(a), d.Find(b)
	if a == b {
		return false
	}
	if d.size[a] < d.size[b] {
		a, b = b, a
	}
	d.parent[b] = a
	d.size[a] += d.size[b]
	return true
}

func main() {
	g := Graph{1: {2, 3}, 2: {4}, 3: {4, 5}, 4: {6}, 5: {6}, 6: nil}
	order, dist := g.bfs(1)
	fmt.Println(order, dist)
	var post []int
	g.dfs(1, map[int]bool{}, func(n int) { post = append(post, n) })
	fmt.Println(post)
	fmt.Println(g.topo())
	g[6] = append(g[6], 3)
	fmt.Println(g.topo())
	d := NewDSU(6)
	fmt.Println(d.Union(0, 1), d.Union(2, 3), d.Union(1, 3), d.Union(0, 2), d.Find(3) == d.Find(0), d.Find(4) == d.Find(5), d.size[d.Find(2)])
}
