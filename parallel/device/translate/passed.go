package translate

import (
	"go/ast"
	"go/types"

	"github.com/adabc437/fanout/parallel/device/ir"
)

// Functions as arguments: a function that takes them is translated once for each that it
// is called with.

// passed are the functions among the arguments of a call, by their places.
func (f *function) passed(e *ast.CallExpr) map[int]*function {
	t := f.subst(f.info.TypeOf(e.Fun))
	if t == nil {
		return nil
	}
	sig, ok := t.Underlying().(*types.Signature)
	if !ok || sig.Variadic() || sig.Params().Len() != len(e.Args) {
		return nil
	}
	var list map[int]*function
	for i, a := range e.Args {
		if _, ok := sig.Params().At(i).Type().Underlying().(*types.Signature); !ok {
			continue
		}
		if list == nil {
			list = map[int]*function{}
		}
		list[i] = f.functionArg(a)
	}
	return list
}

// functionArg is the function that an expression stands for. It must not change variables
// of the function around it: those that it reads are handed on as values.
func (f *function) functionArg(e ast.Expr) *function {
	g := f.functionOf(ast.Unparen(e))
	for _, x := range g.extras {
		if x.param.Type.Kind == ir.Pointer {
			if _, ok := f.subst(x.v.Type()).Underlying().(*types.Pointer); ok {
				f.refuse(e.Pos(), "this function uses "+x.v.Name()+", a pointer: it cannot be an argument on a device", "copy what it points to into a variable first, and let the function read that")
			}
			f.refuse(e.Pos(), "this function changes "+x.v.Name()+", or its address is taken: it cannot be an argument on a device", "let it return the value instead")
		}
	}
	return g
}

func (f *function) functionOf(e ast.Expr) *function {
	switch x := e.(type) {
	case *ast.FuncLit:
		return f.literal(x, f.ir.Name+"_func", "a function literal in "+f.ir.Go, "")
	case *ast.Ident:
		switch obj := f.object(x).(type) {
		case *types.Func:
			if lib, name := f.libraryName(obj); lib != "" {
				return f.libraryFunction(x.Pos(), x.Name, lib, name, obj)
			}
			return f.declared(obj, f.typeArgs(x), x)
		case *types.Var:
			if g := f.local(obj); g != nil {
				return g
			}
			if f.unit.config.Variable != nil && f.foreign(obj) && f.values[obj] == nil {
				return f.held(x, obj)
			}
		}
	case *ast.IndexExpr, *ast.IndexListExpr:
		if id := instanceName(e); id != nil {
			if obj, ok := f.info.Uses[id].(*types.Func); ok {
				return f.declared(obj, f.typeArgs(id), e)
			}
		}
	case *ast.SelectorExpr:
		if obj, ok := f.info.Uses[x.Sel].(*types.Func); ok && f.info.Selections[x] == nil {
			if lib, name := f.library(x); lib != "" {
				return f.libraryFunction(x.Pos(), types.ExprString(x), lib, name, obj)
			}
			return f.declared(obj, f.typeArgs(x.Sel), x)
		}
	}
	f.refuse(e.Pos(), types.ExprString(e)+" is a function as a value, which cannot be on a device", "name a function that is declared with func, or write a function literal that calls it")
	return nil
}

// local is the function in a variable or parameter, or nil.
func (f *function) local(v *types.Var) *function {
	for p := f; p != nil; p = p.parent {
		if l := p.literals[v]; l != nil {
			if l.bad {
				f.fail()
			}
			return l
		}
	}
	return nil
}

// bindPassed makes a parameter stand for the function that it is called with; first is the
// place of the first of its names. It says whether there is one.
func (f *function) bindPassed(field *ast.Field, first int) bool {
	names := field.Names
	for i, id := range names {
		g := f.with[first+i]
		if g == nil {
			return false
		}
		v, ok := f.info.Defs[id].(*types.Var)
		if !ok {
			continue
		}
		if f.use.assigned[v] > 0 || f.use.shared[v] {
			f.refuse(id.Pos(), v.Name()+" holds more than one function, which cannot be on a device", "declare each with func, and choose with if or switch")
		}
		f.literals[v] = g
	}
	return len(names) > 0 || f.with[first] != nil
}

// bindExtras makes parameters for what the functions read that f is called with.
func (f *function) bindExtras(places int) {
	for i := range places {
		g := f.with[i]
		if g == nil {
			continue
		}
		for _, x := range g.extras {
			if f.values[x.v] != nil {
				continue
			}
			p := f.newVar(x.v.Name(), x.param.Type)
			f.values[x.v] = &ir.Ref{Var: p}
			f.extras = append(f.extras, extra{x.v, p})
			f.ir.Params = append(f.ir.Params, p)
		}
	}
}

func samePassed(a, b map[int]*function) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}
