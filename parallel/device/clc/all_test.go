package clc

import (
	"strings"
	"testing"

	"github.com/adabc437/fanout/parallel/device/ir"
	"github.com/adabc437/fanout/parallel/device/ir/irtest"
)

func TestProgramsOfAllKindsCompile(t *testing.T) {
	seen := map[*ir.Program]bool{}
	for _, c := range irtest.Cases() {
		if seen[c.Program] {
			continue
		}
		seen[c.Program] = true
		text, err := Print(c.Program, Options{})
		if err != nil {
			t.Errorf("%s: %v", c.Name, err)
			continue
		}
		clang(t, text)
	}
}

func TestFunctionsOfFloat32NeedNoFloat64(t *testing.T) {
	n := 0
	for _, c := range irtest.Cases() {
		if !strings.HasPrefix(c.Name, "math32/") {
			continue
		}
		n++
		text, err := Print(c.Program, Options{NoFloat64: true})
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(text, "double") || strings.Contains(text, "fp64") {
			t.Errorf("%s: there is float64 in\n%s", c.Name, text)
		}
	}
	if n == 0 {
		t.Error("there are no such functions")
	}
}

func TestFunctionsOfFloat32(t *testing.T) {
	x := &ir.Var{Name: "x", Type: ir.Scalar(ir.Float32)}
	call := func(fn string) *ir.Program {
		value := &ir.Math{Fn: fn, T: x.Type, Args: []ir.Expr{ref(x)}}
		return &ir.Program{Funcs: []*ir.Func{{Name: "f", Go: "f", Params: []*ir.Var{x}, Results: []*ir.Type{x.Type}, Body: []ir.Stmt{&ir.Return{Values: []ir.Expr{value}}}}}}
	}
	for _, c := range []struct {
		fn      string
		options Options
		want    string
	}{
		{"Sqrt", Options{IEEE32: true}, "return sqrt(x);"},
		{"Sqrt", Options{}, "return (float)sqrt((double)x);"},
		{"Sqrt", Options{NoFloat64: true}, "return sqrt(x);"},
		{"Sin", Options{IEEE32: true}, "return (float)sin((double)x);"},
		{"Sin", Options{NoFloat64: true, IEEE32: true}, "return sin(x);"},
	} {
		text, err := Print(call(c.fn), c.options)
		if err != nil || !strings.Contains(text, c.want) {
			t.Errorf("%s with %+v: %v, want %s in\n%s", c.fn, c.options, err, c.want, text)
		}
	}
}

// TestDivisionOfFloat32 has the quotient of float32 numbers rounded as in Go wherever the
// device has a way to.
func TestDivisionOfFloat32(t *testing.T) {
	x, y := &ir.Var{Name: "x", Type: ir.Scalar(ir.Float32)}, &ir.Var{Name: "y", Type: ir.Scalar(ir.Float32)}
	quotient := &ir.Binary{Op: ir.Div, X: ref(x), Y: ref(y)}
	program := func() *ir.Program {
		return &ir.Program{Funcs: []*ir.Func{{Name: "f", Go: "f", Params: []*ir.Var{x, y}, Results: []*ir.Type{x.Type}, Body: []ir.Stmt{
			&ir.Assign{Place: ref(x), X: quotient},
			&ir.Return{Values: []ir.Expr{&ir.Binary{Op: ir.Add, X: quotient, Y: quotient}}},
		}}}}
	}
	for _, c := range []struct {
		options Options
		want    []string
	}{
		{Options{IEEE32: true}, []string{"x /= y;", "return x / y + x / y;"}},
		{Options{NoFloat64: true}, []string{"x /= y;", "return x / y + x / y;"}},
		{Options{}, []string{"fp64 : enable", "x = (float)((double)x / (double)y);", "return (float)((double)x / (double)y) + (float)((double)x / (double)y);"}},
	} {
		text, err := Print(program(), c.options)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range c.want {
			if !strings.Contains(text, want) {
				t.Errorf("with %+v: want %s in\n%s", c.options, want, text)
			}
		}
		clang(t, text)
	}
}

func TestNamesOfOpenCLAreNotUsed(t *testing.T) {
	taken := names{}
	for want, name := range map[string]string{
		"half": "half_", "float4": "float4_", "get_global_id": "get_global_id_", "get_value": "get_value", "fo_stop": "ufo_stop",
		"größe": "gru00f6u00dfe", "__x": "u__x", "image2d_t": "image2d_t_", "double16": "double16_", "count": "count", "main": "main_", "_": "blank",
	} {
		if got := taken.name(want); got != name {
			t.Errorf("%s is %s, not %s", want, got, name)
		}
	}
	if got := taken.name("count"); got != "count_2" {
		t.Errorf("a second count is %s", got)
	}
}

func TestCommentsEndWithTheirLine(t *testing.T) {
	for text, want := range map[string]string{"a\nb": "a b", `x \`: "x", `y ??/ \\`: "y", "plain": "plain"} {
		if got := comment(text); got != want {
			t.Errorf("%q is %q, not %q", text, got, want)
		}
	}
}

func TestProgramsThatAreWrongAreErrors(t *testing.T) {
	v := &ir.Var{Name: "v", Type: i64}
	for name, body := range map[string][]ir.Stmt{
		"undeclared": {&ir.Assign{Place: ref(v), X: num(1)}},
		"no site":    {&ir.Check{Cond: &ir.Const{T: ir.Scalar(ir.Bool)}, Site: 3}},
		"function":   {&ir.Declare{Var: v, Init: &ir.Math{Fn: "Bessel", T: i64}}},
		"called":     {&ir.Call{Func: &ir.Func{Name: "f"}}},
	} {
		p := &ir.Program{Kernels: []*ir.Kernel{{Name: "k", Index: &ir.Var{Name: "i", Type: i64}, Body: body}}}
		if _, err := Print(p, Options{}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := Print(&ir.Program{Kernels: []*ir.Kernel{{Name: "kernel", Index: v}}}, Options{}); err == nil {
		t.Error("a kernel called kernel: no error")
	}
}
