package lower

import (
	"go/ast"
	"go/token"
	"go/types"
)

// known is what must be known of a node before what is below it is rewritten,
// since types are found by the nodes that the user wrote.
type known struct {
	consts     []int                           // of an assignment
	literals   []int                           // of an assignment, that go into interfaces
	types      [2]types.TypeAndValue           // of a comparison
	typ        types.Type                      // of what is ranged over, or of a switch's tag
	own        []*ast.Ident                    // variables of a loop that each turn has for itself
	carried    []*ast.Ident                    // and those that a turn changes and hands on to the next
	values     map[ast.Expr]types.TypeAndValue // of the cases of a switch
	sig        *types.Signature                // of a method expression, a generic function, or of what a go statement calls
	method     *types.Selection                // of a method value
	generic    *types.Func                     // of a bound package
	vars       []*types.Var                    // of a loop, that a deferred function literal uses
	inst       *types.TypeList                 // of an instance of a generic function
	cases      *typeSwitch                     // of a type switch
	asserts    *typeCase                       // the type asserted
	commaOK    bool                            // of an assertion
	as         int                             // the shape of the target of errors.As
	compare    bool                            // the cases of a switch one by one
	isAs       bool
	shown      map[int]func(ast.Expr) ast.Expr // what to do to the arguments of a call that prints
	replace    func(ast.Expr) ast.Expr         // what to put in the place of a call, given its argument
	results    *types.Tuple                    // of a return that gives several
	chans      int                             // 1 or 2: the side of a comparison to be converted to the other's type
	conv       types.Type                      // an interface that a value is converted to
	nils       types.Type                      // of nil in f(nil...)
	valueTypes []types.Type                    // those of its values that go into interfaces
	tuple      *tuple                          // an assignment of several values
	shift      bool                            // by what may be negative
}

// learn notes what is to be known of a node.
func (l *lowerer) learn(n ast.Node) (k known, ok bool) {
	switch x := n.(type) {
	case *ast.AssignStmt:
		k.consts = l.mixed(x)
		k.literals = l.literals(x)
		k.tuple = l.tuple(x)
		k.shift = len(x.Rhs) == 1 && l.shiftCount(x.Tok, x.Rhs[0])
		ok = len(k.consts)+len(k.literals) > 0 || derefs(x) || k.tuple != nil || k.shift
	case *ast.DeclStmt:
		ok = l.holdsInInterface(x)
	case *ast.TypeSwitchStmt:
		k.cases = l.typeSwitch(x)
		ok = k.cases != nil
	case *ast.TypeAssertExpr:
		var t typeCase
		if t, ok = l.typeAssert(x); ok {
			k.asserts, k.commaOK, k.typ = &t, l.commaOK(x), l.Info.TypeOf(x.X)
		}
	case *ast.ReturnStmt:
		if k.results = l.namesResults(x); k.results != nil {
			k.valueTypes, ok = l.ownTypes(x, k.results), true
		}
	case *ast.CallExpr:
		l.looksInto(x)
		k.shown = l.shown(x)
		k.as, k.isAs = l.errorsAs(x)
		if show := l.panicValue(x); show != nil {
			k.shown = map[int]func(ast.Expr) ast.Expr{0: show}
		}
		k.replace = l.newValue(x)
		k.conv, k.nils = l.intoInterface(x), l.spreadsNil(x)
		ok = k.shown != nil || k.isAs || k.replace != nil || k.conv != nil || k.nils != nil
	case *ast.BinaryExpr:
		k.types, ok = l.comparesInterfaces(x)
		k.shift = l.shiftCount(x.Op, x.Y)
		k.chans, k.conv = l.comparesChans(x)
		ok = ok || k.shift || k.chans > 0
	case *ast.RangeStmt:
		k.typ, ok = l.Info.TypeOf(x.X), true
		if x.Tok == token.DEFINE {
			k.own = append(l.perIteration([]ast.Expr{x.Key, x.Value}, x.Body, false), l.perIteration([]ast.Expr{x.Key, x.Value}, x.Body, true)...)
		}
	case *ast.ForStmt:
		if init, isAssign := x.Init.(*ast.AssignStmt); isAssign && init.Tok == token.DEFINE {
			k.own, k.carried = l.perIteration(init.Lhs, x.Body, false), l.perIteration(init.Lhs, x.Body, true)
			ok = len(k.own)+len(k.carried) > 0
		}
	case *ast.SwitchStmt:
		if x.Tag == nil || !isInterface(l.Info.TypeOf(x.Tag)) {
			k.compare = l.computedCases(x)
			return k, k.compare
		}
		k.values, ok = map[ast.Expr]types.TypeAndValue{}, true
		for _, s := range x.Body.List {
			for _, e := range s.(*ast.CaseClause).List {
				k.values[e] = l.Info.Types[e]
			}
		}
	case *ast.SelectorExpr:
		if f := l.genericFunc(x); f != nil {
			k.generic = f
			k.sig, ok = l.Info.TypeOf(x).(*types.Signature)
			return k, ok && k.sig.TypeParams().Len() == 0
		}
		if s := l.Info.Selections[x]; s != nil && s.Kind() == types.MethodExpr && (ofSession(s.Recv()) || isInterface(s.Recv())) {
			k.sig, ok = s.Type().(*types.Signature)
		}
		if s := l.Info.Selections[x]; s != nil && s.Kind() == types.MethodVal && (ofSession(s.Recv()) || isInterface(s.Recv())) {
			k.method, ok = s, true
		}
		if tv := l.Info.Types[x]; tv.IsType() { // a constraint, such as cmp.Ordered
			if it, isIface := tv.Type.Underlying().(*types.Interface); isIface && !it.IsMethodSet() {
				k.typ, ok = it, true
			}
		}
	case *ast.GoStmt:
		k.sig, ok = l.guarded(x), true
	case *ast.DeferStmt:
		k.vars, ok = l.deferredVars(x), true
	case *ast.IndexExpr, *ast.IndexListExpr:
		k.typ, ok = l.boundGeneric(x.(ast.Expr))
		if f := l.genericFunc(x.(ast.Expr)); f != nil {
			k.generic = f
			k.sig, ok = l.Info.TypeOf(x.(ast.Expr)).(*types.Signature)
		} else if ix, isIndex := x.(*ast.IndexExpr); isIndex && !ok {
			ok = l.pointsToArray(ix.X)
		}
	case *ast.Ident:
		inst, isInst := l.Info.Instances[x]
		if _, isMagic := l.Signatures[x.Name]; isMagic {
			return k, false
		}
		if f, isFunc := l.Info.Uses[x].(*types.Func); isInst && isFunc && f.Pkg() != nil && f.Pkg().Path() == "main" {
			k.inst, ok = inst.TypeArgs, true
		}
	}
	return k, ok
}
