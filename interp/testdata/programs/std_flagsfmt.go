package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// Parsing of flags, of quoted words, and of key-value texts.

type level int

func (l *level) String() string { return fmt.Sprint(int(*l)) }
func (l *level) Set(s string) error {
	n, err := strconv.Atoi(s)
	if err != nil || n > 9 {
		return errors.New("want a digit")
	}
	*l = level(n)
	return nil
}

type list []string

func (l *list) String() string     { return strings.Join(*l, "+") }
func (l *list) Set(s string) error { *l = append(*l, s); return nil }

func parse(args ...string) (string, error) {
	f := flag.NewFlagSet("prog", flag.ContinueOnError)
	f.SetOutput(io.Discard)
	n := f.Int("n", 3, "how many")
	name := f.String("name", "none", "a name")
	v := f.Bool("v", false, "say more")
	d := f.Duration("d", time.Second, "how long")
	var lv level
	var inc list
	f.Var(&lv, "level", "a level")
	f.Var(&inc, "I", "add")
	if err := f.Parse(args); err != nil {
		return "", err
	}
	set := 0
	f.Visit(func(*flag.Flag) { set++ })
	return fmt.Sprint(*n, " ", *name, " ", *v, " ", *d, " ", lv, " ", inc.String(), " ", f.Args(), " ", set), nil
}

func words(s string) (out []string, err error) {
	var cur []rune
	in, quoted := false, false
	for _, r := range s {
		switch {
		case r == '\'':
			quoted = !quoted
			in = true
		case unicode.IsSpace(r) && !quoted:
			if in {
				out = append(out, string(cur))
				cur, in = nil, false
			}
		default:
			cur = append(cur, r)
			in = true
		}
	}
	if quoted {
		return out, errors.New("open quote")
	}
	if in {
		out = append(out, string(cur))
	}
	return out, nil
}

func main() {
	for _, args := range [][]string{nil, {"-n", "5", "-v", "--name=x", "rest", "-n"}, {"-d", "1m", "-level", "7", "-I", "a", "-I", "b"}, {"-n", "x"}, {"-level=99"}, {"-zzz"}, {"-v=false", "--", "-n"}, {"-h"}} {
		s, err := parse(args...)
		fmt.Println(s, err)
	}
	for _, s := range []string{"a b  c", "say 'two words' ''", "it's", ""} {
		ws, err := words(s)
		fmt.Printf("%q %v\n", ws, err)
	}
}
