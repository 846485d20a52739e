package term

import (
	"os"
	"testing"

	"golang.org/x/sys/unix"
)

// terminal opens a pseudo-terminal.
func terminal(t *testing.T) *os.File {
	t.Helper()
	f, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("CI must have pseudo-terminals: %v", err)
		}
		t.Skipf("no pseudo-terminals here: %v", err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func TestATerminal(t *testing.T) {
	f := terminal(t)
	for _, c := range []struct {
		term, noColor    string
		terminal, colour bool
	}{
		{"xterm", "", true, true},
		{"xterm", "1", true, false},
		{"dumb", "", false, false},
	} {
		t.Setenv("TERM", c.term)
		t.Setenv("NO_COLOR", c.noColor)
		got := For(f, f, f)
		if !got.Interactive || got.Terminal != c.terminal || got.Colour != c.colour {
			t.Errorf("TERM=%s NO_COLOR=%s: %+v", c.term, c.noColor, got)
		}
	}
	if pipe, err := os.Open(os.DevNull); err != nil || For(f, pipe, pipe).Interactive {
		t.Errorf("with output that is no terminal nobody sees prompts (%v)", err)
	}
}

func TestSizeAndEcho(t *testing.T) {
	f := terminal(t)
	c := For(f, f, f)
	if columns, lines := c.Dimensions(); columns != 80 || lines != 24 {
		t.Errorf("a terminal that does not tell has %d columns and %d lines", columns, lines)
	}
	if err := unix.IoctlSetWinsize(int(f.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Col: 100, Row: 30}); err != nil {
		t.Fatal(err)
	}
	if columns, lines := c.Dimensions(); columns != 100 || lines != 30 {
		t.Errorf("%d columns and %d lines, want 100 and 30", columns, lines)
	}
	for _, on := range []bool{false, true} {
		if err := c.Echo(on); err != nil {
			t.Fatal(err)
		}
		mode, err := unix.IoctlGetTermios(int(f.Fd()), unix.TCGETS)
		if err != nil || (mode.Lflag&unix.ECHO != 0) != on {
			t.Errorf("Echo(%v) leaves %x, %v", on, mode.Lflag, err)
		}
	}
}
