package interp

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/adabc437/fanout/interp/cell"
)

// The workers of a map under the race detector: at least so many, so that there is
// something to see on one core.
const raceWorkers = 4

// raceLimit is how long a program under the race detector may run, if the user does not
// say otherwise.
const raceLimit = time.Minute

func raceMagic() *Magic {
	m := &Magic{
		Name: "race", Args: "[flags] f xs", Short: "Look for data races: run the map as a program with Go's race detector, and show the lines of cells that race.",
		Flags: []Flag{
			{"-w", "--workers", "N", "use N workers for %race f xs; without it, the session's, and 4 at least"},
			{"-c", "--chunk", "N", "hand out N tasks at a time; without it, each worker gets one share of them"},
			{"", "--limit", "TIME", "end the program after that long, 10s say (1m)"},
		},
		Example: "%race f xs               // as %pmap f xs, but with the race detector\n" +
			"%%race                   // on the first line: the whole cell, its go statements and %pmaps\n" +
			"// The program has the declarations that it needs of earlier cells, and a copy of the variables: " +
			"what it does to them the session does not see. It needs the Go toolchain, cgo and a C compiler.",
	}
	m.Expand = func(x *expansion) error {
		flags, skip, err := m.parseFlags(x.piece.Args)
		if err != nil {
			return err
		}
		opt, err := raceOptions(flags)
		if err != nil {
			return err
		}
		if !x.piece.Statement {
			return errors.New("%race stands for itself: it gives no value")
		}
		args, err := x.argsAt(skip, 2)
		if err != nil {
			return fmt.Errorf("%%race takes a function and its inputs: %w", err)
		}
		piece := x.piece
		x.call(func(r *run) error { return r.raceMap(piece, args, opt) })
		return nil
	}
	m.Cell = func(r *run, p cell.Piece) error {
		flags, skip, err := m.parseFlags(p.Args)
		if err != nil {
			return err
		}
		if rest := strings.TrimSpace(p.Args[skip:]); rest != "" {
			return fmt.Errorf("%%%%race takes its statements from the lines below, not %q", rest)
		}
		opt, err := raceOptions(flags)
		if err != nil {
			return err
		}
		if flags.has("workers") || flags.has("chunk") {
			return errors.New("--workers and --chunk are for %race f xs; in a cell give them to %pmap")
		}
		return r.raceCell(p, opt)
	}
	return m
}

// raceOpt are the flags of %race.
type raceOpt struct {
	mapOpt
	limit time.Duration
}

func raceOptions(f flagSet) (raceOpt, error) {
	m, err := mapOptions(f)
	opt := raceOpt{mapOpt: m, limit: raceLimit}
	if m.limit > 0 {
		opt.limit = m.limit
	}
	opt.mapOpt.limit = 0 // it is for the program, not for the map in it
	return opt, err
}

// raceMap is %race f xs; the places are those of f and xs in the cell.
func (r *run) raceMap(p cell.Piece, args [][2]int, opt raceOpt) error {
	look := r.looking()
	var src cell.Source
	x := &expansion{run: look, piece: p, src: &src}
	calls := map[string]string{}
	x.raceCall(args, opt.mapOpt, calls)
	src.Add(";") // its results are not shown
	return asRace(r.race(look, src.String(), calls, opt))
}

// raceCell is %%race.
func (r *run) raceCell(p cell.Piece, opt raceOpt) error {
	look := r.looking()
	var src cell.Source
	calls := map[string]string{}
	for _, q := range look.piecesOf(p.BodyAt, len(r.cell.Code)) {
		switch {
		case q.Kind == cell.Go:
			src.AddFrom(look.markFile(), r.cell.Code, q.Start, q.End)
		case q.Kind == cell.Magic && q.Name == "pmap" && !helpWanted(q.Args):
			x := &expansion{run: look, piece: q, src: &src}
			if err := x.racePmap(calls); err != nil {
				return r.magicError("pmap", q.Start, err)
			}
		default:
			name := "%" + q.Name
			switch q.Kind {
			case cell.Shell:
				name = "!"
			case cell.Help:
				name = q.Name + "?"
			case cell.CellMagic:
				name = "%%" + q.Name
			}
			return r.magicError("race", q.Start, fmt.Errorf("%s cannot stand in a %%%%race cell, which runs as a program of its own: of the magics only %%pmap can", name))
		}
	}
	return r.race(look, src.String(), calls, opt)
}

// looking is a run that stands for r where the cell is checked once more: its magics are
// its own.
func (r *run) looking() *run {
	return &run{interp: r.interp, cell: r.cell, out: r.out, ctx: r.ctx, cancel: r.cancel, id: r.id}
}

// racePmap puts in a map in the place of %pmap.
func (x *expansion) racePmap(calls map[string]string) error {
	m := x.run.interp.magics["pmap"]
	opt, skip, err := x.mapOptions(m)
	if err != nil {
		return err
	}
	if opt.async {
		return errors.New("-a cannot stand in a %%race cell: its program ends with its statements; write go func() { … }() and wait for it")
	}
	args, err := x.argsAt(skip, 2)
	if err != nil {
		return fmt.Errorf("%%pmap takes a function and its inputs: %w", err)
	}
	x.raceCall(args, opt, calls)
	return nil
}

// raceCall puts in the call of a map, and notes what it stands for in the program.
func (x *expansion) raceCall(args [][2]int, opt mapOpt, calls map[string]string) {
	s := x.newSite("__magic_")
	s.typ = pmapType
	workers := opt.workers
	if workers == 0 {
		workers = max(raceWorkers, x.run.interp.workerCount())
	}
	calls[s.name] = fmt.Sprintf("%s.Map(f, xs, %d, %d, %d%s)", raceRT, workers, opt.chunk, opt.limit, opt.source())
	x.mapExpression(s, args, opt)
}

// source gives the options as arguments in Go, but for those that racert.Map has parameters
// for.
func (opt *mapOpt) source() string {
	var b strings.Builder
	if opt.unordered {
		b.WriteString(", Ɣparallel.WithUnordered()")
	}
	if opt.seeded {
		fmt.Fprintf(&b, ", Ɣparallel.WithSeed(%d)", opt.seed)
	}
	if opt.retry.Attempts > 1 {
		fmt.Fprintf(&b, ", Ɣparallel.WithRetry(Ɣparallel.Retry{Attempts: %d, Backoff: %d})", opt.retry.Attempts, opt.retry.Backoff)
	}
	if opt.timeout > 0 {
		fmt.Fprintf(&b, ", Ɣparallel.WithTaskTimeout(%d)", opt.timeout)
	}
	if opt.collect {
		b.WriteString(", Ɣparallel.WithCollect()")
	}
	if opt.replace {
		replacement := fmt.Sprintf("%#v", opt.replacement)
		switch v := opt.replacement.(type) {
		case nil:
			replacement = "nil"
		case float64:
			replacement = fmt.Sprintf("%s.Float(%#x)", raceRT, math.Float64bits(v))
		}
		fmt.Fprintf(&b, ", Ɣparallel.WithReplacement(%s)", replacement)
	}
	return b.String()
}
