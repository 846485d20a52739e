package cpu

import (
	"errors"
	"fmt"
	"sync/atomic"
	"unsafe"

	"github.com/adabc437/fanout/parallel/device/ir"
)

// A machine runs the tasks of one goroutine. Functions do not call themselves, so that
// each variable of a program has one fixed place in mem, or in slices if it is one.
type machine struct {
	mem    unsafe.Pointer // to words
	slices []slice
	stop   *atomic.Bool // ends the task
	ended  bool         // the task has failed or stopped
	failed bool         // at site, with x and y
	site   int
	known  bool
	x, y   int64
	words  []uint64
}

// A slice is a slice's value. One of slices has rows, and all of its rows' elements, of
// which there are total, behind p.
type slice struct {
	p        unsafe.Pointer
	rows     unsafe.Pointer
	len, cap int64
	total    int64
}

// A code computes a value.
type code[T any] func(m *machine) T

// A step is a statement: it says how to go on.
type step func(m *machine) int

// How to go on behind a statement: other numbers are of loops and blocks that end, the
// next number that of a loop that goes on.
const (
	next = iota
	leave
	firstLabel
)

// What a program does that has not the checks that it should have.
var (
	errOutside = errors.New("an element outside of its slice or array is used; the program has no check for it")
	errRows    = errors.New("the rows of a slice of slices lie outside of its buffer")
)

func at[T any](m *machine, offset int64) *T { return (*T)(unsafe.Add(m.mem, offset)) }

// elem is the address of an element of so many bytes.
func (s *slice) elem(i, size int64) unsafe.Pointer {
	if uint64(i) >= uint64(s.len) {
		panic(errOutside)
	}
	return unsafe.Add(s.p, i*size)
}

func (s *slice) row(i, size int64) slice {
	if uint64(i) >= uint64(s.len) {
		panic(errOutside)
	}
	from := *(*int64)(unsafe.Add(s.rows, i*8))
	to := *(*int64)(unsafe.Add(s.rows, i*8+8))
	if from < 0 || to < from || to > s.total {
		panic(errRows)
	}
	if from == to {
		return slice{}
	}
	return slice{p: unsafe.Add(s.p, from*size), len: to - from, cap: to - from}
}

func (s *slice) part(lo, hi, limit, size int64, nested bool) slice {
	if lo < 0 || hi < lo || limit < hi || limit > s.cap {
		panic(errOutside)
	}
	r := slice{p: s.p, rows: s.rows, len: hi - lo, cap: limit - lo, total: s.total}
	switch {
	case lo == limit:
	case nested:
		r.rows = unsafe.Add(s.rows, lo*8)
	default:
		r.p = unsafe.Add(s.p, lo*size)
	}
	return r
}

// copyBytes copies a value that has no pointers.
func copyBytes(dst, src unsafe.Pointer, size int64) {
	copy(unsafe.Slice((*byte)(dst), size), unsafe.Slice((*byte)(src), size))
}

func clearBytes(dst unsafe.Pointer, size int64) { clear(unsafe.Slice((*byte)(dst), size)) }

// wrong is what the compiler panics with when a program is not right.
type wrong struct{ error }

func fail(format string, args ...any) { panic(wrong{fmt.Errorf(format, args...)}) }

// compiled is a function whose code is there.
type compiled struct {
	params, results []*ir.Var
	body            step
}

// compiledKernel is a kernel whose code is there. Arguments are put into args; those
// that tasks change are copied from there at the beginning of each.
type compiledKernel struct {
	ir    *ir.Kernel
	index int64
	args  []int64 // offsets in mem, or numbers of slices
	begin []func(m *machine)
	body  step
}

// compiler makes code of a program.
type compiler struct {
	program *ir.Program
	places  map[*ir.Var]int64 // offsets in mem, or numbers of slices
	size    int64             // of mem, in bytes
	slices  int64
	funcs   map[*ir.Func]*compiled
	kernels map[string]*compiledKernel
	labels  map[ir.Stmt]int
	of      *compiled // the function that is compiled, nil in a kernel
}

// compile makes code of a program.
func compile(p *ir.Program) (c *compiler, err error) {
	if err := p.Finish(); err != nil {
		return nil, err
	}
	defer func() {
		switch e := recover().(type) {
		case nil:
		case wrong:
			c, err = nil, fmt.Errorf("cpu: %w", e.error)
		default:
			panic(e)
		}
	}()
	c = &compiler{program: p, places: map[*ir.Var]int64{}, size: 8, funcs: map[*ir.Func]*compiled{}, kernels: map[string]*compiledKernel{}, labels: map[ir.Stmt]int{}}
	for _, f := range p.Funcs {
		fn := &compiled{params: f.Params}
		for _, v := range f.Params {
			c.variable(v)
		}
		for i, t := range f.Results {
			v := &ir.Var{Name: fmt.Sprintf("result%d", i), Type: t}
			c.variable(v)
			fn.results = append(fn.results, v)
		}
		c.of = fn
		fn.body = c.list(f.Body)
		c.funcs[f] = fn
	}
	c.of = nil
	for _, k := range p.Kernels {
		if c.kernels[k.Name] != nil {
			fail("there are two kernels %s", k.Name)
		}
		c.kernels[k.Name] = c.kernel(k)
	}
	return c, nil
}

func (c *compiler) kernel(k *ir.Kernel) *compiledKernel {
	ck := &compiledKernel{ir: k}
	changed := changes(k.Body)
	for _, v := range k.Params {
		own := c.variable(v)
		if !changed[v] {
			ck.args = append(ck.args, own)
			continue
		}
		arg := c.room(v.Type)
		ck.args = append(ck.args, arg)
		if v.Type.Kind == ir.Slice {
			ck.begin = append(ck.begin, func(m *machine) { m.slices[own] = m.slices[arg] })
		} else {
			size := v.Type.Size()
			ck.begin = append(ck.begin, func(m *machine) { copyBytes(unsafe.Add(m.mem, own), unsafe.Add(m.mem, arg), size) })
		}
	}
	ck.index = c.variable(k.Index)
	ck.body = c.list(k.Body)
	return ck
}

// changes finds the variables that a body sets, or takes the address of.
func changes(body []ir.Stmt) map[*ir.Var]bool {
	m := map[*ir.Var]bool{}
	note := func(e ir.Expr) {
		if v := ir.Root(e); v != nil {
			m[v] = true
		}
	}
	ir.Walk(body, func(s ir.Stmt) {
		if a, ok := s.(*ir.Assign); ok {
			note(a.Place)
		}
		ir.Exprs(s, func(e ir.Expr) {
			ir.Inside(e, func(e ir.Expr) {
				if a, ok := e.(*ir.Address); ok {
					note(a.Place)
				}
			})
		})
	})
	return m
}

// room is a place for a value of a type.
func (c *compiler) room(t *ir.Type) int64 {
	if t.Kind == ir.Slice {
		c.slices++
		return c.slices - 1
	}
	size := t.Size()
	if t.Kind == ir.Pointer {
		size = 8
	}
	const most = 1 << 30
	if size < 0 || size > most || c.size > most {
		fail("the variables of a task need more than %d bytes", most)
	}
	offset := c.size
	c.size += (max(size, 1) + 7) / 8 * 8
	return offset
}

func (c *compiler) variable(v *ir.Var) int64 {
	if p, ok := c.places[v]; ok {
		return p
	}
	p := c.room(v.Type)
	c.places[v] = p
	return p
}

func (c *compiler) placeOf(v *ir.Var) int64 {
	p, ok := c.places[v]
	if !ok {
		fail("%s is used before it is declared", v.Name)
	}
	return p
}

// newMachine has room for all variables of the program.
func (c *compiler) newMachine() *machine {
	words := make([]uint64, c.size/8+1)
	return &machine{mem: unsafe.Pointer(&words[0]), words: words, slices: make([]slice, c.slices)}
}
