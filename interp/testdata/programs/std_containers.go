package main

import (
	"container/heap"
	"container/list"
	"container/ring"
	"fmt"
	"slices"
)

// container/list, container/ring and container/heap with plain types.

type IntHeap []int

func (h IntHeap) Len() int           { return len(h) }
func (h IntHeap) Less(i, j int) bool { return h[i] < h[j] }
func (h IntHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *IntHeap) Push(x any)        { *h = append(*h, x.(int)) }
func (h *IntHeap) Pop() any {
	n := len(*h) - 1
	x := (*h)[n]
	*h = (*h)[:n]
	return x
}

func walk(l *list.List) (out []any) {
	for e := l.Front(); e != nil; e = e.Next() {
		out = append(out, e.Value)
	}
	return
}

func josephus(n, k int) (order []int) {
	r := ring.New(n)
	for i := 1; i <= n; i++ {
		r.Value = i
		r = r.Next()
	}
	r = r.Prev()
	for r.Len() > 1 {
		r = r.Move(k - 1)
		order = append(order, r.Unlink(1).Value.(int))
	}
	return append(order, r.Value.(int))
}

func smallest(xs []int, k int) []int {
	h := IntHeap(slices.Clone(xs))
	heap.Init(&h)
	var out []int
	for range k {
		out = append(out, heap.Pop(&h).(int))
	}
	return out
}

func main() {
	l := list.New()
	b := l.PushBack("b")
	l.PushFront("a")
	l.InsertAfter("c", b)
	l.InsertBefore(1.5, b)
	fmt.Println(walk(l), l.Len())
	l.MoveToBack(b)
	fmt.Println(walk(l), l.Remove(l.Front()), l.Len())
	m := list.New()
	m.PushBack(9)
	l.PushBackList(m)
	fmt.Println(walk(l), l.Back().Value, b.Prev().Value)
	fmt.Println(josephus(7, 3))
	fmt.Println(smallest([]int{9, 4, 7, 1, 8, 2}, 3))
	h := &IntHeap{5, 2, 8}
	heap.Init(h)
	heap.Push(h, 3)
	(*h)[0] = 10
	heap.Fix(h, 0)
	heap.Remove(h, 1)
	for h.Len() > 0 {
		fmt.Print(heap.Pop(h), " ")
	}
	fmt.Println()
	r := ring.New(3)
	for i := range 3 {
		r.Value = i * i
		r = r.Next()
	}
	sum := 0
	r.Do(func(v any) { sum += v.(int) })
	fmt.Println(sum, r.Len(), r.Next().Value)
}
