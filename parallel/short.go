package parallel

import (
	"fmt"
	"reflect"
	"strings"
	"unicode/utf8"
)

const (
	shortRunes    = 80 // of a whole text
	shortElements = 6  // shown of a slice, a map or a struct
	shortDepth    = 3  // levels of nesting shown
)

// shortText shows x in one line of bounded length. Unlike fmt it does not walk
// through all of a large value, nor for ever through a cyclic one.
func shortText(x any) string {
	var b strings.Builder
	writeShort(&b, reflect.ValueOf(x), shortDepth)
	s := strings.Map(func(r rune) rune {
		if r < ' ' {
			return ' '
		}
		return r
	}, b.String())
	if utf8.RuneCountInString(s) <= shortRunes {
		return s
	}
	return string([]rune(s)[:shortRunes-1]) + "…"
}

func writeShort(b *strings.Builder, v reflect.Value, depth int) {
	if !v.IsValid() {
		b.WriteString("nil")
		return
	}
	switch v.Kind() {
	case reflect.String:
		s := v.String()
		if len(s) > 4*shortRunes {
			s = s[:4*shortRunes]
		}
		fmt.Fprintf(b, "%q", s)
		return
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			b.WriteString("nil")
		} else if depth == 0 {
			b.WriteString("…")
		} else {
			if v.Kind() == reflect.Pointer {
				b.WriteByte('&')
			}
			writeShort(b, v.Elem(), depth-1)
		}
		return
	case reflect.Chan, reflect.Func, reflect.UnsafePointer:
		b.WriteString(v.Type().String())
		return
	}
	if v.CanInterface() {
		if s, ok := v.Interface().(fmt.Stringer); ok {
			fmt.Fprint(b, s)
			return
		}
	}
	switch v.Kind() {
	case reflect.Slice, reflect.Array:
		writeElements(b, v, depth)
	case reflect.Map:
		fmt.Fprintf(b, "%s of %d entries", v.Type(), v.Len())
	case reflect.Struct:
		writeFields(b, v, depth)
	default:
		fmt.Fprint(b, v)
	}
}

func writeElements(b *strings.Builder, v reflect.Value, depth int) {
	if depth == 0 {
		fmt.Fprintf(b, "%s of %d", v.Type(), v.Len())
		return
	}
	b.WriteByte('[')
	for i := range min(v.Len(), shortElements) {
		if i > 0 {
			b.WriteByte(' ')
		}
		writeShort(b, v.Index(i), depth-1)
	}
	if v.Len() > shortElements {
		fmt.Fprintf(b, " … %d in all", v.Len())
	}
	b.WriteByte(']')
}

func writeFields(b *strings.Builder, v reflect.Value, depth int) {
	if depth == 0 {
		b.WriteString(v.Type().String())
		return
	}
	b.WriteByte('{')
	for i := range min(v.NumField(), shortElements) {
		if i > 0 {
			b.WriteByte(' ')
		}
		fmt.Fprintf(b, "%s:", v.Type().Field(i).Name)
		writeShort(b, v.Field(i), depth-1)
	}
	if v.NumField() > shortElements {
		b.WriteString(" …")
	}
	b.WriteByte('}')
}
