// Package table holds what the generated binding tables are made of: plain
// static data, so that a program which links them runs no code for them until
// it asks for a package.
package table

import (
	"go/constant"
	"go/token"
	"reflect"
)

// A Symbol is one exported name of a package and what stands for it: a
// function, a typed nil pointer for a type, the value of a typed constant, one
// of the types below for an untyped constant, or a pointer to a variable.
type Symbol struct {
	Name  string
	Value any
}

// Untyped constants. A table holds the literal, exact to the last digit.
type (
	// Int is the literal of an integer or rune constant.
	Int string
	// Float is the literal of a floating-point constant.
	Float string
	// String is the value of a string constant.
	String string
	// Word is the value of an integer constant that differs by system.
	Word int64
)

// A Package is the binding of one package.
type Package struct {
	Path   string
	Name   string
	Needs  []string // other packages whose types its API reaches, sorted
	Values []Symbol // functions, types, constants, interface wrappers
	Vars   []Symbol // variables, by address
	Differ []Symbol // constants that differ by system; their values name their basic types
}

// A Group is a set of packages that were bound together.
type Group struct {
	Packages []*Package // sorted by path
	Types    *string    // archive of export data
	Docs     *string    // archive of documentation
}

// Load makes the map that yaegi wants.
func (p *Package) Load() map[string]reflect.Value {
	m := make(map[string]reflect.Value, len(p.Values)+len(p.Vars))
	for _, s := range p.Values {
		m[s.Name] = value(s.Value)
	}
	for _, s := range p.Vars {
		m[s.Name] = reflect.ValueOf(s.Value).Elem()
	}
	return m
}

func value(v any) reflect.Value {
	if c := Constant(v); c != nil {
		return reflect.ValueOf(c)
	}
	return reflect.ValueOf(v)
}

// Constant returns the constant that v, of one of the types for untyped
// constants, stands for, and nil for anything else.
func Constant(v any) constant.Value {
	switch v := v.(type) {
	case Int:
		// No literal has a sign.
		if len(v) > 0 && v[0] == '-' {
			return constant.UnaryOp(token.SUB, constant.MakeFromLiteral(string(v[1:]), token.INT, 0), 0)
		}
		return constant.MakeFromLiteral(string(v), token.INT, 0)
	case Float:
		if len(v) > 0 && v[0] == '-' {
			return constant.UnaryOp(token.SUB, constant.MakeFromLiteral(string(v[1:]), token.FLOAT, 0), 0)
		}
		return constant.MakeFromLiteral(string(v), token.FLOAT, 0)
	case String:
		return constant.MakeString(string(v))
	case Word:
		return constant.MakeInt64(int64(v))
	}
	return nil
}
