package cell

import (
	"go/token"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A lexer walks over Go text token by token, just closely enough to know where
// statements and operands may start. It accepts any text and always advances.
type lexer struct {
	src   string
	pos   int
	depth int // brackets of any kind that are open
	// open are these brackets, unless more were closed than opened.
	open []byte
	// operand: the last token ends an operand, so % is the operator.
	operand bool
	// semi: a line end here ends the statement.
	semi bool
	// stmtStart: a statement may start here. lineStart: nothing but blanks
	// stands before on this line.
	stmtStart, lineStart bool
	// unclosed is the quote or comment that the text ended in: one of "`" and "/*".
	unclosed string
}

// next passes over one token or one blank.
func (l *lexer) next() {
	c := l.src[l.pos]
	rest := l.src[l.pos:]
	switch {
	case c == '\n':
		l.pos++
		l.newline()
	case c == ' ' || c == '\t' || c == '\r':
		l.pos++
	case strings.HasPrefix(rest, "//"):
		l.pos = lineEnd(l.src, l.pos, false)
	case strings.HasPrefix(rest, "/*"):
		l.comment()
	case c == '"' || c == '\'':
		l.quoted(c)
	case c == '`':
		l.raw()
	case isLetter(rest):
		l.word()
	case c >= '0' && c <= '9':
		l.number()
	default:
		l.operator(c)
	}
}

func (l *lexer) newline() {
	if l.semi {
		l.stmtStart = true
	}
	l.operand, l.semi = l.operand && !l.semi, false
	l.lineStart = true
}

func (l *lexer) token(operand, semi bool) {
	l.operand, l.semi = operand, semi
	l.stmtStart, l.lineStart = false, false
}

func (l *lexer) comment() {
	end := strings.Index(l.src[l.pos+2:], "*/")
	if end < 0 {
		l.pos, l.unclosed = len(l.src), "/*"
		return
	}
	text := l.src[l.pos : l.pos+2+end+2]
	l.pos += len(text)
	if strings.Contains(text, "\n") {
		l.newline()
	}
}

func (l *lexer) quoted(q byte) {
	l.pos++
	for l.pos < len(l.src) && l.src[l.pos] != '\n' {
		c := l.src[l.pos]
		l.pos++
		if c == '\\' && l.pos < len(l.src) && l.src[l.pos] != '\n' {
			l.pos++
		} else if c == q {
			break
		}
	}
	l.token(true, true)
}

func (l *lexer) raw() {
	end := strings.IndexByte(l.src[l.pos+1:], '`')
	if end < 0 {
		l.pos, l.unclosed = len(l.src), "`"
	} else {
		l.pos += end + 2
	}
	l.token(true, true)
}

func (l *lexer) word() {
	start := l.pos
	for l.pos < len(l.src) {
		r, w := utf8.DecodeRuneInString(l.src[l.pos:])
		if r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			break
		}
		l.pos += w
	}
	switch word := l.src[start:l.pos]; {
	case word == "break" || word == "continue" || word == "fallthrough" || word == "return":
		l.token(false, true)
	case token.IsKeyword(word):
		l.token(false, false)
	default:
		l.token(true, true)
	}
}

func (l *lexer) number() {
	for l.pos < len(l.src) {
		c := l.src[l.pos]
		isExp := (c == '+' || c == '-') && strings.ContainsRune("eEpP", rune(l.src[l.pos-1])) && !strings.HasPrefix(l.src[l.pos-1:], "e-e")
		if c != '.' && c != '_' && !isExp && (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') {
			break
		}
		l.pos++
	}
	l.token(true, true)
}

func (l *lexer) operator(c byte) {
	rest := l.src[l.pos:]
	_, w := utf8.DecodeRuneInString(rest)
	l.pos += w
	switch {
	case c == '(' || c == '[':
		l.depth++
		l.open = append(l.open, c)
		l.token(false, false)
	case c == '{':
		l.depth++
		l.open = append(l.open, c)
		l.token(false, false)
		l.stmtStart = true
	case c == ')' || c == ']' || c == '}':
		l.depth--
		l.open = l.open[:max(len(l.open)-1, 0)]
		l.token(true, true)
	case c == ';':
		l.token(false, false)
		l.stmtStart = true
	case strings.HasPrefix(rest, "++") || strings.HasPrefix(rest, "--"):
		l.pos++
		l.token(true, true)
	default:
		l.token(false, false)
	}
}
