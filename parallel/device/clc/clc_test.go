package clc

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/adabc437/fanout/parallel/device/ir"
)

var (
	i64 = ir.Scalar(ir.Int64)
	f64 = ir.Scalar(ir.Float64)
)

func num(n int64) ir.Expr   { return &ir.Const{T: i64, Bits: uint64(n)} }
func ref(v *ir.Var) ir.Expr { return &ir.Ref{Var: v} }
func op(x ir.Expr, o ir.BinaryOp, y ir.Expr) ir.Expr {
	return &ir.Binary{Op: o, X: x, Y: y}
}

// clang checks the syntax of what was printed, where it is installed.
func clang(t *testing.T, source string) {
	t.Helper()
	path, err := exec.LookPath("clang")
	if err != nil {
		return
	}
	file := filepath.Join(t.TempDir(), "k.cl")
	if err := os.WriteFile(file, []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(path, "-x", "cl", "-cl-std=CL1.2", "-Xclang", "-finclude-default-header", "-fsyntax-only", "-Wall", "-Wno-unused-variable", "-Wno-unused-function", "-Wno-missing-braces", "-Wno-self-assign", "-Werror", file).CombinedOutput()
	if err != nil {
		t.Errorf("clang: %v\n%s\n%s", err, out, source)
	}
}

// saxpy is y[i] = a·x[i] + y[i], with the checks of a translated function.
func saxpy() *ir.Program {
	i := &ir.Var{Name: "i", Type: i64}
	a := &ir.Var{Name: "a", Type: f64}
	x := &ir.Var{Name: "x", Type: ir.SliceOf(f64)}
	y := &ir.Var{Name: "half", Type: ir.SliceOf(f64)}
	j := &ir.Var{Name: "j", Type: i64}
	n := &ir.Var{Name: "n", Type: i64}
	loop := &ir.Loop{Cond: op(ref(j), ir.Lt, ref(n)), Bounded: true, Post: []ir.Stmt{&ir.Assign{Place: ref(j), X: op(ref(j), ir.Add, num(1))}}}
	at := func(s *ir.Var, i ir.Expr) ir.Expr { return &ir.Elem{X: ref(s), I: i} }
	loop.Body = []ir.Stmt{
		&ir.Assign{Place: at(y, ref(i)), X: op(op(ref(a), ir.Mul, at(x, ref(i))), ir.Add, at(y, ref(i)))},
		&ir.Assign{Place: at(y, ref(i)), X: op(at(y, ref(i)), ir.Add, &ir.Convert{To: f64, X: op(op(ref(j), ir.Mul, ref(n)), ir.Add, op(ref(j), ir.Add, num(1)))})},
	}
	return &ir.Program{
		Sites: []ir.Site{{Fault: ir.OutOfRange, File: "In[1]", Line: 3, Col: 9, Text: "x[i]"}},
		Kernels: []*ir.Kernel{{
			Name: "saxpy", Index: i, Params: []*ir.Var{a, x, y, n},
			Body: []ir.Stmt{
				&ir.Comment{Text: "every element"},
				&ir.Check{Cond: op(op(ref(i), ir.Lt, num(0)), ir.LOr, op(ref(i), ir.Ge, &ir.Len{X: ref(x)})), Site: 0},
				&ir.Declare{Var: j, Init: num(0)},
				loop,
			},
		}},
	}
}

func TestKernelsReadWell(t *testing.T) {
	got, err := Print(saxpy(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	clang(t, got)
	want := `#pragma OPENCL EXTENSION cl_khr_fp64 : enable
#pragma OPENCL FP_CONTRACT OFF

static void fo_fail(__global int *faults, int site) {
    atomic_min(&faults[site], (int)get_global_id(0));
}

__kernel void saxpy(const long fo_base, const long fo_n, __global int *fo_faults, __global volatile int *fo_stop, double a, __global double *x, const long x_len, __global double *half_, const long half__len, long n) {
    if ((long)get_global_id(0) >= fo_n) return;
    long i = fo_base + get_global_id(0);
    // every element
    if (i < 0 || i >= x_len) { fo_fail(fo_faults, 0); return; } // index out of range: x[i]
    for (long j = 0; j < n; j++) {
        half_[i] = a * x[i] + half_[i];
        half_[i] += (double)(long)((ulong)j * n + (j + 1));
    }
}
`
	if got != want {
		t.Errorf("printed\n%s\nnot\n%s", got, want)
	}
	if strings.Count(got, "{") != strings.Count(got, "}") {
		t.Error("unbalanced")
	}
}

// TestDeepExpressions prints deep expressions: it would not end if each part were looked at
// twice by what stands around it.
func TestDeepExpressions(t *testing.T) {
	const depth = 60
	binaries := func(kind ir.Kind) map[string]func(x, v ir.Expr) ir.Expr {
		m := map[string]func(x, v ir.Expr) ir.Expr{}
		for o := ir.Add; o <= ir.Shr; o++ {
			m["x "+o.String()+" v"] = func(x, v ir.Expr) ir.Expr { return op(x, o, v) }
			m["v "+o.String()+" x"] = func(x, v ir.Expr) ir.Expr { return op(v, o, x) }
		}
		m["-x"] = func(x, _ ir.Expr) ir.Expr { return &ir.Unary{Op: ir.Neg, X: x} }
		m["^x"] = func(x, _ ir.Expr) ir.Expr { return &ir.Unary{Op: ir.Not, X: x} }
		m["min(x, v)"] = func(x, v ir.Expr) ir.Expr { return &ir.Math{Fn: "min", T: v.Type(), Args: []ir.Expr{x, v}} }
		m["T(int16(x))"] = func(x, _ ir.Expr) ir.Expr {
			return &ir.Convert{To: ir.Scalar(kind), X: &ir.Convert{To: ir.Scalar(ir.Int16), X: x}}
		}
		m["-(x % v)"] = func(x, v ir.Expr) ir.Expr { return &ir.Unary{Op: ir.Neg, X: op(x, ir.Rem, v)} }
		return m
	}
	for _, kind := range []ir.Kind{ir.Int8, ir.Uint16, ir.Int32, ir.Uint32, ir.Int64, ir.Uint64} {
		list := &ir.Var{Name: "list", Type: ir.SliceOf(ir.Scalar(kind))}
		v, i := &ir.Var{Name: "v", Type: ir.Scalar(kind)}, &ir.Var{Name: "i", Type: i64}
		for text, around := range binaries(kind) {
			x := ref(v)
			for range depth {
				x = around(x, ref(v))
			}
			got, err := Print(&ir.Program{Kernels: []*ir.Kernel{{
				Name: "k", Index: i, Params: []*ir.Var{list, v},
				Body: []ir.Stmt{&ir.Assign{Place: &ir.Elem{X: ref(list), I: ref(i)}, X: x}},
			}}}, Options{})
			if err != nil {
				t.Errorf("%s of %s: %v", text, kind, err)
			} else if most := 1500 + depth*60; len(got) > most {
				t.Errorf("%s of %s is printed as %d bytes, more than %d", text, kind, len(got), most)
			}
		}
	}
}
