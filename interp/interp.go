// Package interp runs Go, a cell at a time.
//
// [Interp] is a session.Session in this process. A cell goes through stages,
// each a package of its own that runs nothing: interp/cell cuts it up, interp/check
// types it in the session's scope, interp/lower makes of it what a tier can run.
// Then the tier runs it, and what it shows goes out as events. The magics are a
// table in magics.go, one file each.
//
// An Interp runs user code, which may end the process at any time; the package
// kernel/supervisor keeps it in a process of its own.
package interp

import (
	"context"
	"errors"
	"fmt"
	"go/types"
	"path"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/adabc437/fanout/interp/build"
	"github.com/adabc437/fanout/interp/cell"
	"github.com/adabc437/fanout/interp/check"
	"github.com/adabc437/fanout/interp/emit"
	"github.com/adabc437/fanout/interp/rt"
	"github.com/adabc437/fanout/interp/session"
	"github.com/adabc437/fanout/interp/symbols"
	"github.com/adabc437/fanout/parallel"
)

// Options configure a session.
type Options struct {
	// Tools compile cells; nil has them interpreted. The process can have one such
	// session only.
	Tools *build.Toolchain
	// NoTools is why there are none.
	NoTools error
	// CompileAll has simple cells compiled as well, which are evaluated otherwise:
	// the two must not differ.
	CompileAll bool
	// Tier is the one to begin with: empty is the compiled one, if there are Tools.
	Tier string
	// Workers is the number of workers of parallel maps; 0 is one per core.
	Workers int
}

// An Interp is a session in this process.
type Interp struct {
	options Options
	pre     *predeclared
	magics  map[string]*Magic
	comms   *comms
	stdin   *userInput
	workers int
	shapes  shapes

	// mu guards what declarations change: the scope, the checker and the loading
	// of the tier. Running needs none of it.
	mu      sync.Mutex
	scope   *check.Scope
	checker *check.Checker
	tier    *interpreted
	native  *compiled // nil where cells are interpreted
	outs    outputs

	moves atomic.Pointer[map[int][]move] // lines of cells that were declared again, by cell

	// runs are the executions under way, and sites the magics of all cells, by the
	// ids of their runs.
	runMu     sync.Mutex
	runs      map[int]*run
	sites     map[int][]*site
	latest    *run
	lastID    int
	closed    bool
	history   []session.Source // the cells that ran, for %history and for positions
	jobs      []*job
	jobRuns   map[int]*run // that stand for jobs of compiled cells, by id
	lastJob   int
	latestRun *parallel.Run // of the map that ended last
	devices   devices
	held      heldFunctions
	maps      []*liveMap // that cells wait for
	mapsOver  []panelMap // that ended last, oldest first
	lastMap   int
	panelSeen map[string]panelVariable // by name, what the panel was told last; mu guards it

	handlerMu sync.Mutex
	handling  *run // stands for the comm handler that runs
}

var (
	_ session.Session = (*Interp)(nil)
	_ session.Patient = (*Interp)(nil)
)

// New starts a session. It takes a few milliseconds.
func New(opt Options) (*Interp, error) {
	pre, err := newPredeclared()
	if err != nil {
		return nil, err
	}
	i := &Interp{options: opt, pre: pre, workers: opt.Workers, runs: map[int]*run{}, jobRuns: map[int]*run{}, sites: map[int][]*site{}}
	i.magics = map[string]*Magic{}
	for _, m := range magics() {
		i.magics[m.Name] = m
	}
	i.comms = newComms(func(e session.Event) { i.current().emit(e) })
	i.comms.setTarget(FormatTarget, i.serveFormat)
	i.comms.setTarget(PanelTarget, i.servePanel)
	i.stdin = newUserInput(i)
	if opt.Tools != nil {
		if opt.Tier != TierInterpreted {
			i.native = newCompiled(opt.Tools)
		}
		runtime.KeepAlive(append(rt.Keep(), keepGeneric()...))
		rt.Serve(rtSession{i})
	}
	if err := i.reset(); err != nil {
		return nil, err
	}
	return i, nil
}

// reset drops everything that cells have declared.
func (i *Interp) reset() error {
	i.scope, i.outs, i.held = check.NewScope(), outputs{}, heldFunctions{}
	tier, err := newInterpreted(i.hostSymbols, i.fault)
	if err != nil {
		return err
	}
	i.tier = tier
	if i.native == nil {
		tier.stops, tier.devices = i.cancelJobs, i.holdsDevice
	}
	if i.native != nil {
		i.native = newCompiled(i.native.tools)
	}
	i.checker = &check.Checker{
		Refused: map[string]int{},
		Fset:    i.tier.FileSet(), Importer: i.importer(),
		Packages: packageNames(), Predeclared: i.pre.objects,
	}
	return nil
}

// preferred decides which package a name means that several share.
var preferred = map[string]string{
	"rand": "math/rand", "template": "text/template", "scanner": "bufio", "user": "os/user", "pprof": "runtime/pprof",
}

// packageNames maps the names under which packages need no import to their
// paths: the standard library and gonum. The shorter path wins.
func packageNames() map[string]string {
	names := map[string]string{}
	for _, p := range symbols.Paths() {
		name := symbols.Name(p)
		old, taken := names[name]
		std := !strings.Contains(strings.SplitN(p, "/", 2)[0], ".")
		oldStd := !strings.Contains(strings.SplitN(old, "/", 2)[0], ".")
		if !taken || std && !oldStd || std == oldStd && len(p) < len(old) {
			names[name] = p
		}
	}
	for name, p := range preferred {
		if _, ok := names[name]; ok && path.Base(p) == name {
			names[name] = p
		}
	}
	return names
}

// value reads a variable or says that it cannot.
func (i *Interp) value(e *check.Entity) (any, bool) {
	if i.native != nil {
		return i.native.value(e)
	}
	return i.tier.value(e.Runtime)
}

// takes says what arguments a magic has.
func (i *Interp) takes(name string) cell.Arguments {
	switch m := i.magics[name]; {
	case m == nil || m.Expand == nil:
		return cell.Text
	case m.Statements:
		return cell.Statements
	}
	return cell.Expressions
}

// current is the run that output of unknown origin belongs to: the main
// shell's, or the latest.
func (i *Interp) current() *run {
	i.runMu.Lock()
	defer i.runMu.Unlock()
	if i.handling != nil {
		return i.handling
	}
	for _, r := range i.runs {
		if r.cell.Shell == "" {
			return r
		}
	}
	if i.latest == nil {
		return &run{interp: i, out: discard{}, ctx: context.Background()}
	}
	return i.latest
}

// byID is a run of the tier. One that has ended has a stand-in, which writes to
// where output of unknown origin goes.
func (i *Interp) byID(t *interpreted, id int) *run {
	i.runMu.Lock()
	r := i.runs[id]
	if r == nil && i.latest != nil && i.latest.id == id {
		r = i.latest
	}
	i.runMu.Unlock()
	if r == nil {
		now := i.current()
		r = &run{interp: i, cell: now.cell, out: now.out, ctx: context.Background(), cancel: func() {}, id: id, tier: t}
	}
	return r
}

// entries are the cells that ran.
func (i *Interp) entries() []session.Source {
	i.runMu.Lock()
	defer i.runMu.Unlock()
	return i.history
}

// discard is the output of a session that has not run anything yet.
type discard struct{}

func (discard) Emit(session.Event) {}
func (discard) Input(context.Context, string, bool) (string, error) {
	return "", session.ErrNoInput
}

// Interrupt stops all cells that run.
func (i *Interp) Interrupt() {
	i.runMu.Lock()
	defer i.runMu.Unlock()
	for _, r := range i.runs {
		r.cancel()
	}
}

// Close ends the session.
func (i *Interp) Close() error {
	i.Interrupt()
	i.runMu.Lock()
	defer i.runMu.Unlock()
	i.closed = true
	return nil
}

// Comm hands on a message from the front end.
func (i *Interp) Comm(ctx context.Context, m session.CommMessage, out session.Output) error {
	i.handlerMu.Lock() // one handler at a time
	defer i.handlerMu.Unlock()
	i.setHandling(&run{interp: i, out: out, ctx: ctx, cell: session.Cell{HTML: true}})
	defer i.setHandling(nil)
	err := i.comms.receive(ctx, m)
	if err != nil {
		out.Emit(session.Event{Kind: session.Stream, Name: "stderr", Text: err.Error() + "\n"})
	}
	return err
}

// setHandling says that a comm handler runs, to which output belongs then.
func (i *Interp) setHandling(r *run) {
	i.runMu.Lock()
	defer i.runMu.Unlock()
	i.handling = r
}

// Comms lists the open comms.
func (i *Interp) Comms(_ context.Context, target string) (map[string]string, error) {
	return i.comms.list(target), nil
}

// IsComplete says whether code can be run as it stands.
func (i *Interp) IsComplete(_ context.Context, code string) (session.Completeness, error) {
	if len(code) > cell.MaxSize {
		return session.Completeness{Status: session.Invalid}, nil
	}
	return cell.IsComplete(code, i.takes), nil
}

// Restore takes over the history, and declares again what earlier cells declared:
// what one cell declared together, so that functions may call each other, and what
// then still fails by itself, as long as that helps.
func (i *Interp) Restore(ctx context.Context, past session.Past) error {
	i.runMu.Lock()
	i.history = append(slices.Clone(past.Cells), i.history...)
	i.runMu.Unlock()
	i.mu.Lock()
	i.checker.Lost = past.Lost
	i.mu.Unlock()
	return i.declareAgain(ctx, past.Declarations)
}

func (i *Interp) declareAgain(ctx context.Context, declarations []session.Declaration) error {
	var failed []session.Declaration
	if i.native != nil && i.inOne(ctx, declarations) == nil {
		return nil
	}
	for len(declarations) > 0 {
		n := 1
		for n < len(declarations) && declarations[n].Cell == declarations[0].Cell {
			n++
		}
		if i.restore(ctx, declarations[:n]) != nil {
			failed = append(failed, declarations[:n]...)
		}
		declarations = declarations[n:]
	}
	var errs []error
	for more := true; more; {
		more, errs = false, nil
		var still []session.Declaration
		for _, d := range failed {
			if err := i.restore(ctx, []session.Declaration{d}); err != nil {
				still, errs = append(still, d), append(errs, fmt.Errorf("%s: %w", d.Name, err))
			} else {
				more = true
			}
		}
		failed = still
	}
	errs = i.together(ctx, failed, errs)
	if len(errs) > 0 {
		return fmt.Errorf("not declared again: %w", errors.Join(errs...))
	}
	return nil
}

var errMagics = errors.New("magics stand in a declaration")

// inOne declares all in one cell, settings before: a compiled cell takes about as
// long as a hundred of them. Each declaration keeps its own cell and lines.
func (i *Interp) inOne(ctx context.Context, declarations []session.Declaration) error {
	var b strings.Builder
	last := 0
	for _, d := range declarations {
		if d.Magics { // its lines would be those of this cell
			return errMagics
		}
		if strings.HasPrefix(d.Source, "%") || strings.HasPrefix(d.Source, "import ") {
			if err := i.restore(ctx, []session.Declaration{d}); err != nil {
				return err
			}
			continue
		}
		fmt.Fprintf(&b, "/*line %s/restored:%d:1*/%s\n", check.FileName(d.Cell), max(d.Line, 1), d.Source)
		last = max(last, d.Cell)
	}
	if b.Len() == 0 {
		return nil
	}
	reply, err := i.Execute(ctx, session.Cell{ID: "restore", Code: b.String(), Number: last, Silent: true}, discard{})
	if err == nil && reply.Err != nil {
		err = reply.Err
	}
	return err
}

// together declares what failed by itself in one go, for declarations of several
// cells that need each other, leaving out one at a time if that does not do. It
// returns the errors of what is left; errs are those of each by itself.
func (i *Interp) together(ctx context.Context, failed []session.Declaration, errs []error) []error {
	if len(failed) < 2 {
		return errs
	}
	if i.restore(ctx, failed) == nil {
		return nil
	}
	for n := range failed {
		rest := slices.Delete(slices.Clone(failed), n, n+1)
		if len(rest) > 1 && i.restore(ctx, rest) == nil {
			return errs[n : n+1]
		}
	}
	return errs
}

func (i *Interp) restore(ctx context.Context, group []session.Declaration) error {
	var b strings.Builder
	line := 1
	for _, d := range slices.SortedStableFunc(slices.Values(group), func(a, b session.Declaration) int { return a.Line - b.Line }) {
		if d.Line > line { // what it does later is to be found at its own lines
			b.WriteString(strings.Repeat("\n", d.Line-line))
			line = d.Line
		}
		b.WriteString(d.Source + "\n")
		line += 1 + strings.Count(d.Source, "\n")
	}
	reply, err := i.Execute(ctx, session.Cell{ID: "restore", Code: b.String(), Number: group[0].Cell, Silent: true}, discard{})
	if err != nil {
		return err
	}
	if reply.Err != nil {
		return errors.New(reply.Err.Message)
	}
	return nil
}

// typeString is a type as the user writes it.
func typeString(t types.Type) string {
	return types.TypeString(t, func(p *types.Package) string {
		if p.Path() == "main" || p.Path() == "fanout/host" {
			return ""
		}
		return p.Name()
	})
}

// Packages are the import paths that cells can import.
func Packages() []string {
	return append(slices.Clone(symbols.Paths()), emit.Runtime)
}
