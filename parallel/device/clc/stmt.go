package clc

import (
	"fmt"
	"strings"

	"github.com/adabc437/fanout/parallel/device/ir"
)

// list prints statements. A variable that only the loop behind it uses stands in its head.
func (f *function) list(body []ir.Stmt) {
	for i := 0; i < len(body); i++ {
		if d, ok := body[i].(*ir.Declare); ok && i+1 < len(body) {
			if l, ok := body[i+1].(*ir.Loop); ok && f.ownCounter(d, l, body[i+2:]) {
				f.loop(l, d)
				i++
				continue
			}
		}
		f.stmt(body[i])
	}
}

// ownCounter says whether a variable can be declared in a loop's head.
func (f *function) ownCounter(d *ir.Declare, l *ir.Loop, after []ir.Stmt) bool {
	if l.Cond == nil || len(l.Before) > 0 || len(l.Post) == 0 || !d.Var.Type.Kind.IsScalar() {
		return false
	}
	steps := false
	for _, s := range l.Post {
		a, ok := s.(*ir.Assign)
		if !ok {
			return false
		}
		if r, ok := a.Place.(*ir.Ref); ok && r.Var == d.Var {
			steps = true
		}
	}
	return steps && !uses(after, d.Var)
}

func uses(body []ir.Stmt, v *ir.Var) (does bool) {
	ir.Walk(body, func(s ir.Stmt) {
		ir.Exprs(s, func(e ir.Expr) {
			ir.Inside(e, func(e ir.Expr) {
				r, ok := e.(*ir.Ref)
				does = does || ok && r.Var == v
			})
		})
	})
	return does
}

func (f *function) stmt(s ir.Stmt) {
	switch s := s.(type) {
	case *ir.Declare:
		f.declaration(s)
	case *ir.Assign:
		if text := f.assignment(s); text != "" {
			f.line("%s;", text)
		}
	case *ir.Call:
		f.callStmt(s)
	case *ir.Check:
		f.check(s)
	case *ir.If:
		f.ifStmt(s)
	case *ir.Loop:
		f.loop(s, nil)
	case *ir.Block:
		f.block(s)
	case *ir.Break:
		f.breakStmt(s)
	case *ir.Continue:
		f.continueStmt(s)
	case *ir.Return:
		f.returnStmt(s)
	case *ir.Comment:
		f.line("// %s", comment(s.Text))
	default:
		fail("%T is no statement", s)
	}
}

func (f *function) declaration(s *ir.Declare) {
	init := f.initial(s.Var.Type, s.Init)
	f.line("%s = %s;", f.declare(s.Var.Type, f.declareVar(s.Var)), init)
	f.known(s.Var, s.Init)
}

// known notes what a variable that is set only once is between.
func (f *function) known(v *ir.Var, init ir.Expr) {
	if init != nil && f.sets[v] == 1 && v.Type.Kind.IsInteger() {
		lo, hi := f.bounds(init)
		f.spans[v] = span{lo, hi}
	}
}

// assignment is one as an expression; nothing, where there is nothing to be stored.
func (f *function) assignment(s *ir.Assign) string {
	if nowhere(s.Place) || elemless(s.Place) {
		return ""
	}
	place := f.text(s.Place)
	b, ok := s.X.(*ir.Binary)
	if !ok || b.Op > ir.Xor || !same(b.X, s.Place) || !f.updates(b) {
		return place + " = " + f.text(s.X)
	}
	if c, ok := b.Y.(*ir.Const); ok && b.Type().Kind.IsInteger() && c.Bits == 1 {
		switch b.Op {
		case ir.Add:
			return f.expr(s.Place).in(pPrimary) + "++"
		case ir.SubOp:
			return f.expr(s.Place).in(pPrimary) + "--"
		}
	}
	return place + " " + b.Op.String() + "= " + f.text(b.Y)
}

// updates says whether x op= y does in C what Go does.
func (f *function) updates(b *ir.Binary) bool {
	t := b.Type()
	switch {
	case t.Kind.IsFloat():
		return b.Op <= ir.Div && !f.dividesInDouble(b)
	case b.Op == ir.Div || b.Op == ir.Rem:
		return !t.Kind.IsSigned()
	case b.Op > ir.Mul || !f.wraps(b):
		return true
	}
	return t.Size() < 4 && !(t.Kind == ir.Uint16 && b.Op == ir.Mul)
}

// elemless says whether a place is an element of a slice whose elements take no memory.
func elemless(place ir.Expr) bool {
	e, ok := place.(*ir.Elem)
	return ok && none(e.Type())
}

// same says whether two places are printed alike, and so are one.
func same(a, b ir.Expr) bool {
	switch a := a.(type) {
	case *ir.Ref:
		b, ok := b.(*ir.Ref)
		return ok && a.Var == b.Var
	case *ir.Const:
		b, ok := b.(*ir.Const)
		return ok && a.Bits == b.Bits && a.T.Kind == b.T.Kind
	case *ir.FieldOf:
		b, ok := b.(*ir.FieldOf)
		return ok && a.I == b.I && same(a.X, b.X)
	case *ir.Elem:
		b, ok := b.(*ir.Elem)
		return ok && same(a.X, b.X) && same(a.I, b.I)
	case *ir.Deref:
		b, ok := b.(*ir.Deref)
		return ok && same(a.X, b.X)
	case *ir.Binary:
		b, ok := b.(*ir.Binary)
		return ok && a.Op == b.Op && same(a.X, b.X) && same(a.Y, b.Y)
	case *ir.Convert:
		b, ok := b.(*ir.Convert)
		return ok && a.To.Kind == b.To.Kind && same(a.X, b.X)
	}
	return false
}

func (f *function) callStmt(s *ir.Call) {
	name, ok := f.funcs[s.Func]
	if !ok {
		fail("the function %s is not in the program", s.Func.Name)
	}
	if len(s.Args) != len(s.Func.Params) || len(s.Results) > len(s.Func.Results) {
		fail("%s is called with %d arguments and %d results", s.Func.Name, len(s.Args), len(s.Results))
	}
	var args []string
	for _, x := range s.Args {
		args = append(args, f.text(x))
	}
	head := ""
	one := len(s.Func.Results) == 1
	for i, t := range s.Func.Results {
		var v *ir.Var
		if i < len(s.Results) {
			v = s.Results[i]
		}
		switch {
		case one && v != nil:
			head = f.declare(t, f.declareVar(v)) + " = "
		case one:
		case v != nil:
			n := f.declareVar(v)
			f.line("%s;", f.declare(t, n))
			args = append(args, "&"+n)
		default:
			n := f.names.name("unused")
			f.line("%s;", f.declare(t, n))
			args = append(args, "&"+n)
		}
	}
	if s.Func.Fails {
		args = append(args, "fo_faults")
	}
	if s.Func.Stops {
		args = append(args, "fo_stop")
	}
	if !s.Func.Fails && !s.Func.Stops {
		f.line("%s%s(%s);", head, name, strings.Join(args, ", "))
		return
	}
	if f.of == nil {
		f.line("%s%s(%s, &fo_end);", head, name, strings.Join(args, ", "))
		f.line("if (fo_end) return;")
		return
	}
	f.line("%s%s(%s, fo_end);", head, name, strings.Join(args, ", "))
	f.line("if (*fo_end) %s", f.leave())
}

// leave ends a function that has no result to give.
func (f *function) leave() string {
	if f.of == nil || len(f.of.Results) != 1 {
		return "return;"
	}
	return "return " + f.zero(f.of.Results[0]).s + ";"
}

func (f *function) check(s *ir.Check) {
	if s.Site < 0 || s.Site >= len(f.program.Sites) {
		fail("there is no site %d", s.Site)
	}
	site := f.program.Sites[s.Site]
	text := comment(site.Text)
	if m := site.Message(false, 0, 0); m != site.Text {
		text = comment(m + ": " + site.Text)
	}
	name := "fo_fail"
	end := "return;"
	if f.of == nil {
		f.helper(name, func() string {
			return "static void fo_fail(__global int *faults, int site) {\n    atomic_min(&faults[site], (int)get_global_id(0));\n}"
		})
		f.line("if (%s) { fo_fail(fo_faults, %d); %s } // %s", f.text(s.Cond), s.Site, end, text)
		return
	}
	name = f.helper("fo_fail_in", func() string {
		return "static void fo_fail_in(__global int *faults, int site, bool *end) {\n    atomic_min(&faults[site], (int)get_global_id(0));\n    *end = true;\n}"
	})
	f.line("if (%s) { %s(fo_faults, %d, fo_end); %s } // %s", f.text(s.Cond), name, s.Site, f.leave(), text)
}

func (f *function) ifStmt(s *ir.If) {
	f.line("if (%s) {", f.text(s.Cond))
	for {
		f.inner(s.Then)
		if len(s.Else) == 0 {
			break
		}
		if next, ok := s.Else[0].(*ir.If); ok && len(s.Else) == 1 {
			f.line("} else if (%s) {", f.text(next.Cond))
			s = next
			continue
		}
		f.line("} else {")
		f.inner(s.Else)
		break
	}
	f.line("}")
}

func (f *function) inner(body []ir.Stmt) {
	f.depth++
	f.list(body)
	f.depth--
}

func (f *function) block(s *ir.Block) {
	if !f.targets[s] {
		f.list(s.Body)
		return
	}
	f.around = append(f.around, s)
	f.line("do {")
	f.inner(s.Body)
	f.line("} while (0);")
	f.around = f.around[:len(f.around)-1]
	f.endLabel(s)
}

func (f *function) label(kind string) string {
	f.count++
	return f.names.name(fmt.Sprintf("%s%d", kind, f.count))
}

// endLabel prints the label behind a loop or a block if a goto goes there.
func (f *function) endLabel(s ir.Stmt) {
	if l := f.labels[s]; l != "" {
		f.line("%s:;", l)
	}
}

func (f *function) breakStmt(s *ir.Break) {
	if len(f.around) > 0 && f.around[len(f.around)-1] == s.Of {
		f.line("break;")
		return
	}
	if f.labels[s.Of] == "" {
		f.labels[s.Of] = f.label("end")
	}
	f.line("goto %s;", f.labels[s.Of])
}

func (f *function) continueStmt(s *ir.Continue) {
	if f.plainNext[s.Of] && len(f.around) > 0 && f.around[len(f.around)-1] == ir.Stmt(s.Of) {
		f.line("continue;")
		return
	}
	if f.nexts[s.Of] == "" {
		f.nexts[s.Of] = f.label("next")
	}
	f.line("goto %s;", f.nexts[s.Of])
}

// loop prints a loop, with the declaration of its counter in its head.
func (f *function) loop(s *ir.Loop, counter *ir.Declare) {
	init := ""
	if counter != nil {
		x := f.initial(counter.Var.Type, counter.Init)
		init = f.declare(counter.Var.Type, f.declareVar(counter.Var)) + " = " + x
	}
	cond := ""
	if s.Cond != nil && len(s.Before) == 0 {
		cond = f.text(s.Cond)
	}
	if v, between, ok := f.counter(s); ok {
		f.spans[v] = between
		defer delete(f.spans, v)
	}
	post, inHead := f.post(s)
	switch {
	case init == "" && post == "" && cond != "":
		f.line("while (%s) {", cond)
	default:
		f.line("for (%s;%s;%s) {", init, space(cond), space(post))
	}
	f.depth++
	f.around = append(f.around, s)
	f.plainNext[s] = inHead
	if !s.Bounded {
		f.turn()
	}
	if len(s.Before) > 0 {
		f.list(s.Before)
		if s.Cond != nil {
			f.line("if (%s) break;", f.text(&ir.Unary{Op: ir.LNot, X: s.Cond}))
		}
	}
	f.list(s.Body)
	if l := f.nexts[s]; l != "" {
		f.line("%s:;", l)
	}
	if !inHead {
		f.list(s.Post)
	}
	f.around = f.around[:len(f.around)-1]
	f.depth--
	f.line("}")
	f.endLabel(s)
}

func space(s string) string {
	if s == "" {
		return ""
	}
	return " " + s
}

// post gives what ends each turn of a loop as an expression, if it is one.
func (f *function) post(s *ir.Loop) (text string, ok bool) {
	var list []string
	for _, p := range s.Post {
		a, ok := p.(*ir.Assign)
		if !ok || len(list) == 2 {
			return "", false
		}
		if t := f.assignment(a); t != "" {
			list = append(list, t)
		}
	}
	return strings.Join(list, ", "), true
}

// turn ends the task in a loop that may not end if it is told to.
func (f *function) turn() {
	if f.of == nil {
		f.line("if ((++fo_turns & 1023) == 0 && *fo_stop) return;")
		return
	}
	f.line("if ((++fo_turns & 1023) == 0 && *fo_stop) { *fo_end = true; %s }", f.leave())
}

func (f *function) returnStmt(s *ir.Return) {
	if f.of == nil {
		f.line("return;")
		return
	}
	if len(s.Values) != len(f.of.Results) {
		fail("%s returns %d values, not %d", f.of.Name, len(f.of.Results), len(s.Values))
	}
	if len(s.Values) == 1 {
		f.line("return %s;", f.text(s.Values[0]))
		return
	}
	for i, x := range s.Values {
		f.line("*%s = %s;", f.results[i], f.text(x))
	}
	f.line("return;")
}
