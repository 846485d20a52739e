package emit_test

import (
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"slices"
	"strings"
	"testing"

	"github.com/adabc437/fanout/interp/cell"
	"github.com/adabc437/fanout/interp/check"
	"github.com/adabc437/fanout/interp/emit"
	"github.com/adabc437/fanout/interp/symbols"
)

// A notebook checks and writes cells, and checks what was written.
type notebook struct {
	t       *testing.T
	fset    *token.FileSet
	checker *check.Checker
	scope   *check.Scope
	bound   types.Importer
	written map[string]*types.Package
	n       int
}

func newNotebook(t *testing.T) *notebook {
	fset := token.NewFileSet()
	names := map[string]string{}
	for _, p := range symbols.Paths() {
		if n := symbols.Name(p); names[n] == "" || len(p) < len(names[n]) {
			names[n] = p
		}
	}
	bound := symbols.Importer(fset)
	return &notebook{
		t: t, fset: fset, scope: check.NewScope(), bound: bound, written: map[string]*types.Package{},
		checker: &check.Checker{Fset: fset, Importer: bound, Packages: names},
	}
}

// Import finds a package for what was written.
func (nb *notebook) Import(path string) (*types.Package, error) {
	if p := nb.written[path]; p != nil {
		return p, nil
	}
	if path == emit.Runtime {
		p, err := importer.ForCompiler(nb.fset, "source", nil).Import(path)
		nb.written[path] = p
		return p, err
	}
	if path == "unsafe" {
		return types.Unsafe, nil
	}
	return nb.bound.Import(path)
}

func (nb *notebook) run(code string) *emit.Package {
	nb.t.Helper()
	nb.n++
	file := fmt.Sprintf("%s/u%d", check.FileName(nb.n), nb.n)
	chunks, errs := cell.Chunks(file, "/*line "+file+":1:1*/"+code)
	if len(errs) > 0 {
		nb.t.Fatal(errs[0])
	}
	unit, ds := nb.checker.Check(check.Input{Number: nb.n, File: file, Chunks: chunks}, nb.scope)
	if len(ds) > 0 {
		nb.t.Fatalf("%s\n%v", code, ds[0].Message)
	}
	p, d := emit.Emit(unit, nb.scope, emit.Options{Host: "fanout/host"})
	if d != nil {
		nb.t.Fatalf("%s\n%s", code, d.Message)
	}
	f, err := parser.ParseFile(nb.fset, "", p.Source, parser.SkipObjectResolution)
	if err != nil {
		nb.t.Fatalf("%v in\n%s", err, p.Source)
	}
	pkg, err := (&types.Config{Importer: nb}).Check(p.Path, nb.fset, []*ast.File{f}, nil)
	if err != nil {
		nb.t.Fatalf("%v in\n%s", err, p.Source)
	}
	nb.written[p.Path] = pkg
	for _, e := range p.Entities {
		if e.Obj == nil {
			e.Obj = types.NewLabel(0, nil, e.Name)
		}
		nb.scope.Declare(e)
	}
	return p
}

func TestWhatIsWrittenIsGo(t *testing.T) {
	nb := newNotebook(t)
	for _, code := range []string{
		"x := 1\nx + 1",
		"func f(a int) int { return a * 2 }\nf(x)",
		"func g(a int) int { return f(a) + x }",
		"type point struct{ x, y int; Tag string `json:\"tag\"` }\nfunc (p point) sum() int { return p.x + p.y }\nfunc (p *point) move(d int) { p.x += d }",
		"p := point{x: 1, y: 2}\np.move(3)\np.sum()",
		"type named struct{ point; *node; error }\ntype node struct{ next *node; val any }\nq := named{point: p}\nq.x = q.point.y",
		"fmt.Println(q.sum(), q.node == nil, q.error)",
		"var a, b = 1, \"two\"\nvar (\n\tc int\n\td float64 = 1\n\t_ = a\n\t_ any = nil\n)\nb",
		"type Stack[T any] struct{ items []T }\nfunc (s *Stack[T]) push(v T) { s.items = append(s.items, v) }\nfunc mapTo[T, U any](xs []T, f func(T) U) (out []U) { for _, x := range xs { out = append(out, f(x)) }; return }",
		"s := &Stack[int]{}\ns.push(4)\nmapTo(s.items, func(v int) string { return fmt.Sprint(v) })",
		"type list[T any] struct{ head *elem[T]; n int }\ntype elem[T any] struct{ next *elem[T]; v T }\nfunc (l *list[T]) add(v T) { l.head = &elem[T]{l.head, v}; l.n++ }\nvar l list[string]\nl.add(\"a\")",
		"type deep struct{ list[int] }\nvar dd deep\ndd.add(2)\ndd.head.v",
		"l.head.v",
		"type shape interface{ area() float64 }\ntype square float64\nfunc (s square) area() float64 { return float64(s * s) }\nvar sh shape = square(2)\nsh.area()",
		"switch v := sh.(type) {\ncase square:\n\tfmt.Println(v.area())\n}",
		"m := map[string]struct{ n int }{\"a\": {1}}\nm[\"a\"].n",
		"rows := []struct {\n\tname string\n\tage  int\n}{{\"a\", 1}, {name: \"b\"}}\nrows[0].name",
		"for i := 0; i < 3; i++ {\n\tfor j := range 10 {\n\t\tx += i * j\n\t}\n}\nx",
		"go f(1)\ngo func() { x++ }()\ngo fmt.Println(\"a\", x, nil)\ngo mapTo([]int{1}, func(i int) int { return i })\nvar wg sync.WaitGroup\nwg.Go(func() { x-- })\ngo close(make(chan int))\ngo (&p).move(2)",
		"const k, kk = 1 << iota, \"s\"\nconst big = 1 << 40",
		"fmt.Println(k + len(kk), big)",
		"func fact(n int) int { if n < 2 { return 1 }; return n * fact(n-1) }\nfact(5)",
		"fn := fact\nvar fib func(int) int\nfib = func(n int) int { if n < 2 { return n }; return fib(n-1) + fib(n-2) }\nfib(10) + fn(3)",
		"ch := make(chan int, 3)\nch <- 1\nselect {\ncase v := <-ch:\n\tx = v\ndefault:\n}\nvar ro <-chan int = ch\nro",
		"outer:\nfor {\n\tfor {\n\t\tbreak outer\n\t}\n}",
		"type (\n\tcelsius float64\n\ttemps   []celsius\n\tconv    func(celsius) (float64, error)\n)\nvar tt temps = []celsius{1, 2}\nvar cc conv\nfunc (c celsius) String() string { return fmt.Sprintf(\"%g°\", float64(c)) }\ntt[0]",
		"func two() (int, error) { return 1, nil }\nfunc init() { x = 99 }\nv, err := two()\ntwo()",
		"if v, err := two(); err == nil {\n\tx := v\n\t_ = x\n}\nv",
		"x, y := 5, 6\nx, y = y, x\nx += y",
		"defer fmt.Println(\"end\")\nfunc() { defer func() { recover() }(); panic(1) }()",
		"import r \"math/rand/v2\"\nr.IntN(3)",
		"import . \"strings\"\nToUpper(\"a\")",
		"type alias = map[string]*point\nvar al alias\nal = alias{\"p\": &p}\nal[\"p\"].x",
		"type tree struct{ left, right *tree }\nfunc (t *tree) walk(yield func(*tree) bool) bool { return t == nil || t.left.walk(yield) && yield(t) && t.right.walk(yield) }\nfunc (t *tree) all() iter.Seq[*tree] { return func(y func(*tree) bool) { t.walk(y) } }\nfor n := range (&tree{}).all() {\n\t_ = n.left\n}",
		"f1 := point.sum\nf2 := (*point).move\nf3 := p.sum\nf1(p) + f3()",
		"struct{ n int }{3}.n",
		"arr := [...]int{1, 2, 3}\nfor i, v := range arr { x += i * v }\nfor range 3 { x++ }\nlen(arr)",
	} {
		nb.run(code)
	}
}

func TestACellThatRunsAgainIsTheSamePackage(t *testing.T) {
	nb := newNotebook(t)
	nb.run("x := 1")
	a, b := nb.run("func f() int { return x }\nf()"), nb.run("func f() int { return x }\nf()")
	if a.Path != b.Path || string(a.Source) != string(b.Source) {
		t.Errorf("%s\n%s", a.Source, b.Source)
	}
	if a.Files["cell0"] != 2 || b.Files["cell0"] != 3 {
		t.Error(a.Files, b.Files)
	}
}

func TestLinesAreTheUsers(t *testing.T) {
	nb := newNotebook(t)
	code := "var (\n\ta int\n\tb = 2\n)\nfunc f(n int) int {\n\tfor i := 0; i < n; i++ {\n\t\tn /= 2\n\t}\n\treturn n\n}\ngo f(\n\t1,\n)\nf(\n\t3)"
	p := nb.run(code)
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "x", p.Source, 0)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	ast.Inspect(f, func(n ast.Node) bool {
		if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.INT {
			if at := fset.Position(lit.Pos()); strings.HasPrefix(at.Filename, "cell") {
				got = append(got, fmt.Sprintf("%s:%d", lit.Value, at.Line))
			}
		}
		return true
	})
	want := []string{"2:3", "0:6", "2:7", "1:12", "3:15"}
	for _, w := range want {
		if !slices.Contains(got, w) {
			t.Errorf("got %v, want %v in\n%s", got, want, p.Source)
			break
		}
	}
}
