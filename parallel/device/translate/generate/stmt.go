package generate

import (
	"fmt"
	"strings"
)

// statement writes one.
func (g *generator) statement() {
	g.budget--
	g.risk = g.allowed()
	switch n := g.r.IntN(40); {
	case n < 6:
		g.declare()
	case n < 8:
		g.declareSlice()
	case n < 16:
		g.assign()
	case n < 21:
		g.ifStmt()
	case n < 27 && g.loops < 2:
		g.loop()
	case n < 30:
		g.switchStmt()
	case n < 34:
		g.call()
	case n < 35 && g.inside == 0 && len(g.closure) < 2:
		g.makeClosure()
	case n < 36 && g.chance(50):
		g.checkTwice()
	case n < 36:
		g.pointerTo()
	case n < 38:
		g.sliceStmt()
	case n < 39 && g.chance(30):
		g.fails = true
		g.line("if %s {", g.varied(boolType, 2))
		g.line("\tpanic(%q)", g.name("bad luck "))
		g.line("}")
	default:
		g.assign()
	}
}

// block writes statements in braces.
func (g *generator) block(n int) {
	vars, closures := len(g.vars), len(g.closure)
	g.depth++
	for range n {
		if g.budget > -6 {
			g.statement()
		}
	}
	g.depth--
	g.vars, g.closure = g.vars[:vars:vars], g.closure[:closures:closures]
}

func (g *generator) declare() {
	t := g.valueType()
	v := &variable{name: g.name("v"), t: t}
	switch {
	case g.chance(20):
		g.line("var %s %s", v.name, t.name)
	default:
		g.line("%s := %s", v.name, g.expr(t, 4))
	}
	g.note(v)
	g.vars = append(g.vars, v)
}

// declareSlice declares a local slice, most often of integers, which are indexes of others.
func (g *generator) declareSlice() {
	v := g.localSlice()
	if g.chance(30) {
		g.line("%s := make(%s, %d)", v.name, v.t.name, v.t.n)
	} else {
		g.line("%s := %s", v.name, g.sliceLiteral(v.t, 3))
	}
	g.note(v)
	g.vars = append(g.vars, v)
}

// checkTwice writes a loop that checks an element of a local slice, changes it, and checks it
// again.
func (g *generator) checkTwice() {
	var of []*variable
	for _, v := range g.vars {
		if v.local && v.t.kind == array && v.t.elem == intType {
			of = append(of, v)
		}
	}
	if len(of) == 0 {
		g.declareSlice()
		return
	}
	v := pick(g, of)
	e := fmt.Sprintf("%s[%d]", v.name, g.r.IntN(v.t.n))
	check := fmt.Sprintf("acc += uint64(60 / %s)", e)
	for _, v := range g.vars {
		if !v.pointer && v.t.kind == slice && g.chance(60) {
			check = fmt.Sprintf("_ = %s[%s]", v.name, e)
		}
	}
	g.fails, g.risk = true, 0
	g.line("%s = %d", e, 1+g.r.IntN(2))
	g.line("for range %d {", 1+g.r.IntN(2))
	g.line("\t%s", check)
	g.line("\t%s = %s & 3", e, g.varied(intType, 2))
	g.line("\t%s", check)
	g.line("}")
}

func (g *generator) localSlice() *variable {
	elem := g.valueType()
	if g.chance(60) {
		elem = intType
	}
	return &variable{name: g.name("t"), t: &typ{name: "[]" + elem.name, kind: array, elem: elem, n: 1 + g.r.IntN(5)}, local: true}
}

func (g *generator) sliceLiteral(t *typ, depth int) string {
	list := make([]string, t.n)
	for i := range list {
		list[i] = g.expr(t.elem, depth-2)
		if t.elem == intType && g.chance(60) {
			list[i] = fmt.Sprint(g.r.IntN(4))
		}
	}
	return t.name + "{" + strings.Join(list, ", ") + "}"
}

func (g *generator) assign() {
	t := g.valueType()
	to := g.place(t, true)
	if to == "" {
		g.declare()
		return
	}
	switch {
	case t.kind == signed || t.kind == unsigned:
		switch g.r.IntN(5) {
		case 0:
			g.line("%s%s", to, pick(g, []string{"++", "--"}))
			return
		case 1:
			g.line("%s %s= %s", to, pick(g, []string{"+", "-", "*", "&", "|", "^", "&^"}), g.expr(t, 3))
			return
		case 2:
			g.line("%s %s= %s & 31", to, pick(g, []string{"<<", ">>"}), g.varied(intType, 2))
			return
		case 3:
			g.line("%s %s= %s | 1", to, pick(g, []string{"/", "%"}), g.varied(t, 2))
			return
		}
	case t.kind == float && g.chance(40):
		g.line("%s %s= %s", to, pick(g, []string{"+", "-", "*", "/"}), g.expr(t, 3))
		return
	}
	if other := g.place(t, true); g.chance(20) && other != "" {
		g.line("%s, %s = %s, %s", to, other, g.expr(t, 2), g.place2(t, to))
		return
	}
	g.line("%s = %s", to, g.expr(t, 4))
}

// place2 is a place of the type, or what is given.
func (g *generator) place2(t *typ, or string) string {
	if s := g.place(t, false); s != "" {
		return s
	}
	return or
}

func (g *generator) ifStmt() {
	vars := len(g.vars)
	if g.chance(20) {
		v := &variable{name: g.name("c"), t: pick(g, g.scalars)}
		g.line("if %s := %s; (%s == %s) || %s {", v.name, g.expr(v.t, 2), v.name, g.expr(v.t, 1), g.varied(boolType, 2))
		g.vars = append(g.vars, v)
	} else {
		g.line("if %s {", g.varied(boolType, 3))
	}
	g.block(1 + g.r.IntN(3))
	for g.chance(20) {
		g.risk = 0
		g.line("} else if %s {", g.varied(boolType, 2))
		g.block(1)
	}
	if g.chance(40) {
		g.line("} else {")
		g.block(1 + g.r.IntN(2))
	}
	g.line("}")
	g.vars = g.vars[:vars:vars]
	if g.chance(5) {
		g.line("if %s {", g.varied(boolType, 2))
		g.depth++
		g.returns()
		g.depth--
		g.line("}")
	}
}

// loop writes a loop that surely ends.
func (g *generator) loop() {
	vars := len(g.vars)
	defer func() { g.vars = g.vars[:vars:vars] }()
	label, named := "", g.chance(30)
	if named {
		label = g.name("l")
		g.line("%s:", strings.TrimLeft(label, "_"))
		label = strings.TrimLeft(label, "_")
	}
	guarded := g.header()
	g.loops++
	g.depth++
	if guarded {
		g.line("if fuel--; fuel < 0 {")
		g.line("\tbreak")
		g.line("}")
	}
	if named {
		g.labels = append(g.labels, label)
		g.line("if %s {", g.varied(boolType, 2))
		g.line("\t%s %s", pick(g, []string{"break", "continue"}), label)
		g.line("}")
	} else if g.chance(30) {
		g.line("if %s {", g.varied(boolType, 2))
		g.line("\t%s", pick(g, []string{"break", "continue"}))
		g.line("}")
	}
	g.depth--
	g.block(1 + g.r.IntN(3))
	if len(g.labels) > 0 && g.chance(30) {
		g.depth++
		g.risk = 0
		g.line("if %s {", g.varied(boolType, 2))
		g.line("\t%s %s", pick(g, []string{"break", "continue"}), pick(g, g.labels))
		g.line("}")
		g.depth--
	}
	if named {
		g.labels = g.labels[:len(g.labels)-1]
	}
	g.loops--
	g.line("}")
}

// header begins a loop, and says whether it must be kept from going on forever.
func (g *generator) header() (guarded bool) {
	i := &variable{name: g.name("i"), t: intType, fixed: true}
	switch g.r.IntN(9) {
	case 8:
		v := g.localSlice()
		v.t.elem, v.t.name = intType, "[]int"
		k := g.r.IntN(v.t.n)
		g.line("for %s := %s; %s[%d] < %d; %s[%d]++ {", v.name, g.sliceLiteral(v.t, 2), v.name, k, g.r.IntN(9), v.name, k)
		g.note(v)
		g.vars = append(g.vars, v)
		return true
	case 0:
		g.line("for %s := range %d {", i.name, g.r.IntN(9))
	case 1, 2:
		for _, v := range g.vars {
			if v.pointer || v.t.kind != slice && v.t.kind != array || !g.chance(50) {
				continue
			}
			i.fixed = g.chance(70)
			x := &variable{name: g.name("x"), t: v.t.elem}
			switch {
			case g.chance(40) || v.t.elem.kind == slice:
				g.line("for %s := range %s {", i.name, v.name)
			case g.chance(30):
				g.line("for _, %s := range %s {", x.name, v.name)
				g.note(x)
				g.vars = append(g.vars, x)
				return false
			default:
				g.line("for %s, %s := range %s {", i.name, x.name, v.name)
				g.note(x)
				g.vars = append(g.vars, x)
			}
			g.note(i)
			g.vars = append(g.vars, i)
			return false
		}
		g.line("for %s := range 3 {", i.name)
	case 3:
		for _, v := range g.vars {
			if !v.pointer && (v.t.kind == slice || v.t.kind == array) && g.chance(50) {
				i.fixed = g.chance(60)
				g.line("for %s := %d; %s < len(%s)%s; %s {", i.name, g.r.IntN(2), i.name, v.name, pick(g, []string{"", "", "-1", "+1"}), pick(g, []string{i.name + "++", i.name + " += 2"}))
				g.note(i)
				g.vars = append(g.vars, i)
				return true
			}
		}
		g.line("for %s := 5; %s >= 0; %s-- {", i.name, i.name, i.name)
	case 4:
		i.t, i.fixed = g.scalars[2+g.r.IntN(8)], g.chance(60)
		g.line("for %s := %s; %s %s %s; %s%s {", i.name, g.literal(i.t), i.name, pick(g, []string{"<", "<=", ">", ">=", "!="}), g.expr(i.t, 1), i.name, pick(g, []string{"++", "--"}))
		guarded = true
	case 5:
		g.line("for %s := 0; %s < %d; %s++ {", i.name, i.name, g.r.IntN(9), i.name)
	case 6:
		g.line("for %s {", g.varied(boolType, 2))
		return true
	case 7:
		g.line("for {")
		return true
	}
	g.note(i)
	g.vars = append(g.vars, i)
	return guarded
}

func (g *generator) switchStmt() {
	n := 1 + g.r.IntN(4)
	defaultAt := g.r.IntN(n + 2)
	var t *typ
	if g.chance(60) {
		t = g.scalars[2+g.r.IntN(8)]
		g.line("switch (%s) {", g.varied(t, 2))
	} else {
		g.line("switch {")
	}
	risk := g.risk
	g.risk = 0
	for i := range n {
		if i == defaultAt {
			g.line("default:")
			g.block(1)
		}
		if t != nil {
			list := []string{fmt.Sprint(i * 2)}
			if g.chance(30) {
				list = append(list, fmt.Sprint(i*2+1))
			}
			if g.chance(20) {
				list = append(list, g.varied(t, 1))
			}
			g.line("case %s:", strings.Join(list, ", "))
		} else {
			g.line("case %s:", g.varied(boolType, 2))
		}
		g.block(1 + g.r.IntN(2))
		g.risk = 0
		if i < n-1 && defaultAt != i+1 && g.chance(20) {
			g.line("\tfallthrough")
		} else if g.chance(15) {
			g.line("\tif %s {", g.varied(boolType, 1))
			g.line("\t\tbreak")
			g.line("\t}")
		}
	}
	g.risk = risk
	g.line("}")
}

// call writes the call of a function of which the results are set, and which may change
// what it is given pointers and slices of.
func (g *generator) call() {
	list := append(append([]*fn(nil), g.helpers...), g.closure...)
	var recv *variable
	for _, v := range g.vars {
		if v.t.method != nil && (!v.fixed || v.pointer) && g.chance(50) {
			recv = v
		}
	}
	if len(list) == 0 && recv == nil {
		g.assign()
		return
	}
	var f *fn
	if recv != nil && (len(list) == 0 || g.chance(40)) {
		f = recv.t.method
	} else {
		f, recv = pick(g, list), nil
	}
	g.risk = 0
	args, ok := g.args(f, 2)
	if !ok {
		g.assign()
		return
	}
	if f.fails {
		g.fails = true
	}
	name := f.name
	if recv != nil {
		name = recv.name + "." + name
	}
	if g.chance(20) {
		g.line("%s(%s)", name, args)
		return
	}
	var names []string
	var vars []*variable
	for _, t := range f.results {
		if g.chance(20) && len(f.results) > 1 && len(vars) > 0 {
			names = append(names, "_")
			continue
		}
		v := &variable{name: g.name("r"), t: t}
		vars, names = append(vars, v), append(names, v.name)
	}
	g.line("%s := %s(%s)", strings.Join(names, ", "), name, args)
	for _, v := range vars {
		g.note(v)
	}
	g.vars = append(g.vars, vars...)
}

// makeClosure declares a function literal that reads and writes what is around it.
func (g *generator) makeClosure() {
	f := &fn{name: g.name("fn"), local: true, params: []*variable{{name: g.name("q"), t: pick(g, g.scalars)}}, results: []*typ{g.valueType()}}
	results, labels, loops, fails, sums := g.results, g.labels, g.loops, g.fails, g.sums
	g.results, g.labels, g.fails, g.sums = f.results, nil, false, false
	g.inside++
	g.line("%s := func(%s %s) %s {", f.name, f.params[0].name, f.params[0].t.name, f.results[0].name)
	vars := g.vars
	g.vars = nil
	for _, v := range vars { // of local slices, others have nothing
		if !v.local {
			g.vars = append(g.vars, v)
		}
	}
	g.vars = append(g.vars, f.params...)
	g.block(2)
	g.depth++
	g.returns()
	g.depth--
	g.line("}")
	g.vars = vars
	g.inside--
	f.fails = g.fails
	g.results, g.labels, g.loops, g.fails, g.sums = results, labels, loops, fails || f.fails, sums
	g.line("%s(%s)", f.name, g.literal(f.params[0].t))
	g.closure = append(g.closure, f)
}

func (g *generator) pointerTo() {
	t := g.valueType()
	s := g.addressable(t)
	if s == "" {
		g.assign()
		return
	}
	v := &variable{name: g.name("p"), t: t, pointer: true, fixed: true}
	g.line("%s := %s", v.name, s)
	g.note(v)
	g.vars = append(g.vars, v)
}

func (g *generator) sliceStmt() {
	for _, v := range g.vars {
		if v.t.kind != slice || v.pointer || v.local || !g.chance(50) {
			continue
		}
		part := pick(g, []string{"[len(xs)/2:]", "[:len(xs)/2]", "[len(xs)/3:len(xs)/2]", "[:]", "[:len(xs)/2:len(xs)]", "[:0]"})
		part = strings.ReplaceAll(part, "xs", v.name)
		if g.may() {
			part = "[" + g.varied(intType, 1) + ":]"
		}
		switch n := g.r.IntN(5); {
		case n == 0 && g.inside == 0 && !v.full:
			g.line("%s = %s%s", v.name, v.name, part)
		case n == 1 && v.t.elem.kind != slice:
			g.line("copy(%s, %s%s)", v.name, v.name, part)
		case n == 2 && v.t.elem.kind != slice:
			g.line("clear(%s%s)", v.name, part)
		default:
			w := &variable{name: g.name("s"), t: v.t}
			g.line("%s := %s%s", w.name, v.name, part)
			g.note(w)
			g.vars = append(g.vars, w)
		}
		return
	}
	g.assign()
}
