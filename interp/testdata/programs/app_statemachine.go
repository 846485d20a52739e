package main

import (
	"fmt"
	"strings"
)

// State machines: a table, and states that are functions.

type State int
type Event string

const (
	Locked State = iota
	Unlocked
	Broken
)

func (s State) String() string { return [...]string{"Locked", "Unlocked", "Broken"}[s] }

type transition struct {
	to     State
	action func(*Turnstile)
}

type key struct {
	from State
	ev   Event
}

type Turnstile struct {
	state State
	coins int
	log   []string
}

var table = map[key]transition{
	{Locked, "coin"}:   {Unlocked, func(t *Turnstile) { t.coins++ }},
	{Locked, "push"}:   {Locked, nil},
	{Unlocked, "push"}: {Locked, nil},
	{Unlocked, "coin"}: {Unlocked, func(t *Turnstile) { t.coins++; t.log = append(t.log, "thanks") }},
	{Locked, "kick"}:   {Broken, (*Turnstile).alarm},
}

func (t *Turnstile) alarm() { t.log = append(t.log, "alarm") }

func (t *Turnstile) Handle(e Event) error {
	tr, ok := table[key{t.state, e}]
	if !ok {
		return fmt.Errorf("%v cannot handle %q", t.state, e)
	}
	if tr.action != nil {
		tr.action(t)
	}
	t.state = tr.to
	return nil
}

type lexer struct {
	in    string
	pos   int
	items []string
}

type stateFn func(*lexer) stateFn

func text(l *lexer) stateFn {
	if i := strings.Index(l.in[l.pos:], "{{"); i >= 0 {
		if i > 0 {
			l.items = append(l.items, "T:"+l.in[l.pos:l.pos+i])
		}
		l.pos += i + 2
		return action
	}
	if l.pos < len(l.in) {
		l.items = append(l.items, "T:"+l.in[l.pos:])
	}
	return nil
}

func action(l *lexer) stateFn {
	i := strings.Index(l.in[l.pos:], "}}")
	if i < 0 {
		l.items = append(l.items, "ERR unclosed")
		return nil
	}
	l.items = append(l.items, "A:"+strings.TrimSpace(l.in[l.pos:l.pos+i]))
	l.pos += i + 2
	return text
}

func lex(s string) []string {
	l := &lexer{in: s}
	for st := stateFn(text); st != nil; {
		st = st(l)
	}
	return l.items
}

func main() {
	t := &Turnstile{}
	for _, e := range []Event{"push", "coin", "coin", "push", "kick", "coin"} {
		err := t.Handle(e)
		fmt.Println(e, t.state, t.coins, err)
	}
	fmt.Println(t.log)
	fmt.Printf("%q\n", lex("hello {{ name }}, you are {{age}}!"))
	fmt.Printf("%q\n", lex("{{a}}{{b}}"))
	fmt.Printf("%q\n", lex("x {{ y"))
}
