package main

import (
	"fmt"
	"sort"
	"sync"
)

// Generic types that embed others, and constraints with both kinds of parts.

type Base[K comparable] struct {
	ID   K
	tags map[K]bool
}

func (b *Base[K]) Tag(ks ...K) *Base[K] {
	if b.tags == nil {
		b.tags = map[K]bool{}
	}
	for _, k := range ks {
		b.tags[k] = true
	}
	return b
}

func (b Base[K]) Has(k K) bool { return b.tags[k] }

type User struct {
	Base[int]
	Name string
}

type Pair[A any, B comparable] struct {
	*Base[B]
	First A
}

type Repo[K comparable, T interface{ Key() K }] struct {
	sync.Mutex
	items map[K]T
	order []K
}

func (u User) Key() string { return u.Name }

func (r *Repo[K, T]) Save(ts ...T) *Repo[K, T] {
	r.Lock()
	defer r.Unlock()
	if r.items == nil {
		r.items = make(map[K]T)
	}
	for _, t := range ts {
		k := t.Key()
		if _, ok := r.items[k]; !ok {
			r.order = append(r.order, k)
		}
		r.items[k] = t
	}
	return r
}

func (r *Repo[K, T]) Each(f func(int, T)) {
	for i, k := range r.order {
		f(i, r.items[k])
	}
}

type Ordered interface {
	~int | ~string
}

type SortedMap[K Ordered, V any] struct {
	m map[K]V
}

func (s *SortedMap[K, V]) Put(k K, v V) {
	if s.m == nil {
		s.m = map[K]V{}
	}
	s.m[k] = v
}

func (s SortedMap[K, V]) Keys() []K {
	keys := make([]K, 0, len(s.m))
	for k := range s.m {
		keys = append(keys, k)
	}
	sort.Slice(keys, func(i, j int) bool { return keys[i] < keys[j] })
	return keys
}

func main() {
	u := User{Base: Base[int]{ID: 7}, Name: "ann"}
	u.Tag(1, 2).Tag(3)
	fmt.Println(u.ID, u.Has(2), u.Has(9), len(u.tags))
	p := Pair[float64, string]{&Base[string]{ID: "x"}, 1.5}
	p.Tag("t")
	fmt.Println(p.ID, p.Has("t"), p.First)
	var r Repo[string, User]
	r.Save(u, User{Name: "bob"}).Save(User{Name: "ann", Base: Base[int]{ID: 8}})
	r.Each(func(i int, u User) { fmt.Print(i, u.Name, u.ID, " ") })
	fmt.Println(len(r.items))
	var s SortedMap[string, []int]
	s.Put("b", nil)
	s.Put("a", []int{1})
	s.Put("c", []int{2, 3})
	fmt.Println(s.Keys(), s.m["c"])
	type ids int
	n := SortedMap[ids, bool]{m: map[ids]bool{3: true, 1: false}}
	fmt.Println(n.Keys())
	fmt.Printf("%T %T\n", u.Base, s)
}
