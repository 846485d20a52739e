package tty

import (
	"context"
	"errors"
	"io"
	"strconv"
	"strings"
	"time"
)

// Abilities are what a terminal says of itself. The zero value is one that says
// nothing.
type Abilities struct {
	// Background is its background colour, if Known; each part is 0 to 1.
	Known   bool
	R, G, B float64
	// Kitty and Sixel say that it shows images sent in these ways.
	Kitty, Sixel bool
	// Name is its program's name and version, such as WezTerm 2024.
	Name string
}

// questions are for the background, kitty's images, the name, and what every
// terminal answers, so that an answer to it ends the wait.
const questions = "\x1b]11;?\x1b\\" + "\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\" + "\x1b[>0q" + "\x1b[c"

// Ask asks the terminal, through w, what it can do, and waits for at most limit. What
// is typed meanwhile is kept for Next.
func (t *Terminal) Ask(ctx context.Context, w io.Writer, limit time.Duration) (Abilities, error) {
	var a Abilities
	if _, err := io.WriteString(w, questions); err != nil {
		return a, err
	}
	waiting, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	var typed []Event
	defer func() { t.held = append(typed, t.held...) }()
	for {
		ev, err := t.Next(waiting)
		switch {
		case errors.Is(err, ErrWoken):
			t.Wake()
			continue
		case err != nil && ctx.Err() == nil && waiting.Err() != nil:
			return a, nil // it does not answer
		case err != nil:
			return a, err
		case ev.Answer == "":
			typed = append(typed, ev)
		case a.take(ev.Answer):
			return a, nil
		}
	}
}

// take reads one answer, and says whether it is the last.
func (a *Abilities) take(answer string) (last bool) {
	switch body := inner(answer); {
	case strings.HasPrefix(answer, "\x1b]11;"):
		a.R, a.G, a.B, a.Known = colour(strings.TrimPrefix(body, "11;"))
	case strings.HasPrefix(answer, "\x1b_G"):
		a.Kitty = strings.HasPrefix(body, "Gi=31") && strings.HasSuffix(body, ";OK")
	case strings.HasPrefix(answer, "\x1bP>|"):
		a.Name = strings.TrimPrefix(body, ">|")
	case strings.HasPrefix(answer, "\x1b[?") && strings.HasSuffix(answer, "c"):
		for p := range strings.SplitSeq(strings.TrimSuffix(answer[3:], "c"), ";") {
			a.Sixel = a.Sixel || p == "4"
		}
		return true
	}
	return false
}

// inner is the text of a sequence, without its ends.
func inner(answer string) string {
	if len(answer) < 3 {
		return ""
	}
	body := strings.TrimSuffix(answer[2:], "\x07")
	body = strings.TrimSuffix(body, "\x1b\\")
	if answer[1] == '_' || answer[1] == 'P' || answer[1] == ']' {
		return body
	}
	return ""
}

// colour reads a colour as terminals answer it: rgb:RRRR/GGGG/BBBB with one to four
// digits each, or rgba: with a fourth part.
func colour(s string) (r, g, b float64, ok bool) {
	kind, rest, _ := strings.Cut(s, ":")
	parts := strings.Split(rest, "/")
	if kind == "rgb" && len(parts) != 3 || kind == "rgba" && len(parts) != 4 || kind != "rgb" && kind != "rgba" {
		return 0, 0, 0, false
	}
	var v [3]float64
	for i := range v {
		n, err := strconv.ParseUint(parts[i], 16, 16)
		if err != nil || parts[i] == "" || len(parts[i]) > 4 {
			return 0, 0, 0, false
		}
		v[i] = float64(n) / float64(uint64(1)<<(4*len(parts[i]))-1)
	}
	return v[0], v[1], v[2], true
}

// Dark says whether the background is dark, and whether that is known: from the
// terminal's own answer, else from COLORFGBG, such as 15;0.
func (a Abilities) Dark(colorFGBG string) (dark, known bool) {
	if a.Known {
		return 0.299*a.R+0.587*a.G+0.114*a.B < 0.5, true
	}
	parts := strings.Split(colorFGBG, ";")
	n, err := strconv.Atoi(parts[len(parts)-1])
	if err != nil || len(parts) < 2 || n < 0 || n > 15 {
		return false, false
	}
	return n < 7 || n == 8, true
}
