// Package direct evaluates the simplest cells at once: calls, expressions and
// assignments, over the variables and functions of compiled cells. It is the
// interpreter beside the compiler: what it takes on it does exactly as compiled
// code would, and it takes on nothing else. What Go leaves open it may do otherwise:
// in f() + x + g() it reads x before it calls g, and append leaves other room.
//
// [Plan] turns a checked cell into a [Program] of closures, without running
// anything, or says that the cell is not of the simple kind: no declarations but
// variables, no function literals, loops, goroutines, channels, generics or
// jumps. So a cell is either evaluated here as a whole or compiled as a whole.
package direct

import (
	"errors"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"reflect"
	"sync"

	"github.com/adabc437/fanout/interp/check"
)

// An Env is what a cell can reach.
type Env interface {
	// Var is a variable of the session, addressable.
	Var(name string) (reflect.Value, bool)
	// Declare makes a variable of the session, or takes the one of that name and
	// type, and returns it, addressable.
	Declare(name string, t reflect.Type) reflect.Value
	// Func is a function of the session.
	Func(name string) (reflect.Value, bool)
	// Type is a type that a cell has declared, or one of a bound package.
	Type(o *types.TypeName) (reflect.Type, bool)
	// Symbol is a function or variable (addressable) of a bound package.
	Symbol(path, name string) (reflect.Value, bool)
	// Member is the name that a field or method of a cell's type has at run time.
	Member(o types.Object) string
	// Call runs the magic of that name.
	Call(name string, args []any) any
}

// ErrNotSimple says that a cell must be compiled.
var ErrNotSimple = errors.New("not a simple cell")

// A Program is a cell ready to run.
type Program struct {
	p     *planner
	steps []func()
}

// Result is the value of the last expression, or what several there were.
func (p *Program) Result() (values []any, ok bool) { return p.p.result, p.p.hasResult }

// Declared says that the declaration of a variable has run. It may be asked while the program runs.
func (p *Program) Declared(name string) bool {
	_, ok := p.p.declared.Load(name)
	return ok
}

// At is the place of what runs, or ran last.
func (p *Program) At() token.Pos { return p.p.at }

// Run runs the cell. It panics as compiled code would.
func (p *Program) Run() {
	for _, step := range p.steps {
		step()
	}
}

// Plan makes a program of a unit, and variables of what it declares. The error is ErrNotSimple, or wraps it with
// what is not.
func Plan(u *check.Unit, env Env, calls map[string]int) (prog *Program, err error) {
	if len(u.Decls) > 0 || len(u.Dots) > 0 || u.Main {
		return nil, ErrNotSimple
	}
	p := &planner{
		Unit: u, env: env, calls: calls, fresh: map[string]reflect.Type{}, home: map[string]reflect.Value{},
	}
	defer func() {
		if r := recover(); r != nil {
			no, ok := r.(refusal)
			if !ok {
				panic(r)
			}
			prog, err = nil, fmt.Errorf("%w: %s", ErrNotSimple, string(no))
		}
	}()
	prog = &Program{p: p}
	for _, g := range u.GlobalDecls {
		prog.steps = append(prog.steps, p.globals(g)...)
	}
	for _, s := range append(u.GlobalStmts(), u.Body.List...) {
		step := p.stmt(s)
		prog.steps = append(prog.steps, func() { p.at = s.Pos(); step() })
	}
	for name, t := range p.fresh { // also of a cell that fails before it comes to them
		p.home[name] = env.Declare(name, t)
	}
	return prog, nil
}

// A refusal is why a cell is not simple.
type refusal string

func refuse(format string, args ...any) { panic(refusal(fmt.Sprintf(format, args...))) }

// A value is an expression, planned.
type value func() reflect.Value

type planner struct {
	*check.Unit
	env       Env
	calls     map[string]int
	fresh     map[string]reflect.Type  // variables that the cell declares
	home      map[string]reflect.Value // these, when all is planned
	declared  sync.Map                 // of these, those whose declaration has run
	at        token.Pos
	asserted  reflect.Type // the dynamic type at the last assertion
	result    []any
	hasResult bool
}

// stmt plans a statement.
func (p *planner) stmt(s ast.Stmt) func() {
	switch s := s.(type) {
	case *ast.EmptyStmt:
		return func() {}
	case *ast.ExprStmt:
		return p.exprStmt(s)
	case *ast.AssignStmt:
		return p.assign(s)
	case *ast.IncDecStmt:
		one := &ast.BasicLit{Kind: token.INT, Value: "1"}
		op := token.ADD
		if s.Tok == token.DEC {
			op = token.SUB
		}
		return p.update(s.X, op, one, s.Pos())
	case *ast.DeclStmt:
		if g, ok := s.Decl.(*ast.GenDecl); ok && g.Tok == token.VAR {
			return p.varDecl(g)
		}
	}
	refuse("a %T", s)
	return nil
}

func (p *planner) exprStmt(s *ast.ExprStmt) func() {
	if s.X != p.Result {
		call, ok := ast.Unparen(s.X).(*ast.CallExpr)
		if !ok {
			refuse("an expression that is not used")
		}
		many := p.call(call)
		return func() { many() }
	}
	if call, ok := s.X.(*ast.CallExpr); ok {
		if id, ok := call.Fun.(*ast.Ident); ok && id.Name == check.ValuesCall {
			var args []value
			for _, a := range call.Args {
				args = append(args, p.expr(a))
			}
			return func() {
				for _, a := range args {
					p.result = append(p.result, show(a()))
				}
				p.hasResult = true
			}
		}
		many := p.call(call)
		return func() {
			for _, v := range many() {
				p.result = append(p.result, show(v))
				p.hasResult = true
			}
		}
	}
	x := p.expr(s.X)
	return func() { p.result, p.hasResult = []any{show(x())}, true }
}

// show is a value as the session shows it.
func show(v reflect.Value) any {
	if !v.IsValid() {
		return nil
	}
	return readable(v).Interface()
}

// varDecl plans var declarations.
func (p *planner) varDecl(g *ast.GenDecl) func() {
	var steps []func()
	for _, spec := range g.Specs {
		s := spec.(*ast.ValueSpec)
		var lhs []ast.Expr
		for _, n := range s.Names {
			lhs = append(lhs, n)
		}
		if len(s.Values) > 0 {
			steps = append(steps, p.set(lhs, s.Values, s.Pos()))
			continue
		}
		for _, n := range s.Names {
			if n.Name == "_" {
				continue
			}
			p.declare(n)
			steps = append(steps, func() { p.initialize(n.Name, reflect.Value{}) })
		}
	}
	return func() {
		for _, s := range steps {
			s()
		}
	}
}

// globals plans the declarations of a cell that has only these: what sets variables
// is in GlobalStmts, in the order of their dependencies.
func (p *planner) globals(g *ast.GenDecl) (steps []func()) {
	for _, spec := range g.Specs {
		s := spec.(*ast.ValueSpec)
		for _, n := range s.Names {
			if n.Name == "_" {
				continue
			}
			p.declare(n)
			if len(s.Values) == 0 {
				steps = append(steps, func() { p.initialize(n.Name, reflect.Value{}) })
			}
		}
	}
	return steps
}

// initialize runs the declaration of a variable; an invalid value is its zero.
func (p *planner) initialize(name string, v reflect.Value) {
	store(p.home[name], v)
	p.declared.Store(name, true)
}

// declare notes a variable that the cell declares.
func (p *planner) declare(id *ast.Ident) reflect.Type {
	o, ok := p.Info.Defs[id].(*types.Var)
	if !ok {
		refuse("%s is no variable", id.Name)
	}
	t := p.typ(o.Type())
	if old, ok := p.fresh[id.Name]; ok && old != t {
		refuse("%s twice", id.Name)
	}
	p.fresh[id.Name] = t
	return t
}

func (p *planner) assign(s *ast.AssignStmt) func() {
	switch s.Tok {
	case token.ASSIGN, token.DEFINE:
		return p.set(s.Lhs, s.Rhs, s.Pos())
	}
	return p.update(s.Lhs[0], assignOps[s.Tok], s.Rhs[0], s.TokPos)
}

var assignOps = map[token.Token]token.Token{
	token.ADD_ASSIGN: token.ADD, token.SUB_ASSIGN: token.SUB, token.MUL_ASSIGN: token.MUL, token.QUO_ASSIGN: token.QUO,
	token.REM_ASSIGN: token.REM, token.AND_ASSIGN: token.AND, token.OR_ASSIGN: token.OR, token.XOR_ASSIGN: token.XOR,
	token.SHL_ASSIGN: token.SHL, token.SHR_ASSIGN: token.SHR, token.AND_NOT_ASSIGN: token.AND_NOT,
}

// A place is what can be assigned to: its operands are evaluated by the call, and
// the assignment is done by what it returns.
type place func() func(reflect.Value)

// set plans an assignment of any number of values.
func (p *planner) set(lhs, rhs []ast.Expr, pos token.Pos) func() {
	var vals func() []reflect.Value
	if len(rhs) == 1 && len(lhs) > 1 {
		vals = p.several(rhs[0], len(lhs))
	} else {
		list := make([]value, len(rhs))
		for n, r := range rhs {
			list[n] = p.expr(r)
		}
		vals = func() []reflect.Value {
			out := make([]reflect.Value, len(list))
			for n, v := range list {
				out[n] = copied(v())
			}
			return out
		}
	}
	places := make([]place, len(lhs))
	for n, l := range lhs {
		places[n] = p.place(l)
	}
	operands := func() []func(reflect.Value) {
		todo := make([]func(reflect.Value), len(places))
		for n, pl := range places {
			todo[n] = pl()
		}
		return todo
	}
	first := holdsCall(lhs...)
	return func() {
		p.at = pos
		var todo []func(reflect.Value)
		if first {
			todo = operands()
		}
		list := vals()
		if !first {
			todo = operands()
		}
		for n, v := range list {
			todo[n](v)
		}
	}
}

// holdsCall says that expressions hold calls. What holds none is evaluated after what
// does, as compiled code has it: x + f() and p.x = f() use x and p as f leaves them.
func holdsCall(list ...ast.Expr) (found bool) {
	for _, e := range list {
		ast.Inspect(e, func(n ast.Node) bool {
			_, isCall := n.(*ast.CallExpr)
			found = found || isCall
			return !found
		})
	}
	return found
}

// pair evaluates two operands, of which left is the first if it holds a call.
func pair(first bool, left, right value) (l, r reflect.Value) {
	if first {
		l = copied(left())
		return l, right()
	}
	r = right()
	return copied(left()), r
}

// copied is the value itself, and no longer the variable that it was read from.
func copied(v reflect.Value) reflect.Value {
	if !v.IsValid() || !v.CanAddr() {
		return v
	}
	c := reflect.New(v.Type()).Elem()
	c.Set(readable(v))
	return c
}

// several plans x, ok := m[k], x, ok := i.(T), or a call with many results.
func (p *planner) several(e ast.Expr, n int) func() []reflect.Value {
	switch x := ast.Unparen(e).(type) {
	case *ast.CallExpr:
		return p.call(x)
	case *ast.IndexExpr:
		if n == 2 {
			return p.mapIndex(x)
		}
	case *ast.TypeAssertExpr:
		if n == 2 {
			return p.assertOK(x)
		}
	}
	refuse("an assignment of %T to several", e)
	return nil
}

// place plans the left side of an assignment.
func (p *planner) place(e ast.Expr) place {
	switch x := ast.Unparen(e).(type) {
	case *ast.Ident:
		if x.Name == "_" {
			return func() func(reflect.Value) { return func(reflect.Value) {} }
		}
		if _, isNew := p.Info.Defs[x].(*types.Var); isNew {
			p.declare(x)
		}
		if o, ok := p.Info.ObjectOf(x).(*types.Var); ok && p.fresh[x.Name] != nil && p.TopLevel(o) {
			return func() func(reflect.Value) {
				return func(v reflect.Value) { p.initialize(x.Name, v) }
			}
		}
	case *ast.IndexExpr:
		if m, ok := p.Info.TypeOf(x.X).Underlying().(*types.Map); ok {
			mv, key := p.expr(x.X), p.exprAs(x.Index, m.Key())
			elem := p.typ(m.Elem())
			return func() func(reflect.Value) {
				mv, k := mv(), copied(key())
				return func(v reflect.Value) {
					p.at = x.Pos()
					if mv.IsNil() {
						panic(plainError("assignment to entry in nil map"))
					}
					slot := reflect.New(elem).Elem()
					store(slot, v)
					mv.SetMapIndex(k, slot)
				}
			}
		}
	}
	target := p.target(e)
	return func() func(reflect.Value) {
		t := target()
		return func(v reflect.Value) { store(t(), v) }
	}
}

// target plans a variable that is assigned to, in the two phases of an assignment:
// the call evaluates the operands, and what it returns finds the variable. So a nil
// pointer or an index out of range is found when the assignment's turn comes, after
// the right side and the assignments to the left of it.
func (p *planner) target(e ast.Expr) func() func() reflect.Value {
	switch x := ast.Unparen(e).(type) {
	case *ast.StarExpr:
		ptr := p.expr(x.X)
		return func() func() reflect.Value {
			v := copied(ptr())
			return func() reflect.Value { return p.pointee(v, x.Pos()) }
		}
	case *ast.SelectorExpr:
		if sel := p.Info.Selections[x]; sel != nil && sel.Kind() == types.FieldVal {
			base := p.operand(x.X)
			return func() func() reflect.Value {
				b := base()
				return func() reflect.Value { return p.field(b(), sel.Index(), x.Pos()) }
			}
		}
	case *ast.IndexExpr:
		switch p.Info.TypeOf(x.X).Underlying().(type) {
		case *types.Slice, *types.Pointer, *types.Array:
			base, index := p.operand(x.X), p.expr(x.Index)
			return func() func() reflect.Value {
				b, i := base(), copied(index())
				return func() reflect.Value {
					v := b()
					if v.Kind() == reflect.Pointer {
						v = p.pointee(v, x.Pos())
					}
					return p.element(v, i, x.Pos())
				}
			}
		}
	}
	v := p.address(e)
	return func() func() reflect.Value {
		at := v()
		return func() reflect.Value { return at }
	}
}

// operand plans what a target is part of: a pointer or a slice, whose value counts, or
// an array or a struct, which is a target itself.
func (p *planner) operand(e ast.Expr) func() func() reflect.Value {
	switch p.Info.TypeOf(e).Underlying().(type) {
	case *types.Array, *types.Struct:
		return p.target(e)
	}
	x := p.expr(e)
	return func() func() reflect.Value {
		v := copied(x())
		return func() reflect.Value { return v }
	}
}

// pointee is the variable that a pointer points to.
func (p *planner) pointee(v reflect.Value, pos token.Pos) reflect.Value {
	if !v.IsValid() || v.IsNil() {
		p.at = pos
		panic(nilDereference)
	}
	return v.Elem()
}

// store sets a variable; an invalid value is nil.
func store(to, v reflect.Value) {
	if !v.IsValid() {
		to.SetZero()
		return
	}
	v = readable(v)
	if to.Kind() != reflect.Interface && v.Type() != to.Type() && v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	if !v.Type().AssignableTo(to.Type()) {
		v = v.Convert(to.Type())
	}
	to.Set(v)
}

// update plans x op= y.
func (p *planner) update(x ast.Expr, op token.Token, y ast.Expr, pos token.Pos) func() {
	t := p.Info.TypeOf(x)
	var other value
	if lit, ok := y.(*ast.BasicLit); ok && !lit.Pos().IsValid() {
		one := p.one(t)
		other = func() reflect.Value { return one }
	} else if op == token.SHL || op == token.SHR {
		other = p.shiftCount(y)
	} else {
		other = p.exprAs(y, t)
	}
	f, first := p.binary(op, t, pos), holdsCall(x)
	if ix, ok := ast.Unparen(x).(*ast.IndexExpr); ok {
		if m, isMap := p.Info.TypeOf(ix.X).Underlying().(*types.Map); isMap {
			container, key, elem := p.expr(ix.X), p.exprAs(ix.Index, m.Key()), p.typ(m.Elem())
			return func() {
				var y reflect.Value
				if !first {
					y = other()
				}
				mv, k := copied(container()), copied(key())
				if first {
					y = other()
				}
				p.at = pos
				old := mv.MapIndex(k)
				if !old.IsValid() {
					old = reflect.Zero(elem)
				}
				now := f(old, y)
				if mv.IsNil() {
					panic(plainError("assignment to entry in nil map"))
				}
				mv.SetMapIndex(k, now)
			}
		}
	}
	target := p.target(x)
	return func() {
		var find func() reflect.Value
		var y reflect.Value
		if first {
			find = target()
		}
		y = other()
		if !first {
			find = target()
		}
		to := find()
		to.Set(f(to, y))
	}
}
