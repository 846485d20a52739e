package interp

import (
	"context"
	"errors"
	"fmt"
	"go/types"
	"reflect"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/adabc437/fanout/interp/check"
	"github.com/adabc437/fanout/interp/pause"
	"github.com/adabc437/fanout/interp/rich"
	"github.com/adabc437/fanout/interp/session"
	"github.com/adabc437/fanout/parallel"
)

// await waits for futures, with a progress line for the first that runs. It returns false
// when the time is over before that.
func (r *run) await(list []future, limit time.Duration, quiet bool) (bool, error) {
	ctx := r.ctx
	if limit > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, limit)
		defer cancel()
	}
	ticker := pause.NewTicker(progressEvery)
	defer ticker.Stop()
	p := &progress{run: r, opt: mapOpt{quiet: quiet}, id: uuid.NewString()}
	for _, f := range list {
		for running := true; running; {
			select {
			case <-f.Done():
				running = false
			case <-ticker.C:
				p.report(f.Progress())
			case <-ctx.Done():
				if r.ctx.Err() != nil {
					r.emit(session.Event{Kind: session.Stream, Name: "stderr", Text: f.Label() + " goes on in the background; %pcancel ends it\n"})
					return false, &session.Diagnostic{Name: session.Interrupted, Message: "interrupted while it waited"}
				}
				return false, nil
			}
		}
	}
	if p.shown {
		p.show(map[string]any{"text/plain": "", "text/html": ""}, map[string]any{})
	}
	return true, nil
}

// futures are the handles among the arguments of a magic.
func futures(magic string, args []any) ([]future, error) {
	var list []future
	for n, a := range args {
		f, ok := isFuture(a)
		if !ok {
			return nil, fmt.Errorf("argument %d of %s is no handle: %%pmap -a gives one", n+1, magic)
		}
		list = append(list, f)
	}
	return list, nil
}

// handlesType is the type of a magic that takes handles, and gives nothing.
func handlesType(magic string) func(args []types.TypeAndValue) (*types.Signature, error) {
	return func(args []types.TypeAndValue) (*types.Signature, error) {
		var params []*types.Var
		for n, a := range args {
			if resultType(a.Type) == nil && !types.IsInterface(a.Type) {
				return nil, &check.ArgError{Arg: n, Err: fmt.Errorf("%s takes handles, as %%pmap -a gives them, but this is %s", magic, article(typeString(types.Default(a.Type))))}
			}
			params = append(params, types.NewVar(0, nil, "", types.Default(a.Type)))
		}
		return types.NewSignatureType(nil, nil, nil, types.NewTuple(params...), nil, false), nil
	}
}

// handleMagic makes a magic that takes handles.
func handleMagic(m *Magic, do func(r *run, f flagSet, list []future) error) *Magic {
	m.Expand = func(x *expansion) error {
		flags, skip, err := m.parseFlags(x.piece.Args)
		if err != nil {
			return err
		}
		args, err := x.argsAt(skip, -1)
		if err != nil {
			return fmt.Errorf("%%%s takes handles: %w", m.Name, err)
		}
		s := x.newSite("__magic_")
		s.typ = handlesType("%" + m.Name)
		s.call = func(r *run, args []any) (any, error) {
			list, err := futures("%"+m.Name, args)
			if err != nil {
				return nil, err
			}
			return nil, do(r, flags, list)
		}
		x.expression(s, args)
		return nil
	}
	return m
}

func pwaitMagic() *Magic {
	return handleMagic(&Magic{
		Name: "pwait", Args: "[flags] [handle…]", Short: "Wait for maps in the background: for all, or those of the handles.",
		Flags: []Flag{
			{"", "--timeout", "TIME", "wait that long at most, 5s say, and say what still runs"},
			flagQuiet,
		},
		Example: "h := %pmap -a f xs\n%pwait h",
	}, func(r *run, flags flagSet, list []future) error {
		limit, err := flags.duration("timeout")
		if err != nil {
			return err
		}
		if len(list) == 0 {
			list = r.interp.running()
		}
		if over, err := r.await(list, limit, flags.has("quiet")); over || err != nil {
			return err
		}
		left := 0
		for _, f := range list {
			if state(f) == "running" {
				left++
			}
		}
		r.print(fmt.Sprintf("%d of %d still running after %s\n", left, len(list), limit))
		return nil
	})
}

// cancelPatience is how long %pcancel waits for a map to end.
const cancelPatience = 3 * time.Second

func pcancelMagic() *Magic {
	return handleMagic(&Magic{
		Name: "pcancel", Args: "[--all] [handle…]", Short: "End maps in the background; what they have done is kept: see Partial of the handle.",
		Flags:   []Flag{{"", "--all", "", "end all that run"}},
		Example: "h := %pmap -a f xs\n%pcancel h",
	}, func(r *run, flags flagSet, list []future) error {
		running := r.interp.running()
		switch {
		case flags.has("all"):
			list = append(list, running...)
		case len(list) == 0 && len(running) == 1:
			list = running
		case len(list) == 0 && len(running) > 1:
			return fmt.Errorf("%d maps run: say which with its handle, or --all; %%pstatus lists them", len(running))
		}
		if len(list) == 0 {
			r.print("nothing runs in the background\n")
		}
		for _, f := range list {
			was := state(f)
			f.Cancel()
			select {
			case <-f.Done():
			case <-r.ctx.Done():
				return nil
			case <-time.After(cancelPatience):
				r.print(fmt.Sprintf("%s: cancelled, and has not ended yet: its inputs come from code that does not end\n", f.Label()))
				continue
			}
			if was != "running" {
				r.print(fmt.Sprintf("%s: %s already\n", f.Label(), was))
				continue
			}
			run := f.Run()
			r.print(fmt.Sprintf("%s: cancelled with %d of %d tasks done\n", f.Label(), run.Measure().Done, run.Tasks))
		}
		return nil
	})
}

func pstatusMagic() *Magic {
	return handleMagic(&Magic{
		Name: "pstatus", Args: "[handle…]", Short: "How maps in the background stand: all of this session, or those of the handles.",
		Example: "h := %pmap -a f xs\n%pstatus",
	}, func(r *run, _ flagSet, list []future) error {
		if len(list) > 0 {
			for _, f := range list {
				r.showFuture(f, uuid.NewString())
			}
			return nil
		}
		jobs := r.interp.allJobs()
		if len(jobs) == 0 {
			r.print("no maps in the background yet; %pmap -a starts one\n")
			return nil
		}
		var rows [][]string
		for _, j := range jobs {
			now := j.handle.Progress()
			took := now.Elapsed
			if took == 0 {
				took = time.Since(j.start)
			}
			rows = append(rows, []string{strconv.Itoa(j.number), clip(j.handle.Label(), 40), state(j.handle), fmt.Sprintf("%d of %d", now.Done, now.Total), strconv.Itoa(now.Failed), fmt.Sprint(roundTime(took))})
		}
		r.emit(session.Event{Kind: session.Display, Data: rich.Table("", []string{"map", "state", "done", "failed", "time"}, rows, 100), Metadata: map[string]any{}})
		return nil
	})
}

func presultMagic() *Magic {
	m := &Magic{
		Name: "presult", Args: "[flags] [handle]", Short: "Wait for a map in the background and give its result: of the handle, or of the latest.",
		Flags: []Flag{
			{"", "--timeout", "TIME", "wait that long at most, 5s say; the cell fails if the map still runs then, and the map goes on"},
			flagOut, flagQuiet,
		},
		Example: "h := %pmap -a f xs\nys := %presult h",
	}
	m.Expand = func(x *expansion) error {
		opt, skip, err := x.mapOptions(m)
		if err != nil {
			return err
		}
		args, err := x.argsAt(skip, -1)
		if err != nil || len(args) > 1 {
			return fmt.Errorf("%%presult takes one handle: %w", errors.Join(err, fmt.Errorf("found %d", len(args))))
		}
		s := x.newSite("__magic_")
		var want types.Type
		s.typ = func(args []types.TypeAndValue) (*types.Signature, error) {
			result := types.Universe.Lookup("any").Type()
			sig, err := handlesType("%presult")(args)
			if err != nil {
				return nil, err
			}
			if len(args) == 1 {
				if t := resultType(args[0].Type); t != nil {
					result = t
				}
			}
			want = result
			return types.NewSignatureType(nil, nil, nil, sig.Params(), types.NewTuple(types.NewVar(0, nil, "", result)), false), nil
		}
		s.call = func(r *run, args []any) (any, error) {
			out, err := r.presult(args, opt)
			if err == nil && out != nil && want != nil && !mayBe(reflect.TypeOf(out), want) {
				return nil, fmt.Errorf("the handle was declared for a map that gives %s, and now holds one that gives %s: declare it anew, h := %%pmap -a …", typeString(want), reflect.TypeOf(out))
			}
			return out, err
		}
		x.mapExpression(s, args, opt)
		return nil
	}
	return m
}

// mayBe says whether a value of one type can be of the other, as far as types without
// names tell.
func mayBe(got reflect.Type, want types.Type) bool {
	switch t := types.Unalias(want).(type) {
	case *types.Basic:
		return got.PkgPath() != "" || got.Name() == t.Name() || t.Name() == "byte" || t.Name() == "rune"
	case *types.Slice:
		return got.Kind() == reflect.Slice && mayBe(got.Elem(), t.Elem())
	}
	return true
}

func (r *run) presult(args []any, opt mapOpt) (any, error) {
	list, err := futures("%presult", args)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		jobs := r.interp.allJobs()
		if len(jobs) == 0 {
			return nil, errors.New("there is no map in the background yet; %pmap -a starts one")
		}
		list = []future{jobs[len(jobs)-1].handle}
	}
	if over, err := r.await(list, opt.timeout, opt.quiet); err != nil {
		return nil, err
	} else if !over {
		now := list[0].Progress()
		return nil, fmt.Errorf("%s still runs after %s, with %d of %d tasks done; it goes on", list[0].Label(), opt.timeout, now.Done, now.Total)
	}
	record := list[0].Run()
	r.interp.keepRun(&record)
	if !opt.quiet && record.Tasks > 1 {
		p := &progress{run: r, id: uuid.NewString()}
		p.finish(&record)
	}
	out := reflect.ValueOf(list[0]).MethodByName("Get").Call(nil)
	err, _ = out[1].Interface().(error)
	var read *parallel.ReadError
	if errors.Is(err, context.Canceled) && r.ctx.Err() == nil && !errors.As(err, &read) {
		return nil, &session.Diagnostic{
			Name: session.TaskError, Message: fmt.Sprintf("%s was cancelled with %d of %d tasks done", list[0].Label(), record.Measure().Done, record.Tasks),
			Hint: "what is done is in the first result of the handle's Partial()",
		}
	}
	opt.collect = true // its faults are shown, if there are any
	return r.mapResult(&record, out[0], err, opt)
}
