package rich

import (
	"reflect"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxCauses bounds the errors that are shown below the one that wraps them.
const maxCauses = 10

// causes lists, one a line, the errors that an error wraps, where their texts are
// not its own. A single one whose text is within the error's says nothing new. unwrap is a method value func() error or func() []error, or nil.
func causes(text string, unwrap any) string {
	c := causer{}
	c.below(text, unwrap, 1)
	if c.lines == 1 && strings.Contains(text, c.last) {
		return ""
	}
	return c.String()
}

type causer struct {
	strings.Builder
	lines, steps int
	last         string
}

func (c *causer) below(text string, unwrap any, depth int) {
	for _, err := range wrapped(unwrap) {
		c.steps++
		if err == nil || c.lines > maxCauses || c.steps > 10*maxCauses { // it may wrap itself
			continue
		}
		said := strings.ReplaceAll(errorText(err), "\n", "; ")
		next := depth
		if said != text {
			c.lines++
			c.last = said
			if c.lines > maxCauses {
				c.WriteString("\n" + strings.Repeat("  ", depth) + "…")
				return
			}
			c.WriteString("\n" + strings.Repeat("  ", depth) + "wraps " + exportedName(err) + said)
			next++
		}
		switch err.(type) {
		case interface{ Unwrap() error }, interface{ Unwrap() []error }:
			c.below(said, reflect.ValueOf(err).MethodByName("Unwrap").Interface(), next)
		}
	}
}

// wrapped calls a method Unwrap.
func wrapped(unwrap any) (list []error) {
	defer func() {
		if recover() != nil {
			list = nil
		}
	}()
	switch f := unwrap.(type) {
	case func() error:
		return []error{f()}
	case func() []error:
		return f()
	}
	return nil
}

func errorText(err error) (text string) {
	defer func() {
		if r := recover(); r != nil {
			text = "<Error(): " + panicText(r) + ">"
		}
	}()
	return cut(valid(err.Error()), 500)
}

// exportedName is the name of a package's exported error type, such as
// *fs.PathError, and a colon.
func exportedName(err error) string {
	t := reflect.TypeOf(err)
	star := ""
	if t.Kind() == reflect.Pointer {
		t, star = t.Elem(), "*"
	}
	r, _ := utf8.DecodeRuneInString(t.Name())
	if !unicode.IsUpper(r) || fromCell(t) {
		return ""
	}
	return star + t.String() + ": "
}

// fromCell says that a type was declared in a cell, or stands for one that was.
func fromCell(t reflect.Type) bool {
	if t.Kind() == reflect.Pointer && t.Name() == "" {
		t = t.Elem()
	}
	p := t.PkgPath()
	return p == "main" || strings.HasPrefix(p, "cell/") || strings.HasPrefix(p, interpreterPath) ||
		strings.HasPrefix(p, "github.com/adabc437/fanout/interp") && !strings.HasSuffix(p, "/rich")
}
