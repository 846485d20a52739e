package edit

var pairs = map[string][2]byte{
	"(": {'(', ')'}, ")": {'(', ')'}, "b": {'(', ')'}, "[": {'[', ']'}, "]": {'[', ']'},
	"{": {'{', '}'}, "}": {'{', '}'}, "B": {'{', '}'}, "<": {'<', '>'}, ">": {'<', '>'},
}

// object is the text object that a key names, at the cursor.
func (b *buffer) object(key string, around bool) (from, to int, ok bool) {
	switch key {
	case "w", "W":
		if b.at == len(b.text) {
			return 0, 0, false
		}
		r, _ := b.after(b.at)
		c := classOf(r, key == "W")
		same := func(r rune) bool { return r != '\n' && classOf(r, key == "W") == c }
		from, to = b.skipBack(b.at, same), b.skip(b.at, same)
		if around {
			to = b.skip(to, func(r rune) bool { return r != '\n' && isBlank(r) })
		}
		return from, to, true
	case `"`, "'", "`":
		start, end := b.lineStart(b.at), b.lineEnd(b.at)
		open := -1
		for i := start; i < end; i++ {
			if b.text[i] != key[0] || i > start && b.text[i-1] == '\\' {
				continue
			}
			if open < 0 {
				open = i
				continue
			}
			if i >= b.at {
				if around {
					return open, i + 1, true
				}
				return open + 1, i, true
			}
			open = -1
		}
		return 0, 0, false
	}
	p, ok := pairs[key]
	if !ok {
		return 0, 0, false
	}
	open := enclosing(b.text, b.at, p)
	if open < 0 {
		return 0, 0, false
	}
	end := closing(b.text, open, p)
	if end < 0 {
		return 0, 0, false
	}
	if around {
		return open, end + 1, true
	}
	return open + 1, end, true
}

// enclosing is the bracket that is open at an offset; one that stands there counts.
func enclosing(text string, at int, p [2]byte) int {
	depth := 0
	for i := min(at, len(text)-1); i >= 0; i-- {
		switch {
		case text[i] == p[1] && i != at:
			depth++
		case text[i] == p[0] && depth == 0:
			return i
		case text[i] == p[0]:
			depth--
		}
	}
	return -1
}

// closing is the bracket that closes the one at open.
func closing(text string, open int, p [2]byte) int {
	depth := 0
	for i := open; i < len(text); i++ {
		switch text[i] {
		case p[0]:
			depth++
		case p[1]:
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

// partner is the offset of the bracket that belongs to the one at an offset, or -1.
func partner(text string, at int) int {
	if at < 0 || at >= len(text) {
		return -1
	}
	for _, p := range [][2]byte{{'(', ')'}, {'[', ']'}, {'{', '}'}} {
		switch text[at] {
		case p[0]:
			return closing(text, at, p)
		case p[1]:
			depth := 0
			for i := at; i >= 0; i-- {
				switch text[i] {
				case p[1]:
					depth++
				case p[0]:
					if depth--; depth == 0 {
						return i
					}
				}
			}
		}
	}
	return -1
}
