package interp

import (
	"encoding/base64"
	"errors"
	"fmt"
	"go/types"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/adabc437/fanout/interp/check"
	"github.com/adabc437/fanout/interp/session"
	"github.com/adabc437/fanout/parallel"
	"github.com/adabc437/fanout/plots"
)

// keepRun keeps the account of the latest map, for %timeline.
func (i *Interp) keepRun(run *parallel.Run) {
	i.runMu.Lock()
	defer i.runMu.Unlock()
	i.latestRun = run
}

// ofRun makes a magic whose one Go argument, if there is one, is a run or a handle; without
// it the magic is about the latest map. result is the type of its value; nil is none.
func ofRun(m *Magic, result func(i *Interp) (types.Type, error), do func(r *run, f flagSet, run *parallel.Run) (any, error)) *Magic {
	m.Expand = func(x *expansion) error {
		flags, skip, err := m.parseFlags(x.piece.Args)
		if err != nil {
			return err
		}
		args, err := x.argsAt(skip, -1)
		if err == nil && len(args) > 1 {
			err = fmt.Errorf("found %d", len(args))
		}
		if err != nil {
			return fmt.Errorf("%%%s takes one run or handle, or nothing: %w", m.Name, err)
		}
		s := x.newSite("__magic_")
		s.typ = func(args []types.TypeAndValue) (*types.Signature, error) {
			var params, results []*types.Var
			for _, a := range args {
				if !isRun(a.Type) && resultType(a.Type) == nil && !types.IsInterface(a.Type) {
					return nil, &check.ArgError{Err: fmt.Errorf("%%%s takes a parallel.Run or the handle of a map in the background, but this is %s", m.Name, article(typeString(types.Default(a.Type))))}
				}
				params = append(params, types.NewVar(0, nil, "", types.Default(a.Type)))
			}
			if result != nil {
				t, err := result(x.run.interp)
				if err != nil {
					return nil, err
				}
				results = append(results, types.NewVar(0, nil, "", t))
			}
			return types.NewSignatureType(nil, nil, nil, types.NewTuple(params...), types.NewTuple(results...), false), nil
		}
		s.call = func(r *run, args []any) (any, error) {
			run, err := r.runOf(m.Name, args)
			if err != nil {
				return nil, err
			}
			return do(r, flags, run)
		}
		x.expression(s, args)
		return nil
	}
	return m
}

// isRun says of a type that it is parallel.Run or a pointer to it.
func isRun(t types.Type) bool {
	t = types.Unalias(t)
	if p, ok := t.(*types.Pointer); ok {
		t = types.Unalias(p.Elem())
	}
	n, ok := t.(*types.Named)
	return ok && n.Obj().Pkg() != nil && n.Obj().Pkg().Path() == parallelPath && n.Obj().Name() == "Run"
}

// runOf is the account that a magic is about.
func (r *run) runOf(magic string, args []any) (*parallel.Run, error) {
	if len(args) == 0 {
		r.interp.runMu.Lock()
		defer r.interp.runMu.Unlock()
		if r.interp.latestRun == nil {
			return nil, errors.New("there has been no map in this session yet; %pmap f xs is one")
		}
		return r.interp.latestRun, nil
	}
	switch v := args[0].(type) {
	case *parallel.Run:
		if v != nil {
			return v, nil
		}
	case parallel.Run:
		return &v, nil
	}
	f, ok := isFuture(args[0])
	if !ok {
		return nil, fmt.Errorf("%%%s takes a parallel.Run or the handle of a map in the background, and not nil", magic)
	}
	if state(f) == "running" {
		return nil, fmt.Errorf("%s still runs; %%pwait waits for it", f.Label())
	}
	run := f.Run()
	return &run, nil
}

// pictureForms are the forms of a picture, by flag.
var pictureForms = []string{"svg", "png", "text", "html"}

func timelineMagic() *Magic {
	m := &Magic{
		Name: "timeline", Args: "[flags] [run]", Short: "Draw where the time of a map went: of the latest, of a handle, or of a parallel.Run; or write it to a file.",
		Flags: []Flag{
			{"", "--svg", "", "show it as SVG"},
			{"", "--png", "", "show it as PNG"},
			{"", "--text", "", "show it in characters"},
			{"", "--html", "", "show it as HTML, for light and dark pages"},
			{"-o", "--out", "FILE", "write the picture to FILE: its ending says how, .svg .png .txt or .html"},
			{"", "--trace", "FILE", "write the tasks in Chrome's trace format, for ui.perfetto.dev"},
			{"", "--csv", "FILE", "write the records as CSV"},
			{"", "--json", "FILE", "write the run and its records as JSON"},
		},
		Example: "%timeline -o run.svg\n%timeline --trace run.json h",
	}
	return ofRun(m, nil, func(r *run, flags flagSet, run *parallel.Run) (any, error) { return nil, r.timeline(flags, run) })
}

func (r *run) timeline(flags flagSet, run *parallel.Run) error {
	var forms []string
	for _, f := range pictureForms {
		if flags.has(f) {
			forms = append(forms, f)
		}
	}
	if len(forms) > 1 {
		return fmt.Errorf("one form at a time: --%s or --%s", forms[0], forms[1])
	}
	exports := []struct {
		flag, hint string
		write      func(io.Writer) error
	}{
		{"trace", "open it in ui.perfetto.dev or chrome://tracing", run.WriteTrace},
		{"csv", "a line for each record", run.WriteCSV},
		{"json", "parallel.ReadRun reads it", run.WriteJSON},
	}
	figure := plots.Timeline(run, r.interp.columns())
	wrote := false
	if flags.has("out") {
		data, err := pictureFile(figure, flags["out"], forms)
		if err != nil {
			return err
		}
		if err := os.WriteFile(flags["out"], data, 0o600); err != nil {
			return err
		}
		wrote = true
		r.print(fmt.Sprintf("wrote %s\n", flags["out"]))
	}
	for _, e := range exports {
		if !flags.has(e.flag) {
			continue
		}
		if err := writeFile(flags[e.flag], e.write); err != nil {
			return err
		}
		wrote = true
		r.print(fmt.Sprintf("wrote %s: %s\n", flags[e.flag], e.hint))
	}
	if wrote {
		return nil
	}
	form := ""
	if len(forms) > 0 {
		form = forms[0]
	}
	data, meta := r.interp.picture(figure)
	if form != "" {
		data, meta = pictureBundle(figure, form), map[string]any{}
	}
	if form == "png" {
		meta["image/png"] = pngSize(figure)
	}
	r.emit(session.Event{Kind: session.Display, Data: data, Metadata: meta})
	return nil
}

// pictureBundle shows a figure in one form only, or as figures are shown.
func pictureBundle(f *plots.Figure, form string) map[string]any {
	switch form {
	case "svg":
		return map[string]any{"image/svg+xml": f.SVG(), "text/plain": f.Text()}
	case "png":
		return map[string]any{"image/png": base64.StdEncoding.EncodeToString(f.PNG()), "text/plain": f.Text()}
	case "text":
		return map[string]any{"text/plain": f.Text()}
	case "html":
		return map[string]any{"text/html": f.HTML(), "text/plain": f.Text()}
	}
	return figureBundle(f)
}

// pictureFile is a figure as the bytes of a file of that name.
func pictureFile(f *plots.Figure, name string, forms []string) ([]byte, error) {
	form := strings.TrimPrefix(strings.ToLower(filepath.Ext(name)), ".")
	if form == "txt" {
		form = "text"
	}
	if form == "htm" {
		form = "html"
	}
	if len(forms) > 0 {
		form = forms[0]
	}
	if !slices.Contains(pictureForms, form) {
		return nil, fmt.Errorf("-o takes a file whose name ends in .svg, .png, .txt or .html, not %q; or say --svg, --png, --text or --html", name)
	}
	switch form {
	case "png":
		return f.PNG(), nil
	case "text":
		return []byte(f.Text() + "\n"), nil
	case "html":
		return []byte(pageHead + f.HTML() + "\n"), nil
	}
	return []byte(f.SVG()), nil
}

// pageHead begins a page of its own, which is light or dark as the reader's browser is.
const pageHead = `<!doctype html>
<meta charset="utf-8">
<meta name="color-scheme" content="light dark">
<style>@media (prefers-color-scheme: dark) { .fanout-on-light { display: none } .fanout-on-dark { display: inline !important } }</style>
`

// writeFile writes a file that only the user can read.
func writeFile(name string, write func(io.Writer) error) (err error) {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return write(f)
}

func recordsMagic() *Magic {
	m := &Magic{
		Name: "records", Args: "[run]", Short: "The records of a map, []parallel.Record: of the latest, of a handle, or of a parallel.Run.",
		Example: "recs := %records\nrecs[0].Worker, recs[0].Busy()",
	}
	slice := func(i *Interp) (types.Type, error) {
		t, err := i.parallelType("Record")
		return types.NewSlice(t), err
	}
	return ofRun(m, slice, func(_ *run, _ flagSet, run *parallel.Run) (any, error) { return run.Records, nil })
}

func lastrunMagic() *Magic {
	m := &Magic{
		Name: "lastrun", Args: "[handle]", Short: "The account of a map, a *parallel.Run: of the latest, or of a handle.",
		Example: "run := %lastrun\nrun.Wall, run.Speedup()",
	}
	pointer := func(i *Interp) (types.Type, error) {
		t, err := i.parallelType("Run")
		return types.NewPointer(t), err
	}
	return ofRun(m, pointer, func(_ *run, _ flagSet, run *parallel.Run) (any, error) { return run, nil })
}
