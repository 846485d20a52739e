package cell

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"regexp"
	"strings"
	"unicode/utf8"
)

// A Source is Go text put together from stretches of cells. Line directives
// inside it carry the stretches' own places, so that a token.Pos of a file
// parsed from it resolves to the user's line and column.
type Source struct {
	b strings.Builder
}

// Add appends text as it is.
func (s *Source) Add(text string) { s.b.WriteString(text) }

// AddFrom appends code[start:end] of the cell whose file name is file.
func (s *Source) AddFrom(file, code string, start, end int) {
	s.Mark(file, code, start)
	s.b.WriteString(code[start:end])
}

// Mark says that what is added next stands at offset of the cell.
func (s *Source) Mark(file, code string, offset int) {
	line := 1 + strings.Count(code[:offset], "\n")
	col := offset - strings.LastIndexByte(code[:offset], '\n')
	fmt.Fprintf(&s.b, "/*line %s:%d:%d*/", file, line, col)
}

// Directive finds the line directives that a Source writes: file, line, column.
var Directive = regexp.MustCompile(`/\*line ([^:*]+):(\d+):(\d+)\*/`)

// Len is the length of the text so far.
func (s *Source) Len() int { return s.b.Len() }

// String is the text so far.
func (s *Source) String() string { return s.b.String() }

// ChunkKind tells what a [Chunk] is.
type ChunkKind int

// The kinds of chunks. Var declarations count as statements: they run in their
// turn.
const (
	Stmt ChunkKind = iota
	Import
	Const
	Type
	Func
	Method
	Package
)

// A Chunk is one declaration or statement at the top level of a cell.
type Chunk struct {
	Kind ChunkKind
	// Text is the chunk's source and File, Line, Col its place.
	Text string
	// Written is the text as the cell has it, if magics stand in it.
	Written   string
	File      string
	Line, Col int
	// Var says that a Stmt is a var declaration.
	Var bool
	// Hidden says that a semicolon ends the chunk: its value is not shown.
	Hidden bool
	// Name is the function's name, or Type.Method.
	Name string
}

// An Error is a place in a cell and what is wrong there.
type Error struct {
	Pos token.Position
	Msg string
}

// Error gives the place and the message.
func (e *Error) Error() string { return e.Pos.String() + ": " + e.Msg }

type bracket struct {
	tok token.Token
	pos token.Position
}

// Chunks cuts Go text (a Source's, of a cell named file) into chunks.
func Chunks(file, src string) ([]Chunk, []*Error) {
	fset := token.NewFileSet()
	f := fset.AddFile(file, -1, len(src))
	c := chunker{src: src, fset: fset, f: f}
	c.s.Init(f, []byte(src), func(p token.Position, msg string) {
		c.errs = append(c.errs, &Error{p, msg})
	}, 0)
	c.run()
	return c.chunks, c.errs
}

type chunker struct {
	src    string
	fset   *token.FileSet
	f      *token.File
	s      scanner.Scanner
	stack  []bracket
	header bool          // in front of the block of a for, if or switch, where semicolons part nothing
	toks   []token.Token // of the chunk at hand, the first few
	lits   []string
	start  int // offset of the chunk's first token, or -1
	end    int // offset behind its last token
	chunks []Chunk
	errs   []*Error
}

var closes = map[token.Token]token.Token{token.RPAREN: token.LPAREN, token.RBRACK: token.LBRACK, token.RBRACE: token.LBRACE}

func (c *chunker) run() {
	c.start = -1
	for {
		pos, tok, lit := c.s.Scan()
		off := c.f.Offset(pos)
		if tok == token.EOF || tok == token.SEMICOLON && len(c.stack) == 0 && !(c.header && lit == ";") {
			c.flush(tok == token.SEMICOLON && lit == ";")
			if tok == token.EOF {
				break
			}
			continue
		}
		if tok == token.SEMICOLON && lit != ";" {
			continue
		}
		if c.start < 0 {
			c.start = off
		}
		c.end = off + tokenLen(tok, lit, c.src[off:])
		if len(c.toks) < 64 {
			c.toks, c.lits = append(c.toks, tok), append(c.lits, lit)
		}
		switch {
		case len(c.stack) > 0:
		case tok == token.FOR || tok == token.IF || tok == token.SWITCH:
			c.header = true
		case tok == token.LBRACE:
			c.header = false
		}
		if !c.bracket(tok, pos) {
			return
		}
	}
	if n := len(c.stack); n > 0 {
		b := c.stack[n-1]
		c.errs = append(c.errs, &Error{b.pos, fmt.Sprintf("this %s is never closed", b.tok)})
	}
}

// bracket keeps the stack of open brackets, and reports one that does not fit.
func (c *chunker) bracket(tok token.Token, pos token.Pos) bool {
	switch tok {
	case token.LPAREN, token.LBRACK, token.LBRACE:
		c.stack = append(c.stack, bracket{tok, c.fset.Position(pos)})
	case token.RPAREN, token.RBRACK, token.RBRACE:
		n := len(c.stack)
		if n == 0 {
			c.errs = append(c.errs, &Error{c.fset.Position(pos), fmt.Sprintf("unexpected %s: nothing is open here", tok)})
			return false
		}
		if open := c.stack[n-1]; open.tok != closes[tok] {
			c.errs = append(c.errs, &Error{c.fset.Position(pos), fmt.Sprintf("unexpected %s: it does not close the %s at line %d", tok, open.tok, open.pos.Line)})
			return false
		}
		c.stack = c.stack[:n-1]
	}
	return true
}

func tokenLen(tok token.Token, lit, rest string) int {
	if tok.IsOperator() {
		return len(tok.String())
	}
	if tok == token.STRING && strings.HasPrefix(rest, "`") { // lit has no \r
		if i := strings.IndexByte(rest[1:], '`'); i >= 0 {
			return i + 2
		}
	}
	if tok == token.ILLEGAL {
		_, w := utf8.DecodeRuneInString(rest)
		return w // lit may spell it otherwise
	}
	return min(len(lit), len(rest))
}

func (c *chunker) flush(hidden bool) {
	if c.start >= 0 {
		p := c.fset.Position(c.f.Pos(c.start))
		ch := Chunk{Text: c.src[c.start:c.end], File: p.Filename, Line: p.Line, Col: p.Column, Hidden: hidden}
		c.classify(&ch)
		c.chunks = append(c.chunks, ch)
	}
	c.start, c.toks, c.lits, c.header = -1, c.toks[:0], c.lits[:0], false
}

func (c *chunker) classify(ch *Chunk) {
	switch c.toks[0] {
	case token.PACKAGE:
		ch.Kind = Package
	case token.IMPORT:
		ch.Kind = Import
	case token.CONST:
		ch.Kind = Const
	case token.TYPE:
		ch.Kind = Type
	case token.VAR:
		ch.Var = true
	case token.FUNC:
		c.classifyFunc(ch)
	}
}

// classifyFunc tells func f(…) and func (r T) m(…) from a function literal.
func (c *chunker) classifyFunc(ch *Chunk) {
	if len(c.toks) < 2 {
		return
	}
	if c.toks[1] == token.IDENT {
		ch.Kind, ch.Name = Func, c.lits[1]
		return
	}
	depth, recv := 0, ""
	for i := 1; i < len(c.toks); i++ {
		switch c.toks[i] {
		case token.LPAREN, token.LBRACK:
			depth++
		case token.RPAREN, token.RBRACK:
			depth--
		case token.IDENT:
			if depth == 1 {
				recv = c.lits[i]
			}
		}
		if depth == 0 {
			if i+2 < len(c.toks) && c.toks[i+1] == token.IDENT && c.toks[i+2] == token.LPAREN {
				ch.Kind, ch.Name = Method, recv+"."+c.lits[i+1]
			}
			return
		}
	}
}

// AddChunk appends a chunk with its place.
func (s *Source) AddChunk(c Chunk) {
	fmt.Fprintf(&s.b, "/*line %s:%d:%d*/%s\n", c.File, c.Line, c.Col, c.Text)
}

// AddPlaced appends a chunk with its place, and no end of line behind it.
func (s *Source) AddPlaced(c Chunk) {
	fmt.Fprintf(&s.b, "/*line %s:%d:%d*/%s", c.File, c.Line, c.Col, c.Text)
}

// Names lists the names that a declaration declares; Type.Method for a method.
func Names(c Chunk) []string {
	switch c.Kind {
	case Func, Method:
		return []string{c.Name}
	case Const, Type:
		return specNames(c.Text)
	}
	return nil
}

// specNames reads the names off a const or type declaration, tolerating errors.
func specNames(text string) []string {
	f, _ := parser.ParseFile(token.NewFileSet(), "", "package p\n"+text, parser.SkipObjectResolution)
	if f == nil {
		return nil
	}
	var names []string
	for _, d := range f.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok {
			continue
		}
		for _, s := range g.Specs {
			switch s := s.(type) {
			case *ast.TypeSpec:
				names = append(names, s.Name.Name)
			case *ast.ValueSpec:
				for _, id := range s.Names {
					names = append(names, id.Name)
				}
			}
		}
	}
	return names
}
