package interp

import (
	"strings"
	"testing"

	"github.com/adabc437/fanout/interp/session"
)

func TestGoroutinePanicEndsItsCell(t *testing.T) {
	nb := newNotebook(t)
	nb.value("func fails(n int, more ...string) { panic(fmt.Sprint(\"no \", n, more)) }\n" +
		"func pair() (int, int) { return 1, 2 }\nfunc two(a, b int) { panic(a + b) }\nfunc gen[T any](v T) { panic(v) }\n" +
		"type T struct{ n int }\nfunc (t T) Fail() { panic(t.n) }")
	for code, want := range map[string]string{
		"go fails(3)\nselect {}":                                            "no 3 [] (in a goroutine)",
		"go fails(1, \"a\", \"b\")\nselect {}":                              "no 1 [a b] (in a goroutine)",
		"go func() { var m map[int]int; m[1] = 1 }()\nselect {}":            "assignment to entry in nil map (in a goroutine)",
		"go fails(2, []string{\"x\"}...)\nselect {}":                        "no 2 [x] (in a goroutine)",
		"go two(pair())\nselect {}":                                         "3 (in a goroutine)",
		"go gen(5)\nselect {}":                                              "5 (in a goroutine)",
		"go T{7}.Fail()\nselect {}":                                         "7 (in a goroutine)",
		"var wg sync.WaitGroup\nwg.Go(func() { panic(\"wg\") })\nwg.Wait()": "wg (in a goroutine)",
	} {
		reply, _ := nb.run(code)
		if reply.Err == nil || reply.Err.Name != session.Panic || !strings.HasSuffix(reply.Err.Message, want) {
			t.Errorf("%s: %v, want %s", code, reply.Err, want)
			continue
		}
		// The place is that of the call of panic; of the go statement for the others.
		p := reply.Err.Pos
		if p == nil || !strings.HasPrefix(p.Source[p.Column-1:], "panic(") && (p.Column != 1 || p.Cell != nb.n) {
			t.Errorf("%s: place %v", code, p)
		}
	}
	if got := nb.value("1 + 1"); got != "2" {
		t.Error(got)
	}
}

// Each goroutine of a loop has its own function and variables, however soon the
// others end.
func TestGoroutinesOfALoop(t *testing.T) {
	nb := newNotebook(t)
	nb.value("var mu sync.Mutex\nfunc add(m map[int]int, i int) { mu.Lock(); m[i]++; mu.Unlock() }\n" +
		"func check(m map[int]int) string { for i := range 300 { if m[i] != 1 { return fmt.Sprint(i, \" ran \", m[i], \" times\") } }; return \"each once\" }")
	for _, start := range []string{
		"wg.Add(1); go func() { defer wg.Done(); add(m, i) }()",
		"wg.Add(1); go func(i int) { defer wg.Done(); add(m, i) }(i)",
		"wg.Go(func() { add(m, i) })",
		"f := func() { defer wg.Done(); add(m, i) }; wg.Add(1); go f()",
		"wg.Add(1); time.AfterFunc(time.Microsecond, func() { defer wg.Done(); add(m, i) })",
	} {
		for range 10 {
			code := "m := map[int]int{}\nvar wg sync.WaitGroup\nfor i := 0; i < 300; i++ { " + start + " }\nwg.Wait()\ncheck(m)"
			if got := nb.value(code); got != `"each once"` {
				t.Errorf("%s: %s", start, got)
			}
		}
	}
}
