package programs

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// An Outcome is how a program ran.
type Outcome struct {
	Stdout string
	Exit   int
	// Panic is what the program said of the panic that ended it, from "panic: "
	// on, without signals and goroutines. It is empty if none did.
	Panic string
	// Line is that of the innermost frame of the program's own code, 0 without a
	// panic.
	Line int
}

var (
	exitRE   = regexp.MustCompile(`(?m)^-- exit (\d+) --\n`)
	lineRE   = regexp.MustCompile(`(?m)^line (\d+)\n\z`)
	chainRE  = regexp.MustCompile(`(?m)^\t*panic: `)
	againRE  = regexp.MustCompile(`(?m) \[recovered(, repanicked)?\]$`)
	signalRE = regexp.MustCompile(`(?m)^\[signal .*\n`)
)

// ParseOutcome reads what [Outcome.String] has written.
func ParseOutcome(text string) (Outcome, error) {
	all := exitRE.FindAllStringSubmatchIndex(text, -1)
	if len(all) == 0 {
		return Outcome{}, errors.New("no line -- exit N --")
	}
	m := all[len(all)-1]
	o := Outcome{Stdout: text[:m[0]]}
	o.Exit, _ = strconv.Atoi(text[m[2]:m[3]])
	rest := text[m[1]:]
	if l := lineRE.FindStringSubmatchIndex(rest); l != nil {
		o.Line, _ = strconv.Atoi(rest[l[2]:l[3]])
		rest = rest[:l[0]]
	}
	o.Panic = strings.TrimSuffix(rest, "\n")
	return o, nil
}

// String is the outcome as it is kept in a file.
func (o Outcome) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s-- exit %d --\n", o.Stdout, o.Exit)
	if o.Panic != "" {
		fmt.Fprintf(&b, "%s\nline %d\n", o.Panic, o.Line)
	}
	return b.String()
}

// Message is the value of the panic that ended the program, the last one where
// one panic followed another, as Go prints it.
func (o Outcome) Message() string {
	text := o.Panic
	if all := chainRE.FindAllStringIndex(text, -1); len(all) > 0 {
		text = text[all[len(all)-1][1]:]
	}
	text = againRE.ReplaceAllString(text, "")
	return strings.ReplaceAll(text, "\n\t", "\n")
}

// report reads what a program that panicked wrote to stderr. file is the name of
// the program's file, without its folder.
func report(stderr, file string) (text string, line int) {
	at := strings.Index("\n"+stderr, "\npanic: ")
	if at < 0 {
		return "", 0
	}
	text, frames, _ := strings.Cut(stderr[at:], "\n\ngoroutine ")
	text = strings.TrimRight(signalRE.ReplaceAllString(text+"\n", ""), "\n")
	placeRE := regexp.MustCompile(`(?m)^\t(?:\S*/)?` + regexp.QuoteMeta(file) + `:(\d+)`)
	if m := placeRE.FindStringSubmatch(frames); m != nil {
		line, _ = strconv.Atoi(m[1])
	}
	return text, line
}
