package rich

import (
	"strings"
	"unicode/utf8"
)

const indent = "    "

// layout writes a node on one line if it fits, else over several.
func layout(n *node, width int) string {
	w := &writer{max: width}
	w.node(n, 0, 0)
	if n.note != "" {
		w.WriteString(" // " + n.note)
	}
	return w.String()
}

// flat writes a node on one line.
func flat(n *node) string { return layout(n, 1<<30) }

type writer struct {
	strings.Builder
	max int
}

// node writes n, which starts in column col of a line indented by depth.
func (w *writer) node(n *node, depth, col int) {
	w.WriteString(n.open)
	switch {
	case len(n.items) == 0:
	case col+n.width <= w.max:
		for i, it := range n.items {
			if i > 0 {
				w.WriteString(", ")
			}
			w.WriteString(it.key)
			w.node(it.val, depth, 0)
			w.noteWithin(it.val)
		}
	case n.small:
		w.fill(n, depth+1)
	default:
		for _, it := range n.items {
			w.line(depth + 1)
			w.WriteString(it.key)
			w.node(it.val, depth+1, len(indent)*(depth+1)+utf8.RuneCountInString(it.key)+1)
			w.comma(it.val)
		}
		w.line(depth)
	}
	w.WriteString(n.close)
}

func (w *writer) line(depth int) {
	w.WriteByte('\n')
	for range depth {
		w.WriteString(indent)
	}
}

func (w *writer) comma(n *node) {
	if !isGap(n) {
		w.WriteByte(',')
	}
	if n.note != "" {
		w.WriteString(" // " + n.note)
	}
}

func (w *writer) noteWithin(n *node) {
	if n.note != "" {
		w.WriteString(" /* " + n.note + " */")
	}
}

// fill writes scalars, several on a line.
func (w *writer) fill(n *node, depth int) {
	col := w.max + 1
	for i, it := range n.items {
		size := it.val.width + 1
		if col+1+size > w.max {
			w.line(depth)
			col = len(indent) * depth
		} else {
			w.WriteByte(' ')
			col++
		}
		w.WriteString(it.val.open + it.val.close)
		if isGap(it.val) && i < len(n.items)-1 {
			w.WriteByte(',')
		}
		w.comma(it.val)
		col += size
		if it.val.note != "" {
			col = w.max + 1
		}
	}
	w.line(depth - 1)
}
