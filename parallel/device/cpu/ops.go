package cpu

import "unsafe"

type (
	integer interface {
		int8 | int16 | int32 | int64 | uint8 | uint16 | uint32 | uint64
	}
	float  interface{ float32 | float64 }
	number interface{ integer | float }
)

// An operand is a variable, a constant, or what code computes. Operations have code of
// their own for the usual ones, which saves calls.
type operand[T number] struct {
	kind   operandKind
	offset int64
	k      T
	code   code[T]
}

type operandKind uint8

const (
	computed operandKind = iota
	variable
	constant
)

// add is x + y.
func add[T number](x, y operand[T]) code[T] {
	switch {
	case x.kind == variable && y.kind == variable:
		a, b := x.offset, y.offset
		return func(m *machine) T { return *(*T)(unsafe.Add(m.mem, a)) + *(*T)(unsafe.Add(m.mem, b)) }
	case x.kind == variable && y.kind == constant:
		a, k := x.offset, y.k
		return func(m *machine) T { return *(*T)(unsafe.Add(m.mem, a)) + k }
	case x.kind == variable && y.kind == computed:
		a, g := x.offset, y.code
		return func(m *machine) T { return *(*T)(unsafe.Add(m.mem, a)) + g(m) }
	case x.kind == computed && y.kind == variable:
		f, b := x.code, y.offset
		return func(m *machine) T { return f(m) + *(*T)(unsafe.Add(m.mem, b)) }
	case x.kind == computed && y.kind == constant:
		f, k := x.code, y.k
		return func(m *machine) T { return f(m) + k }
	}
	f, g := x.code, y.code
	return func(m *machine) T { return f(m) + g(m) }
}

// subtract is x - y.
func subtract[T number](x, y operand[T]) code[T] {
	switch {
	case x.kind == variable && y.kind == variable:
		a, b := x.offset, y.offset
		return func(m *machine) T { return *(*T)(unsafe.Add(m.mem, a)) - *(*T)(unsafe.Add(m.mem, b)) }
	case x.kind == variable && y.kind == constant:
		a, k := x.offset, y.k
		return func(m *machine) T { return *(*T)(unsafe.Add(m.mem, a)) - k }
	case x.kind == variable && y.kind == computed:
		a, g := x.offset, y.code
		return func(m *machine) T { return *(*T)(unsafe.Add(m.mem, a)) - g(m) }
	case x.kind == computed && y.kind == variable:
		f, b := x.code, y.offset
		return func(m *machine) T { return f(m) - *(*T)(unsafe.Add(m.mem, b)) }
	case x.kind == computed && y.kind == constant:
		f, k := x.code, y.k
		return func(m *machine) T { return f(m) - k }
	}
	f, g := x.code, y.code
	return func(m *machine) T { return f(m) - g(m) }
}

// multiply is x * y.
func multiply[T number](x, y operand[T]) code[T] {
	switch {
	case x.kind == variable && y.kind == variable:
		a, b := x.offset, y.offset
		return func(m *machine) T { return *(*T)(unsafe.Add(m.mem, a)) * *(*T)(unsafe.Add(m.mem, b)) }
	case x.kind == variable && y.kind == constant:
		a, k := x.offset, y.k
		return func(m *machine) T { return *(*T)(unsafe.Add(m.mem, a)) * k }
	case x.kind == variable && y.kind == computed:
		a, g := x.offset, y.code
		return func(m *machine) T { return *(*T)(unsafe.Add(m.mem, a)) * g(m) }
	case x.kind == computed && y.kind == variable:
		f, b := x.code, y.offset
		return func(m *machine) T { return f(m) * *(*T)(unsafe.Add(m.mem, b)) }
	case x.kind == computed && y.kind == constant:
		f, k := x.code, y.k
		return func(m *machine) T { return f(m) * k }
	}
	f, g := x.code, y.code
	return func(m *machine) T { return f(m) * g(m) }
}

// divide is x / y.
func divide[T number](x, y operand[T]) code[T] {
	switch {
	case x.kind == variable && y.kind == variable:
		a, b := x.offset, y.offset
		return func(m *machine) T { return *(*T)(unsafe.Add(m.mem, a)) / *(*T)(unsafe.Add(m.mem, b)) }
	case x.kind == variable && y.kind == constant:
		a, k := x.offset, y.k
		return func(m *machine) T { return *(*T)(unsafe.Add(m.mem, a)) / k }
	case x.kind == variable && y.kind == computed:
		a, g := x.offset, y.code
		return func(m *machine) T { return *(*T)(unsafe.Add(m.mem, a)) / g(m) }
	case x.kind == computed && y.kind == variable:
		f, b := x.code, y.offset
		return func(m *machine) T { return f(m) / *(*T)(unsafe.Add(m.mem, b)) }
	case x.kind == computed && y.kind == constant:
		f, k := x.code, y.k
		return func(m *machine) T { return f(m) / k }
	}
	f, g := x.code, y.code
	return func(m *machine) T { return f(m) / g(m) }
}

// less is x < y.
func less[T number](x, y operand[T]) code[bool] {
	switch {
	case x.kind == variable && y.kind == variable:
		a, b := x.offset, y.offset
		return func(m *machine) bool { return *(*T)(unsafe.Add(m.mem, a)) < *(*T)(unsafe.Add(m.mem, b)) }
	case x.kind == variable && y.kind == constant:
		a, k := x.offset, y.k
		return func(m *machine) bool { return *(*T)(unsafe.Add(m.mem, a)) < k }
	case x.kind == variable && y.kind == computed:
		a, g := x.offset, y.code
		return func(m *machine) bool { return *(*T)(unsafe.Add(m.mem, a)) < g(m) }
	case x.kind == computed && y.kind == variable:
		f, b := x.code, y.offset
		return func(m *machine) bool { return f(m) < *(*T)(unsafe.Add(m.mem, b)) }
	case x.kind == computed && y.kind == constant:
		f, k := x.code, y.k
		return func(m *machine) bool { return f(m) < k }
	}
	f, g := x.code, y.code
	return func(m *machine) bool { return f(m) < g(m) }
}

// lessOrEqual is x <= y.
func lessOrEqual[T number](x, y operand[T]) code[bool] {
	switch {
	case x.kind == variable && y.kind == variable:
		a, b := x.offset, y.offset
		return func(m *machine) bool { return *(*T)(unsafe.Add(m.mem, a)) <= *(*T)(unsafe.Add(m.mem, b)) }
	case x.kind == variable && y.kind == constant:
		a, k := x.offset, y.k
		return func(m *machine) bool { return *(*T)(unsafe.Add(m.mem, a)) <= k }
	case x.kind == variable && y.kind == computed:
		a, g := x.offset, y.code
		return func(m *machine) bool { return *(*T)(unsafe.Add(m.mem, a)) <= g(m) }
	case x.kind == computed && y.kind == variable:
		f, b := x.code, y.offset
		return func(m *machine) bool { return f(m) <= *(*T)(unsafe.Add(m.mem, b)) }
	case x.kind == computed && y.kind == constant:
		f, k := x.code, y.k
		return func(m *machine) bool { return f(m) <= k }
	}
	f, g := x.code, y.code
	return func(m *machine) bool { return f(m) <= g(m) }
}

// equalTo is x == y.
func equalTo[T number](x, y operand[T]) code[bool] {
	switch {
	case x.kind == variable && y.kind == variable:
		a, b := x.offset, y.offset
		return func(m *machine) bool { return *(*T)(unsafe.Add(m.mem, a)) == *(*T)(unsafe.Add(m.mem, b)) }
	case x.kind == variable && y.kind == constant:
		a, k := x.offset, y.k
		return func(m *machine) bool { return *(*T)(unsafe.Add(m.mem, a)) == k }
	case x.kind == variable && y.kind == computed:
		a, g := x.offset, y.code
		return func(m *machine) bool { return *(*T)(unsafe.Add(m.mem, a)) == g(m) }
	case x.kind == computed && y.kind == variable:
		f, b := x.code, y.offset
		return func(m *machine) bool { return f(m) == *(*T)(unsafe.Add(m.mem, b)) }
	case x.kind == computed && y.kind == constant:
		f, k := x.code, y.k
		return func(m *machine) bool { return f(m) == k }
	}
	f, g := x.code, y.code
	return func(m *machine) bool { return f(m) == g(m) }
}

// notEqual is x != y.
func notEqual[T number](x, y operand[T]) code[bool] {
	switch {
	case x.kind == variable && y.kind == variable:
		a, b := x.offset, y.offset
		return func(m *machine) bool { return *(*T)(unsafe.Add(m.mem, a)) != *(*T)(unsafe.Add(m.mem, b)) }
	case x.kind == variable && y.kind == constant:
		a, k := x.offset, y.k
		return func(m *machine) bool { return *(*T)(unsafe.Add(m.mem, a)) != k }
	case x.kind == variable && y.kind == computed:
		a, g := x.offset, y.code
		return func(m *machine) bool { return *(*T)(unsafe.Add(m.mem, a)) != g(m) }
	case x.kind == computed && y.kind == variable:
		f, b := x.code, y.offset
		return func(m *machine) bool { return f(m) != *(*T)(unsafe.Add(m.mem, b)) }
	case x.kind == computed && y.kind == constant:
		f, k := x.code, y.k
		return func(m *machine) bool { return f(m) != k }
	}
	f, g := x.code, y.code
	return func(m *machine) bool { return f(m) != g(m) }
}
