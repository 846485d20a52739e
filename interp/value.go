package interp

import (
	"go/types"
	"strings"

	"github.com/google/uuid"

	"github.com/adabc437/fanout/interp/rich"
	"github.com/adabc437/fanout/interp/session"
)

// withMethods is a value of a type from a cell with those of its methods that
// say how it is shown.
type withMethods struct {
	value   any
	methods rich.Methods
}

// setResult keeps the values of the cell's last expression.
func (r *run) setResult(values []any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.results, r.hasValue = values, true
}

// A bundle is a MIME bundle.
type bundle struct{ data, meta map[string]any }

// showResult emits the value of the last expression, and keeps its bundle. It is
// part of the run, as it may call methods of the user's.
func (r *run) showResult() {
	if r.broken.Load() != nil {
		return
	}
	if f, ok := r.futureResult(); ok && !r.cell.Silent && r.ctx.Err() == nil {
		r.bundle = &bundle{r.showFuture(f, uuid.NewString()), map[string]any{}}
		return
	}
	data, meta, ok := r.resultBundle()
	if !ok || r.ctx.Err() != nil {
		return
	}
	r.bundle = &bundle{data, meta}
	if !r.cell.Silent {
		r.emit(session.Event{Kind: session.Result, Data: data, Metadata: meta})
	}
}

// result is what the cell's last expression gave, and its type; a nil type if it gave
// nothing to show.
func (r *run) result() (values []any, of types.Type, listed bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.hasValue {
		return nil, nil, false
	}
	return r.results, r.resultOf, r.listed
}

// futureResult is the cell's result if that is a handle, which is shown as a display that
// is kept up to date.
func (r *run) futureResult() (future, bool) {
	values, of, _ := r.result()
	if of == nil || len(values) != 1 {
		return nil, false
	}
	return isFuture(values[0])
}

// resultBundle is the MIME bundle of the cell's result. Of several values the text is
// joined; a nil error among them is left out. It calls methods of the user's, which may
// never return, so it holds no lock.
func (r *run) resultBundle() (data, meta map[string]any, ok bool) {
	values, of, listed := r.result()
	if of == nil {
		return nil, nil, false
	}
	tuple, many := of.(*types.Tuple)
	if !many {
		if len(values) != 1 {
			return nil, nil, false
		}
		data, meta = r.interp.bundleOf(values[0], of)
		return data, meta, true
	}
	var texts []string
	shown := 0
	for n, v := range values {
		if n >= tuple.Len() {
			break
		}
		t := tuple.At(n).Type()
		if v == nil && n == tuple.Len()-1 && t.String() == "error" && shown > 0 && !listed {
			continue
		}
		data, meta = r.interp.bundleOf(v, t)
		shown++
		text, _ := data["text/plain"].(string)
		texts = append(texts, text)
	}
	if shown > 1 {
		data, meta = map[string]any{"text/plain": strings.Join(texts, "\n")}, map[string]any{}
	}
	return data, meta, shown > 0
}

// bundleOf is the MIME bundle of one value whose static type is t (nil if it is
// not known).
func (i *Interp) bundleOf(v any, t types.Type) (data, meta map[string]any) {
	var m rich.Methods
	if w, ok := v.(withMethods); ok {
		v, m = w.value, w.methods
	}
	if f, ok := isFuture(v); ok {
		return futureBundle(f, i.lineColumns()), map[string]any{}
	}
	if f := resultFigure(v, i.columns()); f != nil {
		return i.picture(f)
	}
	name := ""
	if t != nil && !(types.IsInterface(t) && !isError(t)) { // the name of an interface says nothing of the value
		name = typeString(types.Default(t))
	}
	known := i.knownType(v, t)
	if name == "" && known != nil {
		name = known.Name()
	}
	return rich.BundleAs(v, name, m, rich.Options{Type: known, Width: i.valueColumns()})
}
