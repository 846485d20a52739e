package edit

import (
	"go/scanner"
	"go/token"
)

// maxCall bounds the text that is looked at for a call.
const maxCall = 64 << 10

// Call is the place right behind the bracket or the comma before the argument that
// is typed, which asks the language for a signature; ok is false where no call is
// open. The text to ask about is what Text gives.
func (e *Editor) Call() (at int, ok bool) {
	if e.search != nil || e.menu != nil || e.doc != "" || e.at == 0 || len(e.text) > maxCall {
		return 0, false
	}
	fset := token.NewFileSet()
	var s scanner.Scanner
	s.Init(fset.AddFile("", -1, e.at), []byte(e.text[:e.at]), func(token.Position, string) {}, 0)
	type bracket struct {
		tok  token.Token
		from int // right behind it, or the comma after it
		call bool
	}
	var open []bracket
	before := token.ILLEGAL
	for {
		pos, tok, _ := s.Scan()
		if tok == token.EOF {
			break
		}
		switch tok {
		case token.LPAREN, token.LBRACK, token.LBRACE:
			call := tok == token.LPAREN && (before == token.IDENT || before == token.RPAREN || before == token.RBRACK)
			open = append(open, bracket{tok, fset.Position(pos).Offset + 1, call})
		case token.RPAREN, token.RBRACK, token.RBRACE:
			if len(open) > 0 {
				open = open[:len(open)-1]
			}
		case token.COMMA:
			if len(open) > 0 {
				open[len(open)-1].from = fset.Position(pos).Offset + 1
			}
		}
		before = tok
	}
	if n := len(open); n > 0 && open[n-1].call {
		return open[n-1].from, true
	}
	return 0, false
}

// SetHint gives the signature of the call at an offset of a text, which is shown as
// long as that call is typed.
func (e *Editor) SetHint(text string, offset int, says string) {
	e.hint = hint{text, offset, says}
}

// WantsHint says that no signature is known, or asked for, for the call at an offset.
func (e *Editor) WantsHint(at int) bool {
	return at != e.hint.offset || at > len(e.hint.text) || e.hint.text[:at] != e.text[:at]
}

// hinted is the signature to show now.
func (e *Editor) hinted() string {
	at, ok := e.Call()
	if !ok || at != e.hint.offset || at > len(e.hint.text) || e.hint.text[:at] != e.text[:at] {
		return ""
	}
	return e.hint.says
}
