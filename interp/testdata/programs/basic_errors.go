package main

import (
	"errors"
	"fmt"
	"strconv"
)

// Errors as a beginner writes them: checks, sentinels, wrapping.

var errEmpty = errors.New("empty input")

type rangeError struct {
	value, min, max int
}

func (e *rangeError) Error() string {
	return fmt.Sprintf("%d is not between %d and %d", e.value, e.min, e.max)
}

func parseAge(s string) (int, error) {
	if s == "" {
		return 0, errEmpty
	}
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0, fmt.Errorf("parse age: %w", err)
	}
	if n < 0 || n > 150 {
		return 0, &rangeError{n, 0, 150}
	}
	return n, nil
}

func main() {
	for _, s := range []string{"42", "", "abc", "200", "-5"} {
		age, err := parseAge(s)
		if err == errEmpty {
			fmt.Println("nothing was typed")
			continue
		}
		if err != nil {
			fmt.Println("error:", err)
			continue
		}
		fmt.Println("age", age)
	}
	_, err := parseAge("999")
	if re, ok := err.(*rangeError); ok {
		fmt.Println("too much by", re.value-re.max)
	}
	_, err = parseAge("x1")
	fmt.Println(errors.Is(err, strconv.ErrSyntax), errors.Unwrap(err) != nil)
}
