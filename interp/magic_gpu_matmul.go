package interp

import (
	"context"
	"fmt"
	"go/types"
	"reflect"

	"gonum.org/v1/gonum/mat"

	"github.com/adabc437/fanout/interp/check"
	"github.com/adabc437/fanout/parallel/device"
)

// gpumatmulMagic is the product of two matrices.
func gpumatmulMagic() *Magic {
	m := &Magic{
		Name: "gpumatmul", Args: "[flags] a b", Short: "The product of two matrices on a device: [][]float64, [][]float32, arrays of arrays, *mat.Dense.",
		Flags:   []Flag{flagDevice, flagOut, flagQuiet, flagLimit, flagLabel},
		Example: "c := %gpumatmul a b     // c[i][j] = Σ a[i][k] * b[k][j]; two *mat.Dense give one, two arrays an array, others a [][]float64",
	}
	m.Expand = func(x *expansion) error {
		s, args, opt, err := x.deviceSite(m, 0, 2, "%gpumatmul takes two matrices")
		if err != nil {
			return err
		}
		s.typ = matmulType
		s.call = func(r *run, args []any) (any, error) { return r.gpuMatMul(args[0], args[1], opt) }
		x.mapExpression(s, args, opt.mapOpt)
		return nil
	}
	return m
}

// A matrixType is what %gpumatmul takes.
type matrixType struct {
	elem  types.Type
	array [2]int64 // of a [N][M]T
	form  matrixForm
}

type matrixForm int

const (
	noMatrix matrixForm = iota
	matrixRows
	matrixArray
	matrixDense
)

// matrixOf says what a matrix is.
func matrixOf(t types.Type) matrixType {
	if isDense(t) {
		return matrixType{elem: types.Typ[types.Float64], form: matrixDense}
	}
	m := matrixType{form: matrixArray}
	for n := range 2 {
		switch u := t.Underlying().(type) {
		case *types.Slice:
			m.form, t = matrixRows, u.Elem()
		case *types.Array:
			m.array[n], t = u.Len(), u.Elem()
		default:
			return matrixType{}
		}
	}
	if m.elem = t; !isBasic(t, types.IsFloat) {
		return matrixType{}
	}
	return m
}

// isDense says whether t is *mat.Dense of gonum.
func isDense(t types.Type) bool {
	p, ok := types.Unalias(t).(*types.Pointer)
	if !ok {
		return false
	}
	n, ok := types.Unalias(p.Elem()).(*types.Named)
	return ok && n.Obj().Name() == "Dense" && n.Obj().Pkg() != nil && n.Obj().Pkg().Path() == "gonum.org/v1/gonum/mat"
}

// matmulType is the type of %gpumatmul: of arrays an array, of two *mat.Dense one, and
// otherwise a slice of slices.
func matmulType(args []types.TypeAndValue) (*types.Signature, error) {
	var params []*types.Var
	var of [2]matrixType
	for n, a := range args {
		if of[n] = matrixOf(a.Type); of[n].form == noMatrix {
			return nil, &check.ArgError{Arg: n, Err: fmt.Errorf("%%gpumatmul takes matrices of float64 or float32, [][]float64, arrays of arrays or *mat.Dense, and not %s: write it as [][]float64, a slice with a slice for each row", article(typeString(types.Default(a.Type))))}
		}
		params = append(params, types.NewVar(0, nil, "", a.Type))
	}
	a, b := of[0], of[1]
	if !types.Identical(a.elem, b.elem) {
		return nil, &check.ArgError{Arg: 1, Err: fmt.Errorf("the matrices are a %s and a %s: they must be of one type of numbers", typeString(args[0].Type), typeString(args[1].Type))}
	}
	result := types.Type(types.NewSlice(types.NewSlice(a.elem)))
	switch {
	case a.form == matrixArray && b.form == matrixArray:
		if a.array[1] != b.array[0] {
			return nil, &check.ArgError{Arg: 1, Err: fmt.Errorf("the matrices are %d × %d and %d × %d: the first must have as many columns as the second has rows", a.array[0], a.array[1], b.array[0], b.array[1])}
		}
		result = types.NewArray(types.NewArray(a.elem, b.array[1]), a.array[0])
	case a.form == matrixDense && b.form == matrixDense:
		result = args[0].Type
	}
	return types.NewSignatureType(nil, nil, nil, types.NewTuple(params...), types.NewTuple(types.NewVar(0, nil, "", result)), false), nil
}

func (r *run) gpuMatMul(a, b any, opt deviceOpt) (any, error) {
	d, err := r.deviceFor([]any{nil, a, b}, opt)
	if err != nil {
		return nil, err
	}
	for n, x := range []any{a, b} {
		if m, ok := x.(*mat.Dense); ok && m == nil {
			return nil, fmt.Errorf("matrix %d is a nil *mat.Dense", n+1)
		}
	}
	x, y := matrixArgument(a), matrixArgument(b)
	if err := productFits(d, x, y); err != nil {
		return nil, err
	}
	var out any
	var p *device.Profile
	var line *deviceWatch
	err = r.onDevice(opt, func(ctx context.Context, watch *deviceWatch) (err error) {
		line = watch
		out, p, err = d.MatMul(ctx, x, y)
		return err
	})
	if err == nil {
		out = productOf(a, b, out)
	}
	return r.deviceResult(d, out, p, err, opt, line)
}

// matrixArgument is a matrix as devices take it: arrays as slices of their rows.
func matrixArgument(x any) any {
	v := reflect.ValueOf(x)
	if _, dense := x.(*mat.Dense); dense || v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Slice {
		return x
	}
	if v.Kind() == reflect.Array {
		whole := reflect.New(v.Type()).Elem()
		whole.Set(v)
		v = whole
	}
	rows := reflect.MakeSlice(reflect.SliceOf(reflect.SliceOf(v.Type().Elem().Elem())), v.Len(), v.Len())
	for n := range v.Len() {
		if row := v.Index(n); row.Kind() == reflect.Array {
			row = row.Slice(0, row.Len())
			rows.Index(n).Set(row)
		} else {
			rows.Index(n).Set(row.Convert(rows.Type().Elem()))
		}
	}
	return rows.Interface()
}

// productOf gives a product the form that matmulType promises.
func productOf(a, b, product any) any {
	_, first := a.(*mat.Dense)
	_, second := b.(*mat.Dense)
	if m, ok := product.(device.Matrix); ok {
		data := m.Data.([]float64) // one of them is a *mat.Dense, and so both are of float64
		if first && second {
			if len(data) == 0 {
				return &mat.Dense{}
			}
			return mat.NewDense(m.Rows, m.Cols, data)
		}
		rows := make([][]float64, m.Rows)
		for n := range rows {
			rows[n] = data[n*m.Cols : (n+1)*m.Cols : (n+1)*m.Cols]
		}
		return rows
	}
	s, t := reflect.TypeOf(a), reflect.TypeOf(b)
	if !isArrays(s) || !isArrays(t) {
		return product
	}
	rows := reflect.ValueOf(product)
	out := reflect.New(reflect.ArrayOf(s.Len(), reflect.ArrayOf(t.Elem().Len(), s.Elem().Elem()))).Elem()
	for n := range rows.Len() {
		reflect.Copy(out.Index(n), rows.Index(n))
	}
	return out.Interface()
}

// isArrays says whether t is an array of arrays.
func isArrays(t reflect.Type) bool {
	return t.Kind() == reflect.Array && t.Elem().Kind() == reflect.Array
}
