package edit

import "strings"

// A search looks for cells that contain query.
type search struct {
	query    string
	index    int // of what was found; len(history) at first
	failed   bool
	forward  bool
	original state
}

func (e *Editor) startSearch(forward bool) {
	e.close()
	e.search = &search{index: len(e.history), forward: forward, original: state{e.text, e.at}}
}

// searching takes a key while a search is on.
func (e *Editor) searching(key string) Action {
	s := e.search
	switch {
	case key == "C-r" || key == "Up":
		e.again(false)
	case key == "C-s" || key == "Down":
		e.again(true)
	case key == "Backspace":
		if s.query != "" {
			s.query = trimLast(s.query)
			e.find(len(e.history)-1, false)
		}
	case key == "C-g" || key == "C-c":
		e.search = nil
		e.set(s.original.text, s.original.at)
	case key == "Enter" || key == "C-j":
		e.endSearch()
		e.at = len(e.text)
		return e.Press("Enter")
	case isText(key):
		s.query += key
		e.find(s.index, s.forward)
	default:
		e.endSearch()
		if key == "Esc" || key == "Tab" || key == "Right" {
			return None
		}
		return e.Press(key)
	}
	return None
}

func (e *Editor) endSearch() {
	found := state{e.text, e.at}
	original := e.search.original
	e.search = nil
	if found.text != original.text {
		e.set(original.text, original.at)
		e.keep(false)
		e.set(found.text, found.at)
	}
}

// again goes to the next cell that contains the query.
func (e *Editor) again(forward bool) {
	s := e.search
	s.forward = forward
	if s.query == "" {
		s.query = s.original.text
		if strings.Contains(s.query, "\n") {
			s.query = ""
		}
	}
	if forward {
		e.find(s.index+1, true)
	} else {
		e.find(s.index-1, false)
	}
}

// find looks for the query from an entry on.
func (e *Editor) find(from int, forward bool) {
	s := e.search
	step := -1
	if forward {
		step = 1
	}
	fold := strings.ToLower(s.query) == s.query // capitals are meant if there are any
	for i := min(from, len(e.history)-1); i >= 0 && i < len(e.history); i += step {
		h := e.history[i]
		text := h
		if fold {
			text = strings.ToLower(h)
		}
		at := strings.LastIndex(text, s.query)
		if at < 0 || len(text) != len(h) && !strings.HasPrefix(h[min(at, len(h)):], s.query) {
			continue
		}
		s.index, s.failed = i, false
		e.set(h, at)
		return
	}
	s.failed = true
}
