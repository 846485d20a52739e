package main

import "fmt"

// Method values and expressions of generic types, and embedding of them.

type Box[T any] struct{ v T }

func (b Box[T]) Get() T              { return b.v }
func (b *Box[T]) Set(v T)            { b.v = v }
func (b *Box[T]) Update(f func(T) T) { b.v = f(b.v) }

type Counter struct {
	Box[int]
	name string
}

type Wrapper[T any] struct {
	*Box[T]
	log []string
}

func (w *Wrapper[T]) Set(v T) {
	w.log = append(w.log, fmt.Sprintf("set %v", v))
	w.Box.Set(v)
}

type GetSetter[T any] interface {
	Get() T
	Set(T)
}

func exchange[T any](g GetSetter[T], v T) (old T) {
	old = g.Get()
	g.Set(v)
	return
}

type Num[T any] interface{ Add(T) T }

type Money int

func (m Money) Add(o Money) Money { return m + o }

func addAll[T Num[T]](xs ...T) T {
	acc := xs[0]
	for _, x := range xs[1:] {
		acc = acc.Add(x)
	}
	return acc
}

type Cache[K comparable, V any] struct {
	load func(K) V
	m    map[K]V
	miss int
}

func (c *Cache[K, V]) Get(k K) V {
	if v, ok := c.m[k]; ok {
		return v
	}
	if c.m == nil {
		c.m = map[K]V{}
	}
	c.miss++
	v := c.load(k)
	c.m[k] = v
	return v
}

func main() {
	b := Box[int]{1}
	get, set := b.Get, b.Set
	set(5)
	fmt.Println(get(), b.Get())
	f := Box[string].Get
	g := (*Box[string]).Set
	s := Box[string]{"s"}
	g(&s, "t")
	fmt.Println(f(s))
	c := Counter{name: "c"}
	c.Set(3)
	c.Update(func(n int) int { return n * 7 })
	fmt.Println(c.Get(), c.v, c.Box)
	w := &Wrapper[string]{Box: &s}
	fmt.Println(exchange(w, "new"), s.v, w.log)
	fmt.Println(exchange[int](&c, 0), c.Get())
	fmt.Println(addAll(Money(1), 2, 3))
	fib := &Cache[int, int]{}
	fib.load = func(n int) int {
		if n < 2 {
			return n
		}
		return fib.Get(n-1) + fib.Get(n-2)
	}
	fmt.Println(fib.Get(50), fib.miss)
	fs := map[string]func() string{"get": w.Get, "s": s.Get}
	s.Set("later")
	fmt.Println(fs["get"](), fs["s"]())
	fmt.Printf("%T %T\n", b, w)
}
