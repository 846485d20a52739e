// Package programs holds a tier to a corpus of Go programs: what go run does with
// a program, a session must do with it, whether it gets the program in one cell
// or in many.
//
// The corpus lies in interp/testdata/programs, one file a program, with what the
// Go toolchain made of it beside it. [Read] reads it, [Split] cuts a program into
// cells, [Judge] says what to think of what a session made of them, and [Suite]
// does all this as a test, for any session. [Toolchain] makes the outcomes anew.
package programs

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// A Program is a Go program and what it does under go run.
type Program struct {
	// Name is the file's, without .go.
	Name   string
	Source string
	Want   Outcome
}

// Read reads the programs of dir that have an outcome, by name.
func Read(dir string) ([]Program, error) {
	files, err := Files(dir)
	if err != nil {
		return nil, err
	}
	var all []Program
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		text, err := os.ReadFile(OutcomeFile(file))
		if err != nil {
			return nil, err
		}
		want, err := ParseOutcome(string(text))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", OutcomeFile(file), err)
		}
		all = append(all, Program{Name: Name(file), Source: string(source), Want: want})
	}
	return all, nil
}

// Files lists the programs of dir, by name.
func Files(dir string) ([]string, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err == nil && len(files) == 0 {
		err = fmt.Errorf("%s: no programs", dir)
	}
	return files, err
}

// Name is the name of the program in file.
func Name(file string) string { return strings.TrimSuffix(filepath.Base(file), ".go") }

// OutcomeFile is where the outcome of the program in file is kept.
func OutcomeFile(file string) string { return strings.TrimSuffix(file, ".go") + ".out" }
