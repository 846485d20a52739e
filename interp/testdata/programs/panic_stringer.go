package main

import "fmt"

// A panic with a value that has a String method but is no error.

type Level int

func (l Level) String() string {
	return [...]string{"debug", "info", "fatal"}[l]
}

type Logger struct {
	min   Level
	lines []string
}

func (l *Logger) Log(v Level, msg string) {
	if v >= l.min {
		l.lines = append(l.lines, v.String()+": "+msg)
		fmt.Println(l.lines[len(l.lines)-1])
	}
	if v == 2 {
		panic(v)
	}
}

func main() {
	l := &Logger{min: 1}
	l.Log(0, "hidden")
	l.Log(1, "shown")
	func() {
		defer func() { fmt.Println("recovered:", recover()) }()
		l.Log(2, "first")
	}()
	l.Log(2, "second")
	fmt.Println("not reached")
}
