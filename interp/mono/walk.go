package mono

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"github.com/adabc437/fanout/interp/cell"
)

// A walker finds what to edit in a declaration.
type walker struct {
	*rewriter
	src    *source
	of     *instance                   // that is being written, or nil
	env    map[types.Object]types.Type // its type parameters
	inside bool                        // a function
	edits  []edit
	called map[*ast.Ident]bool
}

func (w *walker) bind(id *ast.Ident, t types.Type) {
	if o := w.src.Info.Defs[id]; o != nil {
		w.env[o] = t
	}
}

func (w *walker) replace(n ast.Node, text string) {
	w.edits = append(w.edits, edit{w.src.offset(n.Pos()), w.src.offset(n.End()), text})
}

// walkFunc looks at a function's parameters and body.
func (w *walker) walkFunc(f *ast.FuncDecl) {
	for _, list := range []*ast.FieldList{f.Type.Params, f.Type.Results} {
		if list != nil {
			w.walk(list)
		}
	}
	if f.Body != nil {
		w.walk(f.Body)
	}
}

func (w *walker) walk(n ast.Node) {
	w.called = map[*ast.Ident]bool{}
	ast.Inspect(n, func(n ast.Node) bool {
		switch x := n.(type) {
		case *ast.IndexExpr:
			return !w.indexed(x, x.X)
		case *ast.IndexListExpr:
			return !w.indexed(x, x.X)
		case *ast.Ident:
			w.ident(x)
		case *ast.CallExpr:
			if id, ok := x.Fun.(*ast.Ident); ok {
				w.called[id] = true
			}
		case *ast.DeclStmt:
			return !w.localTypes(x)
		}
		return true
	})
}

// indexed edits an instance with its arguments written out.
func (w *walker) indexed(n, x ast.Expr) bool {
	id, ok := ast.Unparen(x).(*ast.Ident)
	if !ok {
		return false
	}
	inst, ok := w.src.Info.Instances[id]
	t := w.template(w.src.Info.Uses[id])
	if !ok || t == nil {
		return false
	}
	if t.alias {
		w.replace(n, w.text(types.Unalias(w.subst(inst.Type))))
		return true
	}
	w.replace(n, w.instance(t, w.substAll(inst.TypeArgs)))
	return true
}

func (w *walker) ident(id *ast.Ident) {
	o := w.src.Info.Uses[id]
	if o == nil {
		return
	}
	if t := w.env[o]; t != nil {
		text := w.text(t)
		if w.called[id] && strings.IndexByte("*<fc", text[0]) >= 0 {
			text = "(" + text + ")"
		}
		w.replace(id, text)
		return
	}
	if inst, ok := w.src.Info.Instances[id]; ok {
		if t := w.template(o); t != nil {
			w.replace(id, w.instance(t, w.substAll(inst.TypeArgs)))
		}
		return
	}
	switch o := o.(type) {
	case *types.TypeName:
		if name := w.localName(o); name != "" {
			w.replace(id, name)
		}
	case *types.Var: // an embedded field goes by the name of its type
		if !o.Embedded() {
			return
		}
		t := o.Type()
		if p, ok := t.(*types.Pointer); ok {
			t = p.Elem()
		}
		if n, ok := w.subst(t).(*types.Named); ok {
			if t := w.template(n.Origin().Obj()); t != nil {
				w.replace(id, w.instance(t, typeList(n.TypeArgs())))
			} else if name := w.localName(n.Obj()); name != "" {
				w.replace(id, name)
			}
		}
	}
}

// localTypes moves types that a function declares to the top level.
func (w *walker) localTypes(d *ast.DeclStmt) bool {
	g, ok := d.Decl.(*ast.GenDecl)
	if !ok || g.Tok != token.TYPE || !w.inside {
		return false
	}
	for _, s := range g.Specs {
		t := s.(*ast.TypeSpec)
		o, _ := w.src.Info.Defs[t.Name].(*types.TypeName)
		if o == nil || t.Name.Name == "_" {
			continue
		}
		if t.Assign.IsValid() {
			w.aliases[localKey{o, w.of}] = w.subst(types.Unalias(o.Type()))
			continue
		}
		w.out.count++
		name := fmt.Sprintf("%s__%d", t.Name.Name, w.out.count)
		w.local[localKey{o, w.of}] = name
		w.shown[name] = t.Name.Name
		inner := &walker{rewriter: w.rewriter, src: w.src, of: w.of, env: w.env, inside: true}
		inner.walk(t.Type)
		text := w.src.edited(w.src.offset(t.Type.Pos()), w.src.offset(t.Type.End()), inner.edits, w.rewriter.src.File)
		p := w.src.Fset.Position(t.Pos())
		w.add(cell.Chunk{Kind: cell.Type, File: p.Filename}, "type "+name+" "+text, t, name)
	}
	w.replace(d, "")
	return true
}

// localName is the name at the top level of a type that a function declares, or "".
func (w *walker) localName(o *types.TypeName) string {
	if t := w.aliases[localKey{o, w.of}]; t != nil {
		return w.text(t)
	}
	return w.local[localKey{o, w.of}]
}
