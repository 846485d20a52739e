package translate_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/adabc437/fanout/parallel/device/translate"
)

// refusals are functions that no device can run: /*@*/ stands before the place of each
// error, and wants are the messages.
var refusals = []struct {
	name, source string
	wants        []string
}{
	{"map parameter", `func g(/*m*/ m /*@*/map[string]int) int { return m["a"] }`, []string{"parameter m: a map cannot be on a device"}},
	{"map variable", `func g(x int) int { m := /*@*/map[int]int{}; m[1] = x; return m[x] }`, []string{"a map cannot be on a device"}},
	{"make", `func g(n int) float64 { xs := /*@*/make([]float64, n); xs[0] = 1; return xs[0] }`, []string{"make needs memory, which a device does not give"}},
	{"append", `func g(xs []int) int { xs = /*@*/append(xs, 1); return xs[0] }`, []string{"append needs memory, which a device does not give"}},
	{"new", `func g(x int) int { p := /*@*/new([]int); return len(*p) }`, []string{"new of a slice or a pointer cannot be on a device"}},
	{"string parameter", `func g(s /*@*/string) int { return len(s) }`, []string{"parameter s: a string cannot be on a device"}},
	{"string constant", `func g(x int) int { s := /*@*/"abc"; _ = s; return x }`, []string{"a string cannot be on a device"}},
	{"string result", `func g(x int) /*@*/string { return "" }`, []string{"result: a string cannot be on a device"}},
	{"string range", `const c = "abc"
func g(x int) int { for i := range /*@*/c { x += i }; return x }`, []string{"a string cannot be on a device"}},
	{"parts of a complex number", `func two(x float64) (float64, float64) { return x, x }
func g(x float64) float64 { c := /*@*/complex(two(x)); return real(c) }`, []string{"complex needs its two parts one by one on a device"}},
	{"uintptr", `func g(x /*@*/uintptr) int { return int(x) }`, []string{"parameter x: an unsafe pointer or uintptr cannot be on a device"}},
	{"any", `func g(x /*@*/any) int { return 0 }`, []string{"parameter x: an interface cannot be on a device"}},
	{"error", `func g(x int) (int, /*@*/error) { return x, nil }`, []string{"result: an error cannot be on a device"}},
	{"type assertion", `var v any
func g(x int) int { return x + /*@*/v.(int) }`, []string{"a type assertion needs an interface, which cannot be on a device"}},
	{"type switch", `var v any
func g(x int) int { /*@*/switch v.(type) { case int: x++ }; return x }`, []string{"a type switch needs an interface, which cannot be on a device"}},
	{"channel", `func g(c /*@*/chan int) int { return <-c }`, []string{"parameter c: a channel cannot be on a device"}},
	{"send", `var c chan int
func g(x int) int { /*@*/c <- x; return /*@*/<-c }`, []string{"a device has no channels", "a device has no channels"}},
	{"select", `func g(x int) int { /*@*/select {}; return x }`, []string{"a device has no channels"}},
	{"go", `func h() {}
func g(x int) int { /*@*/go h(); return x }`, []string{"a device has no goroutines"}},
	{"defer", `func h() {}
func g(x int) int { /*@*/defer h(); return x }`, []string{"defer is not there on a device"}},
	{"recover", `func g(x int) int { _ = /*@*/recover(); return x }`, []string{"a device cannot recover from a panic: the task ends"}},
	{"goto", `func g(x int) int { again: x++; if x < 10 { /*@*/goto again }; return x }`, []string{"goto is not there on a device"}},
	{"println", `func g(x int) int { /*@*/println(x); return x }`, []string{"a device cannot print"}},
	{"fmt", `func g(x int) int { /*@*/fmt.Println(x); return x }`, []string{"fmt.Println cannot be called on a device: it is a function of a library"}},
	{"strings", `func g(x int) int { return x + /*@*/strings.Count("a", "b") }`, []string{"strings.Count cannot be called on a device: it is a function of a library"}},
	{"math.Lgamma", `func g(x float64) float64 { y, _ := /*@*/math.Lgamma(x); x += /*@*/math.J0(x); return y }`, []string{"math.Lgamma is not there on a device", "math.J0 is not there on a device"}},
	{"bits.Div64", `func g(x uint64) uint64 { q, _ := /*@*/bits.Div64(0, x, 3); return q }`, []string{"bits.Div64 is not there on a device"}},
	{"panic", `func g(x int) int { if x > 1 { /*@*/panic(fmt.Sprint(x)) }; return x }`, []string{"panic on a device needs a constant string"}},
	{"recursion", `func g(x int) int { if x < 2 { return 1 }; return x * /*@*/g(x-1) }`, []string{"recursion is not there on a device: g → g"}},
	{"mutual recursion", `func g(x int) int { return h(x) }
func h(x int) int { return k(x) }
func k(x int) int { return /*@*/h(x) }`, []string{"recursion is not there on a device: h → k → h"}},
	{"recursion of a literal", `func g(x int) int { var /*@*/r func(int) int; r = func(x int) int { return r(x) }; return r(x) }`, []string{"r is a variable that holds a function, which cannot be on a device"}},
	{"function parameter", `func g(h /*@*/func(int) int, x int) int { return h(x) }`, []string{"parameter h: a function value cannot be on a device"}},
	{"function assigned twice", `func g(x int) int { /*@*/h := func(x int) int { return x }; if x > 1 { h = func(x int) int { return -x } }; return h(x) }`, []string{"h holds more than one function, which cannot be on a device"}},
	{"function variable", `var h = func(x int) int { return x }
func g(x int) int { return /*@*/h(x) }`, []string{"h is a variable that holds a function, which cannot be on a device"}},
	{"function field", `type T struct { h func(int) int }
func g(t /*@*/T) int { return t.h(1) }`, []string{"parameter t: field h of T is a function value: it cannot be on a device"}},
	{"recursion by arguments", `func h(k func(int) int, n int) int { return /*@*/h(func(x int) int { return k(x) }, n-1) }
func g(x int) int { return h(func(x int) int { return x }, x) }`, []string{"recursion is not there on a device: h → h"}},
	{"argument that changes a variable", `func h(k func() int) int { return k() }
func g(x int) int { return h(/*@*/func() int { x++; return x }) }`, []string{"this function changes x, or its address is taken: it cannot be an argument on a device"}},
	{"argument that reads through a pointer", `type T struct { x int }
func h(k func() int) int { return k() }
func g(t T) int { p := &t; return h(/*@*/func() int { return p.x }) }`, []string{"this function uses p, a pointer: it cannot be an argument on a device"}},
	{"argument that is a method", `type T struct { x int }
func (t T) m() int { return t.x }
func h(k func() int) int { return k() }
func g(t T) int { return h(/*@*/t.m) }`, []string{"t.m is a function as a value, which cannot be on a device"}},
	{"parameter that is another function then", `func h(/*@*/k func() int) int { k = func() int { return 1 }; return k() }
func g(x int) int { return h(func() int { return x }) }`, []string{"k holds more than one function, which cannot be on a device"}},
	{"function parameter of a literal", `func g(x int) int { twice := func(f /*@*/func(int) int, y int) int { return f(f(y)) }; return twice(func(i int) int { return i + x }, x) }`, []string{"parameter f is a function, which a function literal cannot take on a device"}},
	{"field", `type T struct { Name string; x int }
func g(t /*@*/T) int { return t.x }`, []string{"parameter t: field Name of T is a string: it cannot be on a device"}},
	{"field of a field", `type N struct { Tags []string }
type T struct { n N }
func g(t /*@*/[]T) int { return 1 }
func h(t []T) int { return 1 }`, []string{"parameter t: field Tags of N is a slice: it cannot be on a device"}},
	{"pointer field", `type T struct { next *T; x int }
func g(x int) int { t := /*@*/T{x: x}; return t.x }`, []string{"field next of T is a pointer: it cannot be on a device"}},
	{"slice in a struct", `type T struct { xs []int }
func g(t /*@*/T) int { return t.xs[0] }`, []string{"parameter t: field xs of T is a slice: it cannot be on a device"}},
	{"three levels", `func g(x /*@*/[][][]int) int { return x[0][0][0] }`, []string{"parameter x: its element's element is a slice of slices of slices, which cannot be on a device"}},
	{"slice literal", `func g(x int) int { xs := []int{1, 2, x}; ys := /*@*/xs; return ys[0] }`, []string{"xs cannot be assigned on a device: a local slice is an array there"}},
	{"slice literal of a value", `func g(x int) int { return len(/*@*/[]int{1, 2, x}) }`, []string{"a slice literal needs memory, which a device does not give"}},
	{"made slice in a literal", `func g(x int) int { xs := make([]int, 3); h := func() { /*@*/xs[0] = x }; h(); return xs[0] }`, []string{"xs cannot be used in a function literal on a device: a local slice is an array there"}},
	{"length of a made slice in a literal", `func g(x int) int { xs := make([]int, 3); h := func() int { return len(/*@*/xs) }; return h() }`, []string{"xs cannot be used in a function literal on a device: a local slice is an array there"}},
	{"element of a made slice has no address", `func g(x int) int { xs := make([]int, 3); p := &/*@*/xs[0]; return *p }`, []string{"xs cannot be used by the address of an element on a device: a local slice is an array there"}},
	{"made slice is sliced", `func g(x int) int { xs := make([]int, 3); y := xs[0]; for _, v := range /*@*/xs[1:] { y += v }; return y }`, []string{"xs cannot be sliced on a device: a local slice is an array there"}},
	{"made slice is handed on", `func h(xs []int) int { return xs[0] }
func g(x int) int { xs := make([]int, 3); return h(/*@*/xs) + h((xs)) }`, []string{"xs cannot be handed on to h on a device: a local slice is an array there"}},
	{"made slice is copied", `func g(to []int) int { xs := make([]int, 3); return copy(to, /*@*/xs) }`, []string{"xs cannot be copied or cleared on a device: a local slice is an array there"}},
	{"made slice is appended to", `func g(x int) int { xs := make([]int, 3); xs = /*@*/append(xs, x); return xs[0] }`, []string{"xs cannot be appended to on a device: a local slice is an array there"}},
	{"made slice is assigned anew", `func g(a []int) int { xs := make([]int, 3); /*@*/xs = a; return xs[0] }`, []string{"xs cannot be assigned anew on a device: a local slice is an array there"}},
	{"made slice is returned", `func g(x int) /*@*/[]int { xs := make([]int, 3); return xs }`, []string{"result: a slice cannot be returned on a device"}},
	{"slice of an array", `func g(x int) int { a := [3]int{1, 2, x}; s := /*@*/a[:2]; return s[0] }`, []string{"a cannot be sliced on a device: it is in no memory that tasks share"}},
	{"slice result", `func g(xs []int) /*@*/[]int { return xs }`, []string{"result: a slice cannot be returned on a device"}},
	{"slice of a helper", `func h(xs []int) /*@*/[]int { return xs[1:] }
func g(xs []int) int { return h(xs)[0] }`, []string{"result: a slice cannot be returned on a device"}},
	{"slice of a literal", `func g(xs []int) int { h := func() /*@*/[]int { return xs }; return h()[0] }`, []string{"result: a slice cannot be returned on a device"}},
	{"slice of a generic function", `func h[T any](x T) /*@*/T { return x }
func g(xs []int) int { return h(xs)[0] }`, []string{"result: a slice cannot be returned on a device"}},
	{"slices in an array", `func g(xs, ys []int) int { a := /*@*/[2][]int{xs, ys}; a[0][0] = 1; return 1 }`, []string{"an array of slices cannot be on a device"}},
	{"slices in a generic struct", `type pair[T any] struct { a, b T }
func g(xs, ys []int) int { p := /*@*/pair[[]int]{xs, ys}; p.a[0] = 1; return 1 }`, []string{"field a of pair[[]int] is a slice: it cannot be on a device"}},
	{"slices in a struct without a name", `func g(xs []int) int { p := /*@*/struct{ a []int }{xs}; p.a[0] = 1; return 1 }`, []string{"field a of struct is a slice: it cannot be on a device"}},
	{"pointer to a pointer to a slice", `func g(xs []int) int { p := &xs; /*@*/q := &p; (**q)[0] = 1; return 1 }`, []string{"variable q: a pointer to a pointer cannot be on a device"}},
	{"copy between swapped slices", `func g(xs, ys []int) int { a, b := xs, ys; flip := func() { a, b = b, a }; flip(); return /*@*/copy(a, b) }`, []string{"copy cannot tell on a device whether a and b overlap"}},
	{"slice and nil", `func g(xs []int) bool { return xs /*@*/== nil }`, []string{"a slice cannot be compared with nil on a device"}},
	{"pointer parameter", `func g(p *int) int { return *p }`, []string{"parameter p of g is a pointer, which cannot go to a device"}},
	{"nil pointer", `func g(x int) int { var /*@*/p *int; return *p }`, []string{"variable p is a nil pointer, which cannot be on a device"}},
	{"pointer to an element", `func g(xs []int) int { p := /*@*/&xs[0]; return *p }`, []string{"the address of an element of a slice cannot be taken on a device"}},
	{"method of an element", `type T struct { x int }
func (t *T) inc() { t.x++ }
func g(ts []T) int { /*@*/ts[0].inc(); return ts[0].x }`, []string{"method inc has a pointer as its receiver, and an element of a slice has no address on a device"}},
	{"pointer changed", `func g(x int) int { y := 1; p := &x; /*@*/p = &y; return *p }`, []string{"pointer p cannot be changed on a device"}},
	{"pointers compared", `func g(x int) bool { p, q := &x, &x; return p /*@*/== q }`, []string{"pointers cannot be compared on a device"}},
	{"global variable", `var total int
func g(x int) int { /*@*/total += x; return total }`, []string{"total is a variable of the session: tasks have a copy of it, and a change would be lost"}},
	{"global in a callee", `var total [3]int
func h(x int) { /*@*/total[1]++ }
func g(x int) int { h(x); return total[0] }`, []string{"total is a variable of the session: tasks have a copy of it, and a change would be lost"}},
	{"address of a global", `var total int
func h(p *int) { *p = 1 }
func g(x int) int { h(/*@*/&total); return total }`, []string{"total is a variable of the session: tasks have a copy of it, and no address"}},
	{"method of a global", `type T struct { x int }
func (t *T) inc() int { t.x++; return t.x }
var t T
func g(x int) int { return /*@*/t.inc() }`, []string{"method inc has a pointer as its receiver, and t is a variable of the session: tasks have a copy of it, and no address"}},
	{"captured slice", `var out []int
func g(x int) int { /*@*/out[x] = 1; return x }`, []string{"this changes an element of out, a variable of the session"}},
	{"captured slice, other name", `var out []int
func g(x int) int { ys := out[2:]; zs := ys; /*@*/zs[x]++; return x }`, []string{"this changes an element of out, a variable of the session"}},
	{"captured slice in a callee", `var out []int
func h(xs []int, x int) { xs[0] = x }
func g(x int) int { /*@*/h(out, x); return x }`, []string{"this call of h changes an element of out, a variable of the session"}},
	{"captured slice by a pointer", `var out []int
func h(p *[]int, x int) { (*p)[0] = x }
func g(x int) int { ys := out; /*@*/h(&ys, x); return x }`, []string{"this call of h changes an element of out, a variable of the session"}},
	{"captured slice, swapped", `var out []int
func g(xs []int) int { cur, next := xs, out; flip := func() { cur, next = next, cur }; flip(); /*@*/cur[0] = 1; return len(next) }`, []string{"this changes an element of out, a variable of the session"}},
	{"captured slice, swapped by a helper", `var out []int
func swap(a, b *[]int) { *a, *b = *b, *a }
func twice(a, b *[]int) { swap(a, b); swap(b, a) }
func g(xs []int) int { cur, next := xs, out; twice(&cur, &next); /*@*/cur[0]++; return len(next) }`, []string{"this changes an element of out, a variable of the session"}},
	{"captured slice, swapped as a type parameter", `var out []int
func swap[T any](a, b *T) { *a, *b = *b, *a }
func g(xs []int) int { cur, next := xs, out; swap(&cur, &next); /*@*/cur[0]++; return len(next) }`, []string{"this changes an element of out, a variable of the session"}},
	{"captured slice behind a pointer", `var out []int
func g(xs []int) int { a := xs; p := &a; q := p; *q = out; /*@*/a[0] = 1; /*@*/(*p)[1] = 2; return len(a) }`, []string{"this changes an element of out, a variable of the session", "this changes an element of out, a variable of the session"}},
	{"captured slice behind two names of a pointer", `var out []int
func h(p, q *[]int) { *p = out; (*q)[0] = 1 }
func g(xs []int) int { a := xs; /*@*/h(&a, &a); return len(a) }`, []string{"this call of h changes an element of out, a variable of the session"}},
	{"captured slice in a method", `var out row
type row []int
func (r *row) take(s row) { *r = s }
func (r row) set() { r[0] = 1 }
func g(xs []int) int { r := row(xs); r.take(out); /*@*/r.set(); return len(r) }`, []string{"this call of row.set changes an element of out, a variable of the session"}},
	{"captured rows, kept by a literal", `var out [][]int
func g(x int) int { var row []int; keep := func(r []int) { row = r }; for _, r := range out { keep(r) }; /*@*/clear(row); return x }`, []string{"this changes an element of out, a variable of the session"}},
	{"captured rows, assigned by range", `var out [][]int
func g(x int) int { var row []int; for _, row = range out { x++ }; p := &row; /*@*/func() { (*p)[0] = 1 }(); return x }`, []string{"this call of a function literal in g changes an element of out, a variable of the session"}},
	{"captured rows", `var out [][]float64
func g(x int) int { /*@*/out[x][0] = 1; return x }`, []string{"this changes an element of out, a variable of the session"}},
	{"rows", `func g(rows [][]int) int { /*@*/rows[0] = rows[1]; return 1 }`, []string{"the rows of a slice of slices cannot be changed on a device"}},
	{"captured map", `var m map[string]int
func g(x int) int { return x + /*@*/m["a"] }`, []string{"m is a map, which cannot be on a device"}},
	{"captured string", `var s string
func g(x int) int { return x + len(/*@*/s) }`, []string{"variable s: a string cannot be on a device"}},
	{"library variable", `func g(x int) int { return x + len(/*@*/os.Args) }`, []string{"os.Args is a variable of a library"}},
	{"variadic", `func h(xs ...int) int { return k(xs) }
func k(xs []int) int { return len(xs) }
func g(x int) int { return /*@*/h(1, x) }`, []string{"the variadic function h needs memory for its arguments, which a device does not give"}},
	{"iterator", `func g(x int) int { for i := range /*@*/slices.Values([]int{1}) { x += i }; return x }`, []string{"an iterator is a function value, which cannot be on a device"}},
	{"overlap", `func g(xs []int) int { ys := xs[1:]; return /*@*/copy(ys, xs) }`, []string{"copy cannot tell on a device whether ys and xs overlap"}},
	{"overlap in a callee", `func h(a, b []int) int { return copy(a, b) }
func ok(a, b []int) int { return h(a, b[1:]) }
func g(xs, ys []int) int { ok(xs, ys); return /*@*/ok(xs[1:], xs) }`, []string{"ok copies between two slices, and a device cannot tell whether they overlap here"}},
	{"overlap in a literal", `func g(xs []int) int { ys := xs[1:]; h := func() int { return copy(ys, xs) }; return /*@*/h() }`, []string{"h copies between two slices, and a device cannot tell whether they overlap here"}},
	{"two errors, one reported once", `func g(x int) int {
	m := /*@*/map[int]int{}
	m[1] = 2
	x += m[1]
	for i := range m { x += i }
	s := /*@*/"abc"
	return x + len(s)
}`, []string{"a map cannot be on a device", "a string cannot be on a device"}},
	{"errors in blocks", `func g(x int) int {
	if /*@*/"a" == string(rune(x)) { x = len(/*@*/[]int{1}) }
	for range /*@*/make(chan int) { /*@*/println() }
	switch { case x > 1: /*@*/go println(); default: /*@*/defer println() }
	return x
}`, []string{"a string cannot be on a device", "a slice literal needs memory, which a device does not give", "a device has no channels", "a device cannot print", "a device has no goroutines", "defer is not there on a device"}},
	{"atomic value of a method", `type T struct { x int }
func (t T) m() int { return t.x }
func g(t T) int { k := /*@*/t.m; return k() }`, []string{"t.m is a function as a value, which cannot be on a device"}},
	{"large array", `func g(x int) int { var /*@*/a [1 << 20]int; return a[x] }`, []string{"variable a: an array of 1048576 elements cannot be on a device"}},
	{"unsafe", `func g(x int) int { p := /*@*/unsafe.Pointer(&x); _ = p; return x }`, []string{"an unsafe pointer or uintptr cannot be on a device"}},
}

const header = "package p\nimport (\"fmt\"; \"math\"; \"math/bits\"; \"os\"; \"slices\"; \"strings\"; \"unsafe\")\nvar _ = fmt.Sprint\nvar _ = math.Pi\nvar _ = bits.UintSize\nvar _ = os.Args\nvar _ = strings.Count\nvar _ = unsafe.Sizeof(0)\nvar _ = slices.Max[[]int]\nvar f = g\n"

func TestRefusals(t *testing.T) {
	for _, c := range refusals {
		t.Run(c.name, func(t *testing.T) {
			text := header + c.source
			_, err := translated(t, text)
			var list translate.Errors
			if !errors.As(err, &list) {
				t.Fatalf("error %v, want translate.Errors", err)
			}
			var got, want []string
			for _, e := range list {
				got = append(got, fmt.Sprintf("%d:%d: %s", e.Pos.Line, e.Pos.Column, e.Msg))
				if e.Hint == "" {
					t.Errorf("no hint: %v", e)
				}
			}
			places := marks(text)
			for i, m := range c.wants {
				at := "10:9" // of f itself
				if i < len(places) {
					at = places[i]
				}
				want = append(want, at+": "+m)
			}
			if strings.Join(got, "\n") != strings.Join(want, "\n") {
				t.Errorf("errors:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
		})
	}
}

func TestHintsForLibraries(t *testing.T) {
	for call, want := range map[string]string{
		"fmt.Println(x)":               "return the values, and print them afterwards",
		"_ = fmt.Sprint(x)":            "return numbers, and make text of them on the host",
		"_ = strings.Repeat(\"a\", x)": "return numbers, and make text of them on the host; text that goes in is a []byte there",
		"_ = os.Getpid()":              "read and write on the host, before and after",
		"_ = slices.Max([]int{x})":     "sort and search on the host, or write it as a function of the session, with a loop over an array or a slice",
	} {
		_, err := translated(t, header+"func g(x int) int { "+call+"; return x }")
		var list translate.Errors
		if !errors.As(err, &list) || list[0].Hint != want {
			t.Errorf("%s: %v, want the hint %q", call, err, want)
		}
	}
}

// marks are the places behind the marks of a source.
func marks(text string) []string {
	const mark = "/*@*/"
	var list []string
	for i, line := range strings.Split(text, "\n") {
		for at := 0; ; {
			k := strings.Index(line[at:], mark)
			if k < 0 {
				break
			}
			at += k + len(mark)
			list = append(list, fmt.Sprintf("%d:%d", i+1, at+1))
		}
	}
	return list
}
