package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
)

// bufio: scanners with their own splits, readers, writers and pipes.

type upper struct{ r io.Reader }

func (u upper) Read(p []byte) (int, error) {
	n, err := u.r.Read(p)
	copy(p, bytes.ToUpper(p[:n]))
	return n, err
}

type countWriter struct{ n, calls int }

func (c *countWriter) Write(p []byte) (int, error) { c.n += len(p); c.calls++; return len(p), nil }

func splitComma(data []byte, atEOF bool) (int, []byte, error) {
	if i := bytes.IndexByte(data, ','); i >= 0 {
		return i + 1, data[:i], nil
	}
	if atEOF && len(data) > 0 {
		return len(data), data, nil
	}
	return 0, nil, nil
}

func main() {
	sc := bufio.NewScanner(strings.NewReader("one\ntwo\r\n\nfour"))
	for n := 1; sc.Scan(); n++ {
		fmt.Printf("%d:%q ", n, sc.Text())
	}
	fmt.Println(sc.Err())
	sc = bufio.NewScanner(strings.NewReader("a,b,,c"))
	sc.Split(splitComma)
	for sc.Scan() {
		fmt.Printf("%q ", sc.Text())
	}
	fmt.Println()
	sc = bufio.NewScanner(strings.NewReader("hé!"))
	sc.Split(bufio.ScanRunes)
	for sc.Scan() {
		fmt.Print(sc.Text(), len(sc.Bytes()), " ")
	}
	fmt.Println()
	sc = bufio.NewScanner(strings.NewReader(strings.Repeat("x", 100)))
	sc.Buffer(make([]byte, 0, 10), 20)
	fmt.Println(sc.Scan(), sc.Err())
	r := bufio.NewReader(upper{strings.NewReader("first line\nsecond line\nrest")})
	line, err := r.ReadString('\n')
	fmt.Printf("%q %v\n", line, err)
	b, _ := r.Peek(3)
	fmt.Printf("%s %d\n", b, r.Buffered())
	c, _ := r.ReadByte()
	r.UnreadByte()
	rest, _ := io.ReadAll(r)
	fmt.Printf("%c %q\n", c, rest)
	cw := &countWriter{}
	w := bufio.NewWriterSize(cw, 16)
	for i := range 10 {
		fmt.Fprintf(w, "line %d\n", i)
	}
	fmt.Println(w.Buffered() > 0, cw.calls > 0)
	w.Flush()
	fmt.Println(cw.n, w.Buffered())
	var buf bytes.Buffer
	mw := io.MultiWriter(&buf, cw)
	io.Copy(mw, io.LimitReader(strings.NewReader("limited text"), 7))
	fmt.Println(buf.String(), cw.n)
	tr := io.TeeReader(strings.NewReader("tee"), &buf)
	io.ReadAll(tr)
	fmt.Println(buf.String())
	pr, pw := io.Pipe()
	go func() {
		fmt.Fprint(pw, "through ", "a pipe")
		pw.CloseWithError(errors.New("writer gone"))
	}()
	all, err := io.ReadAll(pr)
	fmt.Println(string(all), err)
	sr := io.NewSectionReader(strings.NewReader("0123456789"), 2, 5)
	part := make([]byte, 3)
	n, _ := io.ReadFull(sr, part)
	fmt.Println(n, string(part), sr.Size())
	_, err = io.ReadFull(sr, part)
	fmt.Println(err, err == io.ErrUnexpectedEOF)
	mr := io.MultiReader(strings.NewReader("a"), strings.NewReader("b"))
	ab, _ := io.ReadAll(mr)
	fmt.Println(string(ab))
}
