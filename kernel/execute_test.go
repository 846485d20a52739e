package kernel

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/adabc437/fanout/interp/session"
	"github.com/adabc437/fanout/kernel/history"
	"github.com/adabc437/fanout/kernel/wire"
)

// boom is the error of a cell scripted with fails, as JSON.
const boom = `"ename":"Panic","evalue":"boom","traceback":["\u001b[1mPanic\u001b[0m: boom"]`

func input(code string, n int) string {
	return fmt.Sprintf(`iopub execute_input {"code":%s,"execution_count":%d}`, quote(code), n)
}

func ok(n int) string {
	return fmt.Sprintf(`shell execute_reply {"status":"ok","execution_count":%d,"payload":[],"user_expressions":{}}`, n)
}

func failed(n int) string {
	return fmt.Sprintf(`shell execute_reply {"status":"error",%s,"execution_count":%d}`, boom, n)
}

const aborted = `shell execute_reply {"status":"aborted"}`

func TestExecutePublishesEventsInOrder(t *testing.T) {
	h := newHarness(t)
	h.session.emits("x",
		session.Event{Kind: session.Stream, Name: "stdout", Text: "a\n"},
		session.Event{Kind: session.Stream, Name: "stderr", Text: "b"},
		session.Event{Kind: session.Clear, Wait: true},
		session.Event{Kind: session.Display, Data: map[string]any{"text/html": "<b>"}, DisplayID: "d1"},
		session.Event{Kind: session.Update, Data: map[string]any{"text/plain": "2"}, Metadata: map[string]any{"m": 1}, DisplayID: "d1"},
		session.Event{Kind: "unheard of"},
		session.Event{Kind: session.Result, Data: map[string]any{"text/plain": "42"}},
	)
	m := h.execute("x")
	h.expect(m, busy, input("x", 1),
		`iopub stream {"name":"stdout","text":"a\n"}`,
		`iopub stream {"name":"stderr","text":"b"}`,
		`iopub clear_output {"wait":true}`,
		`iopub display_data {"data":{"text/html":"<b>"},"metadata":{},"transient":{"display_id":"d1"}}`,
		`iopub update_display_data {"data":{"text/plain":"2"},"metadata":{"m":1},"transient":{"display_id":"d1"}}`,
		`iopub execute_result {"execution_count":1,"data":{"text/plain":"42"},"metadata":{},"transient":{}}`,
		ok(1), idle)
	for _, s := range h.await(m) {
		wantClass, topic := Reliable, "kernel."+h.k.sender.Session+"."+s.Type()
		if s.Type() == "stream" {
			wantClass, topic = Droppable, "stream.std"
		}
		if s.class != wantClass {
			t.Errorf("%s has class %d, want %d", s.Type(), s.class, wantClass)
		}
		id := string(s.Identities[0])
		if s.channel == wire.IOPub && !strings.HasPrefix(id, topic) || s.channel == wire.Shell && id != "client" {
			t.Errorf("%s goes to %s", s.Type(), id)
		}
	}
	want := session.Cell{ID: "1", Code: "x", Number: 1, StoreHistory: true, HTML: true}
	if got := h.session.cells[0]; fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("cell %+v, want %+v", got, want)
	}
}

func TestExecutionCount(t *testing.T) {
	h := newHarness(t)
	h.session.fails("bad")
	for _, tc := range []struct {
		code, fields string
		input, reply int // input 0: no execute_input
	}{
		{"a", ``, 1, 1},
		{"a", `"store_history":false`, 2, 1},
		{"a", `"silent":true`, 0, 1},
		{"a", `"silent":true,"store_history":true`, 0, 1},
		{" \n", ``, 2, 1},
		{"bad", ``, 2, 2},
		{"a", `"store_history":true`, 3, 3},
	} {
		fields := []string{}
		if tc.fields != "" {
			fields = append(fields, tc.fields)
		}
		want := []string{busy}
		if tc.input > 0 {
			want = append(want, input(tc.code, tc.input))
		}
		if tc.code == "bad" {
			want = append(want, `iopub error {`+boom+`}`, failed(tc.reply), idle)
		} else {
			want = append(want, ok(tc.reply), idle)
		}
		h.expect(h.execute(tc.code, fields...), want...)
	}
	var ids, numbers []string
	for _, c := range h.session.cells {
		ids, numbers = append(ids, c.ID), append(numbers, fmt.Sprint(c.Number, c.StoreHistory, c.Silent))
	}
	// The blank cell never reaches the session.
	if got, want := fmt.Sprint(ids), "[1 2 3 4 6 7]"; got != want {
		t.Errorf("ids %s, want %s", got, want)
	}
	want := "[1 true false 2 false false 2 false true 2 false true 2 true false 3 true false]"
	if got := fmt.Sprint(numbers); got != want {
		t.Errorf("numbers %s, want %s", got, want)
	}
}

func TestSilentCellPublishesNothingButComms(t *testing.T) {
	h := newHarness(t)
	h.session.on("x", func(_ context.Context, _ session.Cell, out session.Output) (session.Reply, error) {
		out.Emit(session.Event{Kind: session.Stream, Name: "stdout", Text: "a"})
		out.Emit(session.Event{Kind: session.Result, Data: map[string]any{"text/plain": "42"}})
		out.Emit(session.Event{Kind: session.CommMsg, Comm: &session.CommMessage{ID: "c"}})
		return session.Reply{Err: &session.Diagnostic{Name: session.Panic, Message: "boom"}}, nil
	})
	h.expect(h.execute("x", `"silent":true`), busy, `iopub comm_msg {"comm_id":"c","data":{}}`, failed(0), idle)
}

func TestErrorAbortsTheCellsBehindItAndNothingElse(t *testing.T) {
	h := newHarness(t)
	_, release := h.session.blocks("wait")
	h.session.fails("bad")
	first := h.execute("wait")
	bad := h.execute("bad")
	second := h.execute("a")
	info := h.send(wire.Shell, "comm_info_request", `{}`)
	third := h.execute("b")
	close(release)
	h.expect(first, busy, input("wait", 1), ok(1), idle)
	h.expect(bad, busy, input("bad", 2), `iopub error {`+boom+`}`, failed(2), idle)
	h.expect(second, busy, aborted, idle)
	h.expect(info, busy, `shell comm_info_reply {"status":"ok","comms":{"c1":{"target_name":"slider"}}}`, idle)
	h.expect(third, busy, aborted, idle)
	h.expect(h.execute("a"), busy, input("a", 3), ok(3), idle)
}

func TestWithoutStopOnErrorTheCellsBehindRun(t *testing.T) {
	h := newHarness(t)
	_, release := h.session.blocks("wait")
	h.session.fails("bad")
	h.execute("wait")
	h.execute("bad", `"stop_on_error":false`)
	next := h.execute("a")
	close(release)
	h.expect(next, busy, input("a", 3), ok(3), idle)
}

func TestCellSentBeforeItsSenderKnewOfTheErrorIsAborted(t *testing.T) {
	h := newHarness(t)
	h.session.fails("bad")
	h.await(h.execute("bad"))
	q := h.k.shells[""]
	for _, tc := range []struct {
		what, msgType string
		failed        time.Duration // from now
		date          string        // in place of now
		want          bool
	}{
		{"sent before the failure", "execute_request", time.Hour, "", true},
		{"of another type", "complete_request", time.Hour, "", false},
		{"without a date", "execute_request", time.Hour, "?", false},
		{"sent after the failure", "execute_request", -time.Millisecond, "", false},
		{"sent before the failure, but long ago", "execute_request", -2 * lateness, "2020-01-02T03:04:05Z", false},
	} {
		m := h.message(tc.msgType, `{"code":"a"}`)
		if tc.date != "" {
			m.Header.Date = tc.date
		}
		q.mu.Lock()
		q.failed = time.Now().Add(tc.failed)
		if got := q.isLate(m); got != tc.want {
			t.Errorf("a request %s: late %v, want %v", tc.what, got, tc.want)
		}
		q.failed = time.Now().Add(time.Hour)
		q.mu.Unlock()
	}
	h.expect(h.execute("a"), busy, aborted, idle)
}

func TestUserExpressionsAndPayloads(t *testing.T) {
	h := newHarness(t)
	h.session.on("x", func(_ context.Context, c session.Cell, _ session.Output) (session.Reply, error) {
		if c.Expressions["good"] != "1+1" {
			t.Errorf("expressions %v", c.Expressions)
		}
		return session.Reply{
			Expressions: map[string]session.Expression{
				"good": {Data: map[string]any{"text/plain": "2"}},
				"bad":  {Err: &session.Diagnostic{Name: session.Panic, Message: "boom"}},
			},
			Payloads: []session.Payload{
				{Source: "page", Data: map[string]any{"text/plain": "help"}},
				{Source: "set_next_input", Text: "y", Replace: true},
			},
		}, nil
	})
	h.expect(h.execute("x", `"user_expressions":{"good":"1+1","bad":"?"}`), busy, input("x", 1),
		`shell execute_reply {"status":"ok","execution_count":1,`+
			`"payload":[{"source":"page","data":{"text/plain":"help"},"start":0},{"source":"set_next_input","text":"y","replace":true}],`+
			`"user_expressions":{"bad":{"status":"error",`+boom+`},"good":{"status":"ok","data":{"text/plain":"2"},"metadata":{}}}}`,
		idle)
	h.await(h.execute("", `"user_expressions":{"a":"b"}`))
	if n := len(h.session.cells); n != 2 {
		t.Errorf("a blank cell with expressions should reach the session: %d cells", n)
	}
}

func TestSessionThatFailsIsAnErrorOfTheCell(t *testing.T) {
	h := newHarness(t)
	h.session.on("gone", func(context.Context, session.Cell, session.Output) (session.Reply, error) {
		return session.Reply{}, errors.New("the process could not be started")
	})
	h.session.on("diagnostic", func(context.Context, session.Cell, session.Output) (session.Reply, error) {
		return session.Reply{}, fmt.Errorf("wrapped: %w", &session.Diagnostic{Name: session.MemoryError, Message: "m"})
	})
	h.session.on("panic", func(context.Context, session.Cell, session.Output) (session.Reply, error) { panic("oh") })
	for _, tc := range []struct{ code, ename, evalue string }{
		{"gone", "SessionError", "the process could not be started"},
		{"diagnostic", "MemoryError", "m"},
		{"panic", "SessionError", "internal error in the kernel while it answered execute_request: oh"},
	} {
		m := h.execute(tc.code)
		got := h.reply(m)
		if got["status"] != "error" || got["ename"] != tc.ename || got["evalue"] != tc.evalue {
			t.Errorf("%s: reply %v", tc.code, got)
		}
		all := h.await(m)
		if all[2].Type() != "error" {
			t.Errorf("%s: sent %v, want an error third", tc.code, all)
		}
	}
	h.expect(h.execute("a"), busy, input("a", 4), ok(4), idle)
}

func TestOutputThatIsNoJSONIsSaidOnStderr(t *testing.T) {
	h := newHarness(t)
	h.session.emits("x", session.Event{Kind: session.Display, Data: map[string]any{"application/json": math.NaN()}})
	got := h.await(h.execute("x"))
	if len(got) != 5 || got[2].Type() != "stream" || !strings.Contains(string(got[2].Content), "NaN") {
		t.Errorf("sent %v", got)
	}
}

func TestOutputAfterTheCellStillNamesIt(t *testing.T) {
	h := newHarness(t)
	outs := make(chan session.Output, 1)
	h.session.on("x", func(_ context.Context, _ session.Cell, out session.Output) (session.Reply, error) {
		outs <- out
		return session.Reply{}, nil
	})
	m := h.execute("x", `"allow_stdin":true`)
	h.await(m)
	out := <-outs
	out.Emit(session.Event{Kind: session.Stream, Name: "stdout", Text: "late"})
	h.until("late text", func(s sent) bool { return s.Type() == "stream" && s.Parent.MsgID == m.Header.MsgID })
	if _, err := out.Input(context.Background(), "", false); !errors.Is(err, session.ErrNoInput) {
		t.Errorf("input after the cell: %v, want %v", err, session.ErrNoInput)
	}
}

func TestHistoryKeepsWhatItShould(t *testing.T) {
	h := newHarness(t)
	h.session.emits("1+1", session.Event{Kind: session.Result, Data: map[string]any{"text/plain": "2"}})
	h.execute("1+1")
	h.execute("secret", `"silent":true`)
	h.execute("unstored", `"store_history":false`)
	h.execute("")
	h.execute("é")
	const want = `shell history_reply {"status":"ok","history":`
	for _, tc := range []struct{ request, history string }{
		{`{"hist_access_type":"tail","n":5}`, `[[1,1,"1+1"],[1,2,"é"]]`},
		{`{}`, `[[1,1,"1+1"],[1,2,"é"]]`},
		{`{"hist_access_type":"tail","n":2,"output":true}`, `[[1,1,["1+1","2"]],[1,2,["é",null]]]`},
		{`{"hist_access_type":"range","session":0,"start":1,"stop":2}`, `[[1,1,"1+1"]]`},
		{`{"hist_access_type":"range","start":2,"stop":null}`, `[[1,2,"é"]]`},
		{`{"hist_access_type":"search","pattern":"*+*","n":1,"unique":true}`, `[[1,1,"1+1"]]`},
		{`{"hist_access_type":"search","pattern":"no*"}`, `[]`},
	} {
		h.expect(h.send(wire.Shell, "history_request", tc.request), busy, want+tc.history+"}", idle)
	}
	if got := h.reply(h.send(wire.Shell, "history_request", `{"hist_access_type":"all"}`)); got["status"] != "error" {
		t.Errorf("reply %v, want an error", got)
	}
}

func TestHistoryThatIsClosedIsAnErrorReply(t *testing.T) {
	store := history.Memory()
	h := newHarness(t, func(c *Config) { c.History = store })
	store.Close()
	h.await(h.execute("a"))
	if got := h.reply(h.send(wire.Shell, "history_request", `{}`)); got["evalue"] != history.ErrClosed.Error() {
		t.Errorf("reply %v", got)
	}
}

func TestMalformedContentIsAnErrorReply(t *testing.T) {
	h := newHarness(t)
	for _, tc := range []struct{ msgType, content string }{
		{"execute_request", `[1]`}, {"execute_request", `{"code":7}`}, {"inspect_request", `{"code":`},
		{"complete_request", `{"cursor_pos":"x"}`}, {"is_complete_request", `null`}, {"history_request", `{"n":"x"}`},
		{"comm_info_request", `7`},
	} {
		got := h.reply(h.send(wire.Shell, tc.msgType, tc.content))
		if got["status"] != "error" || got["ename"] != "ProtocolError" || got["evalue"] == "" {
			t.Errorf("%s %s: reply %v", tc.msgType, tc.content, got)
		}
	}
	h.expect(h.send(wire.Shell, "comm_open", `[]`), busy, idle)
	if len(h.session.cells) != 0 {
		t.Errorf("cells %v reached the session", h.session.cells)
	}
	h.expect(h.execute("a"), busy, input("a", 1), ok(1), idle)
}

func TestUnknownFieldsOfTheHeaderComeBackInTheParent(t *testing.T) {
	h := newHarness(t)
	m := h.message("execute_request", `{"code":"a","unheard_of":1}`)
	m.Header.Extra = map[string]json.RawMessage{"x": json.RawMessage(`{"y":12345678901234567890}`)}
	h.k.Handle(wire.Shell, m)
	for _, s := range h.await(m) {
		if string(s.Parent.Extra["x"]) != `{"y":12345678901234567890}` {
			t.Errorf("%s has parent %+v", s.Type(), s.Parent)
		}
	}
}
