package interp

import (
	"fmt"
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
				forms := m.usage()
				if m.Cell != nil && (m.Line != nil || m.Expand != nil) {
					forms += "  (also %%" + name + ")"
				}
				fmt.Fprintf(&b, "%-40s %s\n", forms, m.Short)
			}
			b.WriteString("!command                                 Run a command in the shell.\nname? or ?name                           Describe a name; %name? describes a magic.\n")
			r.print(b.String())
			return nil
		},
	}
}
