// Package term says what a text front end reads from and writes to: whether
// that is a terminal, how wide it is, and whether colours are wanted.
//
// Start at [For] and [Console].
package term

import (
	"io"
	"os"

	"github.com/mattn/go-isatty"
)

// A Console is what a text front end reads from and writes to. Its zero value
// reads nothing and writes nothing.
type Console struct {
	In       io.Reader
	Out, Err io.Writer
	// Interactive says that someone types at In, and sees Out.
	Interactive bool
	// Terminal says that Out obeys a terminal's escape sequences. Err is taken to
	// be on the same screen then.
	Terminal bool
	// Colour says that Err may have colours.
	Colour bool
	// Size gives the columns and lines of Out; nil means 80 and 24.
	Size func() (columns, lines int)
	// Echo says whether what is typed at In shows; nil if that cannot be set.
	Echo func(on bool) error
}

// For is the console of three streams, of which those that are files may be
// terminals.
func For(in io.Reader, out, err io.Writer) Console {
	c := Console{In: in, Out: out, Err: err}
	if f, ok := err.(*os.File); ok {
		c.Colour = Colour(f)
	}
	if f, ok := out.(*os.File); ok && IsTerminal(f) {
		c.Terminal = obeys(f)
		c.Size = func() (int, int) { return Size(f) }
	}
	if f, ok := in.(*os.File); ok && IsTerminal(f) {
		c.Interactive = c.Size != nil
		c.Echo = func(on bool) error { return echo(f, on) }
	}
	return c
}

// IsTerminal says whether f is a terminal.
func IsTerminal(f *os.File) bool { return isatty.IsTerminal(f.Fd()) }

// Colour says whether what is written to f should be coloured: f is a terminal
// that can, and the user has not set NO_COLOR (https://no-color.org).
func Colour(f *os.File) bool {
	return os.Getenv("NO_COLOR") == "" && IsTerminal(f) && obeys(f)
}

// obeys says whether the terminal f obeys escape sequences.
func obeys(f *os.File) bool { return os.Getenv("TERM") != "dumb" && enableEscapes(f) == nil }

// The size of a terminal that does not tell.
const (
	defaultColumns = 80
	defaultLines   = 24
)

// Size gives the columns and lines of the terminal f, or 80 and 24.
func Size(f *os.File) (columns, lines int) {
	columns, lines, err := size(f)
	if err != nil || columns <= 0 || lines <= 0 {
		return defaultColumns, defaultLines
	}
	return columns, lines
}

// Dimensions gives the columns and lines of c, whether or not it can tell.
func (c Console) Dimensions() (columns, lines int) {
	if c.Size == nil {
		return defaultColumns, defaultLines
	}
	return c.Size()
}
