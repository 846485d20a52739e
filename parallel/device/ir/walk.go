package ir

// Walk calls f for each statement of a list, and for those inside of them, in the order of
// the text.
func Walk(list []Stmt, f func(Stmt)) {
	for _, s := range list {
		f(s)
		switch s := s.(type) {
		case *If:
			Walk(s.Then, f)
			Walk(s.Else, f)
		case *Loop:
			Walk(s.Before, f)
			Walk(s.Body, f)
			Walk(s.Post, f)
		case *Block:
			Walk(s.Body, f)
		}
	}
}

// Exprs calls f for each expression that stands in a statement, not for those inside of
// expressions (see [Inside]) or of other statements. Places of assignments are among them.
func Exprs(s Stmt, f func(Expr)) {
	some := func(list ...Expr) {
		for _, e := range list {
			if e != nil {
				f(e)
			}
		}
	}
	switch s := s.(type) {
	case *Declare:
		some(s.Init)
	case *Assign:
		some(s.Place, s.X)
	case *Call:
		some(s.Args...)
	case *Check:
		some(s.Cond, s.X, s.Y)
	case *If:
		some(s.Cond)
	case *Loop:
		some(s.Cond)
	case *Return:
		some(s.Values...)
	}
}

// Inside calls f for an expression and for all that it is made of.
func Inside(e Expr, f func(Expr)) {
	if e == nil {
		return
	}
	f(e)
	for _, x := range parts(e) {
		Inside(x, f)
	}
}

// parts are the operands of an expression.
func parts(e Expr) []Expr {
	switch e := e.(type) {
	case *Unary:
		return []Expr{e.X}
	case *Binary:
		return []Expr{e.X, e.Y}
	case *Convert:
		return []Expr{e.X}
	case *FieldOf:
		return []Expr{e.X}
	case *Elem:
		return []Expr{e.X, e.I}
	case *Len:
		return []Expr{e.X}
	case *Cap:
		return []Expr{e.X}
	case *Sub:
		return []Expr{e.X, e.Lo, e.Hi, e.Max}
	case *Make:
		return e.Elems
	case *Math:
		return e.Args
	case *Address:
		return []Expr{e.Place}
	case *Deref:
		return []Expr{e.X}
	}
	return nil
}
