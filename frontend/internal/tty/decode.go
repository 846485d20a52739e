package tty

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf8"
)

// An Event is one thing that a terminal sends: a key, a paste, or an answer to a
// question. One of Key, Paste and Answer is set; none is for what has no meaning
// here.
type Event struct {
	// Key is the name of a key, such as a, é, Enter, C-x, M-Left or S-Tab, with the
	// modifiers C-, M- (Alt) and S- in this order.
	Key string
	// Paste is the text of a bracketed paste, with \n as its line end.
	Paste string
	// Answer is an escape sequence that answers a question, from ESC on.
	Answer string
}

// The bounds of what is decoded.
const (
	maxSequence = 4 << 10  // bytes of an escape sequence; what is longer is dropped
	maxPaste    = 16 << 20 // bytes of a paste; what is longer comes in parts
)

// Decode gives the first event in b and how many bytes it takes. 0 bytes: the
// event is not complete, and more must be read. With final nothing follows within
// the time that an escape sequence takes, so that what is there is taken as keys; only
// a paste that has no end yet is not.
func Decode(b []byte, final bool) (Event, int) {
	if len(b) == 0 {
		return Event{}, 0
	}
	switch c := b[0]; {
	case c == 0x1b:
		return escape(b, final)
	case c < 0x20 || c == 0x7f:
		return Event{Key: control(c)}, 1
	}
	if !utf8.FullRune(b) && !final {
		return Event{}, 0
	}
	r, n := utf8.DecodeRune(b)
	if r == utf8.RuneError && n == 1 || r >= 0x80 && r < 0xa0 {
		return Event{}, n
	}
	return Event{Key: string(r)}, n
}

// control is the name of a control character.
func control(c byte) string {
	switch c {
	case '\r':
		return "Enter"
	case '\t':
		return "Tab"
	case 0x7f, 0x08:
		return "Backspace"
	case 0x1b:
		return "Esc"
	case 0:
		return "C-Space"
	}
	if c < 27 {
		return "C-" + string(rune('a'+c-1))
	}
	return "C-" + string(rune('@'+c))
}

func escape(b []byte, final bool) (Event, int) {
	if len(b) == 1 {
		if final {
			return Event{Key: "Esc"}, 1
		}
		return Event{}, 0
	}
	switch b[1] {
	case '[':
		return csi(b, final)
	case 'O':
		if len(b) > 2 {
			if name := finals[b[2]]; name != "" {
				return Event{Key: name}, 3
			}
			return Event{Key: "M-O"}, 2
		}
		if final {
			return Event{Key: "M-O"}, 2
		}
		return Event{}, 0
	case ']', 'P', '_', '^', 'X':
		return text(b, final)
	case 0x1b:
		if len(b) > 2 && (b[2] == '[' || b[2] == 'O') { // Alt with a key, as some send it
			ev, n := escape(b[1:], final)
			if n == 0 {
				return ev, 0
			}
			if ev.Key != "" {
				ev.Key = modified(ev.Key, 3)
			}
			return ev, n + 1
		}
		return Event{Key: "Esc"}, 1
	}
	ev, n := Decode(b[1:], final)
	if n == 0 {
		return ev, 0
	}
	if ev.Key != "" {
		ev.Key = modified(ev.Key, 3)
	}
	return ev, n + 1
}

// finals are the keys of sequences that end in a letter.
var finals = map[byte]string{
	'A': "Up", 'B': "Down", 'C': "Right", 'D': "Left", 'H': "Home", 'F': "End", 'Z': "S-Tab",
	'P': "F1", 'Q': "F2", 'R': "F3", 'S': "F4", 'M': "Enter",
}

// numbers are the keys of sequences that end in ~.
var numbers = map[int]string{
	1: "Home", 2: "Insert", 3: "Delete", 4: "End", 5: "PageUp", 6: "PageDown", 7: "Home", 8: "End",
	11: "F1", 12: "F2", 13: "F3", 14: "F4", 15: "F5", 17: "F6", 18: "F7", 19: "F8", 20: "F9", 21: "F10", 23: "F11", 24: "F12",
}

// csi decodes what begins with ESC [.
func csi(b []byte, final bool) (Event, int) {
	i := 2
	for i < len(b) && b[i] >= 0x20 && b[i] < 0x40 {
		i++
	}
	if i > maxSequence {
		return Event{}, i
	}
	if i == len(b) {
		if final {
			return Event{Key: "M-["}, 2
		}
		return Event{}, 0
	}
	end := b[i]
	if end < 0x40 || end > 0x7e { // cut off by another sequence
		return Event{}, i
	}
	n := i + 1
	args := string(b[2:i])
	if end == '~' && args == "200" {
		return paste(b, n)
	}
	if strings.HasPrefix(args, "?") || strings.HasPrefix(args, ">") || end == 'R' && strings.Contains(args, ";") && !strings.HasPrefix(args, "1;") {
		return Event{Answer: string(b[:n])}, n
	}
	return Event{Key: csiKey(args, end)}, n
}

func csiKey(args string, end byte) string {
	var p [3]int
	for i, s := range strings.SplitN(args, ";", 3) {
		s, _, _ = strings.Cut(s, ":")
		p[i], _ = strconv.Atoi(s)
	}
	switch {
	case end == '~' && p[0] == 27: // xterm's modifyOtherKeys
		return codeKey(p[2], p[1])
	case end == '~':
		return modified(numbers[p[0]], p[1])
	case end == 'u': // the keyboard protocol of kitty
		return codeKey(p[0], p[1])
	case end == 'I', end == 'O': // focus
		return ""
	}
	return modified(finals[end], p[1])
}

// codeKey is the key of a character's code.
func codeKey(code, mods int) string {
	switch {
	case code == 27 || code == 13 || code == 9 || code == 127 || code == 8:
		return modified(control(byte(code)), mods)
	case code < 0x20 || code > utf8.MaxRune || code >= 0xd800 && code < 0xe000 || code >= 0xe000 && code < 0xf900 || code >= 0x7f && code < 0xa0:
		return ""
	case code == ' ' && mods > 1:
		return modified("Space", mods)
	}
	return modified(string(rune(code)), mods)
}

// modified adds modifiers, as terminals number them, to the name of a key.
func modified(name string, mods int) string {
	if name == "" {
		return ""
	}
	bits := max(mods-1, 0)
	prefix := ""
	for name != "-" && len(name) > 2 && name[1] == '-' {
		prefix, name = prefix+name[:2], name[2:]
	}
	out := ""
	for _, m := range []struct {
		bit  int
		name string
	}{{4, "C-"}, {2, "M-"}, {1, "S-"}} {
		if bits&m.bit != 0 || strings.Contains(prefix, m.name) {
			if m.bit == 1 && utf8.RuneCountInString(name) == 1 {
				if bits&6 == 0 {
					name = strings.ToUpper(name)
				}
				continue
			}
			out += m.name
		}
	}
	return out + name
}

var pasteEnd = []byte("\x1b[201~")

// paste decodes a bracketed paste, whose text begins at b[start:]. However long its end
// takes, the text is not taken as keys; Ctrl-C ends one whose end does not come.
func paste(b []byte, start int) (Event, int) {
	i := bytes.Index(b[start:], pasteEnd)
	switch {
	case i >= 0:
		return pasted(b[start : start+i]), start + i + len(pasteEnd)
	case len(b) > maxPaste, b[len(b)-1] == 0x03:
		return pasted(b[start:]), len(b)
	}
	return Event{}, 0
}

var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n")

func pasted(b []byte) Event {
	s := lineEnds.Replace(strings.ToValidUTF8(string(b), "\uFFFD"))
	return Event{Paste: strings.Map(func(r rune) rune {
		if r < 0x20 && r != '\n' && r != '\t' || r >= 0x7f && r < 0xa0 {
			return -1
		}
		return r
	}, s)}
}

// text decodes a sequence that has text in it and ends with ESC \ or BEL.
func text(b []byte, final bool) (Event, int) {
	for i := 2; i < len(b); i++ {
		switch {
		case b[i] == 0x07:
			return Event{Answer: string(b[:i+1])}, i + 1
		case b[i] == 0x1b && i+1 < len(b) && b[i+1] == '\\':
			return Event{Answer: string(b[:i+2])}, i + 2
		case b[i] == 0x1b && i+1 < len(b):
			return Event{}, i // cut off by another sequence
		case i > maxSequence:
			return Event{}, i
		}
	}
	if final {
		return Event{Key: "M-" + string(b[1])}, 2
	}
	return Event{}, 0
}
