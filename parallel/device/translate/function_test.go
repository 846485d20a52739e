package translate_test

import (
	"errors"
	"flag"
	"go/ast"
	"go/types"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/adabc437/fanout/parallel/device/ir"
	"github.com/adabc437/fanout/parallel/device/translate"
)

var update = flag.Bool("update", false, "write the golden files")

// TestGolden holds the programs of the files in testdata against what they were: the
// checks that are there and the ones that are left out, the names, the comments.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*.go")
	if err != nil || len(files) == 0 {
		t.Fatal("no files", err)
	}
	for _, name := range files {
		t.Run(filepath.Base(name), func(t *testing.T) {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			u, err := translated(t, string(text))
			if err != nil {
				t.Fatal(err)
			}
			if err := verify(u.Program); err != nil {
				t.Error(err)
			}
			got, golden := ir.Text(u.Program), strings.TrimSuffix(name, ".go")+".ir"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("the program is\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// TestForms translates functions in all the ways in which they can be named.
func TestForms(t *testing.T) {
	const head = `package p
import "math"
type T struct { k float64 }
func (t T) times(x float64) float64 { return x * t.k * gain }
func (t *T) byPointer(x float64) float64 { return x * t.k }
func declared(x float64) float64 { return x }
func Twice[N int | float64](x N) N { return x + x }
var gain = 2.0
var t T
var held = func(x float64) float64 { return x }
var _ = math.Pi
var f = `
	for _, c := range []struct{ form, params, captures, err string }{
		{form: "declared", params: "x float64"},
		{form: "(declared)", params: "x float64"},
		{form: "Twice[int]", params: "x int64"},
		{form: "t.times", params: "x float64, t T, gain float64", captures: "t gain"},
		{form: "T.times", params: "t T, x float64, gain float64", captures: "gain"},
		{form: "math.Sqrt", params: "x float64"},
		{form: "math.Modf", params: "f float64"},
		{form: "math.Atan2", params: "y float64, x float64"},
		{form: "func(x float64) float64 { return x * gain + t.k }", params: "x float64, gain float64, t T", captures: "gain t"},
		{form: "t.byPointer", err: "12:9: method byPointer has a pointer as its receiver, and t is a variable of the session: tasks have a copy of it, and no address"},
		{form: "(*T).byPointer", err: "12:9: parameter t of T.byPointer is a pointer, which cannot go to a device"},
		{form: "held", err: "12:9: held is a variable that holds a function: what it does is not known before it runs"},
		{form: "math.Lgamma", err: "12:9: math.Lgamma is not there on a device"},
		{form: "math.Inf(1)", err: "12:9: math.Inf(1) is no function that a device can run"},
	} {
		t.Run(c.form, func(t *testing.T) {
			u, err := translated(t, head+c.form+"\n")
			if c.err != "" {
				if err == nil || !strings.HasPrefix(strings.TrimPrefix(err.Error(), "In[1]:"), c.err+" (") {
					t.Errorf("error %v, want %s", err, c.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			var params, captures []string
			for _, p := range u.Func.Params {
				params = append(params, p.Name+" "+p.Type.String())
			}
			for i, x := range u.Captures {
				captures = append(captures, x.Var.Name())
				if at := len(u.Func.Params) - len(u.Captures) + i; u.Func.Params[at] != x.Param {
					t.Errorf("capture %s is not parameter %d", x.Var.Name(), at)
				}
			}
			if got := strings.Join(params, ", "); got != c.params {
				t.Errorf("parameters %q, want %q", got, c.params)
			}
			if got := strings.Join(captures, " "); got != c.captures {
				t.Errorf("captures %q, want %q", got, c.captures)
			}
			if err := verify(u.Program); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestGenericWithoutInstance(t *testing.T) {
	s := mustCheck(t, "In[1]", "package p\nfunc Twice[N int | float64](x N) N { return x + x }\n")
	decl := s.file.Decls[0].(*ast.FuncDecl)
	_, err := translate.Function(s.config(), decl.Name, s.fset, s.info)
	if err == nil || !strings.Contains(err.Error(), "In[1]:2:6: Twice is generic: its type arguments are not known here (name an instance, such as Twice[float64])") {
		t.Errorf("error %v", err)
	}
}

// TestSubstitute puts a struct of ours in the place of a library's type, and functions in
// that of its methods.
func TestSubstitute(t *testing.T) {
	ours := mustCheck(t, "rand.go", `package ours
type Rand struct { key, counter uint64 }
func Uint64(r *Rand) uint64 { r.counter++; return r.key * r.counter }
func Float64(r *Rand) float64 { return float64(Uint64(r) >> 11) * 0x1p-53 }
`)
	user := mustCheck(t, "In[1]", `package p
import "math/rand/v2"
func roll(r *rand.Rand, n int) float64 {
	s := 0.0
	for range n { s += r.Float64() }
	return s + helper(r)
}
func helper(r *rand.Rand) float64 { return r.Float64() }
func bad(r *rand.Rand) int { return r.IntN(3) }
var f = roll
var b = bad
`)
	config := &translate.Config{
		Substitute: func(n *types.Named) types.Type {
			if n.Obj().Pkg() != nil && n.Obj().Pkg().Path() == "math/rand/v2" && n.Obj().Name() == "Rand" {
				return ours.pkg.Scope().Lookup("Rand").Type()
			}
			return nil
		},
		Declaration: func(f *types.Func) (*translate.Source, error) {
			if f.Pkg().Path() != "math/rand/v2" {
				for _, s := range []*source{user, ours} {
					if src, err := s.config().Declaration(f); err == nil {
						return src, nil
					}
				}
				return nil, errLibrary
			}
			if our, ok := ours.pkg.Scope().Lookup(f.Name()).(*types.Func); ok {
				return ours.config().Declaration(our)
			}
			return nil, errors.New("random numbers on a device are Float64 and Uint64")
		},
	}
	u, err := translate.Function(config, user.named(t, "f"), user.fset, user.info)
	if err != nil {
		t.Fatal(err)
	}
	if err := verify(u.Program); err != nil {
		t.Error(err)
	}
	if got := u.Func.Params[0].Type.String(); got != "*Rand" || len(u.Program.Structs) != 1 {
		t.Errorf("the first parameter is a %s", got)
	}
	_, err = translate.Function(config, user.named(t, "b"), user.fset, user.info)
	if err == nil || !strings.HasPrefix(err.Error(), "In[1]:9:37: Rand.IntN cannot be called on a device: random numbers on a device are Float64 and Uint64") {
		t.Errorf("error %v", err)
	}
}

func TestAtMostTenErrors(t *testing.T) {
	_, err := translated(t, "package p\nfunc g(x int) int {\n"+strings.Repeat("println(x)\n", 25)+"return x }\nvar f = g\n")
	var list translate.Errors
	if !errors.As(err, &list) || len(list) != 10 || list[9].Pos.Line != 12 {
		t.Errorf("errors %v", err)
	}
}

// TestUnreachable translates a function although there are others that no device can run.
func TestUnreachable(t *testing.T) {
	if _, err := translated(t, "package p\nfunc g(x int) int { return x }\nfunc h() map[string]int { return g2() }\nfunc g2() map[string]int { return nil }\nvar f = g\n"); err != nil {
		t.Error(err)
	}
}

// TestLineDirectives gives places as cells have them.
func TestLineDirectives(t *testing.T) {
	s := mustCheck(t, "session.go", "package p\n\n\n//line In[3]:1\nfunc g(x int) int {\n\tprintln(x)\n\treturn 7 / x\n}\n\nfunc h(x int) int {\n\treturn 7 / x\n}\n\nvar f = g\nvar k = h\n")
	_, err := translate.Function(s.config(), s.named(t, "f"), s.fset, s.info)
	if err == nil || !strings.HasPrefix(err.Error(), "In[3]:2:2: a device cannot print") {
		t.Errorf("error %v", err)
	}
	u, err := translate.Function(s.config(), s.named(t, "k"), s.fset, s.info)
	if err != nil {
		t.Fatal(err)
	}
	want := ir.Site{Fault: ir.DivideZero, File: "In[3]", Line: 7, Col: 9, Text: "7 / x"}
	if len(u.Program.Sites) != 1 || u.Program.Sites[0] != want {
		t.Errorf("sites %v, want %v", u.Program.Sites, want)
	}
}

// TestWritten has functions with the parameters that may be changed behind them: the
// others are not copied back from a device.
func TestWritten(t *testing.T) {
	const head = `package p
var out []int
func swap[T any](a, b *T) { *a, *b = *b, *a }
func set(p *[]int) { (*p)[0] = 1 }
func take(p *[]int, xs []int) { *p = xs }
`
	for _, c := range []struct{ source, written string }{
		{"func g(xs, ys []int) { xs[0] = ys[0] }", "xs"},
		{"func g(xs, ys []int) { a := xs; a = ys; _ = a }", ""},
		{"func g(xs, ys []int) { a := xs; a[0] = 1; a = ys }", "xs ys"},
		{"func g(xs, ys []int) { a, b := xs, ys; swap(&a, &b); _ = a }", ""},
		{"func g(xs, ys []int) { a, b := xs, ys; swap(&a, &b); a[0] = 1 }", "xs ys"},
		{"func g(xs, ys, zs []int) { a, b := xs, zs; c := a; take(&a, ys); c[0] = 1; _ = b }", "xs ys"}, // the order does not count behind pointers
		{"func g(xs, ys, zs []int) { a, b := xs, zs; take(&a, ys); c := a; c[0] = 1; _ = b }", "xs ys"},
		{"func g(xs, ys []int) { a := xs; p := &a; *p = ys; a[0] = 1 }", "xs ys"},
		{"func g(xs, ys []int) { a := xs; p := &a; b := *p; b = ys; b[0] = 1 }", "xs ys"},
		{"func g(xs, ys []int) { a := xs; p := &a; q := p; *p = ys; set(q) }", "xs ys"},
		{"func g(xs, ys []int) { h := func() { ys = xs }; h(); ys[0] = 1 }", "xs ys"},
		{"func g(xs, ys []int) { h := func() { xs[0] = ys[0] }; h() }", "xs"},
		{"func g(xs [][]int, ys []int) { var r []int; for _, r = range xs { ys[0] += r[0] } }", "ys"},
		{"func g(xs [][]int, ys []int) { r := ys; for _, r = range xs { swap(&r, &ys) }; clear(r) }", "xs ys"},
		{"func g(xs, ys []int) { a := out; swap(&a, &xs); ys[0] = a[0] }", "ys"},
	} {
		u, err := translated(t, head+c.source+"\nvar f = g\n")
		if err != nil {
			t.Errorf("%s: %v", c.source, err)
			continue
		}
		var written []string
		for _, p := range u.Func.Params {
			if p.Written {
				written = append(written, p.Name)
			}
		}
		if got := strings.Join(written, " "); got != c.written {
			t.Errorf("%s\nsays that it may change %q, not %q", c.source, got, c.written)
		}
	}
}
