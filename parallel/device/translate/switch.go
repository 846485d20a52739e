package translate

import (
	"go/ast"
	"go/token"

	"github.com/adabc437/fanout/parallel/device/ir"
)

func (f *function) switchStmt(s *ast.SwitchStmt, label string) {
	if s.Init != nil {
		f.stmt(s.Init, "")
	}
	var tag ir.Expr
	ok := f.try(func() {
		if s.Tag == nil {
			return
		}
		f.noteCalls(s.Tag)
		tag = f.expr(s.Tag)
		f.flush(0)
		if _, isConst := tag.(*ir.Const); !isConst && !f.plainRef(tag) {
			tag = f.spill(0, tag, "tag")
		}
	})
	sw := &switching{f: f, tag: tag, target: &target{label: label, block: &ir.Block{}}, broken: !ok}
	for _, c := range s.Body.List {
		if c, ok := c.(*ast.CaseClause); ok {
			sw.clauses = append(sw.clauses, c)
		}
	}
	body := f.list(func() { f.within(sw.target, sw.emit) })
	if !sw.target.used {
		f.emit(body...)
		return
	}
	sw.target.block.Body = body
	f.emit(sw.target.block)
}

func (f *function) plainRef(x ir.Expr) bool {
	r, ok := x.(*ir.Ref)
	return ok && !f.reached(r.Var)
}

// switching is a switch that is being translated.
type switching struct {
	f       *function
	tag     ir.Expr // nil of a switch without one
	clauses []*ast.CaseClause
	target  *target
	broken  bool // the tag has an error
}

func (sw *switching) emit() {
	for _, c := range sw.clauses {
		if falls(c) {
			sw.emitFalling()
			return
		}
	}
	sw.choose(sw.cases(), func(i int) { sw.f.stmts(sw.clauses[i].Body) })
}

func falls(c *ast.CaseClause) bool {
	if len(c.Body) == 0 {
		return false
	}
	b, ok := c.Body[len(c.Body)-1].(*ast.BranchStmt)
	return ok && b.Tok == token.FALLTHROUGH
}

// cases are the numbers of the clauses in the order in which they are tried: the default
// clause is the last one.
func (sw *switching) cases() []int {
	var list []int
	last := -1
	for i, c := range sw.clauses {
		if c.List == nil {
			last = i
		} else {
			list = append(list, i)
		}
	}
	if last >= 0 {
		list = append(list, last)
	}
	return list
}

// choose emits the comparisons, and what is done for the clause that is found.
func (sw *switching) choose(order []int, do func(i int)) {
	if len(order) == 0 {
		return
	}
	f, i := sw.f, order[0]
	c := sw.clauses[i]
	if c.List == nil {
		do(i)
		return
	}
	var cond ir.Expr = truth(true)
	f.try(func() {
		f.noteCalls(c.List...)
		cond = sw.matches(c.List)
		f.flush(0)
	})
	node := &ir.If{Cond: cond}
	node.Then = f.list(func() {
		f.facts.assume(cond)
		do(i)
	})
	node.Else = f.list(func() {
		f.facts.assumeNot(cond)
		sw.choose(order[1:], do)
	})
	f.emit(node)
}

// matches says whether one of the values of a clause is the tag.
func (sw *switching) matches(list []ast.Expr) ir.Expr {
	f := sw.f
	one := func(e ast.Expr) ir.Expr {
		x := f.expr(e)
		if sw.tag == nil {
			if sw.broken {
				f.fail()
			}
			return x
		}
		tag, x := f.sameStructs(sw.tag, x)
		if !ir.Same(tag.Type(), x.Type()) {
			f.refuse(e.Pos(), "this is not of the type of the switch", "")
		}
		return &ir.Binary{Op: ir.Eq, X: tag, Y: x}
	}
	if len(list) == 1 {
		return one(list[0])
	}
	n := len(list) - 1
	return f.logic(ir.LOr, func() ir.Expr { return sw.matches(list[:n]) }, func() ir.Expr { return one(list[n]) })
}

// emitFalling first finds the clause, then runs it and those that it falls through to.
func (sw *switching) emitFalling() {
	f := sw.f
	clause := f.newVar("clause", int64Type)
	f.facts.varies(clause)
	ref := &ir.Ref{Var: clause}
	f.emit(&ir.Declare{Var: clause, Init: integer(int64Type, -1)})
	set := func(i int) { f.emit(&ir.Assign{Place: ref, X: integer(int64Type, int64(i))}) }
	sw.choose(sw.cases(), set)
	for i, c := range sw.clauses {
		f.emit(&ir.If{
			Cond: &ir.Binary{Op: ir.Eq, X: ref, Y: integer(int64Type, int64(i))},
			Then: f.list(func() {
				if !falls(c) {
					f.stmts(c.Body)
					return
				}
				f.stmts(c.Body[:len(c.Body)-1])
				if n := len(f.out); n == 0 || !ends(f.out[n-1]) {
					set(i + 1)
				}
			}),
		})
	}
}
