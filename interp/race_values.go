package interp

import (
	"cmp"
	"encoding"
	"encoding/binary"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sort"
	"unsafe"
)

// How the session's variables get into a program that runs beside it: as bytes, laid
// out by their types. What has no pointers in it is as it lies in memory, which is the
// same on both sides. race.go.txt reads it.
//
// Two names for one thing are two names for one thing there, too, so that a race between
// them is seen: a map is written once, and so is memory. The first of two passes (walk)
// finds the memory that variables, pointers and slices reach, in which what overlaps
// is one block: an array with all slices of it and pointers into it. The second (value) writes
// pointers and slices as a block and an offset into it. The first of them that has the type
// of the block brings what the block holds.

// maxRaceValues bounds the bytes of the values that a program is given.
const maxRaceValues = 1 << 30

// maxRaceDepth bounds how deep values lie in each other.
const maxRaceDepth = 10000

// An encoder writes the values of variables.
type encoder struct {
	b       []byte
	depth   int
	regions []region
	seen    map[stretch]bool // by walk
	blocks  []*block         // by start
	drafts  map[stretch]bool // written ahead of their block
	maps    map[unsafe.Pointer]int
}

// A stretch is where so many values of a type lie: of what a slice has, or -1 for what a
// map or a pointer has.
type stretch struct {
	at  unsafe.Pointer
	typ reflect.Type
	n   int
}

// A region is memory that a variable, a pointer or a slice reaches: from start to the
// capacity of a slice, of which the length is in use.
type region struct {
	start, used, end uintptr
	elem             reflect.Type // no array
	fixed            bool         // a variable
}

// A block is the memory of regions that overlap.
type block struct {
	region
	covered []interval // elements in use
	written bool
}

// An interval holds so many elements from the first on.
type interval struct{ first, n int }

// What a pointer or a slice is written as.
const (
	refNil   = iota
	refKnown // a place in a block; these two are followed by others
	refOwner // with what the block holds
	refDraft // with what lies there, since it may lead to the owner
	refBare  // of no size: it is equal to any other
)

// encodeValues writes the values of variables. The error is that of the variable with
// the given index.
func encodeValues(slots []slot) (data []byte, bad int, err error) {
	e := encoder{seen: map[stretch]bool{}, drafts: map[stretch]bool{}, maps: map[unsafe.Pointer]int{}}
	for n, s := range slots {
		e.region(s.at, s.typ, 1, 1, true)
		if err := e.walk(reflect.NewAt(s.typ, s.at).Elem()); err != nil {
			return nil, n, err
		}
	}
	e.join()
	e.number(len(e.blocks))
	for _, s := range slots {
		id := -1
		if s.typ.Size() > 0 {
			if id = e.block(uintptr(s.at), s.typ.Size()); id < 0 {
				return nil, 0, errMoved
			}
		}
		e.number(1 + id)
	}
	for n, s := range slots {
		if err := e.value(reflect.NewAt(s.typ, s.at).Elem()); err != nil {
			return nil, n, err
		}
	}
	for _, b := range e.blocks {
		if !b.written {
			return nil, 0, errMoved
		}
	}
	return e.b, 0, nil
}

// errMoved is for values that were not the same when they were looked at again.
var errMoved = errors.New("changes while it is copied, or shares memory in a way that Go's types do not tell")

// enter bounds the depth of recursion.
func (e *encoder) enter() error {
	if e.depth++; e.depth > maxRaceDepth {
		return errors.New("lies too deep")
	}
	return nil
}

// walk notes the memory that v, which can be addressed, leads to.
func (e *encoder) walk(v reflect.Value) error {
	defer func() { e.depth-- }()
	if err := e.enter(); err != nil || leaf(v.Type()) {
		return err
	}
	t := v.Type()
	v = reflect.NewAt(t, unsafe.Pointer(v.UnsafeAddr())).Elem() // also what is not exported
	switch t.Kind() {
	case reflect.Struct:
		for i := range t.NumField() {
			if err := e.walk(v.Field(i)); err != nil {
				return err
			}
		}
	case reflect.Array:
		return e.walkElements(v)
	case reflect.Slice:
		e.region(v.UnsafePointer(), t.Elem(), v.Len(), v.Cap(), false)
		if e.first(stretch{v.UnsafePointer(), t.Elem(), v.Len()}) {
			return e.walkElements(v)
		}
	case reflect.Map:
		if leaf(t.Key()) && leaf(t.Elem()) || !e.first(stretch{v.UnsafePointer(), t, -1}) {
			return nil
		}
		for it := v.MapRange(); it.Next(); {
			for _, x := range []reflect.Value{it.Key(), it.Value()} {
				if err := e.walk(addressableCopy(x)); err != nil {
					return err
				}
			}
		}
	case reflect.Pointer:
		if !v.IsNil() {
			e.region(v.UnsafePointer(), t.Elem(), 1, 1, false)
			if e.first(stretch{v.UnsafePointer(), t.Elem(), -1}) {
				return e.walk(v.Elem())
			}
		}
	case reflect.Interface:
		if !v.IsNil() && slices.Contains(dynamic, v.Elem().Type()) {
			return e.walk(addressableCopy(v.Elem()))
		}
	}
	return nil
}

func (e *encoder) walkElements(v reflect.Value) error {
	if leaf(v.Type().Elem()) {
		return nil
	}
	for i := range v.Len() {
		if err := e.walk(v.Index(i)); err != nil {
			return err
		}
	}
	return nil
}

// first says of a stretch that walk has not been there.
func (e *encoder) first(s stretch) bool {
	if e.seen[s] {
		return false
	}
	e.seen[s] = true
	return true
}

// region notes memory of so many values, and room for some more.
func (e *encoder) region(at unsafe.Pointer, t reflect.Type, length, room int, fixed bool) {
	if room == 0 || t.Size() == 0 {
		return
	}
	start := uintptr(at)
	e.regions = append(e.regions, region{start, start + uintptr(length)*t.Size(), start + uintptr(room)*t.Size(), withoutArrays(t), fixed})
}

// withoutArrays is the type of the elements of arrays in arrays.
func withoutArrays(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Array {
		t = t.Elem()
	}
	return t
}

// join makes blocks of the regions.
func (e *encoder) join() {
	slices.SortFunc(e.regions, func(a, b region) int { // the outer before the inner
		return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(b.end, a.end), trueFirst(a.fixed, b.fixed), cmp.Compare(nesting(b.elem), nesting(a.elem)))
	})
	var last *block
	for _, r := range e.regions {
		inside := last != nil && r.end <= last.end
		goesOn := last != nil && !last.fixed && r.start < last.end && r.elem == last.elem && (r.start-last.start)%r.elem.Size() == 0
		if !inside && !goesOn {
			last = &block{region: r, written: r.fixed}
			e.blocks = append(e.blocks, last)
		}
		last.end = max(last.end, r.end)
		if size := last.elem.Size(); r.used > r.start {
			from, to := (r.start-last.start)/size, (r.used-last.start+size-1)/size
			last.covered = append(last.covered, interval{int(from), int(to - from)})
		}
	}
	e.regions = nil
	for _, b := range e.blocks {
		b.covered = united(b.covered)
	}
}

func trueFirst(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}

// nesting is how many structs begin where a value begins.
func nesting(t reflect.Type) int {
	t = withoutArrays(t)
	if t.Kind() != reflect.Struct || t.NumField() == 0 {
		return 0
	}
	return 1 + nesting(t.Field(0).Type)
}

// united makes one of the intervals, by their starts, that touch.
func united(list []interval) []interval {
	var out []interval
	for _, i := range list {
		if k := len(out) - 1; k >= 0 && i.first <= out[k].first+out[k].n {
			out[k].n = max(out[k].n, i.first+i.n-out[k].first)
			continue
		}
		out = append(out, i)
	}
	return out
}

// block is the number of the block that has the memory, or -1.
func (e *encoder) block(start, size uintptr) int {
	id := sort.Search(len(e.blocks), func(k int) bool { return e.blocks[k].start > start }) - 1
	for ; id >= 0; id-- { // mostly the first
		if b := e.blocks[id]; start >= b.start && start+size <= b.end {
			return id
		}
	}
	return -1
}

func (e *encoder) number(n int) { e.b = binary.AppendUvarint(e.b, uint64(n)) }

// memory writes bytes as they lie in memory.
func (e *encoder) memory(at unsafe.Pointer, size int) error {
	if len(e.b)+size > maxRaceValues {
		return fmt.Errorf("is too large: a program is given %d MB at most", maxRaceValues>>20)
	}
	e.b = append(e.b, unsafe.Slice((*byte)(at), size)...)
	return nil
}

// value writes v, which can be addressed.
func (e *encoder) value(v reflect.Value) error {
	defer func() { e.depth-- }()
	if err := e.enter(); err != nil {
		return err
	}
	t := v.Type()
	at := unsafe.Pointer(v.UnsafeAddr())
	v = reflect.NewAt(t, at).Elem() // also what is not exported
	switch {
	case fresh(t):
		return nil
	case flat(t):
		return e.memory(at, int(t.Size()))
	case marshals(t):
		b, err := reflect.NewAt(t, at).Interface().(encoding.BinaryMarshaler).MarshalBinary()
		e.number(len(b))
		e.b = append(e.b, b...)
		return err
	}
	switch t.Kind() {
	case reflect.String:
		e.number(v.Len())
		return e.memory(unsafe.Pointer(unsafe.StringData(v.String())), v.Len())
	case reflect.Struct:
		for i := range t.NumField() {
			if err := e.value(v.Field(i)); err != nil {
				return err
			}
		}
	case reflect.Array:
		return e.elements(v)
	case reflect.Slice, reflect.Pointer:
		return e.reference(v)
	case reflect.Map:
		return e.entries(v)
	case reflect.Interface:
		return e.held(v)
	case reflect.UnsafePointer:
		if !v.IsNil() {
			return errors.New("holds an unsafe.Pointer")
		}
		e.number(0)
	case reflect.Func, reflect.Chan:
		if !v.IsNil() {
			return fmt.Errorf("holds a %s", map[reflect.Kind]string{reflect.Func: "function", reflect.Chan: "channel"}[t.Kind()])
		}
		e.number(0)
	}
	return nil
}

// elements writes those of an array that can be addressed, or of a slice.
func (e *encoder) elements(v reflect.Value) error {
	if elem := v.Type().Elem(); v.Len() > 0 && flat(elem) {
		return e.memory(v.Index(0).Addr().UnsafePointer(), v.Len()*int(elem.Size()))
	}
	for i := range v.Len() {
		if err := e.value(v.Index(i)); err != nil {
			return err
		}
	}
	return nil
}

// reference writes a pointer or a slice as a place in a block.
func (e *encoder) reference(v reflect.Value) error {
	if v.IsNil() {
		e.number(refNil)
		return nil
	}
	t, isSlice := v.Type().Elem(), v.Kind() == reflect.Slice
	at, n, room := v.UnsafePointer(), -1, 1
	if isSlice {
		n, room = v.Len(), v.Cap()
	}
	lengths := func() {
		if isSlice {
			e.number(n)
			e.number(room)
		}
	}
	size := uintptr(room) * t.Size()
	if size == 0 {
		e.number(refBare)
		lengths()
		return nil
	}
	id := e.block(uintptr(at), size)
	if id < 0 {
		return errMoved
	}
	b, kind, key := e.blocks[id], refKnown, stretch{at, t, n}
	switch {
	case b.written:
	case b.elem == withoutArrays(t):
		kind = refOwner
	case !leaf(t) && !e.drafts[key]:
		kind = refDraft
	}
	e.number(kind)
	e.number(id)
	e.number(int(uintptr(at) - b.start))
	lengths()
	switch {
	case kind == refOwner:
		return e.hold(b, unsafe.Add(at, -int(uintptr(at)-b.start)))
	case kind == refDraft && isSlice:
		e.drafts[key] = true
		return e.elements(v)
	case kind == refDraft:
		e.drafts[key] = true
		return e.value(v.Elem())
	}
	return nil
}

// hold writes what a block holds.
func (e *encoder) hold(b *block, start unsafe.Pointer) error {
	b.written = true
	all := reflect.SliceAt(b.elem, start, int((b.end-b.start)/b.elem.Size()))
	e.number(all.Len())
	e.number(len(b.covered))
	for _, i := range b.covered {
		e.number(i.first)
		e.number(i.n)
		if err := e.elements(all.Slice(i.first, i.first+i.n)); err != nil {
			return err
		}
	}
	return nil
}

// entries writes those of a map once.
func (e *encoder) entries(v reflect.Value) error {
	if v.IsNil() {
		e.number(0)
		return nil
	}
	if n, ok := e.maps[v.UnsafePointer()]; ok {
		e.number(2 + n)
		return nil
	}
	e.maps[v.UnsafePointer()] = len(e.maps)
	e.number(1)
	e.number(v.Len())
	for it := v.MapRange(); it.Next(); {
		for _, x := range []reflect.Value{it.Key(), it.Value()} {
			if err := e.value(addressableCopy(x)); err != nil {
				return err
			}
		}
	}
	return nil
}

// held writes what an interface holds.
func (e *encoder) held(v reflect.Value) error {
	if v.IsNil() {
		e.number(0)
		return nil
	}
	for n, t := range dynamic {
		if t == v.Elem().Type() {
			e.number(1 + n)
			return e.value(addressableCopy(v.Elem()))
		}
	}
	return fmt.Errorf("holds a %v in an interface", v.Elem().Type())
}

// addressableCopy is a copy of v that can be addressed.
func addressableCopy(v reflect.Value) reflect.Value {
	c := reflect.New(v.Type()).Elem()
	c.Set(v)
	return c
}
