package ir

import "testing"

func TestText(t *testing.T) {
	i64 := Scalar(Int64)
	x, i, r, list := &Var{Name: "x", Type: i64}, &Var{Name: "i", Type: i64}, &Var{Name: "r", Type: i64}, &Var{Name: "list", Type: SliceOf(i64)}
	one := &Const{T: i64, Bits: 1}
	f := &Func{Name: "f", Go: "main.f", Params: []*Var{x}, Results: []*Type{i64}, Body: []Stmt{
		&Check{Cond: &Binary{Op: Lt, X: &Ref{Var: x}, Y: one}, Site: 0, X: &Ref{Var: x}},
		&Return{Values: []Expr{&Binary{Op: Mul, X: &Binary{Op: Add, X: &Ref{Var: x}, Y: one}, Y: &Unary{Op: Neg, X: &Ref{Var: x}}}}},
	}}
	loop := &Loop{Cond: &Binary{Op: Lt, X: &Ref{Var: x}, Y: &Len{X: &Ref{Var: list}}}, Bounded: true,
		Post: []Stmt{&Assign{Place: &Ref{Var: x}, X: &Binary{Op: Add, X: &Ref{Var: x}, Y: one}}}}
	loop.Body = []Stmt{&If{Cond: &Const{T: Scalar(Bool), Bits: 1}, Then: []Stmt{&Break{Of: loop}}, Else: []Stmt{&Comment{Text: "go\non"}}},
		&Assign{Place: &Elem{X: &Ref{Var: list}, I: &Ref{Var: i}}, X: &Convert{To: i64, X: &Const{T: Scalar(Uint8), Bits: 7}}}}
	p := &Program{
		Structs: []*Type{{Kind: Struct, Name: "T", Fields: []Field{{Name: "A", Type: i64}}}},
		Funcs:   []*Func{f},
		Kernels: []*Kernel{{Name: "k", Index: i, Params: []*Var{list}, Body: []Stmt{
			&Call{Func: f, Args: []Expr{one}, Results: []*Var{r}}, &Declare{Var: x}, loop,
		}}},
		Sites: []Site{{Fault: OutOfRange, File: "In[1]", Line: 2, Col: 3, Text: "a[x]"}},
	}
	if err := p.Finish(); err != nil {
		t.Fatal(err)
	}
	want := `type T struct {
	A int64
}
// main.f
func f(x int64) int64 {
	check x < 1 { fail 0, x }
	return (x + 1) * -x
}
kernel k(list []int64 written) for i {
	r := f(1)
	var x int64
	L1: for x < len(list) bounded {
		if true {
			break L1
		} else {
			// go on
		}
		list[i] = int64(uint8(7))
	} post {
		x = x + 1
	}
}
site 0: In[1]:2:3: index out of range a[x]
`
	if got := Text(p); got != want {
		t.Errorf("the text is\n%s\nnot\n%s", got, want)
	}
	if !f.Fails || !p.Kernels[0].Fails || p.Kernels[0].Stops {
		t.Errorf("fails %v and %v, stops %v", f.Fails, p.Kernels[0].Fails, p.Kernels[0].Stops)
	}
}

func TestStructsThatEndWithNothingAreLonger(t *testing.T) {
	none := &Type{Kind: Array, Len: 0, Elem: Scalar(Int64)}
	s := &Type{Kind: Struct, Name: "S", Fields: []Field{{Name: "A", Type: Scalar(Int64)}, {Name: "B", Type: none, Offset: 8}}}
	if s.Size() != 16 {
		t.Errorf("the size is %d, and that of struct{ A int64; B [0]int64 } is 16", s.Size())
	}
}
