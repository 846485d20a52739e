package interp

import (
	"context"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/adabc437/fanout/interp/build"
	"github.com/adabc437/fanout/interp/session"
)

// recorder keeps what a cell emits. lines answers its questions.
type recorder struct {
	mu     sync.Mutex
	events []session.Event
	lines  []string
	// interrupt, if it is not nil, is called when a cell displays "interrupt me".
	interrupt func()
}

func (r *recorder) Emit(e session.Event) {
	if e.Kind == session.Commit {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events = append(r.events, e)
	if e.Kind == session.Display && e.Data["text/plain"] == `"interrupt me"` && r.interrupt != nil {
		r.interrupt()
	}
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
	if os.Getenv("FANOUT_TIER") == TierCompiled { // all tests on the other tier
		return newNotebookOn(t, TierCompiled)
	}
	return newNotebookOn(t, TierInterpreted)
}

// everyCell is the compiled tier with no cell evaluated.
const everyCell = "compiled-all"

// testTools is the one toolchain of the tests: a package can be loaded once in a
// process, and only its toolchain knows that it was.
var testTools = sync.OnceValues(func() (*build.Toolchain, error) {
	return build.Open(context.Background(), build.Options{Packages: Packages()})
})

func newNotebookOn(t *testing.T, tier string) *notebook {
	t.Helper()
	opt := Options{Workers: 2}
	opt.CompileAll = tier == everyCell
	if tier != TierInterpreted {
		tools, err := testTools()
		if err != nil {
			t.Fatal(err)
		}
		opt.Tools = tools
	}
	i, err := New(opt)
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
		// each turn of a loop has its own variable, also where the turn changes it
		{"var tens []func() int\nfor i := 0; i < 3; i++ { if i == 1 { continue }; tens = append(tens, func() int { i += 10; return i }) }\n[]int{tens[0](), tens[0](), tens[1]()}", "[]int{10, 20, 12}"},
		{"var places []*int\nfor i := 0; i < 5; i++ { i++; places = append(places, &i) }\n[]int{*places[0], *places[1], *places[2]}", "[]int{1, 3, 5}"},
		// methods from embedded types
		{"type Logger interface{ Log(string) string }\ntype Base struct{ ID int }\nfunc (b *Base) Name() string { return fmt.Sprint(b.ID) }\ntype logs struct{ to string }\nfunc (l logs) Log(s string) string { return l.to + s }\ntype Svc struct{ Base; Logger; name string }\nsvc := Svc{Base{7}, logs{\"> \"}, \"n\"}\nsvc.Log(\"hi\") + svc.Name()", `"> hi7"`},
		{"var lg Logger = svc\nlg.Log(\"i\")", `"> i"`},
		{"type Namer interface{ Name() string }\ntype Outer struct{ *Base; n int }\nvar nm Namer = Outer{&Base{3}, 1}\no, ok := nm.(Outer)\nfmt.Sprint(ok, o.n, o.Name())", `"true 13"`},
		// method values bind their receiver
		{"type Count struct{ n int }\nfunc (c Count) Get() int { return c.n }\nfunc (c *Count) Inc() int { c.n++; return c.n }\nct := Count{5}\nget, inc := ct.Get, ct.Inc\ninc()\n[]int{get(), inc(), ct.n}", "[]int{5, 7, 7}"},
		// ranges over functions
		{"func upTo(n int) iter.Seq[int] { return func(yield func(int) bool) { for i := range n { if !yield(i) { return } } } }\nsum3 := 0\nrows:\nfor i := range 3 { for v := range upTo(5) { if v == 2 { continue rows }; if i == 2 { break rows }; sum3 += v + 1 } }\nsum3", "6"},
		{"func order() (s string) { defer func() { s += \".\" }(); for v := range upTo(3) { defer func() { s += fmt.Sprint(v) }() }; return \"x\" }\norder()", `"x210."`},
		{"next2, stop2 := iter.Pull2(maps.All(map[string]int{\"a\": 1}))\nkey2, val2, ok2 := next2()\nstop2()\nfmt.Sprint(key2, val2, ok2)", `"a1 true"`},
		{"keysOf := maps.Keys[map[int]int]\nslices.Sorted(keysOf(map[int]int{3: 1, 1: 1}))", "[]int{1, 3}"},
		{"by := []int{2, 1}\nslices.SortFunc(by, cmp.Compare[int])\nby", "[]int{1, 2}"},
		// pointers in assignments and to arrays
		{"func swap(a, b *int) { *a, *b = *b, *a }\nsa, sb := 1, 2\nswap(&sa, &sb)\n[]int{sa, sb}", "[]int{2, 1}"},
		{"arr3 := [3]int{4, 5, 6}\nparr := &arr3\nfor i := range parr { parr[i] *= i }\narr3", "[3]int{0, 5, 12}"},
		// channels as the values of a range, literals that name what they are assigned to
		{"chs := []<-chan int{make(chan int), nil}\nnils := 0\nfor i, c := range chs { if c == nil { nils += i + 1 } }\nnils", "2"},
		{"type Ex interface{ Val() int }\ntype Lit int\nfunc (l Lit) Val() int { return int(l) }\ntype Add struct{ L, R Ex }\nfunc (a *Add) Val() int { return a.L.Val() + a.R.Val() }\nfunc build() Ex { var e Ex = Lit(1); for i := range 3 { e = &Add{e, Lit(i)} }; return e }\nbuild().Val()", "4"},
		{"func grade(n int) string { switch { case n < 0, n > 100: return \"bad\"; case n > 50: return \"good\" }; return \"low\" }\n[]string{grade(-1), grade(101), grade(60), grade(1)}", `[]string{"bad", "bad", "good", "low"}`},
		{"func which(x any) string { switch x { case 1, \"a\": return \"first\"; case 2.5: return \"second\" }; return \"none\" }\n[]string{which(1), which(\"a\"), which(2.5), which(3)}", `[]string{"first", "first", "second", "none"}`},
		{"func named9(n int) (s string) { if n > 5 { s = \"x\" }; s += \"y\"; return }\nall9 := \"\"\nfor _, n := range []int{9, 1, 9} { all9 += named9(n) + \" \" }\nall9", `"xy y xy "`},
		{"func nested(xs ...any) (s string) { for _, x := range xs { if v, ok := x.([]any); ok { s += \"[\" + nested(v...) + \"]\" } else { s += fmt.Sprint(x) } }; return }\nnested(1, []any{2, 2.5}, \"z\")", `"1[22.5]z"`},
		{"type Fld struct{ a, b int }\nfld := Fld{1, 2}\nhit := \"\"\nswitch p := &fld; p.a { case 5: hit = \"five\"; case fld.b - 1: hit = \"computed\" }\nhit", `"computed"`},
		// an interface holds a copy
		{"type Pt struct{ N int }\nfunc (p Pt) Val() int { return p.N }\npt := Pt{1}\nvar held Ex = pt\npt.N = 5\nvar any1 any = pt\npt.N = 9\n[]int{held.Val(), any1.(Pt).N}", "[]int{1, 5}"},
		{"func three() (out []int) { var l []Ex; for i := range 3 { l = append(l, Lit(i)) }; for _, e := range l { out = append(out, e.Val()) }; return }\nthree()", "[]int{0, 1, 2}"},
		// a panic of a deferred call takes the place of the one under way
		{"func replaced() (s string) { defer func() { s += fmt.Sprint(recover()) }(); defer func() { s += \"b\" }(); defer func() { panic(\"second\") }(); panic(\"first\") }\nreplaced()", `"bsecond"`},
		{"type Res struct{ n string }\nvar closed []string\nfunc (r *Res) Close() { closed = append(closed, r.n) }\nfunc useBoth() { r := &Res{\"a\"}; defer r.Close(); r = &Res{\"b\"}; defer r.Close() }\nuseBoth()\nclosed", `[]string{"b", "a"}`},
		{"func sortLocal() []string { type kv struct { k string; n int }; l := []kv{{\"a\", 1}, {\"b\", 2}}; slices.SortFunc(l, func(a, b kv) int { return cmp.Or(cmp.Compare(b.n, a.n), cmp.Compare(a.k, b.k)) }); return []string{l[0].k, l[1].k} }\nsortLocal()", `[]string{"b", "a"}`},
		{"var unset any\n_, isStringer := unset.(fmt.Stringer)\nisStringer", "false"},
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

func TestDeclarationsWithMagicsAreMadeAgain(t *testing.T) {
	first := newNotebook(t)
	reply, _ := first.run("func sq(n int) int { return n * n }\nfunc total(n int) int {\n\ts := 0\n\tfor _, y := range (%pmap -q sq n) { s += y }\n\tif n == 9 { panic(\"nine\") }\n\treturn s\n}\nfunc twice(n int) int { return 2 * total(n) }")
	if reply.Err != nil {
		t.Fatal(reply.Err)
	}
	second := newNotebook(t)
	if err := second.i.Restore(t.Context(), session.Past{Declarations: reply.Declared}); err != nil {
		t.Fatal(err)
	}
	second.n = 1
	if got := second.value("twice(4)"); got != "28" {
		t.Error(got)
	}
	reply, _ = second.run("total(9)")
	if reply.Err == nil || reply.Err.Pos == nil || reply.Err.Pos.Cell != 1 || reply.Err.Pos.Line != 5 {
		t.Errorf("%+v", reply.Err)
	}
}

// After a crash functions call devices as before, with the values that their variables
// have then, and faults have their places.
func TestFunctionsForDevicesAreMadeAgain(t *testing.T) {
	functionsForDevicesAreMadeAgain(t, TierInterpreted)
}

func functionsForDevicesAreMadeAgain(t *testing.T, tier string) {
	first := newNotebookOn(t, tier)
	declared := []session.Declaration{}
	for _, code := range []string{
		"scale := 3\nfunc times(n int) int { return n * scale }",
		"func add(n int) []int {\n\treturn %gpumap -q -d cpu func(i int) int { return times(i) + n } 3\n}\nfunc both(n int) (int, int) { return len(%pmap -q times n), %gpureduce -q -d cpu func(a, b int) int { return a + b*scale/scale } n }",
		"func broken() []int {\n\t// a comment\n\treturn %gpumap -q -d cpu func(i int) int {\n\t\treturn 1 / i\n\t} 2\n}",
		"func times(n int) int { return n * scale * 10 }",
	} {
		reply, _ := first.run(code)
		if reply.Err != nil {
			t.Fatal(reply.Err)
		}
		for _, d := range reply.Declared { // as a supervisor keeps them
			declared = slices.DeleteFunc(declared, func(o session.Declaration) bool { return o.Name == d.Name })
			declared = append(declared, d)
		}
	}
	if got := first.value("add(1)"); got != "[]int{1, 31, 61}" {
		t.Error(got)
	}
	second := newNotebookOn(t, tier)
	if err := second.i.Restore(t.Context(), session.Past{Declarations: declared}); err != nil {
		t.Fatal(err)
	}
	second.n = 5
	if got := second.value("scale = 2\nadd(1)"); got != "[]int{1, 21, 41}" {
		t.Error(got)
	}
	if got := second.value("scale := 4\na, b := both(4)\na + b"); got != "10" {
		t.Error(got)
	}
	if got := second.value("func times(n int) int { return n + scale }\nadd(1)"); got != "[]int{5, 6, 7}" {
		t.Error(got)
	}
	reply, _ := second.run("broken()")
	if reply.Err == nil || reply.Err.Pos == nil || reply.Err.Pos.Cell != 3 || reply.Err.Pos.Line != 4 {
		t.Errorf("%+v", reply.Err)
	}
}
