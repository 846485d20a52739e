package check

import (
	"errors"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/adabc437/fanout/interp/cell"
	"github.com/adabc437/fanout/interp/session"
)

// A cell's statements declare session variables as locals of a function, so that
// x := x + 1 means what it says; its functions may use these variables. So a
// cell is checked twice: first the signatures and the statements, which gives
// the variables' types, then the bodies of those functions that use them.
//
// A method on a type of an earlier cell is checked as a function with the
// receiver as its first parameter, and then added to the type.

// run checks the unit and fills it.
func (c *checker) run() {
	c.unit.Info = newInfo()
	declared := map[string]bool{}
	for _, d := range c.unit.Decls {
		for _, n := range d.Names {
			declared[n] = true
		}
	}
	for _, g := range c.unit.GlobalDecls {
		for _, n := range namesOf(g) {
			declared[n] = true
		}
	}
	locals := localNames(c.unit.Body)
	late := c.lateBodies(declared, locals)
	c.first(declared, locals, late)
	if len(c.errs) > 0 && !c.quiet {
		return
	}
	c.second(declared, late)
	c.references()
}

// late tells how a function is checked in the first phase.
type late struct {
	decl   *ast.FuncDecl
	method bool   // on a type of an earlier cell
	stub   string // its name as a function
}

// lateBodies picks the functions whose bodies wait for the second phase.
func (c *checker) lateBodies(declared map[string]bool, locals map[string]*ast.Ident) []late {
	var list []late
	for _, d := range c.unit.Decls {
		f, ok := d.Node.(*ast.FuncDecl)
		if !ok {
			continue
		}
		b := ReceiverBase(f)
		foreign := b != "" && !declared[b]
		if foreign || (b == "" || !generic(f)) && uses(f.Body, locals) {
			list = append(list, late{f, foreign, fmt.Sprintf("__late_%d", len(list))})
		}
	}
	return list
}

func generic(f *ast.FuncDecl) bool {
	t := f.Recv.List[0].Type
	if s, ok := t.(*ast.StarExpr); ok {
		t = s.X
	}
	_, one := t.(*ast.IndexExpr)
	_, many := t.(*ast.IndexListExpr)
	return one || many
}

// localNames lists the names that a block declares at its top level.
func localNames(b *ast.BlockStmt) map[string]*ast.Ident {
	names := map[string]*ast.Ident{}
	if b == nil {
		return names
	}
	add := func(e ast.Expr) {
		if id, ok := e.(*ast.Ident); ok && id.Name != "_" {
			names[id.Name] = id
		}
	}
	for _, s := range b.List {
		for {
			l, ok := s.(*ast.LabeledStmt)
			if !ok {
				break
			}
			s = l.Stmt
		}
		switch s := s.(type) {
		case *ast.AssignStmt:
			if s.Tok == token.DEFINE {
				for _, e := range s.Lhs {
					add(e)
				}
			}
		case *ast.DeclStmt:
			if g, ok := s.Decl.(*ast.GenDecl); ok && g.Tok == token.VAR {
				for _, spec := range g.Specs {
					for _, n := range spec.(*ast.ValueSpec).Names {
						add(n)
					}
				}
			}
		}
	}
	return names
}

func uses(b *ast.BlockStmt, names map[string]*ast.Ident) (found bool) {
	if b == nil || len(names) == 0 {
		return false
	}
	ast.Inspect(b, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && names[id.Name] != nil {
			found = true
		}
		return !found
	})
	return found
}

// endless is a body that every signature allows.
func endless(at token.Pos) *ast.BlockStmt {
	return &ast.BlockStmt{Lbrace: at, Rbrace: at, List: []ast.Stmt{&ast.ForStmt{For: at, Body: &ast.BlockStmt{Lbrace: at, Rbrace: at}}}}
}

// asFunc is a function with the receiver of f as its first parameter.
func asFunc(f *ast.FuncDecl, name string, body *ast.BlockStmt) *ast.FuncDecl {
	t := *f.Type
	if f.Recv != nil && len(f.Recv.List) > 0 {
		params := &ast.FieldList{Opening: t.Params.Opening, Closing: t.Params.Closing}
		recv := *f.Recv.List[0]
		if len(recv.Names) == 0 && len(t.Params.List) > 0 && len(t.Params.List[0].Names) > 0 {
			recv.Names = []*ast.Ident{{Name: "_", NamePos: recv.Pos()}}
		}
		params.List = append([]*ast.Field{&recv}, t.Params.List...)
		t.Params = params
	}
	return &ast.FuncDecl{Name: &ast.Ident{Name: name, NamePos: f.Name.Pos()}, Type: &t, Body: body}
}

// first checks everything but the late bodies.
func (c *checker) first(declared map[string]bool, locals map[string]*ast.Ident, lates []late) {
	isLate := map[*ast.FuncDecl]*late{}
	for i := range lates {
		isLate[lates[i].decl] = &lates[i]
	}
	sigs := &ast.File{Package: c.file.Package, Name: c.file.Name, FileStart: c.file.FileStart, FileEnd: c.file.FileEnd}
	hasMethods := false
	for _, d := range c.unit.Decls {
		f, _ := d.Node.(*ast.FuncDecl)
		l := isLate[f]
		switch {
		case l == nil:
			sigs.Decls = append(sigs.Decls, d.Node)
		case l.method:
			hasMethods = true
		default:
			g := *f
			g.Body = endless(f.Pos())
			sigs.Decls = append(sigs.Decls, &g)
		}
	}
	if hasMethods {
		c.addMethods(declared, lates)
	}
	body := c.unit.Body
	if body == nil {
		body = &ast.BlockStmt{}
	}
	checked := &ast.BlockStmt{Lbrace: body.Lbrace, Rbrace: body.Rbrace, List: append([]ast.Stmt{}, body.List...)}
	for _, id := range locals {
		use := &ast.AssignStmt{Lhs: []ast.Expr{&ast.Ident{Name: "_", NamePos: body.Rbrace}}, Tok: token.ASSIGN, TokPos: body.Rbrace, Rhs: []ast.Expr{&ast.Ident{Name: id.Name, NamePos: body.Rbrace}}}
		checked.List = append(checked.List, use)
	}
	retypes, leave := c.retypes()
	sigs.Decls = append(retypes, sigs.Decls...)
	for _, g := range c.unit.GlobalDecls {
		sigs.Decls = append(sigs.Decls, g)
	}
	sigs.Decls = append(sigs.Decls, &ast.FuncDecl{Name: &ast.Ident{Name: cell.CellFunc}, Type: &ast.FuncType{Params: &ast.FieldList{}}, Body: checked})

	maps.Copy(leave, declared)
	c.unit.Pkg = c.newPackage(leave)
	ck := types.NewChecker(c.config(c.in.File), c.Fset, c.unit.Pkg, c.unit.Info)
	defer c.hideEarlier(declared)()
	_ = ck.Files([]*ast.File{sigs}) // errors went to the config's Error
	c.globals()
	c.unit.Retyped = map[string]*types.Var{}
	for name := range c.in.Retype {
		if v, ok := c.unit.Pkg.Scope().Lookup(name).(*types.Var); ok && leave[name] && !declared[name] {
			c.unit.Retyped[name] = v
		}
	}
	for _, s := range body.List {
		ast.Inspect(s, func(n ast.Node) bool {
			id, ok := n.(*ast.Ident)
			if !ok || locals[id.Name] == nil {
				return true
			}
			if v, ok := c.unit.Info.Defs[id].(*types.Var); ok && v.Parent() != nil && v.Parent() == topScope(c.unit.Info, checked, sigs) {
				c.unit.Locals = append(c.unit.Locals, v)
				if declared[id.Name] {
					c.redeclared(id)
				}
			}
			return true
		})
	}
}

// redeclared says that a variable of the cell has the name of a function, type or
// constant of the same cell.
func (c *checker) redeclared(id *ast.Ident) {
	if c.quiet {
		return
	}
	d := c.diagnose(session.TypeError, c.Fset.Position(id.Pos()), id.Name+" redeclared in this cell")
	for _, other := range c.unit.Decls {
		if p := c.Fset.Position(other.Node.Pos()); slices.Contains(other.Names, id.Name) {
			d.Notes = append(d.Notes, fmt.Sprintf("the other declaration of %s is in line %d", id.Name, p.Line))
		}
	}
	c.errs = append(c.errs, d)
}

// hideEarlier puts parentheses around types of earlier cells that type declarations
// stand for, as in type T P, until the function that it returns is called: go/types
// looks for cycles among bare names, and takes all of them for the unit's own.
func (c *checker) hideEarlier(declared map[string]bool) (show func()) {
	var hidden []*ast.TypeSpec
	for _, d := range c.unit.Decls {
		g, ok := d.Node.(*ast.GenDecl)
		if !ok {
			continue
		}
		for _, s := range g.Specs {
			t, ok := s.(*ast.TypeSpec)
			if !ok {
				continue
			}
			if id, ok := t.Type.(*ast.Ident); ok && !declared[id.Name] {
				t.Type = &ast.ParenExpr{Lparen: id.Pos(), X: id, Rparen: id.End()}
				hidden = append(hidden, t)
			}
		}
	}
	return func() {
		for _, t := range hidden {
			t.Type = t.Type.(*ast.ParenExpr).X
		}
	}
}

// topScope is the scope of the cell function's body.
func topScope(info *types.Info, body *ast.BlockStmt, f *ast.File) *types.Scope {
	fn := f.Decls[len(f.Decls)-1].(*ast.FuncDecl)
	return info.Scopes[fn.Type]
}

// addMethods finds the signatures of methods on types of earlier cells and adds
// the methods to these types.
func (c *checker) addMethods(declared map[string]bool, lates []late) {
	f := &ast.File{Package: c.file.Package, Name: c.file.Name, FileStart: c.file.FileStart, FileEnd: c.file.FileEnd}
	for _, d := range c.unit.Decls {
		if g, ok := d.Node.(*ast.GenDecl); ok {
			f.Decls = append(f.Decls, g)
		}
	}
	for _, l := range lates {
		if l.method {
			f.Decls = append(f.Decls, asFunc(l.decl, l.stub, endless(l.decl.Pos())))
		}
	}
	pkg := c.newPackage(declared)
	ck := types.NewChecker(c.config(c.in.File), c.Fset, pkg, newInfo())
	_ = ck.Files([]*ast.File{f})
	if len(c.errs) > 0 {
		return
	}
	for _, l := range lates {
		if l.method {
			c.addMethod(pkg, l)
		}
	}
}

func (c *checker) addMethod(pkg *types.Package, l late) {
	fn, _ := pkg.Scope().Lookup(l.stub).(*types.Func)
	name := ReceiverBase(l.decl)
	e := c.scope.Lookup(name)
	pos := c.Fset.Position(l.decl.Name.Pos())
	fail := func(format string, args ...any) {
		if !c.quiet {
			c.errs = append(c.errs, c.diagnose(session.TypeError, pos, fmt.Sprintf(format, args...)))
		}
	}
	if e == nil && types.Universe.Lookup(name) != nil {
		fail("%s is a type of the language; it cannot have methods of yours: declare a type of your own with type T %s", name, name)
		return
	}
	if fn == nil || e == nil {
		fail("undefined: %s", name)
		return
	}
	named, ok := e.Obj.Type().(*types.Named)
	if _, isType := e.Obj.(*types.TypeName); !ok || !isType {
		fail("%s is not a type that can have methods", name)
		return
	}
	if generic(l.decl) {
		fail("declare the methods of the generic type %s in the cell that declares the type", name)
		return
	}
	sig := fn.Signature()
	params := sig.Params()
	var rest []*types.Var
	for v := range params.Variables() {
		rest = append(rest, v)
	}
	recv := rest[0]
	method := types.NewSignatureType(recv, nil, nil, types.NewTuple(rest[1:]...), sig.Results(), sig.Variadic())
	for m := range named.Methods() {
		if m.Name() != l.decl.Name.Name {
			continue
		}
		if !types.Identical(m.Signature(), method) {
			fail("method %s.%s is already declared with another signature: %s; to change it, declare %s and its methods again in one cell", name, m.Name(), types.TypeString(m.Signature(), types.RelativeTo(pkg)), name)
		}
		return
	}
	if c.tolerant {
		return
	}
	named.AddMethod(types.NewFunc(l.decl.Name.Pos(), named.Obj().Pkg(), l.decl.Name.Name, method))
}

// second checks the late bodies, with the unit's variables in scope.
func (c *checker) second(declared map[string]bool, lates []late) {
	if len(lates) == 0 {
		return
	}
	leave := map[string]bool{}
	for n := range declared {
		leave[n] = true
	}
	for _, v := range c.unit.Locals {
		leave[v.Name()] = true
	}
	pkg := c.newPackage(leave)
	for _, name := range c.unit.Pkg.Scope().Names() {
		if o := c.unit.Pkg.Scope().Lookup(name); declared[name] {
			pkg.Scope().Insert(o)
		}
	}
	for _, v := range c.unit.Locals {
		pkg.Scope().Insert(packageVar(v, pkg))
	}
	f := &ast.File{Package: c.file.Package, Name: c.file.Name, FileStart: c.file.FileStart, FileEnd: c.file.FileEnd}
	for _, l := range lates {
		f.Decls = append(f.Decls, asFunc(l.decl, l.stub, l.decl.Body))
	}
	ck := types.NewChecker(c.config(c.in.File), c.Fset, pkg, c.unit.Info)
	_ = ck.Files([]*ast.File{f})
}

// packageVar is a package-level variable for a local that becomes one.
func packageVar(v *types.Var, pkg *types.Package) *types.Var {
	return types.NewVar(v.Pos(), pkg, v.Name(), v.Type())
}

// references notes for each declaration which of the session's names it uses, and
// what these and others stand for.
func (c *checker) references() {
	for i := range c.unit.Decls {
		d := &c.unit.Decls[i]
		d.Refs, d.Uses = map[string]bool{}, c.unit.Uses(d.Node)
		ast.Inspect(d.Node, func(n ast.Node) bool {
			id, ok := n.(*ast.Ident)
			if !ok {
				return true
			}
			o := c.unit.Info.Uses[id]
			if o == nil || o.Pkg() == nil || o.Pkg().Path() != "main" {
				return true
			}
			if _, isPkg := o.(*types.PkgName); !isPkg && o.Parent() != nil && o.Parent().Parent() == types.Universe {
				d.Refs[o.Name()] = true
			}
			return true
		})
		if f, ok := d.Node.(*ast.FuncDecl); ok {
			if b := ReceiverBase(f); b != "" {
				d.Refs[b] = true
			}
		}
		for _, n := range d.Names {
			delete(d.Refs, n)
			delete(d.Uses, n)
		}
	}
}

// Uses lists what the names in a part of a unit stand for, but for what is declared
// inside of declarations: names of the session, packages, and Go's own.
func (u *Unit) Uses(part ast.Node) map[string]types.Object {
	uses := map[string]types.Object{}
	members := map[*ast.Ident]bool{} // what stands behind a dot
	ast.Inspect(part, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			members[s.Sel] = true
		}
		if id, ok := n.(*ast.Ident); ok && !members[id] {
			if o := u.Info.Uses[id]; o != nil && !within(o) {
				uses[id.Name] = o
			}
		}
		return true
	})
	return uses
}

// within says that an object is declared inside of a declaration: a local, a field.
func within(o types.Object) bool {
	if _, isPkg := o.(*types.PkgName); isPkg || o.Pkg() == nil {
		return false
	}
	return o.Parent() == nil || o.Parent().Parent() != types.Universe
}

// resolveCalls finds the signatures of the magics in the cell, whose types
// follow from those of their arguments.
func (c *checker) resolveCalls() {
	if len(c.in.Calls) == 0 {
		return
	}
	c.unit.Signatures = c.sigs
	sites := map[string]*ast.CallExpr{}
	ast.Inspect(c.file, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok {
			if id, ok := call.Fun.(*ast.Ident); ok {
				sites[id.Name] = call
			}
		}
		return true
	})
	for progress := true; progress && len(c.errs) == 0 && len(c.sigs) < len(c.in.Calls); {
		progress = false
		c.quiet = true
		locals, result := c.unit.Locals, c.unit.Result
		c.run()
		c.unit.Locals, c.unit.Result = locals, result
		c.quiet = false
		for _, call := range c.in.Calls {
			if c.sigs[call.Name] == nil && sites[call.Name] != nil && c.resolve(call, sites[call.Name]) {
				progress = true
			}
		}
	}
	for _, call := range c.in.Calls {
		if c.sigs[call.Name] == nil { // its arguments are wrong, which the check will say
			anys := types.NewVar(token.NoPos, nil, "", types.NewSlice(types.Universe.Lookup("any").Type()))
			c.sigs[call.Name] = types.NewSignatureType(nil, nil, nil, types.NewTuple(anys), nil, true)
		}
	}
}

// functionRE finds where messages of magics speak of the function f that they are given.
var functionRE = regexp.MustCompile(`(^|\b(?:but|of|takes) )f( takes| is| returns|, but|$)`)

// withName writes the function in a message as the user calls it.
func withName(msg string, f ast.Expr) string {
	name := "the function"
	switch f := ast.Unparen(f).(type) {
	case *ast.Ident, *ast.SelectorExpr, *ast.IndexExpr:
		name = types.ExprString(f)
	}
	return functionRE.ReplaceAllString(msg, "${1}"+strings.ReplaceAll(name, "$", "$$")+"$2")
}

func (c *checker) resolve(call Call, site *ast.CallExpr) bool {
	var args []types.TypeAndValue
	for _, a := range site.Args {
		tv, ok := c.unit.Info.Types[a]
		if !ok || tv.Type == nil || tv.Type == types.Typ[types.Invalid] {
			return false
		}
		args = append(args, tv)
	}
	sig, err := call.Type(args)
	if err != nil {
		pos, msg := site.Pos(), err.Error()
		var at *ArgError
		if errors.As(err, &at) && at.Arg < len(site.Args) {
			pos = site.Args[at.Arg].Pos()
			msg = withName(msg, site.Args[0])
		}
		c.errs = append(c.errs, c.diagnose(session.MagicError, c.Fset.Position(pos), msg))
		return false
	}
	c.sigs[call.Name] = generalize(sig, c.unit.Pkg)
	return true
}
