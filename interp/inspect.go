package interp

import (
	"cmp"
	"context"
	"fmt"
	"go/ast"
	"go/constant"
	"go/types"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/adabc437/fanout/interp/cell"
	"github.com/adabc437/fanout/interp/check"
	"github.com/adabc437/fanout/interp/lower"
	"github.com/adabc437/fanout/interp/session"
	"github.com/adabc437/fanout/interp/symbols"
)

// Inspect describes the name at offset, or the function whose arguments the
// offset lies in: right behind a bracket or a comma, the function.
func (i *Interp) Inspect(_ context.Context, code string, offset, detail int) (session.Inspection, error) {
	offset = max(0, min(offset, len(code)))
	if len(code) > cell.MaxSize {
		return session.Inspection{}, nil
	}
	if name, ok := magicAt(code, offset); ok {
		if m := i.magics[name]; m != nil {
			return session.Inspection{Found: true, Data: map[string]any{"text/plain": m.help()}}, nil
		}
	}
	if path := strings.TrimSpace(code); strings.Contains(path, "/") {
		if text := i.packageText(path); text != "" {
			return session.Inspection{Found: true, Data: map[string]any{"text/plain": text}}, nil
		}
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	ways := []func(code string, offset, detail int) (string, bool){i.describeName, i.describeCall}
	if before := strings.TrimRight(code[:offset], " \t\n"); strings.HasSuffix(before, "(") || strings.HasSuffix(before, ",") {
		slices.Reverse(ways)
	}
	for _, way := range ways {
		if text, ok := way(code, offset, detail); ok {
			return session.Inspection{Found: true, Data: map[string]any{"text/plain": text}}, nil
		}
	}
	return session.Inspection{}, nil
}

// magicAt says that offset lies on the name of a magic.
func magicAt(code string, offset int) (string, bool) {
	start := wordStart(code[:offset])
	end := offset + wordLen(code[offset:])
	if start > 0 && code[start-1] == '%' {
		return code[start:end], true
	}
	if start == offset && offset < len(code) && code[offset] == '%' { // on the sign itself
		rest := strings.TrimLeft(code[offset:], "%")
		return rest[:wordLen(rest)], true
	}
	return "", false
}

func wordLen(s string) int {
	n := 0
	for n < len(s) {
		r, w := utf8.DecodeRuneInString(s[n:])
		if r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			break
		}
		n += w
	}
	return n
}

// describeName describes the name at offset as the code means it.
func (i *Interp) describeName(code string, offset, detail int) (string, bool) {
	start, end := wordStart(code[:offset]), offset+wordLen(code[offset:])
	name := code[start:end]
	if r, _ := utf8.DecodeRuneInString(name); name == "" || unicode.IsDigit(r) {
		return "", false
	}
	at := i.at(code, start, end)
	if at == nil {
		return "", false
	}
	if o := i.objectAt(at, name); o != nil {
		return i.describeObject(code, subject{o, name, at.owner(name)}, detail), true
	}
	for _, packages := range []map[string]string{i.scope.Imports(), i.checker.Packages} {
		if p, ok := packages[name]; ok && (at.isOperand() || len(at.path) < 2) {
			return i.packageText(p), true
		}
	}
	return "", false
}

// A subject is what inspection describes: an object, the name that the user has for
// it, and of a field or method the type that it belongs to.
type subject struct {
	types.Object
	name  string
	owner *types.Named
}

// isOperand says that the cursor is not behind a dot.
func (c *cursor) isOperand() bool {
	sel, ok := c.parent(0).(*ast.SelectorExpr)
	return !ok || sel.Sel != c.path[0]
}

// objectAt is what the name at the cursor stands for, or nil.
func (i *Interp) objectAt(at *cursor, name string) types.Object {
	info := at.unit.Info
	id := at.path[0].(*ast.Ident)
	if o := info.Defs[id]; o != nil {
		return o
	}
	if !at.isOperand() {
		sel := at.parent(0).(*ast.SelectorExpr)
		if x, ok := sel.X.(*ast.Ident); ok {
			if p, isPkg := info.Uses[x].(*types.PkgName); isPkg {
				return p.Imported().Scope().Lookup(name)
			}
		}
		if t := info.TypeOf(sel.X); t != nil && t != types.Typ[types.Invalid] {
			o, _, _ := types.LookupFieldOrMethod(t, true, at.unit.Pkg, name)
			return o
		}
		return nil
	}
	if s := at.literal(); s != nil {
		for f := range s.Fields() {
			if f.Name() == name {
				return f
			}
		}
	}
	var inner *types.Scope
	for _, s := range info.Scopes {
		if s.Contains(at.pos()) && (inner == nil || s.End()-s.Pos() < inner.End()-inner.Pos()) {
			inner = s
		}
	}
	if inner != nil {
		if _, o := inner.LookupParent(name, at.pos()); o != nil {
			return o
		}
	}
	if at.unit.Pkg != nil {
		if o := at.unit.Pkg.Scope().Lookup(name); o != nil {
			return o
		}
	}
	for _, v := range at.unit.Locals {
		if v.Name() == name {
			return v
		}
	}
	return types.Universe.Lookup(name)
}

// literal is the struct of whose literal the cursor is a key, or nil.
func (c *cursor) literal() *types.Struct {
	kv, ok := c.parent(0).(*ast.KeyValueExpr)
	if !ok || kv.Key != c.path[0] {
		return nil
	}
	lit, ok := c.parent(1).(*ast.CompositeLit)
	if !ok {
		return nil
	}
	return structOf(c.unit.Info.TypeOf(lit))
}

// owner is the type that declares the field or method of that name behind the dot
// at the cursor, or the type of the literal around it.
func (c *cursor) owner(name string) *types.Named {
	var t types.Type
	if c.literal() != nil {
		t = c.unit.Info.TypeOf(c.parent(1).(*ast.CompositeLit))
	} else if sel, ok := c.parent(0).(*ast.SelectorExpr); ok && sel.Sel == c.path[0] {
		t = c.unit.Info.TypeOf(sel.X)
	}
	if t == nil || t == types.Typ[types.Invalid] {
		return nil
	}
	return ownerOf(t, name, c.unit.Pkg)
}

func ownerOf(t types.Type, name string, pkg *types.Package) *types.Named {
	_, index, _ := types.LookupFieldOrMethod(t, true, pkg, name)
	for n, k := range index {
		if p, ok := t.Underlying().(*types.Pointer); ok {
			t = p.Elem()
		}
		s, ok := t.Underlying().(*types.Struct)
		if n == len(index)-1 || !ok || k >= s.NumFields() {
			break
		}
		t = s.Field(k).Type()
	}
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	named, _ := types.Unalias(t).(*types.Named)
	return named
}

// describeObject is what inspection shows: signature, where it comes from, and
// documentation.
func (i *Interp) describeObject(code string, s subject, detail int) string {
	if pn, ok := s.Object.(*types.PkgName); ok {
		return i.packageText(pn.Imported().Path())
	}
	return i.declaration(s) + "\n" + i.details(code, s, detail)
}

// declaration is the signature of an object.
func (i *Interp) declaration(s subject) string {
	if l, ok := language[s.name]; ok && s.Pkg() == nil {
		return l.signature
	}
	if t, ok := s.Object.(*types.TypeName); ok && s.Pkg() != nil {
		return typeDeclaration(t, s.name)
	}
	text := types.ObjectString(s.Object, func(p *types.Package) string {
		if p.Path() == "main" || p.Path() == lower.Host {
			return ""
		}
		return p.Name()
	})
	if c, ok := s.Object.(*types.Const); ok && c.Val().Kind() != constant.Unknown {
		text += " = " + c.Val().String()
	}
	return strings.ReplaceAll(text, cursorName, s.name)
}

// details is what stands below the signature.
func (i *Interp) details(code string, s subject, detail int) string {
	var b strings.Builder
	pkg := ""
	if s.Pkg() != nil {
		pkg = s.Pkg().Path()
	}
	switch pkg {
	case "":
		b.WriteString("\nPart of the language.\n")
		if l, ok := language[s.name]; ok && l.doc != "" {
			b.WriteString("\n" + wrapped(l.doc) + "\n")
		}
	case "main":
		i.describeOurs(&b, code, s, detail)
	case lower.Host:
		real := s.Name()
		if r, ok := lowerCase[s.name]; ok {
			real = r
		}
		if doc := i.pre.docs[real]; doc != "" {
			b.WriteString("\n" + strings.Replace(doc, real+" ", s.name+" ", 1) + "\n")
		}
	default:
		fmt.Fprintf(&b, "\nimport %q\n", pkg)
		name := s.name
		if s.owner != nil {
			name = s.owner.Obj().Name() + "." + name
		}
		if doc := i.docOf(pkg, name); doc != "" {
			b.WriteString("\n" + strings.TrimSpace(doc) + "\n")
		}
	}
	return b.String()
}

// wrapped breaks a text into lines of 80 columns.
func wrapped(text string) string {
	var b strings.Builder
	at := 0
	for n, word := range strings.Fields(text) {
		size := utf8.RuneCountInString(word)
		switch {
		case n == 0:
		case at+1+size > wide:
			b.WriteByte('\n')
			at = 0
		default:
			b.WriteByte(' ')
			at++
		}
		b.WriteString(word)
		at += size
	}
	return b.String()
}

// describeOurs says of what a cell has declared where that was, what its comment
// says, and of a session variable its value.
func (i *Interp) describeOurs(b *strings.Builder, code string, s subject, detail int) {
	name := s.name
	if f, ok := s.Object.(*types.Func); ok && f.Signature().Recv() != nil && s.owner != nil {
		name = s.owner.Obj().Name() + "." + name
	}
	e := i.scope.Lookup(name)
	if e != nil && e.Obj != s.Object && e.Obj.Pos() != s.Pos() {
		e = nil // a local of that name
	}
	p := i.checker.Fset.Position(s.Pos())
	n, ok := check.CellOf(p.Filename)
	switch {
	case ok && n == 0:
		fmt.Fprintf(b, "\ndeclared in this cell, line %d\n", p.Line)
	case ok:
		fmt.Fprintf(b, "\ndeclared in In[%d], line %d\n", n, p.Line)
		code, _ = i.codeOf(n)
	case e != nil:
		fmt.Fprintf(b, "\ndeclared in In[%d]\n", e.Cell)
		code = ""
	default:
		return
	}
	if e != nil && e.IsVar() {
		_, typ := describe(e)
		fmt.Fprintf(b, "value: %s\n", clip(i.valueText(e, typ), 200))
	}
	if doc := commentAbove(code, p.Line); doc != "" {
		b.WriteString("\n" + doc + "\n")
	}
	if e != nil && e.Chunk != nil && detail > 0 {
		b.WriteString("\n" + cell.Directive.ReplaceAllString(cmp.Or(e.Chunk.Written, e.Chunk.Text), "") + "\n")
	}
}

// codeOf is the text of In[n].
func (i *Interp) codeOf(n int) (code string, ok bool) {
	for _, e := range slices.Backward(i.entries()) {
		if e.Number == n {
			return e.Code, true
		}
	}
	return "", false
}

// commentAbove is the text of the comment that ends above a line, or that stands at
// its end.
func commentAbove(code string, line int) string {
	lines := strings.Split(code, "\n")
	if line < 1 || line > len(lines) {
		return ""
	}
	var doc []string
	for n := line - 2; n >= 0; n-- {
		text, ok := strings.CutPrefix(strings.TrimSpace(lines[n]), "//")
		if !ok {
			break
		}
		doc = append([]string{strings.TrimPrefix(text, " ")}, doc...)
	}
	if end := line - 2; len(doc) == 0 && end >= 0 && strings.HasSuffix(strings.TrimSpace(lines[end]), "*/") {
		text := strings.Join(lines[:line-1], "\n")
		if start := strings.LastIndex(text, "/*"); start >= 0 {
			text = strings.TrimSpace(text[start+2:])
			return strings.TrimSpace(strings.TrimSuffix(text, "*/"))
		}
	}
	return strings.Join(doc, "\n")
}

// maxListed bounds the fields and methods that a description lists.
const maxListed = 40

// typeDeclaration is a type with its fields and methods, one a line.
func typeDeclaration(o *types.TypeName, name string) string {
	var b strings.Builder
	if o.Pkg() != nil && o.Pkg().Path() != "main" && o.Pkg().Path() != lower.Host {
		name = o.Pkg().Name() + "." + name
	}
	b.WriteString("type " + name)
	named, isNamed := o.Type().(*types.Named)
	if isNamed {
		b.WriteString(typeParams(named.TypeParams()))
	}
	if o.IsAlias() && typeString(o.Type()) != name {
		b.WriteString(" = " + typeString(types.Unalias(o.Type())))
		return b.String()
	}
	s, isStruct := o.Type().Underlying().(*types.Struct)
	if !isStruct || s.NumFields() == 0 {
		b.WriteString(" " + typeString(o.Type().Underlying()))
	} else {
		b.WriteString(" struct {\n")
		listed, left, hidden := 0, 0, false
		for n := range s.NumFields() {
			f := s.Field(n)
			switch {
			case !ours(f):
				hidden = true
				continue
			case listed == maxListed:
				left++
				continue
			case f.Embedded():
				b.WriteString("\t" + typeString(f.Type()) + "\n")
			default:
				b.WriteString("\t" + f.Name() + " " + typeString(f.Type()) + "\n")
			}
			listed++
		}
		if left > 0 {
			fmt.Fprintf(&b, "\t// … %d more\n", left)
		}
		if hidden {
			b.WriteString("\t// has unexported fields\n")
		}
		b.WriteString("}")
	}
	if isNamed && !types.IsInterface(named) {
		writeMethods(&b, named)
	}
	return b.String()
}

func writeMethods(b *strings.Builder, named *types.Named) {
	set := types.NewMethodSet(types.NewPointer(named))
	listed, left := 0, 0
	for m := range set.Methods() {
		f, ok := m.Obj().(*types.Func)
		switch {
		case !ok || !ours(f):
			continue
		case listed == maxListed:
			left++
			continue
		case listed == 0:
			b.WriteString("\n")
		}
		listed++
		star := ""
		if _, isPtr := f.Signature().Recv().Type().(*types.Pointer); isPtr {
			star = "*"
		}
		b.WriteString("\nfunc (" + star + named.Obj().Name() + ") " + f.Name() + strings.TrimPrefix(typeString(f.Type()), "func"))
	}
	if left > 0 {
		fmt.Fprintf(b, "\n// … %d more", left)
	}
}

// typeParams are type parameters with their constraints, in brackets.
func typeParams(list *types.TypeParamList) string {
	if list.Len() == 0 {
		return ""
	}
	var parts []string
	for p := range list.TypeParams() {
		parts = append(parts, p.Obj().Name()+" "+typeString(p.Constraint()))
	}
	return "[" + strings.Join(parts, ", ") + "]"
}

// docOf is the documentation of a name of a package.
func (i *Interp) docOf(pkg, name string) string {
	if !bound(pkg) {
		return i.addedDoc(pkg, name)
	}
	_, doc, _ := symbols.Doc(pkg, name)
	return doc
}

func (i *Interp) packageText(path string) string {
	if !bound(path) {
		return i.addedDoc(path, "")
	}
	_, doc, _ := symbols.Doc(path, "")
	return fmt.Sprintf("package %s\n\nimport %q\n\n%s\n", symbols.Name(path), path, strings.TrimSpace(doc))
}

// help answers name? and name??: in the pager.
func (r *run) help(name string, detail int) error {
	if m, ok := strings.CutPrefix(strings.TrimPrefix(name, "%"), "%"); ok || strings.HasPrefix(name, "%") {
		m = strings.TrimPrefix(m, "%")
		if r.interp.magics[m] == nil {
			return r.interp.unknownMagic(m, "%")
		}
		r.page(r.interp.magics[m].help())
		return nil
	}
	in, err := r.interp.Inspect(r.ctx, name, len(name), detail)
	if err != nil {
		return err
	}
	if !in.Found {
		d := &session.Diagnostic{Name: session.MagicError, Message: fmt.Sprintf("nothing is known of %s", name)}
		return d
	}
	text, _ := in.Data["text/plain"].(string)
	r.page(text)
	return nil
}

// page shows text in the front end's pager.
func (r *run) page(text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.reply.Payloads = append(r.reply.Payloads, session.Payload{Source: "page", Data: map[string]any{"text/plain": text}})
}
