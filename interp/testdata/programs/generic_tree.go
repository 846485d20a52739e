package main

import (
	"cmp"
	"fmt"
	"iter"
	"strings"
)

// A generic binary search tree with a comparison function and iterators.

type Tree[K, V any] struct {
	root *tnode[K, V]
	less func(a, b K) bool
	n    int
}

type tnode[K, V any] struct {
	key         K
	val         V
	left, right *tnode[K, V]
}

func New[K cmp.Ordered, V any]() *Tree[K, V] {
	return NewFunc[K, V](func(a, b K) bool { return a < b })
}

func NewFunc[K, V any](less func(a, b K) bool) *Tree[K, V] { return &Tree[K, V]{less: less} }

func (t *Tree[K, V]) find(k K) **tnode[K, V] {
	p := &t.root
	for *p != nil {
		switch {
		case t.less(k, (*p).key):
			p = &(*p).left
		case t.less((*p).key, k):
			p = &(*p).right
		default:
			return p
		}
	}
	return p
}

func (t *Tree[K, V]) Put(k K, v V) {
	p := t.find(k)
	if *p == nil {
		*p = &tnode[K, V]{key: k}
		t.n++
	}
	(*p).val = v
}

func (t *Tree[K, V]) Get(k K) (v V, ok bool) {
	if n := *t.find(k); n != nil {
		return n.val, true
	}
	return
}

func (t *Tree[K, V]) All() iter.Seq2[K, V] {
	return func(yield func(K, V) bool) { t.root.walk(yield) }
}

func (n *tnode[K, V]) walk(yield func(K, V) bool) bool {
	return n == nil || n.left.walk(yield) && yield(n.key, n.val) && n.right.walk(yield)
}

func (n *tnode[K, V]) depth() int {
	if n == nil {
		return 0
	}
	return 1 + max(n.left.depth(), n.right.depth())
}

func main() {
	t := New[string, int]()
	for i, w := range strings.Fields("the quick brown fox jumps over the lazy dog") {
		t.Put(w, i)
	}
	for k, v := range t.All() {
		fmt.Print(k, "=", v, " ")
	}
	fmt.Println(t.n, t.root.depth())
	v, ok := t.Get("fox")
	_, no := t.Get("cat")
	fmt.Println(v, ok, no)
	r := NewFunc[int, struct{}](func(a, b int) bool { return a > b })
	for _, n := range []int{5, 2, 8, 1, 9, 5} {
		r.Put(n, struct{}{})
	}
	var keys []int
	for k := range r.All() {
		if k < 2 {
			break
		}
		keys = append(keys, k)
	}
	fmt.Println(keys, r.n)
	byLen := NewFunc[string, []string](func(a, b string) bool { return len(a) < len(b) })
	for _, w := range []string{"aa", "b", "cc", "ddd", "e"} {
		old, _ := byLen.Get(w)
		byLen.Put(w, append(old, w))
	}
	for k, v := range byLen.All() {
		fmt.Println(k, v)
	}
}
