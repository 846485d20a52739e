package interp

import (
	"strings"
	"testing"

	"github.com/adabc437/fanout/interp/session"
)

// A place in a line is marked with ^ before what is to be found.
func TestPanicsOfTasksAreFoundInsideTheirLine(t *testing.T) {
	const index, slice = "task 1 failed on input 0: panic: runtime error: index out of range [3] with length 1", "panic: runtime error: slice bounds out of range [:5] with capacity 3"
	for marked, message := range map[string]string{
		"%pmap func(x int) int { return 10^/x } xs":                      "panic: runtime error: integer divide by zero",
		"ys := %pmap func(x int) int { return 10 ^% x } xs":              "panic: runtime error: integer divide by zero",
		"%pmap ^func(x int) int { return 10/x + 3/x } xs":                "panic: runtime error: integer divide by zero",
		"%pmap -w 2 func(ä int) int { return a^[ä] } []int{1, 2}":        index,
		"%pmap func(x []int) int { return len(x^[1:5]) + x[0] } xs":      slice,
		"%pmap func(x []int) int { return f(x)[:2]^[3] } xs":             index,
		"%pmap func(x any) int { return x^.(int) } xs":                   "panic: interface conversion: interface {} is string, not int",
		`%pmap func(x int) int { if x == 0 { ^panic("no / zero") } } xs`: "panic: no / zero",
		"%pmap ^func(x int) int { return p.x } xs":                       "panic: runtime error: invalid memory address or nil pointer dereference",
		"^%pmap f xs": "panic: runtime error: integer divide by zero",
		"^xs := []func(){ func() { log.panic() }, func() { z.panic() } }": "panic: no",
	} {
		at := strings.Index(marked, "^")
		line := marked[:at] + marked[at+1:]
		p := &session.Position{Line: 1, Column: 1, Source: line}
		pinpoint(p, message)
		if want := 1 + len([]rune(marked[:at])); p.Column != want {
			t.Errorf("%s: column %d, want %d", marked, p.Column, want)
		}
	}
}

func FuzzPanicColumn(f *testing.F) {
	f.Add("%pmap func(x int) int { return 10/x } xs", "integer divide by zero")
	f.Add("a[b[:]][x", "slice bounds out of range")
	f.Fuzz(func(t *testing.T, line, message string) {
		if col := panicColumn(line, message); col < -1 || col >= max(len(line), 1) {
			t.Errorf("%q is at %d", line, col)
		}
	})
}
