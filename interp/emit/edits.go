package emit

import (
	"go/ast"
	"slices"
	"strings"
)

// An edit replaces text[start:end]. Insertions at one place keep their order.
type edit struct {
	start, end int
	text       string
}

func (w *writer) replace(start, end int, text string) {
	w.edits = append(w.edits, edit{start, end, text})
}

func (w *writer) insert(at int, text string) { w.replace(at, at, text) }

// close inserts behind a node, after what is inserted there for what is inside it,
// and before what was asked for earlier.
func (w *writer) close(n ast.Node, at int, text string) {
	w.closing[n] = append([]edit{{at, at, text}}, w.closing[n]...)
}

// blank removes text[start:end] but for its line ends, which keep the lines of
// what follows.
func (w *writer) blank(start, end int) {
	w.replace(start, end, strings.Repeat("\n", strings.Count(w.text[start:end], "\n")))
}

// edited is text[start:end] with the edits in it. An edit inside another one's
// stretch is dropped.
func (w *writer) edited(start, end int) string {
	var list []edit
	for _, e := range w.edits {
		if e.start >= start && e.end <= end {
			list = append(list, e)
		}
	}
	slices.SortStableFunc(list, func(a, b edit) int { return a.start - b.start })
	var b strings.Builder
	at := start
	for _, e := range list {
		if e.start < at {
			continue
		}
		b.WriteString(w.text[at:e.start])
		b.WriteString(e.text)
		at = e.end
	}
	b.WriteString(w.text[at:end])
	return b.String()
}
