package interp

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

func lsmagicMagic() *Magic {
	return &Magic{
		Name: "lsmagic", Short: "List the magics.",
		Line: func(r *run, args string) error {
			var b strings.Builder
			for _, name := range slices.Sorted(maps.Keys(r.interp.magics)) {
				m := r.interp.magics[name]
				short := m.Short
				if m.Cell != nil && (m.Line != nil || m.Expand != nil) {
					short += " %% " + cmp.Or(m.CellShort, "does it for a cell.")
				}
				listed(&b, m.usage(), short)
			}
			listed(&b, "!command", "Run a command in the shell.")
			listed(&b, "name? or ?name", "Describe a name; %name? describes a magic.")
			listed(&b, "name??", "Show the source as well.")
			r.print(b.String())
			return nil
		},
	}
}

// listed writes a form and what it does in 80 columns: the text of a long form
// stands below it.
func listed(b *strings.Builder, form, short string) {
	const indent, width = 22, 80
	at := len(form)
	b.WriteString(form)
	if at > indent-2 {
		b.WriteByte('\n')
		at = 0
	}
	b.WriteString(strings.Repeat(" ", indent-at))
	at = indent
	for n, word := range strings.Fields(short) {
		if n > 0 && at+1+len(word) > width {
			b.WriteString("\n" + strings.Repeat(" ", indent))
			at = indent
		} else if n > 0 {
			b.WriteByte(' ')
			at++
		}
		b.WriteString(word)
		at += len(word)
	}
	b.WriteByte('\n')
}
