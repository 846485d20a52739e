package interp

import (
	"html"

	"github.com/google/uuid"

	"github.com/adabc437/fanout/interp/session"
)

// A status is a line that says what takes long.
type status struct {
	id   string // of its display; "" until there is one
	text string
	over bool // the run has ended
}

// Progress shows what takes long, in the output of the cell that waits for it: on a page
// as a line that is gone when the cell has ended.
func (i *Interp) Progress(text string) {
	i.runMu.Lock()
	waiting := len(i.runs) > 0
	i.runMu.Unlock()
	if waiting {
		i.current().say(text)
	}
}

// say shows what takes long, once.
func (r *run) say(text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.status.over || r.status.text == text:
	case !r.cell.HTML:
		r.emit(session.Event{Kind: session.Stream, Name: "stderr", Text: text + "\n"})
	default:
		r.showStatus(map[string]any{"text/plain": text, "text/html": `<div style="opacity:.75">` + html.EscapeString(text) + `</div>`})
	}
	r.status.text = text
}

// hush takes away what say has shown on a page.
func (r *run) hush() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.status.over = true
	if r.status.id != "" {
		r.showStatus(map[string]any{"text/plain": "", "text/html": ""})
	}
}

// showStatus shows or changes the line. The caller holds r.mu.
func (r *run) showStatus(data map[string]any) {
	kind := session.Update
	if r.status.id == "" {
		kind, r.status.id = session.Display, uuid.NewString()
	}
	r.emit(session.Event{Kind: kind, Data: data, Metadata: map[string]any{}, DisplayID: r.status.id})
}
