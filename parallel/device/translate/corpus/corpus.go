// Package corpus has functions of the kind that users write for devices, as source and
// compiled, so that back-ends can be held against Go itself. Start at [Cases].
package corpus

import (
	_ "embed"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"math"
	"math/rand/v2"
	"reflect"
	"strings"

	"github.com/adabc437/fanout/parallel/device/backend"
	"github.com/adabc437/fanout/parallel/device/ir"
	"github.com/adabc437/fanout/parallel/device/translate"
)

// Source is the source of the functions.
//
//go:embed functions.go
var Source string

// A Case is a function of the corpus.
type Case struct {
	Name string
	Func any // compiled by Go
	// ULPs is by how many units in the last place floats of the results may differ from Go's;
	// 0 of functions whose results are the same bit by bit, but for what is no number.
	ULPs float64
	// Absolute is by how much floats may differ, too, where Go's own result is a small
	// difference of greater numbers: the logarithm of a modulus near 1.
	Absolute float64
	// Leave says of arguments that Go's own result is far off: they are not tried.
	Leave func(args []any) bool
}

// Cases are the functions of the corpus.
func Cases() []Case {
	return []Case{
		{Name: "addInt", Func: addInt},
		{Name: "arithInt8", Func: arithInt8},
		{Name: "arithInt16", Func: arithInt16},
		{Name: "arithInt32", Func: arithInt32},
		{Name: "arithInt64", Func: arithInt64},
		{Name: "arithUint8", Func: arithUint8},
		{Name: "arithUint16", Func: arithUint16},
		{Name: "arithUint32", Func: arithUint32},
		{Name: "arithUint64", Func: arithUint64},
		{Name: "divInt", Func: divInt},
		{Name: "remInt32", Func: remInt32},
		{Name: "divInt8", Func: divInt8},
		{Name: "divUint64", Func: divUint64},
		{Name: "divByConst", Func: divByConst},
		{Name: "divFloat", Func: divFloat},
		{Name: "divFloat32", Func: divFloat32},
		{Name: "shifts", Func: shifts},
		{Name: "shiftSigned", Func: shiftSigned},
		{Name: "shiftInt8", Func: shiftInt8},
		{Name: "shiftConst", Func: shiftConst},
		{Name: "compareInts", Func: compareInts},
		{Name: "compareFloats", Func: compareFloats},
		{Name: "logic", Func: logic},
		{Name: "shortCircuit", Func: shortCircuit},
		{Name: "shortCircuitOr", Func: shortCircuitOr},
		{Name: "convertInts", Func: convertInts},
		{Name: "convertSmall", Func: convertSmall},
		{Name: "intToFloat", Func: intToFloat},
		{Name: "floatToInt", Func: floatToInt},
		{Name: "float32Of", Func: float32Of},
		{Name: "index", Func: index},
		{Name: "indexUint64", Func: indexUint64},
		{Name: "indexInt8", Func: indexInt8},
		{Name: "indexMasked", Func: indexMasked},
		{Name: "indexNested", Func: indexNested},
		{Name: "indexConst", Func: indexConst},
		{Name: "sum", Func: sum},
		{Name: "sumIndex", Func: sumIndex},
		{Name: "sumBackwards", Func: sumBackwards},
		{Name: "neighbours", Func: neighbours},
		{Name: "everySecond", Func: everySecond},
		{Name: "collatz", Func: collatz},
		{Name: "mandelbrot", Func: mandelbrot},
		{Name: "labels", Func: labels},
		{Name: "classify", Func: classify},
		{Name: "tagless", Func: tagless},
		{Name: "switchOnCall", Func: switchOnCall},
		{Name: "fibonacci", Func: fibonacci},
		{Name: "swapElements", Func: swapElements},
		{Name: "gcd", Func: gcd},
		{Name: "shadow", Func: shadow},
		{Name: "named", Func: named},
		{Name: "severalResults", Func: severalResults},
		{Name: "passOn", Func: passOn},
		{Name: "methods", Func: methods},
		{Name: "promoted", Func: promoted},
		{Name: "structs", Func: structs},
		{Name: "equalStructs", Func: equalStructs},
		{Name: "equalArrays", Func: equalArrays},
		{Name: "vectors", Func: vectors},
		{Name: "usesStack", Func: usesStack},
		{Name: "celsiusOf", Func: celsiusOf},
		{Name: "genericInts", Func: genericInts},
		{Name: "clamped", Func: clamped},
		{Name: "pairs", Func: pairs},
		{Name: "literals", Func: literals},
		{Name: "literalSlices", Func: literalSlices},
		{Name: "captured", Func: captured},
		{Name: "capturedGrid", Func: capturedGrid},
		{Name: "gridSum", Func: gridSum},
		{Name: "slicing", Func: slicing},
		{Name: "slicing3", Func: slicing3},
		{Name: "sliceLoop", Func: sliceLoop},
		{Name: "toArray", Func: toArray},
		{Name: "nilSlice", Func: nilSlice},
		{Name: "arrayLiterals", Func: arrayLiterals},
		{Name: "rangeCopy", Func: rangeCopy},
		{Name: "rangePointer", Func: rangePointer},
		{Name: "rangeAssigned", Func: rangeAssigned},
		{Name: "panics", Func: panics},
		{Name: "order", Func: order},
		{Name: "mathFloat", Func: mathFloat},
		{Name: "mathRound", Func: mathRound},
		{Name: "mathTrig", Func: mathTrig, ULPs: 50},
		{Name: "mathParts", Func: mathParts},
		{Name: "mathBits", Func: mathBits},
		// Go multiplies again and again, and is off itself by more the greater y is.
		{Name: "mathPow", Func: mathPow, ULPs: 300, Leave: subnormal},
		{Name: "mathExp", Func: mathExp, ULPs: 50},
		{Name: "minMax", Func: minMax},
		{Name: "bitCounts", Func: bitCounts},
		{Name: "bitMoves", Func: bitMoves},
		{Name: "wide", Func: wide},
		{Name: "wide32", Func: wide32},
		{Name: "xorshift", Func: xorshift},
		{Name: "sieve", Func: sieve},
		{Name: "bubble", Func: bubble},
		{Name: "search", Func: search},
		{Name: "matrix", Func: matrix},
		{Name: "constants", Func: constants},
		{Name: "négation", Func: négation},
		{Name: "reserved", Func: reserved},
		{Name: "anonymous", Func: anonymous},
		{Name: "helperWrites", Func: helperWrites},
		{Name: "constraintMethods", Func: constraintMethods},
		{Name: "genericMethods", Func: genericMethods},
		{Name: "localTypes", Func: localTypes},
		{Name: "fillSlice", Func: fillSlice},
		{Name: "copyDown", Func: copyDown},
		{Name: "copyUp", Func: copyUp},
		{Name: "copyAcross", Func: copyAcross},
		{Name: "rowsWritten", Func: rowsWritten},
		{Name: "assignSlices", Func: assignSlices},
		{Name: "orderOfIndexes", Func: orderOfIndexes},
		{Name: "pointers", Func: pointers},
		{Name: "sharedInCondition", Func: sharedInCondition},
		{Name: "sliceVariable", Func: sliceVariable},
		{Name: "loopVariables", Func: loopVariables},
		{Name: "wraps", Func: wraps},
		{Name: "nestedSwitch", Func: nestedSwitch},
		{Name: "gainShadow", Func: gainShadow},
		{Name: "iotas", Func: iotas},
		{Name: "float32Sum", Func: float32Sum},
		{Name: "intervals", Func: intervals},
		{Name: "integrals", Func: integrals},
		{Name: "folds", Func: folds},
		{Name: "news", Func: news},
		{Name: "variadic", Func: variadic},
		{Name: "lookUp", Func: lookUp},
		{Name: "buffer", Func: buffer},
		{Name: "freshBuffers", Func: freshBuffers},
		{Name: "complexArith", Func: complexArith},
		{Name: "complex64Arith", Func: complex64Arith},
		{Name: "mandelbrotComplex", Func: mandelbrotComplex},
		{Name: "complexSlices", Func: complexSlices},
		{Name: "complexCheck", Func: complexCheck},
		{Name: "complexParts", Func: complexParts, ULPs: 8},
		{Name: "complexRoots", Func: complexRoots, ULPs: 100, Leave: ofSubnormals},
		{Name: "complexLog", Func: complexLog, ULPs: 100, Absolute: 0x1p-50, Leave: ofSubnormals},
		{Name: "complexWaves", Func: complexWaves, ULPs: 100, Leave: ofSubnormals},
		{Name: "rounded32", Func: rounded32},
		{Name: "extremes32", Func: extremes32},
		{Name: "arith32", Func: arith32},
		{Name: "tests32", Func: tests32},
		{Name: "math32", Func: math32, ULPs: 2},
		{Name: "pow32", Func: pow32, ULPs: 2},
		{Name: "conversions", Func: conversions},
		{Name: "callBehindCheck", Func: callBehindCheck},
		{Name: "literalBehindCheck", Func: literalBehindCheck},
		{Name: "swapCaptured", Func: swapCaptured},
		{Name: "swapOnce", Func: swapOnce},
		{Name: "rotated", Func: rotated},
		{Name: "redirected", Func: redirected},
		{Name: "storedByPointer", Func: storedByPointer},
		{Name: "readByPointer", Func: readByPointer},
		{Name: "methodsOfSlices", Func: methodsOfSlices},
		{Name: "rowVariable", Func: rowVariable},
		{Name: "markLargest", Func: markLargest},
		{Name: "halves", Func: halves},
		{Name: "readsOnly", Func: readsOnly},
		{Name: "elementsInLoop", Func: elementsInLoop},
		{Name: "elementsInHead", Func: elementsInHead},
		{Name: "elementsStraight", Func: elementsStraight},
		{Name: "elementsBranch", Func: elementsBranch},
		{Name: "elementsDivide", Func: elementsDivide},
		{Name: "elementsShift", Func: elementsShift},
		{Name: "elementsConverted", Func: elementsConverted},
		{Name: "elementsRange", Func: elementsRange},
		{Name: "elementsNested", Func: elementsNested},
		{Name: "elementsSpread", Func: elementsSpread},
		{Name: "elementsOfStructs", Func: elementsOfStructs},
		{Name: "elementsOfArrays", Func: elementsOfArrays},
		{Name: "elementsAliased", Func: elementsAliased},
		{Name: "elementsByCall", Func: elementsByCall},
		{Name: "fieldsInSlice", Func: fieldsInSlice},
		{Name: "fieldsInHead", Func: fieldsInHead},
		{Name: "lengthsInLoop", Func: lengthsInLoop},
	}
}

// Captured are the variables that functions of the corpus capture, by their names.
func Captured() map[string]any {
	return map[string]any{"gain": gain, "offsets": offsets, "grid": grid, "origin": origin, "primes": primes}
}

// A Corpus translates the functions from the source.
type Corpus struct {
	fset *token.FileSet
	info *types.Info
	file *ast.File
	pkg  *types.Package
}

// Load parses and checks the source.
func Load() (*Corpus, error) {
	c := &Corpus{fset: token.NewFileSet(), info: &types.Info{
		Types:      map[ast.Expr]types.TypeAndValue{},
		Defs:       map[*ast.Ident]types.Object{},
		Uses:       map[*ast.Ident]types.Object{},
		Selections: map[*ast.SelectorExpr]*types.Selection{},
		Instances:  map[*ast.Ident]types.Instance{},
	}}
	var err error
	if c.file, err = parser.ParseFile(c.fset, "functions.go", Source, parser.ParseComments); err != nil {
		return nil, fmt.Errorf("corpus: %w", err)
	}
	conf := types.Config{Importer: importer.Default(), Sizes: types.SizesFor("gc", "amd64")}
	if c.pkg, err = conf.Check("corpus", c.fset, []*ast.File{c.file}, c.info); err != nil {
		return nil, fmt.Errorf("corpus: %w", err)
	}
	return c, nil
}

// Translate translates a function of the corpus.
func (c *Corpus) Translate(name string) (*translate.Unit, error) {
	for id, obj := range c.info.Defs {
		if f, ok := obj.(*types.Func); ok && id.Name == name && f.Signature().Recv() == nil {
			use := &ast.Ident{NamePos: id.Pos(), Name: name}
			info := &types.Info{Uses: map[*ast.Ident]types.Object{use: f}, Defs: map[*ast.Ident]types.Object{}}
			return translate.Function(&translate.Config{Declaration: c.declaration}, use, c.fset, info)
		}
	}
	return nil, fmt.Errorf("corpus: there is no function %s", name)
}

func (c *Corpus) declaration(f *types.Func) (*translate.Source, error) {
	for _, d := range c.file.Decls {
		if d, ok := d.(*ast.FuncDecl); ok && c.info.Defs[d.Name] == f {
			return &translate.Source{Fset: c.fset, Info: c.info, Decl: d, Comments: c.file.Comments}, nil
		}
	}
	return nil, fmt.Errorf("it is a function of a library")
}

// Arguments makes arguments for a call of the function: edge values among others.
func (c Case) Arguments(r *rand.Rand) []any {
	t := reflect.TypeOf(c.Func)
	args := make([]any, t.NumIn())
	for {
		for i := range args {
			args[i] = value(r, t.In(i)).Interface()
		}
		if c.Leave == nil || !c.Leave(args) {
			return args
		}
	}
}

// subnormal says whether the first argument is a subnormal number, of which Go's logarithms
// on amd64 are wrong, and with them its powers.
func subnormal(args []any) bool {
	x := math.Abs(args[0].(float64))
	return x > 0 && x < 0x1p-1022
}

// ofSubnormals says whether a part of the first argument is a subnormal number, of which Go's
// square roots lose bits.
func ofSubnormals(args []any) bool {
	z := args[0].(complex128)
	return subnormal([]any{real(z)}) || subnormal([]any{imag(z)})
}

// Call calls the function in Go. fault is the message of a panic, without what Go sets in
// front of it.
func (c Case) Call(args []any) (results []any, fault string) {
	defer func() {
		if e := recover(); e != nil {
			fault = "panic: " + fmt.Sprint(e)
			if err, ok := e.(error); ok {
				fault = strings.TrimPrefix(err.Error(), "runtime error: ")
			}
		}
	}()
	in := make([]reflect.Value, len(args))
	for i, a := range args {
		in[i] = reflect.ValueOf(a)
		if in[i].Kind() == reflect.Slice {
			in[i] = in[i].Slice3(0, in[i].Len(), in[i].Len())
		}
	}
	for _, v := range reflect.ValueOf(c.Func).Call(in) {
		results = append(results, v.Interface())
	}
	return results, ""
}

var ints = []int64{0, 1, -1, 2, 3, 5, 7, 8, -3, 31, 32, 63, 64, 65, 100, math.MaxInt8, math.MinInt8, math.MaxInt16, math.MinInt16, math.MaxInt32, math.MinInt32, math.MaxInt64, math.MinInt64}

var floats = []float64{0, math.Copysign(0, -1), 1, -1, 0.5, 2, 2.5, -2.5, 1e10, 1e-10, 1e300, -1e300, math.Inf(1), math.Inf(-1), math.NaN(), math.SmallestNonzeroFloat64, math.MaxFloat64, 0x1p-1030, 1 << 53, math.Pi}

// value makes a value of a type.
func value(r *rand.Rand, t reflect.Type) reflect.Value {
	v := reflect.New(t).Elem()
	fill(r, v)
	return v
}

func fill(r *rand.Rand, v reflect.Value) {
	switch v.Kind() {
	case reflect.Bool:
		setUnexported(v).SetBool(r.IntN(2) == 0)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		setUnexported(v).Set(reflect.ValueOf(integer(r)).Convert(v.Type()))
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		setUnexported(v).Set(reflect.ValueOf(uint64(integer(r))).Convert(v.Type()))
	case reflect.Complex64, reflect.Complex128:
		setUnexported(v).SetComplex(complex(value(r, reflect.TypeFor[float64]()).Float(), value(r, reflect.TypeFor[float64]()).Float()))
	case reflect.Float32, reflect.Float64:
		x := floats[r.IntN(len(floats))]
		switch r.IntN(3) {
		case 0:
			x = r.NormFloat64()
		case 1:
			x = math.Trunc(r.NormFloat64() * 100)
		}
		setUnexported(v).Set(reflect.ValueOf(x).Convert(v.Type()))
	case reflect.Array:
		for i := range v.Len() {
			fill(r, v.Index(i))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).Name != "_" {
				fill(r, v.Field(i))
			}
		}
	case reflect.Slice:
		n := r.IntN(12)
		v.Set(reflect.MakeSlice(v.Type(), n, n))
		for i := range n {
			fill(r, v.Index(i))
		}
	}
}

func integer(r *rand.Rand) int64 {
	switch r.IntN(4) {
	case 0:
		return ints[r.IntN(len(ints))]
	case 1:
		return int64(r.Uint64())
	}
	return int64(r.IntN(12)) - 2
}

// setUnexported is v, so that it can be set although it is a field with a small letter.
func setUnexported(v reflect.Value) reflect.Value {
	return reflect.NewAt(v.Type(), v.Addr().UnsafePointer()).Elem()
}

// Same says whether two values are one, bit by bit. NaNs are all the same.
func Same(a, b any) bool { return Case{}.Same(a, b) }

// Same says whether two results are one, as far as they have to be.
func (c Case) Same(got, want any) bool {
	return same(reflect.ValueOf(got), reflect.ValueOf(want), c.ULPs, c.Absolute)
}

func same(a, b reflect.Value, ulps, absolute float64) bool {
	switch a.Kind() {
	case reflect.Float32, reflect.Float64:
		x, y := a.Float(), b.Float()
		switch {
		case math.IsNaN(x) || math.IsNaN(y):
			return math.IsNaN(x) && math.IsNaN(y)
		case x == y:
			return math.Signbit(x) == math.Signbit(y) || ulps > 0
		case ulps == 0 || math.IsInf(x, 0) || math.IsInf(y, 0):
			return false
		}
		ulp := math.Nextafter(math.Abs(y), math.Inf(1)) - math.Abs(y)
		if a.Kind() == reflect.Float32 {
			ulp = float64(math.Nextafter32(float32(math.Abs(y)), float32(math.Inf(1)))) - math.Abs(y)
		}
		return math.Abs(x-y) <= max(ulps*ulp, absolute)
	case reflect.Complex64, reflect.Complex128:
		part := reflect.TypeFor[float64]()
		if a.Kind() == reflect.Complex64 {
			part = reflect.TypeFor[float32]()
		}
		of := func(x float64) reflect.Value { return reflect.ValueOf(x).Convert(part) }
		return same(of(real(a.Complex())), of(real(b.Complex())), ulps, absolute) && same(of(imag(a.Complex())), of(imag(b.Complex())), ulps, absolute)
	case reflect.Array, reflect.Slice:
		if a.Len() != b.Len() {
			return false
		}
		for i := range a.Len() {
			if !same(a.Index(i), b.Index(i), ulps, absolute) {
				return false
			}
		}
		return true
	case reflect.Struct:
		for i := range a.NumField() {
			if a.Type().Field(i).Name != "_" && !same(a.Field(i), b.Field(i), ulps, absolute) {
				return false
			}
		}
		return true
	}
	return a.Equal(b)
}

// SameFault compares a fault with Go's message, without figures that are not known.
func SameFault(f *backend.FaultError, message string) bool {
	site := f.Site
	if f.Known && site.Fault != ir.OutOfRange {
		return site.Message(true, f.X, f.Y) == message
	}
	switch site.Fault {
	case ir.OutOfRange:
		// Of a negative index, Go does not say the length.
		return strings.HasPrefix(message, "index out of range")
	case ir.SliceHigh, ir.SliceLow, ir.SliceMax, ir.SliceHighMax, ir.SliceLowMax:
		return strings.HasPrefix(message, "slice bounds out of range")
	case ir.NotEqualLen:
		return strings.HasPrefix(message, "cannot convert slice with length")
	}
	return site.Message(false, 0, 0) == message
}
