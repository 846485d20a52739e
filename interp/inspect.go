package interp

import (
	"context"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/adabc437/fanout/interp/cell"
	"github.com/adabc437/fanout/interp/session"
	"github.com/adabc437/fanout/interp/symbols"
)

// Inspect describes the name at offset, or the function whose arguments the
// offset lies in.
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
	path := dottedAt(code, offset)
	if path == "" {
		path = callAt(code, offset)
	}
	if path == "" {
		return session.Inspection{}, nil
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	text, ok := i.describeIn(code, offset, path, detail)
	if !ok {
		return session.Inspection{}, nil
	}
	return session.Inspection{Found: true, Data: map[string]any{"text/plain": text}}, nil
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

// dottedAt is the name at offset with what stands before its dots.
func dottedAt(code string, offset int) string {
	end := offset + wordLen(code[offset:])
	start := wordStart(code[:end])
	if start == end {
		return ""
	}
	for start > 1 && code[start-1] == '.' {
		s := wordStart(code[:start-1])
		if s == start-1 {
			break
		}
		start = s
	}
	return code[start:end]
}

// callAt is the function in whose arguments the offset lies.
func callAt(code string, offset int) string {
	depth := 0
	for at := offset - 1; at >= 0; at-- {
		switch code[at] {
		case ')', ']', '}':
			depth++
		case '[', '{', '\n', ';':
			if depth == 0 {
				return ""
			}
			if code[at] != '\n' && code[at] != ';' {
				depth--
			}
		case '(':
			if depth == 0 {
				return dottedAt(code[:at], at)
			}
			depth--
		}
	}
	return ""
}

// describeIn describes a dotted name as the code means it.
func (i *Interp) describeIn(code string, offset int, path string, detail int) (string, bool) {
	parts := strings.Split(path, ".")
	if o, pkg := i.resolve(code, offset, path); o != nil {
		return i.describeObject(o, pkg, parts, detail), true
	}
	if p, ok := i.checker.Packages[path]; ok {
		return i.packageText(p), true
	}
	return "", false
}

// resolve finds the object that a dotted name stands for: where it stands in
// the code, or by evaluating it in the session.
func (i *Interp) resolve(code string, offset int, path string) (types.Object, string) {
	end := offset + wordLen(code[offset:])
	for _, text := range []string{code, code[:end] + cell.Close(code[:end]), path} {
		unit, file := i.tolerant(text)
		if unit == nil || file == nil || unit.Info == nil {
			continue
		}
		parts := strings.Split(path, ".")
		last := parts[len(parts)-1]
		var best types.Object
		ast.Inspect(file, func(n ast.Node) bool {
			id, ok := n.(*ast.Ident)
			if !ok || id.Name != last {
				return true
			}
			o := unit.Info.Uses[id]
			if o == nil {
				o = unit.Info.Defs[id]
			}
			if o == nil {
				return true
			}
			p := i.checker.Fset.Position(id.Pos())
			here := text == path || offsetOf(text, p) == end-len(last)
			if here || best == nil && text != code {
				best = o
			}
			return true
		})
		if best != nil {
			if pn, ok := best.(*types.PkgName); ok {
				return pn, pn.Imported().Path()
			}
			pkg := ""
			if best.Pkg() != nil {
				pkg = best.Pkg().Path()
			}
			return best, pkg
		}
	}
	return nil, ""
}

func offsetOf(code string, p token.Position) int {
	at := 0
	for l := 1; l < p.Line; l++ {
		n := strings.IndexByte(code[at:], '\n')
		if n < 0 {
			return -1
		}
		at += n + 1
	}
	return at + p.Column - 1
}

// describeObject is what inspection shows: signature, where it comes from, and
// documentation.
func (i *Interp) describeObject(o types.Object, pkg string, parts []string, detail int) string {
	if pn, ok := o.(*types.PkgName); ok {
		return i.packageText(pn.Imported().Path())
	}
	name := o.Name()
	var b strings.Builder
	b.WriteString(types.ObjectString(o, func(p *types.Package) string {
		if p.Path() == "main" || p.Path() == "fanout/host" {
			return ""
		}
		return p.Name()
	}))
	b.WriteString("\n")
	switch {
	case pkg == "":
		b.WriteString("\nPart of the language.\n")
	case pkg == "main":
		i.describeEntity(&b, name, detail)
	case pkg == "fanout/host":
		real := name
		if r, ok := lowerCase[name]; ok {
			real = r
		}
		if doc := i.pre.docs[real]; doc != "" {
			b.WriteString("\n" + strings.Replace(doc, real+" ", name+" ", 1) + "\n")
		}
	default:
		fmt.Fprintf(&b, "\nimport %q\n", pkg)
		if doc := i.docOf(o, pkg); doc != "" {
			b.WriteString("\n" + strings.TrimSpace(doc) + "\n")
		}
	}
	return b.String()
}

// docOf is the documentation of an object of a package.
func (i *Interp) docOf(o types.Object, pkg string) string {
	name := o.Name()
	if f, ok := o.(*types.Func); ok {
		if recv := f.Signature().Recv(); recv != nil {
			t := recv.Type()
			if p, ok := t.(*types.Pointer); ok {
				t = p.Elem()
			}
			if n, ok := t.(*types.Named); ok {
				name = n.Obj().Name() + "." + name
			}
		}
	}
	if !bound(pkg) {
		return i.addedDoc(pkg, name)
	}
	_, doc, _ := symbols.Doc(pkg, name)
	return doc
}

func (i *Interp) describeEntity(b *strings.Builder, name string, detail int) {
	e := i.scope.Lookup(name)
	if e == nil {
		return
	}
	fmt.Fprintf(b, "\ndeclared in In[%d]\n", e.Cell)
	if e.IsVar() {
		_, typ := describe(e)
		fmt.Fprintf(b, "value: %s\n", clip(i.valueText(e, typ), 200))
	}
	if e.Chunk != nil && detail > 0 {
		b.WriteString("\n" + e.Chunk.Text + "\n")
	}
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
