package translate

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/adabc437/fanout/parallel/device/ir"
)

// A function is one that is being translated, or has been.
type function struct {
	unit   *unit
	fset   *token.FileSet
	info   *types.Info
	ir     *ir.Func
	origin *types.Func // of a declared function
	parent *function   // of a literal: the function around it
	holder string      // of a literal: the one that holds it
	bad    bool        // it has errors, which are reported

	targs    map[*types.TypeParam]types.Type
	targList []types.Type
	with     map[int]*function // functions that are its arguments, by their places
	passing  map[int]*function // those of the call whose function is looked for
	// spread is how many arguments become an array in place of the slice of a variadic
	// function, and spreading that of the call whose function is looked for.
	spread, spreading int
	use               *usage
	// values has how each variable is read: a reference, or what a pointer points to.
	values   map[*types.Var]ir.Expr
	literals map[*types.Var]*function // of variables that hold a literal
	extras   []extra
	names    map[string]bool
	results  []*ir.Var // the named ones
	apart    [][2]int  // parameters that are slices which must not overlap
	comments []*ast.CommentGroup
	said     token.Pos // comments up to here are in the program

	out []ir.Stmt
	// pending are checks that come before the next use of what has been translated. Calls
	// come first, as the compiler of Go does it.
	pending []pending
	checks  int // how many there have been
	facts   facts
	targets []*target
	calls   bool // the statement calls functions of the user
}

// An extra is a parameter for a variable from outside of the function.
type extra struct {
	v     *types.Var
	param *ir.Var
}

// A target is a statement that break or continue may name.
type target struct {
	label string
	loop  *ir.Loop // nil of a switch
	block *ir.Block
	used  bool // of a switch: there is a break of it
}

// bail is what ends the translation of a statement that has an error.
type bail struct{}

// A pending check is yet to be emitted. Its number is greater than those of checks that came
// before it.
type pending struct {
	number int
	check  *ir.Check
}

// refuse reports an error and goes on with the next statement.
func (f *function) refuse(pos token.Pos, msg, hint string) {
	f.unit.report(position(f.fset, pos), msg, hint)
	f.fail()
}

// fail goes on with the next statement: the error has been reported.
func (f *function) fail() {
	f.bad = true
	panic(bail{})
}

// try says whether do has come to its end; if not, its error has been reported.
func (f *function) try(do func()) (ok bool) {
	saved := *f
	defer func() {
		r := recover()
		if r == nil {
			return
		}
		if _, is := r.(bail); !is {
			panic(r)
		}
		f.out, f.pending, f.facts, f.targets, f.calls = saved.out, saved.pending, saved.facts, saved.targets, saved.calls
	}()
	do()
	return true
}

// list is what do emits.
func (f *function) list(do func()) []ir.Stmt {
	out, pending, facts := f.out, f.pending, f.facts
	f.out, f.pending = nil, nil
	do()
	f.flush(0)
	got := f.out
	f.out, f.pending, f.facts = out, pending, facts
	return got
}

func (f *function) emit(s ...ir.Stmt) { f.out = append(f.out, s...) }

// emitAt emits a statement, and notes where it stands.
func (f *function) emitAt(pos token.Pos, s ir.Stmt) {
	f.unit.places[s] = position(f.fset, pos)
	f.emit(s)
}

// flush emits the pending checks from mark on, but for those that are known to hold.
func (f *function) flush(mark int) {
	n := len(f.pending)
	for n > 0 && f.pending[n-1].number >= mark {
		n--
	}
	for _, p := range f.pending[n:] {
		if f.facts.excludes(p.check) {
			continue
		}
		f.facts = f.facts.after(p.check)
		f.emit(p.check)
	}
	f.pending = f.pending[:n:n]
}

// mark is a place in the order of checks: those that come from now on are behind it, also
// if some in front of it are emitted meanwhile.
func (f *function) mark() int { return f.checks }

// spill puts a value into a variable, behind the checks from mark on.
func (f *function) spill(mark int, x ir.Expr, name string) *ir.Ref {
	f.flush(mark)
	v := f.newVar(name, x.Type())
	f.emit(&ir.Declare{Var: v, Init: x})
	return &ir.Ref{Var: v}
}

func (f *function) newVar(name string, t *ir.Type) *ir.Var {
	return &ir.Var{Name: unique(f.names, identifier(name)), Type: t}
}

// newUserVar makes a variable of the user's.
func (f *function) newUserVar(v *types.Var, t *ir.Type) *ir.Var {
	name := v.Name()
	if name == "_" || name == "" {
		name = "unused"
	}
	to := f.newVar(name, t)
	f.values[v] = &ir.Ref{Var: to}
	if !f.use.fixed(v) {
		f.facts.varies(to)
	}
	return to
}

// known ends the statement without another error if x mentions a variable whose declaration
// has had one.
func (f *function) known(list ...ast.Expr) {
	for _, x := range list {
		ast.Inspect(x, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok {
				if v, ok := f.object(id).(*types.Var); ok && f.use.broken[v] {
					f.fail()
				}
			}
			return true
		})
	}
}

// value is how a variable is read; it becomes a parameter if it is from outside.
func (f *function) value(pos token.Pos, v *types.Var) ir.Expr {
	if x := f.values[v]; x != nil {
		return x
	}
	if f.use.broken[v] {
		f.fail()
	}
	if _, ok := f.subst(v.Type()).Underlying().(*types.Signature); ok {
		f.refuse(pos, v.Name()+" is a variable that holds a function, which cannot be on a device", "declare it with func, or call it only and never assign to it again")
	}
	outer := f.use.owner[v] != nil
	if outer && f.parent == nil {
		if len(f.unit.errs) > 0 { // which say why
			f.fail()
		}
		f.refuse(pos, v.Name()+" is not known here", "")
	}
	what := v.Name()
	if !outer {
		what = "variable " + what
	}
	t := f.irType(pos, v.Type(), what)
	if t.Kind == ir.Pointer && !outer {
		f.refuse(pos, "variable "+v.Name()+" is a pointer, which cannot be on a device", "copy what it points to to a variable first")
	}
	byPointer := outer && f.use.shared[v]
	if byPointer {
		if t.Kind == ir.Pointer {
			f.refuse(pos, "pointer "+v.Name()+" is changed in a function literal", "make a new variable with :=")
		}
		t = &ir.Type{Kind: ir.Pointer, Elem: t}
	}
	p := f.newVar(v.Name(), t)
	var x ir.Expr = &ir.Ref{Var: p}
	if byPointer {
		x = &ir.Deref{X: x}
	}
	f.values[v] = x
	f.extras = append(f.extras, extra{v, p})
	f.ir.Params = append(f.ir.Params, p)
	return x
}

// foreign says whether v is from outside of all that is translated: tasks have a copy.
func (f *function) foreign(v *types.Var) bool { return f.use.owner[v] == nil }

// check adds a check before the next use of what has been translated.
func (f *function) check(fault ir.Fault, at ast.Expr, pos token.Pos, cond, x, y ir.Expr) {
	f.pending = append(f.pending, pending{f.checks, &ir.Check{Cond: cond, Site: f.site(fault, pos, text(at)), X: x, Y: y}})
	f.checks++
}

func text(x ast.Expr) string {
	s := types.ExprString(x)
	const most = 80
	if r := []rune(s); len(r) > most {
		s = string(r[:most-1]) + "…"
	}
	return s
}

func (f *function) site(fault ir.Fault, pos token.Pos, text string) int {
	p := position(f.fset, pos)
	s := ir.Site{Fault: fault, File: p.Filename, Line: p.Line, Col: p.Column, Text: text}
	n, ok := f.unit.sites[s]
	if !ok {
		n = len(f.unit.prog.Sites)
		f.unit.prog.Sites = append(f.unit.prog.Sites, s)
		f.unit.sites[s] = n
	}
	return n
}

// body translates parameters and statements. Receivers are the first parameters.
func (f *function) body(recv *ast.FieldList, typ *ast.FuncType, block *ast.BlockStmt) {
	if recv != nil {
		f.params(recv, -1)
	}
	first := 0
	if recv == nil && f.origin != nil && f.origin.Signature().Recv() != nil {
		first = -1 // the receiver is the first parameter
	}
	f.bindExtras(f.params(typ.Params, first))
	if typ.Results != nil {
		for _, field := range typ.Results.List {
			f.try(func() {
				t := f.irType(field.Type.Pos(), f.info.TypeOf(field.Type), "result")
				switch t.Kind {
				case ir.Slice:
					f.refuse(field.Type.Pos(), "result: a slice cannot be returned on a device", "return an array, or let the caller pass a slice to write to")
				case ir.Pointer:
					f.refuse(field.Type.Pos(), "result: a pointer cannot be returned on a device", "return the value")
				}
				for range max(1, len(field.Names)) {
					f.ir.Results = append(f.ir.Results, t)
				}
				for _, id := range field.Names {
					v, _ := f.info.Defs[id].(*types.Var)
					if v == nil { // the blank name
						v = types.NewVar(id.Pos(), nil, "result", nil)
					}
					to := f.newUserVar(v, t)
					f.results = append(f.results, to)
				}
			})
		}
	}
	if f.bad {
		f.breakAll(typ.Params, typ.Results)
	}
	f.said = block.Lbrace
	f.ir.Body = f.list(func() {
		for _, r := range f.results {
			f.emit(&ir.Declare{Var: r})
		}
		f.stmts(block.List)
	})
}

// params makes the parameters of a list, of which the first has that place, and says which
// place comes next. Parameters that are functions have none in the program.
func (f *function) params(list *ast.FieldList, place int) int {
	for _, field := range list.List {
		first := place
		place += max(1, len(field.Names))
		f.try(func() {
			if f.bindPassed(field, first) {
				return
			}
			typ := f.fieldType(field)
			f.refuseTaken(field, typ)
			if f.spreads(field) {
				typ = types.NewArray(typ.(*types.Slice).Elem(), int64(f.spread))
			}
			t := f.irType(field.Type.Pos(), typ, f.paramName(field))
			if len(field.Names) == 0 {
				f.ir.Params = append(f.ir.Params, f.newVar("unused", t))
			}
			for _, id := range field.Names {
				if v, ok := f.info.Defs[id].(*types.Var); ok {
					p := f.newUserVar(v, t)
					f.ir.Params = append(f.ir.Params, p)
					if f.spreads(field) {
						f.facts.standsForSlice(p)
					}
				} else {
					f.ir.Params = append(f.ir.Params, f.newVar("unused", t))
				}
			}
		})
	}
	return place
}

// refuseTaken reports a parameter of a literal that is a function: a declared function is
// translated for each that it gets, a literal only once.
func (f *function) refuseTaken(field *ast.Field, typ types.Type) {
	if _, ok := f.subst(typ).Underlying().(*types.Signature); !ok || f.parent == nil {
		return
	}
	hint := "declare it with func: declared functions can take functions"
	if f.holder != "" {
		hint = "declare " + f.holder + " with func: declared functions can take functions"
	}
	f.refuse(field.Type.Pos(), f.paramName(field)+" is a function, which a function literal cannot take on a device", hint)
}

// spreads says that a parameter, the variadic one, is an array of the call's arguments.
func (f *function) spreads(field *ast.Field) bool {
	if _, ok := field.Type.(*ast.Ellipsis); !ok || f.spread == 0 {
		return false
	}
	for _, id := range field.Names {
		if v, ok := f.info.Defs[id].(*types.Var); ok && !f.use.elementsOnly(v) {
			return false
		}
	}
	return true
}

func (f *function) fieldType(field *ast.Field) types.Type {
	if e, ok := field.Type.(*ast.Ellipsis); ok {
		return types.NewSlice(f.info.TypeOf(e.Elt))
	}
	return f.info.TypeOf(field.Type)
}

func (f *function) paramName(field *ast.Field) string {
	if len(field.Names) == 0 {
		return "parameter"
	}
	return "parameter " + field.Names[0].Name
}

// breakAll marks the variables of the lists that could not be declared.
func (f *function) breakAll(lists ...*ast.FieldList) {
	for _, list := range lists {
		if list == nil {
			continue
		}
		for _, field := range list.List {
			for _, id := range field.Names {
				f.breakVar(id)
			}
		}
	}
}

// breakVar marks a variable that could not be declared: its uses are no further errors.
func (f *function) breakVar(x ast.Expr) {
	id, ok := x.(*ast.Ident)
	if !ok {
		return
	}
	if v, ok := f.info.Defs[id].(*types.Var); ok && f.values[v] == nil && f.literals[v] == nil {
		f.use.broken[v] = true
	}
}
