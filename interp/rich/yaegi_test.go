package rich

import (
	"testing"

	"github.com/traefik/yaegi/interp"
)

// TestInterpretedValues holds Plain to values as the interpreter makes them.
func TestInterpretedValues(t *testing.T) {
	i := interp.New(interp.Options{})
	if _, err := i.Eval(`
type Point struct { x, y int; Name string }
func (p Point) Area() int { return p.x * p.y }
type Shape interface { Area() int }
type Node struct { Val int; Next *Node }
type Weekday int
`); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ src, typ, want string }{
		{`Point{1, 2, "a"}`, "Point", `Point{x: 1, y: 2, Name: "a"}`},
		{`&Point{1, 2, "a"}`, "*Point", `&Point{x: 1, y: 2, Name: "a"}`},
		{`[]Point{{1, 2, "a"}}`, "[]Point", `[]Point{{x: 1, y: 2, Name: "a"}}`},
		{`map[string]Point{"k": {1, 2, "a"}}`, "map[string]Point", `map[string]Point{"k": {x: 1, y: 2, Name: "a"}}`},
		{`[]Shape{Point{1, 2, "a"}}`, "[]Shape", `[]Shape{{x: 1, y: 2, Name: "a"}}`},
		{`map[string]Shape{"k": Point{1, 2, "a"}}`, "map[string]Shape", `map[string]Shape{"k": {x: 1, y: 2, Name: "a"}}`},
		{`&Node{1, &Node{2, nil}}`, "*Node", `&Node{Val: 1, Next: &{Val: 2, Next: nil}}`},
		{`Weekday(3)`, "Weekday", `3`},
		{`[]any{1, "a", Point{1, 2, "a"}}`, "[]any", `[]any{1, "a", {x: 1, y: 2, Name: "a"}}`},
		{`struct{ F func() }{func() {}}`, "", `{F: func()}`},
	} {
		v, err := i.Eval(c.src)
		if err != nil {
			t.Errorf("%s: %v", c.src, err)
			continue
		}
		if got := Plain(v.Interface(), c.typ, Options{}); got != c.want {
			t.Errorf("%s (%T): got\n%s\nwant\n%s", c.src, v.Interface(), got, c.want)
		}
	}
}
