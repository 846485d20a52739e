package kernel

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/adabc437/fanout/interp/session"
	"github.com/adabc437/fanout/kernel/wire"
)

// TestHammer sends requests of all kinds from many clients to many shells while
// control requests come in, and checks that each is answered once, between its
// own statuses, and that each shell keeps the order.
func TestHammer(t *testing.T) {
	const shells, requests = 6, 60
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
	ids := []string{""}
	for range shells {
		ids = append(ids, h.createSubshell())
	}
	sentBy := make([][]*wire.Message, len(ids))
	var wg sync.WaitGroup
	for i, id := range ids {
		wg.Go(func() {
			for n := range requests {
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
				m.Header.SubshellID = id
				h.k.Handle(wire.Shell, m)
				sentBy[i] = append(sentBy[i], m)
			}
		})
	}
	wg.Go(func() {
		for n := range requests {
			h.send(wire.Control, "kernel_info_request", `{}`)
			h.send(wire.Control, "interrupt_request", `{}`)
			h.send(wire.Stdin, "input_reply", `{"value":"x"}`)
			if n%10 == 0 {
				h.reply(h.send(wire.Control, "delete_subshell_request", fmt.Sprintf(`{"subshell_id":%q}`, h.createSubshell())))
			}
		}
	})
	wg.Wait()
	for _, mine := range sentBy {
		h.await(mine[len(mine)-1])
		var replies []string
		for _, m := range mine {
			all := h.await(m)
			if all[0].String() != busy {
				t.Errorf("%s begins with %s", m.Type(), all[0])
			}
			for _, s := range all {
				if s.channel == wire.Shell {
					replies = append(replies, s.Parent.MsgID)
				}
			}
		}
		if len(replies) != len(mine) {
			t.Errorf("%d replies to %d requests", len(replies), len(mine))
		}
	}
	h.transport.mu.Lock()
	defer h.transport.mu.Unlock()
	order := map[string][]string{}
	for _, s := range h.transport.sent {
		if s.channel == wire.Shell {
			id := s.Parent.SubshellID
			order[id] = append(order[id], s.Parent.MsgID)
		}
	}
	for i, id := range ids {
		for n, m := range sentBy[i] {
			if order[id][n] != m.Header.MsgID {
				t.Fatalf("shell %q: reply %d answers %s, want %s", id, n, order[id][n], m.Header.MsgID)
			}
		}
	}
}
