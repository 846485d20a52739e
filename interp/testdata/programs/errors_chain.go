package main

import (
	"errors"
	"fmt"
	"io"
)

// Errors: wrapping, Is, As, Join, custom Is, and errors as values of structs.

var ErrNotFound = errors.New("not found")
var ErrPerm = errors.New("permission denied")

type PathError struct {
	Op, Path string
	Err      error
}

func (e *PathError) Error() string { return e.Op + " " + e.Path + ": " + e.Err.Error() }
func (e *PathError) Unwrap() error { return e.Err }

type Code int

func (c Code) Error() string        { return fmt.Sprintf("code %d", int(c)) }
func (c Code) Is(target error) bool { return target == ErrPerm && c == 403 }

type Validation struct{ Field, Msg string }

func (v Validation) Error() string { return v.Field + " " + v.Msg }

type Multi []error

func (m Multi) Error() string   { return fmt.Sprintf("%d errors", len(m)) }
func (m Multi) Unwrap() []error { return m }

type timeout interface{ Timeout() bool }
type slow struct{}

func (slow) Error() string { return "slow" }
func (slow) Timeout() bool { return true }

func open(name string) error {
	switch name {
	case "missing":
		return &PathError{"open", name, ErrNotFound}
	case "secret":
		return &PathError{"open", name, Code(403)}
	case "slow":
		return fmt.Errorf("dial: %w", slow{})
	}
	return nil
}

func load(name string) error {
	if err := open(name); err != nil {
		return fmt.Errorf("load config: %w", err)
	}
	return nil
}

func main() {
	for _, name := range []string{"ok", "missing", "secret", "slow"} {
		err := load(name)
		var pe *PathError
		var c Code
		var t timeout
		fmt.Println(err, errors.Is(err, ErrNotFound), errors.Is(err, ErrPerm), errors.As(err, &pe), errors.As(err, &c), errors.As(err, &t))
		if pe != nil {
			fmt.Println(" ", pe.Path, pe.Err, c)
		}
	}
	j := errors.Join(ErrNotFound, nil, Validation{"age", "negative"}, load("secret"))
	fmt.Println(j)
	var v Validation
	fmt.Println(errors.As(j, &v), v.Field, errors.Is(j, ErrPerm), errors.Join(nil, nil) == nil)
	m := Multi{io.EOF, fmt.Errorf("x: %w", ErrPerm)}
	fmt.Println(errors.Is(m, ErrPerm), errors.Is(m, io.EOF), errors.Is(m, io.ErrUnexpectedEOF), m)
	two := fmt.Errorf("both %w and %w", ErrPerm, io.EOF)
	fmt.Println(two, errors.Is(two, io.EOF), errors.Unwrap(two) == nil)
	fmt.Println(errors.Unwrap(load("missing")), errors.Unwrap(ErrPerm))
	fmt.Println(Validation{"a", "b"} == Validation{"a", "b"}, errors.Is(Validation{"a", "b"}, Validation{"a", "b"}), errors.New("x") == errors.New("x"))
	if pe, ok := errors.AsType[*PathError](load("missing")); ok {
		fmt.Println("AsType", pe.Op)
	}
	opaque := fmt.Errorf("opaque %v", ErrPerm)
	fmt.Println(errors.Is(opaque, ErrPerm), opaque)
}
