package main

import (
	"container/list"
	"fmt"
	"strconv"
)

// An LRU cache over a map and container/list.

type entry[K comparable, V any] struct {
	key K
	val V
}

type LRU[K comparable, V any] struct {
	cap     int
	order   *list.List
	items   map[K]*list.Element
	onEvict func(K, V)
	hits    int
}

type Option[K comparable, V any] func(*LRU[K, V])

func OnEvict[K comparable, V any](f func(K, V)) Option[K, V] {
	return func(l *LRU[K, V]) { l.onEvict = f }
}

func NewLRU[K comparable, V any](cap int, opts ...Option[K, V]) *LRU[K, V] {
	l := &LRU[K, V]{cap: cap, order: list.New(), items: make(map[K]*list.Element)}
	for _, o := range opts {
		o(l)
	}
	return l
}

func (l *LRU[K, V]) Get(k K) (V, bool) {
	if e, ok := l.items[k]; ok {
		l.order.MoveToFront(e)
		l.hits++
		return e.Value.(*entry[K, V]).val, true
	}
	var zero V
	return zero, false
}

func (l *LRU[K, V]) Put(k K, v V) {
	if e, ok := l.items[k]; ok {
		e.Value.(*entry[K, V]).val = v
		l.order.MoveToFront(e)
		return
	}
	l.items[k] = l.order.PushFront(&entry[K, V]{k, v})
	if l.order.Len() > l.cap {
		last := l.order.Back()
		old := l.order.Remove(last).(*entry[K, V])
		delete(l.items, old.key)
		if l.onEvict != nil {
			l.onEvict(old.key, old.val)
		}
	}
}

func (l *LRU[K, V]) Keys() (ks []K) {
	for e := l.order.Front(); e != nil; e = e.Next() {
		ks = append(ks, e.Value.(*entry[K, V]).key)
	}
	return
}

func main() {
	var evicted []string
	c := NewLRU(3, OnEvict(func(k string, v int) { evicted = append(evicted, fmt.Sprint(k, v)) }))
	for i, k := range []string{"a", "b", "c"} {
		c.Put(k, i)
	}
	c.Get("a")
	c.Put("d", 3)
	c.Put("b", 9)
	_, ok := c.Get("c")
	v, _ := c.Get("d")
	fmt.Println(c.Keys(), evicted, ok, v, c.hits, len(c.items))
	c.Put("a", 100)
	fmt.Println(c.Keys(), c.order.Len())
	plain := NewLRU[int, string](1)
	for i := range 5 {
		plain.Put(i, strconv.Itoa(i*i))
	}
	s, ok := plain.Get(4)
	fmt.Println(s, ok, plain.Keys())
	type point struct{ x, y int }
	pts := NewLRU[point, []int](2)
	pts.Put(point{1, 2}, []int{1})
	got, ok := pts.Get(point{1, 2})
	fmt.Println(got, ok)
}
