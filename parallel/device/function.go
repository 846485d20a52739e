package device

import (
	"errors"
	"fmt"
	"go/types"
	"slices"

	"github.com/adabc437/fanout/parallel/device/ir"
	"github.com/adabc437/fanout/parallel/device/translate"
)

// A Function is a Go function that devices can run.
type Function struct {
	// Name is how the user calls it.
	Name string
	// Random says that its first parameter is a source of random numbers.
	Random   bool
	unit     *translate.Unit
	operator string // the name of an Operator
	text     string // of its program, without kernels
}

// NewFunction makes a Function of a translated one.
func NewFunction(name string, unit *translate.Unit) *Function {
	f := &Function{Name: name, unit: unit}
	if unit.Program.Finish() == nil { // once, so that calls at the same time only read it
		f.text = ir.Text(unit.Program)
	}
	if params := unit.Func.Params; len(params) > 0 {
		f.Random = params[0].Type.Kind == ir.Pointer
	}
	return f
}

// operators are functions of two numbers that have names of their own.
var operators = []string{"sum", "product", "min", "max"}

// Operators are the names that Operator takes.
func Operators() []string { return slices.Clone(operators) }

// IsOperator says whether there is an operator of that name.
func IsOperator(name string) bool { return slices.Contains(operators, name) }

// Operator is sum, product, min or max, for numbers of a kind.
func Operator(name string, kind ir.Kind) (*Function, error) {
	elem := ir.Scalar(kind)
	if !kind.IsInteger() && !kind.IsFloat() {
		return nil, fmt.Errorf("%s is of numbers, and a %s is none", name, kind)
	}
	a, b := &ir.Var{Name: "a", Type: elem}, &ir.Var{Name: "b", Type: elem}
	x, y := ir.Expr(&ir.Ref{Var: a}), ir.Expr(&ir.Ref{Var: b})
	var value ir.Expr
	switch name {
	case "sum":
		value = &ir.Binary{Op: ir.Add, X: x, Y: y}
	case "product":
		value = &ir.Binary{Op: ir.Mul, X: x, Y: y}
	case "min", "max":
		value = &ir.Math{Fn: name, T: elem, Args: []ir.Expr{x, y}}
	default:
		return nil, fmt.Errorf("there is no operator %s; there are sum, product, min and max", name)
	}
	f := &ir.Func{
		Name: name + "_" + elem.Kind.String(), Go: name, Params: []*ir.Var{a, b}, Results: []*ir.Type{elem},
		Body: []ir.Stmt{&ir.Return{Values: []ir.Expr{value}}},
	}
	made := NewFunction(name, &translate.Unit{Program: &ir.Program{Funcs: []*ir.Func{f}}, Func: f})
	made.operator = name
	return made, nil
}

// Captures are the variables that the function reads, in the order in which [Call] takes
// their values.
func (f *Function) Captures() []*types.Var {
	vars := make([]*types.Var, len(f.unit.Captures))
	for i, c := range f.unit.Captures {
		vars[i] = c.Var
	}
	return vars
}

// params are the user's parameters, without the source of random numbers.
func (f *Function) params() []*ir.Var {
	list := f.unit.Func.Params[:len(f.unit.Func.Params)-len(f.unit.Captures)]
	if f.Random {
		list = list[1:]
	}
	return list
}

// result is the type of what the function returns, or nil.
func (f *Function) result() (*ir.Type, error) {
	switch r := f.unit.Func.Results; len(r) {
	case 0:
		return nil, nil
	case 1:
		if r[0].Kind == ir.Slice || r[0].Kind == ir.Pointer {
			return nil, fmt.Errorf("%s returns a %s, which is not a value of its own: return numbers, an array or a struct", f.Name, r[0])
		}
		return r[0], nil
	}
	return nil, errors.New(f.Name + " returns several values: return a struct of them")
}

// name is a name for a kernel that no function has.
func (f *Function) name(base string) string {
	taken := func(s string) bool {
		return slices.ContainsFunc(f.unit.Program.Funcs, func(g *ir.Func) bool { return g.Name == s }) ||
			slices.ContainsFunc(f.unit.Program.Structs, func(t *ir.Type) bool { return t.Name == s })
	}
	name := base + "_" + f.unit.Func.Name
	for taken(name) {
		name += "_"
	}
	return name
}

// with is the function's program with a kernel.
func (f *Function) with(k ...*ir.Kernel) *ir.Program {
	p := *f.unit.Program
	p.Kernels = k
	return &p
}
