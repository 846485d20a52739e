package rich

import (
	"reflect"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// nameOf is the type's name as the user wrote it, if that can be t's name,
// else what reflection says.
func nameOf(t reflect.Type, written string) string {
	if fits(t, written) {
		return written
	}
	return typeText(t)
}

// fits reports whether a written type can be the name of t.
func fits(t reflect.Type, written string) bool {
	switch {
	case written == "", written == "any", written == "error",
		strings.Contains(written, "struct"), strings.HasPrefix(written, "interface"):
		return false
	}
	if t.Name() != "" {
		return written[strings.LastIndexByte(written, '.')+1:] == t.Name()
	}
	var prefix string
	switch t.Kind() {
	case reflect.Pointer:
		prefix = "*"
	case reflect.Slice, reflect.Array:
		prefix = "["
	case reflect.Map:
		prefix = "map["
	case reflect.Func:
		prefix = "func("
	case reflect.Chan:
		return true
	}
	return prefix != "" && strings.HasPrefix(written, prefix) || isIdentifier(written)
}

func isIdentifier(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return (unicode.IsLetter(r) || r == '_') && !strings.HasPrefix(s, "map[") &&
		!strings.HasPrefix(s, "func(") && !strings.HasPrefix(s, "chan ")
}

// elemName is the written name of what a pointer points to.
func elemName(written string) string {
	if rest, ok := strings.CutPrefix(written, "*"); ok {
		return rest
	}
	return ""
}

// typeText writes a type as in a cell: any for interface{}, the user's own
// types without "main.", anonymous structs left out, because the interpreter
// turns every named struct into one and their text is longer than the value's.
func typeText(t reflect.Type) string {
	if t.Name() != "" {
		return strings.ReplaceAll(strings.ReplaceAll(t.String(), "main.", ""), "interface {}", "any")
	}
	switch t.Kind() {
	case reflect.Pointer:
		return "*" + typeText(t.Elem())
	case reflect.Slice:
		return "[]" + typeText(t.Elem())
	case reflect.Array:
		return "[" + strconv.Itoa(t.Len()) + "]" + typeText(t.Elem())
	case reflect.Map:
		return "map[" + typeText(t.Key()) + "]" + typeText(t.Elem())
	case reflect.Chan:
		return chanText[t.ChanDir()] + " " + typeText(t.Elem())
	case reflect.Func:
		return funcText(t)
	case reflect.Struct:
		if t.NumField() == 0 {
			return "struct{}"
		}
		return ""
	case reflect.Interface:
		if t.NumMethod() == 0 {
			return "any"
		}
		return "interface{…}"
	}
	return t.String()
}

var chanText = map[reflect.ChanDir]string{
	reflect.BothDir: "chan", reflect.RecvDir: "<-chan", reflect.SendDir: "chan<-",
}

func funcText(t reflect.Type) string {
	var s strings.Builder
	s.WriteString("func(")
	for i := range t.NumIn() {
		if i > 0 {
			s.WriteString(", ")
		}
		if t.IsVariadic() && i == t.NumIn()-1 {
			s.WriteString("..." + paramText(t.In(i).Elem()))
		} else {
			s.WriteString(paramText(t.In(i)))
		}
	}
	s.WriteString(")")
	var outs []string
	for i := range t.NumOut() {
		outs = append(outs, paramText(t.Out(i)))
	}
	switch len(outs) {
	case 0:
	case 1:
		s.WriteString(" " + outs[0])
	default:
		s.WriteString(" (" + strings.Join(outs, ", ") + ")")
	}
	return s.String()
}

// paramText is typeText where a struct left out would leave nothing to read.
func paramText(t reflect.Type) string {
	text := typeText(t)
	if text == "" || text == "*" || text == "[]" {
		text += "struct{…}"
	}
	return text
}
