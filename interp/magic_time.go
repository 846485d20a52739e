package interp

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/adabc437/fanout/interp/cell"
	"github.com/adabc437/fanout/interp/session"
	"github.com/adabc437/fanout/plots"
)

func timeMagic() *Magic {
	m := &Magic{
		Name: "time", Args: "statement", Short: "Run the rest of the line once and print the wall time and the CPU time of the process it took.",
		Statements: true,
		Example:    "%time ys := work(xs); clear(xs)",
	}
	m.Expand = func(x *expansion) error {
		if strings.TrimSpace(x.piece.Args) == "" {
			return errors.New("%time takes a statement")
		}
		if !x.piece.Statement {
			return errors.New("%time stands for itself: time the whole statement, as in %time x := f()")
		}
		var t stopwatch
		x.call(func(*run) error { t.start(); return nil })
		x.src.Add("\n")
		if d := x.run.expand(x.src, x.run.piecesOf(x.piece.ArgsAt, x.piece.End)); d != nil {
			return d
		}
		x.src.Add("\n")
		x.callAs("__magic_end_", func(r *run) error { r.print(t.stop()); return nil })
		return nil
	}
	m.Cell = func(r *run, p cell.Piece) error {
		var t stopwatch
		err := r.body(p, t.start)
		switch {
		case err != nil:
			return err
		case t.wall.IsZero(): // nothing but declarations
			r.print("there was nothing to time: the cell has no statements\n")
		default:
			r.print(t.stop())
		}
		return nil
	}
	return m
}

// body runs the text below a cell magic as a cell would run, at its own lines.
// begin is called when the text is ready to run.
func (r *run) body(p cell.Piece, begin func()) error {
	pieces := r.piecesOf(p.BodyAt, len(r.cell.Code))
	if len(pieces) == 1 && pieces[0].Kind == cell.CellMagic {
		begin()
		if d := r.cellMagic(pieces[0]); d != nil {
			return d
		}
		return nil
	}
	if d := r.runGo(pieces, begin); d != nil {
		return d
	}
	return nil
}

// piecesOf cuts a stretch of the cell into pieces.
func (r *run) piecesOf(from, to int) []cell.Piece {
	pieces := cell.Split(r.cell.Code[from:to], r.interp.takes)
	for n := range pieces {
		p := &pieces[n]
		p.Start += from
		p.End += from
		p.ArgsAt += from
		p.BodyAt += from
	}
	return pieces
}

// A stopwatch measures wall time and the process's CPU time.
type stopwatch struct {
	wall time.Time
	cpu  time.Duration
}

func (s *stopwatch) start() { s.cpu, s.wall = cpuTime(), time.Now() }

func (s *stopwatch) stop() string {
	wall := time.Since(s.wall)
	if s.cpu == 0 {
		return fmt.Sprintf("wall time: %s\n", roundTime(wall))
	}
	cpu := cpuTime() - s.cpu
	return fmt.Sprintf("wall time: %s, CPU time: %s (%.1f cores busy)\n", roundTime(wall), roundTime(cpu), float64(cpu)/float64(max(wall, 1)))
}

// roundTime keeps three figures of a duration.
func roundTime(d time.Duration) time.Duration {
	if d <= 0 {
		return d
	}
	unit := time.Duration(math.Pow(10, math.Floor(math.Log10(float64(d)))-2))
	return d.Round(max(unit, 1))
}

func timeitMagic() *Magic {
	m := &Magic{
		Name: "timeit", Args: "[-n N] [-r R] statement", Short: "Time the rest of the line over many loops, several times, and show the distribution.",
		Statements: true,
		Flags: []Flag{
			{"-n", "--loops", "N", "run the statement N times per repeat; without it, as often as takes 0.1 s"},
			{"-r", "--repeats", "R", "repeat R times (7)"},
			{"-q", "--quiet", "", "print the line without the histogram"},
		},
		Example: "%timeit sort.Ints(xs)",
	}
	m.Expand = func(x *expansion) error {
		flags, skip, err := m.parseFlags(x.piece.Args)
		if err != nil {
			return err
		}
		return x.timeit(flags, x.piece.ArgsAt+skip, x.piece.End)
	}
	m.Cell = func(r *run, p cell.Piece) error {
		flags, skip, err := m.parseFlags(p.Args)
		if err != nil {
			return err
		}
		if rest := strings.TrimSpace(p.Args[skip:]); rest != "" {
			return fmt.Errorf("%%%%timeit takes its statements from the lines below, not %q", rest)
		}
		var src cell.Source
		x := &expansion{run: r, piece: p, src: &src}
		if err := x.timeit(flags, p.BodyAt, p.End); err != nil {
			return err
		}
		prog, d := r.load(src.String())
		if d != nil {
			return d
		}
		if d := r.runProgram(prog); d != nil {
			return d
		}
		return nil
	}
	return m
}

// timeit puts in the timing of the statements at code[from:to].
func (x *expansion) timeit(flags flagSet, from, to int) error {
	if strings.Trim(x.run.cell.Code[from:to], "; \t\r\n") == "" {
		return errors.New("%timeit takes a statement")
	}
	if !x.piece.Statement {
		return errors.New("%timeit stands for itself; it gives no value")
	}
	s := x.newSite("__magic_")
	var body cell.Source
	if d := x.run.expand(&body, x.run.piecesOf(from, to)); d != nil {
		return d
	}
	if d := x.run.statements(body.String(), to); d != nil {
		return d
	}
	loops, repeats := 0, 7
	for name, to := range map[string]*int{"loops": &loops, "repeats": &repeats} {
		if !flags.has(name) {
			continue
		}
		n, err := strconv.Atoi(flags[name])
		if err != nil || n < 1 {
			return fmt.Errorf("--%s takes a whole number from 1 up, not %q%s", name, flags[name], literalOnly(flags[name], ""))
		}
		*to = n
	}
	s.typ = func(args []types.TypeAndValue) (*types.Signature, error) {
		params := types.NewTuple(types.NewVar(0, nil, "", types.NewSignatureType(nil, nil, nil, nil, nil, false)))
		return types.NewSignatureType(nil, nil, nil, params, nil, false), nil
	}
	s.call = func(r *run, args []any) (any, error) {
		f, ok := args[0].(func())
		if !ok {
			return nil, fmt.Errorf("cannot time a %T", args[0])
		}
		return nil, r.timeLoops(f, loops, repeats, flags.has("quiet"))
	}
	x.src.Add(s.name + "(func() { ")
	if e, err := parser.ParseExpr(strings.TrimRight(body.String(), "; \t\r\n")); err == nil {
		if _, isCall := e.(*ast.CallExpr); !isCall {
			x.src.Add("_ = ")
		}
	}
	x.src.Add(body.String())
	x.src.Add("\n})")
	return nil
}

// statements says what is wrong with the syntax of statements that will stand in a
// function; in the cell they end at offset to.
func (r *run) statements(text string, to int) *session.Diagnostic {
	fset := token.NewFileSet()
	_, err := parser.ParseFile(fset, r.file(), "package p\nfunc _() {"+text+"\n}", parser.SkipObjectResolution)
	errs := cell.Parsed(err)
	if len(errs) == 0 {
		return nil
	}
	e := errs[0]
	end := 1 + strings.Count(r.cell.Code[:to], "\n")
	if what, _, ok := strings.Cut(e.Msg, "found "); ok && e.Pos.Line > end {
		e.Msg = what + "found the end of the statement"
	}
	if e.Pos.Line > end {
		e.Pos.Line, e.Pos.Column = end, to-strings.LastIndexByte(r.cell.Code[:to], '\n')
	}
	return r.syntaxError([]*cell.Error{e})
}

// timeLoops runs f in the manner of Python's timeit: loops calls a repeat, the
// mean of each repeat is a sample.
func (r *run) timeLoops(f func(), loops, repeats int, quiet bool) error {
	measure := func(n int) time.Duration {
		start := time.Now()
		for k := range n {
			if k%64 == 0 && r.ctx.Err() != nil {
				break
			}
			f()
		}
		return time.Since(start)
	}
	if loops == 0 {
		for loops = 1; ; {
			d := measure(loops)
			if d >= 50*time.Millisecond || r.ctx.Err() != nil {
				if scale := float64(100*time.Millisecond) / float64(d); scale > 1 {
					loops = int(float64(loops) * scale)
				}
				break
			}
			loops = nextLoops(loops, d)
		}
	}
	samples := make([]time.Duration, 0, repeats)
	perCall := make([]float64, 0, repeats)
	for range repeats {
		if r.ctx.Err() != nil {
			return &session.Diagnostic{Name: session.Interrupted, Message: "the timing was interrupted"}
		}
		d := measure(loops)
		samples = append(samples, d)
		perCall = append(perCall, float64(d)/float64(loops))
	}
	mean, sd := meanSD(perCall)
	line := fmt.Sprintf("%s ± %s per loop (mean ± s.d. of %d runs, %d loops each)", nanos(mean), nanos(sd), repeats, loops)
	r.print(line + "\n")
	if !quiet && repeats > 1 {
		data, meta := r.interp.picture(plots.Histogram(samples, plots.Calls(loops), r.interp.columns()))
		r.emit(session.Event{Kind: session.Display, Data: data, Metadata: meta})
	}
	return nil
}

// nextLoops grows 1, 2, 5, 10, … and skips what is sure to be too few.
func nextLoops(loops int, d time.Duration) int {
	if d > 0 && d < 5*time.Millisecond {
		return loops * 10
	}
	return loops * 2
}

func meanSD(xs []float64) (mean, sd float64) {
	for _, x := range xs {
		mean += x
	}
	mean /= float64(len(xs))
	for _, x := range xs {
		sd += (x - mean) * (x - mean)
	}
	if len(xs) > 1 {
		sd = math.Sqrt(sd / float64(len(xs)-1))
	}
	return mean, sd
}

// nanos writes a number of nanoseconds with three figures and a unit.
func nanos(ns float64) string {
	for _, u := range []struct {
		name string
		size float64
	}{{"s", 1e9}, {"ms", 1e6}, {"µs", 1e3}} {
		if ns >= u.size {
			return strconv.FormatFloat(ns/u.size, 'g', 3, 64) + " " + u.name
		}
	}
	return strconv.FormatFloat(ns, 'g', 3, 64) + " ns"
}
