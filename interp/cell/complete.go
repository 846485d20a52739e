package cell

import (
	"regexp"
	"strings"

	"github.com/adabc437/fanout/interp/session"
)

// continues matches text whose last token wants more after it.
var continues = regexp.MustCompile(`(?:[-+*/%&|^=<>!,.(\[{:]|&&|\|\||<-|:=)$`)

// IsComplete says whether a cell can run as it stands, and how the next line
// should be indented if it cannot.
func IsComplete(code string, takes func(string) Arguments) session.Completeness {
	if m := cellMagicRE.FindString(code); m != "" {
		// A cell magic goes on until an empty line.
		if strings.HasSuffix(code, "\n\n") || strings.HasSuffix(code, "\n") && strings.Count(code, "\n") == 1 && strings.HasSuffix(m, "\n\n") {
			return session.Completeness{Status: session.Complete}
		}
		return session.Completeness{Status: session.Incomplete}
	}
	src, last := goOnly(code, takes)
	l := lexer{src: src, stmtStart: true, lineStart: true}
	for l.pos < len(l.src) {
		if l.depth < 0 {
			return session.Completeness{Status: session.Invalid}
		}
		l.next()
	}
	switch {
	case l.depth < 0:
		return session.Completeness{Status: session.Invalid}
	case l.unclosed != "":
		return session.Completeness{Status: session.Incomplete}
	case l.depth > 0:
		return session.Completeness{Status: session.Incomplete, Indent: strings.Repeat("\t", l.depth)}
	case !last && continues.MatchString(strings.TrimRight(stripComment(src), " \t\r\n")) && !strings.HasSuffix(strings.TrimSpace(src), "++") && !strings.HasSuffix(strings.TrimSpace(src), "--"):
		return session.Completeness{Status: session.Incomplete, Indent: "\t"}
	}
	if _, errs := Chunks("cell", src); len(errs) > 0 {
		return session.Completeness{Status: session.Invalid}
	}
	if !parses(src) {
		return session.Completeness{Status: session.Invalid}
	}
	return session.Completeness{Status: session.Complete}
}

// goOnly replaces magics by something that parses in their place. last says
// that the cell ends in one.
func goOnly(code string, takes func(string) Arguments) (src string, last bool) {
	var b strings.Builder
	for _, p := range Split(code, takes) {
		last = p.Kind != Go
		switch {
		case p.Kind == Go:
			b.WriteString(code[p.Start:p.End])
			last = strings.TrimSpace(code[p.Start:p.End]) == "" && last
		case p.Kind == Magic && takes(p.Name) != Text:
			b.WriteString("_magic(" + bracketsOf(p.Args) + ")")
		default:
			b.WriteString("_magic()")
		}
	}
	return b.String(), last
}

// bracketsOf keeps of Go arguments what is still open, so that a magic whose
// argument is a half-typed function literal counts as incomplete.
func bracketsOf(args string) string {
	l := lexer{src: args}
	for l.pos < len(l.src) {
		l.next()
	}
	if l.depth > 0 {
		return strings.Repeat("(", l.depth)
	}
	return ""
}

func stripComment(src string) string {
	lines := strings.Split(strings.TrimRight(src, " \t\r\n"), "\n")
	last := lines[len(lines)-1]
	if i := strings.Index(last, "//"); i >= 0 && !strings.ContainsAny(last, "\"`'") {
		lines[len(lines)-1] = last[:i]
	}
	return strings.Join(lines, "\n")
}

// Close returns what closes the brackets, strings and comments that Go text
// leaves open, so that text up to a cursor can be parsed.
func Close(src string) string {
	l := lexer{src: src, stmtStart: true, lineStart: true}
	for l.pos < len(l.src) {
		l.next()
	}
	var b strings.Builder
	switch l.unclosed {
	case "`":
		b.WriteByte('`')
	case "/*":
		b.WriteString("*/")
	}
	for i := len(l.open) - 1; i >= 0; i-- {
		switch l.open[i] {
		case '(':
			b.WriteByte(')')
		case '[':
			b.WriteByte(']')
		case '{':
			b.WriteString("\n}")
		}
	}
	return b.String()
}
