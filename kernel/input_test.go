package kernel

import (
	"context"
	"errors"
	"io"
	"testing"

	"github.com/adabc437/fanout/interp/session"
	"github.com/adabc437/fanout/kernel/wire"
)

// asks scripts a cell that asks once and hands what it got to the channel.
func (f *fakeSession) asks(code, prompt string) <-chan answer {
	got := make(chan answer, 1)
	f.on(code, func(ctx context.Context, _ session.Cell, out session.Output) (session.Reply, error) {
		text, err := out.Input(ctx, prompt, prompt == "password")
		got <- answer{text, err}
		return session.Reply{}, nil
	})
	return got
}

// question waits for an input_request because of m.
func (h *harness) question(m *wire.Message) *wire.Message {
	h.Helper()
	all := h.until("input_request", func(s sent) bool {
		return s.channel == wire.Stdin && s.Parent.MsgID == m.Header.MsgID
	})
	return all[len(all)-1].Message
}

// answer sends an input_reply with a parent, which may be nil.
func (h *harness) answer(content string, parent *wire.Message) {
	m := h.message("input_reply", content)
	if parent != nil {
		m.Parent = parent.Header
	}
	h.k.Handle(wire.Stdin, m)
}

func TestCellAsksItsClient(t *testing.T) {
	for name, withParent := range map[string]bool{"reply with parent": true, "reply without parent": false} {
		t.Run(name, func(t *testing.T) {
			h := newHarness(t)
			got := h.session.asks("ask", "password")
			m := h.execute("ask", `"allow_stdin":true`)
			q := h.question(m)
			if string(q.Content) != `{"prompt":"password","password":true}` || string(q.Identities[0]) != "client" {
				t.Errorf("question %s to %s", q.Content, q.Identities)
			}
			if !withParent {
				q = nil
			}
			h.answer(`{"value":"é","status":"ok"}`, q)
			if a := <-got; a.text != "é" || a.err != nil {
				t.Errorf("answer %+v", a)
			}
			h.expect(m, busy, input("ask", 1), `stdin input_request {"prompt":"password","password":true}`, ok(1), idle)
		})
	}
}

func TestCellThatMayNotAsk(t *testing.T) {
	h := newHarness(t)
	got := h.session.asks("ask", "")
	h.expect(h.execute("ask"), busy, input("ask", 1), ok(1), idle)
	if a := <-got; !errors.Is(a.err, session.ErrNoInput) {
		t.Errorf("answer %+v, want %v", a, session.ErrNoInput)
	}
	h.transport.refuse = errors.New("no such client")
	h.await(h.execute("ask", `"allow_stdin":true`))
	if a := <-got; !errors.Is(a.err, session.ErrNoInput) {
		t.Errorf("answer %+v, want %v", a, session.ErrNoInput)
	}
}

func TestEndOfInput(t *testing.T) {
	h := newHarness(t)
	got := h.session.asks("ask", "")
	for _, content := range []string{`{"value":"\u0004"}`, `{"status":"error"}`} {
		m := h.execute("ask", `"allow_stdin":true`)
		h.answer(content, h.question(m))
		if a := <-got; !errors.Is(a.err, io.EOF) {
			t.Errorf("%s: answer %+v, want %v", content, a, io.EOF)
		}
	}
}

func TestInterruptCancelsTheQuestionAndALateAnswerIsIgnored(t *testing.T) {
	h := newHarness(t)
	got := h.session.asks("ask", "")
	first := h.execute("ask", `"allow_stdin":true`)
	stale := h.question(first)
	h.await(h.send(wire.Control, "interrupt_request", `{}`))
	if a := <-got; !errors.Is(a.err, context.Canceled) {
		t.Errorf("answer %+v, want %v", a, context.Canceled)
	}
	second := h.execute("ask", `"allow_stdin":true`)
	q := h.question(second)
	h.answer(`{"value":"late"}`, stale)
	h.answer(`{"value":"good"}`, q)
	if a := <-got; a.text != "good" {
		t.Errorf("answer %+v", a)
	}
}

func TestAnswersGoToTheQuestionsOfTheirClients(t *testing.T) {
	h := newHarness(t)
	one, two := h.session.asks("one", ""), h.session.asks("two", "")
	shell := h.createSubshell()
	h.question(h.execute("one", `"allow_stdin":true`))
	m := h.message("execute_request", `{"code":"two","allow_stdin":true}`)
	m.Header.SubshellID, m.Identities = shell, [][]byte{[]byte("another")}
	h.k.Handle(wire.Shell, m)
	h.question(m)
	for _, client := range []string{"stranger", "another", "client"} {
		a := h.message("input_reply", `{"value":"from `+client+`"}`)
		a.Identities = [][]byte{[]byte(client)}
		h.k.Handle(wire.Stdin, a)
	}
	if a := <-one; a.text != "from client" {
		t.Errorf("answer %+v", a)
	}
	if a := <-two; a.text != "from another" {
		t.Errorf("answer %+v", a)
	}
}
