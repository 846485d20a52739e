package clc

import (
	"math"
	"math/big"

	"github.com/adabc437/fanout/parallel/device/ir"
)

// span is between which numbers a variable is known to be.
type span struct{ lo, hi int64 }

// bounds are numbers between which the value of an integer expression surely is. Those of
// a uint64 that may be above all of int64 are all of int64.
func (f *function) bounds(e ir.Expr) (lo, hi int64) {
	k := e.Type().Kind
	lo, hi = limits(k)
	switch e := e.(type) {
	case *ir.Const:
		if k.IsSigned() {
			return e.Int(), e.Int()
		}
		if n := e.Uint(); n <= math.MaxInt64 {
			return int64(n), int64(n)
		}
	case *ir.Zero:
		return 0, 0
	case *ir.Ref:
		if s, ok := f.spans[e.Var]; ok {
			return s.lo, s.hi
		}
	case *ir.Len, *ir.Cap:
		return 0, 1 << 48
	case *ir.Convert:
		if x := e.X.Type().Kind; x.IsInteger() {
			if l, h := f.bounds(e.X); l >= lo && h <= hi && (k != ir.Uint64 || l >= 0) && (x != ir.Uint64 || l >= 0) {
				return l, h
			}
		}
	case *ir.Unary:
		if e.Op == ir.Neg && k.IsSigned() {
			if l, h := f.bounds(e.X); l > lo {
				return -h, -l
			}
		}
	case *ir.Math:
		switch e.Fn {
		case "OnesCount", "LeadingZeros", "TrailingZeros", "Len":
			return 0, 64
		}
	case *ir.Binary:
		return f.binaryBounds(e, lo, hi)
	}
	return lo, hi
}

func (f *function) binaryBounds(e *ir.Binary, lo, hi int64) (int64, int64) {
	switch e.Op {
	case ir.Add, ir.SubOp, ir.Mul:
		if l, h, fits := f.exactBounds(e); fits {
			return l, h
		}
	case ir.And:
		lx, hx := f.bounds(e.X)
		ly, hy := f.bounds(e.Y)
		switch {
		case lx >= 0 && ly >= 0:
			return 0, min(hx, hy)
		case ly >= 0:
			return 0, hy
		case lx >= 0:
			return 0, hx
		}
	case ir.Rem:
		lx, hx := f.bounds(e.X)
		if ly, hy := f.bounds(e.Y); ly > 0 && (e.X.Type().Kind.IsSigned() || lx >= 0) {
			if lx >= 0 {
				return 0, min(hx, hy-1)
			}
			return -(hy - 1), hy - 1
		}
	case ir.Div, ir.Shr:
		if lx, hx := f.bounds(e.X); lx >= 0 {
			if ly, _ := f.bounds(e.Y); ly >= 0 {
				return 0, hx
			}
		}
	}
	return lo, hi
}

// exactBounds are those of a sum, a difference or a product, and whether it surely fits
// into its type.
func (f *function) exactBounds(e *ir.Binary) (lo, hi int64, fits bool) {
	k := e.X.Type().Kind
	if k == ir.Uint64 {
		return 0, 0, false
	}
	lx, hx := f.bounds(e.X)
	ly, hy := f.bounds(e.Y)
	var least, most *big.Int
	for _, x := range []int64{lx, hx} {
		for _, y := range []int64{ly, hy} {
			n := new(big.Int)
			switch a, b := big.NewInt(x), big.NewInt(y); e.Op {
			case ir.Add:
				n.Add(a, b)
			case ir.SubOp:
				n.Sub(a, b)
			default:
				n.Mul(a, b)
			}
			if least == nil || n.Cmp(least) < 0 {
				least = n
			}
			if most == nil || n.Cmp(most) > 0 {
				most = n
			}
		}
	}
	if lo, hi = limits(k); least.Cmp(big.NewInt(lo)) < 0 || most.Cmp(big.NewInt(hi)) > 0 {
		return lo, hi, false
	}
	return least.Int64(), most.Int64(), true
}

// counter finds the variable that a loop counts up or down by one, which nothing else
// changes, and what it is between in the loop's body.
func (f *function) counter(l *ir.Loop) (*ir.Var, span, bool) {
	cond, ok := l.Cond.(*ir.Binary)
	if !ok || !l.Bounded || len(l.Before) > 0 || len(l.Post) == 0 {
		return nil, span{}, false
	}
	r, ok := cond.X.(*ir.Ref)
	if !ok || !r.Type().Kind.IsSigned() || f.sets[r.Var] != 2 || f.starts[r.Var] == nil {
		return nil, span{}, false
	}
	step := int64(0)
	for _, s := range l.Post {
		a, ok := s.(*ir.Assign)
		if !ok {
			continue
		}
		if p, ok := a.Place.(*ir.Ref); ok && p.Var == r.Var {
			step = stepOf(r.Var, a.X)
		}
	}
	lo, hi := limits(r.Type().Kind)
	first, last := f.bounds(f.starts[r.Var])
	least, most := f.bounds(cond.Y)
	switch {
	case step > 0 && cond.Op == ir.Lt && most > lo:
		return r.Var, span{first, max(first, most-1)}, true
	case step > 0 && cond.Op == ir.Le && most < hi:
		return r.Var, span{first, max(first, most)}, true
	case step < 0 && cond.Op == ir.Gt && least < hi:
		return r.Var, span{min(last, least+1), last}, true
	case step < 0 && cond.Op == ir.Ge && least > lo:
		return r.Var, span{min(last, least), last}, true
	}
	return nil, span{}, false
}

// stepOf is by how much an expression is more than a variable: 1, −1 or 0 for anything else.
func stepOf(v *ir.Var, x ir.Expr) int64 {
	b, ok := x.(*ir.Binary)
	if !ok {
		return 0
	}
	r, ok := b.X.(*ir.Ref)
	c, isConst := b.Y.(*ir.Const)
	if !ok || r.Var != v || !isConst || !c.T.Kind.IsSigned() {
		return 0
	}
	switch n := c.Int(); {
	case b.Op == ir.Add && (n == 1 || n == -1):
		return n
	case b.Op == ir.SubOp && (n == 1 || n == -1):
		return -n
	}
	return 0
}

// study notes how often variables are set, where they start, and which have an address
// taken: those may change anywhere.
func (f *function) study(body []ir.Stmt) {
	f.sets, f.starts = map[*ir.Var]int{}, map[*ir.Var]ir.Expr{}
	ir.Walk(body, func(s ir.Stmt) {
		switch s := s.(type) {
		case *ir.Declare:
			f.sets[s.Var]++
			f.starts[s.Var] = s.Init
			if s.Init == nil {
				f.starts[s.Var] = &ir.Zero{T: s.Var.Type}
			}
		case *ir.Assign:
			if v := ir.Root(s.Place); v != nil {
				f.sets[v]++
			}
		case *ir.Call:
			for _, v := range s.Results {
				if v != nil {
					f.sets[v]++
				}
			}
		}
		ir.Exprs(s, func(e ir.Expr) {
			ir.Inside(e, func(e ir.Expr) {
				if a, ok := e.(*ir.Address); ok {
					if v := ir.Root(a.Place); v != nil {
						f.sets[v] += 10
						f.addressed[v] = true
					}
				}
			})
		})
		if a, ok := s.(*ir.Assign); ok {
			if v := ir.Root(a.Place); v != nil && (v.Type.Kind != ir.Slice || isRef(a.Place)) {
				f.assigned[v] = true
			}
		}
	})
}

func isRef(e ir.Expr) bool {
	_, ok := e.(*ir.Ref)
	return ok
}
