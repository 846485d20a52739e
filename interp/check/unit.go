package check

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/adabc437/fanout/interp/cell"
	"github.com/adabc437/fanout/interp/session"
)

// ValuesCall is the name of a Call that stands for several expressions as the
// result of a cell: a, b.
const ValuesCall = "__values"

// A Call is a place where a magic stands in an expression. In the source it is
// a call of a function of the given name, and its type follows from the types
// of its arguments.
type Call struct {
	Name string
	// Label is what the user wrote, for diagnostics: %pmap.
	Label string
	// Type gives the call's signature: parameters as the arguments, and the
	// magic's result. It returns a Diagnostic-worthy error otherwise.
	Type func(args []types.TypeAndValue) (*types.Signature, error)
	// Written is the whole magic as the user wrote it, for messages; "" if that is not known.
	Written string
}

// An ArgError is an error of a Call's Type that lies in one of its arguments.
type ArgError struct {
	Arg int
	Err error
}

// Error is the text of Err.
func (e *ArgError) Error() string { return e.Err.Error() }

// Unwrap gives Err.
func (e *ArgError) Unwrap() error { return e.Err }

// Input is what Check is asked about.
type Input struct {
	// Number is n of In[n] and File the file name in line directives.
	Number int
	File   string
	// Chunks are the cell's own, and Again those of earlier cells that are to be
	// declared again since the cell redefines what they use.
	Chunks, Again []cell.Chunk
	Calls         []Call
	// Retype holds variables of earlier cells, with their types, whose types the
	// unit declares again.
	Retype map[string]types.Type
	// Lines gives the text of a line, for diagnostics.
	Lines func(file string, line int) string
}

// A Unit is a checked cell, ready to be lowered.
type Unit struct {
	Input
	Fset *token.FileSet
	Pkg  *types.Package
	Info *types.Info
	// Decls are the constants, types, functions and methods, with the chunk of
	// each.
	Decls []Decl
	// Body holds the statements, and Locals the variables declared at its top
	// level, which become the session's.
	Body   *ast.BlockStmt
	Locals []*types.Var
	// Result is the expression whose value the cell shows, or nil.
	Result ast.Expr
	// Hidden says that a semicolon behind it asks not to show it.
	Hidden bool
	// Imports maps the local names of the packages that the unit uses.
	Imports map[string]string
	// Dots are the packages that the cell imports with a dot.
	Dots []string
	// Text is what was parsed: positions, unadjusted by line directives, are
	// offsets into it.
	Text string
	// GlobalDecls are the var declarations of a program, and Globals what is set, in
	// order. The variables are among Locals.
	GlobalDecls []*ast.GenDecl
	Globals     []*types.Initializer
	// Retyped are variables of earlier cells whose types the unit declares again.
	Retyped map[string]*types.Var
	// Inits are for tiers that write a unit: the names of its init functions.
	Inits []string
	// CallsMain says that the last statement is a call of the program's main, which
	// the user did not write.
	CallsMain bool
	// Main says that the cell is a program with its own func main.
	Main bool
	// Calls holds the signatures found for Input.Calls, by name.
	Signatures map[string]*types.Signature
}

// AfterVars is the number of the statements up to the last var declaration among
// them: init functions run behind these.
func (u *Unit) AfterVars() int {
	n := 0
	for i, s := range u.Body.List {
		if d, ok := s.(*ast.DeclStmt); ok {
			if g, ok := d.Decl.(*ast.GenDecl); ok && g.Tok == token.VAR {
				n = i + 1
			}
		}
	}
	return n
}

// A Decl is one declaration of a unit.
type Decl struct {
	Node  ast.Decl
	Chunk cell.Chunk
	// Names are the names declared: several for a const or type group, and
	// Type.Method for a method.
	Names []string
	Refs  map[string]bool
	Uses  map[string]types.Object
}

// TopLevel says whether obj is one of the unit's locals.
func (u *Unit) TopLevel(obj types.Object) bool {
	for _, v := range u.Locals {
		if v == obj {
			return true
		}
	}
	return false
}

// Errors orders diagnostics into one with More.
func Errors(list []*session.Diagnostic) *session.Diagnostic {
	if len(list) == 0 {
		return nil
	}
	d := list[0]
	d.More = nil
	seen := map[string]bool{where(d): true}
	for _, more := range list[1:] {
		if at := where(more); !seen[at] { // one that two phases have found
			seen[at] = true
			d.More = append(d.More, more)
		}
	}
	return d
}

// where is a diagnostic's place and message.
func where(d *session.Diagnostic) string {
	if d.Pos == nil {
		return d.Message
	}
	return d.Pos.String() + d.Message
}
