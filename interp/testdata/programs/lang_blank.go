package main

import (
	"fmt"
	"reflect"
	"strconv"
)

// The blank identifier in all its places, and unused results.

type iface interface{ M() }
type impl struct{ _ int }

func (impl) M()                      {}
func (_ impl) N(_ int, _ string) int { return 1 }

var _ iface = impl{}
var _ iface = (*impl)(nil)
var _, second = pair()

const _ = 1 << iota

func pair() (int, string)                   { return 1, "second" }
func skip(_ int, b string, _ ...any) string { return b }
func named(_ int, x int) (_ int, err error) { return x, nil }
func _()                                    { panic("never called") }

type padded struct {
	a int8
	_ [3]byte
	b int32
	_ struct{}
}

type onlyTags struct {
	_ struct{} `json:"x"`
	A int
}

func main() {
	_, s := pair()
	n, _ := pair()
	_, _ = pair()
	fmt.Println(n, s, second)
	fmt.Println(skip(1, "b"), skip(1, "c", 2, 3))
	fmt.Println(named(1, 2))
	for range 2 {
		fmt.Print(".")
	}
	for _, v := range []int{1, 2} {
		fmt.Print(v)
	}
	for i, _ := range []int{5, 6} {
		fmt.Print(i)
	}
	for _ = range "ab" {
		fmt.Print("-")
	}
	fmt.Println()
	var _ = skip
	var x, _ = 1, "dropped"
	_ = x
	p := padded{a: 1, b: 2}
	q := padded{a: 1, b: 2}
	fmt.Println(p == q, p, onlyTags{A: 4})
	fmt.Println(impl{}.N(1, ""), reflect.TypeOf(p).NumField(), reflect.TypeOf(onlyTags{}).Field(0).Name)
	if _, ok := any(impl{}).(iface); ok {
		fmt.Println("implements")
	}
	switch _, err := strconv.Atoi("q"); {
	case err != nil:
		fmt.Println(err)
	}
	m := map[string]int{"a": 1}
	_, has := m["a"]
	_ = m["b"]
	fmt.Println(has, len(m))
	ch := make(chan int, 1)
	ch <- 1
	_, open := <-ch
	fmt.Println(open)
	_, isInt := any("s").(int)
	fmt.Println(isInt)
	func(_ ...int) { fmt.Println("ignored") }(1, 2, 3)
	_ = func() int { fmt.Println("called"); return 1 }()
}
