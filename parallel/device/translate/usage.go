package translate

import (
	"go/ast"
	"go/token"
	"go/types"
)

// usage is what is known of the variables of a function before it is translated; its
// literals share it.
type usage struct {
	root     ast.Node                // the function
	owner    map[*types.Var]ast.Node // the function or literal that a variable belongs to
	assigned map[*types.Var]int      // assignments behind its declaration, to parts of it, too
	post     map[*types.Var]int      // those of them in the post statement of the loop that declares it
	// shared are those that a callee or a pointer may change.
	shared map[*types.Var]bool
	// uses are those of a variable, and elements those of an element or the length of one in
	// the function that declares it.
	uses, elements map[*types.Var]int
	// broken are those whose declaration has had an error.
	broken map[*types.Var]bool
}

// fixed says that the variable has one value wherever it is visible but in the head of the
// loop that declares it.
func (u *usage) fixed(v *types.Var) bool {
	return u.assigned[v] == u.post[v] && !u.shared[v]
}

// usageOf looks at a function: a FuncDecl or FuncLit.
func usageOf(root ast.Node, info *types.Info) *usage {
	w := &usageWalk{
		info: info,
		usage: &usage{
			root:     root,
			owner:    map[*types.Var]ast.Node{},
			assigned: map[*types.Var]int{},
			post:     map[*types.Var]int{},
			shared:   map[*types.Var]bool{},
			broken:   map[*types.Var]bool{},
			uses:     map[*types.Var]int{},
			elements: map[*types.Var]int{},
		},
		posts: map[ast.Stmt]map[*types.Var]bool{},
	}
	w.walk(root, root)
	return w.usage
}

type usageWalk struct {
	*usage
	info  *types.Info
	posts map[ast.Stmt]map[*types.Var]bool // post statements, and what their loops declare
}

func (w *usageWalk) walk(n, owner ast.Node) {
	ast.Inspect(n, func(x ast.Node) bool {
		w.noteElements(x, owner)
		switch x := x.(type) {
		case *ast.FuncLit:
			if x != n {
				w.walk(x, x)
				return false
			}
		case *ast.Ident:
			if v, ok := w.info.Defs[x].(*types.Var); ok && !v.IsField() {
				w.owner[v] = owner
			}
		case *ast.ForStmt:
			if x.Post != nil {
				w.posts[x.Post] = w.declares(x.Init)
			}
		case *ast.AssignStmt:
			for _, l := range x.Lhs {
				if id, ok := l.(*ast.Ident); !ok || w.info.Defs[id] == nil {
					w.assign(l, owner, w.posts[x])
				}
			}
		case *ast.IncDecStmt:
			w.assign(x.X, owner, w.posts[x])
		case *ast.RangeStmt:
			if x.Tok == token.ASSIGN {
				w.assign(x.Key, owner, nil)
				w.assign(x.Value, owner, nil)
			}
		case *ast.UnaryExpr:
			if v := rootVar(w.info, x.X); x.Op == token.AND && v != nil {
				w.shared[v] = true
			}
		case *ast.SelectorExpr:
			if v := w.receiver(x); v != nil {
				w.shared[v] = true
			}
		}
		return true
	})
}

func (w *usageWalk) declares(s ast.Stmt) map[*types.Var]bool {
	vars := map[*types.Var]bool{}
	if a, ok := s.(*ast.AssignStmt); ok {
		for _, l := range a.Lhs {
			if id, ok := l.(*ast.Ident); ok {
				if v, ok := w.info.Defs[id].(*types.Var); ok {
					vars[v] = true
				}
			}
		}
	}
	return vars
}

func (w *usageWalk) assign(l ast.Expr, owner ast.Node, post map[*types.Var]bool) {
	if l == nil {
		return
	}
	v := rootVar(w.info, l)
	if v == nil {
		return
	}
	w.assigned[v]++
	if post[v] {
		w.post[v]++
	}
	if w.owner[v] != nil && w.owner[v] != owner {
		w.shared[v] = true
	}
}

// receiver is the variable whose address a method call takes without a sign of it.
func (w *usageWalk) receiver(x *ast.SelectorExpr) *types.Var {
	s := w.info.Selections[x]
	if s == nil || s.Kind() != types.MethodVal {
		return nil
	}
	sig := s.Obj().Type().(*types.Signature)
	if sig.Recv() == nil {
		return nil
	}
	_, ptr := types.Unalias(sig.Recv().Type()).(*types.Pointer)
	_, iface := sig.Recv().Type().Underlying().(*types.Interface) // of a type parameter: may be either
	if _, have := s.Recv().Underlying().(*types.Pointer); have || !ptr && !iface {
		return nil
	}
	return rootVar(w.info, x.X)
}

// rootVar is the variable that an assignment to x changes: x itself or what x is a part of;
// nil where that is behind a pointer or in a slice.
func rootVar(info *types.Info, x ast.Expr) *types.Var {
	for {
		switch e := x.(type) {
		case *ast.ParenExpr:
			x = e.X
		case *ast.Ident:
			if v, ok := info.Defs[e].(*types.Var); ok {
				return v
			}
			v, _ := info.Uses[e].(*types.Var)
			return v
		case *ast.IndexExpr:
			t := info.TypeOf(e.X)
			if t == nil {
				return nil
			}
			switch t.Underlying().(type) {
			case *types.Array, *types.Interface:
				x = e.X
			default:
				return nil
			}
		case *ast.SelectorExpr:
			s := info.Selections[e]
			if s == nil || s.Kind() != types.FieldVal || s.Indirect() {
				return nil
			}
			x = e.X
		default:
			return nil
		}
	}
}

// changes says whether v is assigned to in n, or may be changed by what n calls.
func (f *function) changes(n ast.Node, v *types.Var) bool {
	return f.use.shared[v] || f.assignedIn(n)[v]
}

// assignedIn are the variables that are assigned to in n, in whole or in part.
func (f *function) assignedIn(n ast.Node) map[*types.Var]bool {
	vars := map[*types.Var]bool{}
	assign := func(x ast.Expr) {
		if x == nil {
			return
		}
		if v := rootVar(f.info, x); v != nil {
			vars[v] = true
		}
	}
	ast.Inspect(n, func(x ast.Node) bool {
		switch x := x.(type) {
		case *ast.AssignStmt:
			for _, l := range x.Lhs {
				assign(l)
			}
		case *ast.IncDecStmt:
			assign(x.X)
		case *ast.RangeStmt:
			if x.Tok == token.ASSIGN {
				assign(x.Key)
				assign(x.Value)
			}
		}
		return true
	})
	return vars
}
