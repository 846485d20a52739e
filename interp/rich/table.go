package rich

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

const (
	tableHead, tableTail   = 40, 10 // rows of structs and map entries
	matrixHead, matrixTail = 10, 10 // rows and columns of numbers
	maxCell                = 40     // bytes of a cell, roughly
)

// table is a value in rows and columns. A row or column left out is one of
// cells that read "…".
type table struct {
	caption string
	index   []string // of the rows; nil for none
	head    []string // of the columns; nil for none
	types   []string // of the columns, below their heads; nil for none
	rows    [][]string
	numeric []bool // by column
	scalar  bool   // every cell is one; else the text form is the literal
}

// Table shows text in rows and columns, at most some width columns of characters wide.
// The first cell of each row is its name, and has no head: head is of the others.
func Table(caption string, head []string, rows [][]string, width int) map[string]any {
	t := table{caption: caption, head: head, numeric: make([]bool, len(head))}
	for j := range t.numeric {
		t.numeric[j] = !slices.ContainsFunc(rows, func(row []string) bool { return !isNumber(row[j+1]) })
	}
	for _, row := range rows {
		t.index, t.rows = append(t.index, row[0]), append(t.rows, row[1:])
	}
	return map[string]any{"text/plain": t.text(width), "text/html": t.html()}
}

// tableOf reads a slice of structs, a slice of slices of numbers or a map as
// a table.
func tableOf(v reflect.Value, typeName string, o Options) (*table, bool) {
	if !v.IsValid() {
		return nil, false
	}
	b := &builder{o: o, left: math.MaxInt32, path: map[visit]bool{}}
	if b.o.Depth > 3 {
		b.o.Depth = 3
	}
	if _, speaks := spoken(v); speaks && !o.Mute {
		return nil, false
	}
	name := nameOf(v.Type(), typeName)
	if !strings.ContainsFunc(strings.TrimPrefix(name, "map"), unicode.IsLetter) {
		name = "" // a slice of what has no name
	}
	switch v.Kind() {
	case reflect.Slice, reflect.Array:
		if v.Len() < 2 {
			return nil, false
		}
		elem := v.Type().Elem()
		if fields, ok := columns(elem); ok {
			return b.structTable(v, name, fields, elemOf(o.Type)), true
		}
		if isNumbers(elem) {
			return b.numberTable(v, name)
		}
	case reflect.Map:
		if v.Len() >= 2 && isScalarKind(v.Type().Key().Kind()) {
			return b.mapTable(v, name, o.Type), true
		}
	}
	return nil, false
}

// typesOf are the types of the fields of a struct that are shown.
func typesOf(t reflect.Type, known Type, shown []int) []string {
	if t.Kind() == reflect.Pointer {
		t, known = t.Elem(), elemOf(known)
	}
	var out []string
	for _, j := range shown {
		out = append(out, at(j, func(j int) string {
			if f := fieldOf(known, j, t.NumField()); f != nil && f.Name() != "" {
				return cut(f.Name(), maxCell)
			}
			return cut(paramText(t.Field(j).Type), maxCell)
		}))
	}
	return out
}

// leftOut says how many of n rows are not shown.
func leftOut(n, head, tail int) string {
	if n <= head+tail {
		return ""
	}
	return fmt.Sprintf(", %d not shown", n-head-tail)
}

// columns returns the fields of a struct or pointer to one that does not
// speak for itself.
func columns(t reflect.Type) (names []string, ok bool) {
	speaks := func(t reflect.Type) bool {
		return t.Implements(errorType) || t.Implements(stringerType) || t.PkgPath() == interpreterPath
	}
	if speaks(t) {
		return nil, false
	}
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || t.NumField() == 0 || speaks(t) || speaks(reflect.PointerTo(t)) {
		return nil, false
	}
	return fieldNames(t), true
}

func isNumbers(t reflect.Type) bool {
	if t.Kind() != reflect.Slice && t.Kind() != reflect.Array || t.Implements(stringerType) {
		return false
	}
	return isNumeric(t.Elem().Kind()) && t.Elem().Kind() != reflect.Uint8
}

func isNumeric(k reflect.Kind) bool {
	return k >= reflect.Int && k <= reflect.Complex128 && k != reflect.Uintptr
}

// isNumber says that the text of a number is not one that its type gives it.
func isNumber(text string) bool {
	return text == "NaN" || strings.HasSuffix(text, "Inf") || strings.ContainsAny(text[:min(len(text), 2)], "0123456789(")
}

func isScalarKind(k reflect.Kind) bool {
	return isNumeric(k) || k == reflect.Bool || k == reflect.String
}

// structTable has a row for each element, a column for each field.
func (b *builder) structTable(v reflect.Value, name string, fields []string, known Type) *table {
	shown := window(len(fields), matrixHead, matrixTail)
	size := fmt.Sprintf("%d rows", v.Len()) + leftOut(v.Len(), tableHead, tableTail)
	t := &table{caption: caption(name, size), index: []string{}, types: typesOf(v.Type().Elem(), known, shown), scalar: true}
	for _, j := range shown {
		t.head = append(t.head, at(j, func(j int) string { return fields[j] }))
	}
	t.numeric = make([]bool, len(shown))
	for _, i := range window(v.Len(), tableHead, tableTail) {
		t.index = append(t.index, at(i, strconv.Itoa))
		if i == gap {
			t.rows = append(t.rows, gaps(len(shown)))
			continue
		}
		t.rows = append(t.rows, b.structRow(t, v.Index(i), known, shown))
	}
	return t
}

func (b *builder) structRow(t *table, v reflect.Value, known Type, shown []int) []string {
	row := make([]string, len(shown))
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			row[0] = "nil"
			return row
		}
		v, known = v.Elem(), elemOf(known)
	}
	v = addressable(v)
	for k, j := range shown {
		if j == gap {
			row[k] = "…"
			continue
		}
		f := v.Field(j)
		var scalar bool
		row[k], scalar = b.cell(f, fieldOf(known, j, v.NumField()))
		t.numeric[k] = isNumeric(f.Kind()) && !f.Type().Implements(stringerType) && isNumber(row[k])
		t.scalar = t.scalar && scalar
	}
	return row
}

// numberTable has the numbers of a slice of slices.
func (b *builder) numberTable(v reflect.Value, name string) (*table, bool) {
	cols := 0
	for i := range min(v.Len(), maxSort) { // rows may differ in length
		cols = max(cols, v.Index(i).Len())
	}
	if cols == 0 {
		return nil, false
	}
	return grid(name, v.Len(), cols, func(i, j int) string {
		if row := v.Index(i); j < row.Len() {
			return number(row.Index(j))
		}
		return ""
	}), true
}

// grid makes a table of numbers, with the middle of it cut out if it is large.
func grid(name string, rows, cols int, cell func(i, j int) string) *table {
	t := &table{caption: caption(name, fmt.Sprintf("%d×%d", rows, cols)), index: []string{}, scalar: true}
	shown := window(cols, matrixHead, matrixTail)
	for _, j := range shown {
		t.head = append(t.head, at(j, strconv.Itoa))
		t.numeric = append(t.numeric, true)
	}
	for _, i := range window(rows, matrixHead, matrixTail) {
		t.index = append(t.index, at(i, strconv.Itoa))
		if i == gap {
			t.rows = append(t.rows, gaps(len(shown)))
			continue
		}
		row := make([]string, len(shown))
		for k, j := range shown {
			row[k] = at(j, func(j int) string { return cell(i, j) })
		}
		t.rows = append(t.rows, row)
	}
	return t
}

// mapTable has a row for each entry, and where the values are structs a column
// for each of their fields.
func (b *builder) mapTable(v reflect.Value, name string, known Type) *table {
	size := fmt.Sprintf("%d entries", v.Len())
	if v.Len() > maxSort {
		size += fmt.Sprintf(", %d not shown", v.Len()-tableHead)
	} else {
		size += leftOut(v.Len(), tableHead, tableTail)
	}
	t := &table{caption: caption(name, size), index: []string{}, scalar: true}
	fields, isStruct := columns(v.Type().Elem())
	if !isStruct {
		fields = []string{""}
	}
	shown := window(len(fields), matrixHead, matrixTail)
	if isStruct {
		t.types = typesOf(v.Type().Elem(), elemOf(known), shown)
		for _, j := range shown {
			t.head = append(t.head, at(j, func(j int) string { return fields[j] }))
		}
	}
	t.numeric = make([]bool, len(shown))
	all := entries(v, tableHead)
	for _, i := range window(len(all), tableHead, tableTail) {
		if i == gap {
			t.index, t.rows = append(t.index, "…"), append(t.rows, gaps(len(shown)))
			continue
		}
		key, _ := b.cell(all[i].key, keyOf(known))
		t.index = append(t.index, key)
		if isStruct {
			t.rows = append(t.rows, b.structRow(t, all[i].val, elemOf(known), shown))
			continue
		}
		text, scalar := b.cell(all[i].val, elemOf(known))
		t.numeric[0] = isNumeric(v.Type().Elem().Kind()) && !v.Type().Elem().Implements(stringerType) && isNumber(text)
		t.scalar = t.scalar && scalar
		t.rows = append(t.rows, []string{text})
	}
	if v.Len() > len(all) {
		t.index, t.rows = append(t.index, "…"), append(t.rows, gaps(len(shown)))
	}
	return t
}

// cell is the text of one value in a table: a string without its quotes, a
// float with six digits, anything else on one line.
func (b *builder) cell(v reflect.Value, known Type) (text string, scalar bool) {
	known, v = resolved(known, v)
	for v.Kind() == reflect.Interface && !v.IsNil() {
		v = v.Elem()
	}
	if text, _, ok := said(known, v); ok && !b.o.Mute {
		return cellText(text), true
	}
	if said, ok := spoken(v); ok {
		return cellText(said), true
	}
	switch {
	case v.Kind() == reflect.String:
		return cellText(v.String()), true
	case isNumeric(v.Kind()):
		return number(v), true
	case v.Kind() == reflect.Bool:
		return scalarText(v), true
	}
	b.left = 4 * maxCell
	text = flat(b.value(v, spot{elide: v.Kind() == reflect.Struct, known: known}))
	return cellText(text), nilable(v.Kind()) && v.IsNil()
}

// cellText keeps a text on one line and short.
func cellText(s string) string {
	s = cut(s, maxCell)
	for _, r := range s {
		if !strconv.IsPrint(r) {
			q := strconv.Quote(s)
			return q[1 : len(q)-1]
		}
	}
	return valid(s)
}

func number(v reflect.Value) string {
	if v.CanFloat() {
		return short(v.Float())
	}
	return scalarText(v)
}

// short writes a float with six significant digits, a whole number in full.
func short(f float64) string {
	if f == math.Trunc(f) && math.Abs(f) < 1e15 {
		return strconv.FormatFloat(f, 'f', 0, 64)
	}
	return strconv.FormatFloat(f, 'g', 6, 64)
}

func caption(name, size string) string {
	if name == "" {
		return size
	}
	return name + ", " + size
}

func at(i int, f func(int) string) string {
	if i == gap {
		return "…"
	}
	return f(i)
}

func gaps(n int) []string {
	row := make([]string, n)
	for i := range row {
		row[i] = "…"
	}
	return row
}
