package tty

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"
)

func TestDecode(t *testing.T) {
	for in, want := range map[string][]Event{
		"aé日":                                  {{Key: "a"}, {Key: "é"}, {Key: "日"}},
		"\r\n\t\x7f\x08\x01\x1a\x00\x1f":       {{Key: "Enter"}, {Key: "C-j"}, {Key: "Tab"}, {Key: "Backspace"}, {Key: "Backspace"}, {Key: "C-a"}, {Key: "C-z"}, {Key: "C-Space"}, {Key: "C-_"}},
		"\x1b[A\x1bOB\x1b[1;5C\x1b[3~":         {{Key: "Up"}, {Key: "Down"}, {Key: "C-Right"}, {Key: "Delete"}},
		"\x1b[Z\x1bOP\x1b[11~\x1b[1;2H":        {{Key: "S-Tab"}, {Key: "F1"}, {Key: "F1"}, {Key: "S-Home"}},
		"\x1bb\x1b\r\x1b\x7f\x1b\x1b[D":        {{Key: "M-b"}, {Key: "M-Enter"}, {Key: "M-Backspace"}, {Key: "M-Left"}},
		"\x1b[13;2u\x1b[27;5;13~\x1b[97;5u":    {{Key: "S-Enter"}, {Key: "C-Enter"}, {Key: "C-a"}},
		"\x1b[97;6u\x1b[97;2u\x1b[57441u":      {{Key: "C-a"}, {Key: "A"}, {}},
		"\x1b[200~a\rb\r\n\x1b[31mc\x1b[201~d": {{Paste: "a\nb\n[31mc"}, {Key: "d"}},
		"\x1b]11;rgb:0/0/0\x07x":               {{Answer: "\x1b]11;rgb:0/0/0\x07"}, {Key: "x"}},
		"\x1b_Gi=31;OK\x1b\\\x1b[?62;4c":       {{Answer: "\x1b_Gi=31;OK\x1b\\"}, {Answer: "\x1b[?62;4c"}},
		"\x1b":                                 {{Key: "Esc"}},
		"\x1b[":                                {{Key: "M-["}},
		"\xff\x80a":                            {{}, {}, {Key: "a"}},
	} {
		var got []Event
		for b := []byte(in); len(b) > 0; {
			ev, n := Decode(b, true)
			if n == 0 {
				t.Fatalf("%q: nothing is taken of %q", in, b)
			}
			got = append(got, ev)
			b = b[n:]
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%q: got %+v, want %+v", in, got, want)
		}
	}
}

func TestDecodeWaitsForTheRest(t *testing.T) {
	for _, in := range []string{"\x1b", "\x1b[", "\x1b[1;5", "\x1bO", "\x1b]11;rgb", "\x1b[200~abc", "\xe6\x97", "\x1b\x1b["} {
		if ev, n := Decode([]byte(in), false); n != 0 {
			t.Errorf("%q: got %+v of %d bytes, want to wait", in, ev, n)
		}
	}
}

func TestAnswers(t *testing.T) {
	var a Abilities
	for _, answer := range []string{"\x1b]11;rgb:ffff/8080/0000\x1b\\", "\x1b_Gi=31;OK\x1b\\", "\x1bP>|WezTerm 2024\x1b\\"} {
		if a.take(answer) {
			t.Errorf("%q ends the wait", answer)
		}
	}
	if !a.take("\x1b[?65;1;4;9c") {
		t.Error("the last answer does not end the wait")
	}
	if a.G < 0.501 || a.G > 0.503 {
		t.Errorf("green is %v", a.G)
	}
	a.G = 0
	if want := (Abilities{Known: true, R: 1, Kitty: true, Sixel: true, Name: "WezTerm 2024"}); a != want {
		t.Errorf("got %+v, want %+v", a, want)
	}
	for _, bad := range []string{"", "rgb:", "rgb:0/0", "rgb:00000/0/0", "rgb:x/0/0", "hsl:0/0/0", "rgba:0/0/0", "rgb:-1/0/0"} {
		if _, _, _, ok := colour(bad); ok {
			t.Errorf("%q is taken for a colour", bad)
		}
	}
}

func TestBackgrounds(t *testing.T) {
	for _, c := range []struct {
		a           Abilities
		env         string
		dark, known bool
	}{
		{Abilities{Known: true, R: 1, G: 1, B: 1}, "15;0", false, true},
		{Abilities{Known: true}, "", true, true},
		{Abilities{}, "15;0", true, true},
		{Abilities{}, "0;default;15", false, true},
		{Abilities{}, "12;8", true, true},
		{Abilities{}, "", false, false},
		{Abilities{}, "7", false, false},
		{Abilities{}, "0;99", false, false},
	} {
		if dark, known := c.a.Dark(c.env); dark != c.dark || known != c.known {
			t.Errorf("%+v %q: got %v, %v, want %v, %v", c.a, c.env, dark, known, c.dark, c.known)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, s := range []string{"a\x1b[A\x1bOB", "\x1b[200~x\x1b[201~", "\x1b]11;rgb:0/0/0\x07", "\x1b_Gi=31;OK\x1b\\", "\x1bP>|x\x1b\\", "\x1b[?62;4c", "\x1b[97;5:3u", "\x1b\x1b[27;5;13~"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var a Abilities
		for rest := b; len(rest) > 0; {
			ev, n := Decode(rest, true)
			if n == 0 && bytes.HasPrefix(bytes.TrimLeft(rest, "\x1b"), []byte("[200~")) {
				return
			}
			if n <= 0 || n > len(rest) {
				t.Fatalf("%q: %d bytes are taken of %q", b, n, rest)
			}
			if set := len(ev.Key) > 0 && len(ev.Paste) > 0; set {
				t.Fatalf("%q: %+v is two things", b, ev)
			}
			if ev.Answer != "" {
				a.take(ev.Answer)
			}
			for _, v := range []float64{a.R, a.G, a.B} {
				if v < 0 || v > 1 {
					t.Fatalf("%q: a colour of %v", b, v)
				}
			}
			if early, n := Decode(rest, false); n > len(rest) || n < 0 {
				t.Fatalf("%q: %+v of %d bytes", b, early, n)
			}
			rest = rest[n:]
		}
	})
}

// open gives a terminal on a pseudo-terminal, and the end that a user has.
func open(t *testing.T) (*Terminal, *os.File) {
	t.Helper()
	user, in, err := pty.Open()
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("CI must have pseudo-terminals: %v", err)
		}
		t.Skipf("no pseudo-terminals here: %v", err)
	}
	t.Cleanup(func() { in.Close(); user.Close() })
	term, err := Open(in)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { term.Close() })
	return term, user
}

func (t *Terminal) expect(tb testing.TB, want ...string) {
	tb.Helper()
	for _, w := range want {
		ev, err := t.Next(tb.Context())
		if err != nil || ev.Key != w {
			tb.Fatalf("got %+v, %v, want %s", ev, err, w)
		}
	}
}

func TestATerminalGivesItsKeys(t *testing.T) {
	term, user := open(t)
	io.WriteString(user, "a\x1b[A\x03\r\x1b")
	term.expect(t, "a", "Up", "C-c", "Enter", "Esc") // the last as nothing follows it in time
}

func TestAWaitIsGivenUpAndLosesNothing(t *testing.T) {
	term, user := open(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := term.Next(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("given up: %v", err)
	}
	term.Wake()
	if _, err := term.Next(t.Context()); !errors.Is(err, ErrWoken) {
		t.Errorf("woken: %v", err)
	}
	io.WriteString(user, "ab")
	term.expect(t, "a")
	if err := term.Lend(func() error { return nil }); err != nil {
		t.Fatal(err)
	}
	term.expect(t, "b")
	io.WriteString(user, "c")
	term.expect(t, "c")
}

func TestAnEditorOfTheUsersGetsAllKeys(t *testing.T) {
	term, user := open(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, _ = term.Next(ctx) // leaves a read under way
	io.WriteString(user, "")
	err := term.Lend(func() error {
		io.WriteString(user, "for the editor\n")
		b := make([]byte, 100)
		n, err := term.in.Read(b)
		if got := string(b[:n]); got != "for the editor\n" {
			t.Errorf("the editor read %q", got)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestAskTakesAnswersAndKeepsKeys(t *testing.T) {
	term, user := open(t)
	io.WriteString(user, "x\x1b]11;rgb:ff/ff/ff\x1b\\y\x1b[?6;4cz")
	var asked bytes.Buffer
	a, err := term.Ask(t.Context(), &asked, time.Minute)
	if want := (Abilities{Known: true, R: 1, G: 1, B: 1, Sixel: true}); a != want || err != nil {
		t.Errorf("got %+v, %v, want %+v", a, err, want)
	}
	term.expect(t, "x", "y", "z")
	if a, err := term.Ask(t.Context(), &asked, time.Millisecond); a != (Abilities{}) || err != nil {
		t.Errorf("a terminal that does not answer: %+v, %v", a, err)
	}
}

func TestOtherOutputGoesAboveTheFrame(t *testing.T) {
	var b strings.Builder
	p := NewPainter(&b)
	p.Paint(Frame{Lines: []string{"one", "two"}, Row: 1, Col: 3})
	b.Reset()
	io.WriteString(p, "log")
	if want := begin + "\x1b[1A\r\x1b[Jlog\n\x1b[0m\x1b[Kone\x1b[0m\r\n\x1b[0m\x1b[Jtwo\x1b[0m\r\x1b[3C" + end; b.String() != want {
		t.Errorf("got %q, want %q", b.String(), want)
	}
	b.Reset()
	p.Leave(Frame{Lines: []string{"done"}})
	io.WriteString(p, "a\nname? ")
	if got := p.Open(); got != "name? " {
		t.Errorf("the open line is %q", got)
	}
	if !strings.HasSuffix(b.String(), "\r\n"+end+"a\nname? ") {
		t.Errorf("got %q", b.String())
	}
}

// A grid is a terminal of some columns and rows that knows what a Painter sends. As in
// real ones, the cursor stays on a full line until the next character.
type grid struct {
	rows         [][]rune
	row, col     int
	wide         int
	scrolled     int
	pendingBreak bool
}

func (g *grid) erase(row, from int) {
	for i := from; i < g.wide; i++ {
		g.rows[row][i] = ' '
	}
}

func (g *grid) feed() {
	if g.row++; g.row == len(g.rows) {
		g.row--
		g.scrolled++
		copy(g.rows, g.rows[1:])
		g.rows[g.row] = make([]rune, g.wide)
		g.erase(g.row, 0)
	}
}

func (g *grid) Write(b []byte) (int, error) {
	s := []rune(string(b))
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\r':
			g.col, g.pendingBreak = 0, false
		case s[i] == '\n':
			g.feed()
			g.pendingBreak = false
		case s[i] == 0x1b && s[i+1] == '[':
			i += 2
			n := 0
			for ; s[i] < 0x40; i++ {
				if s[i] >= '0' && s[i] <= '9' {
					n = 10*n + int(s[i]-'0')
				}
			}
			switch s[i] {
			case 'A':
				g.row, g.pendingBreak = max(g.row-n, 0), false
			case 'C':
				g.col, g.pendingBreak = min(g.col+n, g.wide-1), false
			case 'K':
				g.erase(g.row, g.col)
			case 'J':
				g.erase(g.row, g.col)
				for r := g.row + 1; r < len(g.rows); r++ {
					g.erase(r, 0)
				}
			}
		default:
			if g.pendingBreak {
				g.col, g.pendingBreak = 0, false
				g.feed()
			}
			g.rows[g.row][g.col] = s[i]
			if g.col++; g.col == g.wide {
				g.col, g.pendingBreak = g.wide-1, true
			}
		}
	}
	return len(b), nil
}

func TestAFrameThatIsPaintedAgainLeavesNothingBehind(t *testing.T) {
	for wide := 1; wide <= 12; wide++ {
		g := &grid{wide: wide, rows: make([][]rune, 6)}
		for i := range g.rows {
			g.rows[i] = make([]rune, wide)
			g.erase(i, 0)
		}
		p := NewPainter(g)
		for n := range 3 * wide {
			full := n % (wide + 1)
			f := Frame{Lines: []string{strings.Repeat("a", wide), strings.Repeat("b", full), strings.Repeat("c", wide)}, Row: n % 3}
			p.Paint(f)
			for i, line := range f.Lines {
				if got := strings.TrimRight(string(g.rows[i]), " "); got != line {
					t.Fatalf("%d columns, frame %d: row %d is %q, want %q", wide, n, i, got, line)
				}
			}
			if rest := strings.TrimSpace(string(g.rows[3])); rest != "" || g.scrolled > 0 || g.row != f.Row {
				t.Fatalf("%d columns, frame %d: %q below, %d rows gone, the cursor in row %d", wide, n, rest, g.scrolled, g.row)
			}
		}
	}
}

func TestABurstIsToldFromKeys(t *testing.T) {
	for _, c := range []struct {
		key, behind string
		want        bool
	}{
		{"Tab", "string", true}, {"Tab", "\tstring", true}, {"Tab", "\rx", false}, {"Tab", "\t\r", false}, {"Tab", "", false}, {"Tab", "\x1b[A", false},
		{"Enter", "\r\tx", true}, {"Enter", "\x03", false}, {"}", "\r", false}, {"}", "\rx", true},
	} {
		term := &Terminal{pending: []byte(c.behind)}
		if got := term.Burst(c.key); got != c.want {
			t.Errorf("%s before %q: %v", c.key, c.behind, got)
		}
	}
	term := &Terminal{held: []Event{{Key: "Tab"}, {Key: "x"}}}
	if !term.Burst("Tab") {
		t.Error("keys that were kept are not looked at")
	}
}

func TestModesThatProgramsLeaveOnAreSwitchedOff(t *testing.T) {
	var b strings.Builder
	p := NewPainter(&b)
	for _, s := range []string{"\x1b[?104", "9h", "\x1b[?1000h x \x1b[?1006h", "\x1b[?1006l\x1b[?25l\x1b[31m"} {
		io.WriteString(p, s)
	}
	b.Reset()
	p.Settle()
	p.Settle()
	if got, want := b.String(), "\x1b[?1000l\x1b[?1049l"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
