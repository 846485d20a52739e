//go:build !race && cgo

package interp

import (
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

var (
	seeds     = flag.Int("seeds", 2, "how many random sessions the two evaluators are compared by")
	firstSeed = flag.Uint64("seed", 1, "the first of them")
)

// Random sessions of cells, some of which panic, give the same where the session
// evaluates what it can and where every cell is compiled.
func TestRandomCellsGiveTheSameEvaluatedAndCompiled(t *testing.T) {
	for n := range *seeds {
		seed := *firstSeed + uint64(n)
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			g := newGenerator(seed)
			var cells []string
			for range 40 {
				code := g.cell()
				if len(g.fresh) > 0 { // known also if the cell fails before it comes to them
					cells = append(cells, strings.Join(g.fresh, "\n"))
				}
				cells, g.fresh = append(cells, code), nil
			}
			compiled := transcripts(t, everyCell, cells) // one session after the other: compiled code serves one
			for n, got := range transcripts(t, TierCompiled, cells) {
				if a, b := firstPanic(got), firstPanic(compiled[n]); a != b && a != "" && b != "" {
					break // Go does not say which of two panics in a statement comes first
				}
				if got != compiled[n] {
					t.Errorf("In[%d]\n%s\nevaluated it gives\n%scompiled\n%s", 2*n+1, cells[n], got, compiled[n])
				}
				if strings.Contains(got, "TypeError") || strings.Contains(got, "SyntaxError") {
					t.Errorf("In[%d] is no Go, a mistake of the generator's\n%s\n%s", 2*n+1, cells[n], got)
				}
				if t.Failed() {
					break
				}
			}
		})
	}
}

// transcripts runs the cells in a session of their own. Machine code knows no columns.
func transcripts(t *testing.T, tier string, cells []string) []string {
	nb := newNotebookOn(t, tier)
	out := make([]string, len(cells))
	for n, code := range cells {
		out[n] = columnRE.ReplaceAllString(nb.transcript(code)+nb.transcript("%whos"), "$1")
	}
	return out
}

func firstPanic(transcript string) string {
	line, _, _ := strings.Cut(transcript, "\n")
	if strings.HasPrefix(line, "error: ") && strings.Contains(line, ": Panic: ") {
		return line
	}
	return ""
}

// A generator writes random cells that are correct Go, as far as types go.
type generator struct {
	*rand.Rand
	vars  map[string][]string // by type
	count int
	fresh []string // what the cell declares, without values
}

// firstValues are what expressions are built of.
var firstValues = map[string][]string{
	"int": {"0", "1", "-7", "1 << 40"}, "uint8": {"2", "255"}, "int64": {"3", "math.MinInt64"}, "float64": {"0.5", "-2", "math.Inf(1)"},
	"string": {`"abc"`, `"né a"`, `""`}, "bool": {"true", "false"}, "[]int": {"[]int{3, 1, 2}", "[]int{}"}, "map[string]int": {`map[string]int{"abc": 1}`},
	"point": {"point{1, 2}"}, "*point": {"&point{3, 4}"}, "any": {"5", `"abc"`}, "[3]int": {"[3]int{1, 2, 3}"}, "[]string": {`[]string{"b", "a"}`},
	"complex128": {"1 + 2i"}, "rune": {"'x'", "'é'"}, "error": {`errors.New("e")`, "nil"}, "func(int) int": {"twice"},
}

var randomTypes = []string{"int", "uint8", "int64", "float64", "string", "bool", "[]int", "map[string]int", "point", "*point", "any", "[3]int", "[]string", "complex128", "rune", "error", "func(int) int"}

func newGenerator(seed uint64) *generator {
	return &generator{Rand: rand.New(rand.NewPCG(seed, 0)), vars: map[string][]string{}}
}

func (g *generator) pick(list ...string) string { return list[g.IntN(len(list))] }

// cell is a cell: the first declares what all use.
func (g *generator) cell() string {
	if g.count == 0 {
		g.count++
		var vars []string
		for n, typ := range slices.Sorted(maps.Keys(firstValues)) {
			for k, value := range firstValues[typ] {
				name := fmt.Sprintf("w%d_%d", n, k)
				vars = append(vars, "var "+name+" "+typ+" = "+value)
				g.vars[typ] = append(g.vars[typ], name)
			}
		}
		return strings.Join(vars, "\n") + "\ntype point struct { X, Y int }\n" +
			"func (p point) Sum() int { return p.X + p.Y }\n" +
			"func (p *point) Move(n int) *point { p.X += n; return p }\n" +
			"func (p point) Error() string { return fmt.Sprint(\"at \", p.X) }\n" +
			"func twice(n int) int { return 2 * n }\n" +
			"func pair(n int) (int, error) { if n < 0 { return 0, point{n, 0} }; return n, nil }\n" +
			"func apply(f func(int) int, xs ...int) (out []int) { for _, x := range xs { out = append(out, f(x)) }; return }"
	}
	var lines []string
	for range 1 + g.IntN(3) {
		lines = append(lines, g.statement())
	}
	typ := g.pick(randomTypes[:len(randomTypes)-1]...)
	lines = append(lines, g.pick(g.expr(typ, 3), g.expr(typ, 2)+", "+g.expr("int", 2), "fmt.Println("+g.expr(typ, 2)+")", `fmt.Sprintf("%v %T", `+g.expr(typ, 2)+", "+g.expr("any", 1)+")"))
	return strings.Join(lines, "\n")
}

// statement is a statement that leaves no name unused.
func (g *generator) statement() string {
	typ := g.pick(randomTypes...)
	switch g.IntN(12) {
	case 0, 1, 2:
		g.count++
		name := fmt.Sprint("v", g.count)
		g.fresh = append(g.fresh, "var "+name+" "+typ)
		text := "var " + name + " " + typ + " = " + g.expr(typ, 3)
		if g.IntN(2) == 0 {
			text = name + " := " + typed(typ, g.expr(typ, 3))
		}
		g.vars[typ] = append(g.vars[typ], name)
		return text
	case 3, 4:
		if v := g.variable(typ); v != "" {
			return v + " = " + g.expr(typ, 3)
		}
	case 5:
		if v := g.variable("int"); v != "" {
			return g.pick(v+"++", v+"--", v+" "+g.pick("+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "&^=", "<<=")+" "+g.expr("int", 1))
		}
	case 6:
		if v := g.variable("[]int"); v != "" {
			return g.pick(v+" = append("+v+", "+g.expr("int", 2)+")", v+"["+g.expr("int", 1)+"] = "+g.expr("int", 2), "sort.Ints("+v+")")
		}
	case 7:
		if v := g.variable("map[string]int"); v != "" {
			return g.pick(v+"["+g.expr("string", 1)+"] = "+g.expr("int", 2), v+"["+g.expr("string", 1)+"]++", "delete("+v+", "+g.expr("string", 1)+")")
		}
	case 8:
		if v := g.variable(g.pick("point", "*point")); v != "" {
			return g.pick(v+".X = "+g.expr("int", 2), v+".Y += "+g.expr("int", 1), v+".Move("+g.expr("int", 1)+")")
		}
	case 9:
		a, b := g.variable("int"), g.variable("int")
		if a != "" && a != b {
			return a + ", " + b + " = " + b + ", " + g.expr("int", 1)
		}
	case 10:
		if v := g.variable("int"); v != "" {
			return "if " + g.expr("bool", 2) + " { " + v + " = " + g.expr("int", 2) + " } else { " + v + "-- }"
		}
	case 11:
		if v := g.variable("int"); v != "" {
			return g.pick(
				"for k := range 3 { "+v+" += k * "+g.expr("int", 1)+" }",
				"for k, x := range "+g.expr("[]int", 1)+" { "+v+" ^= k + x }",
				"switch { case "+g.expr("bool", 1)+": "+v+" = 1; case "+g.expr("bool", 1)+": "+v+" = 2; default: "+v+"++ }")
		}
	}
	return "_ = " + typed(typ, g.expr(typ, 2))
}

func (g *generator) variable(typ string) string {
	if list := g.vars[typ]; len(list) > 0 {
		return g.pick(list...)
	}
	return ""
}

// typed makes an expression have the type by itself.
func typed(typ, expr string) string {
	if strings.HasPrefix(typ, "*") || strings.HasPrefix(typ, "func") {
		typ = "(" + typ + ")"
	}
	return typ + "(" + expr + ")"
}

// expr is an expression of the type. Its leaves are variables: the compiler refuses
// constants that overflow.
func (g *generator) expr(typ string, depth int) string {
	leaf := g.variable(typ)
	if depth == 0 || g.IntN(4) == 0 {
		return leaf
	}
	e := func(t string) string { return g.expr(t, depth-1) }
	binary := func(t string, ops ...string) string { return "(" + e(t) + " " + g.pick(ops...) + " " + e(t) + ")" }
	var forms []string
	add := func(list ...string) { forms = append(forms, list...) }
	number := func(t string, other ...string) {
		add(binary(t, "+", "-", "*", "/"), "(-"+e(t)+")", "("+e(t)+" "+g.pick("+", "-", "*")+" 3)", t+"("+e(g.pick(other...))+")")
	}
	integer := func(t string, other ...string) {
		number(t, other...)
		add(binary(t, "%", "&", "|", "^", "&^"), "("+e(t)+" "+g.pick("<<", ">>")+" "+e("uint8")+")", "(^"+e(t)+")", g.pick("min", "max")+"("+e(t)+", "+e(t)+")")
	}
	switch typ {
	case "int":
		integer("int", "uint8", "int64", "rune", "int")
		add("len("+e(g.pick("string", "[]int", "map[string]int", "[]string"))+")", e("[]int")+"["+e("int")+"]", e("[3]int")+"["+e("uint8")+"]",
			e("map[string]int")+"["+e("string")+"]", e("point")+".X", e("*point")+".Y", "twice("+e("int")+")", e("point")+".Sum()",
			"cap("+e("[]int")+"[:0:1])", "strings.Index("+e("string")+", "+e("string")+")", e("any")+".(int)", e("func(int) int")+"("+e("int")+")",
			"slices.Max("+e("[]int")+")", "point{"+e("int")+", 2}.Sum()", "map[bool]int{true: 1, false: 2}["+e("bool")+"]")
	case "uint8":
		integer("uint8", "int", "rune", "int64")
		add(e("string")+"["+e("int")+"]", "[]byte("+e("string")+")["+e("int")+"]")
	case "int64":
		integer("int64", "int", "uint8")
		add("int64(time.Duration(" + e("int64") + ") * time.Second)")
	case "rune":
		integer("rune", "uint8", "int")
		add("[]rune("+e("string")+")["+e("int")+"]", "unicode.ToUpper("+e("rune")+")")
	case "float64":
		number("float64", "int", "int64", "float64")
		add("math.Sqrt("+e("float64")+")", "real("+e("complex128")+")", "math.Floor("+e("float64")+")")
	case "complex128":
		add(binary("complex128", "+", "-", "*"), "complex("+e("float64")+", "+e("float64")+")", "(-"+e("complex128")+")")
	case "string":
		add(binary("string", "+"), e("string")+"["+e("uint8")+":]", e("string")+"[:"+e("int")+"]", "strings.ToUpper("+e("string")+")", "strconv.Itoa("+e("int")+")",
			"fmt.Sprint("+e(g.pick("int", "float64", "bool", "[]int", "point", "any", "error"))+")", e("[]string")+"["+e("int")+"]", "string("+e("rune")+")",
			"("+e("string")+" + \"é\")", "strings.Join("+e("[]string")+", \"-\")", e("error")+".Error()", "fmt.Sprintf(\"%T\", "+e("any")+")")
	case "bool":
		t := g.pick("int", "uint8", "float64", "string", "rune")
		add(binary(t, "<", "<=", ">", ">=", "==", "!="), binary(g.pick("bool", "point", "[3]int", "complex128", "any", "*point", "error"), "==", "!="),
			binary("bool", "&&", "||"), "!"+e("bool"), "strings.Contains("+e("string")+", "+e("string")+")", "("+e(g.pick("[]int", "map[string]int", "any", "error", "*point"))+" == nil)",
			"slices.Contains("+e("[]string")+", "+e("string")+")")
	case "[]int":
		add("[]int{"+e("int")+", "+e("int")+"}", "append("+e("[]int")+"[:1:1], "+e("int")+")", e("[]int")+"["+e("uint8")+":]", "slices.Sorted(slices.Values("+e("[]int")+"))",
			"apply("+e("func(int) int")+", "+e("int")+", "+e("int")+")", "apply(twice, "+e("[]int")+"...)", "append([]int(nil), "+e("[]int")+"...)")
	case "[]string":
		add("[]string{"+e("string")+", "+e("string")+"}", "strings.Fields("+e("string")+")", "slices.Sorted(maps.Keys("+e("map[string]int")+"))", "strings.Split("+e("string")+", \"a\")")
	case "map[string]int":
		add("map[string]int{"+e("string")+": "+e("int")+"}", "maps.Clone("+e("map[string]int")+")")
	case "[3]int":
		add("[3]int{"+e("int")+"}", "[...]int{2: "+e("int")+"}", "[3]int(append("+e("[]int")+"[:1:1], "+e("int")+", 3))")
	case "point":
		add("point{"+e("int")+", "+e("int")+"}", "point{Y: "+e("int")+"}", "(*"+e("*point")+")", "[]point{{1, 2}, "+e("point")+"}["+e("int")+"]")
	case "*point":
		add("(&point{"+e("int")+", "+e("int")+"})", "(&point{X: "+e("int")+"}).Move("+e("int")+")")
	case "any":
		add("any("+e(g.pick("int", "string", "float64", "point", "rune", "uint8", "bool"))+")", "any(nil)")
	case "error":
		add("errors.New("+e("string")+")", "error("+e("point")+")", "fmt.Errorf(\"in %d: %w\", "+e("int")+", "+e("error")+")", "errors.Unwrap("+e("error")+")")
	case "func(int) int":
		add("func(n int) int { return n "+g.pick("+", "-", "*")+" "+e("int")+" }", "map[bool]func(int) int{true: twice}["+e("bool")+"]")
	}
	return g.pick(forms...)
}
