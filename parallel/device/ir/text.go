package ir

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Text is the program in a notation like Go's, for people and for tests.
func Text(p *Program) string {
	t := &texter{}
	for _, s := range p.Structs {
		t.open("type %s struct {", s.Name)
		for _, f := range s.Fields {
			t.line("%s %s", f.Name, f.Type)
		}
		t.close("}")
	}
	for _, f := range p.Funcs {
		if f.Go != "" && f.Go != f.Name {
			t.line("// %s", oneLine(f.Go))
		}
		t.open("func %s(%s)%s {", f.Name, params(f.Params), results(f.Results))
		t.body(f.Body)
		t.close("}")
	}
	for _, k := range p.Kernels {
		t.open("kernel %s(%s) for %s {", k.Name, params(k.Params), k.Index.Name)
		t.body(k.Body)
		t.close("}")
	}
	for i, s := range p.Sites {
		text := strings.TrimSpace(s.Message(false, 0, 0) + " " + oneLine(s.Text))
		if s.Fault == Panic {
			text = oneLine(s.Text)
		}
		t.line("site %d: %s:%d:%d: %s", i, s.File, s.Line, s.Col, text)
	}
	return t.String()
}

// ExprText is the expression in the same notation.
func ExprText(e Expr) string { return exprText(e, 0) }

type texter struct {
	strings.Builder
	depth  int
	labels map[Stmt]string
	used   map[Stmt]bool
}

func (t *texter) line(format string, args ...any) {
	fmt.Fprintf(t, "%s"+format+"\n", append([]any{strings.Repeat("\t", t.depth)}, args...)...)
}

func (t *texter) open(format string, args ...any) {
	t.line(format, args...)
	t.depth++
}

func (t *texter) close(s string) {
	t.depth--
	t.line("%s", s)
}

func (t *texter) body(list []Stmt) {
	t.labels, t.used = map[Stmt]string{}, map[Stmt]bool{}
	jumps(list, t.used)
	t.list(list)
}

// jumps notes the loops and blocks that are left or continued by their name.
func jumps(list []Stmt, used map[Stmt]bool) {
	Walk(list, func(s Stmt) {
		switch s := s.(type) {
		case *Break:
			used[s.Of] = true
		case *Continue:
			used[s.Of] = true
		}
	})
}

func (t *texter) list(list []Stmt) {
	for _, s := range list {
		t.stmt(s)
	}
}

func (t *texter) label(s Stmt) string {
	if !t.used[s] {
		return ""
	}
	if t.labels[s] == "" {
		t.labels[s] = fmt.Sprintf("L%d", len(t.labels)+1)
	}
	return t.labels[s] + ": "
}

func (t *texter) target(s Stmt) string { return strings.TrimSuffix(t.label(s), ": ") }

func (t *texter) stmt(s Stmt) {
	switch s := s.(type) {
	case *Declare:
		if s.Init == nil {
			t.line("var %s %s", s.Var.Name, s.Var.Type)
		} else {
			t.line("var %s %s = %s", s.Var.Name, s.Var.Type, ExprText(s.Init))
		}
	case *Assign:
		t.line("%s = %s", ExprText(s.Place), ExprText(s.X))
	case *Call:
		t.line("%s%s(%s)", declared(s.Results), s.Func.Name, exprs(s.Args))
	case *Check:
		with := ""
		if s.X != nil {
			with += ", " + ExprText(s.X)
		}
		if s.Y != nil {
			with += ", " + ExprText(s.Y)
		}
		t.line("check %s { fail %d%s }", ExprText(s.Cond), s.Site, with)
	case *If:
		t.open("if %s {", ExprText(s.Cond))
		t.list(s.Then)
		if len(s.Else) > 0 {
			t.depth--
			t.open("} else {")
			t.list(s.Else)
		}
		t.close("}")
	case *Loop:
		t.loop(s)
	case *Block:
		t.open("%s{", t.label(s))
		t.list(s.Body)
		t.close("}")
	case *Break:
		t.line("break %s", t.target(s.Of))
	case *Continue:
		t.line("continue %s", t.target(s.Of))
	case *Return:
		t.line("%s", strings.TrimSpace("return "+exprs(s.Values)))
	case *Comment:
		t.line("// %s", oneLine(s.Text))
	default:
		t.line("%T?", s)
	}
}

func (t *texter) loop(s *Loop) {
	head := "for"
	if len(s.Before) == 0 && s.Cond != nil {
		head += " " + ExprText(s.Cond)
	}
	if s.Bounded {
		head += " bounded"
	}
	t.open("%s%s {", t.label(s), head)
	if len(s.Before) > 0 {
		t.list(s.Before)
		if s.Cond != nil {
			t.line("while %s", ExprText(s.Cond))
		}
	}
	t.list(s.Body)
	if len(s.Post) > 0 {
		t.depth--
		t.open("} post {")
		t.list(s.Post)
	}
	t.close("}")
}

func params(vars []*Var) string {
	var list []string
	for _, v := range vars {
		s := v.Name + " " + v.Type.String()
		if v.Written {
			s += " written"
		}
		list = append(list, s)
	}
	return strings.Join(list, ", ")
}

func results(types []*Type) string {
	var list []string
	for _, t := range types {
		list = append(list, t.String())
	}
	switch len(list) {
	case 0:
		return ""
	case 1:
		return " " + list[0]
	}
	return " (" + strings.Join(list, ", ") + ")"
}

func declared(vars []*Var) string {
	var list []string
	any := false
	for _, v := range vars {
		if v == nil {
			list = append(list, "_")
			continue
		}
		list, any = append(list, v.Name), true
	}
	if !any {
		return ""
	}
	return strings.Join(list, ", ") + " := "
}

func exprs(list []Expr) string {
	var texts []string
	for _, e := range list {
		texts = append(texts, ExprText(e))
	}
	return strings.Join(texts, ", ")
}

// precedence is Go's, of operators with two operands.
func (op BinaryOp) precedence() int {
	switch op {
	case LOr:
		return 1
	case LAnd:
		return 2
	case Eq, Ne, Lt, Le, Gt, Ge:
		return 3
	case Add, SubOp, Or, Xor:
		return 4
	}
	return 5
}

const unaryPrecedence = 6

// exprText is an expression, in parentheses if it binds less than its surroundings.
func exprText(e Expr, around int) string {
	switch e := e.(type) {
	case nil:
		return "nil"
	case *Const:
		return e.text()
	case *Ref:
		return e.Var.Name
	case *Unary:
		return [...]string{"-", "^", "!"}[e.Op] + exprText(e.X, unaryPrecedence)
	case *Binary:
		p := e.Op.precedence()
		s := exprText(e.X, p) + " " + e.Op.String() + " " + exprText(e.Y, p+1)
		if p < around {
			s = "(" + s + ")"
		}
		return s
	case *Convert:
		return e.To.String() + "(" + ExprText(e.X) + ")"
	case *FieldOf:
		name := fmt.Sprintf("field%d", e.I)
		if t := e.X.Type(); e.I < len(t.Fields) {
			name = t.Fields[e.I].Name
		}
		return exprText(e.X, unaryPrecedence+1) + "." + name
	case *Elem:
		return exprText(e.X, unaryPrecedence+1) + "[" + ExprText(e.I) + "]"
	case *Len:
		return "len(" + ExprText(e.X) + ")"
	case *Cap:
		return "cap(" + ExprText(e.X) + ")"
	case *Sub:
		return exprText(e.X, unaryPrecedence+1) + "[" + ExprText(e.Lo) + ":" + ExprText(e.Hi) + ":" + ExprText(e.Max) + "]"
	case *Make:
		return e.T.String() + "{" + exprs(e.Elems) + "}"
	case *Zero:
		return e.T.String() + "{}"
	case *Math:
		return e.Fn + "(" + exprs(e.Args) + ")"
	case *Address:
		return "&" + exprText(e.Place, unaryPrecedence)
	case *Deref:
		s := "*" + exprText(e.X, unaryPrecedence)
		if around > unaryPrecedence {
			s = "(" + s + ")"
		}
		return s
	}
	return fmt.Sprintf("%T?", e)
}

// text is the constant, with its type where Go would take another one.
func (e *Const) text() string {
	switch k := e.T.Kind; {
	case k == Bool:
		return strconv.FormatBool(e.Bits&0xff != 0)
	case k == Int64:
		return strconv.FormatInt(e.Int(), 10)
	case k.IsSigned():
		return fmt.Sprintf("%s(%d)", k, e.Int())
	case k.IsInteger():
		return fmt.Sprintf("%s(%d)", k, e.Uint())
	case k == Float32:
		return fmt.Sprintf("float32(%s)", strconv.FormatFloat(e.Float(), 'g', -1, 32))
	case k == Float64:
		s := strconv.FormatFloat(e.Float(), 'g', -1, 64)
		if !strings.ContainsAny(s, ".eIN") {
			s += ".0"
		}
		return s
	}
	return fmt.Sprintf("%s(%#x)", e.T, e.Bits)
}

// Int is the value of a constant of a signed type.
func (e *Const) Int() int64 {
	n := 64 - 8*uint(kindSizes[e.T.Kind])
	return int64(e.Bits<<n) >> n
}

// Uint is the value of a constant of an unsigned type, or of a Bool.
func (e *Const) Uint() uint64 {
	n := 64 - 8*uint(kindSizes[e.T.Kind])
	return e.Bits << n >> n
}

// Float is the value of a constant of a type of floats.
func (e *Const) Float() float64 {
	if e.T.Kind == Float32 {
		return float64(math.Float32frombits(uint32(e.Bits)))
	}
	return math.Float64frombits(e.Bits)
}

// oneLine is text without what would end a line or a comment.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s)
}
