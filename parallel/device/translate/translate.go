// Package translate turns a user's typed Go function, and all that it calls, into a
// program of package ir. What a device cannot do is an [Error] at the user's own line and
// column that says what to do instead.
//
// Start at [Function]. Where the source of what is called stands is the caller's to know:
// see [Config].
package translate

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"sort"
	"strings"

	"github.com/adabc437/fanout/parallel/device/ir"
)

// A Source is where a function stands: its declaration, and what go/types knows of it.
type Source struct {
	Fset *token.FileSet
	Info *types.Info // with Types, Defs, Uses, Selections and Instances
	Decl *ast.FuncDecl
	// Comments are those of its file; may be nil.
	Comments []*ast.CommentGroup
}

// A Config says where other functions are found.
type Config struct {
	// Declaration finds the source of a declared function or method, a generic one's
	// origin. Its error says why there is none.
	Declaration func(f *types.Func) (*Source, error)
	// Variable finds the function that a variable outside of functions holds wherever it is
	// read; for a function literal it gives one that Declaration knows. Its error says why
	// there is none. It may be nil.
	Variable func(v *types.Var) (*types.Func, error)
	// Substitute gives another type in place of a named one, or nil; it may be nil. Of a
	// method of such a type, Declaration gives a function with the receiver as first parameter.
	Substitute func(n *types.Named) types.Type
	// ReadOnly says what the first parameters are, in words, where the function must not
	// change their elements.
	ReadOnly []string
}

// A Unit is a translated function.
type Unit struct {
	Program *ir.Program // Structs, Funcs and Sites; no kernels
	// Func is the function; its parameters are the user's, then the captured variables.
	Func *ir.Func
	// Captures are the variables outside of the function that it or its callees read, in
	// the order of the parameters.
	Captures []Capture
}

// A Capture is a variable outside of the function, and the parameter that has its value.
type Capture struct {
	Var   *types.Var
	Param *ir.Var
}

// An Error is something that a device cannot do.
type Error struct {
	Pos  token.Position
	Msg  string // what and why
	Hint string // what to do instead; may be empty
}

// Error is the place, what is wrong, and what to do instead.
func (e *Error) Error() string {
	s := fmt.Sprintf("%s: %s", e.Pos, e.Msg)
	if e.Hint != "" {
		s += " (" + e.Hint + ")"
	}
	return s
}

// Errors are the errors of a function, sorted by their places; at most 10.
type Errors []*Error

// Error is the errors, a line each.
func (e Errors) Error() string {
	lines := make([]string, len(e))
	for i, x := range e {
		lines[i] = x.Error()
	}
	return strings.Join(lines, "\n")
}

const mostErrors = 10

// Function translates f: the name of a declared function, a method value, a method
// expression, an instance of a generic function, or a function literal at its place. What
// it cannot translate is an [Errors].
func Function(c *Config, f ast.Expr, fset *token.FileSet, info *types.Info) (*Unit, error) {
	u := &unit{
		config: c,
		prog:   &ir.Program{},
		funcs:  map[*types.Func][]*function{},
		names:  map[string]bool{},
		sites:  map[ir.Site]int{},
		places: map[ir.Stmt]token.Position{},

		libraryFuncs: map[*types.Func]*function{},
		types:        types.NewContext(),
	}
	root := u.root(f, fset, info)
	if len(u.errs) == 0 {
		if err := u.prog.Finish(); err != nil {
			return nil, fmt.Errorf("translate: %w", err)
		}
		u.checkWrites(root)
	}
	if len(u.errs) > 0 {
		return nil, u.sorted()
	}
	unit := &Unit{Program: u.prog, Func: root.ir}
	for _, x := range root.extras {
		unit.Captures = append(unit.Captures, Capture{Var: x.v, Param: x.param})
	}
	return unit, nil
}

// A unit is what one call of Function has translated so far.
type unit struct {
	config  *Config
	prog    *ir.Program
	errs    Errors
	funcs   map[*types.Func][]*function // by their origin
	stack   []*function                 // those that are being translated
	structs []structType
	names   map[string]bool // of functions and structs
	sites   map[ir.Site]int
	// places has where Assign and Call statements stand in the source.
	places map[ir.Stmt]token.Position
	types  *types.Context
	// complex has the types of complex numbers that the program uses, by the kinds of their parts.
	complex map[ir.Kind]*ir.Type
	library *complexLibrary // nil until it is needed
	// libraryFuncs are those of math and math/bits that are called as functions.
	libraryFuncs map[*types.Func]*function
}

// report notes an error, once.
func (u *unit) report(pos token.Position, msg, hint string) {
	for _, e := range u.errs {
		if e.Pos == pos && e.Msg == msg {
			return
		}
	}
	u.errs = append(u.errs, &Error{Pos: pos, Msg: msg, Hint: hint})
}

func (u *unit) sorted() Errors {
	sort.SliceStable(u.errs, func(i, j int) bool {
		a, b := u.errs[i].Pos, u.errs[j].Pos
		switch {
		case a.Filename != b.Filename:
			return a.Filename < b.Filename
		case a.Line != b.Line:
			return a.Line < b.Line
		}
		return a.Column < b.Column
	})
	return u.errs[:min(len(u.errs), mostErrors)]
}

// position is where pos stands for the user: line directives count.
func position(fset *token.FileSet, pos token.Pos) token.Position {
	p := fset.Position(pos)
	if p.Column == 0 {
		p.Column = fset.PositionFor(pos, false).Column
	}
	return p
}

// unique is a name that no other function or struct of the program has.
func (u *unit) unique(name string) string { return unique(u.names, identifier(name)) }

func unique(taken map[string]bool, name string) string {
	got := name
	for n := 2; taken[got]; n++ {
		got = fmt.Sprintf("%s_%d", name, n)
	}
	taken[got] = true
	return got
}

// identifier makes a name that C takes: letters beyond ASCII are written as their code
// points, other signs as underscores, and words of C get an underscore.
func identifier(name string) string {
	var b strings.Builder
	for i, r := range name {
		switch {
		case r == '_', 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z':
			b.WriteRune(r)
		case '0' <= r && r <= '9':
			if i == 0 {
				b.WriteByte('_')
			}
			b.WriteRune(r)
		case r > 127:
			fmt.Fprintf(&b, "u%04x", r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "_"):
			b.WriteByte('_')
		}
	}
	s := b.String()
	if len(s) > 1 {
		s = strings.TrimSuffix(s, "_")
	}
	if s == "" || cWords[s] {
		s += "_"
	}
	return s
}

var cWords = func() map[string]bool {
	words := map[string]bool{}
	for _, w := range strings.Fields(`auto break case char const continue default do double else enum extern float for goto if
		inline int long register restrict return short signed sizeof static struct switch typedef union unsigned void
		volatile while bool true false main`) {
		words[w] = true
	}
	return words
}()
