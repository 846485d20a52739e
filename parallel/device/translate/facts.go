package translate

import (
	"fmt"
	"math"

	"github.com/adabc437/fanout/parallel/device/ir"
)

// facts is what is known at a place of a function, so that checks can be left out. Its
// lists only grow: a copy is what was known then.
type facts struct {
	holds  []string // conditions that are known to be false, as their keys
	bounds []bound
	same   []sameLen
	less   []lessThan
	// moving are variables that do not keep their value: nothing is said about them.
	moving map[*ir.Var]bool
	// slices are the arrays in place of slices: of those, assignments to elements are not
	// counted, so that they are moving everywhere.
	slices map[*ir.Var]bool
}

// A bound is an interval for a variable, both ends included.
type bound struct {
	v      *ir.Var
	lo, hi int64
}

// sameLen says that n is the length of xs.
type sameLen struct {
	n  *ir.Var
	xs ir.Expr
}

// lessThan says that v is less than the length of the slice with the key.
type lessThan struct {
	v  *ir.Var
	xs string
}

func (k *facts) varies(v *ir.Var) { k.moving[v] = true }

// stays takes a moving variable for one that keeps its value, where it may be.
func (k *facts) stays(v *ir.Var) {
	if !k.slices[v] {
		delete(k.moving, v)
	}
}

// standsForSlice notes that the array v stands in place of a slice.
func (k *facts) standsForSlice(v *ir.Var) {
	k.varies(v)
	k.slices[v] = true
}

// key names a value that is the same wherever it is visible.
func (k *facts) key(x ir.Expr) (string, bool) {
	switch x := x.(type) {
	case *ir.Const:
		return fmt.Sprintf("%s:%d", x.T.Kind, x.Bits), true
	case *ir.Ref:
		return x.Var.Name, !k.moving[x.Var]
	case *ir.FieldOf:
		s, ok := k.key(x.X)
		return fmt.Sprintf("%s.%d", s, x.I), ok
	case *ir.Elem:
		if x.X.Type().Kind == ir.Slice && x.Type().Kind != ir.Slice {
			return "", false // elements change; rows stay where they are
		}
		return k.keys("elem", x.X, x.I)
	case *ir.Len:
		return k.keys("len", x.X)
	case *ir.Cap:
		return k.keys("cap", x.X)
	case *ir.Sub:
		return k.keys("sub", x.X, x.Lo, x.Hi, x.Max)
	case *ir.Unary:
		return k.keys(fmt.Sprint("unary", x.Op), x.X)
	case *ir.Binary:
		return k.keys(x.Op.String(), x.X, x.Y)
	case *ir.Convert:
		return k.keys(x.To.String(), x.X)
	}
	return "", false
}

func (k *facts) keys(what string, list ...ir.Expr) (string, bool) {
	for _, x := range list {
		s, ok := k.key(x)
		if !ok {
			return "", false
		}
		what += "(" + s + ")"
	}
	return what, true
}

// excludes says that the check cannot fail.
func (k *facts) excludes(c *ir.Check) bool {
	key, ok := k.key(c.Cond)
	if !ok {
		return false
	}
	for _, h := range k.holds {
		if h == key {
			return true
		}
	}
	return false
}

// after is what is known behind a check.
func (k facts) after(c *ir.Check) facts {
	if key, ok := k.key(c.Cond); ok {
		k.holds = append(k.holds[:len(k.holds):len(k.holds)], key)
	}
	return k
}

// within adds an interval for a variable.
func (k *facts) within(v *ir.Var, lo, hi int64) {
	if k.moving[v] {
		return
	}
	if l, h := k.interval(&ir.Ref{Var: v}); l > lo || h < hi {
		lo, hi = max(l, lo), min(h, hi)
	}
	k.bounds = append(k.bounds[:len(k.bounds):len(k.bounds)], bound{v, lo, hi})
}

// equalsLen notes that n is a copy of len(xs).
func (k *facts) equalsLen(n *ir.Var, x ir.Expr) {
	if l, ok := x.(*ir.Len); ok && !k.moving[n] {
		if _, ok := k.key(l.X); ok {
			k.same = append(k.same[:len(k.same):len(k.same)], sameLen{n, l.X})
		}
	}
}

// lenOf is the slice whose length x is, or nil.
func (k *facts) lenOf(x ir.Expr) ir.Expr {
	switch x := x.(type) {
	case *ir.Len:
		return x.X
	case *ir.Ref:
		for _, s := range k.same {
			if s.n == x.Var {
				return s.xs
			}
		}
	}
	return nil
}

// below notes that v is less than len(xs).
func (k *facts) below(v *ir.Var, xs ir.Expr) {
	if key, ok := k.key(xs); ok && !k.moving[v] {
		k.less = append(k.less[:len(k.less):len(k.less)], lessThan{v, key})
	}
}

// assume notes what follows from a condition that is true.
func (k *facts) assume(cond ir.Expr) {
	b, ok := cond.(*ir.Binary)
	if !ok {
		return
	}
	switch b.Op {
	case ir.LAnd:
		k.assume(b.X)
		k.assume(b.Y)
	case ir.Lt:
		k.assumeLess(b.X, b.Y, 1)
	case ir.Le:
		k.assumeLess(b.X, b.Y, 0)
	case ir.Gt:
		k.assumeLess(b.Y, b.X, 1)
	case ir.Ge:
		k.assumeLess(b.Y, b.X, 0)
	}
}

// assumeLess notes that x+by ≤ y.
func (k *facts) assumeLess(x, y ir.Expr, by int64) {
	kind := x.Type().Kind
	if !kind.IsInteger() || kind == ir.Uint64 {
		return
	}
	if r, ok := x.(*ir.Ref); ok {
		least, most := kindRange(kind)
		if _, hi := k.interval(y); hi > least {
			k.within(r.Var, least, min(most, hi-by))
		}
		if xs := k.lenOf(y); xs != nil && by == 1 {
			k.below(r.Var, xs)
		}
	}
	if r, ok := y.(*ir.Ref); ok {
		least, most := kindRange(kind)
		if lo, _ := k.interval(x); lo < most {
			k.within(r.Var, max(least, lo+by), most)
		}
	}
}

func kindRange(k ir.Kind) (lo, hi int64) {
	switch k {
	case ir.Int8:
		return math.MinInt8, math.MaxInt8
	case ir.Int16:
		return math.MinInt16, math.MaxInt16
	case ir.Int32:
		return math.MinInt32, math.MaxInt32
	case ir.Uint8:
		return 0, math.MaxUint8
	case ir.Uint16:
		return 0, math.MaxUint16
	case ir.Uint32:
		return 0, math.MaxUint32
	}
	return math.MinInt64, math.MaxInt64
}

// interval is where an integer surely is. A uint64 that may be beyond the int64 is anywhere.
func (k *facts) interval(x ir.Expr) (lo, hi int64) {
	kind := x.Type().Kind
	lo, hi = kindRange(kind)
	narrow := func(l, h int64) (int64, int64) {
		if l < lo || h > hi { // it may wrap around
			return lo, hi
		}
		return l, h
	}
	switch x := x.(type) {
	case *ir.Const:
		if v := int64(x.Bits); kind != ir.Uint64 || v >= 0 {
			return v, v
		}
	case *ir.Ref:
		for i := len(k.bounds) - 1; i >= 0; i-- {
			if b := k.bounds[i]; b.v == x.Var {
				return b.lo, b.hi
			}
		}
	case *ir.Len, *ir.Cap:
		return 0, hi
	case *ir.Convert:
		if from := x.X.Type().Kind; from.IsInteger() {
			l, h := k.interval(x.X)
			if from == ir.Uint64 && l < 0 || kind == ir.Uint64 && l < 0 {
				return lo, hi
			}
			return narrow(l, h)
		}
	case *ir.Binary:
		return k.binaryInterval(x, lo, hi, narrow)
	}
	return lo, hi
}

func (k *facts) binaryInterval(x *ir.Binary, lo, hi int64, narrow func(l, h int64) (int64, int64)) (int64, int64) {
	if !x.X.Type().Kind.IsInteger() || x.Op.Compares() {
		return lo, hi
	}
	unsigned := x.Type().Kind == ir.Uint64
	al, ah := k.interval(x.X)
	bl, bh := k.interval(x.Y)
	const small = 1 << 31
	isSmall := al > -small && ah < small && bl > -small && bh < small
	if unsigned && isSmall && al < 0 {
		return lo, hi
	}
	switch x.Op {
	case ir.Add:
		if isSmall {
			return floorZero(unsigned, lo, hi, al+bl, ah+bh, narrow)
		}
	case ir.SubOp:
		if isSmall || al >= 0 && bl >= 0 {
			return floorZero(unsigned, lo, hi, al-bh, ah-bl, narrow)
		}
	case ir.Mul:
		if isSmall {
			p := [...]int64{al * bl, al * bh, ah * bl, ah * bh}
			return floorZero(unsigned, lo, hi, min(p[0], p[1], p[2], p[3]), max(p[0], p[1], p[2], p[3]), narrow)
		}
	case ir.And:
		switch {
		case al >= 0 && bl >= 0:
			return 0, min(ah, bh)
		case bl >= 0:
			return 0, bh
		case al >= 0:
			return 0, ah
		}
	case ir.Rem:
		if bl > 0 {
			switch {
			case al >= 0:
				return 0, min(ah, bh-1)
			case unsigned:
				return 0, bh - 1
			}
			return -(bh - 1), bh - 1
		}
	case ir.Div:
		if al >= 0 && bl > 0 {
			return al / bh, ah / bl
		}
	case ir.Shr:
		if al >= 0 {
			if bl == bh && bl >= 0 && bl < 64 {
				return al >> bl, ah >> bl
			}
			return 0, ah
		}
	}
	return lo, hi
}

// floorZero is narrow for a result that, if it is a uint64, wraps around below 0.
func floorZero(unsigned bool, lo, hi, l, h int64, narrow func(l, h int64) (int64, int64)) (int64, int64) {
	if unsigned && l < 0 {
		return lo, hi
	}
	return narrow(l, h)
}

// inSlice says that the index is surely within a slice.
func (k *facts) inSlice(index, xs ir.Expr) bool {
	lo, _ := k.interval(index)
	if lo < 0 {
		return false
	}
	key, ok := k.key(xs)
	if !ok {
		return false
	}
	if b, ok := index.(*ir.Binary); ok && b.Op == ir.SubOp && b.Type().Kind == ir.Int64 {
		if l, _ := k.interval(b.Y); l >= 0 {
			if xl, _ := k.interval(b.X); xl >= 0 {
				index = b.X // less than something that is in range, and not below 0
			}
		}
	}
	r, ok := index.(*ir.Ref)
	if !ok {
		return false
	}
	for _, l := range k.less {
		if l.v == r.Var && l.xs == key {
			return true
		}
	}
	return false
}

// assumeNot notes what follows from a condition that is false.
func (k *facts) assumeNot(cond ir.Expr) {
	b, ok := cond.(*ir.Binary)
	if !ok || !b.X.Type().Kind.IsInteger() && b.Op != ir.LOr {
		return
	}
	switch b.Op {
	case ir.LOr:
		k.assumeNot(b.X)
		k.assumeNot(b.Y)
	case ir.Lt:
		k.assumeLess(b.Y, b.X, 0)
	case ir.Le:
		k.assumeLess(b.Y, b.X, 1)
	case ir.Gt:
		k.assumeLess(b.X, b.Y, 0)
	case ir.Ge:
		k.assumeLess(b.X, b.Y, 1)
	}
}
