package interp

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/adabc437/fanout/interp/build"
	"github.com/adabc437/fanout/interp/session"
)

func getMagic() *Magic {
	m := &Magic{
		Name: "get", Args: "[-u] [MODULE[@VERSION]]",
		Short:   "Add a third-party module, whose packages cells can then import; without a module, list those that were added.",
		Flags:   []Flag{{"-u", "--update", "", "bring the module, or all, and what they need to their latest versions"}},
		Example: "%get golang.org/x/exp@latest\nimport \"golang.org/x/exp/maps\"",
		Early:   true,
	}
	m.Line = func(r *run, args string) error {
		flags, pos, err := m.parseFlags(args)
		if err != nil {
			return err
		}
		query := strings.Trim(strings.TrimSpace(args[pos:]), "\"`")
		if strings.ContainsAny(query, " \t") {
			return fmt.Errorf("%q is not one module: %%get takes one at a time, as in %%get golang.org/x/exp@latest", query)
		}
		return r.get(query, flags.has("update"))
	}
	return m
}

// get adds a module, updates, or lists what was added.
func (r *run) get(query string, update bool) error {
	if r.interp.native == nil {
		return errNoModules
	}
	tools := r.interp.native.tools
	if query == "" && (!update || len(tools.Modules()) == 0) {
		r.listModules(tools.Modules())
		return nil
	}
	path, version, _ := strings.Cut(query, "@")
	if first, _, _ := strings.Cut(path, "/"); query != "" && !strings.Contains(first, ".") {
		if bound(path) {
			return fmt.Errorf("package %s is part of Go: import it", path)
		}
		return fmt.Errorf("%q is not the path of a module, which begins with a host, as in golang.org/x/exp@latest", path)
	}
	if strings.Contains(query, "@") && version == "" {
		return fmt.Errorf("%q lacks a version behind the @, such as latest or v1.2.3", query)
	}
	changed, err := tools.Get(r.ctx, query, update, r.progress)
	switch {
	case r.ctx.Err() != nil:
		return &session.Diagnostic{Name: session.Interrupted, Message: "%get was interrupted; nothing was added"}
	case err != nil:
		if _, ok := errors.AsType[*build.ConflictError](err); ok {
			return &session.Diagnostic{Name: session.MagicError, Message: err.Error(), Hint: "nothing was changed"}
		}
		return err
	}
	for _, a := range tools.Modules() { // for a session that replaces this one
		if slices.Contains(changed, a) || strings.HasPrefix(path+"/", a.Path+"/") {
			r.setting("%get "+a.Path, "%get "+a.String())
		}
	}
	if len(changed) == 0 {
		r.print("nothing changed\n")
	}
	r.listModules(changed)
	return nil
}

func (r *run) listModules(list []build.Module) {
	var b strings.Builder
	for _, m := range list {
		fmt.Fprintf(&b, "%s %s\n", m.Path, m.Version)
	}
	r.print(b.String())
}
