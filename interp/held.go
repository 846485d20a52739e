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
	"github.com/adabc437/fanout/parallel/device/translate"
)

// Functions in variables.
//
// A device runs g where g := func(…) {…} is all that the variable ever gets. What a cell's
// variables hold is noted when it is loaded; later cells that give them something else
// end that, and functions that do, whenever they may run, end it for all variables of the name.

// heldFunctions are those of a session; Interp.mu guards them.
type heldFunctions struct {
	of  map[*check.Entity]*heldFunction
	set map[string]bool // names of variables that functions of the session give values to
}

// A heldFunction is what a variable of the session holds.
type heldFunction struct {
	name string
	fn   *types.Func // a declared function, or one that stands for the literal
	// literal is the literal as a declaration; its Chunk is nil of a declared function.
	literal check.Entity
	// gone says that another variable has the name now, and set that this one has been
	// given something else.
	gone, set atomic.Bool
}

var (
	errHeldUnknown = errors.New("what it does is not known before it runs")
	errHeldAgain   = errors.New("it gets more than one value, or its address is taken")
	errHeldElse    = errors.New("only a function literal or the name of a declared function can be in it")
	errHeldSelf    = errors.New("it is called in its own literal, and recursion is not there on a device")
)

// functionSettings are those of variables that hold functions.
func functionSettings(unit *check.Unit) (list []translate.Setting) {
	add := func(n ast.Node) {
		for _, s := range translate.Settings(n, unit.Info) {
			if _, ok := s.Var.Type().Underlying().(*types.Signature); ok {
				list = append(list, s)
			}
		}
	}
	for _, d := range unit.Decls {
		if f, ok := d.Node.(*ast.FuncDecl); !ok {
			continue
		} else if f.Body != nil {
			from := len(list)
			add(f.Body)
			for n := range list[from:] {
				list[from+n].Inside = true
			}
		}
	}
	for _, g := range unit.GlobalDecls {
		add(g)
	}
	if unit.Body != nil {
		add(unit.Body)
	}
	return list
}

// heldIn is what a variable holds that a unit declares: the expression that it is declared with.
// It is nil if the unit does not declare it.
func heldIn(unit *check.Unit, settings []translate.Setting, v *types.Var) (ast.Expr, error) {
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

// variable is for a translate.Config.
func (s *sources) variable(v *types.Var) (*types.Func, error) {
	if s.held == nil {
		s.held = functionSettings(s.unit)
	}
	value, err := heldIn(s.unit, s.held, v)
	if err != nil {
		return nil, err
	}
	ofSession := isSessionVar(s.unit, v)
	if value != nil && !(ofSession && s.r.interp.held.set[v.Name()]) {
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
	i := s.r.interp
	e := i.scope.Lookup(v.Name())
	if i.held.set[v.Name()] {
		return nil, errHeldAgain
	}
	h := i.held.of[e]
	if e == nil || h == nil || !types.Identical(e.Obj.Type(), v.Type()) {
		return nil, errHeldUnknown
	}
	if h.set.Load() {
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

// holds says that variables still hold the functions that were translated.
func (t *translation) holds(args []any) error {
	for _, h := range t.held {
		if h.gone.Load() || h.set.Load() {
			return fmt.Errorf("%s has been given another function since the cell of this magic was read: run that cell again", h.name)
		}
	}
	if v := reflect.ValueOf(args[0]); v.Kind() == reflect.Func && v.IsNil() {
		return errors.New("the function is nil: the variable has not been given one")
	}
	return nil
}

// literalDecl is a function literal as a declaration.
func literalDecl(name string, lit *ast.FuncLit) *ast.FuncDecl {
	return &ast.FuncDecl{Name: &ast.Ident{Name: name, NamePos: lit.Pos()}, Type: lit.Type, Body: lit.Body}
}

// holding says which functions the session's variables hold that a unit declares, and
// which variables it gives something else.
func (r *run) holding(unit *check.Unit) *holding {
	h := &holding{held: map[string]*heldFunction{}}
	h.settings = functionSettings(unit)
	for _, v := range unit.Locals {
		if _, ok := v.Type().Underlying().(*types.Signature); !ok {
			continue
		}
		value, err := heldIn(unit, h.settings, v)
		if err != nil || value == nil {
			continue
		}
		f := &heldFunction{name: v.Name(), fn: namedFunction(value, unit.Info)}
		if f.fn == nil {
			lit, ok := value.(*ast.FuncLit)
			if !ok {
				continue
			}
			from, to := unit.Fset.PositionFor(lit.Pos(), false).Offset, unit.Fset.PositionFor(lit.End(), false).Offset
			text := unit.Text[from:to]
			if siteRE.MatchString(text) {
				continue
			}
			p := unit.Fset.Position(lit.Pos())
			n, ok := check.CellOf(p.Filename)
			if !ok {
				continue
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
		}
		h.held[v.Name()] = f
	}
	for _, s := range h.settings {
		if isSessionVar(unit, s.Var) && (s.Inside || !s.Declares) {
			h.set = append(h.set, s)
		}
	}
	return h
}

// holding is what a unit makes of variables that hold functions.
type holding struct {
	settings []translate.Setting
	held     map[string]*heldFunction
	set      []translate.Setting // of the session's variables, but for declarations
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

// hold notes it when the unit's entities have been declared, in place of old ones.
func (i *Interp) hold(h *holding, old []*check.Entity) {
	if i.held.of == nil {
		i.held = heldFunctions{map[*check.Entity]*heldFunction{}, map[string]bool{}}
	}
	for _, e := range old {
		i.held.replaced(e, true)
	}
	for _, s := range h.set {
		if s.Inside {
			i.held.set[s.Var.Name()] = true
		}
		if f := i.held.of[i.scope.Lookup(s.Var.Name())]; f != nil {
			f.set.Store(true)
		}
	}
	for _, l := range h.late {
		if e := i.scope.Lookup(l.name); e != nil {
			l.f.literal.Uses[l.name] = e.Obj
		}
	}
	for name, f := range h.held { // a variable that was there already keeps its entity
		if e := i.scope.Lookup(name); e != nil && e.IsVar() {
			i.held.replaced(e, true)
			i.held.of[e] = f
		}
	}
}

// replaced notes that a variable is not what it was, or that it is again.
func (h *heldFunctions) replaced(e *check.Entity, gone bool) {
	if f := h.of[e]; f != nil {
		f.gone.Store(gone)
	}
}
