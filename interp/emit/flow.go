package emit

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// stopCheck ends a goroutine whose cell was interrupted. It stands at the back
// edge of loops and at the entry of functions that may call themselves.
func (w *writer) stopCheck() string {
	rt := w.rt()
	return fmt.Sprintf("if %s.Stop.Load() != 0 { %s.Trap() };", rt, rt)
}

// loop puts a check into a loop. counter is the variable of a loop that counts and
// holds no calls or loops: there the check is made every so often.
func (w *writer) loop(s ast.Stmt, body *ast.BlockStmt, c counting) {
	at := w.offset(body.Lbrace) + 1
	rt := w.rt()
	switch {
	case c.bounded:
	case c.counter == "" && w.simpleLoop(s) && !w.labelled[s]: // it gets a counter
		w.temps++
		k := fmt.Sprintf("%sk%d", own, w.temps)
		w.insert(w.offset(s.Pos()), "{ "+k+" := "+rt+".Turns; ")
		w.insert(at, fmt.Sprintf("if %s--; %s == 0 { %s = %s.Look() };", k, k, k, rt))
		w.close(s, w.offset(s.End()), " }")
	case c.counter != "":
		w.insert(at, fmt.Sprintf("if %s&0xfff == 0 && %s.Stop.Load() != 0 { %s.Trap() };", c.counter, rt, rt))
	default:
		w.insert(at, w.stopCheck())
	}
}

// counting says how often an innermost loop's check is needed.
type counting struct {
	bounded bool   // never: the loop is over soon
	counter string // every so often, by this integer
}

// counted looks at for i := …; …; i++ without calls or loops inside.
func (w *writer) counted(s *ast.ForStmt) counting {
	init, ok := s.Init.(*ast.AssignStmt)
	if !ok || init.Tok != token.DEFINE || len(init.Lhs) != 1 || s.Cond == nil || !w.simpleLoop(s) {
		return counting{}
	}
	id, ok := init.Lhs[0].(*ast.Ident)
	post, isInc := s.Post.(*ast.IncDecStmt)
	if !ok || !isInc {
		return counting{}
	}
	if p, ok := post.X.(*ast.Ident); !ok || p.Name != id.Name || w.assigned(s.Body, id.Name) || w.assigned(s.Cond, id.Name) {
		return counting{}
	}
	if b, ok := w.Info.TypeOf(id).(*types.Basic); !ok || b.Info()&types.IsInteger == 0 || shadowed(s.Body, id.Name) {
		return counting{}
	}
	if b := w.Info.TypeOf(id).(*types.Basic); narrow(b) { // it may count around and around
		return counting{}
	}
	return counting{counter: id.Name}
}

// narrow says that a type has too few values for the mask of the check.
func narrow(t *types.Basic) bool { return t.Kind() == types.Int8 || t.Kind() == types.Uint8 }

// countedRange looks at range loops without calls or loops inside: over what is
// in memory they are over soon.
func (w *writer) countedRange(s *ast.RangeStmt) counting {
	if !w.simpleLoop(s) {
		return counting{}
	}
	switch t := w.Info.TypeOf(s.X).Underlying().(type) {
	case *types.Slice, *types.Array, *types.Pointer, *types.Map:
		return counting{bounded: true}
	case *types.Basic:
		if t.Info()&types.IsString != 0 {
			return counting{bounded: true}
		}
		if narrow(t) {
			return counting{bounded: true}
		}
		id, ok := s.Key.(*ast.Ident)
		if ok && s.Tok == token.DEFINE && id.Name != "_" && !shadowed(s.Body, id.Name) && !w.assigned(s.Body, id.Name) {
			return counting{counter: id.Name}
		}
	}
	return counting{}
}

// simpleLoop says that all that a loop does in a turn is simple: a call or a
// channel in its head may take long.
func (w *writer) simpleLoop(s ast.Stmt) bool {
	switch s := s.(type) {
	case *ast.ForStmt:
		return w.simple(s.Body) && (s.Cond == nil || w.simple(s.Cond)) && (s.Post == nil || w.simple(s.Post))
	case *ast.RangeStmt:
		switch w.Info.TypeOf(s.X).Underlying().(type) {
		case *types.Slice, *types.Array, *types.Pointer, *types.Map, *types.Basic:
			return w.simple(s.Body)
		}
	}
	return false
}

// simple says that a node holds no loop, call, function literal, channel
// operation or jump.
func (w *writer) simple(node ast.Node) bool {
	simple := true
	ast.Inspect(node, func(n ast.Node) bool {
		switch x := n.(type) {
		case *ast.ForStmt, *ast.RangeStmt, *ast.FuncLit, *ast.SelectStmt, *ast.SendStmt, *ast.GoStmt, *ast.DeferStmt, *ast.LabeledStmt:
			simple = false
		case *ast.UnaryExpr:
			simple = simple && x.Op != token.ARROW
		case *ast.CallExpr:
			simple = simple && w.cheap(x)
		case *ast.BranchStmt:
			simple = simple && x.Tok != token.GOTO
		}
		return simple
	})
	return simple
}

// cheap says of a call that it is a conversion, a builtin, or a function of
// package math, which all return soon.
func (w *writer) cheap(call *ast.CallExpr) bool {
	if w.Info.Types[call.Fun].IsType() {
		return true
	}
	var id *ast.Ident
	switch f := ast.Unparen(call.Fun).(type) {
	case *ast.Ident:
		id = f
	case *ast.SelectorExpr:
		id = f.Sel
	default:
		return false
	}
	switch o := w.Info.Uses[id].(type) {
	case *types.Builtin:
		return true
	case *types.Func:
		return o.Pkg() != nil && (o.Pkg().Path() == "math" || o.Pkg().Path() == "math/bits" || o.Pkg().Path() == "math/cmplx")
	}
	return false
}

// assigned says that a node assigns to the name, or takes its address.
func (w *writer) assigned(node ast.Node, name string) (found bool) {
	is := func(e ast.Expr) bool { id, ok := ast.Unparen(e).(*ast.Ident); return ok && id.Name == name }
	ast.Inspect(node, func(n ast.Node) bool {
		switch x := n.(type) {
		case *ast.AssignStmt:
			for _, l := range x.Lhs {
				found = found || is(l)
			}
		case *ast.IncDecStmt:
			found = found || is(x.X)
		case *ast.UnaryExpr:
			found = found || x.Op == token.AND && is(x.X)
		}
		return !found
	})
	return found
}

// shadowed says that a block declares the name anew at its top.
func shadowed(b *ast.BlockStmt, name string) bool {
	for _, s := range b.List {
		if a, ok := s.(*ast.AssignStmt); ok && a.Tok == token.DEFINE {
			for _, l := range a.Lhs {
				if id, ok := l.(*ast.Ident); ok && id.Name == name {
					return true
				}
			}
		}
	}
	return false
}

// funcBody puts a check at the entry of a function that may call itself.
func (w *writer) funcBody(b *ast.BlockStmt, f ast.Node) {
	if !w.mayRecur(f, b) {
		return
	}
	at := w.offset(b.Lbrace) + 1
	if len(b.List) > 1 && w.returnsEarly(b.List[0]) { // the end of the recursion needs no check
		at = w.offset(b.List[0].End())
		w.insert(at, "; "+strings.TrimSuffix(w.stopCheck(), ";"))
		return
	}
	w.insert(at, w.stopCheck())
}

// returnsEarly says of a statement that it is if cond { return … } without calls.
func (w *writer) returnsEarly(s ast.Stmt) bool {
	i, ok := s.(*ast.IfStmt)
	if !ok || i.Init != nil || i.Else != nil || len(i.Body.List) != 1 {
		return false
	}
	if _, ok := i.Body.List[0].(*ast.ReturnStmt); !ok {
		return false
	}
	calls := false
	ast.Inspect(i, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok && !w.cheap(call) {
			calls = true
		}
		return !calls
	})
	return !calls
}

// mayRecur says that a function calls functions of cells, or functions that only
// running shows. One that calls none of them ends.
func (w *writer) mayRecur(f ast.Node, b *ast.BlockStmt) (found bool) {
	ast.Inspect(b, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || found {
			return !found
		}
		switch fun := ast.Unparen(call.Fun).(type) {
		case *ast.Ident:
			found = found || w.callsCell(w.Info.Uses[fun])
		case *ast.SelectorExpr:
			found = found || w.callsCell(w.Info.Uses[fun.Sel])
		case *ast.FuncLit: // its body is looked at, too
		default: // it comes out of a pointer, an interface, a call, …
			found = found || !w.Info.Types[fun].IsType()
		}
		return !found
	})
	return found
}

func (w *writer) callsCell(o types.Object) bool {
	switch o := o.(type) {
	case *types.Func:
		if recv := o.Signature().Recv(); recv != nil && types.IsInterface(recv.Type()) {
			return true // a cell's type may be behind it
		}
		return o.Pkg() != nil && o.Pkg().Path() == "main" && !strings.HasPrefix(o.Name(), "__magic_")
	case *types.Var:
		return true // of a func type, or a type parameter that stands for one
	}
	return false
}

// jump puts a check in front of a goto that goes back, and so may be a loop.
func (w *writer) jump(b *ast.BranchStmt) {
	if b.Tok != token.GOTO {
		return
	}
	if label := w.Info.Uses[b.Label]; label == nil || label.Pos() < b.Pos() {
		w.insert(w.offset(b.Pos()), w.stopCheck())
	}
}

// goStmt gives the goroutine a guard: a panic in it ends the cell that has
// started it, and not the process.
func (w *writer) goStmt(g *ast.GoStmt) {
	rt := w.rt()
	guard := fmt.Sprintf("defer %s.Guard(%s.Enter());", rt, rt)
	if lit, ok := ast.Unparen(g.Call.Fun).(*ast.FuncLit); ok {
		w.insert(w.offset(lit.Body.Lbrace)+1, guard)
		return
	}
	w.late[g] = func() { w.goCall(g, guard) }
}

// goCall has the function and the arguments of a go statement evaluated before the
// goroutine starts, as the language has it, and called in it:
//
//	{ f := F; a0 := x; go func() { guard; f(a0, 1) }() }
//
// It is called when all edits inside of the statement are made.
func (w *writer) goCall(g *ast.GoStmt, guard string) {
	w.temps++
	var b strings.Builder
	at := w.offset(g.Pos())
	b.WriteString("{ ")
	text := func(n ast.Node) string { // with the line ends in front of it
		from, to := w.offset(n.Pos()), w.offset(n.End())
		s := w.lines(at, from) + w.edited(from, to)
		at = to
		return s
	}
	fun := text(g.Call.Fun)
	if !w.isBuiltin(g.Call.Fun) && !w.isGeneric(g.Call.Fun) {
		fmt.Fprintf(&b, "%sf%d := %s; ", own, w.temps, fun)
		fun = fmt.Sprintf("%sf%d", own, w.temps)
	}
	var args []string
	name := func() string { return fmt.Sprintf("%sg%d_%d", own, w.temps, len(args)) }
	for _, a := range g.Call.Args {
		arg, tv := text(a), w.Info.Types[a]
		tuple, several := tv.Type.(*types.Tuple)
		switch {
		case several:
			for range tuple.Len() {
				args = append(args, name())
			}
			fmt.Fprintf(&b, "%s := %s; ", strings.Join(args, ", "), arg)
		case tv.IsNil() || tv.Value != nil || w.isGeneric(a):
			args = append(args, arg)
		case untypedParts(a, tv.Type):
			w.inFunc = true
			fmt.Fprintf(&b, "var %s %s = %s; ", name(), w.typeText(tv.Type), arg)
			w.inFunc = false
			args = append(args, name())
		default:
			fmt.Fprintf(&b, "%s := %s; ", name(), arg)
			args = append(args, name())
		}
	}
	spread := ""
	if g.Call.Ellipsis.IsValid() {
		spread = "..."
	}
	end := w.offset(g.Call.Rparen) + 1
	fmt.Fprintf(&b, "go func() { %s %s(%s%s) }() %s}", guard, fun, strings.Join(args, ", "), spread, w.lines(at, end))
	w.replace(w.offset(g.Pos()), end, b.String())
}

// untypedParts says of an expression, which has type t where it stands, that it might
// have another one by itself: 1<<n and a == b take what is wanted of them.
func untypedParts(e ast.Expr, t types.Type) bool {
	switch x := ast.Unparen(e).(type) {
	case *ast.BinaryExpr:
	case *ast.UnaryExpr:
		if x.Op == token.ARROW || x.Op == token.AND {
			return false
		}
	default:
		return false
	}
	return !types.Identical(t, types.Typ[types.Int]) && !types.Identical(t, types.Typ[types.Bool])
}

func (w *writer) lines(from, to int) string {
	return strings.Repeat("\n", strings.Count(w.text[from:to], "\n"))
}

// isGeneric says of an expression that it is a generic function, some of whose type
// arguments follow from where it stands.
func (w *writer) isGeneric(e ast.Expr) bool {
	given := 0
	switch x := ast.Unparen(e).(type) {
	case *ast.IndexExpr:
		e, given = x.X, 1
	case *ast.IndexListExpr:
		e, given = x.X, len(x.Indices)
	}
	var id *ast.Ident
	switch x := ast.Unparen(e).(type) {
	case *ast.Ident:
		id = x
	case *ast.SelectorExpr:
		id = x.Sel
	default:
		return false
	}
	instance, ok := w.Info.Instances[id]
	_, isFunc := w.Info.Uses[id].(*types.Func)
	return ok && isFunc && instance.TypeArgs.Len() > given
}

func (w *writer) isBuiltin(f ast.Expr) bool {
	id, ok := ast.Unparen(f).(*ast.Ident)
	if !ok {
		return false
	}
	_, ok = w.Info.Uses[id].(*types.Builtin)
	return ok
}

// replaced are functions of the library that the session has its own of: they read
// from the user, or can be interrupted.
var replaced = map[string]string{
	"fmt.Scan": "Scan", "fmt.Scanf": "Scanf", "fmt.Scanln": "Scanln", "time.Sleep": "Sleep",
}

// starters call their last argument in a goroutine.
var starters = map[string]string{
	"(*sync.WaitGroup).Go": "Guarded", "time.AfterFunc": "Guarded", "context.AfterFunc": "Guarded", "(*golang.org/x/sync/errgroup.Group).Go": "GuardedErr",
}

// call edits calls of magics, of what reads the user's input, and of what starts
// goroutines.
func (w *writer) call(call *ast.CallExpr) {
	if id, ok := call.Fun.(*ast.Ident); ok {
		if n, isMagic := w.opt.Calls[id.Name]; isMagic {
			w.magic(call, id, n)
			return
		}
	}
	s, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok {
		w.stdin(call)
		return
	}
	f, ok := w.Info.Uses[s.Sel].(*types.Func)
	if ok {
		if name := replaced[f.FullName()]; name != "" {
			w.skip[s] = true
			w.replace(w.offset(s.Pos()), w.offset(s.End()), w.rt()+"."+name)
		}
		if name := starters[f.FullName()]; name != "" && len(call.Args) > 0 {
			last := call.Args[len(call.Args)-1]
			w.insert(w.offset(last.Pos()), w.rt()+"."+name+"(")
			w.close(last, w.offset(last.End()), ")")
		}
	}
	w.stdin(call)
}

// stdin gives readers of os.Stdin the front end's user to read from.
func (w *writer) stdin(call *ast.CallExpr) {
	sig, ok := w.Info.TypeOf(call.Fun).(*types.Signature)
	if !ok {
		return
	}
	for i, a := range call.Args {
		s, ok := a.(*ast.SelectorExpr)
		if !ok || i >= sig.Params().Len() {
			continue
		}
		o := w.Info.Uses[s.Sel]
		if o == nil || o.Pkg() == nil || o.Pkg().Path() != "os" || o.Name() != "Stdin" {
			continue
		}
		if types.IsInterface(sig.Params().At(i).Type()) {
			w.skip[s] = true
			w.replace(w.offset(s.Pos()), w.offset(s.End()), w.rt()+".Stdin()")
		}
	}
}

// magic makes rt.Magic(run, n, args…) of a call, taken for its type.
func (w *writer) magic(call *ast.CallExpr, id *ast.Ident, n int) {
	sig, ok := w.Info.TypeOf(call.Fun).(*types.Signature)
	if !ok || sig.TypeParams().Len() > 0 {
		sig = w.Signatures[id.Name]
	}
	w.skip[id] = true
	as := ""
	if sig.Results().Len() > 0 && !w.unused[call] {
		t := sig.Results().At(0).Type()
		if it, ok := t.Underlying().(*types.Interface); !ok || !it.Empty() {
			as = w.rt() + ".As[" + w.typeText(t) + "]("
		}
	}
	w.replace(w.offset(id.Pos()), w.offset(call.Lparen)+1, fmt.Sprintf("%s%s.Magic(%s, %d, ", as, w.rt(), Run, n))
	for i, a := range call.Args {
		if tv := w.Info.Types[a]; tv.Value != nil && i < sig.Params().Len() && !sig.Variadic() {
			w.insert(w.offset(a.Pos()), w.typeText(sig.Params().At(i).Type())+"(")
			w.close(a, w.offset(a.End()), ")")
		}
	}
	if as != "" {
		w.close(call, w.offset(call.Rparen)+1, ")")
	}
}
