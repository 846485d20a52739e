// Package colour colours what is shown in a terminal: Go that is typed, prompts and
// menus, in colours that suit the terminal's background.
//
// Start at [ThemeFor] and [Theme.Highlight].
package colour

import (
	"go/scanner"
	"go/token"
	"go/types"
	"strings"

	"github.com/adabc437/fanout/frontend/internal/edit"
)

// A Theme holds the parameters of SGR sequences. Its zero value is without colours.
type Theme struct {
	Keyword, Type, Function, String, Number, Comment, Operator, Magic string
	In, Out, Continuation                                             string
	Bracket, Match, Chosen, Kind, Signature, Dim                      string
}

// The names that the setting colours takes.
const (
	Auto  = "auto"
	Dark  = "dark"
	Light = "light"
	Never = "never"
)

var (
	// dark and light use colours that have enough contrast on black and on white;
	// plain uses the 8 colours of a terminal, which its user has chosen.
	dark = Theme{
		Keyword: "38;5;176", Type: "38;5;80", Function: "38;5;75", String: "38;5;114", Number: "38;5;215", Comment: "38;5;245;3", Operator: "38;5;252", Magic: "1;38;5;213",
		In: "38;5;114", Out: "38;5;209", Continuation: "38;5;240",
		Bracket: "1;38;5;231;48;5;240", Match: "30;48;5;221", Chosen: "38;5;231;48;5;25", Kind: "38;5;109", Signature: "38;5;248", Dim: "38;5;245",
	}
	light = Theme{
		Keyword: "38;5;90", Type: "38;5;30", Function: "38;5;25", String: "38;5;28", Number: "38;5;130", Comment: "38;5;243;3", Operator: "38;5;236", Magic: "1;38;5;125",
		In: "38;5;28", Out: "38;5;124", Continuation: "38;5;248",
		Bracket: "1;38;5;16;48;5;252", Match: "30;48;5;221", Chosen: "38;5;231;48;5;25", Kind: "38;5;30", Signature: "38;5;240", Dim: "38;5;243",
	}
	plain = Theme{
		Keyword: "35", Type: "36", Function: "34", String: "32", Number: "33", Comment: "2", Magic: "1;35",
		In: "32", Out: "31", Continuation: "2",
		Bracket: "1;4", Match: "7", Chosen: "7", Kind: "36", Signature: "2", Dim: "2",
	}
	// bare is for those who want no colours: what is chosen must still be seen.
	bare = Theme{Bracket: "4", Match: "7", Chosen: "7"}
)

// ThemeFor gives the theme for a setting, or where that is auto, for a background that
// is dark or not, if that is known. rich says that the terminal has 256 colours.
func ThemeFor(setting string, isDark, known, rich bool) Theme {
	switch {
	case setting == Never:
		return bare
	case !rich || setting != Dark && setting != Light && !known:
		return plain
	case setting == Light, setting != Dark && !isDark:
		return light
	}
	return dark
}

// Rich says whether a terminal has 256 colours, from TERM and COLORTERM.
func Rich(term, colorTerm string) bool {
	return strings.Contains(term, "256color") || strings.Contains(term, "kitty") || strings.Contains(term, "ghostty") ||
		strings.Contains(term, "alacritty") || colorTerm == "truecolor" || colorTerm == "24bit"
}

// maxText bounds what is coloured, so that typing stays quick.
const maxText = 64 << 10

// Highlight gives the styles of a cell: Go, with lines that are magics, and lines for
// the shell.
func (t Theme) Highlight(text string) []edit.Span {
	if len(text) > maxText || t == bare {
		return []edit.Span{{Text: text}}
	}
	code, magics := masked(text)
	var spans []edit.Span
	at := 0
	until := func(end int, style string) {
		if end > at {
			spans = append(spans, edit.Span{Text: text[at:end], Style: style})
			at = end
		}
	}
	for _, tok := range tokens(code) {
		for len(magics) > 0 && magics[0].from < tok.from {
			until(magics[0].from, "")
			until(magics[0].to, t.Magic)
			magics = magics[1:]
		}
		until(tok.from, "")
		until(tok.to, t.style(tok))
	}
	for _, m := range magics {
		until(m.from, "")
		until(m.to, t.Magic)
	}
	until(len(text), "")
	return spans
}

// A lexeme is one token of Go. called says that a bracket for arguments follows.
type lexeme struct {
	from, to int
	kind     token.Token
	text     string
	called   bool
}

// tokens cuts Go up, however much is wrong with it.
func tokens(code string) []lexeme {
	fset := token.NewFileSet()
	file := fset.AddFile("", -1, len(code))
	var s scanner.Scanner
	s.Init(file, []byte(code), func(token.Position, string) {}, scanner.ScanComments)
	var list []lexeme
	for {
		pos, kind, text := s.Scan()
		if kind == token.EOF {
			return list
		}
		from := file.Offset(pos)
		if text == "" {
			text = kind.String()
		}
		if kind == token.SEMICOLON && text == "\n" {
			continue
		}
		if kind == token.LPAREN && len(list) > 0 && list[len(list)-1].to == from {
			list[len(list)-1].called = true
		}
		to := from + len(text)
		if kind == token.COMMENT || kind == token.STRING { // from which the scanner takes carriage returns
			for to < len(code) && strings.Count(code[from:to], "\r") > to-from-len(text) {
				to++
			}
		}
		if n := len(list); to > len(code) || n > 0 && from < list[n-1].to {
			continue
		}
		list = append(list, lexeme{from: from, to: to, kind: kind, text: text})
	}
}

// A part of the text that is no Go.
type part struct{ from, to int }

// masked replaces what is no Go by blanks, and says where it is: the names of magics,
// and the lines of the shell. Of a cell that begins with %%, the first line is Go's
// neither.
func masked(text string) (string, []part) {
	var parts []part
	b := []byte(text)
	at := 0
	for line := range strings.SplitAfterSeq(text, "\n") {
		trimmed := strings.TrimLeft(line, " \t")
		from := at + len(line) - len(trimmed)
		to := from
		switch {
		case strings.HasPrefix(trimmed, "!"):
			to = at + len(strings.TrimRight(line, "\n"))
		case strings.HasPrefix(trimmed, "%"), strings.HasPrefix(trimmed, "?"):
			to = from + len(trimmed)
			if i := strings.IndexAny(trimmed, " \t\n"); i >= 0 {
				to = from + i
			}
		}
		if to > from {
			parts = append(parts, part{from, to})
			for i := from; i < to; i++ {
				b[i] = ' '
			}
		}
		at += len(line)
	}
	return string(b), parts
}

func (t Theme) style(l lexeme) string {
	switch {
	case l.kind == token.COMMENT:
		return t.Comment
	case l.kind == token.STRING || l.kind == token.CHAR:
		return t.String
	case l.kind == token.INT || l.kind == token.FLOAT || l.kind == token.IMAG:
		return t.Number
	case l.kind.IsKeyword():
		return t.Keyword
	case l.kind == token.IDENT:
		return t.name(l)
	case l.kind.IsOperator():
		return t.Operator
	}
	return ""
}

// name is the style of a name: Go's own types and constants have theirs, as have
// functions where they are called.
func (t Theme) name(l lexeme) string {
	switch types.Universe.Lookup(l.text).(type) {
	case *types.TypeName:
		return t.Type
	case *types.Const, *types.Nil:
		return t.Number
	}
	if l.called {
		return t.Function
	}
	return ""
}
