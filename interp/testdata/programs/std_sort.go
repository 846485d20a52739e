package main

import (
	"fmt"
	"math"
	"slices"
	"sort"
	"strings"
)

// sort: interfaces, stability, reversal, search; slices' functions beside it.

type person struct {
	name string
	age  int
}

type byAge []person

func (a byAge) Len() int           { return len(a) }
func (a byAge) Less(i, j int) bool { return a[i].age < a[j].age }
func (a byAge) Swap(i, j int)      { a[i], a[j] = a[j], a[i] }

type multi struct {
	ps   []person
	less []func(a, b person) bool
}

func (m multi) Len() int      { return len(m.ps) }
func (m multi) Swap(i, j int) { m.ps[i], m.ps[j] = m.ps[j], m.ps[i] }
func (m multi) Less(i, j int) bool {
	for _, less := range m.less {
		switch a, b := m.ps[i], m.ps[j]; {
		case less(a, b):
			return true
		case less(b, a):
			return false
		}
	}
	return false
}

func main() {
	ps := []person{{"eve", 30}, {"bob", 25}, {"al", 30}, {"cy", 25}, {"di", 41}}
	sort.Sort(byAge(ps[:3]))
	fmt.Println(ps)
	sort.Stable(sort.Reverse(byAge(ps)))
	fmt.Println(ps)
	sort.Sort(multi{ps, []func(a, b person) bool{
		func(a, b person) bool { return a.age < b.age },
		func(a, b person) bool { return a.name > b.name },
	}})
	fmt.Println(ps, sort.IsSorted(byAge(ps)))
	xs := []int{5, 2, 8, 1, 9, 3}
	sort.Ints(xs)
	i := sort.SearchInts(xs, 8)
	j := sort.Search(len(xs), func(i int) bool { return xs[i] >= 4 })
	fmt.Println(xs, i, j, sort.SearchInts(xs, 100))
	fs := []float64{2.5, math.Inf(1), -1, math.NaN(), 0}
	sort.Float64s(fs)
	fmt.Println(fs)
	ss := []string{"banana", "Apple", "cherry", "apple"}
	sort.Strings(ss)
	fmt.Println(ss)
	sort.Slice(ss, func(i, j int) bool { return strings.ToLower(ss[i]) < strings.ToLower(ss[j]) })
	fmt.Println(ss[2:])
	slices.SortFunc(ps, func(a, b person) int { return strings.Compare(a.name, b.name) })
	fmt.Println(ps)
	k, found := slices.BinarySearch(xs, 5)
	fmt.Println(k, found)
	k, found = slices.BinarySearchFunc(ps, "cy", func(p person, n string) int { return strings.Compare(p.name, n) })
	fmt.Println(k, found)
	slices.Sort(xs)
	slices.Reverse(xs)
	fmt.Println(xs, slices.IsSorted(xs), slices.Index(xs, 8), slices.Contains(ss, "cherry"))
	slices.SortStableFunc(ps, func(a, b person) int { return a.age - b.age })
	fmt.Println(ps)
}
