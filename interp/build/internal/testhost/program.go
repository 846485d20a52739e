package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/adabc437/fanout/interp/build"
)

func init() { scenarios["main"] = runMain }

// runMain builds a program as a package, and runs it.
func runMain(args []string) error {
	src, err := os.ReadFile(args[0])
	if err != nil {
		return err
	}
	t, err := open()
	if err != nil {
		return err
	}
	path := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, args[0])
	i, err := t.Build(context.Background(), build.Package{Path: "prog/" + path, Source: src, Imports: imports(src)})
	if err != nil {
		return fmt.Errorf("BUILD: %w", err)
	}
	run, err := call[func()](i, "main")
	if err != nil {
		return fmt.Errorf("BUILD: %w", err)
	}
	os.Args = args
	run()
	os.Exit(0)
	return nil
}
