package interp

import (
	"go/scanner"
	"go/token"
	"strings"
	"unicode/utf8"

	"github.com/adabc437/fanout/interp/session"
)

// pinpoint moves a place that is known by its line to the column of what panicked there.
// Go keeps no columns, so that is the one thing on the line that panics with such a
// message, or else the one function literal on it: a line of a magic holds more than
// that.
func pinpoint(p *session.Position, message string) {
	if col := panicColumn(p.Source, message); col >= 0 {
		p.Column = 1 + utf8.RuneCountInString(p.Source[:col])
	}
}

// panicColumn is the offset in a line of what may have panicked, or -1.
func panicColumn(line, message string) int {
	found, literal := oneOf(line, panicsOf(message)), -1
	if found < 0 {
		literal = oneOf(line, func(t []lineToken, i int) bool { return t[i].tok == token.FUNC && next(t, i) == token.LPAREN })
	}
	return max(found, literal)
}

// panicsOf says of a token whether what it stands for may panic with a message.
func panicsOf(message string) func(t []lineToken, i int) bool {
	has := func(s string) bool { return strings.Contains(message, s) }
	switch {
	case has("integer divide by zero"):
		return func(t []lineToken, i int) bool {
			switch t[i].tok {
			case token.QUO, token.REM, token.QUO_ASSIGN, token.REM_ASSIGN:
				return true
			}
			return false
		}
	case has("slice bounds out of range"):
		return func(t []lineToken, i int) bool { return indexes(t, i) && slicing(t[i+1:]) }
	case has("index out of range"), has("assignment to entry in nil map"):
		return func(t []lineToken, i int) bool { return indexes(t, i) && !slicing(t[i+1:]) }
	case has("interface conversion"):
		return func(t []lineToken, i int) bool { return t[i].tok == token.PERIOD && next(t, i) == token.LPAREN }
	case has("runtime error"):
		return func([]lineToken, int) bool { return false }
	}
	return func(t []lineToken, i int) bool {
		return t[i].lit == "panic" && next(t, i) == token.LPAREN && (i == 0 || t[i-1].tok != token.PERIOD)
	}
}

// indexes says of a token that it opens an index.
func indexes(t []lineToken, i int) bool {
	if t[i].tok != token.LBRACK || i == 0 || next(t, i) == token.RBRACK {
		return false
	}
	switch t[i-1].tok {
	case token.IDENT, token.RPAREN, token.RBRACK, token.STRING:
		return true
	}
	return false
}

// slicing says that the brackets whose inside t begins with hold a colon.
func slicing(t []lineToken) bool {
	depth := 0
	for _, x := range t {
		switch x.tok {
		case token.LBRACK, token.LPAREN, token.LBRACE:
			depth++
		case token.RBRACK, token.RPAREN, token.RBRACE:
			if depth--; depth < 0 {
				return false
			}
		case token.COLON:
			if depth == 0 {
				return true
			}
		}
	}
	return false
}

// A lineToken is a token of a line, at an offset.
type lineToken struct {
	tok token.Token
	lit string
	at  int
}

func next(t []lineToken, i int) token.Token {
	if i+1 < len(t) {
		return t[i+1].tok
	}
	return token.EOF
}

// oneOf is the offset of the only token of a line that is one of those, or -1. The % of a
// magic is none.
func oneOf(line string, is func(t []lineToken, i int) bool) int {
	var s scanner.Scanner
	file := token.NewFileSet().AddFile("", -1, len(line))
	s.Init(file, []byte(line), func(token.Position, string) {}, 0)
	var list []lineToken
	for {
		pos, tok, lit := s.Scan()
		if tok == token.EOF {
			break
		}
		list = append(list, lineToken{tok, lit, file.Offset(pos)})
	}
	found := -1
	for i := range list {
		if !is(list, i) || list[i].tok == token.REM && (i == 0 || list[i-1].tok.IsOperator() && !closes(list[i-1].tok)) {
			continue
		}
		if found >= 0 {
			return -1
		}
		found = list[i].at
	}
	return found
}

// closes says that an operand may end with a token.
func closes(t token.Token) bool {
	return t == token.RPAREN || t == token.RBRACK || t == token.RBRACE
}
