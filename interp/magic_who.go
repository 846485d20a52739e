package interp

import (
	"errors"
	"fmt"
	"go/types"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/adabc437/fanout/interp/check"
	"github.com/adabc437/fanout/interp/rich"
	"github.com/adabc437/fanout/interp/session"
)

func whoMagic() *Magic {
	return &Magic{
		Name: "who", Args: "[TYPE]", Short: "List the names of the session; with TYPE, the variables of that type.",
		Line: func(r *run, args string) error {
			var names []string
			for _, e := range r.interp.entitiesOf(args) {
				names = append(names, e.Name)
			}
			if len(names) == 0 {
				r.print(nothingOf(args))
				return nil
			}
			r.print(strings.Join(names, "\t") + "\n")
			return nil
		},
	}
}

func whosMagic() *Magic {
	return &Magic{
		Name: "whos", Args: "[TYPE]", Short: "List the names of the session with their kinds, types and values; with TYPE, the variables of that type.",
		Line: func(r *run, args string) error {
			list := r.interp.entitiesOf(args)
			r.interp.mu.Lock()
			values := map[string]string{}
			for _, e := range list {
				_, typ := describe(e)
				values[e.Name] = r.interp.valueText(e, typ)
			}
			r.interp.mu.Unlock()
			if len(list) == 0 {
				r.print(nothingOf(args))
				return nil
			}
			var b strings.Builder
			w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
			fmt.Fprintln(w, "name\tkind\ttype\tIn\tvalue\t")
			fmt.Fprintln(w, "────\t────\t────\t──\t─────\t")
			for _, e := range list {
				kind, typ := describe(e)
				fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%s\t\n", e.Name, kind, clip(typ, 40), e.Cell, clip(values[e.Name], 50))
			}
			_ = w.Flush() // to a string, which does not fail
			r.print(b.String())
			return nil
		},
	}
}

// entitiesOf lists the variables of a type, the names of a kind, or, of "", all.
func (i *Interp) entitiesOf(what string) []*check.Entity {
	return slices.DeleteFunc(i.entities(), func(e *check.Entity) bool {
		kind, typ := describe(e)
		return what != "" && kind != what && !(e.IsVar() && typ == what)
	})
}

func nothingOf(what string) string {
	if what != "" {
		return "There is no variable of type " + what + ".\n"
	}
	return "Nothing is declared.\n"
}

// entities lists what is declared, without methods.
func (i *Interp) entities() []*check.Entity {
	i.mu.Lock()
	defer i.mu.Unlock()
	var list []*check.Entity
	for _, e := range i.scope.Entities() {
		if !strings.Contains(e.Name, ".") && !i.outs.has(e.Name) {
			list = append(list, e)
		}
	}
	return list
}

// describe gives an entity's kind in a word and its type as the user writes it.
func describe(e *check.Entity) (kind, typ string) {
	switch o := e.Obj.(type) {
	case *types.Var:
		return "var", typeString(o.Type())
	case *types.Func:
		return "func", typeString(o.Type())
	case *types.Const:
		return "const", typeString(types.Default(o.Type()))
	case *types.TypeName:
		return "type", typeString(o.Type().Underlying())
	}
	return "", ""
}

// valueText is the value of a variable or constant in one line.
func (i *Interp) valueText(e *check.Entity, typ string) string {
	if c, ok := e.Obj.(*types.Const); ok {
		return c.Val().String()
	}
	if !e.IsVar() {
		return ""
	}
	v, ok := i.value(e)
	if !ok {
		return ""
	}
	text := rich.Plain(v, typ, rich.Options{Max: 200, Head: 8, Tail: 2, Width: 1 << 16, Mute: true})
	return strings.Join(strings.Fields(text), " ")
}

// value reads a session variable.
func (t *interpreted) value(runtimeName string) (v any, ok bool) {
	defer func() {
		if recover() != nil {
			v, ok = nil, false
		}
	}()
	rv := t.vm.Globals()[runtimeName]
	if !rv.IsValid() || !rv.CanInterface() {
		return nil, false
	}
	return rv.Interface(), true
}

func clip(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return string(r[:n-1]) + "…"
}

func resetMagic() *Magic {
	return &Magic{
		Name: "reset", Args: "[-f]", Short: "Drop all declarations and variables of the session.",
		Alone: true,
		Flags: []Flag{{"-f", "--force", "", "do not ask first"}},
		Line: func(r *run, args string) error {
			if args != "-f" && args != "--force" {
				if args != "" {
					return fmt.Errorf("unexpected %q", args)
				}
				line, err := r.input("Drop all declarations and variables (y/[n])? ", false)
				if errors.Is(err, session.ErrNoInput) {
					return errors.New("this front end cannot ask whether you are sure: use %reset -f")
				}
				if err != nil {
					return fmt.Errorf("the question was not answered: %w", err)
				}
				if line = strings.ToLower(strings.TrimSpace(line)); line != "y" && line != "yes" {
					r.print("Nothing was dropped.\n")
					return nil
				}
			}
			r.reply.Reset = true
			r.interp.mu.Lock()
			defer r.interp.mu.Unlock()
			return r.interp.reset()
		},
	}
}

func restartMagic() *Magic {
	return &Magic{
		Name: "restart", Short: "Start the session anew: a fresh process with nothing declared. The kernel and its history stay.",
		Alone: true,
		Line: func(r *run, args string) error {
			if args != "" {
				return fmt.Errorf("%%restart takes no arguments, and not %q", args)
			}
			r.reply.Restart, r.reply.Reset = true, true
			return nil
		},
	}
}

func historyMagic() *Magic {
	return &Magic{
		Name: "history", Args: "[-n] [N]", Short: "Print the cells of this session; with N, the last N of them.",
		Flags: []Flag{{"-n", "--numbers", "", "with their numbers"}},
		Line: func(r *run, args string) error {
			numbers, last := false, 0
			for _, a := range strings.Fields(args) {
				if a == "-n" || a == "--numbers" {
					numbers = true
				} else if _, err := fmt.Sscanf(a, "%d", &last); err != nil || last < 1 {
					return fmt.Errorf("%q is not a number of cells", a)
				}
			}
			list := r.interp.entries()
			if last > 0 && last < len(list) {
				list = list[len(list)-last:]
			}
			for _, e := range list {
				text := strings.TrimRight(e.Code, "\n") + "\n"
				if numbers {
					text = fmt.Sprintf("%4d: %s", e.Number, strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n      ")+"\n")
				}
				r.print(text)
			}
			return nil
		},
	}
}
