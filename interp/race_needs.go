package interp

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"

	"github.com/adabc437/fanout/interp/cell"
	"github.com/adabc437/fanout/interp/check"
	"github.com/adabc437/fanout/interp/lower"
)

// declared notes what the unit declares.
func (w *racer) declared() {
	for _, d := range w.unit.Decls {
		for _, n := range d.Names {
			w.own[n] = true
		}
	}
	globals := map[string]bool{}
	for _, g := range w.unit.GlobalDecls {
		for _, s := range g.Specs {
			for _, id := range s.(*ast.ValueSpec).Names {
				globals[id.Name], w.own[id.Name] = true, true
			}
		}
	}
	for _, v := range w.unit.Locals {
		if !globals[v.Name()] {
			w.locals[v.Name()] = v
		}
	}
}

// need finds all that the cell needs of the session.
func (w *racer) need() {
	w.take(w.unit.Uses(w.unit.Body), nil)
	for _, g := range w.unit.GlobalDecls {
		w.take(w.unit.Uses(g), nil)
	}
	for _, d := range w.unit.Decls {
		for name, o := range d.Uses {
			if v, ok := o.(*types.Var); ok && w.locals[name] != nil && v.Parent() != nil && w.earlier(name) != o {
				w.hoisted[name] = true
			}
		}
		w.take(d.Uses, nil)
	}
	for done := map[string]bool{}; ; {
		for len(w.queue) > 0 {
			e := w.queue[0]
			w.queue = w.queue[1:]
			w.entity(e)
		}
		w.together()
		for _, name := range slices.Sorted(maps.Keys(w.hoisted)) {
			if !done[name] {
				done[name] = true
				w.types(w.locals[name].Type(), name)
			}
		}
		if len(w.queue) == 0 {
			return
		}
	}
}

// entity takes what an entity of the session uses.
func (w *racer) entity(e *check.Entity) {
	if e.IsVar() {
		w.vars = append(w.vars, e.Name)
		w.types(e.Obj.Type(), e.Name)
		return
	}
	w.take(e.Uses, e)
	for _, n := range cell.Names(*e.Chunk) {
		now := w.interp.scope.Lookup(n)
		if n != "_" && n != "init" && (w.own[n] || now == nil || now.Chunk == nil || now.Chunk.Text != e.Chunk.Text) {
			w.fail(nil, fmt.Sprintf("run In[%d] again", e.Cell), "%s is declared together with %s in In[%d], which is declared anew", e.Name, n, e.Cell)
		}
		w.methods(n)
	}
}

// together hoists what a statement declares as a whole.
func (w *racer) together() {
	for again := true; again; {
		again = false
		for _, s := range w.unit.Body.List {
			names := w.declares(s)
			if !slices.ContainsFunc(names, func(n string) bool { return w.hoisted[n] }) {
				continue
			}
			for _, n := range names {
				again = again || !w.hoisted[n]
				w.hoisted[n] = true
			}
		}
	}
}

// declares lists the locals that a statement of the cell declares.
func (w *racer) declares(s ast.Stmt) (names []string) {
	var ids []ast.Expr
	switch s := unlabelled(s).(type) {
	case *ast.AssignStmt:
		if s.Tok == token.DEFINE {
			ids = s.Lhs
		}
	case *ast.DeclStmt:
		if g := s.Decl.(*ast.GenDecl); g.Tok == token.VAR {
			for _, spec := range g.Specs {
				for _, id := range spec.(*ast.ValueSpec).Names {
					ids = append(ids, id)
				}
			}
		}
	}
	for _, e := range ids {
		if id, ok := e.(*ast.Ident); ok && w.locals[id.Name] != nil && w.unit.Info.Defs[id] == w.locals[id.Name] {
			names = append(names, id.Name)
		}
	}
	return names
}

func unlabelled(s ast.Stmt) ast.Stmt {
	for {
		l, ok := s.(*ast.LabeledStmt)
		if !ok {
			return s
		}
		s = l.Stmt
	}
}

// earlier is what a name stood for before the cell.
func (w *racer) earlier(name string) types.Object {
	if e := w.interp.scope.Lookup(name); e != nil {
		return e.Obj
	}
	return nil
}

// retyped is a variable of an earlier cell whose type the cell declares again.
func (w *racer) retyped(name string) types.Object {
	if v := w.unit.Retyped[name]; v != nil {
		return v
	}
	return nil
}

// methods takes the methods of a type of an earlier cell.
func (w *racer) methods(base string) {
	for _, e := range w.interp.scope.Entities() {
		if b, _, ok := strings.Cut(e.Name, "."); ok && b == base {
			w.add(e)
		}
	}
}

func (w *racer) add(e *check.Entity) {
	if w.needed[e.Name] == nil {
		w.needed[e.Name] = e
		w.queue = append(w.queue, e)
	}
}

// take takes what a part of the program uses: a declaration of an earlier cell, or, if
// user is nil, the cell.
func (w *racer) take(uses map[string]types.Object, user *check.Entity) {
	for _, name := range slices.Sorted(maps.Keys(uses)) {
		o := uses[name]
		if _, isPkg := o.(*types.PkgName); isPkg || o.Pkg() == nil {
			continue
		}
		switch path := o.Pkg().Path(); {
		case path == lower.Host:
			w.predeclared(name, user)
		case path != "main": // imported with a dot
		case strings.HasPrefix(name, "__"):
			if user != nil {
				w.fail(nil, "call package parallel there: parallel.Map(f, xs)", "%s of In[%d] has a magic in it, which only the session can run", user.Name, user.Cell)
			}
		case user == nil && o == w.retyped(name):
			w.add(w.interp.scope.Lookup(name))
		case user != nil && w.own[name]:
			w.fail(nil, fmt.Sprintf("run In[%d] again", user.Cell), "%s of In[%d] keeps to the earlier %s, which this cell declares anew", user.Name, user.Cell, name)
		case user != nil && w.locals[name] != nil && types.Identical(w.locals[name].Type(), o.Type()):
			w.hoisted[name] = true
		case user == nil && w.earlier(name) != o: // the cell's own
		case user != nil && !w.interp.means(name, o):
			w.fail(nil, fmt.Sprintf("run In[%d] again", user.Cell), "%s of In[%d] keeps to an earlier %s, which was declared anew", user.Name, user.Cell, name)
		default:
			w.add(w.interp.scope.Lookup(name))
		}
	}
}

// racePredeclared declares, in a program, what cells see without an import; empty for what
// needs the notebook.
func racePredeclared(name string) string {
	switch name {
	case "HTML", "SVG", "Markdown", "LaTeX", "JavaScript", "PNG", "JPEG", "GIF", "JSONValue", "Handle":
		return "type " + name + " = " + raceRT + "." + name
	case "display", "clearOutput", "JSON":
		return "var " + name + " = " + raceRT + "." + strings.ToUpper(name[:1]) + name[1:]
	}
	return ""
}

// predeclared takes a name that cells see without an import.
func (w *racer) predeclared(name string, user *check.Entity) {
	if racePredeclared(name) == "" {
		where := "the cell"
		if user != nil {
			where = fmt.Sprintf("%s of In[%d]", user.Name, user.Cell)
		}
		w.fail(w.firstUse(name), "", "%s uses %s, which needs the notebook: the program runs by itself", where, name)
	}
	w.host[name] = true
}

// types takes the types that the type of a variable is made of, and looks whether it
// can be written down.
func (w *racer) types(t types.Type, name string) {
	seen := map[types.Type]bool{}
	var visit func(t types.Type)
	visit = func(t types.Type) {
		if t == nil || seen[t] {
			return
		}
		seen[t] = true
		switch t := t.(type) {
		case *types.Named:
			w.typeName(t.Obj(), name)
			for a := range t.TypeArgs().Types() {
				visit(a)
			}
		case *types.Alias:
			w.typeName(t.Obj(), name)
		case *types.TypeParam:
			w.fail(w.firstUse(name), "call package parallel there: parallel.Map(f, xs)", "a map in a generic function cannot be part of the program")
		case *types.Map:
			visit(t.Key())
			visit(t.Elem())
		case interface{ Elem() types.Type }: // a pointer, slice, array or channel
			visit(t.Elem())
		case *types.Struct:
			for f := range t.Fields() {
				visit(f.Type())
			}
		case *types.Signature:
			for _, l := range []*types.Tuple{t.Params(), t.Results()} {
				for v := range l.Variables() {
					visit(v.Type())
				}
			}
		case *types.Interface:
			for m := range t.ExplicitMethods() {
				visit(m.Type())
			}
		}
	}
	visit(t)
}

// typeName takes a type by its name, which the type of the variable has in it.
func (w *racer) typeName(o *types.TypeName, variable string) {
	switch {
	case o.Pkg() == nil:
	case o.Pkg().Path() == lower.Host:
		w.predeclared(o.Name(), nil)
	case o.Pkg().Path() != "main":
		if !o.Exported() {
			w.fail(w.firstUse(variable), "give it a type that has a name here, such as an interface", "%s has the type %s.%s, which a program cannot name", variable, o.Pkg().Name(), o.Name())
		}
	case w.own[o.Name()] && (o.Pkg() == w.unit.Pkg || w.unit.Retyped[variable] != nil):
	case w.own[o.Name()] || w.earlier(o.Name()) != o:
		w.fail(w.firstUse(variable), "make it anew", "%s has an earlier type %s, which was declared anew since", variable, o.Name())
	default:
		w.add(w.interp.scope.Lookup(o.Name()))
	}
}
