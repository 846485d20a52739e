package interp

import (
	"cmp"
	"context"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/adabc437/fanout/interp/cell"
	"github.com/adabc437/fanout/interp/check"
	"github.com/adabc437/fanout/interp/session"
)

var (
	magicPrefixRE  = regexp.MustCompile(`(?:^|\n|[=(,{;:])[^\S\n]*(%{1,2})([A-Za-z_]*)$`)
	magicLineRE    = regexp.MustCompile(`(?:^|\n|[=(,{;:])[^\S\n]*%{1,2}([A-Za-z_]+)[^\S\n]+([^\n]*)$`)
	importPrefixRE = regexp.MustCompile(`(?:^|\n)\s*(?:import\s+|import\s*\((?:[^)]*\n)?\s*)(?:[\w.]+\s+)?["` + "`]([^\"`\n]*)$")
	askedRE        = regexp.MustCompile(`(?:^|\n)[^\S\n]*(\?{1,2})[^\S\n]*[\w.]*$`)
)

// Complete offers completions for the text before offset.
func (i *Interp) Complete(ctx context.Context, code string, offset int) (session.Completion, error) {
	offset = max(0, min(offset, len(code)))
	if len(code) > cell.MaxSize {
		return session.Completion{Start: offset, End: offset}, nil
	}
	before := code[:offset]
	if m := magicPrefixRE.FindStringSubmatchIndex(before); m != nil && i.inGo(before[:m[2]]) {
		return i.completeMagic(before[m[2]:m[3]], before[m[4]:], m[2], offset, strings.TrimSpace(before[:m[2]]) == ""), nil
	}
	var words []session.Candidate
	if m := magicLineRE.FindStringSubmatchIndex(before); m != nil {
		c, ok := i.completeFlag(ctx, before[m[2]:m[3]], before[m[4]:], offset)
		if ok {
			return c, nil
		}
		words = c.Items
	}
	if m := importPrefixRE.FindStringSubmatchIndex(before); m != nil {
		return i.completeImport(before[m[2]:], m[2], offset), nil
	}
	if c, ok := i.completePath(before); ok {
		return c, nil
	}
	if m := askedRE.FindStringSubmatchIndex(before); m != nil {
		code = code[:m[2]] + strings.Repeat(" ", m[3]-m[2]) + code[m[3]:]
	}
	start := wordStart(before)
	c := session.Completion{Start: start, End: offset}
	c.Items = append(words, i.candidates(code, start, offset)...)
	return c, nil
}

func (i *Interp) completeMagic(percent, prefix string, start, end int, first bool) session.Completion {
	c := session.Completion{Start: start, End: end}
	for name, m := range i.magics {
		line := m.Line != nil || m.Expand != nil
		if !strings.HasPrefix(name, prefix) {
			continue
		}
		if percent == "%" && line {
			c.Items = append(c.Items, session.Candidate{Text: "%" + name, Type: "magic", Signature: m.usage()})
		}
		if first && m.Cell != nil && (percent == "%%" || !line || prefix == "") {
			c.Items = append(c.Items, session.Candidate{Text: "%%" + name, Type: "magic", Signature: m.Short})
		}
	}
	slices.SortFunc(c.Items, func(a, b session.Candidate) int { return cmp.Compare(a.Text, b.Text) })
	return c
}

// completeFlag offers the flags of a magic that were not given yet, or the values of
// one. ok is false where no flag can stand, or its value may be a name: there c has the
// words that the magic takes beside names.
func (i *Interp) completeFlag(ctx context.Context, name, args string, end int) (c session.Completion, ok bool) {
	m := i.magics[name]
	start := strings.LastIndexAny(args, " \t") + 1
	prefix := args[start:]
	if m == nil {
		return c, false
	}
	if name == "gpu" && strings.TrimSpace(args[:start]) == "use" {
		return i.completeDevice(ctx, prefix, end), true
	}
	given := map[string]bool{}
	value := false
	var last Flag
	for _, word := range strings.Fields(args[:start]) {
		f, size, ok := m.flag(word)
		switch {
		case value:
			value = false
		case !ok:
			return c, false
		default:
			given[f.Long] = true
			value = f.Value != "" && size == len(word)
			last = f
		}
	}
	if f, size, ok := m.flag(prefix); !value && ok && strings.HasPrefix(prefix[size:], "=") {
		value, last, prefix = true, f, prefix[size+1:]
	}
	switch {
	case value && last == flagDevice:
		return i.completeDevice(ctx, prefix, end), true
	case value:
		return last.completeValue(prefix, end)
	}
	if !strings.HasPrefix(prefix, "-") {
		for _, w := range m.Words {
			if strings.HasPrefix(w, prefix) {
				c.Items = append(c.Items, session.Candidate{Text: w, Type: "option"})
			}
		}
		return c, false
	}
	c = session.Completion{Start: end - len(prefix), End: end}
	add := func(form string, f Flag) {
		if form != "" && strings.HasPrefix(form, prefix) {
			c.Items = append(c.Items, session.Candidate{Text: form, Type: "option", Signature: strings.TrimSpace(f.Value + " " + f.Help)})
		}
	}
	for _, f := range m.Flags {
		if !given[f.Long] {
			add(f.Long, f)
			add(f.Short, f)
		}
	}
	if strings.HasPrefix("--help", prefix) {
		c.Items = append(c.Items, session.Candidate{Text: "--help", Type: "option", Signature: "what the magic does"})
	}
	return c, true
}

// completeValue offers the values of a flag that takes certain words. ok is false where
// its value may be a name.
func (f Flag) completeValue(prefix string, end int) (c session.Completion, ok bool) {
	c = session.Completion{Start: end - len(prefix), End: end}
	switch f.Value {
	case flagOnError.Value:
		for _, word := range []string{"collect", "stop"} {
			if strings.HasPrefix(word, prefix) {
				c.Items = append(c.Items, session.Candidate{Text: word, Type: "option"})
			}
		}
		return c, true
	case flagWorkers.Value, flagTimeout.Value, flagCounts.Value:
		return c, true
	}
	return c, false
}

// askDevices is how long a completion waits for drivers that have not answered yet.
const askDevices = time.Second

// completeDevice offers the devices' numbers, and the cpu by its name.
func (i *Interp) completeDevice(ctx context.Context, prefix string, end int) session.Completion {
	c := session.Completion{Start: end - len(prefix), End: end}
	ctx, cancel := context.WithTimeout(ctx, askDevices)
	defer cancel()
	set, err := i.devices.open(ctx)
	if err != nil {
		return c
	}
	for _, d := range set.Devices {
		info := d.Info()
		forms := []string{strconv.Itoa(d.Number)}
		if info.Backend == "cpu" {
			forms = append(forms, info.Backend)
		}
		for _, form := range forms {
			if strings.HasPrefix(form, prefix) {
				c.Items = append(c.Items, session.Candidate{Text: form, Type: "option", Signature: fmt.Sprintf("%s (%s)", printable(info.Name), info.Backend)})
			}
		}
	}
	return c
}

// completeImport offers import paths: those of the standard library first.
func (i *Interp) completeImport(prefix string, start, end int) session.Completion {
	c := session.Completion{Start: start, End: end}
	for _, p := range i.importPaths() {
		if strings.HasPrefix(p, prefix) {
			c.Items = append(c.Items, session.Candidate{Text: p, Type: "module"})
		}
	}
	outside := func(c session.Candidate) int {
		first, _, _ := strings.Cut(c.Text, "/")
		return strings.Count(first, ".")
	}
	slices.SortStableFunc(c.Items, func(a, b session.Candidate) int {
		return cmp.Or(cmp.Compare(outside(a), outside(b)), cmp.Compare(a.Text, b.Text))
	})
	return c
}

func wordStart(s string) int {
	for len(s) > 0 {
		r, w := utf8.DecodeLastRuneInString(s)
		if r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			break
		}
		s = s[:len(s)-w]
	}
	return len(s)
}

// The distances of scopes, behind those of the blocks around the cursor. Those of
// fields and methods have a level for each type that embeds them.
const (
	level        = 1000
	fieldScope   = 0
	methodScope  = level / 2
	sessionScope = level + iota
	hostScope
	packageScope
	universeScope
	keywordScope
)

// candidates lists what may stand in the place of code[start:end].
func (i *Interp) candidates(code string, start, end int) []session.Candidate {
	i.mu.Lock()
	defer i.mu.Unlock()
	prefix := code[start:end]
	if r, _ := utf8.DecodeRuneInString(prefix); unicode.IsDigit(r) {
		return nil
	}
	tail := end + wordLen(code[end:])
	at := i.at(code, start, tail)
	if at == nil {
		return nil
	}
	l := &lister{prefix: prefix, place: placeOf(at)}
	if at.clause {
		l.add(keywordScope, nil, "case")
		l.add(keywordScope, nil, "default")
		return l.list()
	}
	sel, isSel := at.parent(0).(*ast.SelectorExpr)
	switch {
	case isSel && sel.Sel == at.path[0]:
		l.members(at.unit, sel)
	case strings.HasSuffix(strings.TrimRight(code[:start], " \t"), "."):
	case l.place.nameOnly:
	default:
		colon := ": "
		if strings.HasPrefix(strings.TrimLeft(code[tail:], " \t"), ":") {
			colon = ""
		}
		if !l.fields(at, colon) {
			i.names(at, l)
		}
	}
	return l.list()
}

// A lister gathers candidates.
type lister struct {
	prefix string
	place  place
	found  []ranked
}

type ranked struct {
	c session.Candidate
	// other says that the prefix is spelled in other case, fit how well the type
	// fits (less is better), and scope how far away it is declared.
	other      bool
	fit, scope int
}

// add adds an object, or a keyword where there is none.
func (l *lister) add(scope int, o types.Object, name string) {
	l.addAs(scope, l.place.fit(o), o, name)
}

func (l *lister) addAs(scope, fit int, o types.Object, name string) {
	n := len(l.prefix)
	if len(name) < n || !strings.EqualFold(name[:n], l.prefix) || name == "_" || strings.HasPrefix(name, cursorName) ||
		strings.HasPrefix(name, "__") && !strings.HasPrefix(l.prefix, "__") || name == cell.CellFunc || name == argsName {
		return
	}
	l.found = append(l.found, ranked{candidate(o, name), name[:n] != l.prefix, fit, scope})
}

// list gives the candidates, best first. Of a name that several scopes declare, the
// nearest counts.
func (l *lister) list() []session.Candidate {
	slices.SortStableFunc(l.found, func(a, b ranked) int { return cmp.Compare(a.scope, b.scope) })
	seen := map[string]bool{}
	l.found = slices.DeleteFunc(l.found, func(r ranked) bool {
		hidden := seen[r.c.Text]
		seen[r.c.Text] = true
		return hidden
	})
	slices.SortStableFunc(l.found, func(a, b ranked) int {
		if a.other != b.other {
			if b.other {
				return -1
			}
			return 1
		}
		return cmp.Or(cmp.Compare(a.fit, b.fit), cmp.Compare(a.scope, b.scope),
			cmp.Compare(strings.ToLower(a.c.Text), strings.ToLower(b.c.Text)), cmp.Compare(a.c.Text, b.c.Text))
	})
	var out []session.Candidate
	for _, r := range l.found {
		out = append(out, r.c)
	}
	return out
}

// underlying says what a named type is, for who uses it: of a struct of another package
// only the fields that are exported.
func underlying(o *types.TypeName) string {
	s, ok := o.Type().Underlying().(*types.Struct)
	if !ok || o.Pkg() == nil || o.Pkg().Path() == "main" {
		return typeString(o.Type().Underlying())
	}
	var fields []*types.Var
	for f := range s.Fields() {
		if f.Exported() {
			fields = append(fields, f)
		}
	}
	text := typeString(types.NewStruct(fields, nil))
	switch len(fields) {
	case s.NumFields():
		return text
	case 0:
		return "struct{…}"
	}
	return strings.TrimSuffix(text, "}") + "; …}"
}

func candidate(o types.Object, name string) session.Candidate {
	c := session.Candidate{Text: name, Type: "keyword"}
	if o == nil {
		return c
	}
	switch o := o.(type) {
	case *types.Func:
		c.Type, c.Signature = "function", typeString(o.Type())
	case *types.TypeName:
		c.Type = "class"
		c.Signature = clip(underlying(o), 60)
	case *types.PkgName:
		c.Type, c.Signature = "module", o.Imported().Path()
	case *types.Builtin:
		c.Type, c.Signature = "function", strings.TrimPrefix(language[name].signature, "func "+name)
	case *types.Var:
		c.Type, c.Signature = "instance", typeString(o.Type())
		if o.IsField() {
			c.Type = "property"
		}
	case *types.Const:
		c.Type, c.Signature = "instance", typeString(o.Type())
	case *types.Nil:
		c.Type = "instance"
	case *types.Label:
		c.Type = "instance"
	}
	if c.Signature == "invalid type" {
		c.Signature = ""
	}
	return c
}

// members lists what may follow the dot.
func (l *lister) members(unit *check.Unit, sel *ast.SelectorExpr) {
	if id, ok := sel.X.(*ast.Ident); ok {
		if p, ok := unit.Info.Uses[id].(*types.PkgName); ok {
			for _, name := range p.Imported().Scope().Names() {
				if o := p.Imported().Scope().Lookup(name); o.Exported() {
					l.add(fieldScope, o, name)
				}
			}
			return
		}
	}
	tv := unit.Info.Types[sel.X]
	t := tv.Type
	if t == nil || t == types.Typ[types.Invalid] {
		return
	}
	if !tv.IsType() {
		promoted(t, func(v *types.Var, depth, n int) {
			if ours(v) {
				l.add(fieldScope+depth*level+n, v, v.Name())
			}
		})
	}
	if _, isPtr := t.Underlying().(*types.Pointer); !isPtr && !types.IsInterface(t) && (tv.Addressable() || !tv.IsType()) {
		t = types.NewPointer(t)
	}
	set := types.NewMethodSet(t)
	for m := range set.Methods() {
		if o := m.Obj(); ours(o) {
			l.add(methodScope+level*(len(m.Index())-1), o, o.Name())
		}
	}
}

// ours says that a cell can name the field or method.
func ours(o types.Object) bool {
	return o.Exported() || o.Pkg() != nil && o.Pkg().Path() == "main"
}

// promoted visits the fields of a struct, and those of embedded ones.
func promoted(t types.Type, visit func(v *types.Var, depth, n int)) {
	seen := map[types.Type]bool{}
	var walk func(t types.Type, depth int)
	walk = func(t types.Type, depth int) {
		s := structOf(t)
		if s == nil || seen[s] {
			return
		}
		seen[s] = true
		for n := range s.NumFields() {
			f := s.Field(n)
			visit(f, depth, n)
			if f.Embedded() {
				walk(f.Type(), depth+1)
			}
		}
	}
	walk(t, 0)
}

// structOf is the struct that t or what it points to is, or nil.
func structOf(t types.Type) *types.Struct {
	if t == nil {
		return nil
	}
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	s, _ := t.Underlying().(*types.Struct)
	return s
}

// fields lists the fields that a struct literal has no values for yet. It says
// whether nothing else can stand there.
func (l *lister) fields(at *cursor, colon string) (only bool) {
	lit, ok := at.parent(0).(*ast.CompositeLit)
	keyed := false
	if kv, isPair := at.parent(0).(*ast.KeyValueExpr); isPair && kv.Key == at.path[0] {
		lit, ok = at.parent(1).(*ast.CompositeLit)
		keyed = ok
	}
	if !ok {
		return false
	}
	s := structOf(at.unit.Info.TypeOf(lit))
	if s == nil {
		return false
	}
	given := map[string]bool{}
	bare := 0
	for _, e := range lit.Elts {
		if kv, isPair := e.(*ast.KeyValueExpr); isPair {
			if id, isName := kv.Key.(*ast.Ident); isName && id != at.path[0] {
				given[id.Name], keyed = true, true
			}
		} else if e != at.path[0] {
			bare++
		}
	}
	if bare > 0 {
		return false
	}
	for n := range s.NumFields() {
		if f := s.Field(n); !ours(f) {
			keyed = true // values without names would be for that field too
		} else if !given[f.Name()] {
			l.addAs(n, -1, f, f.Name())
			if k := len(l.found) - 1; k >= 0 && l.found[k].c.Text == f.Name() {
				l.found[k].c.Text += colon
			}
		}
	}
	return keyed
}

// names lists what a bare name may be: locals first, then the session's, then
// packages, Go's own names and keywords.
func (i *Interp) names(at *cursor, l *lister) {
	unit := at.unit
	l.locals(at)
	if unit.Pkg != nil {
		for _, name := range unit.Pkg.Scope().Names() {
			o := unit.Pkg.Scope().Lookup(name)
			scope := sessionScope
			if o.Pkg() != nil && o.Pkg().Path() == "fanout/host" {
				scope = hostScope
			}
			if _, isPkg := o.(*types.PkgName); isPkg {
				scope = packageScope
			}
			l.add(scope, o, name)
		}
	}
	for _, v := range unit.Locals { // of the cell, for its functions
		if !l.place.inCell {
			l.add(sessionScope, v, v.Name())
		}
	}
	for name, o := range i.pre.objects {
		l.add(hostScope, o, name)
	}
	for name, path := range i.checker.Packages {
		l.add(packageScope, types.NewPkgName(0, nil, name, types.NewPackage(path, name)), name)
	}
	for name, path := range i.scope.Imports() {
		l.add(packageScope, types.NewPkgName(0, nil, name, types.NewPackage(path, name)), name)
	}
	for _, name := range types.Universe.Names() {
		if name == "iota" && !l.place.inConst {
			continue
		}
		l.add(universeScope, types.Universe.Lookup(name), name)
	}
	for _, k := range keywords(at, l.place) {
		l.add(keywordScope, nil, k)
	}
}

// locals lists the names of the blocks around the cursor that are declared before
// it, the innermost block first.
func (l *lister) locals(at *cursor) {
	var around []*types.Scope
	for _, scope := range at.unit.Info.Scopes {
		if scope.Contains(at.pos()) {
			around = append(around, scope)
		}
	}
	slices.SortFunc(around, func(a, b *types.Scope) int { return cmp.Compare(a.End()-a.Pos(), b.End()-b.Pos()) })
	for distance, scope := range around {
		for _, name := range scope.Names() {
			if in, o := scope.LookupParent(name, at.pos()); in == scope {
				l.add(distance, o, name)
			}
		}
	}
}

// keywords are those that can begin what stands at the cursor.
func keywords(at *cursor, p place) []string {
	var list []string
	if p.statement {
		for t := token.BREAK; t <= token.VAR; t++ {
			switch t {
			case token.PACKAGE, token.ELSE, token.RANGE:
			case token.CASE, token.DEFAULT:
				if p.inSwitch {
					list = append(list, t.String())
				}
			default:
				list = append(list, t.String())
			}
		}
		return list
	}
	list = []string{"func", "map", "chan", "struct", "interface"}
	if a, ok := at.parent(0).(*ast.AssignStmt); ok && len(a.Rhs) == 1 && a.Rhs[0] == at.path[0] {
		list = append(list, "range")
	}
	return list
}
