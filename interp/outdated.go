package interp

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/adabc437/fanout/interp/check"
	"github.com/adabc437/fanout/interp/rt"
	"github.com/adabc437/fanout/interp/session"
)

// maxSearched bounds how many values of a variable are looked at for outdated ones.
const maxSearched = 20000

// outdated tells the user which variables hold, inside interfaces, values of a type
// that the cell has declared anew: those keep the earlier version, where variables
// of the type itself take the new one. before are the types as they were.
func (r *run) outdated(before map[string]reflect.Type, unit *check.Unit) {
	i := r.interp
	if i.native == nil {
		return
	}
	old := map[reflect.Type]string{}
	for name, t := range before {
		if now := i.native.types[name]; now != nil && now != t {
			old[t] = name
		}
	}
	if len(old) == 0 || rt.Live() || othersRun() { // goroutines may write what is looked at
		return
	}
	fresh := map[string]bool{}
	for _, v := range unit.Locals {
		fresh[v.Name()] = true
	}
	s := search{old: old, seen: map[visit]bool{}, found: map[string]bool{}, worth: map[reflect.Type]bool{}}
	var holders []string
	for _, name := range slices.Sorted(maps.Keys(i.native.slots)) {
		e := i.scope.Lookup(name)
		if e == nil || !e.IsVar() || fresh[name] {
			continue
		}
		slot := i.native.slots[name]
		s.hit, s.left = false, maxSearched
		if s.value(reflect.NewAt(slot.typ, slot.at).Elem(), false); s.hit {
			holders = append(holders, name)
		}
		if s.hit || s.left < 0 {
			clear(s.seen) // other variables may share what is not known to be up to date
		}
	}
	if len(holders) == 0 {
		return
	}
	types := strings.Join(slices.Sorted(maps.Keys(s.found)), ", ")
	hold := "holds"
	if len(holders) > 1 {
		hold = "hold"
	}
	r.emit(session.Event{Kind: session.Stream, Name: "stderr", Text: fmt.Sprintf("note: %s %s values of the earlier %s, which keep its fields and methods; run the cells again that make them\n", firstOf(holders, 5), hold, types)})
}

// othersRun says that code of cells may run elsewhere: a library calls it in goroutines
// that no run counts, and a map that is written while it is searched ends the process.
// What waits for other goroutines does nothing meanwhile.
func othersRun() bool {
	dump := stacks(maxDump)
	if len(dump) == maxDump {
		return true
	}
	for text := range strings.SplitSeq(dump, "\n\n") {
		head, stack, _ := strings.Cut(strings.TrimSpace(text), "\n")
		if strings.HasPrefix(stack, "cell/") || strings.Contains(stack, "\ncell/") {
			if _, waits := readSleeper(head, stack); !waits {
				return true
			}
		}
	}
	return false
}

// firstOf joins names, the first n of them.
func firstOf(names []string, n int) string {
	if len(names) > n {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:n], ", "), len(names)-n)
	}
	return strings.Join(names, ", ")
}

// A search looks for interfaces that hold values of old types.
type search struct {
	old   map[reflect.Type]string
	seen  map[visit]bool
	found map[string]bool
	worth map[reflect.Type]bool // whether values of a type can hold interfaces
	hit   bool
	left  int
}

type visit struct {
	at  uintptr
	len int // of a slice
	typ reflect.Type
}

// value looks at v; inside says that an interface holds it.
func (s *search) value(v reflect.Value, inside bool) {
	if s.left--; s.left < 0 || s.hit || !v.IsValid() {
		return
	}
	t := v.Type()
	if inside {
		for u := t; ; u = u.Elem() {
			if name, ok := s.old[u]; ok {
				s.found[name], s.hit = true, true
				return
			}
			if k := u.Kind(); k != reflect.Pointer && k != reflect.Slice && k != reflect.Array && k != reflect.Map {
				break
			}
		}
	}
	if !s.worthwhile(t) {
		return
	}
	switch v.Kind() {
	case reflect.Interface:
		s.value(v.Elem(), true)
	case reflect.Pointer:
		if at := (visit{v.Pointer(), 0, t}); !v.IsNil() && !s.seen[at] {
			s.seen[at] = true
			s.value(v.Elem(), false)
		}
	case reflect.Slice, reflect.Array:
		if v.Kind() == reflect.Slice {
			at := visit{v.Pointer(), v.Len(), t}
			if s.seen[at] {
				return
			}
			s.seen[at] = true
		}
		for i := range v.Len() {
			if s.left < 0 || s.hit {
				return
			}
			s.value(v.Index(i), false)
		}
	case reflect.Map:
		at := visit{v.Pointer(), 0, t}
		if s.seen[at] {
			return
		}
		s.seen[at] = true
		for it := v.MapRange(); it.Next() && s.left >= 0 && !s.hit; {
			s.value(it.Key(), false)
			s.value(it.Value(), false)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			s.value(v.Field(i), false)
		}
	}
}

// worthwhile says that values of a type can hold interfaces.
func (s *search) worthwhile(t reflect.Type) bool {
	is, known := s.worth[t]
	if !known {
		is = reaches(t, map[reflect.Type]bool{})
		s.worth[t] = is
	}
	return is
}

// reaches says that a type is built of an interface type. seen are the types that it
// was looked for in.
func reaches(t reflect.Type, seen map[reflect.Type]bool) bool {
	if seen[t] {
		return false
	}
	seen[t] = true
	switch t.Kind() {
	case reflect.Interface:
		return true
	case reflect.Map:
		return reaches(t.Key(), seen) || reaches(t.Elem(), seen)
	case reflect.Pointer, reflect.Slice, reflect.Array:
		return reaches(t.Elem(), seen)
	case reflect.Struct:
		for i := range t.NumField() {
			if reaches(t.Field(i).Type, seen) {
				return true
			}
		}
	}
	return false
}
