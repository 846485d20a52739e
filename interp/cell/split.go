// Package cell reads the text of a cell: it finds the magics and shell lines in
// it, cuts its Go into declarations and statements, and says whether the text is
// complete. It knows nothing of types and runs nothing.
//
// Start at [Split] for the first cut, [Assemble] for the Go of a cell as one
// file, and [IsComplete].
package cell

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxSize bounds the text of a cell, in bytes.
const MaxSize = 16 << 20

// Kind tells what a [Piece] is.
type Kind int

// The kinds of pieces.
const (
	Go        Kind = iota // Go source
	Magic                 // %name args
	CellMagic             // %%name args, and the rest of the cell as Body
	Shell                 // !command
	Help                  // name? or name??
)

// A Piece is a stretch of a cell, [Start,End) in bytes.
type Piece struct {
	Kind       Kind
	Start, End int
	// Name is the magic's name without %, or what Help is asked about.
	Name string
	// Args is the text after the name, and ArgsAt its offset.
	Args   string
	ArgsAt int
	// Statement says that a Magic stands where a statement may start; it is
	// part of an expression otherwise.
	Statement bool
	// Body is the text below a CellMagic, and BodyAt its offset.
	Body   string
	BodyAt int
	// Detail is 1 for name??.
	Detail int
}

var (
	cellMagicRE = regexp.MustCompile(`^\s*%%([A-Za-z_]\w*)[^\S\n]*([^\n]*)(\n|$)`)
	helpRE      = regexp.MustCompile(`^[^\S\n]*(?:(\?{1,2})[^\S\n]*(%{0,2}[A-Za-z_][\w./]*)|(%{0,2}[A-Za-z_][\w./]*)(\?{1,2}))[^\S\n]*(?:\n|$)`)
)

// Arguments tells what stands behind a magic's name, and so where it ends.
type Arguments int

// The kinds of arguments.
const (
	Text        Arguments = iota // to the end of the line
	Expressions                  // Go, also over several lines inside brackets; a semicolon ends them
	Statements                   // as Expressions, with the semicolons between statements
)

// Split cuts a cell into pieces that cover all of it, in order. takes says of a
// magic's name what arguments it has.
func Split(code string, takes func(name string) Arguments) []Piece {
	if m := cellMagicRE.FindStringSubmatchIndex(code); m != nil {
		return []Piece{{
			Kind: CellMagic, Start: 0, End: len(code), Statement: true,
			Name: code[m[2]:m[3]], Args: strings.TrimSpace(code[m[4]:m[5]]), ArgsAt: m[4],
			Body: code[m[1]:], BodyAt: m[1],
		}}
	}
	s := splitter{lexer: lexer{src: code, stmtStart: true, lineStart: true}, takes: takes}
	s.run()
	return s.pieces
}

type splitter struct {
	lexer
	takes  func(string) Arguments
	pieces []Piece
	start  int // where the Go at hand began
}

func (s *splitter) run() {
	for s.pos < len(s.src) {
		if p, ok := s.special(); ok {
			s.flush(p.Start)
			s.pieces = append(s.pieces, p)
			s.pos, s.start = p.End, p.End
			s.after(p)
			continue
		}
		s.next()
	}
	s.flush(len(s.src))
}

// after sets the lexer's state as if the piece had been an operand.
func (s *splitter) after(p Piece) {
	s.operand, s.semi = true, true
	s.stmtStart, s.lineStart = false, false
}

func (s *splitter) flush(end int) {
	if end > s.start {
		s.pieces = append(s.pieces, Piece{Kind: Go, Start: s.start, End: end})
	}
	s.start = end
}

// special recognises what is not Go at the current place.
func (s *splitter) special() (Piece, bool) {
	c := s.src[s.pos]
	rest := s.src[s.pos:]
	if s.lineStart && s.stmtStart && s.depth == 0 {
		if m := helpRE.FindStringSubmatchIndex(rest); m != nil {
			name, mark := 6, 8
			if m[2] >= 0 {
				name, mark = 4, 2
			}
			end := s.pos + m[1]
			if strings.HasSuffix(rest[:m[1]], "\n") {
				end--
			}
			return Piece{
				Kind: Help, Start: s.pos, End: end, Statement: true,
				Name: rest[m[name]:m[name+1]], Detail: m[mark+1] - m[mark] - 1,
			}, true
		}
		if c == '!' {
			end := lineEnd(s.src, s.pos, true)
			return Piece{Kind: Shell, Start: s.pos, End: end, Args: s.src[s.pos+1 : end], ArgsAt: s.pos + 1, Statement: true}, true
		}
	}
	if c != '%' || s.operand || len(rest) < 2 || !isLetter(rest[1:]) {
		return Piece{}, false
	}
	n := 1
	for n < len(rest) && (isLetter(rest[n:]) || rest[n] >= '0' && rest[n] <= '9') {
		_, w := utf8.DecodeRuneInString(rest[n:])
		n += w
	}
	name := rest[1:n]
	at := s.pos + n
	end := lineEnd(s.src, at, false)
	if takes := s.takes(name); !s.stmtStart || takes != Text {
		end = s.goEnd(at, takes == Statements && s.stmtStart)
	}
	return Piece{Kind: Magic, Start: s.pos, End: end, Name: name, Args: s.src[at:end], ArgsAt: at, Statement: s.stmtStart}, true
}

// goEnd finds where Go arguments that begin at offset at end: at the end of the
// line, a comment, a closing bracket that was opened before, or a semicolon,
// unless they are several statements.
func (s *splitter) goEnd(at int, several bool) int {
	l := lexer{src: s.src, pos: at}
	for l.pos < len(l.src) {
		c := l.src[l.pos]
		if l.depth == 0 && (c == '\n' || c == ';' && !several || c == ')' || c == ']' || c == '}' || strings.HasPrefix(l.src[l.pos:], "//")) {
			break
		}
		l.next()
	}
	end := l.pos
	for end > at && (s.src[end-1] == ' ' || s.src[end-1] == '\t' || s.src[end-1] == '\r') {
		end--
	}
	return end
}

// lineEnd is the offset of the line's end. With joined, a line that ends in a
// backslash goes on.
func lineEnd(src string, at int, joined bool) int {
	for {
		i := strings.IndexByte(src[at:], '\n')
		if i < 0 {
			return len(src)
		}
		at += i
		if !joined || at == 0 || src[at-1] != '\\' {
			return at
		}
		at++
	}
}

func isLetter(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return r == '_' || unicode.IsLetter(r)
}
