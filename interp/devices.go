package interp

import (
	"errors"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
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
	mu     sync.Mutex
	set    *device.Set
	chosen *device.Device
}

// open gives the devices.
func (d *devices) open() *device.Set {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.set == nil {
		d.set = device.Open()
		d.chosen = d.set.Default()
	}
	return d.set
}

// pick is the device of a number, or, of "", the session's.
func (d *devices) pick(number string) (*device.Device, error) {
	set := d.open()
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
	return nil, fmt.Errorf("there is no device %s; there are 0 to %d, and %%gpu lists them", number, len(set.Devices)-1)
}

func (d *devices) use(x *device.Device) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.chosen = x
}

// A translation is what a site knows of its first argument, a function for devices.
type translation struct {
	lists    int // Go arguments behind the function
	function *device.Function
	captures []string // names whose values are arguments of the site behind the lists
	// optional says that the magic can do without: why is why it has to.
	optional bool
	why      error
}

// cut parts the arguments of a site from the captured values behind them.
func (t *translation) cut(args []any) (own, captured []any) {
	return args[:1+t.lists], args[1+t.lists:]
}

// signature is a type for the arguments of a site, with the captured values behind them.
func (t *translation) signature(args []types.TypeAndValue, typ func([]types.TypeAndValue) (*types.Signature, error)) (*types.Signature, error) {
	sig, err := typ(args[:1+t.lists])
	if err != nil || len(args) == 1+t.lists {
		return sig, err
	}
	params := slices.Collect(sig.Params().Variables())
	for _, a := range args[1+t.lists:] {
		params = append(params, types.NewVar(0, nil, "", types.Default(a.Type)))
	}
	return types.NewSignatureType(nil, nil, nil, types.NewTuple(params...), sig.Results(), false), nil
}

// capturesMark stands in the source where the captured variables of a site go.
func capturesMark(name string) string { return "/*captures " + name + "*/" }

// translate translates the functions of the sites that are for devices. Where a function
// captures variables that the source does not hand over yet, it returns the source that
// does, which is to be checked again.
func (r *run) translate(unit *check.Unit, src string) (string, *session.Diagnostic) {
	if !slices.ContainsFunc(r.sites, func(s *site) bool { return s.translation != nil }) {
		return src, nil
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
	again := src
	for _, s := range r.sites {
		call := calls[s.name]
		if s.translation == nil || call == nil {
			continue
		}
		names, d := r.translateSite(unit, s, call)
		if d != nil && s.translation.optional {
			s.translation.function, s.translation.why = nil, d
			continue
		}
		if d != nil {
			return src, d
		}
		mark := capturesMark(s.name)
		if !slices.Equal(names, s.translation.captures) && strings.Contains(src, mark) {
			s.translation.captures = names
			again = strings.Replace(again, mark, ", "+strings.Join(names, ", "), 1)
		}
	}
	return again, nil
}

func (r *run) translateSite(unit *check.Unit, s *site, call *ast.CallExpr) (names []string, d *session.Diagnostic) {
	t := s.translation
	f := call.Args[0]
	sources := &sources{r: r, unit: unit}
	library, err := device.NewLibrary(r.interp.checker.Importer)
	if err != nil {
		return nil, &session.Diagnostic{Name: session.SessionError, Message: err.Error()}
	}
	sources.library = library
	u, err := translate.Function(&translate.Config{Declaration: sources.declaration, Substitute: library.Substitute}, f, unit.Fset, unit.Info)
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
	t.function = device.NewFunction(name, u)
	for n, v := range t.function.Captures() {
		if at := 1 + t.lists + n; at < len(call.Args) && len(t.captures) > 0 { // handed over
			id, ok := call.Args[at].(*ast.Ident)
			if o := unit.Info.Uses[id]; !ok || o == nil || o != v && (o.Pos() != v.Pos() || o.Name() != v.Name()) {
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

// untranslatable says what devices cannot do, and where.
func (r *run) untranslatable(s *site, at token.Position, err error) *session.Diagnostic {
	var errs translate.Errors
	if !errors.As(err, &errs) {
		return &session.Diagnostic{Name: session.MagicError, Message: err.Error(), Pos: check.Position(at, r.lines)}
	}
	var list []*session.Diagnostic
	for _, e := range errs {
		d := &session.Diagnostic{Name: session.DeviceError, Message: e.Msg, Hint: e.Hint, Pos: check.Position(e.Pos, r.lines)}
		if d.Pos == nil {
			d.Pos = check.Position(at, r.lines)
		}
		list = append(list, d)
	}
	return check.Errors(list)
}

// sources finds where functions stand: in the unit that is being loaded, or in earlier cells.
type sources struct {
	r       *run
	unit    *check.Unit
	library *device.Library
	again   map[*types.Func]*translate.Source
}

var errLibrary = errors.New("it is a function of a library")

func (s *sources) declaration(f *types.Func) (*translate.Source, error) {
	if found, err := s.library.Declaration(f); found != nil || err != nil {
		return found, err
	}
	if found := s.again[f]; found != nil {
		return found, nil
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
		if decl, ok := d.Node.(*ast.FuncDecl); ok && slices.Contains(d.Names, name) {
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
	if s.again == nil {
		s.again = map[*types.Func]*translate.Source{}
	}
	s.again[f] = found
	if src.Func != nil {
		s.again[src.Func] = found
	}
	return found, nil
}
