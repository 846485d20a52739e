package interp

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/adabc437/fanout/interp/check"
	"github.com/adabc437/fanout/parallel/device/translate"
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
					list = append(list, translate.Setting{Name: id, Var: v, Address: true, Inside: inside})
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
	declared, bare := false, false
	n := 0
	for _, s := range settings {
		if s.Var != v && !sameVar(unit, s.Var, v) {
			continue
		}
		n++
		if s.Declares {
			declared, value, bare = true, s.Value, s.Bare
		}
	}
	switch {
	case n == 0:
		return nil, nil
	case bare:
		return nil, errHeldLater
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
	case h.fn == nil && h.bare:
		return nil, errHeldLater
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
