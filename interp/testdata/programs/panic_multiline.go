package main

import (
	"fmt"
	"strconv"
	"strings"
)

// A panic with a text of several lines, out of nested function literals.

func indent(s string) string {
	return "  " + strings.ReplaceAll(s, "\n", "\n  ")
}

type ParseError struct {
	Line  int
	Lines []string
}

func (e *ParseError) Error() string {
	return fmt.Sprintf("parse error in line %d:\n%s", e.Line, indent(strings.Join(e.Lines, "\n")))
}

func parse(text string) int {
	lines := strings.Split(text, "\n")
	total := 0
	for i, l := range lines {
		func() {
			n, err := strconv.Atoi(l)
			if err != nil {
				panic(&ParseError{i + 1, []string{l, err.Error()}})
			}
			total += n
		}()
	}
	return total
}

func main() {
	fmt.Println(parse("1\n2\n3"))
	fmt.Println(parse("1\nx2\n3"))
}
