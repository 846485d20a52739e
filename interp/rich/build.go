package rich

import (
	"fmt"
	"reflect"
	"strconv"
	"unicode/utf8"
)

// node is a value made ready for layout: a leaf, or a list of items between
// two braces.
type node struct {
	open  string // all of a leaf, or what stands before the items
	items []item
	close string
	note  string // such as "1000 items"
	small bool   // the items are scalars: several on a line
	width int    // columns on one line, without the note
}

type item struct {
	key string // "Name: ", or ""
	val *node
}

// spot is where a value stands.
type spot struct {
	name   string // its type as the user wrote it, or ""
	top    bool
	elide  bool // its type is told by what it stands in
	depth  int
	hidden int // levels below an unexported field
	known  Type
}

func (s spot) below() spot {
	s.name, s.top, s.elide, s.depth, s.known = "", false, false, s.depth+1, nil
	if s.hidden > 0 {
		s.hidden++
	}
	return s
}

// maxHidden bounds what is shown of another package's internals.
const maxHidden = 3

type visit struct {
	ptr uintptr
	typ reflect.Type
}

// builder makes nodes of values, within a budget of bytes.
type builder struct {
	o    Options
	left int
	path map[visit]bool // pointers that lead to the value at hand
	tops bool           // ask the value at the top for its String
}

func (b *builder) leaf(text string) *node {
	b.left -= len(text) + 2
	return &node{open: text, width: utf8.RuneCountInString(text)}
}

// list ends a node that has items.
func (b *builder) list(n *node) *node {
	b.left -= len(n.open) + len(n.close)
	n.width += utf8.RuneCountInString(n.open) + len(n.close)
	n.small = true
	for _, it := range n.items {
		n.width += utf8.RuneCountInString(it.key) + it.val.width + 2
		if it.val.note != "" {
			n.width += len(it.val.note) + 7
		}
		n.small = n.small && it.key == "" && len(it.val.items) == 0
	}
	if len(n.items) > 0 {
		n.width -= 2
	}
	return n
}

func (b *builder) value(v reflect.Value, s spot) *node {
	if !v.IsValid() {
		return b.leaf("nil")
	}
	if b.left <= 0 {
		return b.leaf("…")
	}
	if known, held := resolved(s.known, v); known != s.known {
		s.known, v, s.elide = known, held, false
	}
	if s.known != nil && !s.top && s.name == "" {
		s.name = s.known.Name()
	}
	if inner, ok := interpreted(v); ok {
		if !inner.IsValid() && v.Kind() == reflect.Struct { // an interface that holds nothing
			return b.leaf("nil")
		}
		return b.interpretedValue(inner, s)
	}
	if nilable(v.Kind()) && v.IsNil() {
		return b.leaf(nilText(v, s))
	}
	if (!s.top || b.tops) && !(b.o.Mute && fromCell(v.Type())) {
		if text, isError, ok := said(s.known, v); ok && !s.top && !b.o.Mute {
			if isError {
				text = "error(" + strconv.Quote(text) + ")"
			}
			return b.leaf(cut(text, max(b.left, 100)))
		}
		if text, ok := spoken(v); ok {
			return b.leaf(cut(marked(v, text, s), max(b.left, 100)))
		}
	}
	switch v.Kind() {
	case reflect.Interface:
		inner := s.below()
		inner.depth = s.depth
		return b.value(v.Elem(), inner)
	case reflect.Pointer:
		return b.pointer(v, s)
	case reflect.Struct:
		return b.structure(v, s)
	case reflect.Slice, reflect.Array:
		return b.sequence(v, s)
	case reflect.Map:
		return b.mapping(v, s)
	case reflect.String:
		return b.quoted(v.String(), min(b.left, b.o.Max/4))
	case reflect.Func:
		return b.leaf(nameOf(v.Type(), s.name))
	case reflect.Chan:
		return b.leaf(fmt.Sprintf("%s (len %d, cap %d)", nameOf(v.Type(), s.name), v.Len(), v.Cap()))
	}
	return b.leaf(scalarText(v))
}

// marked sets off the text of an error from that of a String method.
func marked(v reflect.Value, text string, s spot) string {
	switch {
	case !v.Type().Implements(errorType):
		return text
	case s.top:
		return errorMark + text
	}
	return "error(" + strconv.Quote(text) + ")"
}

// scalarText is the text of numbers and truth values of any named type.
func scalarText(v reflect.Value) string {
	switch v.Kind() {
	case reflect.Bool:
		return strconv.FormatBool(v.Bool())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return strconv.FormatInt(v.Int(), 10)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return strconv.FormatUint(v.Uint(), 10)
	case reflect.Uintptr:
		return "0x" + strconv.FormatUint(v.Uint(), 16)
	case reflect.Float32, reflect.Float64:
		return floatText(v.Float(), v.Type().Bits())
	case reflect.Complex64, reflect.Complex128:
		return complexText(v.Complex(), v.Type().Bits())
	case reflect.UnsafePointer:
		return fmt.Sprintf("0x%x", v.Pointer())
	}
	return v.Kind().String()
}

// quoted is a string in quotes, cut after n bytes.
func (b *builder) quoted(s string, n int) *node {
	n = max(n, 20)
	if len(s) <= n {
		return b.leaf(strconv.Quote(s))
	}
	leaf := b.leaf(strconv.Quote(cut(s, n)))
	leaf.note = fmt.Sprintf("%d bytes", len(s))
	return leaf
}

// pointer follows a pointer, once.
func (b *builder) pointer(v reflect.Value, s spot) *node {
	at := visit{v.Pointer(), v.Type()}
	switch {
	case b.path[at]:
		return b.leaf("<cycle>")
	case s.depth >= b.o.Depth || s.hidden > maxHidden:
		return b.leaf("&{…}")
	}
	b.path[at] = true
	defer delete(b.path, at)
	inner := s
	inner.name, inner.known = elemName(s.name), elemOf(s.known)
	n := b.value(v.Elem(), inner)
	n.open = "&" + n.open
	n.width++
	return n
}

func (b *builder) structure(v reflect.Value, s spot) *node {
	t := v.Type()
	n := &node{open: b.opening(t, s), close: "}"}
	if s.depth >= b.o.Depth || s.hidden > maxHidden || s.hidden > 0 && isLock(t) {
		return b.leaf(n.open + "…}")
	}
	v = addressable(v)
	names := fieldNames(t)
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Name == "_" {
			continue
		}
		if b.left <= 0 {
			n.items = append(n.items, item{val: b.leaf("…")})
			break
		}
		inner := s.below()
		inner.known = fieldOf(s.known, i, t.NumField())
		if !f.IsExported() && inner.hidden == 0 {
			inner.hidden = 1
		}
		key := names[i] + ": "
		b.left -= len(key)
		n.items = append(n.items, item{key, b.value(v.Field(i), inner)})
	}
	return b.list(n)
}

// opening is what stands before the items of a literal.
func (b *builder) opening(t reflect.Type, s spot) string {
	if s.elide {
		return "{"
	}
	return nameOf(t, s.name) + "{"
}

func nilable(k reflect.Kind) bool {
	switch k {
	case reflect.Pointer, reflect.Map, reflect.Slice, reflect.Func, reflect.Chan,
		reflect.Interface, reflect.UnsafePointer:
		return true
	}
	return false
}

// nilText says at top level which nil it is.
func nilText(v reflect.Value, s spot) string {
	if !s.top {
		return "nil"
	}
	name := nameOf(v.Type(), s.name)
	switch v.Kind() {
	case reflect.Slice, reflect.Map:
		return name + "(nil)"
	case reflect.Interface, reflect.UnsafePointer:
		return "<nil>"
	}
	return "(" + name + ")(nil)"
}
