package lower

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"strconv"
	"strings"
)

// The tier has no named types: a value that becomes an any is one of the type's
// underlying type, without name or methods. Where it is printed or encoded its
// static type is known, and goes along as a Shape: host.Shown(shape, value).

// A Shape is what the host must know of a type to print its values as Go does.
type Shape struct {
	Name       string // main.P, or as the type is written
	Runtime    string // its runtime name, if it is of a cell, with a star if it is a pointer to one
	Underlying types.Type
	Elem, Key  *Shape
	Fields     []*Shape // of a struct
	Methods    map[string]Method
	Tells      bool // it has methods or names of cells' types in it
}

// A Method is one that says how a value prints, or is encoded.
type Method struct {
	Owner   string // runtime name of the type that has it; "" for one of a bound package
	Path    []int  // to the embedded field that has it
	Pointer bool   // it is of the pointer
}

// telling are the methods that matter.
var telling = []string{"String", "Error", "GoString", "MarshalJSON", "MarshalText"}

// shape makes the shape of a type.
func (l *lowerer) shape(t types.Type) *Shape {
	if s := l.shapes[t]; s != nil {
		return s
	}
	s := &Shape{Name: typeName(t), Underlying: t.Underlying()}
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
			s.Tells = s.Tells || field.Tells
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
	for _, e := range l.entities {
		base, _, _ := strings.Cut(e.Name, ".")
		o := l.Pkg.Scope().Lookup(base)
		if o == nil {
			if old := l.scope.Lookup(base); old != nil {
				o = old.Obj
			}
		}
		if t, ok := o.(*types.TypeName); ok && !t.IsAlias() {
			if n, ok := t.Type().(*types.Named); ok && n.TypeParams().Len() == 0 {
				l.opt.Shape(l.shape(n))
				l.opt.Shape(l.shape(types.NewPointer(n)))
			}
		}
	}
}

func unnamedType(t types.Type) bool {
	_, named := types.Unalias(t).(*types.Named)
	return !named
}

// typeName is a type as %T prints it.
func typeName(t types.Type) string {
	return types.TypeString(types.Unalias(t), func(p *types.Package) string { return p.Name() })
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
		if sh := l.shape(types.Default(tv.Type)); !sh.Tells || isInterface(tv.Type) && verb != 'T' && verb != 'v' && verb != 0 {
			continue
		}
		id := l.opt.Shape(l.shapes[types.Default(tv.Type)])
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
