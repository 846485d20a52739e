package interp

import (
	"go/types"
	"maps"
	"slices"

	"github.com/adabc437/fanout/interp/cell"
	"github.com/adabc437/fanout/interp/check"
	"github.com/adabc437/fanout/interp/lower"
	"github.com/adabc437/fanout/interp/mono"
	"github.com/adabc437/fanout/interp/session"
)

// The interpreted tier runs a session without generics: interp/mono writes instances
// out, and the unit is checked again in a scope of the tier's own.

// A plainUnit is what is lowered of a unit.
type plainUnit struct {
	unit    *check.Unit
	rewrite *mono.Rewritten // nil if the unit is as it was
}

// withoutGenerics gives the unit that is to be lowered.
func (t *interpreted) withoutGenerics(r *run, unit *check.Unit) (plainUnit, *session.Diagnostic) {
	rw, d := t.world.Rewrite(unit)
	if d != nil || rw == nil {
		return plainUnit{unit: unit}, d
	}
	in := unit.Input
	in.Again, in.Chunks = nil, rw.Chunks
	plain, errs := r.interp.checker.Check(in, t.world.Scope)
	if len(errs) > 0 {
		d := check.Errors(errs)
		d.Message = "the interpreted tier cannot run this generic code: " + d.Message
		d.Hint, d.More = lower.WithGo, nil
		return plainUnit{}, d
	}
	return plainUnit{plain, rw}, nil
}

// declare puts what a loaded unit declares into the tier's scope, and gives what it
// declares in the session's.
func (t *interpreted) declare(r *run, unit *check.Unit, decls []check.Decl, plain plainUnit, entities []*check.Entity) []*check.Entity {
	byName := map[string]*check.Entity{}
	for _, e := range entities {
		if e.Obj == nil { // a method: its object lives in its type
			e.Obj = types.NewLabel(0, nil, e.Name)
		}
		own := *e
		byName[e.Name] = &own
		if e.Chunk != nil {
			e.Chunk.File = check.FileName(r.cell.Number)
		}
		t.world.Scope.Declare(e)
	}
	if plain.rewrite == nil {
		return cloned(entities)
	}
	plain.rewrite.Commit()
	var out []*check.Entity
	for _, d := range decls {
		for _, n := range d.Names {
			chunk := d.Chunk
			e := &check.Entity{Name: n, Chunk: &chunk, Refs: d.Refs, Uses: d.Uses}
			if d.Chunk.Kind != cell.Method {
				if e.Obj = unit.Pkg.Scope().Lookup(n); e.Obj == nil {
					continue // the blank name
				}
			}
			if own := byName[n]; own != nil {
				e.Runtime = own.Runtime
			}
			out = append(out, e)
		}
	}
	for _, v := range unit.Locals {
		if own := byName[v.Name()]; own != nil {
			out = append(out, &check.Entity{Name: v.Name(), Obj: types.NewVar(v.Pos(), unit.Pkg, v.Name(), v.Type()), Runtime: own.Runtime})
		}
	}
	return out
}

// cloned copies entities, whose places in the session's scope are not those in the
// tier's.
func cloned(list []*check.Entity) []*check.Entity {
	out := slices.Clone(list)
	for n, e := range out {
		own := *e
		if e.Chunk != nil {
			chunk := *e.Chunk
			own.Chunk = &chunk
		}
		own.Refs = maps.Clone(e.Refs)
		out[n] = &own
	}
	return out
}
