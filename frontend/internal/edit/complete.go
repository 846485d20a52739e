package edit

import "strings"

// A menu holds completions. index is the one that is chosen, -1 if none is.
type menu struct {
	from, to int // of what is replaced, in before
	before   string
	list     []Candidate
	index    int
}

// tab completes, or, where no word is, indents.
func (e *Editor) tab() {
	e.doc = ""
	if e.burst {
		e.close()
		e.type1("\t")
		return
	}
	if e.menu != nil {
		e.choose(1)
		return
	}
	if strings.TrimLeft(e.text[e.lineStart(e.at):e.at], " \t") == "" {
		e.walk = nil
		e.type1("\t")
		return
	}
	e.complete(false)
}

// shiftTab goes back in the menu, or describes what is at the cursor.
func (e *Editor) shiftTab() Action {
	if e.menu != nil {
		e.choose(-1)
		return None
	}
	return e.describe()
}

// complete opens the menu, or puts in the only candidate, or what all have in
// common. While typing nothing is put in.
func (e *Editor) complete(typing bool) {
	from, to, list := e.language.Candidates(e.text, e.at)
	if from < 0 || to < from || to > len(e.text) || len(list) == 0 {
		return
	}
	m := &menu{from: from, to: to, before: e.text, list: list, index: -1}
	if typing {
		if len(list) > 1 || list[0].Text != e.text[from:to] {
			e.menu = m
		}
		return
	}
	common := list[0].Text
	for _, c := range list[1:] {
		for !strings.HasPrefix(c.Text, common) {
			common = trimLast(common)
		}
	}
	if len(list) == 1 || len(common) > to-from && strings.HasPrefix(common, e.text[from:to]) {
		e.keep(false)
		e.set(e.text[:from]+common+e.text[to:], from+len(common))
		m.to, m.before = from+len(common), e.text
	}
	if len(list) > 1 {
		e.menu = m
	}
}

func trimLast(s string) string {
	r := []rune(s)
	return string(r[:len(r)-1])
}

// choose goes by steps in the menu, and puts in what it comes to; one step before the
// first is what was typed.
func (e *Editor) choose(step int) {
	m := e.menu
	if m.index < 0 {
		e.keep(false)
	}
	n := len(m.list) + 1
	m.index = (m.index+1+step+n)%n - 1
	text := m.before[m.from:m.to]
	if m.index >= 0 {
		text = m.list[m.index].Text
	}
	e.set(m.before[:m.from]+text+m.before[m.to:], m.from+len(text))
}

// describe shows the documentation of what is at the cursor; the second time, all of
// it in the pager.
func (e *Editor) describe() Action {
	if e.doc != "" {
		return Page
	}
	e.doc = strings.TrimRight(e.language.Describe(e.text, e.at), "\n")
	if e.doc == "" {
		e.doc = "nothing is known of what stands here"
	}
	return None
}
