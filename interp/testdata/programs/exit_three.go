package main

import (
	"errors"
	"fmt"
	"os"
)

// os.Exit runs no deferred calls and leaves with its status.

type config struct {
	name    string
	retries int
}

func validate(c config) error {
	switch {
	case c.name == "":
		return errors.New("no name")
	case c.retries < 0:
		return fmt.Errorf("%s: negative retries %d", c.name, c.retries)
	}
	return nil
}

func run(cs []config) int {
	bad := 0
	for _, c := range cs {
		if err := validate(c); err != nil {
			fmt.Println("invalid:", err)
			bad++
		}
	}
	return bad
}

func main() {
	defer fmt.Println("never printed")
	if n := run([]config{{"a", 1}, {"", 2}, {"b", -1}, {}}); n > 0 {
		fmt.Println("exiting with", n)
		os.Exit(n)
	}
	fmt.Println("all fine")
}
