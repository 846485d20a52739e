package main

import "fmt"

// Order of evaluation in assignments, calls and literals.

var log []string

func v(name string, x int) int { log = append(log, name); return x }
func p(name string, x *int) *int {
	log = append(log, "&"+name)
	return x
}
func flush() { fmt.Println(log); log = nil }

type S struct{ a, b int }

func pair(x int) (int, int) { log = append(log, "pair"); return x, x + 1 }

func main() {
	var a, b int
	*p("a", &a), *p("b", &b) = v("1", 1), v("2", 2)
	flush()
	arr := []int{v("x", 1), v("y", 2), v("z", 3)}
	flush()
	arr[v("i", 0)], arr[v("j", 1)] = arr[v("k", 1)], arr[v("l", 0)]
	flush()
	fmt.Println(arr)
	_ = S{b: v("b", 1), a: v("a", 2)}
	flush()
	_ = v("p", 1) + v("q", 2)*v("r", 3)
	flush()
	_ = v("and", 0) == 1 && v("skipped", 1) == 1
	_ = v("or", 1) == 1 || v("skipped", 1) == 1
	flush()
	fmt.Println(v("f1", 1), v("f2", 2), v("f3", 3))
	flush()
	i := 0
	i, arr[i] = 1, 100
	fmt.Println(i, arr)
	x, y := pair(v("arg", 5))
	x, y = y, x
	flush()
	fmt.Println(x, y)
	var s []int
	s, n := append(s, 1, 2, 3), 5
	s[0], s[1], s[2] = s[2], s[0], s[1]
	fmt.Println(s, n)
	m := map[string]int{}
	m["a"], m["b"] = len(m), len(m)+1
	fmt.Println(m)
	q := &S{1, 2}
	q.a, q = 10, &S{3, 4}
	fmt.Println(*q)
	var z int
	z, _ = 5, v("blank", 1)
	_, w := pair(1)
	fmt.Println(z, w)
	f := func() func(int) int {
		log = append(log, "getf")
		return func(n int) int { log = append(log, "callf"); return n }
	}
	f()(v("farg", 1))
	flush()
	c, d, e := 1, 2, 3
	c, d, e = e, c, d
	fmt.Println(c, d, e)
	a1 := [2]int{1, 2}
	a2 := a1
	a1[0], a2 = 9, a1
	fmt.Println(a1, a2)
	st := S{1, 2}
	st.a, st.b = st.b, st.a
	fmt.Println(st)
	b += v("plus", 3)
	arr[v("once", 0)] += v("twice", 1)
	flush()
	fmt.Println(b, arr)
}
