package main

import (
	"errors"
	"fmt"
)

// Interfaces made of interfaces, and types that satisfy several.

type Reader interface{ Read() (string, bool) }
type Writer interface{ Write(string) int }
type Closer interface{ Close() error }
type ReadWriter interface {
	Reader
	Writer
}
type ReadWriteCloser interface {
	ReadWriter
	Closer
	Write(string) int // the same method again
}

type pipe struct {
	buf    []string
	closed bool
}

func (p *pipe) Read() (string, bool) {
	if len(p.buf) == 0 {
		return "", false
	}
	s := p.buf[0]
	p.buf = p.buf[1:]
	return s, true
}
func (p *pipe) Write(s string) int { p.buf = append(p.buf, s); return len(p.buf) }
func (p *pipe) Close() error {
	if p.closed {
		return errors.New("closed twice")
	}
	p.closed = true
	return nil
}

type logged struct {
	ReadWriteCloser
	log *[]string
}

func (l logged) Write(s string) int {
	n := l.ReadWriteCloser.Write(s)
	*l.log = append(*l.log, fmt.Sprintf("write %q -> %d", s, n))
	return n
}

type half struct{ Reader }

func copyAll(dst Writer, src Reader) (n int) {
	for {
		s, ok := src.Read()
		if !ok {
			return
		}
		dst.Write(s)
		n++
	}
}

func caps(v any) (out string) {
	if _, ok := v.(Reader); ok {
		out += "R"
	}
	if _, ok := v.(Writer); ok {
		out += "W"
	}
	if _, ok := v.(Closer); ok {
		out += "C"
	}
	switch v.(type) {
	case ReadWriteCloser:
		out += " rwc"
	case ReadWriter:
		out += " rw"
	case Reader:
		out += " r"
	}
	return
}

func main() {
	var log []string
	a, b := &pipe{}, &pipe{}
	l := logged{b, &log}
	a.Write("x")
	a.Write("y")
	fmt.Println(copyAll(l, a), b.buf, log)
	fmt.Println(caps(a), caps(l), caps(half{a}), caps(3))
	var rw ReadWriter = l
	rw.Write("z")
	c, ok := rw.(Closer)
	fmt.Println(ok, c.Close(), c.Close(), b.closed)
	var w Writer = rw
	_, isLogged := w.(logged)
	_, isPipe := w.(*pipe)
	fmt.Println(isLogged, isPipe, len(log))
	inner := w.(logged).ReadWriteCloser.(*pipe)
	fmt.Println(inner == b, len(inner.buf))
	f := ReadWriter.Write
	g := Reader.Read
	f(a, "via expression")
	fmt.Println(g(a))
	fmt.Println(g(half{b}))
}
