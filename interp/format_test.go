package interp

import (
	"errors"
	"fmt"
	"go/types"
	"strings"
	"testing"

	"github.com/adabc437/fanout/interp/cell"
	"github.com/adabc437/fanout/interp/session"
)

func TestFormatAnswers(t *testing.T) {
	nb := newNotebook(t)
	for _, c := range []struct{ code, want string }{
		{"x:=1", "x := 1\n"},
		{"func f( x int )int{return  x*2}\n%pmap f 3", "func f(x int) int { return x * 2 }\n%pmap f 3\n"},
		{"", "\n"},
	} {
		answer := nb.i.formatAnswer(map[string]any{"code": c.code, "id": 7})
		if answer["code"] != c.want || answer["id"] != 7 || answer["error"] != nil {
			t.Errorf("%q: %v", c.code, answer)
		}
	}
	answer := nb.i.formatAnswer(map[string]any{"code": "x := 1\ny := (2"})
	if text, _ := answer["error"].(string); text == "" || answer["line"] != 2 || answer["column"] != 6 || answer["code"] != nil {
		t.Errorf("%v", answer)
	}
	for _, data := range []map[string]any{nil, {"code": 3}, {"text": "x"}} {
		if text, _ := nb.i.formatAnswer(data)["error"].(string); !strings.Contains(text, `{"code": "…"}`) {
			t.Errorf("%v: %q", data, text)
		}
	}
	_, err := nb.i.Format(strings.Repeat("x", cell.MaxSize+1))
	if d := (*session.Diagnostic)(nil); err == nil || errors.As(err, &d) {
		t.Errorf("too long a cell: %v", err)
	}
}

func TestOldOutputsAreDropped(t *testing.T) {
	var o outputs
	for n := 1; n <= maxOutputs+2; n++ {
		o.keep(&run{cell: session.Cell{Number: n}, bundle: &bundle{}, resultOf: types.Typ[types.Int], results: []any{n}})
	}
	if len(o.shown) != maxOutputs || o.has("_2") || !o.has("_3") || o.dropped != 2 {
		t.Errorf("%d kept, up to %d dropped", len(o.shown), o.dropped)
	}
	o.keep(&run{cell: session.Cell{Number: 3}, bundle: &bundle{}, resultOf: types.Typ[types.Int], results: []any{0}})
	o.keep(&run{cell: session.Cell{Number: 5000}, bundle: &bundle{}, resultOf: types.Typ[types.Int], results: []any{0}})
	if !o.has("_3") || o.has("_4") || len(o.shown) != maxOutputs {
		t.Error("a number that was used again counts as old")
	}
	nb := newNotebook(t)
	nb.i.outs = o
	reply, _ := nb.run("Out[1]")
	if d := reply.Err; d == nil || !strings.Contains(d.Message, fmt.Sprintf("the last %d results are kept", maxOutputs)) {
		t.Errorf("%v", d)
	}
}
