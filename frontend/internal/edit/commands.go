package edit

import (
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A command is what a key does. The flags say what it leaves open, and that it cuts, so
// that what the next one cuts goes with it.
type command struct {
	do              func(e *Editor) Action
	menu, doc, walk bool
	kill            bool
}

// Commands lists the names of the commands that keys can have.
func Commands() []string { return slices.Sorted(maps.Keys(commands)) }

// move makes a command of a motion.
func move(to func(e *Editor) int) command {
	return command{walk: true, do: func(e *Editor) Action {
		e.set(e.text, to(e))
		e.typing = false
		return None
	}}
}

// kill makes a command that cuts to where a motion leads. What is cut can be put back.
func kill(to func(e *Editor) int) command {
	return command{kill: true, do: func(e *Editor) Action {
		e.kill(e.at, to(e))
		return None
	}}
}

func act(a Action) command { return command{do: func(*Editor) Action { return a }} }

// commands are by the names that readline has for them, where it has them. They are
// filled in by init, as they refer to each other.
var commands map[string]command

func init() {
	commands = map[string]command{
		"accept-line":          {do: (*Editor).enter, menu: true},
		"newline":              {do: func(e *Editor) Action { e.newline(); return None }},
		"interrupt":            {do: (*Editor).interrupt},
		"delete-or-leave":      {do: (*Editor).deleteOrLeave},
		"clear-screen":         {do: func(*Editor) Action { return Clear }, menu: true, doc: true, walk: true},
		"edit-externally":      act(Extern),
		"stop":                 act(Stop),
		"abort":                {do: func(e *Editor) Action { e.pending = ""; return None }},
		"escape":               {do: (*Editor).escape},
		"quoted-insert":        {do: func(e *Editor) Action { e.quoted = true; return None }},
		"complete":             {do: func(e *Editor) Action { e.tab(); return None }, menu: true},
		"complete-back":        {do: (*Editor).shiftTab, menu: true, doc: true},
		"describe":             {do: (*Editor).describe, menu: true, doc: true},
		"history-search":       {do: func(e *Editor) Action { e.startSearch(false); return None }},
		"history-search-on":    {do: func(e *Editor) Action { e.startSearch(true); return None }},
		"up":                   {do: func(e *Editor) Action { e.up(); return None }, menu: true, walk: true},
		"down":                 {do: func(e *Editor) Action { e.down(); return None }, menu: true, walk: true},
		"previous-history":     {do: func(e *Editor) Action { e.older(); return None }, walk: true},
		"next-history":         {do: func(e *Editor) Action { e.newer(); return None }, walk: true},
		"backward-char":        move(func(e *Editor) int { return e.left() }),
		"forward-char":         move(func(e *Editor) int { return e.right() }),
		"backward-word":        move(func(e *Editor) int { return e.wordLeft() }),
		"forward-word":         move(func(e *Editor) int { return e.wordRight() }),
		"beginning-of-line":    move(func(e *Editor) int { return e.lineStart(e.at) }),
		"end-of-line":          move(func(e *Editor) int { return e.lineEnd(e.at) }),
		"beginning-of-cell":    move(func(*Editor) int { return 0 }),
		"end-of-cell":          move(func(e *Editor) int { return len(e.text) }),
		"backward-delete-char": {do: func(e *Editor) Action { e.erase(e.left()); return None }},
		"delete-char":          {do: func(e *Editor) Action { e.erase(e.right()); return None }},
		"kill-word":            kill(func(e *Editor) int { return e.wordRight() }),
		"backward-kill-word":   kill(func(e *Editor) int { return e.wordLeft() }),
		"unix-word-rubout":     kill(func(e *Editor) int { return e.skipBack(e.skipBack(e.at, isBlank), isNoBlank) }),
		"unix-line-discard":    kill(func(e *Editor) int { return e.lineStart(e.at) }),
		"kill-line": kill(func(e *Editor) int {
			if end := e.lineEnd(e.at); end > e.at || end == len(e.text) {
				return end
			}
			return e.at + 1
		}),
		"kill-cell":       {kill: true, do: func(e *Editor) Action { e.at = len(e.text); e.kill(0, e.at); return None }},
		"yank":            {do: func(e *Editor) Action { e.yankLast(); return None }},
		"yank-pop":        {do: func(e *Editor) Action { e.yankPop(); return None }},
		"undo":            {do: func(e *Editor) Action { e.back(&e.undo, &e.redo); return None }},
		"redo":            {do: func(e *Editor) Action { e.back(&e.redo, &e.undo); return None }},
		"transpose-chars": {do: func(e *Editor) Action { e.transpose(); return None }},
		"upcase-word":     {do: func(e *Editor) Action { e.recase(strings.ToUpper); return None }},
		"downcase-word":   {do: func(e *Editor) Action { e.recase(strings.ToLower); return None }},
		"capitalize-word": {do: func(e *Editor) Action { e.recase(capital); return None }},
		"indent":          {do: func(e *Editor) Action { e.type1("\t"); return None }},
	}
}

// emacsKeys are the keys at the start. With the keys of vi they are those of its
// insert mode.
var emacsKeys = map[string]string{
	"Enter": "accept-line", "C-j": "accept-line", "M-Enter": "newline", "S-Enter": "newline", "C-Enter": "newline", "C-o": "newline",
	"C-c": "interrupt", "C-d": "delete-or-leave", "C-l": "clear-screen", "C-z": "stop", "C-g": "abort", "Esc": "escape",
	"C-x C-e": "edit-externally", "C-q": "quoted-insert", "C-v": "quoted-insert",
	"Tab": "complete", "S-Tab": "complete-back", "C-x h": "describe", "F1": "describe", "M-h": "describe",
	"C-r": "history-search", "C-s": "history-search-on",
	"Up": "up", "Down": "down", "C-p": "up", "C-n": "down", "M-p": "previous-history", "M-n": "next-history",
	"PageUp": "previous-history", "PageDown": "next-history",
	"Left": "backward-char", "Right": "forward-char", "C-b": "backward-char", "C-f": "forward-char",
	"C-Left": "backward-word", "C-Right": "forward-word", "M-Left": "backward-word", "M-Right": "forward-word",
	"M-b": "backward-word", "M-f": "forward-word",
	"Home": "beginning-of-line", "End": "end-of-line", "C-a": "beginning-of-line", "C-e": "end-of-line",
	"M-<": "beginning-of-cell", "M->": "end-of-cell", "C-Home": "beginning-of-cell", "C-End": "end-of-cell",
	"Backspace": "backward-delete-char", "Delete": "delete-char",
	"M-d": "kill-word", "M-Backspace": "backward-kill-word", "C-w": "unix-word-rubout", "C-k": "kill-line",
	"C-u": "unix-line-discard", "C-x Backspace": "kill-cell", "C-y": "yank", "M-y": "yank-pop",
	"C-_": "undo", "C-x C-u": "undo", "C-x u": "undo", "M-_": "redo", "C-t": "transpose-chars",
	"M-u": "upcase-word", "M-l": "downcase-word", "M-c": "capitalize-word",
}

func (e *Editor) erase(to int) {
	e.keep(false)
	e.cut(e.at, to)
}

// kill cuts between two offsets, of which one is the cursor. What is cut by several
// in a row goes together.
func (e *Editor) kill(from, to int) {
	if from == to {
		return
	}
	e.keep(false)
	back := to < from
	s := e.cut(from, to)
	if n := len(e.kills); n > 0 && commands[e.last].kill {
		if back {
			e.kills[n-1] = s + e.kills[n-1]
		} else {
			e.kills[n-1] += s
		}
		return
	}
	e.kills = append(e.kills, s)
	if len(e.kills) > 60 {
		e.kills = e.kills[1:]
	}
}

func (e *Editor) yankLast() {
	if len(e.kills) == 0 {
		return
	}
	e.keep(false)
	e.yank = len(e.kills) - 1
	e.put()
}

// yankPop puts an older text in the place of the one that was put in last.
func (e *Editor) yankPop() {
	if e.last != "yank" && e.last != "yank-pop" || len(e.kills) == 0 {
		return
	}
	e.cut(e.yanked[0], e.yanked[1])
	e.yank = (e.yank + len(e.kills) - 1) % len(e.kills)
	e.put()
}

func (e *Editor) put() {
	from := e.at
	e.insert(e.kills[e.yank])
	e.yanked = [2]int{from, e.at}
}

func (e *Editor) interrupt() Action {
	e.pending = ""
	return Drop
}

func (e *Editor) deleteOrLeave() Action {
	if e.text == "" {
		return Leave
	}
	e.erase(e.right())
	return None
}

// escape closes what is open; with the keys of vi it leaves the insert mode.
func (e *Editor) escape() Action {
	if e.vi != nil {
		e.vi.command(e)
	}
	return None
}

func (e *Editor) transpose() {
	if e.at == 0 || e.at == e.lineStart(e.at) {
		return
	}
	e.keep(false)
	if e.at == e.lineEnd(e.at) {
		e.at = e.left()
	}
	if e.at == e.lineStart(e.at) {
		return
	}
	left, right := e.left(), e.right()
	a, b := e.text[left:e.at], e.text[e.at:right]
	e.set(e.text[:left]+b+a+e.text[right:], right)
}

// recase changes the case of the word behind the cursor.
func (e *Editor) recase(how func(string) string) {
	e.keep(false)
	from := e.skip(e.at, isNoWord)
	to := e.skip(from, isWord)
	changed := how(e.text[from:to])
	e.set(e.text[:from]+changed+e.text[to:], from+len(changed))
}

func capital(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	if n == 0 {
		return s
	}
	return string(unicode.ToUpper(r)) + strings.ToLower(s[n:])
}

func (e *Editor) up() {
	switch {
	case e.menu != nil:
		e.choose(-1)
	case !e.vertical(false):
		e.older()
	}
}

func (e *Editor) down() {
	switch {
	case e.menu != nil:
		e.choose(1)
	case !e.vertical(true):
		e.newer()
	}
}

// older goes to the entry before that begins as the text before the cursor.
func (e *Editor) older() {
	w := e.walk
	if w == nil {
		w = &walk{prefix: e.text[:e.at], text: e.text, index: len(e.history)}
	}
	for i := w.index - 1; i >= 0; i-- {
		if h := e.history[i]; strings.HasPrefix(h, w.prefix) && h != e.text {
			w.index = i
			e.walk = w
			e.show(h)
			return
		}
	}
}

// newer goes to the end of the first line of the entry after, so that Down goes through
// it, and from the last entry to what was typed.
func (e *Editor) newer() {
	w := e.walk
	if w == nil {
		return
	}
	for i := w.index + 1; i < len(e.history); i++ {
		if h := e.history[i]; strings.HasPrefix(h, w.prefix) && h != e.text {
			w.index = i
			e.show(h)
			e.at = e.lineEnd(0)
			return
		}
	}
	e.walk = nil
	e.show(w.text)
}

// show puts an entry of the history in.
func (e *Editor) show(text string) {
	e.keep(false)
	e.set(text, len(text))
}
