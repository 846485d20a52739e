package interp

import (
	"errors"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"reflect"
	"slices"
	"sync/atomic"

	"github.com/adabc437/fanout/interp/cell"
	"github.com/adabc437/fanout/interp/check"
	"github.com/adabc437/fanout/parallel/device/translate"
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
	errHeldAgain   = errors.New("it gets more than one value, or its address is taken")
	errHeldElse    = errors.New("only a function literal or the name of a declared function can be in it")
	errHeldSelf    = errors.New("it is called in its own literal, and recursion is not there on a device")
	errHeldRuns    = errors.New("its declaration has not run")
)

// A setting is a place that gives a value to a variable that holds a function.
type setting struct {
	translate.Setting
	function string // the declared function that it stands in
}

// functionSettings are those of a unit.
func functionSettings(unit *check.Unit) (list []setting) {
	add := func(n ast.Node, function string) {
		for _, s := range append(translate.Settings(n, unit.Info), addressed(n, unit.Info)...) {
			if _, ok := s.Var.Type().Underlying().(*types.Signature); ok {
				s.Inside = s.Inside || function != ""
				list = append(list, setting{s, function})
			}
		}
	}
	for _, d := range unit.Decls {
		if f, ok := d.Node.(*ast.FuncDecl); ok && f.Body != nil {
			add(f.Body, d.Names[0])
		}
	}
	for _, g := range unit.GlobalDecls {
		add(g, "")
	}
	if unit.Body != nil {
		add(unit.Body, "")
	}
	return list
}

// addressed are the variables whose methods are called, or taken as values, that take their
// addresses: v.set(x) is (&v).set(x).
func addressed(n ast.Node, info *types.Info) (list []translate.Setting) {
	var walk func(n ast.Node, inside bool)
	walk = func(n ast.Node, inside bool) {
		ast.Inspect(n, func(m ast.Node) bool {
			switch m := m.(type) {
			case *ast.FuncLit:
				walk(m.Body, true)
				return false
			case *ast.SelectorExpr:
				id, ok := ast.Unparen(m.X).(*ast.Ident)
				sel := info.Selections[m]
				if !ok || sel == nil || sel.Kind() != types.MethodVal {
					break
				}
				v, ok := info.Uses[id].(*types.Var)
				_, pointer := sel.Obj().Type().(*types.Signature).Recv().Type().Underlying().(*types.Pointer)
				if ok && pointer {
					list = append(list, translate.Setting{Name: id, Var: v, Inside: inside})
				}
			}
			return true
		})
	}
	walk(n, false)
	return list
}

// heldIn is what a variable holds that a unit declares: the expression that it is declared with.
// It is nil if the unit does not declare it.
func heldIn(unit *check.Unit, settings []setting, v *types.Var) (ast.Expr, error) {
	var value ast.Expr
	declared := false
	n := 0
	for _, s := range settings {
		if s.Var != v && !sameVar(unit, s.Var, v) {
			continue
		}
		n++
		if s.Declares {
			declared, value = true, s.Value
		}
	}
	switch {
	case n == 0:
		return nil, nil
	case n > 1 || !declared:
		return nil, errHeldAgain
	case value == nil:
		return nil, errHeldUnknown
	}
	value = ast.Unparen(value)
	if lit, ok := value.(*ast.FuncLit); ok {
		self := false
		ast.Inspect(lit, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok {
				u, ok := unit.Info.Uses[id].(*types.Var)
				self = self || ok && u.Name() == v.Name() && isSessionVar(unit, u)
			}
			return !self
		})
		if self {
			return nil, errHeldSelf
		}
	}
	return value, nil
}

// namedFunction is the declared function that an expression names, or nil.
func namedFunction(x ast.Expr, info *types.Info) *types.Func {
	switch e := ast.Unparen(x).(type) {
	case *ast.Ident:
		f, _ := info.Uses[e].(*types.Func)
		return plainFunction(f)
	case *ast.SelectorExpr:
		if info.Selections[e] == nil {
			f, _ := info.Uses[e.Sel].(*types.Func)
			return plainFunction(f)
		}
	}
	return nil
}

func plainFunction(f *types.Func) *types.Func {
	if f != nil && f.Signature().TypeParams().Len() > 0 {
		return nil
	}
	return f
}

// A siteTime says when a magic of a cell runs.
type siteTime struct {
	statement int // of the unit's body: it runs there; -1: in a function or in the variables of a program
	function  bool
}

// timeOf is when a call of the unit runs.
func timeOf(unit *check.Unit, call *ast.CallExpr) siteTime {
	n := statementAt(unit, call.Pos())
	if n < 0 {
		global := slices.ContainsFunc(unit.GlobalDecls, func(g *ast.GenDecl) bool { return g.Pos() <= call.Pos() && call.Pos() < g.End() })
		return siteTime{-1, !global || inLiteral(unit.GlobalDecls, call)}
	}
	if inLiteral(unit.Body.List, call) {
		return siteTime{-1, true}
	}
	return siteTime{n, false}
}

// inLiteral says whether a call stands in a function literal.
func inLiteral[N ast.Node](in []N, call *ast.CallExpr) (found bool) {
	for _, n := range in {
		ast.Inspect(n, func(n ast.Node) bool {
			lit, ok := n.(*ast.FuncLit)
			found = found || ok && lit.Pos() <= call.Pos() && call.Pos() < lit.End()
			return !found
		})
	}
	return found
}

// statementAt is the statement of the unit's body at a place, or -1.
func statementAt(unit *check.Unit, pos token.Pos) int {
	if unit.Body == nil {
		return -1
	}
	return slices.IndexFunc(unit.Body.List, func(s ast.Stmt) bool { return s.Pos() <= pos && pos < s.End() })
}

// later says of a variable of the session that the unit's one declaration of it comes behind
// the magic, which runs with what the variable held before.
func (s *sources) later(v *types.Var) bool {
	if s.time.statement < 0 || s.unit.TopLevel(v) {
		return false
	}
	later := false
	for _, at := range s.held {
		if at.Var != v && sameVar(s.unit, at.Var, v) {
			if !at.Declares || later {
				return false
			}
			later = statementAt(s.unit, at.Name.Pos()) >= s.time.statement
		}
	}
	return later
}

// variable is for a translate.Config.
func (s *sources) variable(v *types.Var) (*types.Func, error) {
	ofSession := isSessionVar(s.unit, v)
	if ofSession && s.later(v) {
		return s.earlier(v)
	}
	value, err := heldIn(s.unit, s.held, v)
	if err != nil {
		return nil, err
	}
	if value != nil && !(ofSession && s.r.interp.isSet(v.Name())) {
		if h := s.r.holding(s.unit).held[v.Name()]; ofSession && s.time.function && h != nil {
			s.used = append(s.used, h)
		}
		if f := namedFunction(value, s.unit.Info); f != nil {
			return f, nil
		}
		lit, ok := value.(*ast.FuncLit)
		if !ok {
			return nil, errHeldElse
		}
		for f, src := range s.again {
			if src.Decl.Body == lit.Body {
				return f, nil
			}
		}
		f := types.NewFunc(lit.Pos(), s.unit.Pkg, v.Name(), v.Type().Underlying().(*types.Signature))
		s.remember(f, &translate.Source{Fset: s.unit.Fset, Info: s.unit.Info, Decl: literalDecl(v.Name(), lit)})
		return f, nil
	}
	if !ofSession {
		return nil, errHeldUnknown
	}
	return s.earlier(v)
}

// earlier is the function that a variable of the session holds when the unit is loaded.
func (s *sources) earlier(v *types.Var) (*types.Func, error) {
	i := s.r.interp
	e := i.scope.Lookup(v.Name())
	if i.isSet(v.Name()) {
		return nil, errHeldAgain
	}
	h := i.held.of[v.Name()]
	switch {
	case e == nil || h == nil || h.entity != e || !types.Identical(h.typ, v.Type()):
		return nil, errHeldUnknown
	case !h.holds():
		return nil, errHeldRuns
	case h.fn == nil:
		return nil, errHeldUnknown
	case h.over():
		return nil, errHeldAgain
	}
	s.used = append(s.used, h)
	if h.literal.Chunk == nil || s.again[h.fn] != nil {
		return h.fn, nil
	}
	src, err := i.checker.Source(&h.literal, i.scope)
	if err != nil {
		return nil, err
	}
	s.remember(h.fn, &translate.Source{Fset: src.Fset, Info: src.Info, Decl: src.Decl, Comments: src.Comments})
	return h.fn, nil
}

// isSet says whether there is a function that may give the variable something else.
func (i *Interp) isSet(name string) bool {
	for function, e := range i.held.set[name] {
		if function == "" || i.scope.Lookup(function) == e {
			return true
		}
	}
	return false
}

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
	for _, s := range h.set {
		name := s.Var.Name()
		if s.Inside {
			if i.held.set[name] == nil {
				i.held.set[name] = map[string]*check.Entity{}
			}
			i.held.set[name][s.function] = i.scope.Lookup(s.function)
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
		if e != nil && h.held[e.Name] == nil && i.held.of[e.Name] != nil {
			h.held[e.Name] = &heldFunction{name: e.Name}
		}
	}
	for name, f := range h.held {
		f.entity, f.before = i.scope.Lookup(name), i.held.of[name]
		if was := f.before; was != nil && f.typ != nil && !types.Identical(was.typ, f.typ) {
			delete(i.held.set, name) // it is another variable
		}
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
			if i.held.of[f.name] == f && f.fn == nil {
				delete(i.held.of, f.name)
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
