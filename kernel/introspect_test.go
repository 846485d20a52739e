package kernel

import (
	"testing"

	"github.com/adabc437/fanout/interp/session"
	"github.com/adabc437/fanout/kernel/wire"
)

func TestCompletePositionsAreCodePoints(t *testing.T) {
	h := newHarness(t)
	const code = `"🙂"; str.` // 9 code points, 12 bytes
	h.session.complete = func(got string, offset int) (session.Completion, error) {
		if got != code || offset != len(code) {
			t.Errorf("asked for %q at %d", got, offset)
		}
		return session.Completion{Start: 8, End: len(code), Items: []session.Candidate{
			{Text: "str.A", Type: "function", Signature: "func()"}, {Text: "str.B", Type: "class"},
		}}, nil
	}
	want := `shell complete_reply {"status":"ok","matches":["str.A","str.B"],"cursor_start":5,"cursor_end":9,` +
		`"metadata":{"_jupyter_types_experimental":[{"text":"str.A","type":"function","start":5,"end":9,"signature":"func()"},` +
		`{"text":"str.B","type":"class","start":5,"end":9}]}}`
	for _, pos := range []string{`,"cursor_pos":9`, `,"cursor_pos":99`, ``, `,"cursor_pos":null`} {
		h.expect(h.send(wire.Shell, "complete_request", `{"code":`+quote(code)+pos+`}`), busy, want, idle)
	}
}

func TestCompleteOfNothing(t *testing.T) {
	h := newHarness(t)
	h.session.complete = func(_ string, offset int) (session.Completion, error) { return session.Completion{}, nil }
	for pos, at := range map[string]string{"-5": "0", "2": "2", "77": "3"} {
		h.expect(h.send(wire.Shell, "complete_request", `{"code":"zé?","cursor_pos":`+pos+`}`), busy,
			`shell complete_reply {"status":"ok","matches":[],"cursor_start":`+at+`,"cursor_end":`+at+`,"metadata":{}}`, idle)
	}
}

func TestInspect(t *testing.T) {
	h := newHarness(t)
	h.session.inspect = func(code string, offset, detail int) (session.Inspection, error) {
		if offset != 2 {
			return session.Inspection{}, nil
		}
		return session.Inspection{Found: true, Data: map[string]any{"text/plain": "it", "detail": detail}}, nil
	}
	h.expect(h.send(wire.Shell, "inspect_request", `{"code":"é","cursor_pos":1,"detail_level":1}`), busy,
		`shell inspect_reply {"status":"ok","found":true,"data":{"detail":1,"text/plain":"it"},"metadata":{}}`, idle)
	h.expect(h.send(wire.Shell, "inspect_request", `{"code":"é","cursor_pos":0}`), busy,
		`shell inspect_reply {"status":"ok","found":false,"data":{},"metadata":{}}`, idle)
}

func TestIsComplete(t *testing.T) {
	h := newHarness(t)
	h.session.isComplete = func(code string) (session.Completeness, error) {
		return session.Completeness{Status: session.Status(code)}, nil
	}
	for code, content := range map[string]string{
		"complete": `{"status":"complete"}`, "invalid": `{"status":"invalid"}`, "unknown": `{"status":"unknown"}`,
		"incomplete": `{"status":"incomplete","indent":""}`,
	} {
		h.expect(h.send(wire.Shell, "is_complete_request", `{"code":"`+code+`"}`), busy, "shell is_complete_reply "+content, idle)
	}
}

func TestQuestionsThatTheSessionCannotAnswer(t *testing.T) {
	h := newHarness(t)
	for _, msgType := range []string{"complete_request", "inspect_request", "is_complete_request"} {
		got := h.reply(h.send(wire.Shell, msgType, `{"code":"a"}`))
		if got["status"] != "error" || got["ename"] != "SessionError" || got["evalue"] != errNotScripted.Error() {
			t.Errorf("%s: reply %v", msgType, got)
		}
	}
}
