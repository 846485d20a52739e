package rich

import (
	"cmp"
	"encoding/hex"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	// gap stands in a window for the items that are left out.
	gap = -1
	// maxSort bounds the maps that are sorted whole.
	maxSort = 20_000
)

// window returns the indices to show of n items: all, or head and tail of
// them with a gap between.
func window(n, head, tail int) []int {
	var out []int
	if n <= head+tail {
		for i := range n {
			out = append(out, i)
		}
		return out
	}
	for i := range head {
		out = append(out, i)
	}
	out = append(out, gap)
	for i := n - tail; i < n; i++ {
		out = append(out, i)
	}
	return out
}

// sequence is a slice or an array.
func (b *builder) sequence(v reflect.Value, s spot) *node {
	t := v.Type()
	if t.Elem().Kind() == reflect.Uint8 && t.Elem().Name() == "uint8" {
		return b.octets(v, s)
	}
	n := &node{open: b.opening(t, s), close: "}"}
	if s.depth >= b.o.Depth && v.Len() > 0 {
		return b.leaf(n.open + "…}")
	}
	if v.Kind() == reflect.Slice && v.Len() > 0 {
		at := visit{v.Pointer(), t}
		if b.path[at] {
			return b.leaf("<cycle>")
		}
		b.path[at] = true
		defer delete(b.path, at)
	}
	inner := s.below()
	inner.known = elemOf(s.known)
	inner.elide = t.Elem().Kind() != reflect.Interface
	shown := window(v.Len(), b.o.Head, b.o.Tail)
	for k, i := range shown {
		if i == gap || b.left <= 0 {
			left := v.Len() - len(shown) + 1
			if b.left <= 0 {
				left = v.Len() - k
			}
			n.items = append(n.items, item{val: b.more(left)})
			n.note = fmt.Sprintf("%d items", v.Len())
			if b.left <= 0 {
				break
			}
			continue
		}
		n.items = append(n.items, item{val: b.value(v.Index(i), inner)})
	}
	return b.list(n)
}

// octets are bytes: as text if they are text, else in hexadecimal.
func (b *builder) octets(v reflect.Value, s spot) *node {
	name := nameOf(v.Type(), s.name)
	if s.name == "" && v.Type().Name() == "" {
		name = strings.Replace(name, "uint8", "byte", 1)
	}
	size := v.Len()
	text := make([]byte, min(size, max(min(b.left, b.o.Max/4), 20)))
	for i := range text {
		text[i] = byte(v.Index(i).Uint())
	}
	if v.Kind() == reflect.Slice && size > 0 && isText8(text, size) {
		n := b.quoted(string(text), len(text))
		n.open = name + "(" + n.open + ")"
		n.width += len(name) + 2
		if size > len(text) {
			n.note = fmt.Sprintf("%d bytes", size)
		}
		return n
	}
	if s.top && size > maxBytes {
		return b.leaf(dump(v, name))
	}
	n := &node{open: name + "{", close: "}"}
	if s.elide {
		n.open = "{"
	}
	for _, i := range window(size, b.o.Head, b.o.Tail) {
		if i == gap {
			n.note = fmt.Sprintf("%d bytes", size)
			n.items = append(n.items, item{val: b.more(size - b.o.Head - b.o.Tail)})
			continue
		}
		n.items = append(n.items, item{val: b.leaf(fmt.Sprintf("0x%02x", v.Index(i).Uint()))})
	}
	return b.list(n)
}

const (
	// maxBytes bounds the bytes that are listed; more are dumped, the first
	// maxDump of them.
	maxBytes = 64
	maxDump  = 256
)

// more stands for items that are left out.
func (b *builder) more(n int) *node { return b.leaf(fmt.Sprintf("… %d more", n)) }

// isGap says that a node stands for what is left out.
func isGap(n *node) bool { return strings.HasPrefix(n.open, "…") }

// dump shows bytes in hexadecimal and as text, 16 on a line.
func dump(v reflect.Value, name string) string {
	head := make([]byte, min(v.Len(), maxDump))
	for i := range head {
		head[i] = byte(v.Index(i).Uint())
	}
	text := fmt.Sprintf("%s, %d bytes\n%s", name, v.Len(), hex.Dump(head))
	if left := v.Len() - len(head); left > 0 {
		text += fmt.Sprintf("… %d more", left)
	}
	return strings.TrimRight(text, "\n")
}

// isText8 reports whether the start of size bytes reads as text.
func isText8(start []byte, size int) bool {
	s := string(start)
	for i, r := range s {
		if r == utf8.RuneError && (len(s) == size || i < len(s)-utf8.UTFMax) {
			return false
		}
		if !strconv.IsPrint(r) && r != '\n' && r != '\t' && r != utf8.RuneError {
			return false
		}
	}
	return true
}

type entry struct{ key, val reflect.Value }

// entries returns the entries of a map in the order of their keys. Of a map
// too large to sort in good time it returns the first ones it meets.
func entries(v reflect.Value, few int) []entry {
	var out []entry
	for it := v.MapRange(); it.Next(); {
		out = append(out, entry{it.Key(), it.Value()})
		if v.Len() > maxSort && len(out) >= few {
			break
		}
	}
	slices.SortStableFunc(out, func(a, b entry) int { return compare(a.key, b.key) })
	return out
}

// compare orders the keys of a map: by kind, then by value; NaN comes first.
func compare(a, b reflect.Value) int {
	for a.Kind() == reflect.Interface && !a.IsNil() {
		a = a.Elem()
	}
	for b.Kind() == reflect.Interface && !b.IsNil() {
		b = b.Elem()
	}
	if c := cmp.Compare(a.Kind(), b.Kind()); c != 0 {
		return c
	}
	switch {
	case a.CanInt():
		return cmp.Compare(a.Int(), b.Int())
	case a.CanUint():
		return cmp.Compare(a.Uint(), b.Uint())
	case a.CanFloat():
		return cmp.Compare(a.Float(), b.Float())
	case a.CanComplex():
		x, y := a.Complex(), b.Complex()
		return cmp.Or(cmp.Compare(real(x), real(y)), cmp.Compare(imag(x), imag(y)))
	case a.Kind() == reflect.String:
		return cmp.Compare(a.String(), b.String())
	case a.Kind() == reflect.Bool:
		return cmp.Compare(scalarText(a), scalarText(b))
	case a.Kind() == reflect.Struct && a.Type() == b.Type():
		for i := range a.NumField() {
			if c := compare(a.Field(i), b.Field(i)); c != 0 {
				return c
			}
		}
	case a.Kind() == reflect.Array && a.Type() == b.Type():
		for i := range a.Len() {
			if c := compare(a.Index(i), b.Index(i)); c != 0 {
				return c
			}
		}
	}
	return 0
}

func (b *builder) mapping(v reflect.Value, s spot) *node {
	t := v.Type()
	n := &node{open: b.opening(t, s), close: "}"}
	at := visit{v.Pointer(), t}
	switch {
	case b.path[at]:
		return b.leaf("<cycle>")
	case s.depth >= b.o.Depth && v.Len() > 0:
		return b.leaf(n.open + "…}")
	}
	b.path[at] = true
	defer delete(b.path, at)
	key, val := s.below(), s.below()
	key.known, val.known = keyOf(s.known), elemOf(s.known)
	key.elide = t.Key().Kind() != reflect.Interface
	val.elide = t.Elem().Kind() != reflect.Interface
	all := entries(v, b.o.Head)
	shown := window(len(all), b.o.Head, b.o.Tail)
	if v.Len() > len(all) {
		shown = append(shown, gap)
	}
	for pos, i := range shown {
		if i == gap || b.left <= 0 {
			left := v.Len() - len(shown) + 1
			if b.left <= 0 {
				left = v.Len() - pos
			}
			n.items = append(n.items, item{val: b.more(left)})
			n.note = fmt.Sprintf("%d items", v.Len())
			if b.left <= 0 {
				break
			}
			continue
		}
		k := flat(b.value(all[i].key, key))
		n.items = append(n.items, item{k + ": ", b.value(all[i].val, val)})
	}
	return b.list(n)
}
