// Package check types cells: it checks the Go of a cell with go/types in the
// scope of the session, so that errors are found, all of them and at their
// place, before anything runs, and so that the types of names are known to the
// tiers, to completion and to inspection. It runs nothing.
//
// Start at [Scope], which holds what a session has declared, and
// [Checker.Check].
package check

import (
	"fmt"
	"go/types"
	"maps"
	"slices"

	"github.com/adabc437/fanout/interp/cell"
)

// An Entity is one thing that a session has declared: a variable, function,
// type or constant, or a method, whose name is then Type.Method.
type Entity struct {
	Name string
	// Obj is the object that go/types knows; of a method, the *types.Func.
	Obj types.Object
	// Runtime is the name that the tier knows the entity by.
	Runtime string
	// Cell is n of the In[n] that declared it.
	Cell int
	// Chunk is the source of the declaration; nil for variables.
	Chunk *cell.Chunk
	// Refs are the names of the session that the declaration uses.
	Refs map[string]bool
	// Uses are the objects that names in the declaration stand for: those of Refs,
	// packages, and Go's own.
	Uses map[string]types.Object
	// Run is the run whose magics stand in the chunk, if there are any.
	Run int
}

// IsVar says that the entity is a variable.
func (e *Entity) IsVar() bool { _, ok := e.Obj.(*types.Var); return ok }

// A Scope holds what a session has declared and imported. It is not safe for
// concurrent use.
type Scope struct {
	entities map[string]*Entity
	order    []string
	imports  map[string]string
	dots     []string
	versions map[string]int
	ever     map[types.Object]*Entity
}

// NewScope returns an empty scope.
func NewScope() *Scope {
	return &Scope{entities: map[string]*Entity{}, imports: map[string]string{}, versions: map[string]int{}, ever: map[types.Object]*Entity{}}
}

// Lookup returns the entity of that name, or nil.
func (s *Scope) Lookup(name string) *Entity { return s.entities[name] }

// Entities lists what is declared, in the order of first declaration.
func (s *Scope) Entities() []*Entity {
	list := make([]*Entity, 0, len(s.order))
	for _, name := range s.order {
		list = append(list, s.entities[name])
	}
	return list
}

// Variables lists the names of the variables, sorted.
func (s *Scope) Variables() []string {
	var names []string
	for name, e := range s.entities {
		if e.IsVar() {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// Imports returns the session's imports, local name to path.
func (s *Scope) Imports() map[string]string { return maps.Clone(s.imports) }

// Import makes a package known by a name in later cells, in place of what had
// the name before.
func (s *Scope) Import(name, path string) {
	s.imports[name] = path
	s.Remove(name)
}

// Dot makes what a package exports known by its bare names in later cells.
func (s *Scope) Dot(path string) {
	if !slices.Contains(s.dots, path) {
		s.dots = append(s.dots, path)
	}
}

// Clone returns a copy that can be changed without effect on s.
func (s *Scope) Clone() *Scope {
	return &Scope{maps.Clone(s.entities), slices.Clone(s.order), maps.Clone(s.imports), slices.Clone(s.dots), s.versions, s.ever}
}

// Declare puts an entity into the scope, in place of an earlier one of its name.
func (s *Scope) Declare(e *Entity) {
	if s.entities[e.Name] == nil {
		s.order = append(s.order, e.Name)
	}
	s.entities[e.Name] = e
	if e.Obj != nil {
		s.ever[e.Obj] = e
	}
}

// Remove takes the entity of that name out of the scope.
func (s *Scope) Remove(name string) {
	delete(s.entities, name)
	s.order = slices.DeleteFunc(s.order, func(n string) bool { return n == name })
}

// Ever returns the entity of an object that was declared at some time, also if another
// one has its name now: variables keep their types.
func (s *Scope) Ever(o types.Object) *Entity { return s.ever[o] }

// NewName makes the runtime name of a new version of name. Versions never
// repeat, also in clones.
func (s *Scope) NewName(name string) string {
	s.versions[name]++
	if v := s.versions[name]; v > 1 || name == "main" || name == "init" {
		return fmt.Sprintf("%s#%d", name, v)
	}
	return name
}

// Dependents lists the declarations that use one of the names, directly or
// through others, in order of declaration, leaving out those in skip.
func (s *Scope) Dependents(names []string, skip map[string]bool) []*Entity {
	hit := map[string]bool{}
	for _, n := range names {
		hit[n] = true
	}
	var found []*Entity
	taken := map[string]bool{}
	for again := true; again; {
		again = false
		for _, name := range s.order {
			e := s.entities[name]
			if e.Chunk == nil || taken[name] || skip[name] {
				continue
			}
			for ref := range e.Refs {
				if hit[ref] {
					found, taken[name], hit[name], again = append(found, e), true, true, true
					break
				}
			}
		}
	}
	slices.SortStableFunc(found, func(a, b *Entity) int {
		return slices.Index(s.order, a.Name) - slices.Index(s.order, b.Name)
	})
	return found
}
