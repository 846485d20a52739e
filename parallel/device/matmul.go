package device

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/adabc437/fanout/parallel/device/backend"
	"github.com/adabc437/fanout/parallel/device/ir"
)

// A Matrix is Rows × Cols numbers, row by row: a []float32, a []float64, or an *[Array] of
// these.
type Matrix struct {
	Rows, Cols int
	Data       any
}

// ErrShape says that matrices do not fit together.
var ErrShape = errors.New("device: the shapes of the matrices do not fit")

// MatMul is the product of two matrices of float32 or of float64, m × k and k × n. Each is
// a [][]T, a [Matrix], or whatever has the methods Dims() (rows, cols int) and At(i, j int)
// float64, as the matrices of gonum have. The result is a [][]T if both are, otherwise a
// Matrix; its Data is an *Array if that of both is.
//
// On GPUs it is computed by the library CLBlast, where that is installed, and by kernels of
// our own elsewhere: Profile.Method says by which. The sums are not in the order of a
// loop, so that the last digits differ.
func (d *Device) MatMul(ctx context.Context, a, b any) (c any, p *Profile, err error) {
	return d.matMul(ctx, a, b, d.matMulMethod())
}

// The methods of products.
const (
	byCLBlast = "CLBlast"
	byTiles   = "tiles"  // OpenCL C with local memory
	byPanels  = "panels" // OpenCL C with vectors
	byRows    = "rows"   // a kernel of package ir
)

// A gemmer is a queue that has CLBlast.
type gemmer interface {
	// HasGemm says whether the library is there, and why not.
	HasGemm() error
	// Gemm is c = a·b: m × k by k × n numbers, row by row.
	Gemm(double bool, m, n, k int64, a, b, c backend.Arg) (backend.Event, error)
}

func (d *Device) matMulMethod() string {
	switch info := d.Info(); {
	case info.Backend == "cpu":
		return byRows
	case info.Kind == backend.CPU:
		return byPanels
	}
	if q, err := d.Queue(); err == nil {
		defer q.Free()
		if g, ok := q.(gemmer); ok && g.HasGemm() == nil {
			return byCLBlast
		}
	}
	return byTiles
}

// A product is a MatMul at work.
type product struct {
	device  *Device
	method  string
	elem    reflect.Type
	m, n, k int64
	a, b, c operand
	profile *Profile
	lane    *lane
}

// An operand is a matrix whose numbers are ready to be copied, or are in an Array.
type operand struct {
	rows, cols int64
	nested     bool // it was a [][]T
	elem       reflect.Type
	of         any // a [][]T or dims, whose numbers are to be put together
	host       reflect.Value
	array      *raw
	arg        backend.Arg
}

func (d *Device) matMul(ctx context.Context, a, b any, method string) (any, *Profile, error) {
	p := &product{device: d, method: method}
	var err error
	if p.a, err = d.operand(a); err != nil {
		return nil, nil, fmt.Errorf("device: the first matrix: %w", err)
	}
	if p.b, err = d.operand(b); err != nil {
		return nil, nil, fmt.Errorf("device: the second matrix: %w", err)
	}
	p.m, p.k, p.n = p.a.rows, p.a.cols, p.b.cols
	switch {
	case p.a.cols != p.b.rows:
		return nil, nil, fmt.Errorf("%w: %d × %d by %d × %d: the first has as many columns as the second has rows", ErrShape, p.a.rows, p.a.cols, p.b.rows, p.b.cols)
	case p.a.elem != p.b.elem:
		return nil, nil, fmt.Errorf("device: a product of %s by %s: both must have one type", p.a.elem, p.b.elem)
	}
	if p.elem = p.a.elem; p.elem.Kind() == reflect.Float64 && !d.Info().Float64 {
		return nil, nil, &Float64Error{d.Info().Name, "this product"}
	}
	if err := p.room(); err != nil {
		return nil, nil, err
	}
	p.profile = d.profile(&Call{Function: &Function{Name: "matmul"}}, p.m*p.n)
	p.a.gather()
	p.b.gather()
	p.profile.Method, p.profile.Chunks = method, 1
	c, err := p.make(ctx)
	p.profile.end(err)
	return c, p.profile, err
}

// room says whether the matrices find room, here and on the device.
func (p *product) room() error {
	size := int64(p.elem.Size())
	var bytes []int64
	for _, shape := range [][2]int64{{p.m, p.k}, {p.k, p.n}, {p.m, p.n}} {
		bytes = append(bytes, times(shape[0], shape[1], size))
	}
	what := func(err error) error {
		return fmt.Errorf("a product of %d × %d by %d × %d: %w", p.m, p.k, p.k, p.n, err)
	}
	if p.a.array == nil && p.b.array == nil {
		if err := p.device.holds(bytes...); err != nil {
			return what(err)
		}
	} else if err := p.device.holds(bytes[2]); err != nil {
		return what(err)
	}
	if err := holds(p.elem, times(p.m, p.n)); err != nil {
		return what(err)
	}
	return nil
}

// operand says what a matrix is. What has to be put together first is not there yet:
// gather does that.
func (d *Device) operand(x any) (o operand, err error) {
	var m Matrix
	switch x := x.(type) {
	case Matrix:
		m = x
	case *Matrix:
		if x == nil {
			return o, errors.New("it is nil")
		}
		m = *x
	case dims:
		rows, cols := x.Dims()
		if rows < 0 || cols < 0 {
			return o, fmt.Errorf("%w: %d × %d", ErrShape, rows, cols)
		}
		return operand{rows: int64(rows), cols: int64(cols), elem: reflect.TypeFor[float64](), of: x}, nil
	default:
		return nestedOperand(x)
	}
	l, err := (&Call{}).list(m.Data)
	if err != nil {
		return o, err
	}
	o.host, o.array, o.elem, o.rows, o.cols = l.host, l.array, l.elem, int64(m.Rows), int64(m.Cols)
	if l.count || !isFloat(l.elem) {
		return o, fmt.Errorf("it is of %T, and should be of float32 or float64", m.Data)
	}
	if m.Rows < 0 || m.Cols < 0 || times(o.rows, o.cols) != l.n {
		return o, fmt.Errorf("%w: %d × %d, with %d numbers", ErrShape, m.Rows, m.Cols, l.n)
	}
	if l.array != nil && l.array.on.device != d {
		return o, fmt.Errorf("it is on %s, and the product is to be made on %s", l.array.on.device.Info().Name, d.Info().Name)
	}
	return o, nil
}

// dims is a matrix by its methods.
type dims interface {
	Dims() (rows, cols int)
	At(i, j int) float64
}

func isFloat(t reflect.Type) bool { return t.Kind() == reflect.Float32 || t.Kind() == reflect.Float64 }

// nestedOperand is that of a [][]T.
func nestedOperand(x any) (o operand, err error) {
	v := reflect.ValueOf(x)
	if !v.IsValid() || !isRows(v.Type()) {
		return o, fmt.Errorf("it is a %T, and should be a slice of slices or a device.Matrix", x)
	}
	if o.elem = v.Type().Elem().Elem(); !isFloat(o.elem) {
		return o, fmt.Errorf("it is a %T, and should be of float32 or float64", x)
	}
	o.nested, o.of, o.rows = true, x, int64(v.Len())
	if o.rows > 0 {
		o.cols = int64(v.Index(0).Len())
	}
	for i := range v.Len() {
		if n := v.Index(i).Len(); int64(n) != o.cols {
			return o, fmt.Errorf("row %d has %d elements, and row 0 has %d; all must have as many", i, n, o.cols)
		}
	}
	return o, nil
}

// gather puts the numbers of a matrix one behind the other, if they are not.
func (o *operand) gather() {
	switch of := o.of.(type) {
	case nil:
	case dims:
		list := make([]float64, 0, o.rows*o.cols)
		for i := range int(o.rows) {
			for j := range int(o.cols) {
				list = append(list, of.At(i, j))
			}
		}
		o.host = reflect.ValueOf(list)
	default:
		v := reflect.ValueOf(of)
		o.host = reflect.MakeSlice(reflect.SliceOf(o.elem), 0, int(o.rows*o.cols))
		for i := range v.Len() {
			row := v.Index(i)
			o.host = reflect.AppendSlice(o.host, row.Convert(o.host.Type()))
		}
	}
}

// make computes the product, and gives it in the form that is wanted.
func (p *product) make(ctx context.Context) (any, error) {
	w := newWork(p.device, p.profile)
	defer w.end()
	var err error
	if p.lane, err = w.lane(0); err != nil {
		return nil, err
	}
	size := int64(p.elem.Size())
	var kept raw
	stays := p.a.array != nil && p.b.array != nil
	if stays {
		if kept, err = p.device.room(p.elem, p.m*p.n); err != nil {
			return nil, err
		}
		p.c.arg = backend.Arg{Buffer: kept.on.buffer, Len: p.m * p.n}
	} else {
		p.c.host = reflect.MakeSlice(reflect.SliceOf(p.elem), int(p.m*p.n), int(p.m*p.n))
		p.c.arg.Len = p.m * p.n
		if p.c.arg.Buffer, err = p.lane.buffer(p.m * p.n * size); err != nil {
			return nil, err
		}
	}
	if err = p.compute(ctx); err == nil && !stays {
		err = p.lane.out(bytesOf(p.c.host, 0, p.m*p.n), p.c.arg.Buffer, 0, p.m*p.n)
	}
	if err == nil {
		err = p.lane.wait(ctx)
	}
	switch {
	case err != nil && stays:
		kept.Free()
		return nil, err
	case err != nil:
		return nil, err
	case stays && p.elem.Kind() == reflect.Float32:
		return Matrix{int(p.m), int(p.n), &Array[float32]{kept}}, nil
	case stays:
		return Matrix{int(p.m), int(p.n), &Array[float64]{kept}}, nil
	case !p.a.nested || !p.b.nested:
		return Matrix{int(p.m), int(p.n), p.c.host.Interface()}, nil
	}
	n := int(p.n)
	rows := reflect.MakeSlice(reflect.SliceOf(p.c.host.Type()), int(p.m), int(p.m))
	for i := range int(p.m) {
		rows.Index(i).Set(p.c.host.Slice3(i*n, (i+1)*n, (i+1)*n))
	}
	return rows.Interface(), nil
}

// load copies a matrix to the device, if it is not there.
func (p *product) load(o *operand) (err error) {
	n := o.rows * o.cols
	if o.array != nil {
		l := list{array: o.array, elem: o.elem}
		o.arg, err = l.arrayArg(0, n)
		return err
	}
	o.arg, err = p.lane.in(bytesOf(o.host, 0, n), 0, p.m*p.n)
	o.arg.Len = n
	return err
}

func (p *product) compute(ctx context.Context) error {
	for _, o := range []*operand{&p.a, &p.b} {
		if err := p.load(o); err != nil {
			return err
		}
	}
	if p.m == 0 || p.n == 0 {
		return nil
	}
	if p.k == 0 {
		return p.lane.write(make([]byte, p.m*p.n*int64(p.elem.Size())), p.c.arg.Buffer, 0, p.m*p.n)
	}
	switch p.method {
	case byCLBlast:
		return p.library()
	case byRows:
		return p.rows(ctx)
	}
	program, err := p.profile.source(ctx, p.device, p.source())
	if err != nil {
		return err
	}
	kernels := map[string]backend.Kernel{}
	for _, name := range []string{"pack", "multiply", "tiles"} {
		if kernels[name], err = program.Kernel(name); err != nil {
			return err
		}
	}
	if p.method == byPanels {
		return p.panels(ctx, kernels)
	}
	return p.strips(ctx, 64, func(first, last int64) (backend.Event, error) {
		a, aAt := p.split(p.a.arg)
		b, bAt := p.split(p.b.arg)
		c, cAt := p.split(p.c.arg)
		global := []int64{(p.n + 63) / 64 * 16, (last - first + 63) / 64 * 16}
		args := []backend.Arg{integer(p.m), integer(p.n), integer(p.k), integer(first), integer(last), a, aAt, b, bAt, c, cAt}
		return p.lane.queue.LaunchSource(kernels["tiles"], global, []int64{16, 16}, args)
	})
}

//go:embed matmul.cl
var matMulText string

// source is the kernels for the matrices' type. Vectors have 64 bytes.
func (p *product) source() string {
	replacer := strings.NewReplacer("$T", "float", "$V", "float16", "$N", "16")
	head := ""
	if p.elem.Kind() == reflect.Float64 {
		head = "#pragma OPENCL EXTENSION cl_khr_fp64 : enable\n"
		replacer = strings.NewReplacer("$T", "double", "$V", "double8", "$N", "8")
	}
	head += "#define T $T\n#define V $V\n#define WIDTH $N\n#define VLOAD vload$N\n#define VSTORE vstore$N\n#define ROWS 32\n"
	return replacer.Replace(head) + matMulText
}

// rowsEach is ROWS of the source.
const rowsEach = 32

// panels multiplies rows by panels of columns, which are put together first.
func (p *product) panels(ctx context.Context, kernels map[string]backend.Kernel) error {
	size := int64(p.elem.Size())
	width := 64 / size
	count := (p.n + width - 1) / width
	packed, err := p.lane.buffer(count * width * p.k * size)
	if err != nil {
		return err
	}
	a, aAt := p.split(p.a.arg)
	b, bAt := p.split(p.b.arg)
	c, cAt := p.split(p.c.arg)
	to := backend.Arg{Buffer: packed}
	err = p.lane.start(Step{Stage: Kernel, Count: p.m * p.n}, func(q backend.Queue) (backend.Event, error) {
		return q.LaunchSource(kernels["pack"], []int64{count}, []int64{1}, []backend.Arg{integer(p.n), integer(p.k), b, bAt, to})
	})
	if err != nil {
		return err
	}
	return p.strips(ctx, rowsEach, func(first, last int64) (backend.Event, error) {
		args := []backend.Arg{integer(p.m), integer(p.n), integer(p.k), integer(first), integer(last), a, aAt, to, c, cAt}
		return p.lane.queue.LaunchSource(kernels["multiply"], []int64{(last - first + rowsEach - 1) / rowsEach, count}, []int64{1, 1}, args)
	})
}

// split is an argument as a whole buffer and the element that it begins at.
func (p *product) split(a backend.Arg) (buffer, at backend.Arg) {
	return backend.Arg{Buffer: a.Buffer}, integer(a.Offset / int64(p.elem.Size()))
}

func integer(n int64) backend.Arg { return argOf(reflect.ValueOf(n)) }

// mostWork is how many multiplications are in one command, which cannot be stopped.
const mostWork = 4 << 30

// strips launches strips of rows, multiples of rows long, and looks whether ctx has ended in
// between.
func (p *product) strips(ctx context.Context, rows int64, launch func(first, last int64) (backend.Event, error)) error {
	each := max(1, mostWork/p.k/p.n/rows) * rows
	for first := int64(0); first < p.m; first += each {
		if err := over(ctx); err != nil {
			return err
		}
		last := min(first+each, p.m)
		step := Step{Stage: Kernel, First: first * p.n, Count: (last - first) * p.n}
		if err := p.lane.start(step, func(backend.Queue) (backend.Event, error) { return launch(first, last) }); err != nil {
			return err
		}
		if last < p.m {
			if err := p.lane.waitFor(context.WithoutCancel(ctx), 1); err != nil {
				return err
			}
		}
	}
	return p.lane.wait(context.WithoutCancel(ctx))
}

func (p *product) library() error {
	g, ok := p.lane.queue.(gemmer)
	if !ok {
		return fmt.Errorf("device: CLBlast on %s: %w", p.device.Info().Name, backend.ErrUnsupported)
	}
	return p.lane.start(Step{Stage: Kernel, Count: p.m * p.n}, func(backend.Queue) (backend.Event, error) {
		return g.Gemm(p.elem.Kind() == reflect.Float64, p.m, p.n, p.k, p.a.arg, p.b.arg, p.c.arg)
	})
}

// rows multiplies by a kernel of package ir: a work-item makes one row.
func (p *product) rows(ctx context.Context) error {
	program, err := p.profile.built(ctx, p.device, nil, rowsProgram(KindOf(p.elem)))
	if err != nil {
		return err
	}
	kernel, err := program.Kernel("matmul")
	if err != nil {
		return err
	}
	return p.lane.launch(kernel, 0, p.m, []backend.Arg{integer(p.n), integer(p.k), p.a.arg, p.b.arg, p.c.arg})
}

// rowsProgram has the kernel matmul, which makes a row, four numbers at a time.
func rowsProgram(kind ir.Kind) *ir.Program {
	i64, elem := ir.Scalar(ir.Int64), ir.Scalar(kind)
	bl := newBuilder(nil, "matmul")
	n, k := bl.param("n", i64), bl.param("k", i64)
	a, b, c := bl.param("a", ir.SliceOf(elem)), bl.param("b", ir.SliceOf(elem)), bl.param("c", ir.SliceOf(elem))
	row := ref(bl.declare("row", i64, binary(ir.Mul, bl.index(), k)))
	to := ref(bl.declare("to", i64, binary(ir.Mul, bl.index(), n)))
	// some makes numbers j to j+count-1 of the row.
	some := func(j ir.Expr, count int) {
		sums := make([]ir.Expr, count)
		for s := range sums {
			sums[s] = ref(bl.declare("sum", elem, nil))
		}
		from := ref(bl.declare("from", i64, j))
		bl.loop("q", number(0), k, func(q ir.Expr) {
			x := ref(bl.declare("x", elem, at(a, binary(ir.Add, row, q))))
			for s, sum := range sums {
				bl.set(sum, binary(ir.Add, sum, binary(ir.Mul, x, at(b, binary(ir.Add, from, number(int64(s)))))))
			}
			bl.set(from, binary(ir.Add, from, n))
		})
		for s, sum := range sums {
			bl.set(at(c, binary(ir.Add, binary(ir.Add, to, j), number(int64(s)))), sum)
		}
	}
	blocks := binary(ir.Div, n, number(4))
	bl.loop("block", number(0), blocks, func(block ir.Expr) { some(ref(bl.declare("j", i64, binary(ir.Mul, block, number(4)))), 4) })
	bl.loop("j", binary(ir.Mul, blocks, number(4)), n, func(j ir.Expr) { some(j, 1) })
	return &ir.Program{Kernels: []*ir.Kernel{bl.kernel}}
}
