package ir

import (
	"fmt"
	"slices"
)

// Finish fills in what follows from the statements: Fails and Stops of functions and
// kernels, and Written of variables that are slices or pointers to them. It says what is wrong with a program
// that calls functions in no order.
func (p *Program) Finish() error {
	done := map[*Func]bool{}
	for _, f := range p.Funcs {
		a := analysis{done: done}
		a.stmts(f.Body)
		if a.err != nil {
			return fmt.Errorf("ir: function %s: %w", f.Name, a.err)
		}
		if f.Fails != a.fails || f.Stops != a.stops { // functions of several programs are not written again
			f.Fails, f.Stops = a.fails, a.stops
		}
		if s := stores(f); !slices.Equal(s, f.stores) {
			f.stores = s
		}
		a.finish(f.Body)
		done[f] = true
	}
	for _, k := range p.Kernels {
		a := analysis{done: done}
		a.stmts(k.Body)
		if a.err != nil {
			return fmt.Errorf("ir: kernel %s: %w", k.Name, a.err)
		}
		k.Fails, k.Stops = a.fails, a.stops
		a.finish(k.Body)
	}
	return nil
}

// analysis walks over the statements of one function, whose callees are done.
type analysis struct {
	done    map[*Func]bool
	fails   bool
	stops   bool
	written []*Var // of which elements are set
	err     error
}

func (a *analysis) stmts(body []Stmt) {
	Walk(body, func(s Stmt) {
		switch s := s.(type) {
		case *Assign:
			if s.Place.Type().Kind != Slice {
				a.write(Root(s.Place))
			}
		case *Call:
			if !a.done[s.Func] {
				if a.err == nil {
					a.err = fmt.Errorf("%s is called before it is there", s.Func.Name)
				}
				return
			}
			a.fails = a.fails || s.Func.Fails
			a.stops = a.stops || s.Func.Stops
			for i, p := range s.Func.Params {
				if p.Written {
					a.write(Root(s.Args[i]))
				}
			}
		case *Check:
			a.fails = true
		case *Loop:
			a.stops = a.stops || !s.Bounded
		}
	})
}

func (a *analysis) write(v *Var) {
	if v != nil && carries(v) {
		a.written = append(a.written, v)
	}
}

// finish sets Written of what is written, and of what its slices may have come from.
func (a *analysis) finish(body []Stmt) {
	for v := range origins(body).reach(a.written...) {
		if !v.Written {
			v.Written = true
		}
	}
}

// flows has for variables that carry slices with which others they share them. It does not
// regard the order of statements: what may flow at all is in it.
type flows map[*Var][]*Var

// origins has for each variable those that its slice may come from. A pointer and what it
// points to come from each other: what is stored through one pointer is seen through all.
func origins(body []Stmt) flows {
	f := flows{}
	Walk(body, func(s Stmt) {
		switch s := s.(type) {
		case *Declare:
			f.link(s.Var, Root(s.Init))
		case *Assign:
			if k := s.Place.Type().Kind; k == Slice || k == Pointer {
				f.link(Root(s.Place), Root(s.X))
			}
		case *Call:
			for _, p := range s.Func.stores {
				f.link(Root(s.Args[p.to]), Root(s.Args[p.from]))
			}
		}
	})
	return f
}

// link notes that v gets a slice from another variable.
func (f flows) link(v, from *Var) {
	if v == nil || from == nil || !carries(v) || !carries(from) {
		return
	}
	f[v] = append(f[v], from)
	if v.Type.Kind == Pointer {
		f[from] = append(f[from], v)
	}
}

// carries says whether the variable is a slice, or a pointer to one.
func carries(v *Var) bool {
	return v.Type.Kind == Slice || v.Type.Kind == Pointer && v.Type.Elem.Kind == Slice
}

// reach is the set of some variables and all that can be reached from them.
func (f flows) reach(list ...*Var) map[*Var]bool {
	seen := map[*Var]bool{}
	for list = slices.Clone(list); len(list) > 0; {
		v := list[len(list)-1]
		list = list[:len(list)-1]
		if !seen[v] {
			seen[v] = true
			list = append(list, f[v]...)
		}
	}
	return seen
}

// A store says that a function may store what is in the parameter from through the parameter
// to, which is a pointer.
type store struct{ to, from int }

// stores are those of a function whose callees are done.
func stores(f *Func) (list []store) {
	come := origins(f.Body)
	for i, p := range f.Params {
		if p.Type.Kind != Pointer || !carries(p) {
			continue
		}
		from := come.reach(p)
		for j, q := range f.Params {
			if i != j && from[q] {
				list = append(list, store{i, j})
			}
		}
	}
	return list
}

// Holders are the variables of a function or kernel, which Finish has been through, that may
// hold the slice in v or a part of it, or point to one that does. v is among them.
func Holders(body []Stmt, v *Var) map[*Var]bool {
	goes := flows{}
	for to, list := range origins(body) {
		for _, from := range list {
			goes[from] = append(goes[from], to)
		}
	}
	return goes.reach(v)
}

// Root is the variable whose slice an expression is a part of, or that has a pointer to it,
// or nil.
func Root(x Expr) *Var {
	for {
		switch e := x.(type) {
		case *Ref:
			return e.Var
		case *Elem:
			x = e.X
		case *Sub:
			x = e.X
		case *FieldOf:
			x = e.X
		case *Address:
			x = e.Place
		case *Deref:
			x = e.X
		default:
			return nil
		}
	}
}
