// Package session says what a session is: the thing that runs cells.
//
// It holds only the contract — [Session], the requests and replies, and the
// events that a running cell emits — and no implementation. Two things satisfy
// it: interp.Session, which runs cells in its own process, and
// supervisor.Supervisor, which owns a child process in which one of the former
// runs, and which outlives whatever a cell does to it. Start at [Session] and
// [Event].
//
// Offsets in this package are byte offsets into the UTF-8 text of the cell.
// Jupyter counts Unicode code points; the kernel converts at its edge.
package session

import (
	"context"
	"encoding/json"
	"time"
)

// A Session runs cells of Go and answers questions about what they declared.
//
// All methods may be called from any goroutine. Execute calls run one at a time
// per Cell.Shell (the caller sees to that); calls for different shells may
// overlap, and every other method may be called while cells run. An error
// return means that the session itself could not answer (it is closed, its
// process could not be started); what goes wrong inside a cell is part of the
// Reply.
type Session interface {
	// Execute runs one cell and returns once it has ended, whichever way. Events
	// reach out in the order in which the cell caused them, all of them before
	// Execute returns. Cancelling ctx interrupts the cell.
	Execute(ctx context.Context, cell Cell, out Output) (Reply, error)

	// Interrupt stops the cells that are running in every shell. It returns at
	// once; the Execute calls concerned return soon after, with an Interrupted
	// diagnostic. With nothing running it does nothing.
	Interrupt()

	// Complete offers completions for the text before offset.
	Complete(ctx context.Context, code string, offset int) (Completion, error)

	// Inspect describes the name at offset. detail 1 asks for the source too.
	Inspect(ctx context.Context, code string, offset, detail int) (Inspection, error)

	// IsComplete says whether code can be run as it stands.
	IsComplete(ctx context.Context, code string) (Completeness, error)

	// Comm hands the session a comm message that came from the front end. Events
	// that it causes go to out.
	Comm(ctx context.Context, msg CommMessage, out Output) error

	// Comms lists the comms that are open: comm id to target name. An empty
	// target asks for all of them.
	Comms(ctx context.Context, target string) (map[string]string, error)

	// Restore takes over what an earlier session leaves: it replays the
	// declarations, in order, without output. It is called before the first Execute
	// of a session that replaces a dead one. A declaration that fails is skipped;
	// the error joins what was skipped.
	Restore(ctx context.Context, past Past) error

	// Close ends the session and frees what it holds. Cells still running end.
	Close() error
}

// A Past is what a session leaves to the one that replaces it.
type Past struct {
	// Declarations can be had again.
	Declarations []Declaration `json:"declarations,omitempty"`
	// Cells are those that history keeps, in the order in which they ran.
	Cells []Source `json:"cells,omitempty"`
	// Lost names variables that are gone.
	Lost []string `json:"lost,omitempty"`
}

// Empty says that there is nothing to take over.
func (p Past) Empty() bool { return len(p.Declarations)+len(p.Cells)+len(p.Lost) == 0 }

// A Source is the text of a cell that ran. Number is n of In[n].
type Source struct {
	Number int    `json:"number"`
	Code   string `json:"code"`
}

// A Declaration is something that a cell left behind and that can be had again
// by running Source as a cell, without doing again what the cell did: a
// function, a type, a constant, or a setting such as %cd. A later declaration
// of the same Name takes the place of the earlier one.
type Declaration struct {
	Name   string `json:"name"`
	Cell   int    `json:"cell"`
	Source string `json:"source"`
	// Line is where Source began in the cell; 0 where that does not matter.
	Line int `json:"line,omitempty"`
	// Magics says that magics stand in Source.
	Magics bool `json:"magics,omitempty"`
}

// A Cell is one request to run code.
type Cell struct {
	// ID names this execution, uniquely in the session.
	ID string `json:"id"`
	// Code is the cell's text: Go, magics and shell lines.
	Code string `json:"code"`
	// Number is n of In[n].
	Number int `json:"number"`
	// Silent asks for no result and no change to Out.
	Silent bool `json:"silent,omitempty"`
	// StoreHistory says that In and Out keep this cell.
	StoreHistory bool `json:"store_history,omitempty"`
	// AllowStdin says that Output.Input may be called.
	AllowStdin bool `json:"allow_stdin,omitempty"`
	// HTML says that the front end shows HTML; plain text is for the others.
	HTML bool `json:"html,omitempty"`
	// PNG asks for pictures as PNG besides: the front end shows images, and no SVG.
	PNG bool `json:"png,omitempty"`
	// Width is how many columns plain text may take; 0 where that is not known.
	Width int `json:"width,omitempty"`
	// Program says that the cell is a whole program, which no other cell follows:
	// diagnostics say nothing of what a notebook keeps or loses.
	Program bool `json:"program,omitempty"`
	// Shell is the subshell that the cell runs in; empty is the main shell.
	Shell string `json:"shell,omitempty"`
	// Beside says that another shell may run cells meanwhile, which this one may wait
	// for.
	Beside bool `json:"beside,omitempty"`
	// Expressions are evaluated after the cell succeeded, by name.
	Expressions map[string]string `json:"expressions,omitempty"`
}

// A Patient is a session with cells that may not be able to stop at once, as they wait for
// what cannot be stopped in between: a command of a GPU, or the compiler in its driver.
type Patient interface {
	// Patience is how long the cells that run may take to stop when they are interrupted,
	// beyond what is usual; 0 says that all of them should stop at once. Programs that the
	// session has started are not signalled while it is more. It may be called from any
	// goroutine, and does not wait.
	Patience() time.Duration
}

// An Output takes what a cell emits while it runs.
type Output interface {
	// Emit takes one event. It may be called from any goroutine and returns
	// without waiting for a front end to read.
	Emit(Event)

	// Input asks the user for one line, without its line end. It returns
	// [ErrNoInput] where the front end cannot ask, io.EOF where the user ended the
	// input, and ctx's error when it is cancelled.
	Input(ctx context.Context, prompt string, password bool) (string, error)
}

// Kind tells what an [Event] is.
type Kind string

// The kinds of events.
const (
	Stream    Kind = "stream"     // Name, Text
	Display   Kind = "display"    // Data, Metadata, DisplayID if it can be updated
	Update    Kind = "update"     // Data, Metadata, DisplayID
	Result    Kind = "result"     // Data, Metadata: the value of the last expression
	Clear     Kind = "clear"      // Wait
	CommOpen  Kind = "comm_open"  // Comm
	CommMsg   Kind = "comm_msg"   // Comm
	CommClose Kind = "comm_close" // Comm

	// Commit tells, before a cell's statements run, what the cell declares: what
	// is to be restored, and which variables there are, if the process does not
	// outlive it. It shows nothing.
	Commit Kind = "commit" // Declared, Variables
)

// An Event is one thing that a cell shows or sends.
type Event struct {
	Kind Kind `json:"kind"`
	// Name is "stdout" or "stderr", and Text valid UTF-8.
	Name string `json:"name,omitempty"`
	Text string `json:"text,omitempty"`
	// Data is a MIME bundle: text as string, images as base64 strings, JSON as
	// any value that marshals.
	Data      map[string]any `json:"data,omitempty"`
	Metadata  map[string]any `json:"metadata,omitempty"`
	DisplayID string         `json:"display_id,omitempty"`
	// Interim marks a Display or Update that another Update is to follow, such as a
	// progress line: who cannot draw over it need not show it.
	Interim bool `json:"interim,omitempty"`
	// Wait delays a Clear until the next output arrives.
	Wait bool `json:"wait,omitempty"`
	// Comm is the message of the comm kinds.
	Comm *CommMessage `json:"comm,omitempty"`
	// Declared and Variables are a Commit's; see [Reply].
	Declared  []Declaration `json:"declared,omitempty"`
	Variables []string      `json:"variables,omitempty"`
	// Files says which cells are meant where Go's own reports name a compiled
	// package and a file of it, as in "cell/3f2a cell0".
	Files map[string]int `json:"files,omitempty"`
}

// A CommMessage is what comm_open, comm_msg and comm_close carry. Kind tells
// which of the three it is.
type CommMessage struct {
	Kind     Kind            `json:"kind"`
	ID       string          `json:"comm_id"`
	Target   string          `json:"target_name,omitempty"`
	Data     json.RawMessage `json:"data,omitempty"`
	Metadata json.RawMessage `json:"metadata,omitempty"`
	// Buffers travel beside the JSON, as they are.
	Buffers [][]byte `json:"-"`
}

// A Reply says how a cell ended.
type Reply struct {
	// Err is nil when the cell succeeded.
	Err *Diagnostic `json:"err,omitempty"`
	// Expressions holds a value per Cell.Expressions.
	Expressions map[string]Expression `json:"expressions,omitempty"`
	// Payloads are requests to the front end that ride on the reply.
	Payloads []Payload `json:"payloads,omitempty"`
	// Declared lists what the cell declared, also when it failed after that.
	Declared []Declaration `json:"declared,omitempty"`
	// Variables names the variables that the session holds now. They are what a
	// crash loses.
	Variables []string `json:"variables,omitempty"`
	// Reset says that the cell dropped all declarations and variables, and
	// Restart that it asks for a new session in place of this one.
	Reset   bool `json:"reset,omitempty"`
	Restart bool `json:"restart,omitempty"`
	// Died says that the session process ended in the cell, and that another takes its
	// place, in which declarations are restored and variables are not.
	Died bool `json:"died,omitempty"`
}

// An Expression is the outcome of one user expression: either Err or Data.
type Expression struct {
	Data     map[string]any `json:"data,omitempty"`
	Metadata map[string]any `json:"metadata,omitempty"`
	Err      *Diagnostic    `json:"err,omitempty"`
}

// A Payload asks the front end for something after the cell: Source "page"
// shows Data in a pager, "set_next_input" puts Text into the next cell (or,
// with Replace, into this one).
type Payload struct {
	Source  string         `json:"source"`
	Data    map[string]any `json:"data,omitempty"`
	Text    string         `json:"text,omitempty"`
	Replace bool           `json:"replace,omitempty"`
}

// A Completion lists what may stand in place of code[Start:End], best first.
type Completion struct {
	Start int         `json:"start"`
	End   int         `json:"end"`
	Items []Candidate `json:"items"`
}

// A Candidate is one completion. Type is the kind of thing it is, in the words
// that Jupyter front ends know: function, class, instance, module, keyword,
// magic, property, path. Signature is Go's own notation of its type.
type Candidate struct {
	Text      string `json:"text"`
	Type      string `json:"type"`
	Signature string `json:"signature,omitempty"`
}

// An Inspection describes a name. Data is a MIME bundle, empty unless Found.
type Inspection struct {
	Found bool           `json:"found"`
	Data  map[string]any `json:"data,omitempty"`
}

// Status is the answer of IsComplete, in Jupyter's words.
type Status string

// The answers of IsComplete.
const (
	Complete   Status = "complete"
	Incomplete Status = "incomplete"
	Invalid    Status = "invalid"
	Unknown    Status = "unknown"
)

// Completeness says whether code can run, and if it is Incomplete, what the
// next line should be indented with.
type Completeness struct {
	Status Status `json:"status"`
	Indent string `json:"indent,omitempty"`
}
