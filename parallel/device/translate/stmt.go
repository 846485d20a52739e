package translate

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"github.com/adabc437/fanout/parallel/device/ir"
)

// stmts translates statements, those behind the end of the list left out.
func (f *function) stmts(list []ast.Stmt) {
	for _, s := range list {
		f.comment(s.Pos())
		f.stmt(s, "")
		f.said = max(f.said, s.End())
		if n := len(f.out); n > 0 && ends(f.out[n-1]) {
			break
		}
	}
}

// ends says that nothing runs behind the statement.
func ends(s ir.Stmt) bool {
	switch s := s.(type) {
	case *ir.Return, *ir.Break, *ir.Continue:
		return true
	case *ir.Check:
		c, ok := s.Cond.(*ir.Const)
		return ok && c.Bits != 0
	}
	return false
}

// comment emits the user's comments before a statement, but for those at the end of a line
// of code.
func (f *function) comment(pos token.Pos) {
	for _, g := range f.comments {
		if g.Pos() <= f.said || g.Pos() >= pos || f.line(g.Pos()) == f.line(f.said) {
			continue
		}
		for line := range strings.SplitSeq(g.Text(), "\n") {
			if line = strings.TrimSpace(line); line != "" {
				f.emit(&ir.Comment{Text: line})
			}
		}
	}
	f.said = max(f.said, pos)
}

func (f *function) line(pos token.Pos) int { return f.fset.PositionFor(pos, false).Line }

// stmt translates a statement. What it declares is broken if it has an error.
func (f *function) stmt(s ast.Stmt, label string) {
	ok := f.try(func() {
		f.calls = false
		f.statement(s, label)
		f.flush(0)
	})
	if ok {
		return
	}
	switch s := s.(type) {
	case *ast.AssignStmt:
		if s.Tok == token.DEFINE {
			for _, l := range s.Lhs {
				f.breakVar(l)
			}
		}
	case *ast.DeclStmt:
		if d, ok := s.Decl.(*ast.GenDecl); ok {
			for _, spec := range d.Specs {
				if v, ok := spec.(*ast.ValueSpec); ok {
					for _, id := range v.Names {
						f.breakVar(id)
					}
				}
			}
		}
	}
}

func (f *function) statement(s ast.Stmt, label string) {
	switch s := s.(type) {
	case *ast.EmptyStmt:
	case *ast.BlockStmt:
		f.stmts(s.List)
	case *ast.ExprStmt:
		f.exprStmt(s)
	case *ast.AssignStmt:
		f.assign(s)
	case *ast.IncDecStmt:
		op := ir.Add
		if s.Tok == token.DEC {
			op = ir.SubOp
		}
		f.update(s.TokPos, s.X, op, nil)
	case *ast.DeclStmt:
		f.declStmt(s)
	case *ast.ReturnStmt:
		f.returnStmt(s)
	case *ast.IfStmt:
		f.ifStmt(s)
	case *ast.ForStmt:
		f.forStmt(s, label)
	case *ast.RangeStmt:
		f.rangeStmt(s, label)
	case *ast.SwitchStmt:
		f.switchStmt(s, label)
	case *ast.LabeledStmt:
		f.labeled(s)
	case *ast.BranchStmt:
		f.branch(s)
	case *ast.TypeSwitchStmt:
		f.refuse(s.Pos(), "a type switch needs an interface, which cannot be on a device", "use concrete types, or a generic function")
	case *ast.GoStmt:
		f.refuse(s.Pos(), "a device has no goroutines", "let each task do its own part: tasks run in parallel already")
	case *ast.DeferStmt:
		f.refuse(s.Pos(), "defer is not there on a device", "call the function at the end")
	case *ast.SendStmt, *ast.SelectStmt:
		f.refuse(s.Pos(), "a device has no channels", "return values")
	default:
		f.refuse(s.Pos(), "this statement cannot be on a device", "")
	}
}

func (f *function) labeled(s *ast.LabeledStmt) {
	switch s.Stmt.(type) {
	case *ast.ForStmt, *ast.RangeStmt, *ast.SwitchStmt:
		f.stmt(s.Stmt, s.Label.Name)
	default:
		f.stmt(s.Stmt, "")
	}
}

func (f *function) branch(s *ast.BranchStmt) {
	label := ""
	if s.Label != nil {
		label = s.Label.Name
	}
	switch s.Tok {
	case token.GOTO:
		f.refuse(s.Pos(), "goto is not there on a device", "use a loop, or break and continue with a label")
	case token.FALLTHROUGH:
		f.refuse(s.Pos(), "fallthrough must be the last statement of a clause", "")
	}
	for i := len(f.targets) - 1; i >= 0; i-- {
		t := f.targets[i]
		if label != "" && t.label != label {
			continue
		}
		switch {
		case s.Tok == token.CONTINUE && t.loop != nil:
			f.emit(&ir.Continue{Of: t.loop})
		case s.Tok == token.CONTINUE:
			continue
		case t.loop != nil:
			f.emit(&ir.Break{Of: t.loop})
		default:
			t.used = true
			f.emit(&ir.Break{Of: t.block})
		}
		return
	}
	f.refuse(s.Pos(), s.Tok.String()+" is in no statement that it could leave", "")
}

// within translates what stands in a loop or switch.
func (f *function) within(t *target, do func()) {
	f.targets = append(f.targets, t)
	do()
	f.targets = f.targets[:len(f.targets)-1]
}

// noteCalls sets calls if there is a call of a function of the user in the expressions.
func (f *function) noteCalls(list ...ast.Expr) {
	f.calls = false
	for _, x := range list {
		if x == nil {
			continue
		}
		ast.Inspect(x, func(n ast.Node) bool {
			c, ok := n.(*ast.CallExpr)
			if ok && !f.info.Types[c.Fun].IsType() && f.builtinName(c.Fun) == "" {
				if lib, _ := f.library(c.Fun); lib == "" {
					f.calls = true
				}
			}
			return !f.calls
		})
	}
}

func (f *function) exprStmt(s *ast.ExprStmt) {
	f.noteCalls(s.X)
	c, ok := ast.Unparen(s.X).(*ast.CallExpr)
	if !ok {
		f.expr(s.X)
		return
	}
	if b := f.builtinName(c.Fun); b != "" {
		f.builtin(c, b)
		return
	}
	if f.info.Types[c.Fun].IsType() {
		f.expr(c)
		return
	}
	f.call(c, []*ir.Var{})
}

func (f *function) declStmt(s *ast.DeclStmt) {
	d, ok := s.Decl.(*ast.GenDecl)
	if !ok || d.Tok != token.VAR {
		return // constants and types are where they are used
	}
	for _, spec := range d.Specs {
		v, ok := spec.(*ast.ValueSpec)
		if !ok {
			continue
		}
		lhs := make([]ast.Expr, len(v.Names))
		for i, id := range v.Names {
			lhs[i] = id
		}
		f.noteCalls(v.Values...)
		switch {
		case len(v.Values) == 0:
			for _, id := range v.Names {
				f.zeroVar(id)
			}
		case len(v.Values) == len(v.Names):
			f.assignAll(s.Pos(), lhs, v.Values)
		default:
			f.assignCall(lhs, v.Values[0])
		}
	}
}

// zeroVar declares a variable without a value.
func (f *function) zeroVar(id *ast.Ident) {
	v, ok := f.info.Defs[id].(*types.Var)
	if !ok {
		return
	}
	if _, ok := f.subst(v.Type()).Underlying().(*types.Signature); ok {
		f.refuse(id.Pos(), id.Name+" is a variable that holds a function, which cannot be on a device", "give it a function literal with := and never assign to it again")
	}
	t := f.irType(id.Pos(), v.Type(), "variable "+id.Name)
	if t.Kind == ir.Pointer {
		f.refuse(id.Pos(), "variable "+id.Name+" is a nil pointer, which cannot be on a device", "give it the address of a variable with :=")
	}
	f.emit(&ir.Declare{Var: f.newUserVar(v, t)})
}

func (f *function) returnStmt(s *ast.ReturnStmt) {
	f.noteCalls(s.Results...)
	var values []ir.Expr
	switch {
	case len(s.Results) == 0:
		for _, r := range f.results {
			values = append(values, &ir.Ref{Var: r})
		}
	case len(s.Results) == 1 && len(f.ir.Results) > 1:
		c, ok := ast.Unparen(s.Results[0]).(*ast.CallExpr)
		if !ok {
			f.refuse(s.Pos(), "this returns another number of values", "")
		}
		values = f.call(c, nil)
		for i := range values {
			values[i] = f.as(f.ir.Results[i], values[i])
		}
	case len(s.Results) == len(f.ir.Results):
		for i, x := range s.Results {
			values = append(values, f.valueOf(x, f.ir.Results[i]))
		}
	}
	if len(values) != len(f.ir.Results) {
		if f.bad {
			f.fail()
		}
		f.refuse(s.Pos(), "this returns another number of values", "")
	}
	f.flush(0)
	f.emit(&ir.Return{Values: values})
}

func (f *function) ifStmt(s *ast.IfStmt) {
	if s.Init != nil {
		f.stmt(s.Init, "")
	}
	var cond ir.Expr = truth(true)
	f.noteCalls(s.Cond)
	f.try(func() {
		cond = f.expr(s.Cond)
		f.flush(0)
	})
	node := &ir.If{Cond: cond}
	node.Then = f.list(func() {
		f.facts.assume(cond)
		f.stmts(s.Body.List)
	})
	if s.Else != nil {
		node.Else = f.list(func() {
			f.facts.assumeNot(cond)
			f.comment(s.Else.Pos())
			f.stmt(s.Else, "")
		})
	}
	f.emit(node)
	// What follows an if that ends is known to have a false condition.
	if n := len(node.Then); n > 0 && s.Else == nil && ends(node.Then[n-1]) {
		f.facts.assumeNot(cond)
	}
}
