package nbformat

import (
	"encoding/json"
	"fmt"
	"strconv"
)

// fields takes the fields of a JSON object out of it, one by one; what is left
// is what nobody knows. The first error is kept in err.
type fields struct {
	m     map[string]any
	where string // the place, in front of errors
	err   *error
}

// is makes v the object, if it is one.
func (f *fields) is(v any) bool {
	m, ok := v.(map[string]any)
	if !ok {
		f.fail("it is a JSON %s, want an object", kindOf(v))
	}
	f.m = m
	return ok
}

func (f fields) fail(format string, args ...any) {
	if *f.err == nil {
		*f.err = fmt.Errorf("not a notebook: "+f.where+format, args...)
	}
}

func (f fields) take(key string) (any, bool) {
	v, ok := f.m[key]
	delete(f.m, key)
	return v, ok
}

func (f fields) wrong(key string, v any, want string) {
	f.fail("%s is a JSON %s, want %s", key, kindOf(v), want)
}

// str takes a string; empty if it is not there.
func (f fields) str(key string) string {
	v, there := f.take(key)
	s, ok := v.(string)
	if there && !ok {
		f.wrong(key, v, "a string")
	}
	return s
}

// text takes a string or a list of lines.
func (f fields) text(key string) string {
	v, there := f.take(key)
	s, ok := joinLines(v)
	if there && !ok {
		f.wrong(key, v, "a string or a list of strings")
	}
	return s
}

// object takes an object; an empty one if it is not there.
func (f fields) object(key string) map[string]any {
	v, there := f.take(key)
	m, ok := v.(map[string]any)
	if there && !ok {
		f.wrong(key, v, "an object")
	}
	if m == nil {
		m = map[string]any{}
	}
	return m
}

// list takes a list; nil if it is not there.
func (f fields) list(key string) []any {
	v, there := f.take(key)
	l, ok := v.([]any)
	if there && !ok {
		f.wrong(key, v, "a list")
	}
	return l
}

// count takes a whole number; nil if it is null or not there.
func (f fields) count(key string) *int {
	v, there := f.take(key)
	if !there || v == nil {
		return nil
	}
	literal, ok := v.(json.Number)
	if !ok {
		f.wrong(key, v, "a number")
		return nil
	}
	n, err := strconv.Atoi(literal.String())
	if err != nil || n < 0 {
		f.fail("%s is %s, want a whole number", key, literal)
		return nil
	}
	return &n
}

// kindOf is JSON's word for what v is.
func kindOf(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case string:
		return "string"
	case json.Number:
		return "number"
	case []any:
		return "list"
	}
	return "object"
}
