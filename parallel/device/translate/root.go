package translate

import (
	"errors"
	"go/ast"
	"go/token"
	"go/types"

	"github.com/adabc437/fanout/parallel/device/ir"
)

var errNoSource = errors.New("its source is not known")

// root translates the function that a device is to run.
func (u *unit) root(e ast.Expr, fset *token.FileSet, info *types.Info) *function {
	// at is the place where f is named, as a function around it.
	at := u.newFunction(fset, info)
	at.use = usageOf(&ast.BadExpr{}, info)
	var f *function
	at.try(func() {
		f = at.named(e)
		at.checkRoot(e, f)
	})
	return f
}

func (f *function) named(e ast.Expr) *function {
	e = ast.Unparen(e)
	switch x := e.(type) {
	case *ast.FuncLit:
		g := f.unit.newFunction(f.fset, f.info)
		g.use = usageOf(x, f.info)
		g.ir.Go, g.ir.Name = "the function literal", f.unit.unique("func")
		g.body(nil, x.Type, x.Body)
		f.unit.prog.Funcs = append(f.unit.prog.Funcs, g.ir)
		if g.bad {
			f.fail()
		}
		return g
	case *ast.Ident:
		switch obj := f.object(x).(type) {
		case *types.Func:
			if lib, name := f.libraryName(obj); lib != "" { // a dot import
				return f.libraryFunction(x.Pos(), x.Name, lib, name, obj)
			}
			return f.declared(obj, f.typeArgs(x), e)
		case *types.Var:
			return f.held(x, obj)
		}
	case *ast.IndexExpr, *ast.IndexListExpr:
		if id := instanceName(e); id != nil {
			if obj, ok := f.info.Uses[id].(*types.Func); ok {
				return f.declared(obj, f.typeArgs(id), e)
			}
		}
	case *ast.SelectorExpr:
		if lib, name := f.library(x); lib != "" {
			return f.libraryFunction(x.Pos(), types.ExprString(x), lib, name, f.info.Uses[x.Sel].(*types.Func))
		}
		if s := f.info.Selections[x]; s != nil && s.Kind() == types.MethodVal {
			return f.methodValue(x)
		}
		g, _ := f.selected(x)
		return g
	}
	f.refuse(e.Pos(), types.ExprString(e)+" is no function that a device can run", "name a function that is declared with func, or write a function literal")
	return nil
}

// checkRoot refuses parameters that only callees can have.
func (f *function) checkRoot(e ast.Expr, g *function) {
	for _, p := range g.ir.Params {
		if p.Type.Kind == ir.Pointer && !f.substituted(g, p) {
			f.refuse(e.Pos(), "parameter "+p.Name+" of "+g.ir.Go+" is a pointer, which cannot go to a device", "pass the value")
		}
	}
}

// substituted says whether a pointer parameter is one to a type that another stands for.
func (f *function) substituted(g *function, p *ir.Var) bool {
	if f.unit.config.Substitute == nil {
		return false
	}
	for v, x := range g.values {
		r, ok := x.(*ir.Ref)
		if !ok || r.Var != p {
			continue
		}
		if ptr, ok := types.Unalias(g.subst(v.Type())).(*types.Pointer); ok {
			if n, ok := types.Unalias(ptr.Elem()).(*types.Named); ok {
				return f.unit.config.Substitute(n) != nil
			}
		}
	}
	return false
}

// methodValue makes a function of v.M: v is captured.
func (f *function) methodValue(x *ast.SelectorExpr) *function {
	g := f.unit.newFunction(f.fset, f.info)
	g.use = f.use
	g.ir.Go = types.ExprString(x)
	f.unit.stack = append(f.unit.stack, g)
	ok := g.try(func() {
		callee, args := g.selected(x)
		g.ir.Name = f.unit.unique(g.ir.Go)
		outside := g.ir.Params // what the receiver reads
		g.ir.Params = nil
		g.flush(0)
		for _, p := range callee.ir.Params[1 : len(callee.ir.Params)-len(callee.extras)] {
			own := g.newVar(p.Name, p.Type)
			g.ir.Params = append(g.ir.Params, own)
			args = append(args, &ir.Ref{Var: own})
		}
		g.ir.Params = append(g.ir.Params, outside...)
		args = append(args, g.outsides(x.Pos(), callee)...)
		g.ir.Results = callee.ir.Results
		values := g.emitCall(x.Pos(), callee.ir, args, nil)
		g.emit(&ir.Return{Values: values})
		g.ir.Body = g.out
	})
	f.unit.stack = f.unit.stack[:len(f.unit.stack)-1]
	if !ok {
		f.fail()
	}
	f.unit.prog.Funcs = append(f.unit.prog.Funcs, g.ir)
	return g
}

// checkWrites refuses changes of slices that are captured, or read only: it says where they
// are changed.
func (u *unit) checkWrites(root *function) {
	for _, x := range root.extras {
		if x.param.Written {
			u.writes(root.ir, x.param, x.v.Name()+", a variable of the session", "return the value instead")
		}
	}
	for i, p := range root.ir.Params {
		if i < len(u.config.ReadOnly) && p.Written {
			u.writes(root.ir, p, p.Name+", "+u.config.ReadOnly[i], "return the new value instead")
		}
	}
}

// writes reports the statements of f that change elements of the slice in the parameter p,
// or call a function that does.
func (u *unit) writes(f *ir.Func, p *ir.Var, what, instead string) {
	holders := ir.Holders(f.Body, p)
	hint := "tasks on a device share it, and must not change it: " + instead
	ir.Walk(f.Body, func(s ir.Stmt) {
		switch s := s.(type) {
		case *ir.Assign:
			if holders[ir.Root(s.Place)] && s.Place.Type().Kind != ir.Slice {
				u.report(u.places[s], "this changes an element of "+what, hint)
			}
		case *ir.Call:
			for i, a := range s.Args {
				if holders[ir.Root(a)] && s.Func.Params[i].Written {
					u.report(u.places[s], "this call of "+s.Func.Go+" changes an element of "+what, hint)
				}
			}
		}
	})
}
