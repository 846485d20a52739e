package main

import (
	"errors"
	"fmt"
	"log"
	"os"
	"strings"
)

// log.Fatal ends with status 1; log output goes where it is told.

type tee struct {
	n int
	b strings.Builder
}

func (t *tee) Write(p []byte) (int, error) {
	t.n++
	return t.b.Write(p)
}

func main() {
	var t tee
	l := log.New(&t, "app: ", log.Lmsgprefix)
	l.Println("started", 1, 2)
	l.Printf("%d%%", 50)
	l.SetPrefix("[x] ")
	l.SetFlags(0)
	l.Print("plain")
	fmt.Print(t.b.String())
	fmt.Println(t.n, l.Prefix(), l.Flags())
	func() {
		defer func() { fmt.Println("recovered", recover()) }()
		l.Panicf("bad %s", "thing")
	}()
	log.SetFlags(0)
	log.SetOutput(os.Stdout)
	log.Println("to stdout")
	defer fmt.Println("never printed")
	log.Fatalf("fatal: %v", errors.New("the end"))
}
