package kernel

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"sync"

	"github.com/adabc437/fanout/interp/session"
	"github.com/adabc437/fanout/kernel/wire"
)

// endOfInput is what Jupyter's clients send when the user types Ctrl-D.
const endOfInput = "\x04"

// inputs holds the questions that await their answers. The zero value has none.
type inputs struct {
	mu      sync.Mutex
	waiting []*question // oldest first
	// given holds the ids of questions that were answered or given up lately, so
	// that a late answer to one is not taken for the answer to another.
	given []string
}

// A question was sent to a client.
type question struct {
	id     string   // of the input_request
	client [][]byte // its identities
	answer chan answer
}

type answer struct {
	text string
	err  error
}

// input sends an input_request to the client that sent r, and waits for the
// answer.
//
// https://jupyter-client.readthedocs.io/en/stable/messaging.html#messages-on-the-stdin-router-dealer-channel
func (r *request) input(ctx context.Context, prompt string, password bool) (string, error) {
	m, err := r.k.sender.New("input_request", r.msg, wire.InputRequest{Prompt: prompt, Password: password})
	if err != nil {
		return "", err
	}
	m.Identities = r.msg.Identities
	q := &question{id: m.Header.MsgID, client: m.Identities, answer: make(chan answer, 1)}
	r.k.inputs.ask(q)
	defer r.k.inputs.drop(q)
	if err := r.k.transport.Send(ctx, wire.Stdin, m); err != nil {
		return "", fmt.Errorf("%w: %w", session.ErrNoInput, err)
	}
	select {
	case a := <-q.answer:
		return a.text, a.err
	case <-ctx.Done():
		return "", ctx.Err()
	case <-r.ctx.Done():
		return "", r.ctx.Err()
	}
}

// inputReply hands the answer of a client to the question that it answers.
func (k *Kernel) inputReply(m *wire.Message) {
	var c wire.InputReply
	if m.Type() != "input_reply" {
		k.log.Warn("message on stdin that is no input_reply is ignored", "type", m.Type())
		return
	}
	if err := wire.Unmarshal(m, &c); err != nil {
		k.log.Warn("input_reply is ignored", "error", err)
		return
	}
	a := answer{text: c.Value}
	if c.Value == endOfInput || c.Status == wire.StatusError || c.Status == wire.StatusAborted {
		a = answer{err: io.EOF}
	}
	if !k.inputs.reply(m, a) {
		k.log.Info("input_reply that no cell waits for is ignored")
	}
}

func (i *inputs) ask(q *question) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.waiting = append(i.waiting, q)
}

// drop forgets q, if it is still waiting.
func (i *inputs) drop(q *question) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if at := slices.Index(i.waiting, q); at >= 0 {
		i.remove(at)
	}
}

func (i *inputs) remove(at int) *question {
	const remembered = 64
	q := i.waiting[at]
	i.waiting = slices.Delete(i.waiting, at, at+1)
	i.given = append(i.given, q.id)
	if len(i.given) > remembered {
		i.given = slices.Delete(i.given, 0, len(i.given)-remembered)
	}
	return q
}

// reply answers the question that m names as its parent, or if m names none that
// is known, as some clients do, the client's oldest.
func (i *inputs) reply(m *wire.Message, a answer) bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	parent := m.Parent.MsgID
	at := slices.IndexFunc(i.waiting, func(q *question) bool { return q.id == parent })
	if at < 0 && !slices.Contains(i.given, parent) {
		at = slices.IndexFunc(i.waiting, func(q *question) bool {
			return slices.EqualFunc(q.client, m.Identities, bytes.Equal)
		})
	}
	if at < 0 {
		return false
	}
	i.remove(at).answer <- a
	return true
}

// cancel gives up all questions.
func (i *inputs) cancel() {
	i.mu.Lock()
	defer i.mu.Unlock()
	for len(i.waiting) > 0 {
		i.remove(0).answer <- answer{err: context.Canceled}
	}
}
