package nbformat

import (
	"encoding/json"
	"math"
	"reflect"
	"strconv"
	"sync"
	"testing"

	"github.com/adabc437/fanout/interp/session"
)

func text(s string) map[string]any { return map[string]any{"text/plain": s} }

// summary gives outputs in a form that is short to compare.
func summary(c *Cell) []string {
	out := []string{}
	for _, o := range c.Outputs {
		switch o.Type {
		case Stream:
			out = append(out, o.Name+":"+o.Text)
		case Error:
			out = append(out, "error:"+o.EName+":"+o.EValue)
		case ExecuteResult:
			out = append(out, "result "+strconv.Itoa(*o.ExecutionCount)+":"+o.Data["text/plain"].(string))
		default:
			out = append(out, "display:"+o.Data["text/plain"].(string))
		}
	}
	return out
}

func stdout(s string) session.Event {
	return session.Event{Kind: session.Stream, Name: "stdout", Text: s}
}

func stderr(s string) session.Event {
	return session.Event{Kind: session.Stream, Name: "stderr", Text: s}
}

func show(id, s string) session.Event {
	return session.Event{Kind: session.Display, DisplayID: id, Data: text(s)}
}

func update(id, s string) session.Event {
	return session.Event{Kind: session.Update, DisplayID: id, Data: text(s)}
}

func TestRecorder(t *testing.T) {
	for name, c := range map[string]struct {
		events []session.Event
		want   []string
	}{
		"streams merge by name": {
			[]session.Event{stdout("a"), stderr("x"), stdout("b"), stderr("y")},
			[]string{"stdout:ab", "stderr:xy"},
		},
		"a display parts streams": {
			[]session.Event{stdout("a"), show("", "d"), stdout("b")},
			[]string{"stdout:a", "display:d", "stdout:b"},
		},
		"updates change what is shown, in its place": {
			[]session.Event{show("1", "0%"), stdout("a"), update("1", "100%"), update("none", "?")},
			[]string{"display:100%", "stdout:a"},
		},
		"a display of the same id changes the earlier one": {
			[]session.Event{show("1", "a"), show("1", "b")},
			[]string{"display:b", "display:b"},
		},
		"clear": {
			[]session.Event{stdout("a"), show("1", "d"), {Kind: session.Clear}, update("1", "e"), stdout("b")},
			[]string{"stdout:b"},
		},
		"clear that waits": {
			[]session.Event{stdout("a"), {Kind: session.Clear, Wait: true}, stdout("b"), stdout("c")},
			[]string{"stdout:bc"},
		},
		"clear that waits in vain": {
			[]session.Event{stdout("a"), {Kind: session.Clear, Wait: true}},
			[]string{"stdout:a"},
		},
		"result and comm": {
			[]session.Event{{Kind: session.CommOpen}, {Kind: session.Result, Data: text("4")}},
			[]string{"result 7:4"},
		},
		"what cannot be stored": {
			[]session.Event{{Kind: session.Display, Data: map[string]any{"application/json": math.NaN()}}},
			[]string{"stderr:this output cannot be stored: application/json: json: unsupported value: NaN\n"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			var r Recorder
			cell := &Cell{Type: Code}
			for _, e := range c.events {
				r.Emit(cell, 7, e)
			}
			if got := summary(cell); !reflect.DeepEqual(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestRecorderKeepsErrorsAndJSON(t *testing.T) {
	var r Recorder
	first, second := &Cell{Type: Code}, &Cell{Type: Code}
	r.Emit(first, 1, session.Event{Kind: session.Display, DisplayID: "d", Data: text("a")})
	r.Emit(second, 2, session.Event{
		Kind: session.Update, DisplayID: "d",
		Data:     map[string]any{"application/json": map[string]int{"n": 1}, "text/plain": []string{"a\n", "b"}},
		Metadata: map[string]any{"list": []string{"kept"}},
	})
	r.Error(second, "Panic", "boom", []string{"line"})
	r.Close()
	r.Emit(second, 2, session.Event{Kind: session.Stream, Name: "stdout", Text: "late"})
	r.Error(second, "late", "", nil)
	want := []*Output{{
		Type:     DisplayData,
		Data:     map[string]any{"application/json": map[string]any{"n": json.Number("1")}, "text/plain": "a\nb"},
		Metadata: map[string]any{"list": []any{"kept"}},
	}}
	if !reflect.DeepEqual(first.Outputs, want) {
		t.Errorf("an update from a later cell gives %+v", first.Outputs[0])
	}
	want = []*Output{{Type: Error, EName: "Panic", EValue: "boom", Traceback: []string{"line"}}}
	if !reflect.DeepEqual(second.Outputs, want) {
		t.Errorf("the error is kept as %+v", second.Outputs)
	}
}

func TestRecorderFromManyGoroutines(t *testing.T) {
	var r Recorder
	cell := &Cell{Type: Code}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 500 {
				r.Emit(cell, 1, session.Event{Kind: session.Stream, Name: "stdout", Text: "x"})
			}
		})
	}
	wg.Wait()
	if n := len(cell.Outputs[0].Text); n != 2000 {
		t.Errorf("%d bytes kept, want 2000", n)
	}
}
