package supervisor

import (
	"reflect"
	"testing"

	"github.com/adabc437/fanout/interp/session"
)

func TestRecursiveFunctionsThatACellCalls(t *testing.T) {
	declarations := []session.Declaration{
		{Name: "even", Source: "func even(n int) bool { return n == 0 || odd(n-1) }"},
		{Name: "odd", Source: "func odd(n int) bool { return n != 0 && even(n-1) }"},
		{Name: "deep", Source: "func deep(n int) int {\n\treturn deep(n+1) + 1\n}"},
		{Name: "T.Sum", Source: "func (t *T) Sum() int { return t.next.Sum() }"},
		{Name: "T", Source: "type T struct{ next *T; f func() }"},
		{Name: "plain", Source: "func plain(deep int) {}"},
		{Name: "caller", Source: "func caller() { plain(1); func() { deep(1) }() }"},
		{Name: "magic", Source: "func magic() []int { ys := %pmap magic 3; return ys }"},
		{Name: "broken", Source: "func ("},
	}
	for code, want := range map[string][]string{
		"caller()":              {"deep"},
		"%time deep(3)":         {"deep"},
		"x := odd(3)":           {"even", "odd"},
		"t := T{}\nt.Sum()":     {"T.Sum"},
		"plain(1)":              nil,
		"":                      nil,
		"even(1); t.Sum(":       {"even", "odd", "T.Sum"},
		"\"deep(1)\" // deep":   nil,
		"%pmap deep 100; 'x' `": {"deep"},
	} {
		var got []string
		for _, d := range recursive(code, declarations) {
			got = append(got, d.Name)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %v, want %v", code, got, want)
		}
	}
}

func TestAStackOverflowIsBlamedOnTheFunctionThatRecurses(t *testing.T) {
	var l ledger
	l.ran(session.Cell{Number: 2, Code: "\nfunc deep() { deep() }"})
	l.declare([]session.Declaration{{Name: "deep", Cell: 2, Line: 2, Source: "func deep() { deep() }"}})
	d := &session.Diagnostic{}
	l.blame(d, "deep()")
	if d.Pos == nil || d.Pos.String() != "In[2]:2:1" || d.Pos.Source != "func deep() { deep() }" || d.Hint != "see to it that the recursion of deep ends" {
		t.Errorf("%+v at %+v", d, d.Pos)
	}
}
