package kernel

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/adabc437/fanout/interp/session"
	"github.com/adabc437/fanout/kernel/wire"
)

const hammerRequests = 60 // of each shell

// TestHammer sends requests of all kinds from many clients to many shells while
// control requests come in, and checks that each is answered once, between its
// own statuses, and that each shell keeps the order.
func TestHammer(t *testing.T) {
	const subshells = 6
	h := newHarness(t)
	h.session.complete = func(string, int) (session.Completion, error) { return session.Completion{}, nil }
	h.session.on("print", func(_ context.Context, c session.Cell, out session.Output) (session.Reply, error) {
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() { out.Emit(session.Event{Kind: session.Stream, Name: "stdout", Text: c.ID}) })
		}
		wg.Wait()
		return session.Reply{}, nil
	})
	h.session.fails("bad")
	shells := []string{""}
	for range subshells {
		shells = append(shells, h.createSubshell())
	}
	sentTo := make([][]*wire.Message, len(shells))
	var wg sync.WaitGroup
	for i, shell := range shells {
		wg.Go(func() { sentTo[i] = h.hammerShell(shell) })
	}
	wg.Go(h.hammerControl)
	wg.Wait()
	for i, shell := range shells {
		h.checkShell(shell, sentTo[i])
	}
}

// hammerShell sends requests of all kinds to a shell and returns them.
func (h *harness) hammerShell(shell string) []*wire.Message {
	var all []*wire.Message
	for n := range hammerRequests {
		msgType, content := "execute_request", `{"code":"print","allow_stdin":true}`
		switch n % 5 {
		case 1:
			msgType = "complete_request"
		case 2:
			content = `{"code":"bad"}`
		case 3:
			msgType, content = "history_request", `{}`
		}
		m := h.message(msgType, content)
		m.Header.SubshellID = shell
		h.k.Handle(wire.Shell, m)
		all = append(all, m)
	}
	return all
}

// hammerControl sends control requests, and answers that nobody waits for.
func (h *harness) hammerControl() {
	for n := range hammerRequests {
		h.send(wire.Control, "kernel_info_request", `{}`)
		h.send(wire.Control, "interrupt_request", `{}`)
		h.send(wire.Stdin, "input_reply", `{"value":"x"}`)
		if n%10 == 0 {
			h.reply(h.send(wire.Control, "delete_subshell_request", fmt.Sprintf(`{"subshell_id":%q}`, h.createSubshell())))
		}
	}
}

// checkShell says which of the requests to a shell were not answered, once and in
// their order.
func (h *harness) checkShell(shell string, requests []*wire.Message) {
	h.Helper()
	for _, m := range requests {
		if first := h.await(m)[0].String(); first != busy {
			h.Errorf("%s begins with %s", m.Type(), first)
		}
	}
	h.transport.mu.Lock()
	defer h.transport.mu.Unlock()
	var replies []string
	for _, s := range h.transport.sent {
		if s.channel == wire.Shell && s.Parent.SubshellID == shell {
			replies = append(replies, s.Parent.MsgID)
		}
	}
	var want []string
	for _, m := range requests {
		want = append(want, m.Header.MsgID)
	}
	if !slices.Equal(replies, want) {
		h.Errorf("shell %q: replies to %v, want %v", shell, replies, want)
	}
}
