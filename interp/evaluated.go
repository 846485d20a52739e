package interp

import (
	"errors"
	"fmt"
	"go/token"
	"go/types"
	"reflect"
	"strings"

	"github.com/adabc437/fanout/interp/check"
	"github.com/adabc437/fanout/interp/direct"
	"github.com/adabc437/fanout/interp/emit"
	"github.com/adabc437/fanout/interp/lower"
	"github.com/adabc437/fanout/interp/rt"
	"github.com/adabc437/fanout/interp/session"
	"github.com/adabc437/fanout/interp/symbols"
)

// directly plans a cell that need not be compiled. It returns nil if it must.
func (t *compiled) directly(r *run, unit *check.Unit) (program, []*check.Entity) {
	calls := map[string]int{}
	for n, s := range r.sites {
		calls[s.name] = n
	}
	prog, err := direct.Plan(unit, directEnv{t, r, calls}, calls)
	if err != nil {
		if !errors.Is(err, direct.ErrNotSimple) {
			r.emit(session.Event{Kind: session.Stream, Name: "stderr", Text: fmt.Sprintf("note: %v\n", err)})
		}
		return nil, nil
	}
	var entities []*check.Entity
	for _, v := range unit.Locals {
		entities = append(entities, &check.Entity{Name: v.Name(), Obj: types.NewVar(token.NoPos, unit.Pkg, v.Name(), v.Type())})
	}
	return &evaluated{prog}, entities
}

// An evaluated program is a cell that the session evaluates itself.
type evaluated struct{ prog *direct.Program }

func (e *evaluated) run(r *run) *session.Diagnostic {
	return r.native(func() {
		e.prog.Run()
		if values, ok := e.prog.Result(); ok {
			r.setResult(values)
		}
	}, func() *session.Position {
		return check.Position(r.interp.checker.Fset.Position(e.prog.At()), r.lines)
	})
}

func (e *evaluated) declared(name string) bool { return e.prog.Declared(name) }

func (e *evaluated) global() bool { return true }

// directEnv is the session as cells reach it that are evaluated.
type directEnv struct {
	t     *compiled
	r     *run
	calls map[string]int
}

var _ direct.Env = directEnv{}

func (e directEnv) Var(name string) (reflect.Value, bool) {
	s, ok := e.t.slots[name]
	if !ok {
		return reflect.Value{}, false
	}
	return reflect.NewAt(s.typ, s.at).Elem(), true
}

func (e directEnv) Declare(name string, typ reflect.Type) reflect.Value {
	s, ok := e.t.slots[name]
	if !ok || s.typ != typ {
		s = slot{reflect.New(typ).UnsafePointer(), typ}
		e.t.slots[name] = s
	}
	return reflect.NewAt(s.typ, s.at).Elem()
}

func (e directEnv) Func(name string) (reflect.Value, bool) {
	f, ok := e.t.funcs[name]
	return f, ok
}

func (e directEnv) Type(o *types.TypeName) (reflect.Type, bool) {
	switch {
	case o.Pkg() == nil:
		return nil, false
	case o.Pkg().Path() == "main":
		if ent := e.r.interp.scope.Lookup(o.Name()); ent == nil || ent.Obj != o {
			return nil, false // another version of it
		}
		t, ok := e.t.types[o.Name()]
		return t, ok
	case o.Pkg().Path() == lower.Host:
		t, ok := hostTypes[o.Name()]
		return t, ok
	}
	v, ok := symbol(o.Pkg().Path(), o.Name())
	if !ok || v.Kind() != reflect.Pointer || !v.IsNil() {
		return nil, false
	}
	return v.Type().Elem(), true
}

// hostTypes are the types that every cell sees.
var hostTypes = map[string]reflect.Type{
	"HTML": reflect.TypeFor[rt.HTML](), "SVG": reflect.TypeFor[rt.SVG](), "Markdown": reflect.TypeFor[rt.Markdown](),
	"LaTeX": reflect.TypeFor[rt.LaTeX](), "JavaScript": reflect.TypeFor[rt.JavaScript](), "PNG": reflect.TypeFor[rt.PNG](),
	"JPEG": reflect.TypeFor[rt.JPEG](), "GIF": reflect.TypeFor[rt.GIF](), "JSONValue": reflect.TypeFor[rt.JSONValue](),
	"Handle": reflect.TypeFor[rt.Handle](), "Comm": reflect.TypeFor[rt.Comm](), "CommMessage": reflect.TypeFor[rt.CommMessage](),
}

// hostFuncs are the functions that every cell sees.
var hostFuncs = map[string]reflect.Value{
	"Display": reflect.ValueOf(rt.Display), "ClearOutput": reflect.ValueOf(rt.ClearOutput), "Input": reflect.ValueOf(rt.Input),
	"Password": reflect.ValueOf(rt.Password), "CommTarget": reflect.ValueOf(rt.CommTarget), "OpenComm": reflect.ValueOf(rt.OpenComm),
	"JSON": reflect.ValueOf(rt.JSON),
}

// replacedFuncs are the functions of the library that the session has its own of.
var replacedFuncs = map[string]reflect.Value{
	"fmt.Scan": reflect.ValueOf(rt.Scan), "fmt.Scanln": reflect.ValueOf(rt.Scanln), "fmt.Scanf": reflect.ValueOf(rt.Scanf),
	"time.Sleep": reflect.ValueOf(rt.Sleep),
}

func symbol(path, name string) (reflect.Value, bool) {
	syms, ok := symbols.Load(path)
	if !ok {
		return reflect.Value{}, false
	}
	v, ok := syms[name]
	return v, ok
}

func (e directEnv) Symbol(path, name string) (reflect.Value, bool) {
	if path == lower.Host {
		f, ok := hostFuncs[strings.ToUpper(name[:1])+name[1:]]
		return f, ok
	}
	if f, ok := replacedFuncs[path+"."+name]; ok {
		return f, true
	}
	if path == "os" && name == "Stdin" {
		return reflect.Value{}, false // the compiler knows when it stands for the user
	}
	return symbol(path, name)
}

func (e directEnv) Member(o types.Object) string { return emit.Member(o) }

func (e directEnv) Call(name string, args []any) any {
	return e.r.interp.callSite(e.r.id, e.calls[name], args)
}
