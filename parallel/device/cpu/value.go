package cpu

import (
	"unsafe"

	"github.com/adabc437/fanout/parallel/device/ir"
)

// A place is where a value that is no slice stands: at an offset in the machine's memory,
// or where dyn says.
type place struct {
	offset int64
	dyn    code[unsafe.Pointer]
}

func (p place) code() code[unsafe.Pointer] {
	if p.dyn != nil {
		return p.dyn
	}
	offset := p.offset
	return func(m *machine) unsafe.Pointer { return unsafe.Add(m.mem, offset) }
}

// place finds where a value stands; one that is computed is put somewhere first.
func (c *compiler) place(e ir.Expr) place {
	switch e := e.(type) {
	case *ir.Ref:
		return place{offset: c.placeOf(e.Var)}
	case *ir.FieldOf:
		t := e.X.Type()
		if t.Kind != ir.Struct || e.I < 0 || e.I >= len(t.Fields) {
			fail("%s has no field %d", t, e.I)
		}
		p, offset := c.place(e.X), t.Fields[e.I].Offset
		if p.dyn == nil {
			return place{offset: p.offset + offset}
		}
		return place{dyn: func(m *machine) unsafe.Pointer { return unsafe.Add(p.dyn(m), offset) }}
	case *ir.Elem:
		switch t := e.X.Type(); t.Kind {
		case ir.Array:
			return c.arrayElem(e, t)
		case ir.Slice:
			return place{dyn: c.sliceElem(e, t)}
		default:
			fail("%s has no elements", t)
		}
	case *ir.Deref:
		x := c.pointer(e.X)
		return place{dyn: func(m *machine) unsafe.Pointer { return unsafe.Add(m.mem, x(m)) }}
	}
	t := e.Type()
	offset := c.room(t)
	put := c.put(place{offset: offset}, t, e)
	return place{dyn: func(m *machine) unsafe.Pointer {
		put(m)
		return unsafe.Add(m.mem, offset)
	}}
}

func (c *compiler) arrayElem(e *ir.Elem, t *ir.Type) place {
	p, n, size := c.place(e.X), t.Len, t.Elem.Size()
	if k, ok := e.I.(*ir.Const); ok && p.dyn == nil && k.Int() >= 0 && k.Int() < n {
		return place{offset: p.offset + k.Int()*size}
	}
	i := integers[int64](c, e.I)
	if p.dyn != nil {
		return place{dyn: func(m *machine) unsafe.Pointer {
			k := i(m)
			if uint64(k) >= uint64(n) {
				panic(errOutside)
			}
			return unsafe.Add(p.dyn(m), k*size)
		}}
	}
	offset := p.offset
	return place{dyn: func(m *machine) unsafe.Pointer {
		k := i(m)
		if uint64(k) >= uint64(n) {
			panic(errOutside)
		}
		return unsafe.Add(m.mem, offset+k*size)
	}}
}

func (c *compiler) sliceElem(e *ir.Elem, t *ir.Type) code[unsafe.Pointer] {
	size := t.Elem.Size()
	i := integers[int64](c, e.I)
	if r, ok := e.X.(*ir.Ref); ok {
		k := c.placeOf(r.Var)
		return func(m *machine) unsafe.Pointer { return m.slices[k].elem(i(m), size) }
	}
	s := c.slice(e.X)
	return func(m *machine) unsafe.Pointer {
		v := s(m)
		return v.elem(i(m), size)
	}
}

// slice computes a slice.
func (c *compiler) slice(e ir.Expr) code[slice] {
	t := e.Type()
	if t.Kind != ir.Slice {
		fail("%s is no slice", t)
	}
	switch e := e.(type) {
	case *ir.Ref:
		k := c.placeOf(e.Var)
		return func(m *machine) slice { return m.slices[k] }
	case *ir.Deref:
		x := c.pointer(e.X)
		return func(m *machine) slice { return m.slices[x(m)] }
	case *ir.Elem:
		s, i, size := c.slice(e.X), integers[int64](c, e.I), t.Elem.Size()
		return func(m *machine) slice {
			v := s(m)
			return v.row(i(m), size)
		}
	case *ir.Sub:
		s, lo, hi, limit := c.slice(e.X), integers[int64](c, e.Lo), integers[int64](c, e.Hi), integers[int64](c, e.Max)
		size, nested := t.Elem.Size(), t.Elem.Kind == ir.Slice
		return func(m *machine) slice {
			v := s(m)
			return v.part(lo(m), hi(m), limit(m), size, nested)
		}
	case *ir.Zero:
		return func(*machine) slice { return slice{} }
	}
	fail("%T gives no slice", e)
	return nil
}

// pointer computes a pointer: an offset in the machine's memory, or the number of a slice.
func (c *compiler) pointer(e ir.Expr) code[int64] {
	if k := e.Type().Kind; k != ir.Pointer {
		fail("%s is no pointer", e.Type())
	}
	switch e := e.(type) {
	case *ir.Address:
		if e.Place.Type().Kind == ir.Slice {
			return c.slicePlace(e.Place)
		}
		p := c.place(e.Place)
		if p.dyn == nil {
			return func(*machine) int64 { return p.offset }
		}
		return func(m *machine) int64 { return int64(uintptr(p.dyn(m)) - uintptr(m.mem)) }
	case *ir.Zero:
		return func(*machine) int64 { return 0 }
	}
	return load[int64](c, e)
}

// slicePlace is the number of a slice that is a place.
func (c *compiler) slicePlace(e ir.Expr) code[int64] {
	switch e := e.(type) {
	case *ir.Ref:
		k := c.placeOf(e.Var)
		return func(*machine) int64 { return k }
	case *ir.Deref:
		return c.pointer(e.X)
	}
	fail("a slice cannot be stored in %T", e)
	return nil
}

// load reads a value from its place.
func load[T any](c *compiler, e ir.Expr) code[T] {
	if el, ok := e.(*ir.Elem); ok && el.X.Type().Kind == ir.Slice {
		if r, ok := el.X.(*ir.Ref); ok {
			return loadElem[T](c, c.placeOf(r.Var), el)
		}
	}
	p := c.place(e)
	if p.dyn != nil {
		return func(m *machine) T { return *(*T)(p.dyn(m)) }
	}
	offset := p.offset
	return func(m *machine) T { return *(*T)(unsafe.Add(m.mem, offset)) }
}

// loadElem reads an element of a slice that is a variable.
func loadElem[T any](c *compiler, k int64, e *ir.Elem) code[T] {
	var zero T
	size := int64(unsafe.Sizeof(zero))
	if r, ok := e.I.(*ir.Ref); ok {
		offset := c.placeOf(r.Var)
		return func(m *machine) T {
			s, i := &m.slices[k], *(*int64)(unsafe.Add(m.mem, offset))
			if uint64(i) >= uint64(s.len) {
				panic(errOutside)
			}
			return *(*T)(unsafe.Add(s.p, i*size))
		}
	}
	index := integers[int64](c, e.I)
	return func(m *machine) T {
		s, i := &m.slices[k], index(m)
		if uint64(i) >= uint64(s.len) {
			panic(errOutside)
		}
		return *(*T)(unsafe.Add(s.p, i*size))
	}
}

// put stores an expression's value at a place that is no slice.
func (c *compiler) put(p place, t *ir.Type, e ir.Expr) func(m *machine) {
	if !ir.Same(t, e.Type()) {
		fail("a value of %s is stored in one of %s", e.Type(), t)
	}
	switch t.Kind {
	case ir.Bool:
		return store(p, c.bools(e))
	case ir.Int8:
		return store(p, integers[int8](c, e))
	case ir.Int16:
		return store(p, integers[int16](c, e))
	case ir.Int32:
		return store(p, integers[int32](c, e))
	case ir.Int64:
		return store(p, integers[int64](c, e))
	case ir.Uint8:
		return store(p, integers[uint8](c, e))
	case ir.Uint16:
		return store(p, integers[uint16](c, e))
	case ir.Uint32:
		return store(p, integers[uint32](c, e))
	case ir.Uint64:
		return store(p, integers[uint64](c, e))
	case ir.Float32:
		return store(p, floats[float32](c, e))
	case ir.Float64:
		return store(p, floats[float64](c, e))
	case ir.Pointer:
		return store(p, c.pointer(e))
	case ir.Array, ir.Struct:
		return c.putAggregate(p, t, e)
	}
	fail("values of %s are not stored", t)
	return nil
}

func store[T any](p place, x code[T]) func(m *machine) {
	if p.dyn != nil {
		return func(m *machine) {
			v := x(m)
			*(*T)(p.dyn(m)) = v
		}
	}
	offset := p.offset
	return func(m *machine) { *(*T)(unsafe.Add(m.mem, offset)) = x(m) }
}

func (c *compiler) putAggregate(p place, t *ir.Type, e ir.Expr) func(m *machine) {
	size, dst := t.Size(), p.code()
	switch e := e.(type) {
	case *ir.Zero:
		return func(m *machine) { clearBytes(dst(m), size) }
	case *ir.Make:
		return c.putMake(p, t, e)
	case *ir.Ref, *ir.FieldOf, *ir.Elem, *ir.Deref:
		src := c.place(e).code()
		return func(m *machine) {
			s := src(m)
			copyBytes(dst(m), s, size)
		}
	}
	fail("%T gives no value of %s", e, t)
	return nil
}

// putMake makes the value aside, since its elements may read what stands at the place.
func (c *compiler) putMake(p place, t *ir.Type, e *ir.Make) func(m *machine) {
	n := int64(len(t.Fields))
	if t.Kind == ir.Array {
		n = t.Len
	}
	if int64(len(e.Elems)) != n {
		fail("%s is made of %d values, not of %d", t, n, len(e.Elems))
	}
	aside, size := c.room(t), t.Size()
	var parts []func(m *machine)
	for i, x := range e.Elems {
		if t.Kind == ir.Array {
			parts = append(parts, c.put(place{offset: aside + int64(i)*t.Elem.Size()}, t.Elem, x))
		} else {
			parts = append(parts, c.put(place{offset: aside + t.Fields[i].Offset}, t.Fields[i].Type, x))
		}
	}
	dst := p.code()
	return func(m *machine) {
		for _, part := range parts {
			part(m)
		}
		copyBytes(dst(m), unsafe.Add(m.mem, aside), size)
	}
}

// move stores a value in a variable.
func (c *compiler) move(v *ir.Var, e ir.Expr) func(m *machine) {
	if v.Type.Kind == ir.Slice {
		k, s := c.variable(v), c.slice(e)
		return func(m *machine) { m.slices[k] = s(m) }
	}
	return c.put(place{offset: c.variable(v)}, v.Type, e)
}

// equal compares two values of a type in memory.
func equal(t *ir.Type) func(a, b unsafe.Pointer) bool {
	switch t.Kind {
	case ir.Float32:
		return func(a, b unsafe.Pointer) bool { return *(*float32)(a) == *(*float32)(b) }
	case ir.Float64:
		return func(a, b unsafe.Pointer) bool { return *(*float64)(a) == *(*float64)(b) }
	case ir.Array:
		one, n, size := equal(t.Elem), t.Len, t.Elem.Size()
		return func(a, b unsafe.Pointer) bool {
			for i := range n {
				if !one(unsafe.Add(a, i*size), unsafe.Add(b, i*size)) {
					return false
				}
			}
			return true
		}
	case ir.Struct:
		return equalStructs(t)
	}
	size := t.Size()
	if !t.Kind.IsScalar() {
		fail("%s cannot be compared", t)
	}
	return func(a, b unsafe.Pointer) bool {
		return string(unsafe.Slice((*byte)(a), size)) == string(unsafe.Slice((*byte)(b), size))
	}
}

func equalStructs(t *ir.Type) func(a, b unsafe.Pointer) bool {
	var fields []func(a, b unsafe.Pointer) bool
	for _, f := range t.Fields {
		if f.Name == "_" {
			continue
		}
		one, at := equal(f.Type), f.Offset
		fields = append(fields, func(a, b unsafe.Pointer) bool { return one(unsafe.Add(a, at), unsafe.Add(b, at)) })
	}
	return func(a, b unsafe.Pointer) bool {
		for _, f := range fields {
			if !f(a, b) {
				return false
			}
		}
		return true
	}
}
