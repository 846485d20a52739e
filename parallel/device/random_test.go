package device

import (
	"encoding/gob"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"unsafe"

	"github.com/adabc437/fanout/parallel/device/backend"
	"github.com/adabc437/fanout/parallel/device/ir"
	"github.com/adabc437/fanout/parallel/device/ir/irtest"
	"github.com/adabc437/fanout/parallel/device/translate"
	"github.com/adabc437/fanout/parallel/device/translate/corpus"
	"github.com/adabc437/fanout/parallel/device/translate/generate"
)

// TestRandomFunctions writes functions at random, and holds the devices against Go, which
// compiles and runs the same file. FANOUT_SEED repeats a run, FANOUT_ROUNDS has more of them.
func TestRandomFunctions(t *testing.T) {
	const functions, calls = 40, 25
	rounds := 1
	if n, err := strconv.Atoi(os.Getenv("FANOUT_ROUNDS")); err == nil {
		rounds = n
	}
	for range rounds {
		seed := rand.Uint64()
		if s := os.Getenv("FANOUT_SEED"); s != "" {
			var err error
			if seed, err = strconv.ParseUint(s, 10, 64); err != nil {
				t.Fatal(err)
			}
		}
		t.Logf("FANOUT_SEED=%d", seed)
		text := generate.File(seed, functions)
		records := runGo(t, text, generate.Main(seed, functions, calls))
		each(t, func(t *testing.T, d *Device) {
			units := randomUnits(t, text, functions)
			batch := irtest.NewCalls() // all in one program: in a large one, compilers do what they do not do in small ones
			var list []*randomCall
			for i, u := range units {
				batch.Add(u.Program, u.Func)
				failed := 0
				for _, r := range records {
					if r.Function != i {
						continue
					}
					if r.Panic != "" {
						if failed++; failed > 8 {
							continue
						}
					}
					c := newRandomCall(u, r)
					batch.Call(i, c.call)
					list = append(list, c)
				}
			}
			if err := batch.Run(t.Context(), d); err != nil {
				t.Fatalf("FANOUT_SEED=%d: %v", seed, err)
			}
			wrong := map[int]bool{}
			for _, c := range list {
				if err := c.check(); err != nil && !wrong[c.record.Function] {
					wrong[c.record.Function] = true
					t.Errorf("FANOUT_SEED=%d: F%d: %v", seed, c.record.Function, err)
				}
			}
			t.Logf("%d calls of %d functions", len(list), len(units))
		})
	}
}

// runGo compiles the file with the go command, and runs it.
func runGo(t *testing.T, text, main string) (list []generate.Record) {
	t.Helper()
	dir := t.TempDir()
	for name, s := range map[string]string{"random.go": text, "main.go": main} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(s), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), "go", "run", "main.go", "random.go")
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "GOFLAGS=", "GOWORK=off")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	stderr, err := os.Create(filepath.Join(dir, "stderr"))
	if err != nil {
		t.Fatal(err)
	}
	defer stderr.Close()
	cmd.Stderr = stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for d := gob.NewDecoder(out); ; {
		var r generate.Record
		if err = d.Decode(&r); err != nil {
			break
		}
		list = append(list, r)
	}
	if e := cmd.Wait(); e != nil || !errors.Is(err, io.EOF) {
		message, _ := os.ReadFile(stderr.Name())
		t.Fatalf("%v, %v\n%s", e, err, message)
	}
	return list
}

// randomUnits translates the functions of the file.
func randomUnits(t *testing.T, text string, functions int) []*translate.Unit {
	t.Helper()
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "random.go", text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	info := &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{},
		Selections: map[*ast.SelectorExpr]*types.Selection{}, Instances: map[*ast.Ident]types.Instance{},
	}
	conf := types.Config{Importer: importer.Default(), Sizes: types.SizesFor("gc", "amd64")}
	pkg, err := conf.Check("main", fset, []*ast.File{file}, info)
	if err != nil {
		t.Fatal(err)
	}
	declarations := map[*types.Func]*ast.FuncDecl{}
	for _, d := range file.Decls {
		if d, ok := d.(*ast.FuncDecl); ok {
			declarations[info.Defs[d.Name].(*types.Func)] = d
		}
	}
	config := &translate.Config{Declaration: func(f *types.Func) (*translate.Source, error) {
		if d := declarations[f]; d != nil {
			return &translate.Source{Fset: fset, Info: info, Decl: d, Comments: file.Comments}, nil
		}
		return nil, errors.New("it is a function of a library")
	}}
	var units []*translate.Unit
	for i := range functions {
		f := pkg.Scope().Lookup(fmt.Sprintf("F%d", i)).(*types.Func)
		use := &ast.Ident{NamePos: f.Pos(), Name: f.Name()}
		u, err := translate.Function(config, use, fset, &types.Info{Uses: map[*ast.Ident]types.Object{use: f}, Defs: map[*ast.Ident]types.Object{}})
		if err != nil {
			t.Fatalf("F%d: %v\n%s", i, err, text)
		}
		units = append(units, u)
	}
	return units
}

// A randomCall is a call, and what Go makes of it.
type randomCall struct {
	f      *ir.Func
	record generate.Record
	call   *irtest.Call
}

func newRandomCall(u *translate.Unit, r generate.Record) *randomCall {
	c := &randomCall{f: u.Func, record: r, call: &irtest.Call{Fails: r.Panic != ""}}
	for i, v := range r.Args {
		c.call.Args = append(c.call.Args, opaque(u.Func.Params[i].Type, v).Interface())
	}
	for _, t := range u.Func.Results {
		c.call.Results = append(c.call.Results, reflect.New(opaqueType(t)).Interface())
	}
	return c
}

// opaqueType is an array of bytes in place of a type, or a slice of those.
func opaqueType(t *ir.Type) reflect.Type {
	if t.Kind == ir.Slice {
		return reflect.SliceOf(opaqueType(t.Elem))
	}
	return reflect.ArrayOf(int(t.Size()), reflect.TypeFor[byte]())
}

func opaque(t *ir.Type, v generate.Value) reflect.Value {
	if t.Kind != ir.Slice {
		x := reflect.New(opaqueType(t)).Elem()
		reflect.Copy(x, reflect.ValueOf(v.Data))
		return x
	}
	x := reflect.MakeSlice(opaqueType(t), v.N, v.N)
	if t.Elem.Kind == ir.Slice {
		for i, row := range v.Rows {
			x.Index(i).Set(opaque(t.Elem, row))
		}
	} else if len(v.Data) > 0 {
		copy(unsafe.Slice((*byte)(x.UnsafePointer()), len(v.Data)), v.Data)
	}
	return x
}

// check says how what a device gives differs from what Go gives.
func (c *randomCall) check() error {
	var f *backend.FaultError
	switch {
	case c.record.Panic != "" && (!errors.As(c.call.Err, &f) || !corpus.SameFault(f, strings.TrimPrefix(c.record.Panic, "runtime error: "))):
		return fmt.Errorf("%v, want the fault %q, of %v", c.call.Err, c.record.Panic, c.record.Args)
	case c.record.Panic != "":
		return nil
	case c.call.Err != nil:
		return fmt.Errorf("%w, of %v", c.call.Err, c.record.Args)
	}
	for i, want := range c.record.After {
		if err := sameOpaque(c.f.Params[i].Type, reflect.ValueOf(c.call.Args[i]), want); err != nil {
			return fmt.Errorf("argument %d becomes %w, of %v", i, err, c.record.Args)
		}
	}
	for i, want := range c.record.Results {
		if err := sameOpaque(c.f.Results[i], reflect.ValueOf(c.call.Results[i]).Elem(), want); err != nil {
			return fmt.Errorf("result %d is %w, of %v", i, err, c.record.Args)
		}
	}
	return nil
}

func sameOpaque(t *ir.Type, got reflect.Value, want generate.Value) error {
	if t.Kind == ir.Slice && t.Elem.Kind == ir.Slice {
		for i, row := range want.Rows {
			if err := sameOpaque(t.Elem, got.Index(i), row); err != nil {
				return fmt.Errorf("row %d: %w", i, err)
			}
		}
		return nil
	}
	if t.Kind == ir.Slice {
		for i := range want.N {
			size := int(t.Elem.Size())
			if err := sameOpaque(t.Elem, got.Index(i), generate.Value{Data: want.Data[i*size : (i+1)*size]}); err != nil {
				return fmt.Errorf("element %d: %w", i, err)
			}
		}
		return nil
	}
	memory := reflect.New(got.Type())
	memory.Elem().Set(got)
	return irtest.SameValue(t, memory.Elem().Slice(0, got.Len()).Bytes(), want.Data, 0)
}
