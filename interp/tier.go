package interp

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"go/token"
	"os"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
	"unsafe"

	yaegi "github.com/traefik/yaegi/interp"

	"github.com/adabc437/fanout/interp/check"
	"github.com/adabc437/fanout/interp/lower"
	"github.com/adabc437/fanout/interp/mono"
	"github.com/adabc437/fanout/interp/session"
	"github.com/adabc437/fanout/interp/symbols"
)

// interpreted is the tier that runs cells at once, with no toolchain: yaegi.
//
// It has two rules of its own. Loading changes the interpreter and is done by
// one goroutine at a time (the caller's lock); running may overlap. And stopping
// stops everything that runs: yaegi has one stop for all; see stop.go.
type interpreted struct {
	vm     *yaegi.Interpreter
	host   map[string]reflect.Value
	loaded map[string]bool
	mapped bool
	trace  traceWriter
	fault  func(op string, node, frame unsafe.Pointer, value any) any
	world  *mono.World
	gate   gate
	stopper
}

func newInterpreted(host func(*interpreted) map[string]reflect.Value, fault func(op string, node, frame unsafe.Pointer, value any) any) (*interpreted, error) {
	t := &interpreted{loaded: map[string]bool{}, fault: fault, world: mono.NewWorld()}
	t.host = host(t)
	t.vm = yaegi.New(yaegi.Options{Stdout: os.Stdout, Stderr: &t.trace, Unrestricted: true})
	return t, t.stopper.init(t.vm)
}

// FileSet is where the syntax trees of programs must have their positions.
func (t *interpreted) FileSet() *token.FileSet { return t.vm.FileSet() }

// use makes a package known to the interpreter.
func (t *interpreted) use(path string) error {
	if t.loaded[path] {
		return nil
	}
	if path == lower.Host {
		t.loaded[path] = true
		return t.vm.Use(yaegi.Exports{path + "/host": t.host})
	}
	if _, ok := symbols.Load(path); !ok {
		return fmt.Errorf("package %q is not bound", path)
	}
	exports := yaegi.Exports{}
	for _, p := range append(symbols.Needs(path), path) {
		if t.loaded[p] {
			continue
		}
		t.loaded[p] = true
		syms, _ := symbols.Load(p)
		key := p + "/" + symbols.Name(p)
		if p == "fmt" {
			// Under its plain key yaegi would change fmt and log, and compile sources of
			// its own, which takes longer than all else at start.
			key = "fmt/./fmt"
			for _, name := range []string{"Scan", "Scanf", "Scanln"} {
				syms[name] = t.host[name]
			}
		}
		if p == "time" {
			syms["Sleep"] = t.host["Sleep"]
		}
		exports[key] = syms
	}
	if !t.mapped {
		t.mapped = true
		exports["."] = map[string]reflect.Value{"MapTypes": reflect.ValueOf(symbols.MapTypes())}
	}
	if err := t.vm.Use(exports); err != nil {
		return fmt.Errorf("package %q: %w", path, err)
	}
	return nil
}

// Load compiles a program and puts what it declares into the interpreter,
// without running its statements.
func (t *interpreted) Load(p *lower.Program) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the interpreter failed: %v", r)
		}
	}()
	for _, path := range p.Packages {
		if err := t.use(path); err != nil {
			return err
		}
	}
	for _, f := range p.Files {
		if len(f.Decls) == 0 {
			continue
		}
		prog, err := t.vm.CompileAST(f)
		if err != nil {
			return err
		}
		watch(prog, t.fault)
		if _, err = t.vm.Execute(prog); err != nil {
			return err
		}
	}
	return nil
}

// errGoexit is the end of a cell that has ended the goroutine it runs on.
var errGoexit = errors.New("the cell has ended its goroutine (runtime.Goexit)")

// Run calls the entry of a loaded program, the run with the given id, and then, if
// that ends well, the function then, which may call interpreted code. It returns
// when the entry has, or when ctx is done or another run was stopped.
func (t *interpreted) Run(ctx context.Context, id int, prog *yaegi.Program, then func()) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	h := t.begin(entryToken(id))
	if h.first {
		t.trace.reset()
	}
	done := make(chan error, 1)
	go func() {
		err := errGoexit
		defer func() { done <- err }()
		_, failure := t.vm.Execute(prog)
		switch {
		case failure != nil:
		case t.resumed(h, entryToken(id)):
			defer t.ended(entryToken(id))
			then()
		default:
			failure = context.Canceled
		}
		err = failure
	}()
	select {
	case err := <-done:
		t.ended(entryToken(id))
		if t.end(h) {
			return err
		}
		done <- err // a stop was quicker
	case <-ctx.Done():
	case <-h.stopped:
	}
	t.stopAll()
	select { // its last steps share a frame with the next run
	case err := <-done:
		done <- err
	case <-time.After(t.grace()):
	}
	t.abandon(h, done)
	return context.Canceled
}

// entry compiles the call of a loaded program's entry.
func (t *interpreted) entry(name string) (*yaegi.Program, error) { return t.vm.Compile(name + "()") }

// A traceWriter collects the places that yaegi prints while a panic unwinds.
type traceWriter struct {
	mu     sync.Mutex
	frames []session.Frame
	rest   bytes.Buffer
}

var frameRE = regexp.MustCompile(`^(\S*In\[\d+\]\S*):(\d+):(\d+): panic: ([^\s(]*)\(\.\.\.\)$`)

func (w *traceWriter) reset() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.frames, w.rest = nil, bytes.Buffer{}
}

// Write keeps panic places and passes on everything else to stderr.
func (w *traceWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for line := range strings.Lines(string(p)) {
		text := strings.TrimSuffix(line, "\n")
		if m := frameRE.FindStringSubmatch(text); m != nil {
			n, _ := check.CellOf(m[1])
			l, _ := strconv.Atoi(m[2])
			c, _ := strconv.Atoi(m[3])
			if len(w.frames) < 100 {
				w.frames = append(w.frames, session.Frame{Func: funcName(m[4]), Position: session.Position{Cell: n, Line: l, Column: c}})
			}
			continue
		}
		if strings.Contains(text, ": panic: ") && strings.HasSuffix(text, "(...)") {
			continue // the call of the entry itself
		}
		_, _ = os.Stderr.WriteString(line)
	}
	return len(p), nil
}

func (w *traceWriter) take() []session.Frame {
	w.mu.Lock()
	defer w.mu.Unlock()
	f := w.frames
	w.frames = nil
	return f
}

// funcName is the name that the user gave a function.
func funcName(s string) string {
	s = strings.TrimPrefix(s, "main.")
	s, _, _ = strings.Cut(s, "#")
	if strings.HasPrefix(s, entryPrefix) {
		return ""
	}
	return instanceRE.ReplaceAllString(strings.TrimPrefix(s, "__impl_"), "")
}

// instanceRE is what package mono adds to names.
var instanceRE = regexp.MustCompile(`__\d+\b`)

// asPanic unwraps the value of a panic that ended a run.
func asPanic(err error) (value any, ok bool) {
	var p yaegi.Panic
	if !errors.As(err, &p) {
		return nil, false
	}
	if v, ok := p.Value.(reflect.Value); ok && v.CanInterface() {
		return v.Interface(), true
	}
	return p.Value, true
}
