package interp

import (
	"errors"
	"fmt"
	"go/ast"
	"go/types"
	"reflect"
	"sync/atomic"

	"github.com/adabc437/fanout/interp/cell"
	"github.com/adabc437/fanout/interp/check"
)

// Functions in variables.
//
// A device runs g where g := func(…) {…} is all that the variable ever gets. A cell's
// declarations are noted when it is loaded, and hold from when they have run: what stands in
// front of them has what the variable held before. Cells that give a variable something else
// end what is known of it until it is declared anew, and so do functions that may do it at
// any time, as long as they are there.

// heldFunctions are those of a session; Interp.mu guards them.
type heldFunctions struct {
	of map[string]*heldFunction
	// set are the functions that give values to the session's variables, by the names of
	// the variables and their own; a literal is "", without an entity.
	set map[string]map[string]*check.Entity
}

// A heldFunction is what a declaration gives a variable of the session.
type heldFunction struct {
	name   string
	entity *check.Entity
	typ    types.Type
	fn     *types.Func // a declared function, or one that stands for the literal; nil: not known
	// literal is the literal as a declaration; its Chunk is nil of a declared function.
	literal check.Entity
	bare    bool          // it is declared without a value
	global  bool          // its declaration runs before the statements
	before  *heldFunction // what the variable held, until the cell has ended
	// set says that the variable has been given something else.
	set atomic.Bool
	// next is what the next declaration of the name gives.
	next atomic.Pointer[heldFunction]
	// begun says that the declaration has run; while the cell runs, prog knows.
	begun atomic.Bool
	prog  atomic.Pointer[declarer]
}

// holds says whether the declaration has run.
func (h *heldFunction) holds() bool {
	if p := h.prog.Load(); p != nil && (*p).declared(h.name) {
		return true
	}
	return h.begun.Load()
}

// over says that the variable has something else now.
func (h *heldFunction) over() bool {
	next := h.next.Load()
	return h.set.Load() || next != nil && next.holds()
}

var (
	errHeldUnknown = errors.New("what it does is not known before it runs")
	errHeldLater   = errors.New("it is declared without one, and what it gets later is not known before that runs")
	errHeldAgain   = errors.New("it gets more than one value, or its address is taken")
	errHeldElse    = errors.New("only a function literal or the name of a declared function can be in it")
	errHeldSelf    = errors.New("it is called in its own literal, and recursion is not there on a device")
	errHeldRuns    = errors.New("its declaration has not run")
)

// holds says that variables hold the functions that were translated.
func (t *translation) holds(args []any) error {
	if v := reflect.ValueOf(args[0]); v.Kind() == reflect.Func && v.IsNil() {
		return errors.New("the function is nil: the variable has not been given one")
	}
	for _, h := range t.held {
		if h.over() {
			return fmt.Errorf("%s has been given another function since the cell of this magic was read: run that cell again", h.name)
		}
		if !h.holds() {
			return fmt.Errorf("%s gets the function of this cell further down: call what uses it below that", h.name)
		}
	}
	return nil
}

// literalDecl is a function literal as a declaration.
func literalDecl(name string, lit *ast.FuncLit) *ast.FuncDecl {
	return &ast.FuncDecl{Name: &ast.Ident{Name: name, NamePos: lit.Pos()}, Type: lit.Type, Body: lit.Body}
}

// holding says which functions the session's variables get that a unit declares, and
// which variables it gives something else.
func (r *run) holding(unit *check.Unit) *holding {
	if r.holds != nil && r.holds.unit == unit {
		return r.holds
	}
	h := &holding{unit: unit, held: map[string]*heldFunction{}}
	r.holds = h
	h.settings = functionSettings(unit)
	for _, v := range unit.Locals {
		if _, ok := v.Type().Underlying().(*types.Signature); ok {
			h.held[v.Name()] = h.given(v)
		}
	}
	for _, s := range h.settings {
		if isSessionVar(unit, s.Var) && (s.Inside || !s.Declares) {
			h.set = append(h.set, s)
		}
	}
	return h
}

// given is what a variable gets.
func (h *holding) given(v *types.Var) *heldFunction {
	unit := h.unit
	f := &heldFunction{name: v.Name(), typ: v.Type()}
	f.global = statementAt(unit, v.Pos()) < 0
	value, err := heldIn(unit, h.settings, v)
	f.bare = errors.Is(err, errHeldLater)
	if err != nil || value == nil {
		return f
	}
	if f.fn = namedFunction(value, unit.Info); f.fn != nil {
		return f
	}
	lit, ok := value.(*ast.FuncLit)
	if !ok {
		return f
	}
	from, to := unit.Fset.PositionFor(lit.Pos(), false).Offset, unit.Fset.PositionFor(lit.End(), false).Offset
	text := unit.Text[from:to]
	p := unit.Fset.Position(lit.Pos())
	n, ok := check.CellOf(p.Filename)
	if !ok || siteRE.MatchString(text) {
		return f
	}
	file := check.FileName(n)
	f.fn = types.NewFunc(lit.Pos(), unit.Pkg, v.Name(), v.Type().Underlying().(*types.Signature))
	f.literal = check.Entity{Name: v.Name(), Obj: f.fn, Cell: n, Uses: unit.Uses(lit), Chunk: &cell.Chunk{
		Kind: cell.Func, Name: v.Name(), File: file, Line: p.Line, Col: p.Column,
		Text: fmt.Sprintf("func %s/*line %s:%d:%d*/%s", v.Name(), file, p.Line, p.Column+len("func"), text[len("func"):]),
	}}
	for _, l := range unit.Locals {
		if usesVar(lit, unit.Info, l) {
			h.late = append(h.late, late{f, l.Name()})
		}
	}
	return f
}

// holding is what a unit makes of variables that hold functions.
type holding struct {
	unit     *check.Unit
	settings []setting
	held     map[string]*heldFunction
	set      []setting // of the session's variables, but for declarations
	late     []late
}

// late is a literal that uses a variable of its own cell.
type late struct {
	f    *heldFunction
	name string
}

func usesVar(n ast.Node, info *types.Info, v *types.Var) (found bool) {
	ast.Inspect(n, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && info.Uses[id] == v {
			found = true
		}
		return !found
	})
	return found
}

// hold notes it when the unit's entities have been declared, in place of old ones. It
// gives what the cell's declarations give once they run.
func (i *Interp) hold(h *holding, old []*check.Entity, prog program) (pending []*heldFunction) {
	if i.held.of == nil {
		i.held = heldFunctions{map[string]*heldFunction{}, map[string]map[string]*check.Entity{}}
	}
	for name, f := range h.held {
		if was := i.held.of[name]; was != nil && !types.Identical(was.typ, f.typ) {
			delete(i.held.set, name) // it is another variable
		}
	}
	for _, s := range h.set {
		name := s.Var.Name()
		if s.Inside || s.Address {
			function := s.function
			if s.Address { // whoever has it may use it when the function is there no more
				function = ""
			}
			if i.held.set[name] == nil {
				i.held.set[name] = map[string]*check.Entity{}
			}
			i.held.set[name][function] = i.scope.Lookup(function)
		}
		if f := i.held.of[name]; f != nil {
			f.set.Store(true)
		}
	}
	for _, l := range h.late {
		if e := i.scope.Lookup(l.name); e != nil {
			l.f.literal.Uses[l.name] = e.Obj
		}
	}
	for _, e := range old { // what is no function now
		if e != nil && h.held[e.Name] == nil && (i.held.of[e.Name] != nil || i.held.set[e.Name] != nil) {
			h.held[e.Name] = &heldFunction{name: e.Name}
		}
	}
	for name, f := range h.held {
		f.entity, f.before = i.scope.Lookup(name), i.held.of[name]
		if p, ok := prog.(declarer); ok && !f.global {
			f.prog.Store(&p)
		} else {
			f.begun.Store(true)
		}
		if f.before != nil {
			f.before.next.Store(f)
		}
		i.held.of[name] = f
		pending = append(pending, f)
	}
	return pending
}

// settle notes which of the cell's declarations have run; failed says that it has not
// come to its end.
func (r *run) settle(prog program, failed bool) {
	i := r.interp
	i.mu.Lock()
	defer i.mu.Unlock()
	p, knows := prog.(declarer)
	for _, f := range r.pending {
		was := f.before
		ran := !failed || knows && p.declared(f.name)
		f.before = nil
		if !failed || !f.global || knows && p.global() {
			f.begun.Store(ran)
		} else {
			f.fn = nil // nobody knows
		}
		f.prog.Store(nil)
		if f.begun.Load() {
			if i.held.of[f.name] == f && f.fn == nil && !f.bare {
				delete(i.held.of, f.name)
				if f.typ == nil { // no function: what comes by that name later is another variable
					delete(i.held.set, f.name)
				}
			}
			continue
		}
		if was != nil {
			was.next.CompareAndSwap(f, nil)
		}
		if i.held.of[f.name] != f {
			continue
		}
		if e := i.scope.Lookup(f.name); e == nil {
			delete(i.held.of, f.name)
		} else if was != nil && e.IsVar() && types.Identical(e.Obj.Type(), was.typ) {
			was.entity = e
			i.held.of[f.name] = was
		}
	}
	r.pending = nil
}
