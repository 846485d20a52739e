// Package term says what a text front end reads from and writes to: whether
// that is a terminal, how wide it is, and whether colours are wanted.
//
// Start at [Standard].
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

// Standard is the console of this process.
func Standard() Console {
	c := Console{
		In: os.Stdin, Out: os.Stdout, Err: os.Stderr,
		Terminal: IsTerminal(os.Stdout) && os.Getenv("TERM") != "dumb",
		Colour:   Colour(os.Stderr),
		Size:     func() (int, int) { return Size(os.Stdout) },
	}
	if IsTerminal(os.Stdin) {
		c.Interactive = IsTerminal(os.Stdout)
		c.Echo = func(on bool) error { return echo(os.Stdin, on) }
	}
	return c
}

// IsTerminal says whether f is a terminal.
func IsTerminal(f *os.File) bool { return isatty.IsTerminal(f.Fd()) }

// Colour says whether what is written to f should be coloured: f is a terminal
// that can, and the user has not set NO_COLOR (https://no-color.org).
func Colour(f *os.File) bool {
	return IsTerminal(f) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
}

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
