// Package ir is the small typed language between Go and the languages of devices.
//
// A [Program] has functions and kernels. A [Kernel] is the body of a parallel loop: it
// runs once for each index. What can go wrong in a task, such as an index out of range,
// is a [Check] statement; expressions themselves are pure and cannot fail, and calls are
// statements, so that the order in which Go evaluates is that of the statements.
// There is no recursion and no allocation. Integers wrap around.
//
// Back-ends that compile for a device print it (package opencl); package cpu runs it as it is.
package ir

import "fmt"

// A Kind is the kind of a [Type].
type Kind uint8

// The kinds. Go's int and uint are Int64 and Uint64.
const (
	Void Kind = iota
	Bool
	Int8
	Int16
	Int32
	Int64
	Uint8
	Uint16
	Uint32
	Uint64
	Float32
	Float64
	Array   // a value, of Len elements
	Struct  // a value
	Slice   // elements in device memory; a slice of slices has its rows one behind the other there
	Pointer // to a variable of the same task
)

var kindNames = [...]string{"void", "bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float32", "float64", "array", "struct", "slice", "pointer"}

// String is the kind's name in Go.
func (k Kind) String() string { return kindNames[k] }

// IsInteger says whether the kind is one of whole numbers.
func (k Kind) IsInteger() bool { return k >= Int8 && k <= Uint64 }

// IsSigned says whether the kind is one of signed whole numbers.
func (k Kind) IsSigned() bool { return k >= Int8 && k <= Int64 }

// IsFloat says whether the kind is one of floating-point numbers.
func (k Kind) IsFloat() bool { return k == Float32 || k == Float64 }

// IsScalar says whether values of the kind are single numbers or truth values.
func (k Kind) IsScalar() bool { return k >= Bool && k <= Float64 }

// A Type is the type of a value. Types are compared with [Same].
type Type struct {
	Kind   Kind
	Name   string  // of a struct: as it is printed, unique in a program
	Elem   *Type   // of an array, slice or pointer
	Len    int64   // of an array
	Fields []Field // of a struct
}

// A Field is a field of a struct. Offset is in bytes, as in Go's memory on 64-bit machines.
type Field struct {
	Name   string
	Type   *Type
	Offset int64
}

var scalars = func() (list [Float64 + 1]*Type) {
	for k := range list {
		list[k] = &Type{Kind: Kind(k)}
	}
	return list
}()

// Scalar is the type of a scalar kind, or of nothing.
func Scalar(k Kind) *Type { return scalars[k] }

// SliceOf is the type of slices of elem.
func SliceOf(elem *Type) *Type { return &Type{Kind: Slice, Elem: elem} }

// Same says whether a and b are one type.
func Same(a, b *Type) bool {
	if a == b {
		return true
	}
	if a == nil || b == nil || a.Kind != b.Kind {
		return false
	}
	switch a.Kind {
	case Array:
		return a.Len == b.Len && Same(a.Elem, b.Elem)
	case Slice, Pointer:
		return Same(a.Elem, b.Elem)
	case Struct:
		return a.Name == b.Name
	}
	return true
}

// String is the type as Go writes it; of a struct, its name.
func (t *Type) String() string {
	switch t.Kind {
	case Array:
		return fmt.Sprintf("[%d]%s", t.Len, t.Elem)
	case Slice:
		return "[]" + t.Elem.String()
	case Pointer:
		return "*" + t.Elem.String()
	case Struct:
		return t.Name
	}
	return t.Kind.String()
}

var kindSizes = [...]int64{0, 1, 1, 2, 4, 8, 1, 2, 4, 8, 4, 8}

// Size is the number of bytes of a value in memory, as in Go on 64-bit machines. Slices
// and pointers have none: they are not stored.
func (t *Type) Size() int64 {
	switch t.Kind {
	case Array:
		return t.Len * t.Elem.Size()
	case Struct:
		if len(t.Fields) == 0 {
			return 0
		}
		last := t.Fields[len(t.Fields)-1]
		a, end := t.Align(), last.Offset+last.Type.Size()
		if end > 0 && last.Type.Size() == 0 {
			end++ // Go keeps the address of such a field inside of the struct
		}
		return (end + a - 1) / a * a
	case Slice, Pointer:
		return 0
	}
	return kindSizes[t.Kind]
}

// Align is what the address of a value is a multiple of.
func (t *Type) Align() int64 {
	switch t.Kind {
	case Array:
		return t.Elem.Align()
	case Struct:
		a := int64(1)
		for _, f := range t.Fields {
			a = max(a, f.Type.Align())
		}
		return a
	}
	return max(1, t.Size())
}

// Uses says whether the type holds a value of the kind.
func (t *Type) Uses(k Kind) bool {
	switch {
	case t.Kind == k:
		return true
	case t.Elem != nil:
		return t.Elem.Uses(k)
	}
	for _, f := range t.Fields {
		if f.Type.Uses(k) {
			return true
		}
	}
	return false
}

// A Program is what is built for a device.
type Program struct {
	Structs []*Type // each behind those that it is made of
	Funcs   []*Func // each behind those that it calls
	Kernels []*Kernel
	Sites   []Site // where tasks can fail: Check names them by their number
}

// A Func is a function. It may call only functions that stand before it.
type Func struct {
	Name    string // unique in the program
	Go      string // as the user knows it, for comments
	Params  []*Var
	Results []*Type
	Body    []Stmt
	// Fails is set by [Program.Finish]: the function or one that it calls has a Check.
	Fails bool
	// Stops is set by [Program.Finish]: the function or one that it calls has a Loop that is
	// not Bounded, which ends when the task is told to stop.
	Stops  bool
	stores []store // set by [Program.Finish]
}

// A Kernel is the body of a parallel loop. It returns nothing.
type Kernel struct {
	Name   string
	Params []*Var // scalars, arrays, structs and slices
	Index  *Var   // int64: which turn of the loop this is
	Body   []Stmt
	Fails  bool // as in Func
	Stops  bool // as in Func
}

// A Var is a parameter or a variable of a function. Its name is unique in the function,
// a valid name in C, and none of its words.
type Var struct {
	Name string
	Type *Type
	// Written is set by [Program.Finish] for slices, and for pointers to variables that hold
	// them: elements may be changed through it.
	Written bool
}

// A Fault is a reason for which a task can fail.
type Fault uint8

// The faults, as Go's run-time panics.
const (
	OutOfRange   Fault = iota // index out of range
	DivideZero                // integer divide by zero
	ShiftCount                // negative shift amount
	SliceHigh                 // slice bounds out of range: of s[:x], beyond the capacity
	SliceLow                  // of s[x:y]
	SliceMax                  // of s[::x], beyond the capacity
	SliceHighMax              // of s[:x:y]
	SliceLowMax               // of s[x:y:]
	Panic                     // a call of panic
	NotEqualLen               // slice to array conversion with other lengths
)

// A Site is a place in the user's source where a task can fail.
type Site struct {
	Fault     Fault
	File      string
	Line, Col int
	Text      string // the source there, or of Panic, the message
}

// Message is Go's message for a fault at the site; where the values are known, x and y
// are the index and the length, or the bound and what it was to be no more than.
func (s Site) Message(known bool, x, y int64) string {
	switch s.Fault {
	case OutOfRange:
		if known {
			return fmt.Sprintf("index out of range [%d] with length %d", x, y)
		}
		return "index out of range"
	case DivideZero:
		return "integer divide by zero"
	case ShiftCount:
		return "negative shift amount"
	case SliceHigh, SliceLow, SliceMax, SliceHighMax, SliceLowMax:
		const text = "slice bounds out of range"
		if known {
			return text + " " + s.Fault.bounds(x, y)
		}
		return text
	case NotEqualLen:
		if known {
			return fmt.Sprintf("cannot convert slice with length %d to array or pointer to array with length %d", x, y)
		}
		return "cannot convert slice with another length to array"
	}
	return s.Text
}

// bounds are those of a slice that x is wrong in; of a negative one Go says no limit.
func (f Fault) bounds(x, y int64) string {
	form, negative := "[%d:%d]", "[%d:]"
	switch f {
	case SliceHigh:
		form, negative = "[:%d] with capacity %d", "[:%d]"
	case SliceMax:
		form, negative = "[::%d] with capacity %d", "[::%d]"
	case SliceHighMax:
		form, negative = "[:%d:%d]", "[:%d:]"
	case SliceLowMax:
		form, negative = "[%d:%d:]", "[%d::]"
	}
	if x < 0 {
		return fmt.Sprintf(negative, x)
	}
	return fmt.Sprintf(form, x, y)
}

// An Expr is a pure expression.
type Expr interface {
	Type() *Type
}

// The expressions. Operands have the types that Go asks for; there is no promotion.
type (
	// Const is a scalar: Bits is the value as it stands in memory, sign-extended or not
	// does not matter (float32: math.Float32bits, float64: math.Float64bits).
	Const struct {
		T    *Type
		Bits uint64
	}
	// Ref reads a variable.
	Ref struct{ Var *Var }
	// Unary is -X, ^X or !X.
	Unary struct {
		Op UnaryOp
		X  Expr
	}
	// Binary is X Op Y. Both have one type, but in shifts, where Y is any integer that is
	// not negative. Divisors are not 0 in integer Div and Rem. Comparisons give Bool.
	// LAnd and LOr evaluate Y only where it counts, which nobody can tell: it is pure.
	Binary struct {
		Op   BinaryOp
		X, Y Expr
	}
	// Convert is a conversion between numeric types with Go's rules. A float that does
	// not fit becomes what Go 1.26 makes of it on amd64: an int64 is the least one; an
	// int32 is the least one, too, and smaller types are cut from that; a uint32 is cut
	// from the int64; a uint64 is the int64 if the float is negative, and 1<<63 if it is
	// too great or NaN. (Package cpu does what Go does on the machine it runs on.)
	Convert struct {
		To *Type
		X  Expr
	}
	// FieldOf is X.Fields[I], of a struct value.
	FieldOf struct {
		X Expr
		I int
	}
	// Elem is X[I], of an array or a slice; I is an int64, in range.
	Elem struct{ X, I Expr }
	// Len is len(X) of a slice, an int64; Cap is cap(X).
	Len struct{ X Expr }
	Cap struct{ X Expr }
	// Sub is X[Lo:Hi:Max] of a slice; all are int64 and in range.
	Sub struct{ X, Lo, Hi, Max Expr }
	// Make is a struct or an array with these fields or elements, all of them.
	Make struct {
		T     *Type
		Elems []Expr
	}
	// Zero is the zero value of a type.
	Zero struct{ T *Type }
	// Math is a call of a function of package math or math/bits, or min or max.
	Math struct {
		Fn   string // see functions.go
		T    *Type
		Args []Expr
	}
	// Address is &Place; Place is a variable of the task, or a part of one.
	Address struct{ Place Expr }
	// Deref is *X.
	Deref struct{ X Expr }
)

// A UnaryOp is an operator with one operand.
type UnaryOp uint8

// The operators with one operand.
const (
	Neg  UnaryOp = iota // integers and floats
	Not                 // ^x
	LNot                // !x
)

// A BinaryOp is an operator with two operands.
type BinaryOp uint8

// The operators with two operands.
const (
	Add BinaryOp = iota
	SubOp
	Mul
	Div
	Rem
	And
	Or
	Xor
	AndNot
	Shl
	Shr
	Eq // of scalars, structs and arrays
	Ne
	Lt
	Le
	Gt
	Ge
	LAnd
	LOr
)

var binaryText = [...]string{"+", "-", "*", "/", "%", "&", "|", "^", "&^", "<<", ">>", "==", "!=", "<", "<=", ">", ">=", "&&", "||"}

// String is the operator in Go.
func (op BinaryOp) String() string { return binaryText[op] }

// Compares says whether the operator gives a Bool of two other values.
func (op BinaryOp) Compares() bool { return op >= Eq && op <= Ge }

// Type is that of the expression's value.
func (e *Const) Type() *Type { return e.T }

// Type is that of the expression's value.
func (e *Ref) Type() *Type { return e.Var.Type }

// Type is that of the expression's value.
func (e *Unary) Type() *Type { return e.X.Type() }

// Type is that of the expression's value.
func (e *Binary) Type() *Type {
	if e.Op.Compares() {
		return Scalar(Bool)
	}
	return e.X.Type()
}

// Type is that of the expression's value.
func (e *Convert) Type() *Type { return e.To }

// Type is that of the expression's value.
func (e *FieldOf) Type() *Type { return e.X.Type().Fields[e.I].Type }

// Type is that of the expression's value.
func (e *Elem) Type() *Type { return e.X.Type().Elem }

// Type is that of the expression's value.
func (e *Len) Type() *Type { return Scalar(Int64) }

// Type is that of the expression's value.
func (e *Cap) Type() *Type { return Scalar(Int64) }

// Type is that of the expression's value.
func (e *Sub) Type() *Type { return e.X.Type() }

// Type is that of the expression's value.
func (e *Make) Type() *Type { return e.T }

// Type is that of the expression's value.
func (e *Zero) Type() *Type { return e.T }

// Type is that of the expression's value.
func (e *Math) Type() *Type { return e.T }

// Type is that of the expression's value.
func (e *Address) Type() *Type { return &Type{Kind: Pointer, Elem: e.Place.Type()} }

// Type is that of the expression's value.
func (e *Deref) Type() *Type { return e.X.Type().Elem }

// A Stmt is a statement.
type Stmt interface{ stmt() }

// The statements.
type (
	// Declare makes a variable; without Init it has the zero value. A variable in a loop
	// is a new one in each turn.
	Declare struct {
		Var  *Var
		Init Expr
	}
	// Assign sets a place: a Ref, a FieldOf or Elem of a place, an Elem of a slice, or a
	// Deref.
	Assign struct{ Place, X Expr }
	// Call calls a function; Results has a variable for each of its results, declared
	// here, or nil for one that is not used.
	Call struct {
		Func    *Func
		Args    []Expr
		Results []*Var
	}
	// Check ends the task with a fault if Cond is true. X and Y may be nil: int64 values
	// for the message.
	Check struct {
		Cond Expr
		Site int
		X, Y Expr
	}
	// If is if Cond { Then } else { Else }.
	If struct {
		Cond       Expr
		Then, Else []Stmt
	}
	// Loop is for { Before; if !Cond { break }; Body; Post }. Cond may be nil: true. A
	// Continue goes to Post.
	Loop struct {
		Before []Stmt
		Cond   Expr
		Post   []Stmt
		Body   []Stmt
		// Bounded says that the loop surely ends: a counter goes up or down to a limit that
		// does not change.
		Bounded bool
	}
	// Block is a list of statements that a Break may leave.
	Block struct{ Body []Stmt }
	// Break leaves a Loop or a Block around it.
	Break struct{ Of Stmt }
	// Continue goes on with the next turn of a Loop around it.
	Continue struct{ Of *Loop }
	// Return ends the function.
	Return struct{ Values []Expr }
	// Comment is text of the user's source, for who reads what is printed: a line.
	Comment struct{ Text string }
)

func (*Declare) stmt()  {}
func (*Assign) stmt()   {}
func (*Call) stmt()     {}
func (*Check) stmt()    {}
func (*If) stmt()       {}
func (*Loop) stmt()     {}
func (*Block) stmt()    {}
func (*Break) stmt()    {}
func (*Continue) stmt() {}
func (*Return) stmt()   {}
func (*Comment) stmt()  {}
