package generate

import (
	"fmt"
	"math"
	"strings"
)

// expr is an expression of a type, a constant perhaps.
func (g *generator) expr(t *typ, depth int) string {
	s, _ := g.anyExpr(t, depth)
	return s
}

// varied is an expression that is no constant.
func (g *generator) varied(t *typ, depth int) string {
	for range 4 {
		if s, c := g.anyExpr(t, depth); !c {
			return s
		}
	}
	if s := g.place(t, false); s != "" {
		return s
	}
	if t.kind >= array {
		return g.literal(t)
	}
	for _, i := range g.r.Perm(len(g.vars)) {
		v := g.vars[i]
		if v.pointer || v.t.kind != signed && v.t.kind != unsigned {
			continue
		}
		if t.kind == boolean {
			return fmt.Sprintf("(%s %s %s)", v.name, pick(g, []string{"<", "==", ">=", "!="}), g.literal(v.t))
		}
		return fmt.Sprintf("%s(%s)", t.name, v.name)
	}
	// Go does not compute with the values of calls when it compiles.
	return fmt.Sprintf("func() %s { return %s }()", t.name, g.literal(t))
}

func (g *generator) anyExpr(t *typ, depth int) (s string, constant bool) {
	if depth <= 0 || g.chance(25) {
		if s := g.place(t, false); s != "" && g.chance(75) {
			return s, false
		}
		if t.kind >= array {
			return g.composite(t, depth), false
		}
		return g.literal(t), true
	}
	if g.chance(12) {
		if s := g.callExpr(t, depth); s != "" {
			return s, false
		}
	}
	switch t.kind {
	case boolean:
		return g.boolExpr(depth), false
	case signed, unsigned:
		return g.intExpr(t, depth), false
	case float:
		return g.floatExpr(t, depth), false
	}
	if s := g.place(t, false); s != "" && g.chance(60) {
		return s, false
	}
	return g.composite(t, depth), false
}

// literal is a constant of a scalar type, or the zero value of another.
func (g *generator) literal(t *typ) string {
	switch t.kind {
	case boolean:
		return pick(g, []string{"true", "false"})
	case signed:
		lo, hi := int64(math.MinInt64)>>(64-t.bits), int64(math.MaxInt64)>>(64-t.bits)
		n := pick(g, []int64{0, 1, -1, 2, 3, 5, 7, 8, 10, 31, 63, 64, -3, lo, hi, lo + 1, hi - 1, int64(g.r.Uint64()) >> (64 - t.bits)})
		return fmt.Sprintf("%s(%d)", t.name, n)
	case unsigned:
		hi := uint64(math.MaxUint64) >> (64 - t.bits)
		n := pick(g, []uint64{0, 1, 2, 3, 5, 7, 8, 10, 31, 63, 64, hi, hi - 1, hi/2 + 1, g.r.Uint64() >> (64 - t.bits)})
		return fmt.Sprintf("%s(%d)", t.name, n)
	case float:
		return fmt.Sprintf("%s(%s)", t.name, pick(g, []string{"0", "1", "-1", "0.5", "2.5", "-0.1", "1e10", "-1e-10", "3.25", "16777217", "1.0 / 3", "1e38", "1e-40"}))
	}
	return "(" + t.name + "{})"
}

func (g *generator) composite(t *typ, depth int) string {
	var list []string
	if t.kind == array {
		for i := range t.n {
			if i < 4 && g.chance(70) {
				list = append(list, fmt.Sprintf("%d: %s", i, g.expr(t.elem, depth-2)))
			}
		}
	} else {
		for _, f := range t.fields {
			if g.chance(70) {
				list = append(list, fmt.Sprintf("%s: %s", f.name, g.expr(f.t, depth-2)))
			}
		}
	}
	if len(list) == 0 {
		return "(" + t.name + "{})"
	}
	return "(" + t.name + "{" + strings.Join(list, ", ") + "})"
}

// place is a variable of a type, or a part of one; "" if there is none.
func (g *generator) place(t *typ, assigned bool) string {
	var list []string
	for _, v := range g.vars {
		if v.fixed && assigned && !v.pointer && v.t.kind != slice {
			continue
		}
		s := v.name
		if v.pointer {
			s = "(*" + s + ")"
			if v.t.kind == structure {
				s = v.name
			}
			if v.t == t {
				list = append(list, "(*"+v.name+")")
				continue
			}
		}
		g.parts(&list, s, v.t, t, 0)
	}
	if len(list) == 0 {
		return ""
	}
	s := pick(g, list)
	if !strings.Contains(s, "§") {
		return s
	}
	// An index is made for the place that was taken.
	for strings.Contains(s, "§") {
		before, rest, _ := strings.Cut(s, "§")
		what, after, _ := strings.Cut(rest, "§")
		i := g.index(before, what)
		if i == "" {
			return ""
		}
		s = before + "[" + i + "]" + after
	}
	return s
}

// parts lists the parts of a variable that have a type. An index that is yet to be made
// stands between two §: the length of the array, or nothing.
func (g *generator) parts(list *[]string, s string, v, t *typ, depth int) {
	if v == t || v.name == t.name {
		*list = append(*list, s)
		return
	}
	if depth > 3 {
		return
	}
	switch v.kind {
	case array:
		if v.n > 0 {
			g.parts(list, fmt.Sprintf("%s§%d§", s, v.n), v.elem, t, depth+1)
		}
	case slice:
		g.parts(list, s+"§§", v.elem, t, depth+1)
	case structure:
		for _, f := range v.fields {
			g.parts(list, s+"."+f.name, f.t, t, depth+1)
		}
	}
}

// index is one of an array of n elements, or of a slice if n is empty.
func (g *generator) index(of, n string) string {
	ints := g.integers()
	if g.may() && len(ints) > 0 {
		return g.raw(pick(g, ints))
	}
	length := 0
	fmt.Sscan(n, &length)
	if n == "" {
		full := false
		for _, v := range g.vars {
			full = full || v.full && v.name == of
		}
		switch {
		case !full:
			return ""
		case len(ints) > 0:
			return fmt.Sprintf("uint(%s) %% uint(len(%s))", pick(g, ints).name, of)
		}
		return "0"
	}
	if len(ints) == 0 || g.chance(40) {
		return fmt.Sprint(g.r.IntN(length))
	}
	v := pick(g, ints)
	switch {
	case length&(length-1) == 0 && length <= 64 && g.chance(60):
		return fmt.Sprintf("%s & %d", v.name, length-1)
	case v.t.kind == unsigned:
		return fmt.Sprintf("%s %% %d", v.name, length)
	}
	return fmt.Sprintf("uint32(%s) %% %d", v.name, length)
}

// integers are the variables that are integers, and elements of local slices that are.
func (g *generator) integers() (list []*variable) {
	for _, v := range g.vars {
		switch {
		case v.pointer:
		case v.t.kind == signed || v.t.kind == unsigned:
			list = append(list, v)
		case v.local && v.t.kind == array && (v.t.elem.kind == signed || v.t.elem.kind == unsigned):
			list = append(list, &variable{name: fmt.Sprintf("%s[%d]", v.name, g.r.IntN(v.t.n)), t: v.t.elem})
		}
	}
	return list
}

// raw is an index that may be out of range, or that a loop keeps within it.
func (g *generator) raw(v *variable) string {
	switch g.r.IntN(5) {
	case 0:
		return fmt.Sprintf("%s + %d", v.name, 1+g.r.IntN(3))
	case 1:
		return fmt.Sprintf("%s - %d", v.name, 1+g.r.IntN(3))
	case 2:
		return fmt.Sprintf("%s / 2", v.name)
	}
	return v.name
}

func (g *generator) intExpr(t *typ, depth int) string {
	binary := func(op string) string {
		x, y := g.varied(t, depth-1), g.expr(t, depth-1)
		if g.chance(30) {
			x, y = y, x
		}
		return fmt.Sprintf("(%s %s %s)", x, op, y)
	}
	switch n := g.r.IntN(20); {
	case n < 8:
		return binary(pick(g, []string{"+", "-", "*", "&", "|", "^", "&^"}))
	case n < 10:
		return g.division(t, depth)
	case n < 13:
		return g.shift(t, depth)
	case n < 14:
		return pick(g, []string{"-", "^"}) + "(" + g.varied(t, depth-1) + ")"
	case n < 17:
		from := pick(g, g.scalars)
		if from.kind == boolean {
			return binary("+")
		}
		return fmt.Sprintf("%s(%s)", t.name, g.varied(from, depth-1))
	case n < 18:
		return fmt.Sprintf("%s(%s, %s)", pick(g, []string{"min", "max"}), g.varied(t, depth-1), g.expr(t, depth-1))
	case n < 19 && t == intType:
		return g.countExpr(depth)
	case t.kind == unsigned:
		return g.bitsExpr(t, depth)
	}
	return binary("-")
}

func (g *generator) division(t *typ, depth int) string {
	op := pick(g, []string{"/", "%"})
	x := g.varied(t, depth-1)
	switch {
	case g.may():
		return fmt.Sprintf("(%s %s %s)", x, op, g.varied(t, depth-1))
	case g.chance(50):
		n := pick(g, []string{"1", "2", "3", "7", "8", "10", "100"})
		if t.kind == signed && g.chance(30) {
			n = "-" + n
		}
		return fmt.Sprintf("(%s %s %s)", x, op, n)
	}
	return fmt.Sprintf("(%s %s (%s | 1))", x, op, g.varied(t, depth-1))
}

func (g *generator) shift(t *typ, depth int) string {
	op := pick(g, []string{"<<", ">>"})
	x := g.varied(t, depth-1)
	switch g.r.IntN(3) {
	case 0:
		return fmt.Sprintf("(%s %s %d)", x, op, pick(g, []int{0, 1, 3, 7, 8, 15, 31, 32, 63, 64, 70}))
	case 1:
		by := g.scalars[2+g.r.IntN(8)]
		for by.kind != unsigned {
			by = g.scalars[2+g.r.IntN(8)]
		}
		return fmt.Sprintf("(%s %s %s)", x, op, g.varied(by, depth-1))
	}
	if g.may() {
		return fmt.Sprintf("(%s %s %s)", x, op, g.varied(intType, depth-1))
	}
	return fmt.Sprintf("(%s %s (%s & 63))", x, op, g.varied(intType, depth-1))
}

// countExpr is an int of a bits function, or a length.
func (g *generator) countExpr(depth int) string {
	for _, v := range g.vars {
		if v.t.kind == slice && g.chance(50) {
			return fmt.Sprintf("%s(%s)", pick(g, []string{"len", "cap"}), v.name)
		}
	}
	bits := pick(g, []int{8, 16, 32, 64})
	return fmt.Sprintf("bits.%s%d(uint%d(%s))", pick(g, []string{"OnesCount", "LeadingZeros", "TrailingZeros", "Len"}), bits, bits, g.varied(intType, depth-1))
}

func (g *generator) bitsExpr(t *typ, depth int) string {
	x := g.varied(t, depth-1)
	switch n := g.r.IntN(3); {
	case n == 0 && t.bits > 8:
		return fmt.Sprintf("%s(bits.ReverseBytes%d(uint%d(%s)))", t.name, t.bits, t.bits, x)
	case n == 1:
		return fmt.Sprintf("%s(bits.Reverse%d(uint%d(%s)))", t.name, t.bits, t.bits, x)
	}
	return fmt.Sprintf("%s(bits.RotateLeft%d(uint%d(%s), %s))", t.name, t.bits, t.bits, x, g.expr(intType, depth-1))
}

func (g *generator) floatExpr(t *typ, depth int) string {
	x, y := g.varied(t, depth-1), g.expr(t, depth-1)
	switch n := g.r.IntN(14); {
	case n < 7:
		return fmt.Sprintf("(%s %s %s)", x, pick(g, []string{"+", "-", "*", "/"}), y)
	case n < 8:
		return "-(" + x + ")"
	case n < 9:
		return fmt.Sprintf("%s(%s, %s)", pick(g, []string{"min", "max"}), x, y)
	case n < 11:
		from := pick(g, g.scalars)
		if from.kind == boolean {
			return x
		}
		return fmt.Sprintf("%s(%s)", t.name, g.varied(from, depth-1))
	case n < 13:
		return fmt.Sprintf("%s(math.%s(float64(%s)))", t.name, pick(g, []string{"Sqrt", "Floor", "Ceil", "Trunc", "Round", "RoundToEven", "Abs"}), x)
	}
	return fmt.Sprintf("%s(math.%s(float64(%s), float64(%s)))", t.name, pick(g, []string{"Mod", "Max", "Min", "Dim", "Remainder"}), x, y)
}

func (g *generator) boolExpr(depth int) string {
	switch n := g.r.IntN(12); {
	case n < 6:
		t := pick(g, g.scalars)
		ops := []string{"==", "!=", "<", "<=", ">", ">="}
		if t.kind == boolean {
			ops = ops[:2]
		}
		return fmt.Sprintf("(%s %s %s)", g.varied(t, depth-1), pick(g, ops), g.expr(t, depth-1))
	case n < 7:
		t := pick(g, g.types)
		if t.kind == boolean {
			return "!" + g.varied(t, depth-1)
		}
		return fmt.Sprintf("(%s %s %s)", g.varied(t, depth-1), pick(g, []string{"==", "!="}), g.expr(t, depth-1))
	case n < 8:
		return "!" + g.varied(boolType, depth-1)
	case n < 9:
		return fmt.Sprintf("math.IsNaN(float64(%s))", g.varied(g.scalars[11], depth-1))
	}
	return fmt.Sprintf("(%s %s %s)", g.varied(boolType, depth-1), pick(g, []string{"&&", "||"}), g.varied(boolType, depth-1))
}

// callExpr is a call of a function that gives one value and changes nothing.
func (g *generator) callExpr(t *typ, depth int) string {
	for _, f := range g.helpers {
		if len(f.results) != 1 || f.results[0].name != t.name || !g.chance(60) {
			continue
		}
		changes := false
		for _, p := range f.params {
			changes = changes || p.pointer || p.t.kind == slice && !p.local
		}
		if changes || f.fails && !g.may() {
			continue
		}
		if args, ok := g.args(f, depth-1); ok {
			return f.name + "(" + args + ")"
		}
	}
	return ""
}

// args are arguments for a function, if there are variables for all its pointers and slices.
func (g *generator) args(f *fn, depth int) (string, bool) {
	var list []string
	for i, p := range f.params {
		switch {
		case f.method && i == 0:
		case p.pointer:
			s := g.addressable(p.t)
			if s == "" {
				return "", false
			}
			list = append(list, s)
		case p.local:
			for range g.r.IntN(5) {
				list = append(list, g.expr(p.t.elem, depth))
			}
		case p.t.kind == slice:
			s := ""
			for _, v := range g.vars {
				if !v.local && v.t.name == p.t.name && (s == "" || g.chance(50)) {
					s = v.name
				}
			}
			if s == "" {
				s = "nil"
			}
			list = append(list, s)
		default:
			list = append(list, g.expr(p.t, depth))
		}
	}
	return strings.Join(list, ", "), true
}

// addressable is a pointer to a variable.
func (g *generator) addressable(t *typ) string {
	var list []string
	for _, v := range g.vars {
		if v.t.name != t.name || v.local {
			continue
		}
		if v.pointer {
			list = append(list, v.name)
		} else if !v.fixed {
			list = append(list, "&"+v.name)
		}
	}
	if len(list) == 0 {
		return ""
	}
	return pick(g, list)
}
