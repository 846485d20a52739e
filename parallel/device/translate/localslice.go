package translate

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"

	"github.com/adabc437/fanout/parallel/device/ir"
)

// A device gives tasks no memory, but what a function makes for itself may be an array: a
// slice whose length is known, and of which only elements and the length are asked for.

// holdsSlice declares a variable with a slice that can be an array, and says whether it is one.
func (f *function) holdsSlice(l, r ast.Expr) bool {
	v := f.isNew(l)
	s, ok := f.subst(v.Type()).Underlying().(*types.Slice)
	if !ok {
		return false
	}
	n, ok := f.knownLength(ast.Unparen(r))
	if !ok {
		return false
	}
	if !f.use.elementsOnly(v) {
		f.refuseUse(v, types.TypeString(types.NewArray(s.Elem(), n), f.qualifier))
	}
	t := f.irType(l.Pos(), types.NewArray(s.Elem(), n), "variable "+v.Name())
	var x ir.Expr = &ir.Zero{T: t}
	if lit, ok := ast.Unparen(r).(*ast.CompositeLit); ok && len(lit.Elts) > 0 {
		x = f.arrayLiteral(lit, t)
	}
	f.flush(0)
	f.declareVar(l.Pos(), v, x)
	f.facts.standsForSlice(f.values[v].(*ir.Ref).Var)
	return true
}

// refuseUse reports the first use of a local slice that an array, of the type array, cannot
// stand for.
func (f *function) refuseUse(v *types.Var, array string) {
	var above []ast.Node
	var use *ast.Ident
	f.inspect(func(n ast.Node, parents []ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if ok && f.info.Uses[id] == v && !f.isElement(id, parents) && (use == nil || id.Pos() < use.Pos()) {
			use, above = id, append([]ast.Node(nil), parents...)
		}
		return true
	})
	if use == nil { // it is assigned to, or changed, in a way that says so elsewhere
		f.refuse(v.Pos(), v.Name()+" needs memory, which a device does not give", "use an array")
	}
	pos := use.Pos()
	what, hint := "used as a whole", "name its elements"
	for i := len(above) - 1; i >= 0; i-- {
		switch n := above[i].(type) {
		case *ast.ParenExpr:
			continue
		case *ast.SliceExpr:
			what, hint = "sliced", "use indices in place of it, such as "+v.Name()+"[from+i]"
		case *ast.CallExpr:
			what, hint = f.callUse(n, array)
		case *ast.UnaryExpr:
			what, hint = "used by its address", "use the elements by their indices"
		case *ast.ReturnStmt:
			if f.bad { // the type of the result has been reported
				f.fail()
			}
			what, hint = "returned", "return an array, "+array
		case *ast.AssignStmt:
			what, hint = "assigned", "use one name for it, and copy elements one by one"
			for _, l := range n.Lhs {
				if ast.Unparen(l) != use {
					continue
				}
				what, hint = "assigned anew", "set its elements one by one"
				if call, ok := ast.Unparen(n.Rhs[0]).(*ast.CallExpr); ok && f.builtinName(call.Fun) == "append" {
					pos = call.Pos()
					what, hint = f.callUse(call, array)
				}
			}
		case *ast.IndexExpr, *ast.RangeStmt: // in a function literal
			what, hint = "used in a function literal", "declare an array in its place: var "+v.Name()+" "+array
			if address(above[:i]) {
				what, hint = "used by the address of an element", "use the elements by their indices"
			}
		case *ast.ValueSpec:
			what, hint = "assigned", "use one name for it, and copy elements one by one"
		}
		break
	}
	f.refuse(pos, v.Name()+" cannot be "+what+" on a device: a local slice is an array there", hint)
}

// callUse is what a call does with a slice that is one of its arguments.
func (f *function) callUse(call *ast.CallExpr, array string) (what, hint string) {
	switch f.builtinName(call.Fun) {
	case "append":
		return "appended to", "make it as long as it gets, and keep the length in a variable"
	case "copy", "clear":
		return "copied or cleared", "loop over the elements"
	case "len", "cap":
		return "used in a function literal", "declare an array in its place, " + array
	}
	return "handed on to " + types.ExprString(call.Fun), "hand on an array, " + array + ", or a pointer to one"
}

// address says that the innermost node takes an address.
func address(above []ast.Node) bool {
	for i := len(above) - 1; i >= 0; i-- {
		switch n := above[i].(type) {
		case *ast.IndexExpr, *ast.SelectorExpr, *ast.ParenExpr:
			if s, ok := n.(*ast.SelectorExpr); ok && i > 0 {
				if c, ok := above[i-1].(*ast.CallExpr); ok && c.Fun == ast.Expr(s) {
					return true // of the receiver, maybe
				}
			}
		case *ast.UnaryExpr:
			return n.Op == token.AND
		default:
			return false
		}
	}
	return false
}

// inspect visits the function that is translated, with the nodes around each.
func (f *function) inspect(visit func(n ast.Node, parents []ast.Node) bool) {
	var parents []ast.Node
	ast.Inspect(f.use.root, func(n ast.Node) bool {
		if n == nil {
			parents = parents[:len(parents)-1]
			return true
		}
		more := visit(n, parents)
		if more {
			parents = append(parents, n)
		}
		return more
	})
}

// isElement says that a use is one of an element or the length, in the function that
// declares the variable.
func (f *function) isElement(id *ast.Ident, parents []ast.Node) bool {
	v, _ := f.info.Uses[id].(*types.Var)
	owner := f.use.root
	for _, p := range parents {
		if l, ok := p.(*ast.FuncLit); ok {
			owner = l
		}
	}
	if f.use.owner[v] != owner || address(parents) {
		return false
	}
	i := len(parents) - 1
	var x ast.Expr = id
	for ; i >= 0; i-- {
		p, ok := parents[i].(*ast.ParenExpr)
		if !ok {
			break
		}
		x = p
	}
	if i < 0 {
		return false
	}
	switch n := parents[i].(type) {
	case *ast.IndexExpr:
		return n.X == x
	case *ast.RangeStmt:
		return n.X == x
	case *ast.CallExpr:
		name := f.builtinName(n.Fun)
		return len(n.Args) == 1 && (name == "len" || name == "cap")
	}
	return false
}

// knownLength is the length of a slice literal, or of make with a constant.
func (f *function) knownLength(r ast.Expr) (int64, bool) {
	switch r := r.(type) {
	case *ast.CompositeLit:
		n, next := int64(0), int64(0)
		for _, x := range r.Elts {
			if kv, ok := x.(*ast.KeyValueExpr); ok {
				v := f.info.Types[kv.Key].Value
				if v == nil {
					return 0, false
				}
				next, _ = constant.Int64Val(constant.ToInt(v))
			}
			next++
			n = max(n, next)
		}
		return n, true
	case *ast.CallExpr:
		if f.builtinName(r.Fun) != "make" || len(r.Args) != 2 {
			return 0, false
		}
		v := f.info.Types[r.Args[1]].Value
		if v == nil {
			return 0, false
		}
		n, exact := constant.Int64Val(constant.ToInt(v))
		return n, exact
	}
	return 0, false
}

// elementsOnly says of a slice that it is never assigned to as a whole, and that only its
// elements and its length are used, in the function that declares it.
func (u *usage) elementsOnly(v *types.Var) bool {
	return u.assigned[v] == 0 && !u.shared[v] && u.uses[v] == u.elements[v]
}

// noteElements counts what elementsOnly asks for.
func (w *usageWalk) noteElements(n, owner ast.Node) {
	element := func(x ast.Expr) {
		if id, ok := ast.Unparen(x).(*ast.Ident); ok {
			if v, ok := w.info.Uses[id].(*types.Var); ok && w.owner[v] == owner {
				w.elements[v]++
			}
		}
	}
	switch n := n.(type) {
	case *ast.Ident:
		if v, ok := w.info.Uses[n].(*types.Var); ok {
			w.uses[v]++
		}
	case *ast.IndexExpr:
		element(n.X)
	case *ast.RangeStmt:
		element(n.X)
	case *ast.CallExpr:
		if id, ok := ast.Unparen(n.Fun).(*ast.Ident); ok && len(n.Args) == 1 {
			if b, ok := w.info.Uses[id].(*types.Builtin); ok && (b.Name() == "len" || b.Name() == "cap") {
				element(n.Args[0])
			}
		}
	case *ast.UnaryExpr:
		if n.Op == token.AND {
			w.noteAddress(n.X)
		}
	case *ast.SelectorExpr:
		if s := w.info.Selections[n]; s != nil && s.Kind() != types.FieldVal {
			w.noteAddress(n.X) // of the receiver, maybe
		}
	}
}

// noteAddress counts a use of which an address may be taken.
func (w *usageWalk) noteAddress(x ast.Expr) {
	for {
		switch e := x.(type) {
		case *ast.ParenExpr:
			x = e.X
		case *ast.IndexExpr:
			x = e.X
		case *ast.SelectorExpr:
			x = e.X
		case *ast.Ident:
			if v, ok := w.info.Uses[e].(*types.Var); ok {
				w.uses[v]++
			}
			return
		default:
			return
		}
	}
}
