package interp

import (
	"errors"
	"fmt"
	"go/types"
	"iter"
	"reflect"
	"sync/atomic"

	"github.com/google/uuid"

	"github.com/adabc437/fanout/interp/session"
	"github.com/adabc437/fanout/parallel"
)

func pimapMagic() *Magic {
	onError := flagOnError
	onError.Help = "stop (as without it), collect (leave failed results out, list the failures), or a value in the place of a failed result"
	m := &Magic{
		Name: "pimap", Args: "[flags] f xs", Short: "An iterator over f's results, each as soon as it is there; alone, it shows them as they come.",
		Flags: []Flag{
			flagWorkers, flagChunk, flagUnorder, flagWindow, flagOut, flagQuiet, flagRetries, flagBackoff, flagTimeout, flagLimit, onError, flagSeed, flagLabel,
		},
		Example: "for y := range (%pimap f xs) { fmt.Println(y) }   // xs may be without end: it takes no more ahead than --window says\n%pimap -u f xs",
	}
	m.Expand = func(x *expansion) error {
		opt, skip, err := x.mapOptions(m)
		if err != nil {
			return err
		}
		args, err := x.argsAt(skip, 2)
		if err != nil {
			return fmt.Errorf("%%pimap takes a function and its inputs: %w", err)
		}
		opt.name(m, x.run.cell.Code[args[0][0]:args[1][1]])
		s := x.newSite("__magic_")
		s.typ = pimapType
		s.call = func(r *run, args []any) (any, error) { return r.pimap(args, opt) }
		if x.piece.Statement && opt.out == "" {
			s.typ = func(args []types.TypeAndValue) (*types.Signature, error) {
				sig, err := pimapType(args)
				if err != nil {
					return nil, err
				}
				return types.NewSignatureType(nil, nil, nil, sig.Params(), nil, false), nil
			}
			s.call = func(r *run, args []any) (any, error) { return nil, r.pimapShown(args, opt) }
		}
		s.typ = opt.seedFits(s.typ)
		x.mapExpression(s, args, opt)
		return nil
	}
	return m
}

// A stream is the iterator of a %pimap, and where its account will be.
type stream struct {
	seq    iter.Seq2[reflect.Value, error]
	record *parallel.Run
	live   *liveMap
}

func (r *run) imap(args []any, opt mapOpt) (*stream, error) {
	f, lists, err := inputs(args)
	if err != nil {
		return nil, err
	}
	s := &stream{record: &parallel.Run{}}
	ctx, live := r.interp.newMap(r.ctx, r.cell.Number, parallel.Progress{Label: opt.label, Workers: r.workersOf(opt), Total: lengthOf(lists)})
	s.live = live
	opts := append(opt.parallel(), parallel.WithRun(s.record), parallel.WithLabel(opt.label), parallel.WithWorkers(r.workersOf(opt)), parallel.WithProgress(progressEvery, live.note))
	s.seq, err = parallel.ImapValue(ctx, f, lists[0], !opt.unordered, opts...)
	return s, err
}

// each calls yield on the results, until it returns false; an error of a task ends the
// cell, unless it is to be listed.
func (r *run) each(s *stream, opt mapOpt, yield func(reflect.Value) bool) (failure error) {
	defer s.live.cancel(nil)
	s.live.begin()
	defer func() { s.live.end(failure) }()
	var failed error
	for y, err := range s.seq {
		if err != nil {
			var task *parallel.TaskError
			if opt.collect && errors.As(err, &task) {
				continue
			}
			failed = err
			break
		}
		if !yield(y) {
			break
		}
	}
	r.interp.keepRun(s.record)
	if len(s.record.Records) > 0 {
		p := &progress{run: r, opt: opt, id: uuid.NewString()}
		p.finish(s.record)
	}
	_, err := r.mapResult(s.record, reflect.Value{}, failed, opt)
	return err
}

// ranging is the run that ranges over an iterator of r: r itself, or the latest once the
// cell of r has ended. A run of a job has no cell of its own to end.
func (r *run) ranging() *run {
	if r.ctx.Err() == nil || r.cancel == nil {
		return r
	}
	return r.interp.current()
}

// pimap gives the iterator to the cell, and to those after it.
func (r *run) pimap(args []any, opt mapOpt) (any, error) {
	first, err := r.imap(args, opt)
	if err != nil {
		return nil, r.taskError(err)
	}
	f := reflect.TypeOf(args[0])
	yield := reflect.FuncOf([]reflect.Type{f.Out(0)}, []reflect.Type{reflect.TypeFor[bool]()}, false)
	iterator := reflect.FuncOf([]reflect.Type{yield}, nil, false)
	var fresh atomic.Pointer[stream] // what has been ranged over does not begin again
	fresh.Store(first)
	return reflect.MakeFunc(iterator, func(in []reflect.Value) []reflect.Value {
		var err error
		now, s := r.ranging(), fresh.Swap(nil)
		if now != r || s == nil {
			s, err = now.imap(args, opt)
		}
		if err == nil {
			err = now.each(s, opt, func(y reflect.Value) bool { return in[0].Call([]reflect.Value{y})[0].Bool() })
		}
		if err != nil {
			panic(asDiagnostic(err))
		}
		return nil
	}).Interface(), nil
}

// pimapShown shows the results as they come.
func (r *run) pimapShown(args []any, opt mapOpt) error {
	s, err := r.imap(args, opt)
	if err != nil {
		return r.taskError(err)
	}
	return r.each(s, opt, func(y reflect.Value) bool {
		data, _ := r.interp.bundleOf(y.Interface(), nil)
		r.print(fmt.Sprintln(data["text/plain"]))
		return true
	})
}

// asDiagnostic is an error of a magic as one of its cell.
func asDiagnostic(err error) *session.Diagnostic {
	var d *session.Diagnostic
	if !errors.As(err, &d) {
		d = &session.Diagnostic{Name: session.MagicError, Message: err.Error()}
	}
	return d
}
