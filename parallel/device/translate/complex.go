package translate

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
	"go/types"
	"math"
	"strings"

	"github.com/adabc437/fanout/parallel/device/ir"
	"github.com/adabc437/fanout/parallel/device/translate/complexes"
)

// Complex numbers are structs of two floats, re and im, which stand in memory as Go's do.

// complexType is the type of complex numbers whose parts are of a kind.
func (u *unit) complexType(part ir.Kind) *ir.Type {
	if t := u.complex[part]; t != nil {
		return t
	}
	size := ir.Scalar(part).Size()
	t := &ir.Type{Kind: ir.Struct, Name: u.unique(fmt.Sprintf("complex%d", 16*size)), Fields: []ir.Field{
		{Name: "re", Type: ir.Scalar(part)}, {Name: "im", Type: ir.Scalar(part), Offset: size},
	}}
	if u.complex == nil {
		u.complex = map[ir.Kind]*ir.Type{}
	}
	u.complex[part] = t
	u.prog.Structs = append(u.prog.Structs, t)
	return t
}

func (u *unit) isComplex(t *ir.Type) bool {
	return t.Kind == ir.Struct && (t == u.complex[ir.Float32] || t == u.complex[ir.Float64])
}

// complexConstant is a constant of a complex type, or nil if it is none.
func complexConstant(v constant.Value, to *ir.Type) ir.Expr {
	if v = constant.ToComplex(v); v.Kind() != constant.Complex && v.Kind() != constant.Float && v.Kind() != constant.Int {
		return nil
	}
	part := func(v constant.Value) ir.Expr {
		if to.Fields[0].Type.Kind == ir.Float32 {
			x, _ := constant.Float32Val(v)
			return &ir.Const{T: float32Type, Bits: uint64(math.Float32bits(x))}
		}
		x, _ := constant.Float64Val(v)
		return float(x)
	}
	return &ir.Make{T: to, Elems: []ir.Expr{part(constant.Real(v)), part(constant.Imag(v))}}
}

// parts are the real and the imaginary part of a complex number. What had to be checked for
// it since mark is checked first.
func (f *function) parts(mark int, z ir.Expr) [2]ir.Expr {
	switch z := z.(type) {
	case *ir.Make:
		return [2]ir.Expr{z.Elems[0], z.Elems[1]}
	case *ir.Zero:
		t := z.T.Fields[0].Type
		return [2]ir.Expr{&ir.Const{T: t}, &ir.Const{T: t}}
	}
	if !isPlace(z) {
		z = f.spill(mark, z, "z")
	}
	return [2]ir.Expr{&ir.FieldOf{X: z, I: 0}, &ir.FieldOf{X: z, I: 1}}
}

// part is real(z) or imag(z).
func (f *function) part(e ast.Expr, i int) ir.Expr {
	mark := f.mark()
	z := f.expr(e)
	if !f.unit.isComplex(z.Type()) {
		f.refuse(e.Pos(), types.ExprString(e)+" is no complex number", "")
	}
	return f.parts(mark, z)[i]
}

// makeComplex is complex(re, im).
func (f *function) makeComplex(e *ast.CallExpr) ir.Expr {
	t := f.irType(e.Pos(), f.info.TypeOf(e), "")
	if len(e.Args) != 2 || !f.unit.isComplex(t) {
		f.refuse(e.Pos(), "complex needs its two parts one by one on a device", "put them into variables")
	}
	of := t.Fields[0].Type
	return &ir.Make{T: t, Elems: []ir.Expr{f.valueOf(e.Args[0], of), f.valueOf(e.Args[1], of)}}
}

// convertComplex is a conversion between complex types.
func (f *function) convertComplex(mark int, to *ir.Type, z ir.Expr) ir.Expr {
	if ir.Same(to, z.Type()) {
		return z
	}
	p := f.parts(mark, z)
	of := to.Fields[0].Type
	return &ir.Make{T: to, Elems: []ir.Expr{convert(of, p[0]), convert(of, p[1])}}
}

// complexOp is x op y, with the checks since mark in front of what it emits. Like Go, it
// multiplies and divides complex64 numbers in float64.
func (f *function) complexOp(mark int, pos token.Pos, op ir.BinaryOp, x, y ir.Expr) ir.Expr {
	t := x.Type()
	if op.Compares() {
		return &ir.Binary{Op: op, X: x, Y: y}
	}
	b := func(op ir.BinaryOp, x, y ir.Expr) ir.Expr { return &ir.Binary{Op: op, X: x, Y: y} }
	switch op {
	case ir.Add, ir.SubOp:
		p, q := f.parts(mark, x), f.parts(mark, y)
		return &ir.Make{T: t, Elems: []ir.Expr{b(op, p[0], q[0]), b(op, p[1], q[1])}}
	case ir.Mul:
		p, q := f.parts(mark, x), f.parts(mark, y)
		for _, list := range []*[2]ir.Expr{&p, &q} {
			for i := range list {
				if weight(list[i]) > 3 {
					list[i] = f.spill(mark, list[i], "part")
				}
				list[i] = convert(float64Type, list[i])
			}
		}
		of := t.Fields[0].Type
		return &ir.Make{T: t, Elems: []ir.Expr{
			convert(of, b(ir.SubOp, b(ir.Mul, p[0], q[0]), b(ir.Mul, p[1], q[1]))),
			convert(of, b(ir.Add, b(ir.Mul, p[0], q[1]), b(ir.Mul, p[1], q[0]))),
		}}
	case ir.Div:
		wide := f.unit.complexType(ir.Float64)
		x, y = f.convertComplex(mark, wide, x), f.convertComplex(mark, wide, y)
		lib := f.complexLibrary(pos)
		callee := f.declared(lib.funcs["Div"], nil, &ast.Ident{Name: "complexDiv", NamePos: pos})
		f.flush(mark)
		return f.convertComplex(mark, t, f.emitCall(pos, callee.ir, []ir.Expr{x, y}, nil)[0])
	}
	f.refuse(pos, "complex numbers have no operator "+op.String(), "")
	return nil
}

// A complexLibrary has the sources of functions of complex numbers.
type complexLibrary struct {
	funcs   map[string]*types.Func
	sources map[*types.Func]*Source
}

// mathText declares what the library uses of package math.
const mathText = `package math
func Abs(x float64) float64
func Copysign(x, y float64) float64
func IsNaN(x float64) bool
func NaN() float64
func Signbit(x float64) bool
func Max(x, y float64) float64
func IsInf(x float64, sign int) bool
func Inf(sign int) float64
func Hypot(x, y float64) float64
func Atan2(y, x float64) float64
func Sincos(x float64) (sin, cos float64)
func Exp(x float64) float64
func Log(x float64) float64
func Sqrt(x float64) float64
func Pow(x, y float64) float64
func Cosh(x float64) float64
func Sinh(x float64) float64
`

// onlyMath imports the package math that mathText declares.
type onlyMath struct{ math *types.Package }

func (o onlyMath) Import(path string) (*types.Package, error) {
	if path == "math" {
		return o.math, nil
	}
	p := types.NewPackage(path, path)
	p.MarkComplete()
	return p, nil
}

func loadComplex() (*complexLibrary, error) {
	fset := token.NewFileSet()
	conf := types.Config{Sizes: types.SizesFor("gc", "amd64")}
	m, err := parser.ParseFile(fset, "math.go", mathText, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	mathPkg, err := conf.Check("math", fset, []*ast.File{m}, nil)
	if err != nil {
		return nil, err
	}
	file, err := parser.ParseFile(fset, "complexes.go", complexes.Text, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	info := &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{},
		Selections: map[*ast.SelectorExpr]*types.Selection{}, Instances: map[*ast.Ident]types.Instance{},
	}
	conf.Importer = onlyMath{mathPkg}
	if _, err := conf.Check("complexes", fset, []*ast.File{file}, info); err != nil {
		return nil, err
	}
	l := &complexLibrary{map[string]*types.Func{}, map[*types.Func]*Source{}}
	for _, d := range file.Decls {
		if d, ok := d.(*ast.FuncDecl); ok {
			fn := info.Defs[d.Name].(*types.Func)
			l.funcs[fn.Name()] = fn
			l.sources[fn] = &Source{Fset: fset, Info: info, Decl: d}
		}
	}
	return l, nil
}

func (f *function) complexLibrary(pos token.Pos) *complexLibrary {
	if f.unit.library == nil {
		var err error
		if f.unit.library, err = loadComplex(); err != nil {
			f.refuse(pos, "the library of complex numbers: "+err.Error(), "")
		}
	}
	return f.unit.library
}

// complexSource is the source of a function of math/cmplx, or of one that such a function
// calls; nil of others.
func (f *function) complexSource(pos token.Pos, fn *types.Func) (*Source, error) {
	if fn.Pkg() == nil || fn.Pkg().Path() != "math/cmplx" && (f.unit.library == nil || f.unit.library.sources[fn] == nil) {
		return nil, nil
	}
	lib := f.complexLibrary(pos)
	if src := lib.sources[fn]; src != nil {
		return src, nil
	}
	if own := lib.funcs[fn.Name()]; own != nil && fn.Exported() && fn.Name() != "Div" {
		return lib.sources[own], nil
	}
	return nil, &Missing{Why: "a device has of math/cmplx " + strings.Join(cmplxNames, ", ") + " alone", Hint: "write it as a function of the session"}
}

// cmplxNames are the functions of math/cmplx that the library has.
var cmplxNames = strings.Fields("Abs Conj Cos Cosh Exp IsInf IsNaN Log Phase Polar Pow Rect Sin Sinh Sqrt")
