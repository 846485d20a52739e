// Package clc prints programs of package ir as OpenCL C 1.2: see [Print]. What is printed
// does what Go does: integers wrap around, shifts may be as wide as one likes, conversions
// are those of amd64.
package clc

import (
	"fmt"
	"strings"

	"github.com/adabc437/fanout/parallel/device/ir"
)

// Options say how a device computes.
type Options struct {
	// NoFloat64 says that it has no float64: quotients and functions of float32 numbers are
	// the device's own, with OpenCL's tolerances.
	NoFloat64 bool
	// IEEE32 says that its float32 is IEEE 754's, with rounded divisions and square roots,
	// and subnormal numbers.
	IEEE32 bool
}

// Print gives a program as OpenCL C. A kernel has the parameters
//
//	const long fo_base, const long fo_n, __global int *fo_faults, __global volatile int *fo_stop
//
// and then its own: scalars by value, a Bool as uchar; slices as a __global pointer and a
// length; slices of slices with the places where their rows begin, a __global const long *,
// between the two; structs and arrays as a __global const pointer to one. Its index is
// fo_base + get_global_id(0), of which there are fo_n: more work-items do nothing. A task
// that fails at a site takes the least get_global_id(0) into fo_faults[site]. Tasks with
// loops that may not end look at fo_stop now and then and end if it is not 0.
//
// An error says what is wrong with the program.
func Print(p *ir.Program, o Options) (text string, err error) {
	if err := p.Finish(); err != nil {
		return "", err
	}
	defer func() {
		if e, ok := recover().(wrong); ok {
			err = fmt.Errorf("clc: %w", e.error)
		}
	}()
	pr := newPrinter(p)
	pr.options = o
	for _, f := range p.Funcs {
		pr.function(f)
	}
	for _, k := range p.Kernels {
		pr.kernel(k)
	}
	return pr.text(), nil
}

// wrong is what the printer panics with when a program is not right.
type wrong struct{ error }

func fail(format string, args ...any) {
	panic(wrong{fmt.Errorf(format, args...)})
}

// A printer prints one program.
type printer struct {
	program   *ir.Program
	options   Options
	global    names // of functions, types and kernels
	funcs     map[*ir.Func]string
	structs   map[string]string   // by the name in the program
	fields    map[string][]string // of structs
	types     map[string]string   // by the type's text: its name, once it is printed
	hasHelper map[string]bool
	double    bool // float64 is used

	typeText, helperText, codeText strings.Builder
}

func newPrinter(p *ir.Program) *printer {
	pr := &printer{program: p, funcs: map[*ir.Func]string{}, structs: map[string]string{}, fields: map[string][]string{}, types: map[string]string{}, hasHelper: map[string]bool{}, global: names{}}
	for _, k := range p.Kernels {
		if pr.global.name(k.Name) != k.Name {
			fail("a kernel cannot be called %s", k.Name)
		}
	}
	for _, f := range p.Funcs {
		pr.funcs[f] = pr.global.name(f.Name)
	}
	for _, s := range p.Structs {
		pr.structs[s.Name] = pr.global.name(s.Name)
	}
	return pr
}

// text puts the parts together.
func (p *printer) text() string {
	var b strings.Builder
	if p.double {
		b.WriteString("#pragma OPENCL EXTENSION cl_khr_fp64 : enable\n")
	}
	b.WriteString("#pragma OPENCL FP_CONTRACT OFF\n")
	for _, part := range []*strings.Builder{&p.typeText, &p.helperText, &p.codeText} {
		b.WriteString(part.String())
	}
	return b.String()
}

// helper prints a function of ours in front of the program, once; text says it with its
// name left out as a line each.
func (p *printer) helper(name string, text func() string) string {
	if !p.hasHelper[name] {
		p.hasHelper[name] = true
		s := text()
		p.helperText.WriteString("\n" + strings.TrimSpace(s) + "\n")
	}
	return name
}
