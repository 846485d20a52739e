package interp

import (
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/adabc437/fanout/interp/check"
	"github.com/adabc437/fanout/interp/session"
	"github.com/adabc437/fanout/parallel/device"
	"github.com/adabc437/fanout/parallel/device/translate"
)

const devicePath = parallelPath + "/device"

// devices are those of a session, opened when they are first asked for.
type devices struct {
	find   func() *device.Set // nil: device.Open
	mu     sync.Mutex
	opened chan struct{} // closed when the set is there; nil before it is asked for
	set    *device.Set
	chosen *device.Device
}

// open gives the devices. A driver that does not answer is waited for until ctx ends; it is
// asked once, and whoever comes later waits for the same answer.
func (d *devices) open(ctx context.Context) (*device.Set, error) {
	d.mu.Lock()
	if d.opened == nil {
		d.opened = make(chan struct{})
		go d.ask()
	}
	opened := d.opened
	d.mu.Unlock()
	select {
	case <-opened:
		return d.set, nil
	case <-ctx.Done():
		return nil, &session.Diagnostic{
			Name: session.Interrupted, Message: "interrupted while the devices were looked for",
			Notes: []string{"a driver has not answered yet; it goes on, and the next cell that needs a device waits for it again"},
		}
	}
}

func (d *devices) ask() {
	find := d.find
	if find == nil {
		find = func() *device.Set { return device.Open() }
	}
	set := find()
	d.mu.Lock()
	d.set, d.chosen = set, set.Default()
	d.mu.Unlock()
	close(d.opened)
}

// pick is the device of a number, or, of "", the session's.
func (d *devices) pick(ctx context.Context, number string) (*device.Device, error) {
	set, err := d.open(ctx)
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if number == "" {
		return d.chosen, nil
	}
	for _, x := range set.Devices {
		if fmt.Sprint(x.Number) == number || x.Info().Backend == number {
			return x, nil
		}
	}
	return nil, fmt.Errorf("there is no device %s; there are: %s", number, deviceNames(set))
}

func deviceNames(set *device.Set) string {
	var names []string
	for _, x := range set.Devices {
		names = append(names, deviceName(x))
	}
	return strings.Join(names, "; ")
}

func (d *devices) use(x *device.Device) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.chosen = x
}

// A translation is what a site knows of its first argument, a function for devices.
type translation struct {
	lists    int      // Go arguments behind the function
	readOnly []string // what the first parameters are that the function must not change
	function *device.Function
	captures []string        // names whose values are arguments of the site behind the lists
	held     []*heldFunction // functions in variables that it has translated
	// optional says that the magic can do without: why is why it has to.
	optional bool
	why      error
}

// cut parts the arguments of a site from the captured values behind them.
func (t *translation) cut(args []any) (own, captured []any) {
	return args[:1+t.lists], args[1+t.lists:]
}

// withCaptured is the type of a site that typ gives for its own arguments, with the captured
// values behind them.
func withCaptured(args []types.TypeAndValue, own int, typ func([]types.TypeAndValue) (*types.Signature, error)) (*types.Signature, error) {
	sig, err := typ(args[:own])
	if err != nil || len(args) == own {
		return sig, err
	}
	params := slices.Collect(sig.Params().Variables())
	for _, a := range args[own:] {
		params = append(params, types.NewVar(0, nil, "", types.Default(a.Type)))
	}
	return types.NewSignatureType(nil, nil, nil, types.NewTuple(params...), sig.Results(), false), nil
}

// capturesMark stands in the source where the captured variables of a site go.
func capturesMark(name string) string { return "/*captures " + name + "*/" }

// capturesRE finds a capturesMark, with what withCaptures has put behind it.
var capturesRE = regexp.MustCompile(`/\*captures (__magic_\d+)\*/(?:[^/]*/\*\*/)?`)

// withCaptures hands the variables over that the functions of sites capture, as far as
// they are known.
func (r *run) withCaptures(text string) string {
	return capturesRE.ReplaceAllStringFunc(text, func(mark string) string {
		name := capturesRE.FindStringSubmatch(mark)[1]
		mark = capturesMark(name)
		for _, s := range r.sites {
			if s.name == name && s.translation != nil && len(s.translation.captures) > 0 {
				return mark + ", " + strings.Join(s.translation.captures, ", ") + "/**/"
			}
		}
		return mark
	})
}

// siteRE finds the name of a site.
var siteRE = regexp.MustCompile(`__magic_(end_)?\d+\b`)

// lent is the text of a declaration of an earlier cell that is to be declared again: the
// magics in it become sites of r, with functions for devices that are translated again.
func (r *run) lent(e *check.Entity) string {
	if e.Run == 0 {
		return e.Chunk.Text
	}
	if text, ok := r.borrowed[e]; ok {
		return text
	}
	r.interp.runMu.Lock()
	sites := r.interp.sites[e.Run]
	r.interp.runMu.Unlock()
	if r.borrowed == nil {
		r.borrowed = map[*check.Entity]string{}
	}
	now := map[string]string{}
	text := strings.ReplaceAll(e.Chunk.Text, fmt.Sprintf("%s/u%d:", e.Chunk.File, e.Run), e.Chunk.File+"/"+r.unitFile()+":")
	r.borrowed[e] = siteRE.ReplaceAllStringFunc(text, func(name string) string {
		if now[name] != "" {
			return now[name]
		}
		for _, s := range sites {
			if s.name == name {
				own := *s
				own.name = strings.TrimRight(name, "0123456789") + strconv.Itoa(len(r.sites))
				own.text, own.owner = "", e
				if s.translation != nil {
					own.translation = &translation{lists: s.translation.lists, readOnly: s.translation.readOnly, optional: s.translation.optional}
				}
				r.sites = append(r.sites, &own)
				now[name] = own.name
				return own.name
			}
		}
		return name
	})
	return r.borrowed[e]
}

// translate translates the functions of the sites that are for devices. Where a function
// captures variables that are not handed over yet, or does not fit any more where it
// stands in an earlier cell, the unit is to be checked again.
func (r *run) translate(unit *check.Unit) (again bool, d *session.Diagnostic) {
	if !slices.ContainsFunc(r.sites, func(s *site) bool { return s.translation != nil }) {
		return false, nil
	}
	calls := map[string]*ast.CallExpr{}
	find := func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok {
			if id, ok := call.Fun.(*ast.Ident); ok {
				calls[id.Name] = call
			}
		}
		return true
	}
	if unit.Body != nil {
		ast.Inspect(unit.Body, find)
	}
	for _, d := range unit.Decls {
		ast.Inspect(d.Node, find)
	}
	for _, g := range unit.GlobalDecls {
		ast.Inspect(g, find)
	}
	for _, s := range r.sites {
		call := calls[s.name]
		if s.translation == nil || call == nil {
			continue
		}
		names, d := r.translateSite(unit, s, call)
		switch {
		case d != nil && s.translation.optional:
			s.translation.function, s.translation.why = nil, d
		case d != nil && s.owner != nil:
			if r.refused == nil {
				r.refused = map[string]bool{}
			}
			r.refused[s.owner.Name] = true
			r.noteKept(s.owner.Name, d)
			again = true
		case d != nil:
			return false, d
		case !slices.Equal(names, s.translation.captures):
			s.translation.captures = names
			again = true
		}
	}
	return again, nil
}

func (r *run) translateSite(unit *check.Unit, s *site, call *ast.CallExpr) (names []string, d *session.Diagnostic) {
	t := s.translation
	f := call.Args[0]
	sources := &sources{r: r, unit: unit, held: r.holding(unit).settings, time: timeOf(unit, call)}
	library, err := device.NewLibrary(r.interp.checker.Importer)
	if err != nil {
		return nil, &session.Diagnostic{Name: session.SessionError, Message: err.Error()}
	}
	sources.library = library
	u, err := translate.Function(&translate.Config{Declaration: sources.declaration, Variable: sources.variable, Substitute: library.Substitute, ReadOnly: t.readOnly}, f, unit.Fset, unit.Info)
	if err != nil {
		return nil, r.untranslatable(s, unit.Fset.Position(f.Pos()), err)
	}
	for n := range u.Program.Sites {
		at := &u.Program.Sites[n]
		at.File, _, _ = strings.Cut(at.File, "/")
	}
	name := s.label
	if id, ok := f.(*ast.Ident); ok {
		name = id.Name
	} else if _, ok := f.(*ast.FuncLit); !ok {
		name = types.ExprString(f)
	}
	t.function, t.held = device.NewFunction(name, u), sources.used
	for n, v := range t.function.Captures() {
		if at := 1 + t.lists + n; at < len(call.Args) && len(t.captures) > 0 { // handed over
			id, _ := call.Args[at].(*ast.Ident)
			if o, ok := unit.Info.Uses[id].(*types.Var); !ok || !sameVar(unit, o, v) {
				p := unit.Fset.Position(f.Pos())
				return nil, &session.Diagnostic{
					Name: session.MagicError, Pos: check.Position(p, r.lines),
					Message: fmt.Sprintf("%s reads a variable %s, and here that name stands for another one", name, v.Name()),
					Hint:    "give one of the two another name, or run the cell of the function again",
				}
			}
		}
		names = append(names, v.Name())
	}
	return names, nil
}

// sameVar says that a name that stands for o where a function is handed over stands for v
// in the function: one variable, or a variable of the session by its name. One that was
// declared anew has another type, or else the function was declared again with it.
func sameVar(unit *check.Unit, o, v *types.Var) bool {
	return o == v || o.Name() == v.Name() && isSessionVar(unit, o) && isSessionVar(unit, v) && types.Identical(o.Type(), v.Type())
}

// isSessionVar says whether a variable is one of the session, or becomes one.
func isSessionVar(unit *check.Unit, v *types.Var) bool {
	return v.Parent() == nil && !v.IsField() || v.Parent() != nil && v.Parent().Parent() == types.Universe || unit.TopLevel(v)
}

// untranslatable says what devices cannot do, and where.
func (r *run) untranslatable(s *site, at token.Position, err error) *session.Diagnostic {
	var errs translate.Errors
	if !errors.As(err, &errs) {
		return &session.Diagnostic{Name: session.MagicError, Message: err.Error(), Pos: check.Position(at, r.lines)}
	}
	var list []*session.Diagnostic
	for _, e := range errs {
		d := &session.Diagnostic{Name: session.DeviceError, Message: r.withLabels(e.Msg), Hint: e.Hint, Pos: check.Position(e.Pos, r.lines)}
		if d.Pos == nil {
			d.Pos = check.Position(at, r.lines)
		}
		list = append(list, d)
	}
	return check.Errors(list)
}

// withLabels writes sites in a message as the user did.
func (r *run) withLabels(msg string) string {
	return siteRE.ReplaceAllStringFunc(msg, func(name string) string {
		for _, s := range r.sites {
			if s.name == name {
				return s.label
			}
		}
		return "the magic"
	})
}

// sources finds where functions stand: in the unit that is being loaded, or in earlier cells.
type sources struct {
	r       *run
	unit    *check.Unit
	library *device.Library
	again   map[*types.Func]*translate.Source
	held    []setting       // those of the unit
	time    siteTime        // when the magic runs
	used    []*heldFunction // what it needs of the session's variables
}

func (s *sources) remember(f *types.Func, src *translate.Source) {
	if s.again == nil {
		s.again = map[*types.Func]*translate.Source{}
	}
	s.again[f] = src
}

var (
	errLibrary = errors.New("it is a function of a library")
	errMagic   = errors.New("it is a magic")
)

func (s *sources) declaration(f *types.Func) (*translate.Source, error) {
	if found, err := s.library.Declaration(f); found != nil || err != nil {
		return found, err
	}
	if found := s.again[f]; found != nil {
		return found, nil
	}
	if siteRE.MatchString(f.Name()) {
		return nil, errMagic
	}
	if f.Pkg() == nil || f.Pkg().Path() != "main" && !strings.HasPrefix(f.Pkg().Path(), "cell/") {
		return nil, errLibrary
	}
	name := f.Name()
	if recv := f.Signature().Recv(); recv != nil {
		base := recv.Type()
		if p, ok := types.Unalias(base).(*types.Pointer); ok {
			base = p.Elem()
		}
		n, ok := types.Unalias(base).(*types.Named)
		if !ok {
			return nil, errLibrary
		}
		name = n.Obj().Name() + "." + name
	}
	for _, d := range s.unit.Decls {
		decl, ok := d.Node.(*ast.FuncDecl)
		if !ok || !slices.Contains(d.Names, name) {
			continue
		}
		if s.unit.Info.Defs[decl.Name] == f || s.r.interp.scope.Ever(f) == nil { // f may be an earlier one of that name
			return &translate.Source{Fset: s.unit.Fset, Info: s.unit.Info, Decl: decl}, nil
		}
	}
	i := s.r.interp
	e := i.scope.Ever(f)
	if e == nil {
		e = i.scope.Lookup(name)
	}
	if e == nil {
		return nil, errLibrary
	}
	src, err := i.checker.Source(e, i.scope)
	if err != nil {
		return nil, err
	}
	found := &translate.Source{Fset: src.Fset, Info: src.Info, Decl: src.Decl, Comments: src.Comments}
	s.remember(f, found)
	if src.Func != nil {
		s.remember(src.Func, found)
	}
	return found, nil
}
