package rich

import (
	"reflect"
	"strconv"
	"strings"
)

// Options bounds and shapes the text of a value. The zero value is a good
// choice for a notebook.
type Options struct {
	Width int // columns beyond which a value is spread over lines; 80
	Max   int // bytes of text, roughly; 10,000
	Head  int // items shown from the start of a long slice or map; 50
	Tail  int // items shown from its end; 10
	Depth int // levels of nesting; 8
	// Mute leaves the methods of types that cells have declared alone: they may do
	// anything, and not end.
	Mute bool
	// Type is what is known of the value's type; nil if that is no more than
	// reflection says.
	Type Type
}

const (
	defaultWidth = 80
	defaultMax   = 10_000
	errorMark    = "error: "
)

func (o Options) withDefaults() Options {
	set := func(p *int, v int) {
		if *p <= 0 {
			*p = v
		}
	}
	set(&o.Width, defaultWidth)
	set(&o.Max, defaultMax)
	set(&o.Head, 50)
	set(&o.Tail, 10)
	set(&o.Depth, 8)
	return o
}

// Plain returns the text/plain of v: valid UTF-8, bounded in size, in the
// syntax of Go as far as that is readable. Scalars are bare, strings quoted,
// composite values literals with field names and elided inner types:
//
//	42
//	"hello"
//	[]int{1, 2, 3}
//	Point{X: 1, Y: 2}
//	map[string]Point{"a": {X: 1, Y: 2}}
//
// Long slices and maps are cut in the middle and say how many items they have;
// what does not fit on a line is spread over several, and tables (of structs,
// of numbers, of map entries) are aligned in columns. An error is marked with
// "error: ", and a value with a String method speaks for itself.
//
// typeName is the static type as the user wrote it, "" if it is not known. It
// replaces the name that reflection gives, which for an interpreted struct is
// its whole anonymous type; a name that cannot be v's own, as that of an
// interface, is passed over.
func Plain(v any, typeName string, o Options) string {
	if s, ok := scalar(v); ok {
		return s
	}
	return plain(v, typeName, o.withDefaults(), true)
}

// scalar is the short way for the commonest values.
func scalar(v any) (string, bool) {
	switch v := v.(type) {
	case nil:
		return "<nil>", true
	case int:
		return strconv.Itoa(v), true
	case float64:
		return floatText(v, 64), true
	case bool:
		return strconv.FormatBool(v), true
	case string:
		if len(v) <= defaultWidth/2 {
			return strconv.Quote(v), true
		}
	}
	return "", false
}

// plain is Plain behind the short way. The value's own String or Error is
// asked only if speak is set.
func plain(v any, typeName string, o Options, speak bool) string {
	b := &builder{o: o, left: o.Max, path: map[visit]bool{}, tops: speak}
	rv := reflect.ValueOf(v)
	var text string
	if s, ok := v.(string); ok {
		text = b.text(s)
	} else {
		n := b.value(rv, spot{name: typeName, top: true, known: o.Type})
		if n.width+len(n.note) > o.Width && len(n.items) > 0 {
			text = tableText(rv, typeName, o)
		}
		if text == "" {
			text = layout(n, o.Width)
		}
	}
	return cut(strings.TrimRight(valid(text), "\n"), o.Max+o.Max/4)
}

// text is the text of a string at top level: text of several lines is given
// as a raw literal, where that can be told from the value.
func (b *builder) text(s string) string {
	n := b.quoted(s, b.o.Max)
	if n.width > b.o.Width && n.note == "" && strings.Contains(s, "\n") && isRaw(s) {
		return "`" + s + "`"
	}
	return layout(n, b.o.Width)
}

// isRaw reports whether s can stand between back quotes and be read.
func isRaw(s string) bool {
	for _, r := range s {
		if r == '`' || r == '\uFFFD' || !strconv.IsPrint(r) && r != '\n' && r != '\t' {
			return false
		}
	}
	return true
}

// floatText writes a float as fmt's %v does.
func floatText(f float64, bits int) string {
	var a [32]byte
	s := strconv.AppendFloat(a[:0], f, 'g', -1, bits)
	if abs := max(f, -f); abs >= 1e-4 && abs < 1e21 {
		s = strconv.AppendFloat(a[:0], f, 'f', -1, bits)
	}
	return string(s)
}

func complexText(c complex128, bits int) string {
	im := floatText(imag(c), bits/2)
	if im[0] != '-' && im[0] != '+' {
		im = "+" + im
	}
	return "(" + floatText(real(c), bits/2) + im + "i)"
}
