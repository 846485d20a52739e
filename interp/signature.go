package interp

import (
	"go/ast"
	"go/scanner"
	"go/token"
	"go/types"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// describeCall shows the function in whose arguments the offset lies, with the
// parameter that the offset is at marked.
func (i *Interp) describeCall(code string, offset, detail int) (string, bool) {
	start, end := wordStart(code[:offset]), offset+wordLen(code[offset:])
	if !i.inGo(code[:start]) {
		var ok bool
		if start, end, ok = stringAround(code, offset); !ok {
			return "", false
		}
	}
	if r, _ := utf8.DecodeLastRuneInString(strings.TrimRight(code[:start], " \t")); endsOperand(r) {
		code = code[:start] + "+" + code[start:]
		start, end = start+1, end+1
	}
	at := i.at(code, start, end)
	if at == nil {
		return "", false
	}
	call, arg := at.call()
	if call == nil {
		return "", false
	}
	fun := call.Fun
	switch x := fun.(type) {
	case *ast.IndexExpr:
		fun = x.X
	case *ast.IndexListExpr:
		fun = x.X
	}
	s := at.callee(fun)
	tv := at.unit.Info.Types[call.Fun]
	sig, isFunc := under(tv.Type).(*types.Signature)
	switch {
	case s.Object == nil && !isFunc:
		return "", false
	case s.Object == nil:
		return signature{"func", sig}.text(arg), true
	}
	if isFunc && !tv.IsBuiltin() && !tv.IsType() {
		if declared, ok := under(s.Type()).(*types.Signature); ok {
			sig = declared // with its type parameters
		}
		return signature{calleeName(s), sig}.text(arg) + "\n" + i.details(code, s, detail), true
	}
	text := i.declaration(s)
	if tv.IsBuiltin() {
		text = marked(language[s.name].signature, arg)
	}
	return text + "\n" + i.details(code, s, detail), true
}

// endsOperand says that a name cannot follow the rune.
func endsOperand(r rune) bool {
	return strings.ContainsRune(")]}\"'`_", r) || unicode.IsLetter(r) || unicode.IsDigit(r)
}

// stringAround is the place of the string in which the offset lies.
func stringAround(code string, offset int) (start, end int, ok bool) {
	fset := token.NewFileSet()
	f := fset.AddFile("", -1, len(code))
	var s scanner.Scanner
	s.Init(f, []byte(code), func(token.Position, string) {}, 0)
	for {
		pos, tok, lit := s.Scan()
		at := f.Offset(pos)
		if tok == token.EOF || at >= offset {
			return 0, 0, false
		}
		if (tok == token.STRING || tok == token.CHAR) && at < offset && offset <= at+len(lit) { // one that is not closed ends with the line
			return at, at + len(lit), true
		}
	}
}

// call is the call in whose arguments the cursor lies, and the index of the argument.
func (c *cursor) call() (*ast.CallExpr, int) {
	for n, node := range c.path {
		switch node.(type) {
		case *ast.FuncLit, *ast.BlockStmt:
			return nil, 0
		}
		call, ok := c.parent(n).(*ast.CallExpr)
		if !ok {
			continue
		}
		if e, isExpr := node.(ast.Expr); isExpr && e != call.Fun {
			if id, isName := call.Fun.(*ast.Ident); isName && id.Name == argsName {
				return nil, 0
			}
			return call, slices.Index(call.Args, e)
		}
	}
	return nil, 0
}

// callee is what is called.
func (c *cursor) callee(fun ast.Expr) subject {
	switch fun := fun.(type) {
	case *ast.Ident:
		return subject{c.unit.Info.Uses[fun], fun.Name, nil}
	case *ast.SelectorExpr:
		s := subject{c.unit.Info.Uses[fun.Sel], fun.Sel.Name, nil}
		if t := c.unit.Info.TypeOf(fun.X); s.Object != nil && t != nil && t != types.Typ[types.Invalid] {
			s.owner = ownerOf(t, s.name, c.unit.Pkg)
		}
		return s
	}
	return subject{}
}

// calleeName is what stands before the parameters of what is called.
func calleeName(s subject) string {
	f, ok := s.Object.(*types.Func)
	if !ok {
		return s.name + " func"
	}
	name := s.name
	if recv := f.Signature().Recv(); recv != nil {
		return "func (" + typeString(recv.Type()) + ") " + name
	}
	if p := f.Pkg(); p != nil && p.Path() != "main" && p.Path() != "fanout/host" {
		name = p.Name() + "." + name
	}
	return "func " + name
}

// A signature is a function's, with what stands before its parameters.
type signature struct {
	name string
	*types.Signature
}

// wide is the number of columns beyond which parameters have a line each.
const wide = 80

// text writes the signature with the parameter at index arg marked in the line below
// it, or, on several lines, by an arrow.
func (s signature) text(arg int) string {
	head := s.name + typeParams(s.TypeParams()) + "("
	var params []string
	for n := range s.Params().Len() {
		p := s.Params().At(n)
		t := typeString(p.Type())
		if sl, ok := p.Type().(*types.Slice); ok && s.Variadic() && n == s.Params().Len()-1 {
			t = "..." + typeString(sl.Elem())
		}
		params = append(params, strings.TrimSpace(p.Name()+" "+t))
	}
	if s.Variadic() {
		arg = min(arg, len(params)-1)
	}
	tail := ")"
	if r := s.Results(); r.Len() == 1 && r.At(0).Name() == "" {
		tail += " " + typeString(r.At(0).Type())
	} else if r.Len() > 0 {
		tail += " " + typeString(r)
	}
	return withMark(head, params, tail, arg)
}

func withMark(head string, params []string, tail string, arg int) string {
	line := head + strings.Join(params, ", ") + tail
	if arg < 0 || arg >= len(params) {
		return line
	}
	if len([]rune(line)) <= wide {
		before := len([]rune(head + strings.Join(append(slices.Clone(params[:arg]), ""), ", ")))
		return line + "\n" + strings.Repeat(" ", before) + strings.Repeat("^", len([]rune(params[arg])))
	}
	var b strings.Builder
	b.WriteString(head + "\n")
	for n, p := range params {
		if n == arg {
			b.WriteString("  → " + p + ",\n")
		} else {
			b.WriteString("    " + p + ",\n")
		}
	}
	return b.String() + tail
}

// marked marks a parameter in the text of a builtin function's signature.
func marked(text string, arg int) string {
	head, rest, ok := strings.Cut(text, "(")
	list, tail, closed := strings.Cut(rest, ")")
	if !ok || !closed {
		return text
	}
	params := strings.Split(list, ", ")
	if strings.Contains(list, "...") {
		arg = min(arg, len(params)-1)
	}
	return withMark(head+"(", params, ")"+tail, arg)
}
