package mono

import (
	"fmt"
	"go/ast"
	"go/types"
	"slices"

	"github.com/adabc437/fanout/interp/cell"
	"github.com/adabc437/fanout/interp/check"
	"github.com/adabc437/fanout/interp/lower"
	"github.com/adabc437/fanout/interp/session"
)

// limit is the number of instances that a session may have.
const limit = 5000

// A rewriter works on one unit.
type rewriter struct {
	*World
	src     *source
	out     *Rewritten
	made    []cell.Chunk // instances
	pending []*instance
	local   map[localKey]string
	aliases map[localKey]types.Type
	err     *session.Diagnostic
}

// A localKey is a type that a function declares, in one of the function's instances.
type localKey struct {
	obj types.Object
	of  *instance
}

func (r *rewriter) fail(n ast.Node, format string, args ...any) {
	if r.err == nil {
		r.err = &session.Diagnostic{
			Name: session.TypeError, Message: fmt.Sprintf(format, args...), Hint: lower.WithGo,
			Pos: check.Position(r.src.Fset.Position(n.Pos()), r.src.Lines),
		}
	}
}

func (r *rewriter) template(o types.Object) *template {
	if t := r.out.templates[o]; t != nil {
		return t
	}
	return r.templates[o]
}

// collect finds the unit's generic declarations.
func (r *rewriter) collect() {
	for _, d := range r.src.Decls {
		switch x := d.Node.(type) {
		case *ast.GenDecl:
			for _, s := range x.Specs {
				if t, ok := s.(*ast.TypeSpec); ok && t.TypeParams != nil {
					o := r.src.Info.Defs[t.Name]
					r.out.templates[o] = &template{unit: r.src, obj: o, node: t, chunk: d.Chunk, params: t.TypeParams, alias: t.Assign.IsValid()}
				}
			}
		case *ast.FuncDecl:
			if x.Recv == nil && x.Type.TypeParams != nil {
				o := r.src.Pkg.Scope().Lookup(x.Name.Name)
				r.out.templates[o] = &template{unit: r.src, obj: o, node: x, chunk: d.Chunk, params: x.Type.TypeParams}
			}
		}
	}
	for _, d := range r.src.Decls {
		f, ok := d.Node.(*ast.FuncDecl)
		if !ok || f.Recv == nil || indexed(f.Recv.List[0].Type) == nil {
			continue
		}
		if t := r.out.templates[r.src.Pkg.Scope().Lookup(check.ReceiverBase(f))]; t != nil {
			t.methods = append(t.methods, &template{unit: r.src, node: f, chunk: d.Chunk})
		}
	}
}

// own gives the unit's chunks without generic declarations.
func (r *rewriter) own() []cell.Chunk {
	edits := map[cell.Chunk][]edit{}
	drop := map[cell.Chunk]bool{}
	for _, d := range r.src.Decls {
		w := &walker{rewriter: r, src: r.src}
		switch x := d.Node.(type) {
		case *ast.FuncDecl:
			if x.Type.TypeParams != nil || x.Recv != nil && indexed(x.Recv.List[0].Type) != nil {
				drop[d.Chunk] = true
				continue
			}
			w.inside = true
			w.walk(x)
		case *ast.GenDecl:
			for _, s := range x.Specs {
				t, ok := s.(*ast.TypeSpec)
				switch {
				case ok && (t.TypeParams != nil || constraint(r.src.Info.Defs[t.Name])):
					if len(x.Specs) == 1 {
						drop[d.Chunk] = true
					} else {
						w.replace(s, "")
					}
				default:
					w.walk(s)
				}
			}
		}
		edits[d.Chunk] = append(edits[d.Chunk], w.edits...)
	}
	w := &walker{rewriter: r, src: r.src, inside: true}
	if r.src.Body != nil {
		w.walk(r.src.Body)
	}
	for _, g := range r.src.GlobalDecls {
		w.walk(g)
	}
	var out []cell.Chunk
	for _, c := range slices.Concat(r.src.Again, r.src.Chunks) {
		if drop[c] {
			continue
		}
		start, ok := r.src.starts[c]
		if ok {
			end := start + len(c.Text)
			var mine []edit
			for _, e := range append(slices.Clone(edits[c]), w.edits...) {
				if e.start >= start && e.end <= end {
					mine = append(mine, e)
				}
			}
			if len(mine) > 0 {
				c.Text = r.src.edited(start, end, mine, r.src.File)
			}
		}
		out = append(out, c)
	}
	return out
}

// constraint says that a type is an interface that only constrains type parameters.
func constraint(o types.Object) bool {
	if o == nil {
		return false
	}
	it, ok := o.Type().Underlying().(*types.Interface)
	return ok && !it.IsMethodSet()
}

// instance is the name of a template's instance.
func (r *rewriter) instance(t *template, args []types.Type) string {
	key := fmt.Sprintf("%p", t)
	for _, a := range args {
		key += "," + r.key(a)
	}
	for _, m := range []map[string]*instance{r.out.instances, r.instances} {
		if i := m[key]; i != nil {
			return i.name
		}
	}
	r.out.count++
	i := &instance{name: fmt.Sprintf("%s__%d", t.obj.Name(), r.out.count), of: t, args: args}
	if r.out.count > limit {
		r.fail(r.src.Body, "the interpreted tier cannot hold so many instances of generic declarations")
		return i.name
	}
	r.out.instances[key] = i
	r.shown[i.name] = t.obj.Name() + "[" + r.goList(args) + "]"
	r.pending = append(r.pending, i)
	return i.name
}

// instantiate writes an instance's declarations.
func (r *rewriter) instantiate(i *instance) {
	src := i.of.unit
	switch x := i.of.node.(type) {
	case *ast.FuncDecl:
		w := r.walker(i, i.of.params)
		w.inside = true
		w.replace(x.Name, i.name)
		w.edits = append(w.edits, edit{src.offset(x.Type.TypeParams.Opening), src.offset(x.Type.TypeParams.Closing) + 1, ""})
		w.walkFunc(x)
		r.add(i.of.chunk, src.edited(src.offset(x.Pos()), src.offset(x.End()), w.edits, r.src.File), x, i.name)
	case *ast.TypeSpec:
		w := r.walker(i, i.of.params)
		w.walk(x.Type)
		r.add(i.of.chunk, "type "+i.name+" "+src.edited(src.offset(x.Type.Pos()), src.offset(x.Type.End()), w.edits, r.src.File), x, i.name)
		for _, m := range i.of.methods {
			f := m.node.(*ast.FuncDecl)
			recv := indexed(f.Recv.List[0].Type)
			w := r.walker(i, nil)
			w.inside = true
			for n, p := range indices(recv) {
				if id, ok := p.(*ast.Ident); ok && n < len(i.args) {
					w.bind(id, i.args[n])
				}
			}
			w.replace(recv, i.name)
			w.walkFunc(f)
			r.add(m.chunk, src.edited(src.offset(f.Pos()), src.offset(f.End()), w.edits, r.src.File), f, i.name+"."+f.Name.Name)
		}
	}
}

// add makes a chunk of an instance's text, which begins where n does.
func (r *rewriter) add(c cell.Chunk, text string, n ast.Node, name string) {
	number, _ := check.CellOf(c.File)
	p := r.src.Fset.Position(n.Pos())
	c.Text, c.Name, c.Line, c.Col = text, name, p.Line, p.Column
	c.File = check.FileName(number) + "/" + r.src.File
	r.made = append(r.made, c)
}

// walker makes the edits of an instance.
func (r *rewriter) walker(i *instance, params *ast.FieldList) *walker {
	w := &walker{rewriter: r, src: i.of.unit, of: i, env: map[types.Object]types.Type{}}
	n := 0
	if params != nil {
		for _, f := range params.List {
			for _, id := range f.Names {
				w.bind(id, i.args[n])
				n++
			}
		}
	}
	return w
}

func indices(e ast.Expr) []ast.Expr {
	switch x := e.(type) {
	case *ast.IndexExpr:
		return []ast.Expr{x.Index}
	case *ast.IndexListExpr:
		return x.Indices
	}
	return nil
}
