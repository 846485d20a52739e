package edit

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// A buffer is the text that is typed and a cursor in it. Offsets are in bytes.
type buffer struct {
	text string
	at   int
	goal int // the column that Up and Down aim at; -1 if there is none

	undo, redo []state
	typing     bool // the last change was typing, which the next one goes with
}

type state struct {
	text string
	at   int
}

// maxUndo bounds what can be undone.
const maxUndo = 1000

// keep notes the state before a change.
func (b *buffer) keep(typing bool) {
	if typing && b.typing {
		return
	}
	b.typing = typing
	b.undo = append(b.undo, state{b.text, b.at})
	if len(b.undo) > maxUndo {
		b.undo = b.undo[1:]
	}
	b.redo = nil
}

// set replaces all.
func (b *buffer) set(text string, at int) {
	b.text, b.at, b.goal = text, min(max(at, 0), len(text)), -1
}

// back goes from one stack of states to the other.
func (b *buffer) back(from, to *[]state) {
	if n := len(*from); n > 0 {
		*to = append(*to, state{b.text, b.at})
		s := (*from)[n-1]
		*from = (*from)[:n-1]
		b.set(s.text, s.at)
		b.typing = false
	}
}

// insert puts s at the cursor.
func (b *buffer) insert(s string) { b.set(b.text[:b.at]+s+b.text[b.at:], b.at+len(s)) }

// cut takes text[from:to] out; the cursor is where it was.
func (b *buffer) cut(from, to int) string {
	from, to = min(from, to), max(from, to)
	s := b.text[from:to]
	b.set(b.text[:from]+b.text[to:], from)
	return s
}

// The motions give the offset that a move from the cursor leads to.

func (b *buffer) left() int {
	at := 0
	if b.at == 0 {
		return 0
	}
	start := b.lineStart(b.at)
	if start == b.at {
		return b.at - 1
	}
	for rest, n := b.text[start:b.at], start; rest != ""; {
		var c string
		c, rest, _, _ = uniseg.FirstGraphemeClusterInString(rest, -1)
		at = n
		n += len(c)
	}
	return at
}

func (b *buffer) right() int {
	if b.at == len(b.text) {
		return b.at
	}
	c, _, _, _ := uniseg.FirstGraphemeClusterInString(b.text[b.at:], -1)
	return b.at + len(c)
}

func (b *buffer) lineStart(at int) int { return strings.LastIndexByte(b.text[:at], '\n') + 1 }

func (b *buffer) lineEnd(at int) int {
	if n := strings.IndexByte(b.text[at:], '\n'); n >= 0 {
		return at + n
	}
	return len(b.text)
}

// firstPrint is the first character of the cursor's line that is no blank.
func (b *buffer) firstPrint() int {
	start := b.lineStart(b.at)
	line := b.text[start:b.lineEnd(b.at)]
	return start + len(line) - len(strings.TrimLeft(line, " \t"))
}

// vertical moves the cursor by one line, and says whether there is one.
func (b *buffer) vertical(down bool) bool {
	start, end := b.lineStart(b.at), b.lineEnd(b.at)
	goal := b.goal
	if goal < 0 {
		goal = utf8.RuneCountInString(b.text[start:b.at])
	}
	to := end + 1
	if !down {
		if start == 0 {
			return false
		}
		to = b.lineStart(start - 1)
	} else if end == len(b.text) {
		return false
	}
	b.at = to
	for i := 0; i < goal && b.at < len(b.text) && b.text[b.at] != '\n'; i++ {
		b.at = b.right()
	}
	b.goal = goal
	return true
}

// A class of characters: words are made of one.
type class int

const (
	blank class = iota
	word
	sign
)

// classOf is the class of r; with big, all that is not blank is a word.
func classOf(r rune, big bool) class {
	switch {
	case unicode.IsSpace(r):
		return blank
	case big || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.Mn, r):
		return word
	}
	return sign
}

func (b *buffer) after(at int) (rune, int)  { return utf8.DecodeRuneInString(b.text[at:]) }
func (b *buffer) before(at int) (rune, int) { return utf8.DecodeLastRuneInString(b.text[:at]) }

// skip goes on from at while ok.
func (b *buffer) skip(at int, ok func(rune) bool) int {
	for at < len(b.text) {
		r, n := b.after(at)
		if !ok(r) {
			break
		}
		at += n
	}
	return at
}

// skipBack goes back from at while ok.
func (b *buffer) skipBack(at int, ok func(rune) bool) int {
	for at > 0 {
		r, n := b.before(at)
		if !ok(r) {
			break
		}
		at -= n
	}
	return at
}

func isWord(r rune) bool    { return classOf(r, false) == word }
func isNoWord(r rune) bool  { return !isWord(r) }
func isBlank(r rune) bool   { return unicode.IsSpace(r) }
func isNoBlank(r rune) bool { return !unicode.IsSpace(r) }

// wordRight and wordLeft are those of emacs: to the end and the start of a name.
func (b *buffer) wordRight() int { return b.skip(b.skip(b.at, isNoWord), isWord) }
func (b *buffer) wordLeft() int  { return b.skipBack(b.skipBack(b.at, isNoWord), isWord) }

// nextWord, wordEnd and backWord are w, e and b of vi.
func (b *buffer) nextWord(big bool) int {
	if b.at == len(b.text) {
		return b.at
	}
	r, _ := b.after(b.at)
	c := classOf(r, big)
	at := b.at
	if c != blank {
		at = b.skip(at, func(r rune) bool { return classOf(r, big) == c })
	}
	return b.skip(at, isBlank)
}

func (b *buffer) wordEnd(big bool) int {
	at := b.skip(b.right(), isBlank)
	if at == len(b.text) {
		return at
	}
	r, _ := b.after(at)
	c := classOf(r, big)
	at = b.skip(at, func(r rune) bool { return classOf(r, big) == c })
	_, n := b.before(at)
	return at - n
}

func (b *buffer) backWord(big bool) int {
	at := b.skipBack(b.at, isBlank)
	if at == 0 {
		return 0
	}
	r, _ := b.before(at)
	c := classOf(r, big)
	return b.skipBack(at, func(r rune) bool { return classOf(r, big) == c })
}

// name is the bounds of the name at the cursor.
func (b *buffer) name() (from, to int) { return b.skipBack(b.at, isWord), b.skip(b.at, isWord) }
