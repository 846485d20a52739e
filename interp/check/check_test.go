package check_test

import (
	"errors"
	"fmt"
	"go/token"
	"go/types"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/adabc437/fanout/interp/cell"
	"github.com/adabc437/fanout/interp/check"
	"github.com/adabc437/fanout/interp/session"
	"github.com/adabc437/fanout/interp/symbols"
)

// desk checks cells one after another.
type desk struct {
	checker *check.Checker
	scope   *check.Scope
	calls   []check.Call
	n       int
}

func newDesk() *desk {
	fset := token.NewFileSet()
	known := map[string]types.Object{}
	for _, name := range []string{"PNG", "HTML"} {
		known[name] = types.NewTypeName(token.NoPos, nil, name, types.Typ[types.String])
	}
	return &desk{
		checker: &check.Checker{Fset: fset, Importer: symbols.Importer(fset), Predeclared: known, Packages: map[string]string{"fmt": "fmt", "strings": "strings", "rand": "math/rand", "token": "go/token"}},
		scope:   check.NewScope(),
	}
}

// check checks the next cell and, if it is right, declares what it declares.
func (d *desk) check(code string) (*check.Unit, []*session.Diagnostic) {
	d.n++
	chunks, errs := cell.Chunks(check.FileName(d.n), code)
	if len(errs) > 0 {
		panic(errs[0])
	}
	lines := strings.Split(code, "\n")
	unit, diags := d.checker.Check(check.Input{
		Number: d.n, File: "u", Chunks: chunks, Calls: d.calls,
		Lines: func(_ string, n int) string {
			if n < 1 || n > len(lines) {
				return ""
			}
			return lines[n-1]
		},
	}, d.scope)
	if unit == nil {
		return nil, diags
	}
	for _, decl := range unit.Decls {
		for _, name := range decl.Names {
			o := unit.Pkg.Scope().Lookup(name)
			if o == nil {
				o = types.NewLabel(0, nil, name)
			}
			c := decl.Chunk
			d.scope.Declare(&check.Entity{Name: name, Obj: o, Cell: d.n, Chunk: &c, Refs: decl.Refs})
		}
	}
	for _, v := range unit.Locals {
		d.scope.Declare(&check.Entity{Name: v.Name(), Obj: types.NewVar(v.Pos(), unit.Pkg, v.Name(), v.Type()), Cell: d.n})
	}
	for name, path := range unit.Imports {
		d.scope.Import(name, path)
	}
	for _, p := range unit.Dots {
		d.scope.Dot(p)
	}
	return unit, nil
}

// text is diagnostics in lines: place, message, hint.
func text(list []*session.Diagnostic) []string {
	var out []string
	for _, e := range list {
		s := fmt.Sprintf("%s %s: %s", e.Pos, e.Name, e.Message)
		if e.Hint != "" {
			s += " | " + e.Hint
		}
		out = append(out, s)
	}
	return out
}

func TestErrors(t *testing.T) {
	for _, test := range []struct {
		cells []string
		want  []string
	}{
		{[]string{"x := 1\ny := nope + é\n"}, []string{"In[1]:2:6 TypeError: undefined: nope", "In[1]:2:13 TypeError: undefined: é"}},
		{[]string{"fmt.Prinln(1)"}, []string{"In[1]:1:5 TypeError: undefined: fmt.Prinln | did you mean fmt.Println?"}},
		{[]string{"counter := 1", "é := 1; é + conter"}, []string{"In[2]:1:13 TypeError: undefined: conter | did you mean counter?"}},
		{[]string{"broken + pong + html + strng(1)"}, []string{"In[1]:1:1 TypeError: undefined: broken", "In[1]:1:10 TypeError: undefined: pong", "In[1]:1:17 TypeError: undefined: html | did you mean HTML?", "In[1]:1:24 TypeError: undefined: strng | did you mean string?"}},
		{[]string{"counter := 1", "func f(total int) int { height := 2; _ = height; return heigth + totl + cuonter + later; later := 1; _ = later; return 0 }\nval := 1\nvall + ff()\nfunc fff() int { return 0 }"}, []string{
			"In[2]:1:57 TypeError: undefined: heigth | did you mean height?", "In[2]:1:66 TypeError: undefined: totl | did you mean total?", "In[2]:1:73 TypeError: undefined: cuonter | did you mean counter?",
			"In[2]:1:83 TypeError: undefined: later", "In[2]:3:1 TypeError: undefined: vall | did you mean val?", "In[2]:3:8 TypeError: undefined: ff",
		}},
		{[]string{"x := \"s\"", "x = 1"}, []string{"In[2]:1:5 TypeError: cannot use 1 (untyped int constant) as string value in assignment"}},
		{[]string{"f(1"[:0] + "x := 1 2"}, []string{"In[1]:1:8 SyntaxError: expected ';', found 2"}},
		{[]string{"x +"}, []string{"In[1]:1:4 SyntaxError: expected operand, found the end of the cell"}},
		{[]string{"fmt"}, []string{"In[1]:1:1 TypeError: undefined: fmt | fmt is a package; name what you want of it, as in fmt.Name"}},
		{[]string{"import \"string\""}, []string{"In[1]:1:8 TypeError: no package \"string\" here: cells can import the standard library, gonum, and Fanout's parallel and plots | did you mean \"strings\"?"}},
		{[]string{"func f() int { v := 1\n}\nv := 2"}, []string{"In[1]:1:16 TypeError: declared and not used: v", "In[1]:2:1 TypeError: missing return"}},
		{[]string{"type T struct{ a int }", "func (t T) M() int { return t.b }"}, []string{"In[2]:1:31 TypeError: t.b undefined (type T has no field or method b)"}},
		{[]string{"type T int\nfunc (t T) M() int { return 1 }", "func (t T) M() string { return \"\" }"}, []string{"In[2]:1:12 TypeError: method T.M is already declared with another signature: func() int; to change it, declare T and its methods again in one cell"}},
		{[]string{"func (t No) M() {}"}, []string{"In[1]:1:9 TypeError: undefined: No"}},
		{[]string{"1 << 80"}, []string{"In[1]:1:1 TypeError: the constant 1208925819614629174706176 does not fit into a value of type int | make it a float64, or use package math/big"}},
		{[]string{"type T int\nfunc f(t T) {}", "type T string", "f(T(\"\"))"}, []string{"In[3]:1:3 TypeError: cannot use T(\"\") (constant \"\" of string type T) as T value in argument to f | there are two versions of T: run the cells again that declare what still uses the earlier one"}},
	} {
		d := newDesk()
		var got []*session.Diagnostic
		for _, c := range test.cells {
			_, got = d.check(c)
		}
		if !reflect.DeepEqual(text(got), test.want) {
			t.Errorf("%q\n got %q\nwant %q", test.cells, text(got), test.want)
		}
	}
}

// What a unit holds: variables with their types, the result, packages.
func TestUnits(t *testing.T) {
	d := newDesk()
	for _, test := range []struct{ code, want string }{
		{"a, b := 1, \"x\"\nvar c []float64", "a int, b string, c []float64; result none"},
		{"a := float64(a) / 2\na", "a float64; result float64"},
		{"strings.ToUpper(b);", "; result string hidden; strings"},
		{"func f(n int) int { return n + later }\nlater := 3\nf(later)", "later int; result int"},
		{"type T struct{ n int }\nfunc (t *T) Set(n int) { t.n = n }", "; result none"},
		{"func (t T) Get() int { return t.n }\nT{4}.Get()", "; result int"},
		{"t := T{5}\nt.Set(f(1))\nt.n", "t T; result int"},
		{"import . \"strings\"\nTitle(\"x\")", "; result string"},
		{"Fields(\"a b\")", "; result []string"},
		{"import s \"strings\"\ns.Repeat(b, 2)", "; result string; s"},
		{"fmt := 3\nfmt", "fmt int; result int"},
		{"fmt + 1", "; result int"},
		{"import \"fmt\"\nfmt.Sprint(1)", "; result string; fmt"},
		{"for i := range 3 { _ = i }", "; result none"},
	} {
		u, errs := d.check(test.code)
		if u == nil {
			t.Errorf("%q: %q", test.code, text(errs))
			continue
		}
		var vars []string
		for _, v := range u.Locals {
			vars = append(vars, v.Name()+" "+types.TypeString(v.Type(), func(*types.Package) string { return "" }))
		}
		got := strings.Join(vars, ", ") + "; result none"
		if u.Result != nil {
			got = strings.TrimSuffix(got, "none") + types.TypeString(u.Info.TypeOf(u.Result), func(*types.Package) string { return "" })
			if u.Hidden {
				got += " hidden"
			}
		}
		var imports []string
		for name := range u.Imports {
			imports = append(imports, name)
		}
		if slices.Sort(imports); len(imports) > 0 {
			got += "; " + strings.Join(imports, " ")
		}
		if got != test.want {
			t.Errorf("%q\n got %s\nwant %s", test.code, got, test.want)
		}
	}
}

// A magic's type follows from its arguments, also from those of other magics.
func TestCallsHaveTypes(t *testing.T) {
	d := newDesk()
	double := func(args []types.TypeAndValue) (*types.Signature, error) {
		if b, ok := types.Default(args[0].Type).Underlying().(*types.Basic); !ok || b.Info()&types.IsNumeric == 0 {
			return nil, &check.ArgError{Err: errors.New("that is no number")}
		}
		t := types.Default(args[0].Type)
		v := func(t types.Type) *types.Tuple { return types.NewTuple(types.NewVar(0, nil, "", t)) }
		return types.NewSignatureType(nil, nil, nil, v(t), v(types.NewSlice(t)), false), nil
	}
	for n := range 2 {
		d.calls = append(d.calls, check.Call{Name: fmt.Sprint("__magic_", n), Label: "%double", Type: double})
	}
	u, errs := d.check("a := __magic_0(2.5)\nb := __magic_1(a[0])")
	if u == nil {
		t.Fatal(text(errs))
	}
	for n, want := range []string{"[]float64", "[]float64"} {
		if got := u.Locals[n].Type().String(); got != want {
			t.Errorf("%s is %s, want %s", u.Locals[n].Name(), got, want)
		}
	}
	_, errs = d.check("x := 1\ny := __magic_0(\"s\")")
	if want := []string{"In[2]:2:16 MagicError: that is no number"}; !reflect.DeepEqual(text(errs), want) {
		t.Errorf("got %q, want %q", text(errs), want)
	}
}

func TestDependents(t *testing.T) {
	d := newDesk()
	for _, c := range []string{"type P struct{}", "func a(P) {}", "func b() { a(P{}) }", "func (P) M() {}", "func c() {}", "n := 1", "func e() int { return n }"} {
		if u, errs := d.check(c); u == nil {
			t.Fatal(text(errs))
		}
	}
	for _, test := range []struct {
		names []string
		skip  map[string]bool
		want  []string
	}{
		{[]string{"P"}, nil, []string{"a", "b", "P.M"}},
		{[]string{"P"}, map[string]bool{"a": true}, []string{"b", "P.M"}},
		{[]string{"n"}, nil, []string{"e"}},
		{[]string{"c"}, nil, nil},
	} {
		var got []string
		for _, e := range d.scope.Dependents(test.names, test.skip) {
			got = append(got, e.Name)
		}
		if !reflect.DeepEqual(got, test.want) {
			t.Errorf("%v without %v: %v, want %v", test.names, test.skip, got, test.want)
		}
	}
}
