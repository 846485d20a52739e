package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Matching brackets, postfix arithmetic, and run lengths.

func balanced(s string) bool {
	pairs := map[rune]rune{')': '(', ']': '[', '}': '{'}
	var stack []rune
	for _, c := range s {
		switch c {
		case '(', '[', '{':
			stack = append(stack, c)
		case ')', ']', '}':
			if len(stack) == 0 || stack[len(stack)-1] != pairs[c] {
				return false
			}
			stack = stack[:len(stack)-1]
		}
	}
	return len(stack) == 0
}

func postfix(s string) (int, error) {
	var stack []int
	for _, tok := range strings.Fields(s) {
		switch tok {
		case "+", "-", "*", "/":
			if len(stack) < 2 {
				return 0, fmt.Errorf("too few operands for %s", tok)
			}
			a, b := stack[len(stack)-2], stack[len(stack)-1]
			stack = stack[:len(stack)-2]
			r := 0
			switch tok {
			case "+":
				r = a + b
			case "-":
				r = a - b
			case "*":
				r = a * b
			case "/":
				if b == 0 {
					return 0, errors.New("division by zero")
				}
				r = a / b
			}
			stack = append(stack, r)
		default:
			n, err := strconv.Atoi(tok)
			if err != nil {
				return 0, err
			}
			stack = append(stack, n)
		}
	}
	if len(stack) != 1 {
		return 0, fmt.Errorf("%d values left", len(stack))
	}
	return stack[0], nil
}

func main() {
	for _, s := range []string{"([]{})", "([)]", "((", "", "a(b)c]"} {
		fmt.Printf("%q %v\n", s, balanced(s))
	}
	for _, s := range []string{"3 4 + 2 *", "5 1 2 + 4 * + 3 -", "1 0 /", "+", "1 2", "x"} {
		n, err := postfix(s)
		fmt.Println(s, "=", n, err)
	}
}
