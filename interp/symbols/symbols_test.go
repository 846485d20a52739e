package symbols

import (
	"bytes"
	"fmt"
	"go/constant"
	"go/token"
	"go/types"
	"math"
	"math/big"
	"os"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	yaegi "github.com/traefik/yaegi/interp"
)

func TestPaths(t *testing.T) {
	paths := Paths()
	if !slices.IsSorted(paths) {
		t.Error("paths are not sorted")
	}
	for _, want := range []string{
		"fmt", "net/http", "testing", "embed", "go/types", "gonum.org/v1/gonum/mat", "gonum.org/v1/plot",
		"github.com/adabc437/fanout/parallel", "github.com/adabc437/fanout/interp/rich",
	} {
		if !slices.Contains(paths, want) {
			t.Errorf("%s is not bound", want)
		}
	}
	for _, no := range []string{"unsafe", "syscall", "net/http/pprof", "internal/abi", "expvar"} {
		if _, ok := Load(no); ok || slices.Contains(paths, no) {
			t.Errorf("%s is bound", no)
		}
	}
	if got := Name("math/rand/v2"); got != "rand" {
		t.Errorf("name of math/rand/v2: %q", got)
	}
}

// Symbols and types must tell the same story.
func TestSymbolsMatchTypes(t *testing.T) {
	im := Importer(token.NewFileSet())
	for _, path := range Paths() {
		syms, ok := Load(path)
		if !ok || len(syms) == 0 && !slices.Contains([]string{"cmp", "crypto/hkdf", "crypto/pbkdf2", "iter", "maps", "slices", "unique", "weak"}, path) {
			t.Errorf("%s: no symbols", path)
		}
		p, err := im.Import(path)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		if p.Name() != Name(path) || p.Path() != path {
			t.Errorf("%s: package %s %q", path, p.Name(), p.Path())
		}
		for _, name := range p.Scope().Names() {
			obj := p.Scope().Lookup(name)
			v, bound := syms[name]
			if want := obj.Exported() && !skipped(obj); want != bound {
				t.Errorf("%s.%s: bound %v, want %v", path, name, bound, want)
				continue
			}
			if !bound {
				continue
			}
			switch obj := obj.(type) {
			case *types.Const:
				if c, ok := v.Interface().(constant.Value); ok {
					if !equal(c, obj.Val()) {
						t.Errorf("%s.%s is %s, want %s", path, name, c.ExactString(), obj.Val().ExactString())
					}
				} else if got := value(v.Interface()); !equal(got, obj.Val()) {
					t.Errorf("%s.%s is %s, want %s", path, name, got, obj.Val())
				}
			case *types.Func:
				if v.Kind() != reflect.Func || v.Type().NumIn() != obj.Signature().Params().Len() {
					t.Errorf("%s.%s is a %s", path, name, v.Type())
				}
			case *types.Var:
				if !v.CanSet() {
					t.Errorf("%s.%s cannot be set", path, name)
				}
			case *types.TypeName:
				if v.Kind() != reflect.Pointer || !v.IsNil() {
					t.Errorf("%s.%s is %s", path, name, v.Type())
				}
			}
		}
		for name, v := range syms {
			if of, ok := strings.CutPrefix(name, "_"); ok {
				iface := syms[of]
				if !iface.IsValid() || !v.Type().Elem().Implements(iface.Type().Elem()) {
					t.Errorf("%s.%s implements nothing", path, name)
				}
				if v.Type().Elem().Field(0).Name != "IValue" {
					t.Errorf("%s.%s has no IValue", path, name)
				}
			} else if p.Scope().Lookup(name) == nil {
				t.Errorf("%s.%s has no type", path, name)
			}
		}
		for _, n := range Needs(path) {
			if _, ok := index()[n]; !ok {
				t.Errorf("%s needs %s, which is not bound", path, n)
			}
		}
	}
}

func skipped(obj types.Object) bool {
	switch obj := obj.(type) {
	case *types.Func:
		return obj.Signature().TypeParams().Len() > 0
	case *types.TypeName:
		switch t := obj.Type().(type) {
		case *types.Named:
			if t.TypeParams().Len() > 0 {
				return true
			}
		case *types.Alias:
			if t.TypeParams().Len() > 0 {
				return true
			}
		}
		iface, ok := obj.Type().Underlying().(*types.Interface)
		return ok && !iface.IsMethodSet()
	}
	return false
}

func equal(a, b constant.Value) bool {
	if a.Kind() == b.Kind() && constant.Compare(a, token.EQL, b) {
		return true
	}
	x, _ := constant.Float64Val(constant.ToFloat(a))
	y, _ := constant.Float64Val(constant.ToFloat(b))
	return (a.Kind() == constant.Float || b.Kind() == constant.Float) && x == y
}

func TestConstants(t *testing.T) {
	syms, _ := Load("math")
	c := func(name string) constant.Value { return syms[name].Interface().(constant.Value) }
	if v, exact := constant.Uint64Val(c("MaxUint64")); v != math.MaxUint64 || !exact {
		t.Errorf("MaxUint64 is %d", v)
	}
	if v, exact := constant.Int64Val(c("MinInt64")); v != math.MinInt64 || !exact {
		t.Errorf("MinInt64 is %d", v)
	}
	if v, _ := constant.Float64Val(c("SmallestNonzeroFloat64")); v != math.SmallestNonzeroFloat64 {
		t.Errorf("SmallestNonzeroFloat64 is %g", v)
	}
	// More digits than any float has.
	digits := constant.BinaryOp(c("Pi"), token.MUL, constant.MakeFromLiteral("1e40", token.FLOAT, 0))
	num, _ := new(big.Rat).SetString(digits.ExactString())
	if got, want := num.FloatString(0), "31415926535897932384626433832795028841972"; got != want {
		t.Errorf("π·10⁴⁰ is %s", got)
	}
	syms, _ = Load("path/filepath")
	if v, _ := constant.Int64Val(syms["Separator"].Interface().(constant.Value)); v != os.PathSeparator {
		t.Errorf("Separator is %d", v)
	}
	p, err := Importer(token.NewFileSet()).Import("runtime")
	if err != nil {
		t.Fatal(err)
	}
	if got := constant.StringVal(p.Scope().Lookup("GOOS").(*types.Const).Val()); got != runtime.GOOS {
		t.Errorf("GOOS is %s", got)
	}
}

func TestImporterIdentity(t *testing.T) {
	im := Importer(token.NewFileSet())
	// Reach the types of package time and context through others first.
	h, err := im.Import("net/http")
	if err != nil {
		t.Fatal(err)
	}
	field, _, _ := types.LookupFieldOrMethod(h.Scope().Lookup("Client").Type(), true, h, "Timeout")
	tm, err := im.Import("time")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := field.Type(), tm.Scope().Lookup("Duration").Type(); !types.Identical(got, want) {
		t.Errorf("%s is not %s", got, want)
	}
	again, err := im.Import("net/http")
	if err != nil || again != h {
		t.Errorf("another net/http: %v", err)
	}
	if u, err := im.Import("unsafe"); err != nil || u != types.Unsafe {
		t.Errorf("unsafe: %v %v", u, err)
	}
	if _, err := im.Import("example.org/none"); err == nil {
		t.Error("a package that is not bound")
	}
}

// The types must do to check programs with, in whatever order they come.
func TestCheckAll(t *testing.T) {
	paths := Paths()
	for _, order := range []func([]string){func([]string) {}, slices.Reverse[[]string]} {
		order(paths)
		im := Importer(token.NewFileSet())
		for _, path := range paths {
			p, err := im.Import(path)
			if err != nil {
				t.Fatalf("%s: %v", path, err)
			}
			if !p.Complete() {
				t.Errorf("%s is not complete", path)
			}
		}
		p, _ := im.Import("io")
		b, _ := im.Import("bytes")
		reader := p.Scope().Lookup("Reader").Type().Underlying().(*types.Interface)
		if buf := types.NewPointer(b.Scope().Lookup("Buffer").Type()); !types.Implements(buf, reader) {
			t.Error("*bytes.Buffer is no io.Reader")
		}
		par, _ := im.Import("github.com/adabc437/fanout/parallel")
		if f := par.Scope().Lookup("Map"); f == nil || f.(*types.Func).Signature().TypeParams().Len() != 2 {
			t.Errorf("parallel.Map is %v", f)
		}
	}
}

func TestDoc(t *testing.T) {
	for _, c := range []struct{ path, name, signature, doc string }{
		{"fmt", "", "package fmt // import \"fmt\"", "Package fmt implements formatted I/O"},
		{"fmt", "Println", "func Println(a ...any) (n int, err error)", "Println formats using the default formats"},
		{"fmt", "Stringer.String", "func (Stringer) String() string", ""},
		{"strings", "Builder.WriteString", "func (b *Builder) WriteString(s string) (int, error)", "WriteString appends the contents of s"},
		{"strings", "NewReader", "func NewReader(s string) *Reader", "NewReader returns"},
		{"net/http", "Server.Addr", "field Addr string", "Addr optionally specifies"},
		{"math", "Pi", "const Pi untyped float", "https://oeis.org/A000796"},
		{"os", "Stdout", "var Stdout *File", "Stdin, Stdout, and Stderr"},
		{"gonum.org/v1/gonum/mat", "NewDense", "func NewDense(r, c int, data []float64) *Dense", "NewDense creates"},
		{"github.com/adabc437/fanout/parallel", "", "package parallel", "Package parallel"},
	} {
		signature, doc, ok := Doc(c.path, c.name)
		if !ok || !strings.HasPrefix(signature, c.signature) || !strings.HasPrefix(doc, c.doc) {
			t.Errorf("%s.%s: %v %q %.80q", c.path, c.name, ok, signature, doc)
		}
	}
	for _, c := range [][2]string{{"fmt", "None"}, {"none", ""}, {"fmt", "pp"}} {
		if _, _, ok := Doc(c[0], c[1]); ok {
			t.Errorf("%s.%s has documentation", c[0], c[1])
		}
	}
	// Everything exported is documented, generic or not.
	im := Importer(token.NewFileSet())
	for _, path := range Paths() {
		if _, _, ok := Doc(path, ""); !ok {
			t.Errorf("%s has no documentation", path)
		}
		p, err := im.Import(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range p.Scope().Names() {
			if _, _, ok := Doc(path, name); !ok && p.Scope().Lookup(name).Exported() {
				t.Errorf("%s.%s has no signature", path, name)
			}
		}
	}
}

// Nothing in the archives may tell of the machine that made them.
func TestNoMachinePaths(t *testing.T) {
	var here []string // folders of this machine that must not be in the tables
	for _, f := range []func() (string, error){os.Getwd, os.UserHomeDir} {
		if dir, err := f(); err == nil && len(dir) > 2 {
			here = append(here, dir+"/")
		}
	}
	for path, b := range index() {
		types, err := b.group.types()
		if err != nil {
			t.Fatal(err)
		}
		data, err := types.Text(path)
		if err != nil {
			t.Fatal(err)
		}
		docs, err := b.group.docs()
		if err != nil {
			t.Fatal(err)
		}
		text, err := docs.Text(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, bad := range append([]string{"/pkg/mod/", ".go\x00", "/src/fmt/"}, here...) {
			if strings.Contains(data, bad) || strings.Contains(text, bad) {
				t.Errorf("%s: %q", path, bad)
			}
		}
	}
}

// interpreter is a yaegi with some packages and those they need.
func interpreter(t testing.TB, paths ...string) (*yaegi.Interpreter, *bytes.Buffer) {
	t.Helper()
	var out bytes.Buffer
	vm := yaegi.New(yaegi.Options{Stdout: &out, Stderr: &out})
	exports := yaegi.Exports{".": {"MapTypes": reflect.ValueOf(MapTypes())}}
	for _, path := range paths {
		for _, p := range append(Needs(path), path) {
			syms, ok := Load(p)
			if !ok {
				t.Fatalf("%s is not bound", p)
			}
			exports[p+"/"+Name(p)] = syms
		}
	}
	if err := vm.Use(exports); err != nil {
		t.Fatal(err)
	}
	return vm, &out
}

func TestInterpreter(t *testing.T) {
	vm, out := interpreter(t, "fmt", "strings", "sort", "math", "errors", "encoding/json", "bufio",
		"gonum.org/v1/gonum/mat", "gonum.org/v1/plot", "gonum.org/v1/plot/plotter")
	_, err := vm.Eval(`
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"sort"
	"strings"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
)

type Celsius float64

func (c Celsius) String() string { return fmt.Sprintf("%.1f°C", float64(c)) }

type Point struct{ X, Y int }

func (p Point) String() string { return fmt.Sprintf("(%d|%d)", p.X, p.Y) }
func (p Point) MarshalJSON() ([]byte, error) { return json.Marshal([]int{p.X, p.Y}) }

type Lost struct{ What string }

func (l *Lost) Error() string { return "lost " + l.What }

type byLen []string

func (s byLen) Len() int           { return len(s) }
func (s byLen) Less(i, j int) bool { return len(s[i]) < len(s[j]) }
func (s byLen) Swap(i, j int)      { s[i], s[j] = s[j], s[i] }

type upper struct{ b *strings.Builder }

func (u upper) Write(p []byte) (int, error) { return u.b.WriteString(strings.ToUpper(string(p))) }

func main() {
	fmt.Println(Celsius(21.5), Point{1, 2}, &Lost{"keys"})
	fmt.Printf("%v %s %.3f %+v %q %6.2f|%7v\n", Celsius(1), Celsius(2), Celsius(math.Pi), Point{3, 4}, Point{5, 6}, Celsius(7), Celsius(8))
	data, err := json.Marshal(Point{9, 10})
	fmt.Println(string(data), err)
	l := byLen{"three", "a", "to"}
	sort.Sort(l)
	fmt.Println(l, math.MaxInt64, uint64(math.MaxUint64))
	var b strings.Builder
	w := bufio.NewWriter(upper{&b})
	w.WriteString("shout")
	w.Flush()
	fmt.Println(b.String())
	e := fmt.Errorf("wrap: %w", errors.New("inner"))
	fmt.Println(e, errors.Unwrap(e))

	m := mat.NewDense(2, 2, []float64{1, 2, 3, 4})
	var c mat.Dense
	c.Mul(m, m.T())
	fmt.Println(mat.Formatted(&c))
	p := plot.New()
	p.Title.Text = "plot"
	line, err := plotter.NewLine(plotter.XYs{{X: 1, Y: 2}, {X: 3, Y: 4}})
	p.Add(line)
	fmt.Println(p.Title.Text, err)
}
`)
	if err != nil {
		t.Fatal(err)
	}
	want := `21.5°C (1|2) lost keys
1.0°C 2.0°C 3.142 (3|4) "(5|6)"   7.00|  8.0°C
[9,10] <nil>
[a to three] 9223372036854775807 18446744073709551615
SHOUT
wrap: inner inner
⎡ 5  11⎤
⎣11  25⎦
plot <nil>
`
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
}

// What functions find out about interpreted types at run time.
func TestMapTypes(t *testing.T) {
	vm, out := interpreter(t, "fmt", "encoding/json", "encoding/xml", "log/slog", "os", "io", "strings")
	_, err := vm.Eval(`
package main

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
)

type Both struct{ A, B int }

func (Both) String() string   { return "both" }
func (Both) GoString() string { return "Both{}" }

type Verbs struct{ A, B int }

func (Verbs) Format(s fmt.State, verb rune) { io.WriteString(s, "verb "+string(verb)) }

type Key struct{ A, B int }

func (Key) MarshalText() ([]byte, error) { return []byte("key"), nil }

type Secret struct{ A, B int }

func (Secret) LogValue() slog.Value { return slog.StringValue("***") }

type Word struct{ S string }

func (w *Word) Scan(s fmt.ScanState, verb rune) error {
	tok, err := s.Token(true, nil)
	w.S = "<" + string(tok) + ">"
	return err
}
func (w *Word) UnmarshalJSON(b []byte) error { w.S = "json " + string(b); return nil }

type Plain struct{ A int }

type quick struct{ n int }

func (q *quick) Write(p []byte) (int, error)       { return len(p), nil }
func (q *quick) WriteString(s string) (int, error) { q.n += len(s); return len(s), nil }

func main() {
	fmt.Printf("%v %#v %s\n", Both{1, 2}, Both{1, 2}, Both{1, 2})
	fmt.Printf("%v %d %v\n", Verbs{}, Verbs{}, Plain{3})
	data, err := json.Marshal(Key{1, 2})
	fmt.Println(string(data), err)
	data, err = xml.Marshal(Key{1, 2})
	fmt.Println(strings.Contains(string(data), "key"), err)
	log := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == "time" {
			return slog.Attr{}
		}
		return a
	}}))
	_ = log
	fmt.Println(slog.Any("k", Secret{1, 2}).Value.Resolve())
	var w Word
	fmt.Sscan("hello", &w)
	fmt.Println(w.S)
	err = json.Unmarshal([]byte("12"), &w)
	fmt.Println(w.S, err)
	q := &quick{}
	io.WriteString(q, "four")
	fmt.Println(q.n)
}
`)
	if err != nil {
		t.Fatal(err)
	}
	want := `both Both{} both
verb v verb d {3}
"key" <nil>
true <nil>
***
<hello>
json 12 <nil>
4
`
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
}

func TestInterpretedErrors(t *testing.T) {
	vm, out := interpreter(t, "fmt", "errors", "io")
	_, err := vm.Eval(`
package main

import (
	"errors"
	"fmt"
	"io"
)

var base = errors.New("base")

type Plain struct{ Code int }

func (e *Plain) Error() string { return fmt.Sprint("plain ", e.Code) }

type Deep struct{ Code int; Op string }

func (e *Deep) Error() string { return e.Op }
func (e *Deep) Unwrap() error { return base }

type Many struct{ A int }

func (Many) Error() string   { return "many" }
func (Many) Unwrap() []error { return []error{base, io.EOF} }

type Status int

func (s Status) Error() string { return fmt.Sprint("status ", int(s)) }

type Fussy struct{ A, B int }

func (Fussy) Error() string        { return "fussy" }
func (Fussy) Is(target error) bool { return target == io.EOF }

type Guide struct{ A, B int }

func (Guide) Error() string { return "guide" }
func (Guide) As(target any) bool {
	if p, ok := target.(*int); ok {
		*p = 42
		return true
	}
	return false
}

func fail(n int) error { return &Plain{n} }

func main() {
	plain := fail(1)
	var deep error = &Deep{2, "dig"}
	again := plain
	fmt.Println(errors.Is(plain, again), errors.Is(plain, fail(1)), errors.Is(fmt.Errorf("in: %w", plain), plain))
	fmt.Println(errors.Is(deep, base), errors.Unwrap(deep), errors.Is(Many{1}, io.EOF), errors.Is(Many{1}, io.ErrNoProgress))
	fmt.Println(errors.Is(Status(3), Status(3)), errors.Is(Status(3), Status(4)), errors.Is(Fussy{}, io.EOF), errors.Is(Fussy{}, base))
	var p *Plain
	var d *Deep
	fmt.Println(errors.As(fmt.Errorf("in: %w", plain), &p), p.Code, errors.As(plain, &d), errors.As(errors.Join(base, deep), &d), d.Op)
	var n int
	fmt.Println(errors.As(Guide{}, &n), n)
	fmt.Printf("%v|%s|%q|%+v|%d|%8v\n", plain, deep, plain, deep, Status(5), deep)
}
`)
	if err != nil {
		t.Fatal(err)
	}
	want := `true false true
true base true false
true false true false
true 1 false true dig
true 42
plain 1|dig|"plain 1"|dig|5|     dig
`
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
}

func BenchmarkImport(b *testing.B) {
	for _, path := range []string{"fmt", "net/http", "go/types", "gonum.org/v1/gonum/mat", "gonum.org/v1/plot"} {
		b.Run(path, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Importer(token.NewFileSet()).Import(path); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("all", func(b *testing.B) {
		for b.Loop() {
			im := Importer(token.NewFileSet())
			for _, path := range Paths() {
				if _, err := im.Import(path); err != nil {
					b.Fatal(err)
				}
			}
		}
	})
}

func BenchmarkLoad(b *testing.B) {
	for _, path := range []string{"fmt", "net/http", "math"} {
		b.Run(path, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Load(path)
			}
		})
	}
	b.Run("all", func(b *testing.B) {
		for b.Loop() {
			for _, path := range Paths() {
				Load(path)
			}
		}
	})
	b.Run("MapTypes", func(b *testing.B) {
		for b.Loop() {
			MapTypes()
		}
	})
}

func BenchmarkDoc(b *testing.B) {
	for b.Loop() {
		document("net/http")
	}
}

func ExampleDoc() {
	signature, doc, _ := Doc("strings", "Fields")
	fmt.Println(signature)
	fmt.Println(doc[:strings.IndexByte(doc, '\n')])
	// Output:
	// func Fields(s string) []string
	// Fields splits the string s around each instance of one or more consecutive white space
}
