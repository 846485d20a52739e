package interp

import (
	"context"
	"io"
	"strings"
	"sync"
	"testing"

	"github.com/adabc437/fanout/interp/session"
)

// recorder keeps what a cell emits. lines answers its questions.
type recorder struct {
	mu     sync.Mutex
	events []session.Event
	lines  []string
}

func (r *recorder) Emit(e session.Event) {
	if e.Kind == session.Commit {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events = append(r.events, e)
}

func (r *recorder) Input(context.Context, string, bool) (string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.lines) == 0 {
		return "", io.EOF
	}
	line := r.lines[0]
	r.lines = r.lines[1:]
	return line, nil
}

func (r *recorder) text(kind session.Kind) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var b strings.Builder
	for _, e := range r.events {
		if e.Kind == kind {
			if e.Kind == session.Stream {
				b.WriteString(e.Text)
			} else if s, ok := e.Data["text/plain"].(string); ok {
				b.WriteString(s)
			}
		}
	}
	return b.String()
}

// notebook runs cells one after another in one session.
type notebook struct {
	t *testing.T
	i *Interp
	n int
}

func newNotebook(t *testing.T) *notebook {
	t.Helper()
	i, err := New(Options{Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = i.Close() })
	return &notebook{t: t, i: i}
}

func (nb *notebook) run(code string) (session.Reply, *recorder) {
	nb.t.Helper()
	nb.n++
	out := &recorder{}
	reply, err := nb.i.Execute(nb.t.Context(), session.Cell{ID: "x", Code: code, Number: nb.n, StoreHistory: true, AllowStdin: true}, out)
	if err != nil {
		nb.t.Fatal(err)
	}
	return reply, out
}

// value runs a cell that must succeed and returns the text of its result.
func (nb *notebook) value(code string) string {
	nb.t.Helper()
	reply, out := nb.run(code)
	if reply.Err != nil {
		nb.t.Fatalf("In[%d] %s\n%v\n%+v", nb.n, code, reply.Err, *reply.Err)
	}
	return out.text(session.Result)
}

func TestCells(t *testing.T) {
	steps := []struct{ code, want string }{
		{"1+1", "2"},
		{"x := 3", ""},
		{"x * 2", "6"},
		{"func unnamed(int, string) string { s := \"z\"; return s + s }\nunnamed(1, \"q\")", `"zz"`},
		{"x := x + 1\nx", "4"},
		{"x := \"now text\"", ""},
		{"x + \"!\"", `"now text!"`},
		{"func f(a int) int { return a * a }", ""},
		{"f(7)", "49"},
		{"func g(a int) int { return f(a) + 1 }\ng(2)", "5"},
		{"func f(a int) int { return a + 100 }\ng(2)", "103"},
		{"type P struct{ X, Y int }\nfunc (p P) Sum() int { return p.X + p.Y }", ""},
		{"p := P{1, 2}\np.Sum()", "3"},
		{"p", "P{X: 1, Y: 2}"},
		{"func (p P) String() string { return fmt.Sprint(\"<\", p.X, \">\") }\np", "<1>"},
		{"func (p P) Sum() int { return 1000 }\np.Sum()", "1000"},
		{"var total int\nfor i := range 10 { total += i }\ntotal", "45"},
		{"strings.ToUpper(\"abc\")", `"ABC"`},
		{"m := map[string]int{\"a\": 1}\nm[\"b\"] = 2\nlen(m)", "2"},
		{"a, b := 1, \"two\"\nb", `"two"`},
		{"strconv.Atoi(\"12\")", "12"},
		{"var q []P\nq = append(q, P{5, 6})\nq[0].X", "5"},
		{"const big = 1 << 40\nbig", "1099511627776"},
		{"import r \"math/rand/v2\"\nr.IntN(1)", "0"},
		{"k := 0\nfunc count() int { k++; return k }\ncount(); count()", "2"},
		{"y := 5;", ""},
		{"y;", ""},
		{"ys := %pmap f 3\nys[2]", "102"},
		{"%pmap -q func(i int) string { return strings.Repeat(\"z\", i) } 3", `[]string{"", "z", "zz"}`},
		{"%papply -q g 1", "102"},
		{"%pmap -q func(i int) int { time.Sleep(time.Duration(i)); return i*i } 4", "[]int{0, 1, 4, 9}"},
		{"%pmap -q func(i int) time.Duration { return time.Duration(i) } 2", "[]time.Duration{0s, 1ns}"},
		{"%time zs := %pmap -q g 2\nzs[1]", "102"},
		{"%time %pmap -q func(i int) int { return i } 2", "[]int{0, 1}"},
		{"left := 0\nloop:\nfor {\n\tselect {\n\tcase <-time.After(time.Millisecond):\n\t\tleft++\n\t\tbreak loop\n\t}\n}\nleft", "1"},
		{"turns := 0\nagain:\nfor turns < 3 {\n\tselect {\n\tdefault:\n\t\tturns++\n\t\tcontinue again\n\t}\n}\nturns", "3"},
		{"%time x := 10\nx", "10"},
		{"%time f(1)", "101"},
		{"sum := 0.0\nfor _, v := range []float64{1, 2.5} { sum += v }\nsum", "3.5"},
		{"mat.NewDense(2, 2, []float64{1, 2, 3, 4}).At(1, 0)", "3"},
		{"var e error = errors.New(\"bad\")\ne", "error: bad"},
		{"type Stack[T any] struct{ items []T }\nfunc (s *Stack[T]) Push(v T) { s.items = append(s.items, v) }\ns := &Stack[int]{}\ns.Push(4)\nlen(s.items)", "1"},
		{"func double[T int | float64](v T) T { return v * 2 }\ndouble(2.5)", "5"},
		{"for i := range 2 {\n\tdefer fmt.Sprint(i)\n}", ""},
		{"var w sync.WaitGroup\nvar n atomic.Int64\nfor i := range 4 { w.Add(1); go func() { defer w.Done(); n.Add(int64(i)) }() }\nw.Wait()\nn.Load()", "6"},
		{"ch := make(chan int, 1)\nch <- 4\n<-ch", "4"},
		{"a, b", "1\n\"two\""},
		{"v, ok := m[\"none\"]\nv, ok", "0\nfalse"},
		{"type Q struct{ N int }\nfunc (q Q) String() string { return \"Q!\" }\nQ{1}, &Q{2}, nil, 1 << 3 // several", "Q!\nQ!\n<nil>\n8"},
		{"var none error\n1, none", "1\n<nil>"},
		{"a, b;", ""},
		{"type R struct{ N int }\nfunc mk(i int) (*R, error) { return &R{i}, nil }\nrs := %pmap -q mk 3\nrs[2].N", "2"},
		{"type M map[string]int\nfunc one(k string, v int) M { return M{k: v} }\n%pmap -q one M{\"a\": 1}", `[]M{{"a": 1}}`},
		{"%pmap -q (f) 2", "[]int{100, 101}"},
		{"h := (f)\nh(1)", "101"},
		{"%pmap -q fmt.Sprint 2", `[]string{"0", "1"}`},
		{"func fib(n int) int { if n < 2 { return n }; return fib(n-1) + fib(n-2) }\nfib(15)", "610"},
	}
	nb := newNotebook(t)
	for _, s := range steps {
		if got := nb.value(s.code); got != s.want {
			t.Errorf("In[%d] %q: got %q, want %q", nb.n, s.code, got, s.want)
		}
	}
}

func TestRestoreOfFunctionsThatNeedEachOtherAcrossCells(t *testing.T) {
	nb := newNotebook(t)
	err := nb.i.Restore(t.Context(), session.Past{Declarations: []session.Declaration{
		{Name: "b", Cell: 3, Source: "func b(n int) int { if n == 0 { return 2 }; return a(n - 1) }"},
		{Name: "a", Cell: 2, Source: "func a(n int) int { if n == 0 { return 1 }; return b(n - 1) }"},
		{Name: "lost", Cell: 4, Source: "func lost() int { return nothing }"},
	}})
	if err == nil || !strings.Contains(err.Error(), "lost") || strings.Contains(err.Error(), "a:") {
		t.Errorf("the error names what failed: %v", err)
	}
	if got := nb.value("a(3)"); got != "2" {
		t.Errorf("a(3) gives %s", got)
	}
}

func TestWhatASessionTakesOverFromOneThatDied(t *testing.T) {
	nb := newNotebook(t)
	past := session.Past{
		Cells:        []session.Source{{Number: 1, Code: "count := 3"}, {Number: 2, Code: "// about f\n\nfunc f(xs []int) int {\n\tpanic(\"f\")\n}"}},
		Declarations: []session.Declaration{{Name: "f", Cell: 2, Line: 3, Source: "func f(xs []int) int {\n\tpanic(\"f\")\n}"}},
		Lost:         []string{"count"},
	}
	if err := nb.i.Restore(t.Context(), past); err != nil {
		t.Fatal(err)
	}
	nb.n = 2
	reply, _ := nb.run("count")
	if want := "count was lost when its session process ended: run the cell again that declares it"; reply.Err == nil || reply.Err.Hint != want {
		t.Errorf("a lost variable: %+v", reply.Err)
	}
	reply, _ = nb.run("f(nil)")
	if reply.Err == nil || reply.Err.Pos.String() != "In[2]:4:2" || reply.Err.Pos.Source != "\tpanic(\"f\")" {
		t.Errorf("a panic in a function of before: %v", reply.Err)
	}
	_, out := nb.run("%history -n 4")
	if got, want := out.text(session.Stream), "   1: count := 3\n   2: // about f\n      \n      func f(xs []int) int {\n      \tpanic(\"f\")\n      }\n   3: count\n   4: f(nil)\n"; got != want {
		t.Errorf("history:\n%swant\n%s", got, want)
	}
}
