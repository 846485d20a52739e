package kernel

import (
	"github.com/adabc437/fanout/interp/session"
	"github.com/adabc437/fanout/kernel/history"
	"github.com/adabc437/fanout/kernel/wire"
)

// cursor is the byte offset of a position in code points; nil is the end.
func cursor(code string, pos *int) int {
	if pos == nil {
		return len(code)
	}
	return wire.ByteOffset(code, *pos)
}

// inspect describes the name under the cursor.
//
// https://jupyter-client.readthedocs.io/en/stable/messaging.html#introspection
func inspect(r *request) error {
	var c wire.InspectRequest
	if err := wire.Unmarshal(r.msg, &c); err != nil {
		return err
	}
	got, err := r.k.session.Inspect(r.ctx, c.Code, cursor(c.Code, c.CursorPos), c.DetailLevel)
	if err != nil {
		return err
	}
	r.reply(wire.InspectReply{Status: wire.StatusOK, Found: got.Found, Data: bundle(got.Data), Metadata: wire.Bundle{}})
	return nil
}

// complete offers what may stand at the cursor.
//
// https://jupyter-client.readthedocs.io/en/stable/messaging.html#completion
func complete(r *request) error {
	var c wire.CompleteRequest
	if err := wire.Unmarshal(r.msg, &c); err != nil {
		return err
	}
	at := cursor(c.Code, c.CursorPos)
	got, err := r.k.session.Complete(r.ctx, c.Code, at)
	if err != nil {
		return err
	}
	if len(got.Items) == 0 {
		got.Start, got.End = at, at
	}
	reply := wire.CompleteReply{
		Status: wire.StatusOK, Matches: []string{},
		CursorStart: wire.CodePoints(c.Code, got.Start), CursorEnd: wire.CodePoints(c.Code, got.End),
		Metadata: wire.CompleteMetadata{Types: []wire.CompletionType{}},
	}
	for _, item := range got.Items {
		reply.Matches = append(reply.Matches, item.Text)
		reply.Metadata.Types = append(reply.Metadata.Types, wire.CompletionType{
			Text: item.Text, Type: item.Type, Signature: item.Signature,
			Start: reply.CursorStart, End: reply.CursorEnd,
		})
	}
	r.reply(reply)
	return nil
}

// isComplete says whether a console should run the code or ask for more of it.
//
// https://jupyter-client.readthedocs.io/en/stable/messaging.html#code-completeness
func isComplete(r *request) error {
	var c wire.IsCompleteRequest
	if err := wire.Unmarshal(r.msg, &c); err != nil {
		return err
	}
	got, err := r.k.session.IsComplete(r.ctx, c.Code)
	if err != nil {
		return err
	}
	reply := wire.IsCompleteReply{Status: string(got.Status)}
	if got.Status == session.Incomplete {
		reply.Indent = &got.Indent
	}
	r.reply(reply)
	return nil
}

// defaultTail is how many entries a tail has that does not say.
const defaultTail = 10

// searchHistory looks cells up that were run, in this session and in others.
//
// https://jupyter-client.readthedocs.io/en/stable/messaging.html#history
func searchHistory(r *request) error {
	c := wire.HistoryRequest{HistAccessType: "tail", Pattern: "*"}
	if err := wire.Unmarshal(r.msg, &c); err != nil {
		return err
	}
	var entries []history.Entry
	var err error
	h := r.k.history
	switch c.HistAccessType {
	case "tail":
		entries, err = h.Tail(r.ctx, valueOr(c.N, defaultTail))
	case "range":
		entries, err = h.Range(r.ctx, c.Session, c.Start, valueOr(c.Stop, 0))
	case "search":
		entries, err = h.Search(r.ctx, c.Pattern, valueOr(c.N, 0), c.Unique)
	default:
		err = &protocolError{"ProtocolError", "hist_access_type is " + c.HistAccessType + ", want tail, range or search"}
	}
	if err != nil {
		return err
	}
	reply := wire.HistoryReply{Status: wire.StatusOK, History: [][3]any{}}
	for _, e := range entries {
		row := [3]any{e.Session, e.Line, e.Input}
		if c.Output {
			row[2] = [2]any{e.Input, nullIfEmpty(e.Output)}
		}
		reply.History = append(reply.History, row)
	}
	r.reply(reply)
	return nil
}

func valueOr(p *int, otherwise int) int {
	if p == nil {
		return otherwise
	}
	return *p
}

func nullIfEmpty(s string) any {
	if s == "" {
		return nil
	}
	return s
}
