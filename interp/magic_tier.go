package interp

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/adabc437/fanout/interp/session"
)

// The tiers, as %tier and the environment variable FANOUT_TIER call them.
const (
	TierCompiled    = "compiled"
	TierInterpreted = "interpreted"
)

func tierMagic() *Magic {
	return &Magic{
		Name: "tier", Args: "[compiled|interpreted]", Alone: true,
		Short:   "Show how cells run, or have them run otherwise: functions and types are declared again, variables are not kept.",
		Example: "%tier                // what is in use, and why\n%tier interpreted    // no compiler, for what is worth it",
		Line: func(r *run, args string) error {
			switch args {
			case "":
				r.print(r.interp.tierText() + "\n")
				return nil
			case TierCompiled, TierInterpreted:
			default:
				return fmt.Errorf("the tiers are %s and %s, not %q", TierCompiled, TierInterpreted, args)
			}
			if args == TierCompiled && r.interp.options.Tools == nil {
				return fmt.Errorf("cells cannot be compiled here: %w", r.interp.noTools())
			}
			lost, err := r.interp.setTier(r.ctx, args == TierCompiled)
			if err != nil {
				return err
			}
			r.setting("%tier", "%tier "+args)
			text := r.interp.tierText() + "\n"
			if len(lost) > 0 {
				text += "variables not kept: " + strings.Join(lost, ", ") + "\n"
			}
			r.print(text)
			return nil
		},
	}
}

// noTools is why cells cannot be compiled.
func (i *Interp) noTools() error {
	if i.options.NoTools != nil {
		return i.options.NoTools
	}
	return errors.New("the session was started without a compiler")
}

// tierText says how cells run.
func (i *Interp) tierText() string {
	i.mu.Lock()
	defer i.mu.Unlock()
	switch {
	case i.native != nil:
		return "compiled: " + i.options.Tools.Describe() + "\nSimple cells (calls, expressions, assignments) are evaluated at once; all others become machine code."
	case i.options.Tools != nil:
		return "interpreted, as asked for; %tier compiled changes that"
	}
	return "interpreted: " + i.noTools().Error()
}

// setTier changes the tier, and declares again what the session has declared. It
// returns the variables that are gone.
func (i *Interp) setTier(ctx context.Context, native bool) (lost []string, err error) {
	i.mu.Lock()
	if native == (i.native != nil) {
		i.mu.Unlock()
		return nil, nil
	}
	lost = i.scope.Variables()
	var declarations []session.Declaration
	seen := map[string]bool{}
	for name, path := range i.scope.Imports() {
		declarations = append(declarations, session.Declaration{Name: "import " + name, Source: fmt.Sprintf("import %s %q", name, path)})
	}
	for _, e := range i.scope.Entities() {
		if e.Chunk == nil {
			continue
		}
		place := fmt.Sprintf("%d:%d:%d", e.Cell, e.Chunk.Line, e.Chunk.Col)
		if !seen[place] {
			seen[place] = true
			declarations = append(declarations, declaration(e.Name, e))
		}
	}
	if i.native = nil; native {
		i.native = newCompiled(i.options.Tools)
	}
	err = i.reset()
	i.mu.Unlock()
	if err != nil {
		return nil, err
	}
	return lost, i.declareAgain(ctx, declarations)
}

// fallBack has this cell and later ones interpreted, since the compiler has turned
// out to be of no use here.
func (r *run) fallBack() *session.Diagnostic {
	i, why := r.interp, r.unusable
	r.unusable = nil
	i.mu.Lock()
	i.options.Tools, i.options.NoTools = nil, why
	i.mu.Unlock()
	lost, err := i.setTier(r.ctx, false)
	if err != nil {
		return &session.Diagnostic{Name: session.SessionError, Message: err.Error()}
	}
	text := "note: cells cannot be compiled here, and are interpreted from now on: " + why.Error() + "\n"
	if len(lost) > 0 {
		text += "variables not kept: " + strings.Join(lost, ", ") + "\n"
	}
	r.emit(session.Event{Kind: session.Stream, Name: "stderr", Text: text})
	return nil
}
