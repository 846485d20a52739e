package translate

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/adabc437/fanout/parallel/device/ir"
)

// A Setting is a place where a variable gets a value, or where its address is taken.
type Setting struct {
	Name  *ast.Ident
	Var   *types.Var
	Value ast.Expr // nil where it is no expression of its own
	// Declares says that the variable begins there.
	Declares bool
	// Bare says that it is declared without a value.
	Bare bool
	// Address says that its address is taken: it may be set at any time from then on.
	Address bool
	// Inside says that it stands in a function: it may run at any time, or never.
	Inside bool
}

// Settings are those in a part of a source, in the order of the text.
func Settings(part ast.Node, info *types.Info) []Setting {
	w := &settingWalk{info: info}
	w.walk(part, false)
	return w.list
}

type settingWalk struct {
	info *types.Info
	list []Setting
}

func (w *settingWalk) walk(part ast.Node, inside bool) {
	add := func(x, value ast.Expr, declares bool) {
		id, ok := ast.Unparen(x).(*ast.Ident)
		if !ok {
			return
		}
		v, ok := w.info.Defs[id].(*types.Var)
		if declares = declares && ok; !ok {
			v, ok = w.info.Uses[id].(*types.Var)
		}
		if ok {
			w.list = append(w.list, Setting{Name: id, Var: v, Value: value, Declares: declares, Inside: inside})
		}
	}
	ast.Inspect(part, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			if n != part && n.Body != nil {
				w.walk(n.Body, true)
			}
			return n == part
		case *ast.FuncLit:
			w.walk(n.Body, true)
			return false
		case *ast.ValueSpec:
			known := len(w.list)
			for i, id := range n.Names {
				add(id, valueAt(n.Values, i, len(n.Names)), true)
			}
			for i := range w.list[known:] {
				w.list[known+i].Bare = len(n.Values) == 0
			}
		case *ast.AssignStmt:
			for i, l := range n.Lhs {
				value := valueAt(n.Rhs, i, len(n.Lhs))
				if n.Tok != token.ASSIGN && n.Tok != token.DEFINE {
					value = nil
				}
				add(l, value, n.Tok == token.DEFINE)
			}
		case *ast.RangeStmt:
			if n.Key != nil {
				add(n.Key, nil, n.Tok == token.DEFINE)
			}
			if n.Value != nil {
				add(n.Value, nil, n.Tok == token.DEFINE)
			}
		case *ast.UnaryExpr:
			if n.Op == token.AND {
				known := len(w.list)
				add(n.X, nil, false)
				for i := range w.list[known:] {
					w.list[known+i].Address = true
				}
			}
		}
		return true
	})
}

func valueAt(values []ast.Expr, i, n int) ast.Expr {
	if len(values) != n {
		return nil
	}
	return values[i]
}

// held is the function that a variable from outside holds.
func (f *function) held(x *ast.Ident, v *types.Var) *function {
	const msg = " is a variable that holds a function: "
	const hint = "declare it with func, or once and with its function, as in f := func(x int) int { … }"
	if f.unit.config.Variable == nil {
		f.refuse(x.Pos(), x.Name+msg+"what it does is not known before it runs", hint)
	}
	fn, err := f.unit.config.Variable(v)
	if err != nil {
		f.refuse(x.Pos(), x.Name+msg+err.Error(), hint)
	}
	if lib, name := f.libraryName(fn); lib != "" {
		return f.libraryFunction(x.Pos(), x.Name, lib, name, fn)
	}
	return f.declared(fn, nil, x)
}

// libraryFunction makes a function of one of math or math/bits; text is how it is called.
func (f *function) libraryFunction(pos token.Pos, text, lib, name string, fn *types.Func) *function {
	if g := f.unit.libraryFuncs[fn]; g != nil {
		return g
	}
	g := f.unit.newFunction(f.fset, f.info)
	g.use, g.ir.Go = f.use, text
	g.ir.Name = f.unit.unique(g.ir.Go)
	sig := fn.Signature()
	ok := g.try(func() {
		var args []ir.Expr
		for v := range sig.Params().Variables() {
			p := g.newVar(v.Name(), g.irType(pos, v.Type(), ""))
			g.ir.Params = append(g.ir.Params, p)
			args = append(args, &ir.Ref{Var: p})
		}
		for v := range sig.Results().Variables() {
			g.ir.Results = append(g.ir.Results, g.irType(pos, v.Type(), ""))
		}
		var values []ir.Expr
		if len(g.ir.Results) == 1 {
			values = []ir.Expr{g.libraryExpr(pos, lib, name, args)}
		} else {
			values = g.several(pos, lib, name, args)
		}
		g.emit(&ir.Return{Values: values})
		g.ir.Body = g.out
	})
	if !ok {
		f.fail()
	}
	f.unit.libraryFuncs[fn] = g
	f.unit.prog.Funcs = append(f.unit.prog.Funcs, g.ir)
	return g
}
