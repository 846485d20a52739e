package session

import (
	"errors"
	"fmt"
)

// ErrNoInput says that the front end cannot ask the user for input.
var ErrNoInput = errors.New("this front end cannot ask for input (allow_stdin is false)")

// ErrClosed says that the session was closed.
var ErrClosed = errors.New("the session is closed")

// The names that diagnostics go by (Jupyter's ename).
const (
	SyntaxError  = "SyntaxError"  // the cell does not parse
	TypeError    = "TypeError"    // it parses and is not legal Go
	Panic        = "Panic"        // it panicked
	FatalError   = "FatalError"   // the Go runtime ended the session process
	ExitError    = "ExitError"    // the cell ended the session process
	MemoryError  = "MemoryError"  // it went past the memory limit
	Deadlock     = "Deadlock"     // all of its goroutines wait for each other
	Interrupted  = "Interrupted"  // the user stopped it
	MagicError   = "MagicError"   // a magic was used wrongly or failed
	TaskError    = "TaskError"    // a task of a parallel map failed
	DeviceError  = "DeviceError"  // a function cannot be run on a device
	SessionError = "SessionError" // the session process could not be used
)

// A Diagnostic is what went wrong in a cell, as data. It is rendered once, at
// the edge, for the front end at hand.
type Diagnostic struct {
	// Name is one of the names above.
	Name string `json:"name"`
	// Message says what was wrong, in one or a few lines, without a position.
	Message string `json:"message"`
	// Pos is where, if it is known.
	Pos *Position `json:"pos,omitempty"`
	// More holds further errors of the same cell (a type check finds several).
	More []*Diagnostic `json:"more,omitempty"`
	// Hint says what would be right, if that is known.
	Hint string `json:"hint,omitempty"`
	// Trace lists the user's own frames, innermost first.
	Trace []Frame `json:"trace,omitempty"`
	// Notes are further lines for the user: what was lost, what goes on.
	Notes []string `json:"notes,omitempty"`
	// Report is Go's own account (a goroutine dump), cut down.
	Report string `json:"report,omitempty"`
}

// A Position is a place in a cell. Line and Column are 1-based; Column counts
// Unicode code points. Source is the text of that line.
type Position struct {
	Cell   int    `json:"cell"`
	Line   int    `json:"line"`
	Column int    `json:"column"`
	Source string `json:"source,omitempty"`
}

// String gives the position as In[3]:2:7.
func (p Position) String() string { return fmt.Sprintf("In[%d]:%d:%d", p.Cell, p.Line, p.Column) }

// A Frame is one call of the user's own code.
type Frame struct {
	Func string `json:"func,omitempty"`
	Position
}

// Error makes a Diagnostic usable as an error.
func (d *Diagnostic) Error() string {
	if d.Pos != nil {
		return fmt.Sprintf("%s: %s: %s", d.Pos, d.Name, d.Message)
	}
	return d.Name + ": " + d.Message
}
