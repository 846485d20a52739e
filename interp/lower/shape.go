package lower

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"
	"strconv"
	"strings"
)

// The tier has no named types: a value that becomes an any is one of the type's
// underlying type, without name or methods. Where it is printed or encoded its
// static type is known, and goes along as a Shape: host.Shown(shape, value).

// A Shape is what the host must know of a type to print its values as Go does.
type Shape struct {
	Name             string // main.P, or as the type is written
	Runtime          string // its runtime name, if it is of a cell, with a star if it is a pointer to one
	Type, Underlying types.Type
	Elem, Key        *Shape
	Fields           []*Shape // of a struct
	Methods          map[string]Method
	Tells            bool // it has methods or names of cells' types in it
}

// A Method is one that says how a value prints, or is encoded.
type Method struct {
	Owner   string // runtime name of the type that has it; "" for one of a bound package
	Path    []int  // to the embedded field that has it
	Pointer bool   // it is of the pointer
}

// telling are the methods that matter.
var telling = []string{"String", "Error", "GoString", "MarshalJSON", "MarshalText", "Unwrap", "Is"}

// shape makes the shape of a type.
func (l *lowerer) shape(t types.Type) *Shape {
	t = types.Unalias(t)
	if s := l.shapes[t]; s != nil {
		return s
	}
	s := &Shape{Name: l.typeName(t), Type: t, Underlying: t.Underlying()}
	l.shapes[t] = s
	if ofSession(t) {
		s.Tells = true
		s.Methods = l.tellingMethods(t)
		base, star := t, ""
		if p, ok := t.(*types.Pointer); ok {
			base, star = p.Elem(), "*"
		}
		if n, ok := base.(*types.Named); ok && n.TypeArgs().Len() == 0 {
			if r := l.runtimeName(n.Obj()); r != "" {
				s.Runtime = star + r
			}
		}
	}
	switch u := t.Underlying().(type) {
	case *types.Pointer:
		s.Elem = l.shape(u.Elem())
	case *types.Slice:
		s.Elem = l.shape(u.Elem())
	case *types.Array:
		s.Elem = l.shape(u.Elem())
	case *types.Map:
		s.Key, s.Elem = l.shape(u.Key()), l.shape(u.Elem())
		s.Tells = s.Tells || s.Key.Tells
	case *types.Struct:
		if !ofSession(t) && !unnamedType(t) {
			break // of a bound package, whole
		}
		for f := range u.Fields() {
			field := l.shape(f.Type())
			s.Fields = append(s.Fields, field)
			s.Tells = s.Tells || field.Tells || !f.Exported()
		}
	case *types.Interface:
		s.Tells = true // who knows what is in it
	}
	s.Tells = s.Tells || s.Elem != nil && s.Elem.Tells
	return s
}

// shapesOf tells the host the shapes of the types that the unit declares, or methods of.
func (l *lowerer) shapesOf() {
	if l.opt.Shape == nil {
		return
	}
	before := l.pos
	defer func() { l.pos = before }()
	for _, e := range l.entities {
		base, _, isMethod := strings.Cut(e.Name, ".")
		l.pos = l.Body.Lbrace
		o := l.Pkg.Scope().Lookup(base)
		if o == nil {
			if old := l.scope.Lookup(base); old != nil {
				o = old.Obj
			}
		}
		if t, ok := o.(*types.TypeName); ok && !t.IsAlias() {
			if n, ok := t.Type().(*types.Named); ok && n.TypeParams().Len() == 0 {
				if !isMethod {
					l.tellType(t)
				}
				l.opt.Shape(l.shape(n))
				l.opt.Shape(l.shape(types.NewPointer(n)))
			}
		}
	}
}

// tellType tells the host which type of the tier's is the cell's.
func (l *lowerer) tellType(t *types.TypeName) {
	r := l.runtimeName(t)
	if r == "" {
		return
	}
	st, isStruct := t.Type().Underlying().(*types.Struct)
	if n, ok := t.Type().(*types.Named); ok && n.NumMethods() == 0 && (!isStruct || st.NumFields() == 0) {
		switch t.Type().Underlying().(type) {
		case *types.Interface, *types.Pointer:
			return
		}
		// The tier keeps types of values in an any if they have methods.
		l.decls = append(l.decls, &ast.FuncDecl{
			Recv: &ast.FieldList{List: []*ast.Field{{Names: []*ast.Ident{l.ident("__self")}, Type: l.ident(r)}}},
			Name: l.ident("__named"), Type: &ast.FuncType{Func: l.pos, Params: &ast.FieldList{}},
			Body: &ast.BlockStmt{Lbrace: l.pos, Rbrace: l.pos},
		})
		return
	}
	if !isStruct || st.NumFields() == 0 {
		return
	}
	ptr := &ast.CallExpr{Fun: &ast.ParenExpr{Lparen: l.pos, X: &ast.StarExpr{Star: l.pos, X: l.ident(r)}, Rparen: l.pos}, Lparen: l.pos, Args: []ast.Expr{l.ident("nil")}, Rparen: l.pos}
	l.prologue = append(l.prologue, l.tell("Type", r, ptr))
}

// tell is host.f("name", x).
func (l *lowerer) tell(f, name string, x ...ast.Expr) ast.Stmt {
	args := append([]ast.Expr{&ast.BasicLit{ValuePos: l.pos, Kind: token.STRING, Value: strconv.Quote(name)}}, x...)
	return &ast.ExprStmt{X: &ast.CallExpr{Fun: l.sel(Host, f, l.pos), Lparen: l.pos, Rparen: l.pos, Args: args}}
}

// sampleOf gives the host a value of a type in an interface with one of its methods.
func (l *lowerer) sampleOf(owner, method string, sig *types.Signature) {
	if l.opt.Shape == nil || sig.Recv() == nil {
		return
	}
	before := l.err
	bareSig := types.NewSignatureType(nil, nil, nil, sig.Params(), sig.Results(), sig.Variadic())
	ft := l.typeExpr(bareSig)
	if l.err != before {
		l.err = before
		return
	}
	in := func(name string, x ast.Expr) {
		it := &ast.InterfaceType{Interface: l.pos, Methods: &ast.FieldList{Opening: l.pos, Closing: l.pos, List: []*ast.Field{{Names: []*ast.Ident{l.ident(method)}, Type: ft}}}}
		lit := &ast.CompositeLit{Type: &ast.ArrayType{Lbrack: l.pos, Elt: it}, Lbrace: l.pos, Elts: []ast.Expr{x}, Rbrace: l.pos}
		l.prologue = append(l.prologue, l.tell("Sample", name, lit))
	}
	fresh := func() ast.Expr {
		return &ast.CallExpr{Fun: l.ident("new"), Lparen: l.pos, Args: []ast.Expr{l.ident(owner)}, Rparen: l.pos}
	}
	in("*"+owner, fresh())
	if _, byPointer := sig.Recv().Type().(*types.Pointer); !byPointer {
		in(owner, &ast.StarExpr{Star: l.pos, X: fresh()})
	}
}

// tellMethod tells the host of a method, Type.Method, and the function behind it.
func (l *lowerer) tellMethod(f *ast.FuncDecl, name, impl string) {
	base, method, _ := strings.Cut(name, ".")
	if l.opt.Shape == nil {
		return
	}
	owner := ""
	if o, ok := l.Pkg.Scope().Lookup(base).(*types.TypeName); ok {
		owner = l.runtimeName(o)
	} else if e := l.scope.Lookup(base); e != nil {
		owner = e.Runtime
	}
	if owner == "" {
		return
	}
	l.pos = f.Pos()
	if slices.Contains(telling, method) {
		quoted := &ast.BasicLit{ValuePos: l.pos, Kind: token.STRING, Value: strconv.Quote(method)}
		l.prologue = append(l.prologue, l.tell("Method", owner, quoted, l.ident(impl)))
	}
	if o, ok := l.Info.Defs[f.Name].(*types.Func); ok {
		l.sampleOf(owner, method, o.Signature())
	}
}

func unnamedType(t types.Type) bool {
	_, named := types.Unalias(t).(*types.Named)
	return !named
}

// typeName is a type as %T prints it.
func (l *lowerer) typeName(t types.Type) string {
	w := typeWriter{shown: func(name string) string {
		if shown := l.opt.Shown[name]; shown != "" {
			return shown
		}
		return name
	}}
	w.write(t)
	return w.String()
}

func (l *lowerer) tellingMethods(t types.Type) map[string]Method {
	var out map[string]Method
	set := types.NewMethodSet(t)
	for _, name := range telling {
		m := set.Lookup(nil, name)
		if m == nil {
			continue
		}
		f, ok := m.Obj().(*types.Func)
		if !ok {
			continue
		}
		recv := f.Signature().Recv().Type()
		_, byPointer := recv.(*types.Pointer)
		owner := ""
		if p, isPointer := recv.(*types.Pointer); isPointer {
			recv = p.Elem()
		}
		if n, isNamed := recv.(*types.Named); isNamed && ofSession(n) {
			if n.TypeArgs().Len() > 0 {
				continue
			}
			owner = l.runtimeName(n.Obj())
		}
		if out == nil {
			out = map[string]Method{}
		}
		out[name] = Method{owner, m.Index()[:len(m.Index())-1], byPointer}
	}
	return out
}

// printers are the functions whose arguments are printed, with the number of those in
// front and whether the last of those is a format.
var printers = map[string]struct {
	skip   int
	format bool
}{
	"fmt.Print": {0, false}, "fmt.Println": {0, false}, "fmt.Printf": {1, true},
	"fmt.Sprint": {0, false}, "fmt.Sprintln": {0, false}, "fmt.Sprintf": {1, true},
	"fmt.Fprint": {1, false}, "fmt.Fprintln": {1, false}, "fmt.Fprintf": {2, true},
	"fmt.Append": {1, false}, "fmt.Appendln": {1, false}, "fmt.Appendf": {2, true},
	"fmt.Errorf": {1, true},
	"log.Print":  {0, false}, "log.Println": {0, false}, "log.Printf": {1, true},
}

// shown lets the arguments of a print function go along with their types. It must be
// asked before the call is rewritten, and gives what to do to each argument then.
func (l *lowerer) shown(call *ast.CallExpr) map[int]func(ast.Expr) ast.Expr {
	s, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok {
		return nil
	}
	f, ok := l.Info.Uses[s.Sel].(*types.Func)
	if !ok || f.Pkg() == nil {
		return nil
	}
	p, ok := printers[f.FullName()]
	if !ok || l.opt.Shape == nil || len(call.Args) <= p.skip {
		return nil
	}
	if call.Ellipsis.IsValid() {
		if f.Name() == "Errorf" {
			return nil
		}
		return map[int]func(ast.Expr) ast.Expr{len(call.Args) - 1: func(e ast.Expr) ast.Expr {
			return &ast.CallExpr{Fun: l.sel(Host, "ShownAll", e.Pos()), Lparen: e.Pos(), Args: []ast.Expr{e}, Rparen: e.Pos()}
		}}
	}
	var out map[int]func(ast.Expr) ast.Expr
	verbs := ""
	if p.format {
		if v := l.Info.Types[call.Args[p.skip-1]].Value; v != nil && v.Kind() == constant.String {
			verbs = simpleVerbs(constant.StringVal(v))
		}
	}
	for n := p.skip; n < len(call.Args); n++ {
		tv := l.Info.Types[call.Args[n]]
		if tv.Type == nil || tv.IsNil() || !tv.IsValue() || open(tv.Type) {
			continue
		}
		if _, isTuple := tv.Type.(*types.Tuple); isTuple {
			continue
		}
		if _, isParam := tv.Type.(*types.TypeParam); isParam {
			continue
		}
		name := "Shown"
		verb := byte(0)
		if k := n - p.skip; k < len(verbs) {
			verb = verbs[k]
		}
		if verb == 'w' || verb == 'p' || f.Name() == "Errorf" && verb == 0 {
			continue
		}
		if verb == 'T' {
			name = "TypeName"
		}
		sh := l.shape(types.Default(tv.Type))
		if tells := sh.Tells || verb == 'T' && strings.Contains(sh.Name, "main."); !tells || isInterface(tv.Type) && verb != 'T' && verb != 'v' && verb != 0 {
			continue
		}
		id := l.opt.Shape(sh)
		if out == nil {
			out = map[int]func(ast.Expr) ast.Expr{}
		}
		var typ ast.Expr
		out[n] = func(e ast.Expr) ast.Expr {
			pos := e.Pos()
			l.pos = pos
			if tv.Value != nil {
				typ = l.typeExpr(types.Default(tv.Type))
				e = &ast.CallExpr{Fun: typ, Lparen: pos, Args: []ast.Expr{e}, Rparen: pos}
			}
			if isInterface(tv.Type) {
				e = l.inSlice(e, tv.Type)
				name += "In"
			}
			return &ast.CallExpr{Fun: l.sel(Host, name, pos), Lparen: pos, Args: []ast.Expr{number(id, pos), e}, Rparen: pos}
		}
		if verb == 'T' {
			format := p.skip - 1
			out[format] = func(e ast.Expr) ast.Expr {
				v := constant.StringVal(l.formats[call])
				return &ast.BasicLit{ValuePos: e.Pos(), Kind: token.STRING, Value: strconv.Quote(withoutT(v))}
			}
			l.formats[call] = l.Info.Types[call.Args[format]].Value
		}
	}
	if l.formats[call] != nil { // those of other types print their types themselves
		for k := range verbs {
			if n := p.skip + k; verbs[k] == 'T' && n < len(call.Args) && out[n] == nil {
				id := l.opt.Shape(l.shape(types.Default(l.Info.TypeOf(call.Args[n]))))
				out[n] = func(e ast.Expr) ast.Expr {
					return &ast.CallExpr{Fun: l.sel(Host, "TypeName", e.Pos()), Lparen: e.Pos(), Args: []ast.Expr{number(id, e.Pos()), e}, Rparen: e.Pos()}
				}
			}
		}
	}
	return out
}

// simpleVerbs are the verbs of a format, one for each argument; "" where one
// argument may have several or none.
func simpleVerbs(format string) string {
	var out []byte
	for i := 0; i < len(format); i++ {
		if format[i] != '%' {
			continue
		}
		for i++; i < len(format) && strings.IndexByte("+-# 0123456789.", format[i]) >= 0; i++ {
		}
		switch {
		case i >= len(format) || format[i] == '*' || format[i] == '[':
			return ""
		case format[i] != '%':
			out = append(out, format[i])
		}
	}
	return string(out)
}

// withoutT makes %s of %T.
func withoutT(format string) string {
	b := []byte(format)
	for i := 0; i < len(b); i++ {
		if b[i] != '%' {
			continue
		}
		for i++; i < len(b) && strings.IndexByte("+-# 0123456789.", b[i]) >= 0; i++ {
		}
		if i < len(b) && b[i] == 'T' {
			b[i] = 's'
		}
	}
	return string(b)
}
