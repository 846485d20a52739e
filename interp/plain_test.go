package interp

import (
	"strings"
	"testing"

	"github.com/adabc437/fanout/interp/lower"
)

func TestGenericsAcrossCells(t *testing.T) {
	nb := newNotebook(t)
	nb.value("type Stack[T any] struct{ items []T }\n" +
		"func (s *Stack[T]) Push(x T) *Stack[T] { s.items = append(s.items, x); return s }\n" +
		"func Map[A, B any](s *Stack[A], f func(A) B) *Stack[B] { out := &Stack[B]{}; for _, x := range s.items { out.Push(f(x)) }; return out }")
	nb.value("s := new(Stack[int]).Push(1).Push(2)")
	for _, c := range []struct{ code, want string }{
		{"len(Map(s, func(n int) string { return fmt.Sprint(n, \"!\") }).items)", "2"},
		{"fmt.Sprintf(\"%T\", *s)", `"main.Stack[int]"`},
		{"type P struct{ X int }\nfmt.Sprintf(\"%T\", *new(Stack[P]))", `"main.Stack[main.P]"`},
		{"func local[T any](x T) string { type pair struct{ a, b T }; return fmt.Sprintf(\"%T %v\", pair{}, pair{x, x}) }\nlocal(3)[5:]", `"pair {3 3}"`},
		{"s.Push(3)\nlen(s.items)", "3"},
	} {
		if got := nb.value(c.code); !strings.HasSuffix(got, c.want) {
			t.Errorf("%s gives %s, want %s", c.code, got, c.want)
		}
	}
}

func TestRefusalsSayHowToGetTheCompiledTier(t *testing.T) {
	nb := newNotebook(t)
	for _, code := range []string{
		"type Point struct{ x int }\nreflect.TypeOf(Point{})",
		"type step func() step\nvar f step",
		"reflect.TypeFor[int]()",
	} {
		reply, _ := nb.run(code)
		if reply.Err == nil || reply.Err.Pos == nil || !strings.HasSuffix(reply.Err.Hint, lower.WithGo) {
			t.Errorf("%s: %+v", code, reply.Err)
		}
	}
}
