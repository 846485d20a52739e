package emit

import (
	"go/ast"
	"go/token"
	"go/types"
)

// channels has the channel operations of a cell's own statement end when the cell is
// interrupted; those in function literals are left alone.
func (w *writer) channels(s ast.Stmt) {
	rt := w.rt()
	two := map[ast.Expr]string{} // receive operations with two results: what calls them
	ast.Inspect(s, func(n ast.Node) bool {
		switch x := n.(type) {
		case *ast.FuncLit, *ast.GoStmt, *ast.DeferStmt:
			return false
		case *ast.SelectStmt:
			w.selectStmt(x)
			return false
		case *ast.AssignStmt:
			if len(x.Lhs) == 2 && len(x.Rhs) == 1 {
				two[ast.Unparen(x.Rhs[0])] = w.receiver(w.Info.TypeOf(x.Lhs[1]))
			}
		case *ast.ValueSpec:
			if len(x.Names) == 2 && len(x.Values) == 1 {
				two[ast.Unparen(x.Values[0])] = w.receiver(w.Info.TypeOf(x.Type))
			}
		case *ast.UnaryExpr:
			if x.Op == token.ARROW && isChannel(w.Info.TypeOf(x.X)) {
				name := ".Recv("
				if of := two[x]; of != "" {
					name = of
				}
				at := w.offset(x.OpPos)
				w.replace(at, at+len("<-"), rt+name)
				w.close(x, w.offset(x.X.End()), ")")
			}
		case *ast.SendStmt:
			if isChannel(w.Info.TypeOf(x.Chan)) {
				w.insert(w.offset(x.Chan.Pos()), rt+".Send(")
				w.close(x.Chan, w.offset(x.Chan.End()), ")")
				at := w.offset(x.Arrow)
				w.replace(at, at+len("<-"), "(")
				w.close(x, w.offset(x.Value.End()), ")")
			}
		case *ast.RangeStmt:
			if isChannel(w.Info.TypeOf(x.X)) {
				w.insert(w.offset(x.X.Pos()), rt+".Range(")
				w.close(x.X, w.offset(x.X.End()), ")")
			}
		}
		return true
	})
}

// receiver is the function for a receive operation whose second result goes to what has
// type t: that is untyped, and a call's is not.
func (w *writer) receiver(t types.Type) string {
	if t != nil && !types.IsInterface(t) && !types.Identical(t, types.Typ[types.Bool]) && t != types.Typ[types.Invalid] {
		return ".RecvAs[" + w.typeText(t) + "]("
	}
	return ".Recv2("
}

// selectStmt adds a case to a select that may block.
func (w *writer) selectStmt(s *ast.SelectStmt) {
	for _, c := range s.Body.List {
		clause := c.(*ast.CommClause)
		if clause.Comm == nil {
			return // it has a default
		}
	}
	rt := w.rt()
	w.insert(w.offset(s.Body.Lbrace)+1, "case <-"+rt+".Done(): "+rt+".Trap();")
	for _, c := range s.Body.List {
		for _, b := range c.(*ast.CommClause).Body {
			w.channels(b)
		}
	}
}

// isChannel says that a type, or the core of a type parameter, is a channel.
func isChannel(t types.Type) bool {
	if t == nil {
		return false
	}
	_, ok := t.Underlying().(*types.Chan)
	return ok
}
