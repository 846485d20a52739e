// Package mono makes of generic Go such as has no type parameters: a copy of each
// generic declaration for every list of type arguments it is used with, and
// declarations at the top level for the types that functions declare. The
// interpreted tier runs these as it runs all other declarations.
//
// It works on text: a [World] takes a checked unit and gives chunks to be checked
// again. Start at [World.Rewrite].
package mono

import (
	"go/ast"
	"go/types"
	"maps"

	"github.com/adabc437/fanout/interp/cell"
	"github.com/adabc437/fanout/interp/check"
	"github.com/adabc437/fanout/interp/session"
)

// A World is a session as the interpreted tier sees it, without generics. It is not
// safe for concurrent use.
type World struct {
	// Scope holds what is declared in it.
	Scope *check.Scope

	templates map[types.Object]*template
	instances map[string]*instance // by the declaration and its type arguments
	named     map[*types.TypeName]int
	shown     map[string]string // how the types it has named are called in Go
	count     int
	active    bool
}

// NewWorld is the world of a session that has declared nothing.
func NewWorld() *World {
	return &World{
		Scope: check.NewScope(), templates: map[types.Object]*template{}, instances: map[string]*instance{},
		named: map[*types.TypeName]int{}, shown: map[string]string{},
	}
}

// Shown maps the names that the world has given to types to what Go calls them.
func (w *World) Shown() map[string]string { return w.shown }

// A template is a generic declaration.
type template struct {
	unit    *source
	obj     types.Object
	node    ast.Node // *ast.FuncDecl or *ast.TypeSpec
	chunk   cell.Chunk
	params  *ast.FieldList
	alias   bool
	methods []*template // of a type
}

// An instance is a copy of a template.
type instance struct {
	name string
	of   *template
	args []types.Type
}

// A Rewritten is a unit without generics.
type Rewritten struct {
	// Chunks are to be checked in the world's scope, instead of the unit's.
	Chunks []cell.Chunk

	world     *World
	templates map[types.Object]*template
	instances map[string]*instance
	count     int
}

// Commit remembers what the unit has declared.
func (r *Rewritten) Commit() {
	maps.Copy(r.world.templates, r.templates)
	maps.Copy(r.world.instances, r.instances)
	r.world.count = r.count
	r.world.active = true
}

// Rewrite takes generics and types of functions out of a checked unit. It returns nil
// if there are none, neither in the unit nor in the session.
func (w *World) Rewrite(u *check.Unit) (*Rewritten, *session.Diagnostic) {
	if !w.active && !concerns(u) {
		return nil, nil
	}
	r := &rewriter{
		World: w, src: newSource(u), local: map[localKey]string{}, aliases: map[localKey]types.Type{},
		out: &Rewritten{world: w, templates: map[types.Object]*template{}, instances: map[string]*instance{}, count: w.count},
	}
	r.collect()
	own := r.own()
	for len(r.pending) > 0 && r.err == nil {
		next := r.pending[0]
		r.pending = r.pending[1:]
		r.instantiate(next)
	}
	if r.err != nil {
		return nil, r.err
	}
	r.out.Chunks = append(r.made, own...)
	return r.out, nil
}

// concerns says that a unit declares generics or types in functions.
func concerns(u *check.Unit) (found bool) {
	look := func(n ast.Node, depth int) {
		ast.Inspect(n, func(n ast.Node) bool {
			switch x := n.(type) {
			case *ast.FuncType:
				found = found || x.TypeParams != nil
			case *ast.TypeSpec:
				found = found || x.TypeParams != nil || depth > 0
			case *ast.FuncDecl:
				found = found || x.Recv != nil && indexed(x.Recv.List[0].Type) != nil
				depth++
			case *ast.BlockStmt:
				depth++
			}
			return !found
		})
	}
	for _, d := range u.Decls {
		look(d.Node, 0)
	}
	if u.Body != nil {
		look(u.Body, 1)
	}
	for _, g := range u.GlobalDecls {
		look(g, 1)
	}
	return found
}

// indexed is the generic type in the type of a receiver, with its parameters, or nil.
func indexed(e ast.Expr) ast.Expr {
	for {
		switch x := e.(type) {
		case *ast.StarExpr:
			e = x.X
		case *ast.ParenExpr:
			e = x.X
		case *ast.IndexExpr, *ast.IndexListExpr:
			return e
		default:
			return nil
		}
	}
}
