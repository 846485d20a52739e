package translate_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/adabc437/fanout/parallel/device/backend"
	"github.com/adabc437/fanout/parallel/device/cpu"
	"github.com/adabc437/fanout/parallel/device/ir"
)

// TestChecksOfWhatChanges has functions that read by what stands in local slices, variadic
// parameters, arrays and slices, and change it in between: a check that has held before must
// be there again. Each has a line that fails for the second argument, and does not for the
// first one. All of them get the ten numbers from 0 to 9.
func TestChecksOfWhatChanges(t *testing.T) {
	for _, c := range []struct {
		name       string
		source     string
		good, bad  int
		line       int // of the body
		text       string
		wantOfGood int
	}{
		{"straight", `
p := []int{1}
s := xs[p[0]]
p[0] = n
return s + xs[p[0]]`, 5, 10, 4, "xs[p[0]]", 6},
		{"behind a condition", `
p := []int{1}
if p[0] >= 0 && p[0] < len(xs) {
	p[0] = n
	return xs[p[0]]
}
return 0`, 5, -1, 4, "xs[p[0]]", 5},
		{"behind an early end", `
p := []int{n}
if p[0] < 0 || p[0] >= len(xs) { return -1 }
p[0]++
return xs[p[0]]`, 5, 9, 4, "xs[p[0]]", 6},
		{"the length in a variable", `
p, k := [1]int{}, len(xs)
for p[0] < k {
	p[0] += n
	if p[0] == 9 { return xs[p[0]] }
	_ = xs[p[0]]
}
return -2`, 3, 20, 5, "xs[p[0]]", 9},
		{"loop", `
p := []int{1}
s := 0
for i := range 2 {
	s += xs[p[0]]
	p[0] = i * n
	s += xs[p[0]]
}
return s`, 9, 10, 6, "xs[p[0]]", 10},
		{"loop with the slice in its head", `
s := 0
for p := []int{0}; p[0] < 3; p[0]++ {
	s += xs[p[0]]
	p[0] += n
	s += xs[p[0]]
}
return s`, 9, 10, 5, "xs[p[0]]", 9},
		{"loop over the slice", `
p := []int{0, 1}
s := 0
for i, k := range p {
	s += xs[p[i]] + xs[k]
	p[1] = n
	s += xs[p[1]]
}
return s`, 9, -3, 6, "xs[p[1]]", 36},
		{"the slice is the loop's variable", `
p := []int{0}
s := 0
for p[0] = range 3 {
	s += xs[p[0]]
	p[0] += n
	s += xs[p[0]]
}
return s`, 7, 8, 6, "xs[p[0]]", 27},
		{"made, and an index that is an element", `
p := make([]int, 2)
s := xs[p[p[1]]]
p[p[1]] = n
return s + xs[p[p[1]]]`, 9, 10, 4, "xs[p[p[1]]]", 9},
		{"an index of the slice itself", `
p := []int{1, 0}
s := p[p[0]]
for range 2 {
	s += p[p[0]]
	p[0] = n
	s += p[p[0]]
}
return s`, 1, 2, 6, "p[p[0]]", 0},
		{"divisor", `
p := []int{5}
s := 10 / p[0]
p[0] = n
return s + 10/p[0]`, 2, 0, 4, "10 / p[0]", 7},
		{"divisor in a loop", `
p := []int{5}
s := 0
for range 2 {
	s += 10 / p[0]
	p[0] = n
	s += 10 % p[0]
}
return s`, 3, 0, 6, "10 % p[0]", 7},
		{"divisor in a loop with the slice in its head", `
s := 0
for p := []int{5}; p[0] > 3; {
	s += 10 / p[0]
	p[0] = n
	s += 10 / p[0]
}
return s`, 2, 0, 5, "10 / p[0]", 7},
		{"shift count", `
p := []int{1}
s := 1 << p[0]
for range 2 {
	s += 1 << p[0]
	p[0] = n
	s += 1 << p[0]
}
return s`, 2, -1, 6, "1 << p[0]", 16},
		{"conversion", `
p := []int{0}
s := xs[uint8(p[0])]
for range 1 {
	s += xs[uint8(p[0])] + xs[int8(p[0])]
	p[0] = n
	s += xs[uint8(p[0])] + xs[int8(p[0])]
}
return s`, 256, 128, 6, "xs[uint8(p[0])]", 0},
		{"array", `
p := [2]int{1}
s := xs[p[0]]
p[0] = n
for range 1 {
	s += xs[p[0]]
	p[0]++
	s += xs[p[0]]
}
return s`, 8, 9, 7, "xs[p[0]]", 18},
		{"array behind a pointer", `
p := [2]int{1}
q := &p
s := xs[p[0]]
for range 1 {
	s += xs[p[0]] + xs[q[0]]
	q[0] = n
	s += xs[p[0]]
}
return s`, 9, 10, 7, "xs[p[0]]", 12},
		{"array of a literal", `
p := [2]int{1}
set := func() { p[0] = n }
s := xs[p[0]]
set()
return s + xs[p[0]]`, 9, 10, 5, "xs[p[0]]", 10},
		{"slice that is written by another name", `
a := xs[:]
b := xs[2:]
s := xs[xs[2]]
a[2] = 3
s += xs[xs[2]]
for range 1 {
	s += xs[xs[2]] + xs[b[0]]
	b[0] = n
	s += xs[xs[2]]
}
return s`, 9, 10, 9, "xs[xs[2]]", 20},
		{"slice that a call writes to", `
s := xs[xs[2]]
set(xs, n)
return s + xs[xs[2]]`, 9, 10, 3, "xs[xs[2]]", 11},
		{"copy", `
s := xs[xs[2]] + 10/xs[2]
xs[1] = n
copy(xs[2:], xs[1:2])
return s + xs[xs[2]]`, 9, 10, 4, "xs[xs[2]]", 16},
		{"clear", `
s := 10 / xs[2]
clear(xs[n:])
return s + 10/xs[2]`, 3, 2, 3, "10 / xs[2]", 10},
		{"structs in a slice", `
p := []pair{{1, 2}}
s := xs[p[0].a] + 10/p[0].b
for range 1 {
	s += xs[p[0].a] + 10/p[0].b
	p[0] = pair{n, n}
	s += xs[p[0].a]
}
return s`, 9, 10, 6, "xs[p[0].a]", 21},
		{"structs in a slice of a loop's head", `
s := 0
for p := []pair{{1, 2}}; p[0].b > 0; p[0].b-- {
	s += xs[p[0].a]
	p[0].a = n
	s += xs[p[0].a]
}
return s`, 9, 10, 5, "xs[p[0].a]", 28},
		{"arrays in a slice", `
s := 0
for p := [][2]int{{1, 2}}; p[0][1] > 0; p[0][1]-- {
	s += xs[p[0][0]]
	p[0][0] = n
	s += xs[p[0][0]]
}
return s`, 9, 10, 5, "xs[p[0][0]]", 28},
		{"several arguments", `
return several(xs, n, 1, 2)`, 9, 10, -4, "xs[p[0]]", 20},
		{"another slice", `
ys := xs[3:]
s := 0
for i := range len(xs) {
	if i < len(ys) { s += ys[i] }
	if i == 5 {
		ys = xs[n:]
		s += ys[i]
	}
}
return s`, 4, 5, 7, "ys[i]", 42},
		{"an index by the length of another", `
ys := xs
k := len(ys)
ys = ys[n:]
s := 0
for i := range k {
	s += ys[i]
	if i == 8 { break }
}
return s`, 1, 2, 6, "ys[i]", 45},
	} {
		t.Run(c.name, func(t *testing.T) {
			body := strings.TrimPrefix(c.source, "\n")
			u, err := translated(t, `package p; type pair struct{ a, b int }; func set(xs []int, n int) { xs[2] = n }
func several(xs []int, n int, p ...int) int {
	s := xs[p[0]]
	p[0] = n
	return s + xs[p[0]] + xs[p[0]] + xs[p[1]] - 1
}
var f = func(xs []int, n int) int {
`+body+"\n}\n")
			if err != nil {
				t.Fatal(err)
			}
			run := func(n int) (got int, err error) {
				xs := []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}
				err = cpu.Call(context.Background(), u.Program, u.Func.Name, []any{&got}, xs, n)
				return got, err
			}
			if got, err := run(c.good); err != nil || got != c.wantOfGood {
				t.Errorf("of %d: %d, %v, want %d\n%s", c.good, got, err, c.wantOfGood, ir.Text(u.Program))
			}
			_, err = run(c.bad)
			var fault *backend.FaultError
			if !errors.As(err, &fault) {
				t.Fatalf("of %d: %v, want a fault\n%s", c.bad, err, ir.Text(u.Program))
			}
			line := 7 + c.line
			if c.line < 0 {
				line = 1 - c.line
			}
			if got, want := fmt.Sprint(fault.Site.Line, " ", fault.Site.Text), fmt.Sprint(line, " ", c.text); got != want {
				t.Errorf("of %d: the fault is at %s, want %s\n%s", c.bad, got, want, ir.Text(u.Program))
			}
		})
	}
}

// TestCopyOfSettledParameters has parameters that are assigned to in front of a loop: there,
// they may overlap.
func TestCopyOfSettledParameters(t *testing.T) {
	_, err := translated(t, `package p
func g(xs, ys []int) {
	ys = xs
	xs = xs[1:]
	for range 1 {
		copy(xs, ys)
	}
}
var f = g
`)
	if err == nil || !strings.Contains(err.Error(), "6:3: copy cannot tell on a device whether xs and ys overlap") {
		t.Errorf("error %v", err)
	}
}

// TestLoopsThatMayNotEnd has loops up to numbers that no int64 is.
func TestLoopsThatMayNotEnd(t *testing.T) {
	for head, bounded := range map[string]bool{
		"i := uint64(5); i < 9; i++":           true,
		"i := uint64(5); i < 1<<64-1; i++":     true,
		"i := uint64(5); i <= 1<<64-1; i++":    false,
		"i := uint64(5); i < 1<<64-1; i += 3":  false,
		"i := uint64(0); i <= 1<<63+5; i += 9": false,
		"i := int8(5); i <= 127; i++":          false,
		"i := int8(5); i >= -128; i--":         false,
		"i := uint64(5); i >= 0; i--":          false,
	} {
		u, err := translated(t, "package p\nfunc g(n int) {\n\tfor "+head+" {\n\t}\n}\nvar f = g\n")
		if err != nil {
			t.Fatal(err)
		}
		ir.Walk(u.Func.Body, func(s ir.Stmt) {
			if l, ok := s.(*ir.Loop); ok && l.Bounded != bounded {
				t.Errorf("for %s: bounded is %v, want %v", head, l.Bounded, bounded)
			}
		})
	}
}
