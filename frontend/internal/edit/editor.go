// Package edit is the editor in which cells are typed at a prompt: text of several
// lines, the keys of emacs and vi, a menu of completions, documentation, and a
// search in the history.
//
// It is pure: keys go in by [Editor.Press], what is to be done comes out as an
// [Action], and [Editor.View] says what a terminal shows. What it must know of the
// language it asks a [Language].
package edit

import (
	"strings"
)

// A Language answers what the editor must know of the text that is typed. Offsets
// are in bytes.
type Language interface {
	// Complete says whether text can be run, and if not, the indent of the line
	// that follows it.
	Complete(text string) (complete bool, indent string)
	// Candidates lists what may stand in place of text[from:to].
	Candidates(text string, at int) (from, to int, list []Candidate)
	// Describe gives the documentation of what stands at an offset, or "".
	Describe(text string, at int) string
}

// A Candidate is one completion, with the kind of thing it is and its type.
type Candidate struct {
	Text, Kind, Signature string
}

// Action is what a key asks for that the editor does not do itself.
type Action int

// The actions.
const (
	None   Action = iota
	Accept        // run the text
	Drop          // drop the text
	Leave         // leave the program
	Clear         // clear the screen
	Extern        // edit the text in an editor of the user's; see Editor.Replace
	Page          // show Editor.Doc in a pager
	Stop          // stop the program, as the shell's job control does
)

// Options say how an editor behaves.
type Options struct {
	// Vi chooses the keys of vi, in place of those of emacs.
	Vi bool
	// Keys gives keys other commands: from a name such as "C-t" or "C-x C-t" to a
	// name in [Commands].
	Keys map[string]string
}

// An Editor holds the text of one cell at a time. Its methods are called from one
// goroutine.
type Editor struct {
	buffer
	language Language
	vi       *vi // nil with the keys of emacs
	keys     map[string]string

	pending string // keys of a sequence that is not complete
	last    string // the command before
	kills   []string
	yank    int // of kills, that was put in last
	yanked  [2]int

	history []string // oldest first
	walk    *walk
	search  *search
	menu    *menu
	doc     string
	hint    hint
	quoted  bool // the next key is taken as it is
	burst   bool // see SetBurst
}

// A walk goes through the history with Up and Down, among the entries that begin with
// prefix.
type walk struct {
	prefix, text string
	index        int
}

// A hint is the signature of the call at an offset of a text.
type hint struct {
	text   string
	offset int
	says   string
}

// New makes an editor.
func New(l Language, o Options) *Editor {
	e := &Editor{language: l, keys: map[string]string{}, buffer: buffer{goal: -1}}
	for _, table := range []map[string]string{emacsKeys, o.Keys} {
		for k, c := range table {
			e.keys[k] = c
		}
	}
	if o.Vi {
		e.vi = &vi{inserts: true}
	}
	return e
}

// Begin empties the editor for the next cell.
func (e *Editor) Begin(text string) {
	e.buffer = buffer{goal: -1}
	e.set(text, len(text))
	e.pending, e.last, e.walk, e.search, e.menu, e.doc, e.hint, e.quoted = "", "", nil, nil, nil, "", hint{}, false
	if e.vi != nil {
		*e.vi = vi{inserts: true, change: e.vi.change, find: e.vi.find}
	}
}

// SetHistory gives the cells that were run before, oldest first.
func (e *Editor) SetHistory(cells []string) {
	if e.walk == nil && e.search == nil {
		e.history = cells
	}
}

// Text is what is typed, and the offset of the cursor.
func (e *Editor) Text() (text string, at int) { return e.text, e.at }

// Replace puts other text in place of what is typed.
func (e *Editor) Replace(text string) {
	e.keep(false)
	e.set(text, len(text))
}

// Doc is the documentation that is shown, in full.
func (e *Editor) Doc() string { return e.doc }

// Press takes one key, named as package tty names them.
func (e *Editor) Press(key string) Action {
	if e.search != nil {
		return e.searching(key)
	}
	if e.quoted {
		e.quoted = false
		e.type1(literal(key))
		return None
	}
	if e.vi != nil && e.vi.inserts {
		e.vi.note(key)
	} else if e.vi != nil && e.pending == "" && e.vi.takes(e, key) {
		return e.vi.press(e, key)
	}
	seq := key
	if e.pending != "" {
		seq = e.pending + " " + key
	}
	e.pending = ""
	name, ok := e.keys[seq]
	switch {
	case ok:
		return e.do(name)
	case e.begins(seq):
		e.pending = seq
		return None
	case strings.Contains(seq, " ") && seq != " ":
		return None // no such sequence
	case isText(key):
		return e.do("self-insert " + key)
	}
	return None
}

// begins says whether longer sequences begin with seq.
func (e *Editor) begins(seq string) bool {
	for k := range e.keys {
		if strings.HasPrefix(k, seq+" ") {
			return true
		}
	}
	return false
}

// isText says whether a key types itself.
func isText(key string) bool {
	r := []rune(key)
	return len(r) == 1
}

// literal is the character of a key that is quoted.
func literal(key string) string {
	switch key {
	case "Tab":
		return "\t"
	case "Enter":
		return "\n"
	}
	if isText(key) {
		return key
	}
	return ""
}

// SetBurst says whether the keys that follow come in a burst, as when text is pasted
// without brackets: tabs are text then, and lines keep the indent that they have.
func (e *Editor) SetBurst(on bool) { e.burst = on }

// Paste puts text in as it is, but for line ends at the end of the cell.
func (e *Editor) Paste(text string) {
	if e.search != nil {
		line, _, _ := strings.Cut(text, "\n")
		e.search.query += line
		e.find(e.search.index, true)
		return
	}
	e.close()
	e.keep(false)
	if trimmed := strings.TrimRight(text, "\n"); trimmed != "" && e.at == len(e.text) {
		text = trimmed // Enter runs it
	}
	e.insert(text)
	e.last = "paste"
}

// do runs a command by its name.
func (e *Editor) do(name string) Action {
	if key, ok := strings.CutPrefix(name, "self-insert "); ok {
		e.selfInsert(key)
		e.last = "self-insert"
		return None
	}
	c, ok := commands[name]
	if !ok {
		return None
	}
	if !c.menu {
		e.menu = nil
	}
	if !c.doc {
		e.doc = ""
	}
	if !c.walk {
		e.walk = nil
	}
	action := c.do(e)
	e.last = name
	return action
}

// close ends the menu, the documentation and the walk.
func (e *Editor) close() { e.menu, e.doc, e.walk = nil, "", nil }

// selfInsert types a character. A closing bracket at the start of a line steps back
// one indent; a menu follows what is typed.
func (e *Editor) selfInsert(s string) {
	open := e.menu != nil
	e.close()
	e.type1(s)
	if r := []rune(s); open && len(r) == 1 && isWord(r[0]) {
		e.complete(true)
	}
}

func (e *Editor) type1(s string) {
	e.keep(s != "\n")
	if !e.burst && (s == "}" || s == ")" || s == "]") {
		start := e.lineStart(e.at)
		if indent := e.text[start:e.at]; indent != "" && strings.TrimLeft(indent, "\t") == "" {
			e.cut(e.at-1, e.at)
		}
	}
	e.insert(s)
}

// newline begins a line, indented as the language says.
func (e *Editor) newline() {
	e.keep(false)
	if e.burst {
		e.insert("\n")
		return
	}
	complete, indent := e.language.Complete(e.text[:e.at] + "\n")
	if complete {
		start := e.lineStart(e.at)
		line := e.text[start:e.at]
		indent = line[:len(line)-len(strings.TrimLeft(line, " \t"))]
	}
	rest := e.text[e.at:]
	if r := strings.TrimLeft(rest, " \t"); r != "" && strings.ContainsRune(")}]", rune(r[0])) {
		indent = strings.TrimSuffix(indent, "\t")
	}
	start := e.lineStart(e.at)
	if strings.TrimLeft(e.text[start:e.at], "\t ") == "" { // blanks alone are not left behind
		e.cut(start, e.at)
	}
	e.insert("\n" + indent)
}

// enter runs the text if it can be run and the cursor is on its last line, and else
// begins a line.
func (e *Editor) enter() Action {
	if e.menu != nil && e.menu.index >= 0 {
		e.menu = nil // what was chosen stays
		return None
	}
	e.close()
	if strings.TrimSpace(e.text) == "" {
		e.set("", 0)
		return Accept
	}
	if strings.Contains(strings.TrimRight(e.text[e.at:], " \t\n"), "\n") || strings.TrimSpace(e.text[e.lineEnd(e.at):]) != "" {
		e.newline()
		return None
	}
	if complete, _ := e.language.Complete(e.text + "\n"); complete {
		return Accept
	}
	if strings.TrimSpace(e.text[e.at:]) == "" {
		e.set(e.text[:e.at], e.at)
	}
	e.newline()
	return None
}
