package ir

import "fmt"

// Finish fills in what follows from the statements: Fails and Stops of functions and
// kernels, and Written of variables that are slices or pointers to them. It says what is wrong with a program
// that calls functions in no order.
func (p *Program) Finish() error {
	done := map[*Func]bool{}
	for _, f := range p.Funcs {
		a := analysis{done: done}
		a.list(f.Body)
		if a.err != nil {
			return fmt.Errorf("ir: function %s: %w", f.Name, a.err)
		}
		if f.Fails != a.fails || f.Stops != a.stops { // functions of several programs are not written again
			f.Fails, f.Stops = a.fails, a.stops
		}
		done[f] = true
	}
	for _, k := range p.Kernels {
		a := analysis{done: done}
		a.list(k.Body)
		if a.err != nil {
			return fmt.Errorf("ir: kernel %s: %w", k.Name, a.err)
		}
		k.Fails, k.Stops = a.fails, a.stops
	}
	return nil
}

// analysis walks over the statements of one function, whose callees are done.
type analysis struct {
	done  map[*Func]bool
	fails bool
	stops bool
	err   error
	// more says that a variable was found to be written: what it was taken from is, too,
	// and may stand further up.
	more bool
}

func (a *analysis) list(body []Stmt) {
	for a.more = true; a.more; {
		a.more = false
		a.stmts(body)
	}
}

func (a *analysis) stmts(body []Stmt) {
	for _, s := range body {
		switch s := s.(type) {
		case *Declare:
			a.flows(s.Var, s.Init)
		case *Assign:
			v := Root(s.Place)
			switch s.Place.(type) {
			case *Ref, *Deref:
				a.flows(v, s.X)
			default:
				if v != nil {
					a.write(v)
				}
			}
		case *Call:
			if !a.done[s.Func] {
				a.err = fmt.Errorf("%s is called before it is there", s.Func.Name)
				return
			}
			a.fails = a.fails || s.Func.Fails
			a.stops = a.stops || s.Func.Stops
			for i, p := range s.Func.Params {
				if v := Root(s.Args[i]); p.Written && v != nil {
					a.write(v)
				}
			}
		case *Check:
			a.fails = true
		case *If:
			a.stmts(s.Then)
			a.stmts(s.Else)
		case *Loop:
			a.stops = a.stops || !s.Bounded
			a.stmts(s.Before)
			a.stmts(s.Body)
			a.stmts(s.Post)
		case *Block:
			a.stmts(s.Body)
		}
	}
}

// flows notes that a variable has the value of an expression.
func (a *analysis) flows(v *Var, x Expr) {
	if from := Root(x); v != nil && v.Written && from != nil {
		a.write(from)
	}
}

func (a *analysis) write(v *Var) {
	slice := v.Type.Kind == Slice || v.Type.Kind == Pointer && v.Type.Elem.Kind == Slice
	if !v.Written && slice {
		v.Written, a.more = true, true
	}
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
