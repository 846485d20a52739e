package cpu

import (
	"github.com/adabc437/fanout/parallel/device/ir"
)

// list is code of statements, one behind the other.
func (c *compiler) list(body []ir.Stmt) step {
	var steps []step
	for _, s := range body {
		if st := c.stmt(s); st != nil {
			steps = append(steps, st)
		}
	}
	return sequence(steps)
}

func sequence(steps []step) step {
	switch len(steps) {
	case 0:
		return func(*machine) int { return next }
	case 1:
		return steps[0]
	case 2:
		a, b := steps[0], steps[1]
		return func(m *machine) int {
			if r := a(m); r != next {
				return r
			}
			return b(m)
		}
	case 3:
		a, b, d := steps[0], steps[1], steps[2]
		return func(m *machine) int {
			if r := a(m); r != next {
				return r
			}
			if r := b(m); r != next {
				return r
			}
			return d(m)
		}
	case 4:
		a, b, d, e := steps[0], steps[1], steps[2], steps[3]
		return func(m *machine) int {
			if r := a(m); r != next {
				return r
			}
			if r := b(m); r != next {
				return r
			}
			if r := d(m); r != next {
				return r
			}
			return e(m)
		}
	}
	first, rest := sequence(steps[:4]), sequence(steps[4:])
	return func(m *machine) int {
		if r := first(m); r != next {
			return r
		}
		return rest(m)
	}
}

func do(f func(m *machine)) step {
	return func(m *machine) int {
		f(m)
		return next
	}
}

// stmt is code of a statement; nil, if there is nothing to do.
func (c *compiler) stmt(s ir.Stmt) step {
	switch s := s.(type) {
	case *ir.Comment:
		return nil
	case *ir.Declare:
		init := s.Init
		if init == nil {
			init = &ir.Zero{T: s.Var.Type}
		}
		return do(c.move(s.Var, init))
	case *ir.Assign:
		return c.assign(s)
	case *ir.Call:
		return c.call(s)
	case *ir.Check:
		return c.check(s)
	case *ir.If:
		return c.ifStmt(s)
	case *ir.Loop:
		return c.loop(s)
	case *ir.Block:
		end := c.label(s)
		body := c.list(s.Body)
		return func(m *machine) int {
			if r := body(m); r != end {
				return r
			}
			return next
		}
	case *ir.Break:
		return c.jump(s.Of, 0)
	case *ir.Continue:
		return c.jump(s.Of, 1)
	case *ir.Return:
		return c.ret(s)
	}
	fail("%T is no statement", s)
	return nil
}

// label is the number with which a loop or block ends.
func (c *compiler) label(s ir.Stmt) int {
	if c.labels[s] == 0 {
		c.labels[s] = firstLabel + 2*len(c.labels)
	}
	return c.labels[s]
}

func (c *compiler) jump(of ir.Stmt, more int) step {
	n, ok := c.labels[of]
	if !ok {
		fail("a break or continue of what is not around it")
	}
	n += more
	return func(*machine) int { return n }
}

func (c *compiler) assign(s *ir.Assign) step {
	t := s.Place.Type()
	if t.Kind == ir.Slice {
		k, x := c.slicePlace(s.Place), c.slice(s.X)
		return func(m *machine) int {
			v := x(m)
			m.slices[k(m)] = v
			return next
		}
	}
	switch s.Place.(type) {
	case *ir.Ref, *ir.FieldOf, *ir.Elem, *ir.Deref:
	default:
		fail("%s cannot be assigned to", ir.ExprText(s.Place))
	}
	if t.Kind == ir.Int64 {
		if st := c.count64(s); st != nil {
			return st
		}
	}
	return do(c.put(c.place(s.Place), t, s.X))
}

// count64 is i += k of a variable, in one step.
func (c *compiler) count64(s *ir.Assign) step {
	p, ok := s.Place.(*ir.Ref)
	b, ok2 := s.X.(*ir.Binary)
	if !ok || !ok2 || b.Op != ir.Add {
		return nil
	}
	x, ok := b.X.(*ir.Ref)
	k, ok2 := b.Y.(*ir.Const)
	if !ok || !ok2 || x.Var != p.Var {
		return nil
	}
	offset, by := c.placeOf(p.Var), k.Int()
	return func(m *machine) int {
		*at[int64](m, offset) += by
		return next
	}
}

func (c *compiler) call(s *ir.Call) step {
	f := c.funcs[s.Func]
	if f == nil {
		fail("%s is called before it is there", s.Func.Name)
	}
	if len(s.Args) != len(f.params) || len(s.Results) > len(f.results) {
		fail("%s is called with %d arguments and %d results", s.Func.Name, len(s.Args), len(s.Results))
	}
	var before, after []func(m *machine)
	for i, x := range s.Args {
		before = append(before, c.move(f.params[i], x))
	}
	for i, v := range s.Results {
		if v != nil {
			after = append(after, c.move(v, &ir.Ref{Var: f.results[i]}))
		}
	}
	body := f.body
	return func(m *machine) int {
		for _, g := range before {
			g(m)
		}
		body(m)
		if m.ended {
			return leave
		}
		for _, g := range after {
			g(m)
		}
		return next
	}
}

func (c *compiler) check(s *ir.Check) step {
	if s.Site < 0 || s.Site >= len(c.program.Sites) {
		fail("there is no site %d", s.Site)
	}
	cond, site := c.bools(s.Cond), s.Site
	known := s.X != nil || s.Y != nil
	x, y := literal(int64(0)), literal(int64(0))
	if s.X != nil {
		x = integers[int64](c, s.X)
	}
	if s.Y != nil {
		y = integers[int64](c, s.Y)
	}
	return func(m *machine) int {
		if !cond(m) {
			return next
		}
		m.ended, m.failed, m.site, m.known = true, true, site, known
		m.x, m.y = x(m), y(m)
		return leave
	}
}

func (c *compiler) ifStmt(s *ir.If) step {
	cond, then := c.bools(s.Cond), c.list(s.Then)
	if len(s.Else) == 0 {
		return func(m *machine) int {
			if cond(m) {
				return then(m)
			}
			return next
		}
	}
	other := c.list(s.Else)
	return func(m *machine) int {
		if cond(m) {
			return then(m)
		}
		return other(m)
	}
}

// loop is code of a loop. All look whether they shall stop, also those that surely end:
// it costs little here.
func (c *compiler) loop(s *ir.Loop) step {
	end := c.label(s)
	cond := literal(true)
	before := c.list(s.Before)
	if s.Cond != nil {
		cond = c.bools(s.Cond)
	}
	body, post := c.list(s.Body), c.list(s.Post)
	if len(s.Before) == 0 {
		before = nil
	}
	return func(m *machine) int {
		for !m.stop.Load() {
			r := next
			if before != nil {
				r = before(m)
			}
			if r == next {
				if !cond(m) {
					return next
				}
				r = body(m)
			}
			if r != next && r != end+1 {
				return ended(r, end)
			}
			if r := post(m); r != next {
				return ended(r, end)
			}
		}
		m.ended = true
		return leave
	}
}

// ended says how to go on behind a loop that was left.
func ended(r, end int) int {
	if r == end {
		return next
	}
	return r
}

func (c *compiler) ret(s *ir.Return) step {
	if c.of == nil {
		if len(s.Values) > 0 {
			fail("a kernel returns nothing")
		}
		return func(*machine) int { return leave }
	}
	if len(s.Values) != len(c.of.results) {
		fail("%d values are returned, not %d", len(s.Values), len(c.of.results))
	}
	var parts []func(m *machine)
	for i, x := range s.Values {
		parts = append(parts, c.move(c.of.results[i], x))
	}
	if len(parts) == 1 {
		one := parts[0]
		return func(m *machine) int {
			one(m)
			return leave
		}
	}
	return func(m *machine) int {
		for _, p := range parts {
			p(m)
		}
		return leave
	}
}
