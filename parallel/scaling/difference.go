package scaling

import (
	"cmp"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
)

// Difference says where two values differ first: "[17]: 3 and 4". It returns "" if they
// agree. What counts is what they hold: types of the same structure may have
// different names, numbers different types. Numbers agree if they differ by at most the
// share tolerance of the greater one; NaNs agree. Pointers agree if what they point to
// does, functions and channels if they are the same.
func Difference(a, b any, tolerance float64) string {
	c := comparison{tolerance: tolerance, seen: map[visit]bool{}}
	return c.compare("", reflect.ValueOf(a), reflect.ValueOf(b))
}

type comparison struct {
	tolerance float64
	seen      map[visit]bool // pairs of references met, so that cycles end
	depth     int
}

type visit struct {
	a, b uintptr
	n    int // elements of slices
	t    reflect.Type
}

// mostDepth bounds how deeply values may be nested.
const mostDepth = 1000

// compare compares the values at a path such as ".Rows[3].Name".
func (c *comparison) compare(path string, a, b reflect.Value) string {
	if c.depth++; c.depth > mostDepth {
		return prefix(path) + "too deeply nested to compare"
	}
	defer func() { c.depth-- }()
	a, b = bare(a), bare(b)
	switch {
	case !a.IsValid() || !b.IsValid():
		if a.IsValid() == b.IsValid() {
			return ""
		}
	case isNumber(a.Kind()) && isNumber(b.Kind()):
		if c.sameNumber(a, b) {
			return ""
		}
	case isList(a.Kind()) && isList(b.Kind()):
		return c.lists(path, a, b)
	case a.Kind() != b.Kind():
	default:
		return c.compareKind(path, a, b)
	}
	return differ(path, a, b)
}

// compareKind compares values of the same kind.
func (c *comparison) compareKind(path string, a, b reflect.Value) string {
	same := false
	switch a.Kind() {
	case reflect.Struct:
		return c.structs(path, a, b)
	case reflect.Pointer, reflect.Map:
		switch {
		case a.IsNil() || b.IsNil():
			same = a.IsNil() == b.IsNil() || a.Kind() == reflect.Map && a.Len() == b.Len()
		case a.Pointer() == b.Pointer() || c.met(a, b):
			return ""
		case a.Kind() == reflect.Map:
			return c.maps(path, a, b)
		default:
			return c.compare(path, a.Elem(), b.Elem())
		}
	case reflect.Func, reflect.Chan, reflect.UnsafePointer:
		same = a.Pointer() == b.Pointer()
	case reflect.Bool:
		same = a.Bool() == b.Bool()
	case reflect.String:
		same = a.String() == b.String()
	case reflect.Complex64, reflect.Complex128:
		x, y := a.Complex(), b.Complex()
		same = c.near(real(x), real(y)) && c.near(imag(x), imag(y))
	}
	if same {
		return ""
	}
	return differ(path, a, b)
}

// met tells whether a pair of references was met before: then it is compared already, or
// being so, and a difference will be found there.
func (c *comparison) met(a, b reflect.Value) bool {
	v := visit{a: a.Pointer(), b: b.Pointer(), t: a.Type()}
	if a.Kind() == reflect.Slice {
		v.n = min(a.Len(), b.Len())
	}
	if c.seen[v] {
		return true
	}
	c.seen[v] = true
	return false
}

// bare takes a value out of interfaces, and out of a reflect.Value.
func bare(v reflect.Value) reflect.Value {
	for v.IsValid() {
		if v.Kind() == reflect.Interface {
			v = v.Elem()
			continue
		}
		if v.Type() != reflect.TypeFor[reflect.Value]() || !v.CanInterface() {
			break
		}
		v = v.Interface().(reflect.Value)
	}
	return v
}

func (c *comparison) lists(path string, a, b reflect.Value) string {
	numbers := isNumber(a.Type().Elem().Kind()) && isNumber(b.Type().Elem().Kind())
	if !numbers && a.Kind() == reflect.Slice && b.Kind() == reflect.Slice && c.met(a, b) && a.Len() == b.Len() {
		return ""
	}
	for i := range min(a.Len(), b.Len()) {
		x, y := a.Index(i), b.Index(i)
		if numbers && c.sameNumber(x, y) { // without the cost of a path
			continue
		}
		if d := c.compare(path+"["+strconv.Itoa(i)+"]", x, y); d != "" {
			return d
		}
	}
	if a.Len() != b.Len() {
		return fmt.Sprintf("%s%d and %d elements", prefix(path), a.Len(), b.Len())
	}
	return ""
}

func (c *comparison) maps(path string, a, b reflect.Value) string {
	if a.Type().Key() != b.Type().Key() {
		return fmt.Sprintf("%skeys of types %s and %s", prefix(path), a.Type().Key(), b.Type().Key())
	}
	all := entriesOf(a, false)
	odd := entriesOf(b, true)
	all, odd = c.pairOff(all, odd)
	for _, e := range all {
		at := path + "[" + e.name + "]"
		y := b.MapIndex(e.key)
		if e.odd() {
			y, odd = c.counterpart(e, odd)
		}
		if !y.IsValid() {
			return at + ": missing in the second"
		}
		if d := c.compare(at, e.val, y); d != "" {
			return d
		}
	}
	if a.Len() != b.Len() {
		return fmt.Sprintf("%s%d and %d entries", prefix(path), a.Len(), b.Len())
	}
	return ""
}

// An entry is one of a map; name is the text of its key.
type entry struct {
	name     string
	key, val reflect.Value
}

// odd tells a key that is not equal to itself: one with a NaN, of which a map may have
// several, and finds none.
func (e entry) odd() bool { return !e.key.Equal(e.key) }

// entriesOf lists the entries of a map, or only the odd ones, by name.
func entriesOf(m reflect.Value, odd bool) []entry {
	var list []entry
	for each := m.MapRange(); each.Next(); {
		if e := (entry{key: each.Key(), val: each.Value()}); !odd || e.odd() {
			e.name = shown(e.key)
			list = append(list, e)
		}
	}
	slices.SortFunc(list, func(x, y entry) int { return cmp.Compare(x.name, y.name) })
	return list
}

// agree says whether a and b do, without a note of where they do not.
func (c *comparison) agree(tolerance float64, a, b reflect.Value) bool {
	trial := comparison{tolerance: tolerance, seen: map[visit]bool{}, depth: c.depth}
	return trial.compare("", a, b) == ""
}

// pairOff leaves the entries that have no odd entry among others that agrees with them, and
// of others those that are left. It comes before counterpart, which would otherwise take the
// one that a later entry agrees with, in the order in which a map gives them.
func (c *comparison) pairOff(entries, others []entry) (left, rest []entry) {
	rest = others
	for _, e := range entries {
		i := -1
		if e.odd() {
			i = slices.IndexFunc(rest, func(o entry) bool {
				return c.agree(0, e.key, o.key) && c.agree(c.tolerance, e.val, o.val)
			})
		}
		if i < 0 {
			left = append(left, e)
			continue
		}
		rest = slices.Delete(rest, i, i+1)
	}
	return left, rest
}

// counterpart takes from others the value of an entry whose key agrees with that of e.
func (c *comparison) counterpart(e entry, others []entry) (reflect.Value, []entry) {
	i := slices.IndexFunc(others, func(o entry) bool { return c.agree(0, e.key, o.key) })
	if i < 0 {
		return reflect.Value{}, others
	}
	val := others[i].val
	return val, slices.Delete(others, i, i+1)
}

func (c *comparison) structs(path string, a, b reflect.Value) string {
	if a.NumField() != b.NumField() {
		return fmt.Sprintf("%s%s and %s", prefix(path), a.Type(), b.Type())
	}
	for i := range a.NumField() {
		if d := c.compare(path+"."+a.Type().Field(i).Name, a.Field(i), b.Field(i)); d != "" {
			return d
		}
	}
	return ""
}

func isList(k reflect.Kind) bool { return k == reflect.Slice || k == reflect.Array }

func isNumber(k reflect.Kind) bool { return k >= reflect.Int && k <= reflect.Float64 }

func (c *comparison) sameNumber(a, b reflect.Value) bool {
	switch {
	case a.CanInt() && b.CanInt() && a.Int() == b.Int(), a.CanUint() && b.CanUint() && a.Uint() == b.Uint():
		return true
	case c.tolerance == 0 && !a.CanFloat() && !b.CanFloat():
		return a.CanInt() && b.CanUint() && a.Int() >= 0 && uint64(a.Int()) == b.Uint() ||
			a.CanUint() && b.CanInt() && b.Int() >= 0 && uint64(b.Int()) == a.Uint()
	}
	return c.near(toFloat(a), toFloat(b))
}

func toFloat(v reflect.Value) float64 {
	switch {
	case v.CanInt():
		return float64(v.Int())
	case v.CanUint():
		return float64(v.Uint())
	}
	return v.Float()
}

func (c *comparison) near(x, y float64) bool {
	if x == y || math.IsNaN(x) && math.IsNaN(y) {
		return true
	}
	return !math.IsInf(x, 0) && !math.IsInf(y, 0) && math.Abs(x-y) <= c.tolerance*math.Max(math.Abs(x), math.Abs(y))
}

func differ(path string, a, b reflect.Value) string {
	x, y := shown(a), shown(b)
	if x == y && a.IsValid() && b.IsValid() {
		x, y = x+" ("+a.Type().String()+")", y+" ("+b.Type().String()+")"
	}
	return prefix(path) + x + " and " + y
}

func prefix(path string) string {
	if path == "" {
		return ""
	}
	return path + ": "
}

// shown writes a value in short.
func shown(v reflect.Value) string {
	const most = 60
	var s string
	switch {
	case !v.IsValid():
		return "nil"
	case v.Kind() == reflect.String:
		s = v.String()
		if len(s) > 4*most {
			s = s[:4*most]
		}
		s = strconv.Quote(s)
	case isNumber(v.Kind()), v.Kind() == reflect.Bool, v.Kind() == reflect.Complex64, v.Kind() == reflect.Complex128:
		s = fmt.Sprint(v)
	case isList(v.Kind()):
		return fmt.Sprintf("%s of %d", v.Type(), v.Len())
	case (v.Kind() == reflect.Pointer || v.Kind() == reflect.Map) && v.IsNil():
		return "nil"
	case v.Kind() == reflect.Struct && v.Type().Comparable() && v.NumField() <= 4: // a key of a map
		s = fmt.Sprint(v)
	default:
		return v.Type().String()
	}
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}
