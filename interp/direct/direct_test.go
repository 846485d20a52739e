package direct_test

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"math"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/adabc437/fanout/interp/cell"
	"github.com/adabc437/fanout/interp/check"
	"github.com/adabc437/fanout/interp/direct"
	"github.com/adabc437/fanout/interp/symbols"
)

// What a compiled cell would have declared, as source and as what runs.
const declared = `
type point struct { X, Y int; Tags []string }
func (p point) Sum() int { return p.X + p.Y }
func (p *point) Move(n int) *point { p.X += n; return p }
type octet byte
type celsius float64
func (c celsius) Warm() bool { return c > 20 }
type nested struct { *point; Left *nested; Grid [2][2]int }
func say(n int) int { said = append(said, n); return n }
func pair() (int, string) { return 3, "p" }
func fail() (*point, error) { return nil, nil }
func corner() *[3]int { return nil }
func swap() int { x, xs[0], m["a"] = 100, 50, 70; return 1 }
func count(pre string, list ...int) string { return "" }
func give(a any) any { return a }
var said []int
var x = 5
var xs = []int{1, 2, 3}
var m = map[string]int{"a": 1}
`

type point struct {
	X, Y int
	Tags []string
}

func (p point) Sum() int { return p.X + p.Y }

func (p *point) Move(n int) *point { p.X += n; return p }

type celsius float64

func (c celsius) Warm() bool { return c > 20 }

type octet byte

type nested struct {
	*point
	Left *nested
	Grid [2][2]int
}

// A desk is a session of cells that are evaluated: the Env of the tests.
type desk struct {
	checker *check.Checker
	scope   *check.Scope
	n       int
	vars    map[string]reflect.Value
	funcs   map[string]reflect.Value
	types   map[string]reflect.Type
}

func newDesk(t *testing.T) *desk {
	fset := token.NewFileSet()
	d := &desk{
		checker: &check.Checker{Fset: fset, Importer: symbols.Importer(fset), Packages: map[string]string{
			"fmt": "fmt", "strings": "strings", "math": "math", "errors": "errors", "time": "time",
		}},
		scope: check.NewScope(), vars: map[string]reflect.Value{}, funcs: map[string]reflect.Value{},
		types: map[string]reflect.Type{"point": reflect.TypeFor[point](), "celsius": reflect.TypeFor[celsius](), "nested": reflect.TypeFor[nested](), "octet": reflect.TypeFor[octet]()},
	}
	said, x, xs, m := new([]int), new(int), &[]int{1, 2, 3}, &map[string]int{"a": 1}
	*x = 5
	for name, v := range map[string]any{"said": said, "x": x, "xs": xs, "m": m} {
		d.vars[name] = reflect.ValueOf(v).Elem()
	}
	for name, f := range map[string]any{
		"say":    func(n int) int { *said = append(*said, n); return n },
		"pair":   func() (int, string) { return 3, "p" },
		"fail":   func() (*point, error) { return nil, nil },
		"corner": func() *[3]int { return nil },
		"swap":   func() int { *x, (*xs)[0], (*m)["a"] = 100, 50, 70; return 1 },
		"count":  func(pre string, list ...int) string { return fmt.Sprint(pre, len(list), list == nil) },
		"give":   func(a any) any { return a },
	} {
		d.funcs[name] = reflect.ValueOf(f)
	}
	unit, err := d.check(declared)
	if err != nil {
		t.Fatal(err)
	}
	for _, decl := range unit.Decls {
		for _, name := range decl.Names {
			o := unit.Pkg.Scope().Lookup(name)
			if o == nil { // a method
				o = types.NewLabel(0, nil, name)
			}
			d.scope.Declare(&check.Entity{Name: name, Obj: o, Cell: d.n, Chunk: &decl.Chunk, Refs: decl.Refs})
		}
	}
	return d
}

// values makes a, b as a cell have both values.
var values = check.Call{Name: check.ValuesCall, Type: func(args []types.TypeAndValue) (*types.Signature, error) {
	anys := types.NewVar(token.NoPos, nil, "", types.NewSlice(types.Universe.Lookup("any").Type()))
	return types.NewSignatureType(nil, nil, nil, types.NewTuple(anys), nil, true), nil
}}

// check checks a cell and declares its variables.
func (d *desk) check(code string) (*check.Unit, error) {
	d.n++
	if x, err := parser.ParseExpr("f(" + code + ")"); err == nil && len(x.(*ast.CallExpr).Args) > 1 {
		code = check.ValuesCall + "(" + code + ")"
	}
	chunks, errs := cell.Chunks(check.FileName(d.n), code)
	if len(errs) > 0 {
		return nil, errs[0]
	}
	unit, diags := d.checker.Check(check.Input{Number: d.n, File: "u", Chunks: chunks, Calls: []check.Call{values}}, d.scope)
	if unit == nil {
		return nil, fmt.Errorf("%s %s", diags[0].Pos, diags[0].Message)
	}
	for _, v := range unit.Locals {
		d.scope.Declare(&check.Entity{Name: v.Name(), Obj: types.NewVar(v.Pos(), unit.Pkg, v.Name(), v.Type()), Cell: d.n})
	}
	return unit, nil
}

// eval plans and runs a cell: its results as %v shows them, or its panic and the
// column where it was.
func (d *desk) eval(code string) (out string, err error) {
	unit, err := d.check(code)
	if err != nil {
		return "", err
	}
	prog, err := direct.Plan(unit, d, nil)
	if err != nil {
		return "", err
	}
	defer func() {
		if r := recover(); r != nil {
			out = fmt.Sprintf("panic: %v", r)
			if _, ok := r.(runtime.Error); !ok {
				out = fmt.Sprintf("panic with %#v", r)
			}
			if d.checker.Fset.Position(prog.At()).Line == 0 {
				out += " nowhere"
			}
		}
	}()
	prog.Run()
	values, _ := prog.Result()
	var texts []string
	for _, v := range values {
		texts = append(texts, fmt.Sprint(v))
	}
	return strings.Join(texts, " "), nil
}

func (d *desk) Var(name string) (reflect.Value, bool) { v, ok := d.vars[name]; return v, ok }

func (d *desk) Declare(name string, t reflect.Type) reflect.Value {
	if v, ok := d.vars[name]; !ok || v.Type() != t {
		d.vars[name] = reflect.New(t).Elem()
	}
	return d.vars[name]
}

func (d *desk) Func(name string) (reflect.Value, bool) { f, ok := d.funcs[name]; return f, ok }

func (d *desk) Type(o *types.TypeName) (reflect.Type, bool) {
	if o.Pkg().Path() == "main" {
		t, ok := d.types[o.Name()]
		return t, ok
	}
	v, ok := d.Symbol(o.Pkg().Path(), o.Name())
	if !ok || v.Kind() != reflect.Pointer || !v.IsNil() {
		return nil, false
	}
	return v.Type().Elem(), true
}

func (d *desk) Symbol(path, name string) (reflect.Value, bool) {
	syms, _ := symbols.Load(path)
	v, ok := syms[name]
	return v, ok
}

func (d *desk) Member(o types.Object) string { return o.Name() }

func (d *desk) Call(string, []any) any { return nil }

// Each test is a session; the last cell's outcome counts.
func TestEvaluation(t *testing.T) {
	for _, test := range []struct {
		name  string
		cells []string
		want  string
	}{
		// Numbers.
		{"integers wrap around", []string{"a, b := int8(-128), uint8(200)", "a - 1, -a, a / -1, a * 3, b + 100, b << 1, ^b, -b, b &^ 8, a >> 9, b >> 9"}, "127 -128 -128 -128 44 144 55 56 192 -1 0"},
		{"shifts beyond the width", []string{"x << 63 << 1, x >> 64, -x >> 70, uint32(x) << 32, 1 << x, x << 2.0"}, "0 0 -1 0 32 20"},
		{"a negative shift", []string{"x << (x - 6)"}, "panic: runtime error: negative shift amount"},
		{"a division by zero", []string{"x / (x - 5)"}, "panic: runtime error: integer divide by zero"},
		{"floats divide by zero", []string{"f := 0.0", "1 / f, -1 / f, f / f, 1 / -f"}, "+Inf -Inf NaN -Inf"},
		{"float32 rounds each step", []string{"var f float32 = 16777216", "f + 1 == f, f * 0.1, float64(f*0.1) == 1677721.6"}, "true 1.6777216e+06 false"},
		{"float32 of an integer rounds once", []string{"n := int64(1<<60) + 1<<36 + 1", "float32(n) == float32(float64(n)), float32(n) == 1<<60+1<<37, float32(uint64(n)) == 1<<60+1<<37"}, "false true true"},
		{"NaN", []string{"nan := math.NaN()", "nan == nan, nan != nan, nan < 1, nan <= 1, nan > 1, nan >= 1"}, "false true false false false false"},
		{"NaN as a key", []string{"k := map[float64]int{math.NaN(): 1}; k[math.NaN()]++", "len(k), k[math.NaN()]"}, "2 0"},
		{"untyped constants", []string{"give('a'), give(1 << 3), give(2.0), give(1 < 2), 7 / 2, 7 / 2.0, 'a' + 1"}, "97 8 2 true 3 3.5 98"},
		{"constants take the type of the place", []string{"var d time.Duration = 2 * time.Second; var c celsius = 30", "d, c.Warm(), c / 4, d / 3"}, "2s true 7.5 666.666666ms"},
		{"update", []string{"x <<= 3; x |= 3; x &^= 1; x ^= 5; x %= 40; x--", "x"}, "6"},

		// Strings.
		{"strings", []string{`s := "né"`, `s[1], len(s), s[1:], s + "!", s > "n", []byte(s), []rune(s), string([]rune(s)[1]), string(rune(-x))`}, "195 3 é né! true [110 195 169] [110 233] é \uFFFD"},
		{"a string index", []string{`"abc"[x]`}, "panic: runtime error: index out of range [5] with length 3"},
		{"a string slice", []string{`"abc"[x-3:1]`}, "panic: runtime error: slice bounds out of range [2:1]"},

		// Slices and arrays.
		{"a slice shares its array", []string{"a := [3]int{1, 2, 3}; s := a[:2]; b := a", "s[0] = 9; s = append(s, 8)", "a, s, b, cap(s)"}, "[9 2 8] [9 2 8] [1 2 3] 3"},
		{"arrays are compared and copied", []string{"a := [2][2]int{{1, 2}, {3}}; row := a[1]; row[0] = 5", "a, row, a == [2][2]int{{1, 2}, {3, 0}}"}, "[[1 2] [3 0]] [5 0] true"},
		{"an index that is too great for an int", []string{"u := uint64(1) << 63", "xs[u]"}, "panic: runtime error: index out of range [9223372036854775808] with length 3"},
		{"a bound that is too great for an int", []string{"u := uint64(1) << 63", "xs[u:]"}, "panic: runtime error: slice bounds out of range [9223372036854775808:3]"},
		{"a negative capacity", []string{"xs[0:1:4-x]"}, "panic: runtime error: slice bounds out of range [::-1]"},
		{"three bounds", []string{"xs[2:x-4:3]"}, "panic: runtime error: slice bounds out of range [2:1:]"},
		{"append of nothing", []string{"append([]int(nil)) == nil, append([]int(nil), xs[3:]...) == nil, append(xs[:0:0], 4), xs"}, "true true [4] [1 2 3]"},
		{"make of too much", []string{"make([]int, x<<57)"}, "panic: runtime error: makeslice: len out of range"},
		{"a short slice as an array", []string{"(*[4]int)(xs)"}, "panic: runtime error: cannot convert slice with length 3 to array or pointer to array with length 4"},
		{"the length of an array behind nil", []string{"len(corner()), cap(corner())"}, "3 3"},
		{"an array behind nil", []string{"corner()[say(1)]"}, "panic: runtime error: invalid memory address or nil pointer dereference"},

		// Assignments come in two phases.
		{"a swap", []string{"xs[0], xs[1] = xs[1], xs[0]", "xs"}, "[2 1 3]"},
		{"operands are evaluated first", []string{"i := 0", "i, xs[i] = 2, 7", "i, xs"}, "2 [7 2 3]"},
		{"assigned from left to right", []string{"xs[1], xs[x] = 4, 5", "xs"}, "[1 4 3]"},
		{"the right side runs before an index fails", []string{"xs[x] = say(1)", "said"}, "[1]"},
		{"and before a nil pointer does", []string{"var p *point", "p.X = say(2)", "*p = point{X: say(3)}", "xs[x] += say(4)", "said"}, "[2 3 4]"},
		{"an index of an array in a struct", []string{"n := nested{}", "n.Grid[0], n.Grid[1][x-4] = [2]int{1, 2}, 8", "n.Grid"}, "[[1 2] [0 8]]"},
		{"an entry is read after its right side", []string{`m["a"] += swap(); xs[0] += swap(); x += swap()`, `m["a"], xs[0], x`}, "70 50 101"},
		{"operands without calls are evaluated last", []string{"a := x + swap(); b := xs[0] * 2 - swap(); c := m[\"a\"] == swap() + 69; xs[1] = swap()", "a, b, c, xs"}, "101 99 true [50 1 3]"},
		{"a pointer on the left too", []string{"p := &point{X: 1}; q := p; p.X, p = say(5), &point{X: 3}", "p.X, q.X"}, "3 5"},
		{"of calls", []string{"a, b := pair(); p, err := fail()", "a, b, p == nil, err == nil"}, "3 p true true"},
		{"declarations in the order of their dependencies", []string{"var a = b + 1\nvar b = say(4)\nvar c, _ = pair()\nvar s string", "a, b, c, s == \"\", said"}, "5 4 3 true [4]"},
		{"a variable by its earlier one", []string{"x := fmt.Sprint(x, say(1)); y := x + x", "x, y"}, "5 1 5 15 1"},

		// Maps.
		{"maps", []string{`v, ok := m["z"]; m["b"]++; delete(m, "a")`, `v, ok, m, m["z"], len(m)`}, "0 false map[b:1] 0 1"},
		{"a nil map", []string{"var n map[string]int", "n[\"a\"] = say(1)"}, "panic: assignment to entry in nil map"},
		{"a key without a hash", []string{"map[any]int{give(xs): 1}"}, "panic: runtime error: hash of unhashable type []int"},
		{"also in a nil map", []string{"delete(map[any]int(nil), give(xs))"}, "panic: hash of unhashable type: []int"},
		{"an entry is a copy", []string{`ps := map[string]point{"a": {1, 2, nil}}; p := ps["a"]; p.X = 9`, `ps["a"].X, p.X, ps["z"].Sum()`}, "1 9 0"},

		// Structs, pointers and methods.
		{"structs are copied, what they point to is not", []string{`p := point{1, 2, []string{"a"}}; q := p; q.X = 5; q.Tags[0] = "b"`, "p, q, p.Sum()"}, "{1 2 [b]} {5 2 [b]} 3"},
		{"an element is no copy", []string{"ps := []point{{X: 1}, {X: 2}}; ps[1].Move(5); p := &ps[0]; p.Y = 4", "ps, (&ps[1]).Sum()"}, "[{1 4 []} {7 0 []}] 7"},
		{"through an embedded pointer", []string{"n := nested{point: &point{}}; n.Left = &n", "n.Left.Left.Move(3); n.Left.Y++", "n.X, n.Sum()"}, "3 4"},
		{"an embedded nil", []string{"n := nested{}", "n.X"}, "panic: runtime error: invalid memory address or nil pointer dereference"},
		{"a value method of nil", []string{"var p *point", "p.Sum()"}, "panic: runtime error: invalid memory address or nil pointer dereference"},
		{"literals", []string{"[]*point{{X: 1}}[0].X, map[[2]int]string{{1, 2}: \"k\"}[[2]int{1, 2}], (&point{Y: 2}).Move(1).Sum()"}, "1 k 3"},

		// Interfaces.
		{"a nil pointer in an interface is not nil", []string{"p, _ := fail(); a := give(p)", "a == nil, p == nil, give(nil) == nil"}, "false true true"},
		{"interfaces are compared with types", []string{"give(1) == give(1), give(1) == give(1.0), give(point{}) != nil, give(2) == 2"}, "true false true true"},
		{"what cannot be compared", []string{"give(xs) == give(xs)"}, "panic: runtime error: comparing uncomparable type []int"},
		{"assertions", []string{`s, ok := give("s").(string); n, no := give("s").(int); st, is := give(time.Second).(fmt.Stringer)`, "s, ok, n, no, st, is"}, "s true 0 false 1s true"},
		{"a wrong assertion", []string{`give("s").(int)`}, "panic: interface conversion: interface {} is string, not int"},
		{"nil is no int", []string{"give(nil).(int)"}, "panic: interface conversion: interface {} is nil, not int"},
		{"nil is no Stringer", []string{"give(nil).(fmt.Stringer)"}, "panic: interface conversion: interface is nil, not fmt.Stringer"},
		{"a missing method", []string{"give(1).(fmt.Stringer)"}, "panic: interface conversion: int is not fmt.Stringer: missing method String"},
		{"a method of a nil error", []string{"var e error", "e.Error()"}, "panic: runtime error: invalid memory address or nil pointer dereference"},

		// Calls.
		{"variadic calls", []string{`count("a"), count("b", 1, 2), count("c", xs...), count("d", nil...), count("e", []int{}...)`}, "a0 true b2 false c3 false d0 true e0 false"},
		{"results as arguments", []string{"fmt.Sprint(pair())"}, "3p"},
		{"a nil function", []string{"var f func(int) int", "f(say(8))"}, "panic: runtime error: invalid memory address or nil pointer dereference"},
		{"conditions stop early", []string{"x > 9 && say(1) > 0 || x < 9 || say(2) > 0", "said"}, "[]"},
		{"a panic", []string{"panic(errors.New(\"e\"))"}, `panic with &errors.errorString{s:"e"}`},
		{"a panic with nil", []string{"panic(nil)"}, "panic: panic called with nil argument"},
	} {
		t.Run(test.name, func(t *testing.T) {
			d := newDesk(t)
			var got string
			for _, code := range test.cells {
				var err error
				if got, err = d.eval(code); err != nil {
					t.Fatalf("%s: %v", code, err)
				}
			}
			if got != test.want {
				t.Errorf("%s\ngives %s\nwant  %s", strings.Join(test.cells, "\n"), got, test.want)
			}
		})
	}
}

// Of numbers that do not fit, the language leaves open what they become: here what
// compiled code makes of them.
func TestConversionsOfNumbersThatDoNotFit(t *testing.T) {
	for _, f := range []float64{1e10, 1e10 + 1, -1e10, 300.7, -300.7, -1, 1e19, 1e30, math.NaN(), math.Inf(1), math.Inf(-1)} {
		d := newDesk(t)
		d.Declare("f", reflect.TypeFor[float64]()).SetFloat(f)
		d.scope.Declare(&check.Entity{Name: "f", Obj: types.NewVar(0, types.NewPackage("main", "main"), "f", types.Typ[types.Float64])})
		got, err := d.eval("int8(f), int16(f), int32(f), int64(f), uint8(f), uint16(f), uint32(f), uint64(f), float32(f)")
		if err != nil {
			t.Fatal(err)
		}
		want := fmt.Sprint(int8(f), int16(f), int32(f), int64(f), uint8(f), uint16(f), uint32(f), uint64(f), float32(f))
		if got != want {
			t.Errorf("conversions of %v give\n%s, want\n%s", f, got, want)
		}
	}
}

// A cell of another kind is left to the compiler as a whole: nothing of it has run.
func TestNotSimple(t *testing.T) {
	for _, code := range []string{
		"func f() {}", "type T int", "for range 3 { say(1) }", "if x > 1 { say(1) }", "say(1); go say(2)", "say(1); defer say(2)", "f := func() int { return say(1) }; f()",
		"p := point{}; f := p.Sum; f()", "point.Sum(point{})", "c := make(chan int, 1); c <- say(1)", "switch { }", "for {}", "complex(1, 2)", "struct{ A int }{1}",
		"var i interface{ M() }; i == nil", "[...]int{2: 1}", "x, ok := <-make(chan int)", "{ say(1) }", "min(x, say(1))", "[3]int(xs)",
		"[]octet(\"s\")", "string([]octet{65})",
		"append([]byte{}, \"s\"...)", "new(say(1))",
	} {
		d := newDesk(t)
		_, err := d.eval(code)
		if !errors.Is(err, direct.ErrNotSimple) {
			t.Errorf("%s: %v, want that it is not simple", code, err)
		}
		if said := d.vars["said"]; said.Len() > 0 {
			t.Errorf("%s has run in part: %v", code, said)
		}
	}
}

// The place of a panic is that of the operation.
func TestPlaces(t *testing.T) {
	for code, column := range map[string]int{
		"x = 1; xs[0] = xs[x+7]": 16, "_ = x + 1 / (x - x)": 11, "say(1); corner()[0]++": 9, "y := say(2) + give(1).(int) + give(nil).(int)": 31, "m[\"a\"] = 1 / (x - 5)": 12,
	} {
		d := newDesk(t)
		unit, err := d.check(code)
		if err != nil {
			t.Fatal(err)
		}
		prog, err := direct.Plan(unit, d, nil)
		if err != nil {
			t.Fatal(err)
		}
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s does not panic", code)
				}
			}()
			prog.Run()
		}()
		if p := d.checker.Fset.Position(prog.At()); p.Column != column {
			t.Errorf("%s: panic at column %d, want %d", code, p.Column, column)
		}
	}
}
