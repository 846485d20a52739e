package interp

import (
	"errors"
	"fmt"
	"go/format"
	"slices"
	"strings"

	"github.com/adabc437/fanout/interp/cell"
	"github.com/adabc437/fanout/interp/check"
	"github.com/adabc437/fanout/interp/session"
)

func fmtMagic() *Magic {
	return &Magic{
		Name: "fmt", Short: "Format the previous cell as gofmt does, and put it in the place of this one.",
		Example: "%%fmt\nfunc f( x int )int{return  x*2}",
		Line: func(r *run, args string) error {
			if args != "" {
				return fmt.Errorf("%%fmt formats the previous cell; to format code, write it below %%%%fmt")
			}
			list := r.interp.entries()
			if len(list) == 0 {
				return errors.New("there is no previous cell to format")
			}
			last := list[len(list)-1]
			past := &run{interp: r.interp, cell: session.Cell{Code: last.Code, Number: last.Number}, ctx: r.ctx, out: r.out, id: r.id}
			text, err := past.formatted(0)
			if err != nil {
				return err
			}
			r.nextInput(text, strings.TrimSpace(r.cell.Code) == "%fmt")
			return nil
		},
		Cell: func(r *run, p cell.Piece) error {
			text, err := r.formatted(p.BodyAt)
			if err != nil {
				return err
			}
			r.nextInput(text, true)
			return nil
		},
	}
}

// nextInput puts text into the next cell of the front end, or in the place of this
// one.
func (r *run) nextInput(text string, replace bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.reply.Payloads = append(r.reply.Payloads, session.Payload{Source: "set_next_input", Text: strings.TrimSuffix(text, "\n"), Replace: replace})
}

// formatted is the cell's text from an offset on in the form of gofmt. Magics and
// shell lines stay as they are.
func (r *run) formatted(from int) (string, error) {
	code := r.cell.Code
	pieces := cell.Split(code[from:], r.interp.takes)
	if len(pieces) == 1 && pieces[0].Kind == cell.CellMagic {
		p := pieces[0]
		if m := r.interp.magics[p.Name]; m == nil || !m.Statements {
			return "", fmt.Errorf("a cell of %%%%%s holds no Go to format", p.Name)
		}
		body, err := r.formatted(from + p.BodyAt)
		head := strings.TrimRight(code[from:from+p.BodyAt], " \t\r\n")
		return head + "\n" + body, err
	}
	var placed cell.Source // with the places of its parts, for errors
	var plain strings.Builder
	var kept []string
	for _, p := range pieces {
		text := code[from+p.Start : from+p.End]
		if p.Kind == cell.Go {
			placed.AddFrom(r.markFile(), code, from+p.Start, from+p.End)
			plain.WriteString(text)
			continue
		}
		name := pieceName(len(kept), strings.TrimSpace(text))
		kept = append(kept, strings.TrimSpace(text))
		placed.Mark(r.markFile(), code, from+p.Start)
		placed.Add(name)
		plain.WriteString(name)
	}
	if d := r.syntax(placed.String()); d != nil {
		return "", d
	}
	text, err := formatGo(plain.String())
	if err != nil {
		return "", fmt.Errorf("this cell cannot be formatted: %w", err)
	}
	for n, piece := range slices.Backward(kept) {
		text = strings.Replace(text, pieceName(n, piece), piece, 1)
	}
	return text, nil
}

// pieceName is the name that stands for the n-th magic while the Go around it is
// formatted: as wide as the magic, where that can be.
func pieceName(n int, text string) string {
	name := fmt.Sprintf("__fanout_%d_", n)
	if wide := len(text) - len(name) - 1; wide > 0 && !strings.Contains(text, "\n") {
		name += strings.Repeat("_", wide)
	}
	return name + "ǃ"
}

// syntax says what is wrong with the syntax of Go text with the places of its parts.
func (r *run) syntax(src string) *session.Diagnostic {
	chunks, errs := cell.Chunks(r.file(), src)
	if len(errs) > 0 {
		return r.syntaxError(errs)
	}
	r.interp.mu.Lock()
	defer r.interp.mu.Unlock()
	in := check.Input{Number: r.cell.Number, File: r.unitFile(), Chunks: r.placed(severalValues(chunks)), Lines: r.lines}
	return check.Errors(r.interp.checker.Syntax(in))
}

// What gofmt would drop, or not read, stands in comments while it works.
const (
	semicolon  = " /*fanout;*/"
	valuesEnd  = " /*fanout,*/)"
	valuesCall = check.ValuesCall + "("
)

// formatGo formats Go text that mixes declarations and statements.
func formatGo(src string) (string, error) {
	src = strings.ReplaceAll(src, "\r\n", "\n")
	chunks, _ := cell.Chunks("", src)
	if len(chunks) == 0 {
		return strings.TrimSpace(src) + "\n", nil
	}
	src = marking(src, chunks)
	chunks, _ = cell.Chunks("", src)
	var out strings.Builder
	for n, part := range parts(src, chunks) {
		text, err := format.Source([]byte(strings.TrimSpace(part)))
		if err != nil {
			return "", err
		}
		if n > 0 {
			out.WriteByte('\n')
			if start := part[:len(part)-len(strings.TrimLeft(part, " \t\n"))]; strings.Count(start, "\n") > 1 {
				out.WriteByte('\n')
			}
		}
		out.Write(text)
	}
	text := strings.TrimRight(out.String(), "\n") + "\n"
	text = strings.Replace(text, semicolon, ";", 1)
	if before, after, ok := strings.Cut(text, valuesCall); ok && strings.Contains(after, valuesEnd) {
		text = before + strings.Replace(after, valuesEnd, "", 1)
	}
	return text, nil
}

// marking marks the last chunk's semicolon, which hides its value, and makes a call
// of the values a, b.
func marking(src string, chunks []cell.Chunk) string {
	last := chunks[len(chunks)-1]
	start := startOf(src, last)
	end := start + len(last.Text)
	text := last.Text
	if severalValues(chunks)[len(chunks)-1].Text != text {
		text = valuesCall + text + valuesEnd
	}
	rest := src[end:]
	if last.Hidden {
		rest = strings.Replace(rest, ";", "", 1)
		text += semicolon
	}
	return src[:start] + text + rest
}

// startOf is the offset of a chunk of src.
func startOf(src string, c cell.Chunk) int {
	at := 0
	for range c.Line - 1 {
		at += strings.IndexByte(src[at:], '\n') + 1
	}
	return at + c.Col - 1
}

// parts cuts src between declarations that only a file can hold, and statements that
// only a function can. Comments go with what follows them.
func parts(src string, chunks []cell.Chunk) []string {
	const either, file, function = 0, 1, 2
	kind := func(c cell.Chunk) int {
		switch {
		case c.Kind == cell.Const, c.Kind == cell.Type, c.Var:
			return either
		case c.Kind == cell.Stmt:
			return function
		}
		return file
	}
	var list []string
	from, now := 0, either
	for n, c := range chunks {
		k := kind(c)
		if k != either && now != either && k != now {
			end := endOf(src, chunks[n-1], startOf(src, c))
			list = append(list, src[from:end])
			from, now = end, either
		}
		if k != either {
			now = k
		}
	}
	return append(list, src[from:])
}

// endOf is where what belongs to a chunk ends: at the end of its line, unless the
// next chunk, at the offset before, stands there.
func endOf(src string, c cell.Chunk, before int) int {
	end := startOf(src, c) + len(c.Text)
	if n := strings.IndexByte(src[end:before], '\n'); n >= 0 {
		return end + n
	}
	if n := strings.IndexByte(src[end:before], ';'); n >= 0 {
		return end + n + 1
	}
	return before
}
