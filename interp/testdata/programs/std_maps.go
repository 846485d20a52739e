package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Package maps and idioms on maps: inversion, grouping, sets, counters.

type set[T comparable] map[T]struct{}

func of[T comparable](xs ...T) set[T] {
	s := set[T]{}
	for _, x := range xs {
		s[x] = struct{}{}
	}
	return s
}

func (s set[T]) union(o set[T]) set[T] {
	out := maps.Clone(s)
	maps.Copy(out, o)
	return out
}

func (s set[T]) intersect(o set[T]) set[T] {
	out := set[T]{}
	for x := range s {
		if _, ok := o[x]; ok {
			out[x] = struct{}{}
		}
	}
	return out
}

func sorted[T cmp.Ordered](s set[T]) []T { return slices.Sorted(maps.Keys(s)) }

func invert[K, V comparable](m map[K]V) map[V][]K {
	out := map[V][]K{}
	for k, v := range m {
		out[v] = append(out[v], k)
	}
	return out
}

func groupBy[T any, K comparable](xs []T, key func(T) K) map[K][]T {
	out := map[K][]T{}
	for _, x := range xs {
		k := key(x)
		out[k] = append(out[k], x)
	}
	return out
}

func main() {
	a, b := of(1, 2, 3), of(2, 3, 4)
	fmt.Println(sorted(a.union(b)), sorted(a.intersect(b)), len(a))
	m := map[string]int{"a": 1, "b": 2, "c": 1}
	inv := invert(m)
	slices.Sort(inv[1])
	fmt.Println(inv)
	fmt.Println(groupBy([]string{"ant", "bee", "asp", "boa", "cat"}, func(s string) byte { return s[0] }))
	c := maps.Clone(m)
	c["z"] = 26
	fmt.Println(len(m), len(c), maps.Equal(m, c), maps.Equal(m, maps.Clone(m)))
	maps.DeleteFunc(c, func(k string, v int) bool { return v == 1 })
	fmt.Println(c)
	fmt.Println(slices.Sorted(maps.Values(m)))
	built := maps.Collect(maps.All(m))
	maps.Insert(built, maps.All(map[string]int{"q": 9}))
	fmt.Println(built)
	fmt.Println(maps.EqualFunc(map[int]string{1: "A"}, map[int]string{1: "a"}, strings.EqualFold))
	var nilm map[string]int
	fmt.Println(maps.Clone(nilm) == nil, len(slices.Collect(maps.Keys(nilm))))
	counts := map[rune]int{}
	for _, r := range "mississippi" {
		counts[r]++
	}
	for _, r := range slices.Sorted(maps.Keys(counts)) {
		fmt.Printf("%c%d ", r, counts[r])
	}
	fmt.Println()
}
