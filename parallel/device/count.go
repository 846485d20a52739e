package device

import (
	"context"
	"math/rand/v2"
	"reflect"
	"time"

	"github.com/adabc437/fanout/parallel/device/backend"
	"github.com/adabc437/fanout/parallel/device/cpu"
	"github.com/adabc437/fanout/parallel/device/ir"
)

// What a task does is counted by running it on the cpu, with a program that counts along.

// A tally is what is counted, each in an int64.
type tally int

const (
	ops32     tally = iota // operations of float32
	ops64                  // of float64
	opsInt32               // of integers of at most 32 bits
	opsInt64               // of others
	slowFloat              // of the operations of floats: divisions, and calls of functions
	slowInt                // of those of integers: divisions and remainders by what is no constant
	loaded                 // bytes of elements in device memory that were read
	stored                 // bytes of those that were written
	tallies
)

// cost is how much of each a piece of a program does.
type cost [tallies]int64

func (c *cost) op(k ir.Kind, n int64, slow bool) {
	switch {
	case k == ir.Float32:
		c[ops32] += n
	case k == ir.Float64:
		c[ops64] += n
	case !k.IsInteger():
		return
	case ir.Scalar(k).Size() <= 4:
		c[opsInt32] += n
	default:
		c[opsInt64] += n
	}
	switch {
	case slow && k.IsFloat():
		c[slowFloat] += n
	case slow:
		c[slowInt] += n
	}
}

// freeFunctions are those of [ir.Functions] that no operation stands for.
var freeFunctions = map[string]bool{
	"Inf": true, "NaN": true, "IsNaN": true, "IsInf": true, "Signbit": true, "Copysign": true, "Abs": true,
	"Float64bits": true, "Float64frombits": true, "Float32bits": true, "Float32frombits": true,
}

// quickFunctions are those that take about as long as an addition.
var quickFunctions = map[string]bool{
	"Floor": true, "Ceil": true, "Trunc": true, "RoundToEven": true, "Max": true, "Min": true, "min": true, "max": true, "FMA": true,
	"OnesCount": true, "LeadingZeros": true, "TrailingZeros": true, "Len": true, "RotateLeft": true, "MulHi": true,
}

// value adds what an expression does. Both sides of && and || count.
func (c *cost) value(e ir.Expr) {
	switch e := e.(type) {
	case nil:
	case *ir.Unary:
		c.value(e.X)
		if e.Op != ir.LNot {
			c.op(e.X.Type().Kind, 1, false)
		}
	case *ir.Binary:
		c.value(e.X)
		c.value(e.Y)
		if e.Op <= ir.Shr {
			_, known := e.Y.(*ir.Const) // compilers make multiplications and shifts of such
			slow := (e.Op == ir.Div || e.Op == ir.Rem) && !(known && e.X.Type().Kind.IsInteger())
			c.op(e.X.Type().Kind, 1, slow)
		}
	case *ir.Convert:
		c.value(e.X)
	case *ir.FieldOf, *ir.Elem, *ir.Sub:
		if c.place(e) {
			c[loaded] += bytesIn(e.Type())
		}
	case *ir.Make:
		for _, x := range e.Elems {
			c.value(x)
		}
	case *ir.Math:
		for _, x := range e.Args {
			c.value(x)
		}
		n := int64(1)
		if e.Fn == "FMA" {
			n = 2
		}
		if !freeFunctions[e.Fn] {
			c.op(e.T.Kind, n, !quickFunctions[e.Fn])
		}
	case *ir.Address:
		c.place(e.Place)
	case *ir.Deref:
		c.value(e.X)
	}
}

// place adds what finding a place takes, and says whether it is in device memory.
func (c *cost) place(e ir.Expr) bool {
	switch e := e.(type) {
	case *ir.FieldOf:
		return c.place(e.X)
	case *ir.Elem:
		c.value(e.I)
		if e.X.Type().Kind == ir.Slice {
			c.value(e.X)
			return true
		}
		return c.place(e.X)
	case *ir.Sub:
		c.value(e.X)
		c.value(e.Lo)
		c.value(e.Hi)
		c.value(e.Max)
		return false
	case *ir.Ref:
		return false
	}
	c.value(e)
	return false
}

// bytesIn is how many bytes are read for a value; for a row, where it begins and ends.
func bytesIn(t *ir.Type) int64 {
	if t.Kind == ir.Slice {
		return 16
	}
	return t.Size()
}

// A counting makes a program that counts along, of one that does not.
type counting struct {
	funcs map[*ir.Func]*ir.Func
	stmts map[ir.Stmt]ir.Stmt // loops and blocks
	sums  *ir.Var             // of the function that is at hand: a slice of all tallies
	bare  bool                // only bytes count
}

// counted is a program with a kernel that has one more parameter at the end: a slice of
// int64, to which each task adds what it does. What the kernel itself computes is left
// out: that is its index.
func counted(p *ir.Program) *ir.Program {
	c := &counting{funcs: map[*ir.Func]*ir.Func{}, stmts: map[ir.Stmt]ir.Stmt{}}
	q := &ir.Program{Structs: p.Structs, Sites: p.Sites}
	param := func() *ir.Var { return &ir.Var{Name: "sums", Type: ir.SliceOf(ir.Scalar(ir.Int64))} }
	for _, f := range p.Funcs {
		c.sums = param()
		g := &ir.Func{Name: f.Name, Go: f.Go, Params: append(f.Params[:len(f.Params):len(f.Params)], c.sums), Results: f.Results, Body: c.list(f.Body)}
		c.funcs[f] = g
		q.Funcs = append(q.Funcs, g)
	}
	c.bare = true
	for _, k := range p.Kernels {
		c.sums = param()
		q.Kernels = append(q.Kernels, &ir.Kernel{Name: k.Name, Params: append(k.Params[:len(k.Params):len(k.Params)], c.sums), Index: k.Index, Body: c.list(k.Body)})
	}
	return q
}

// list counts statements, together as long as they run together.
func (c *counting) list(body []ir.Stmt) (list []ir.Stmt) {
	var sum cost
	flush := func() {
		list = append(list, c.add(sum)...)
		sum = cost{}
	}
	for _, s := range body {
		switch s := s.(type) {
		case *ir.Declare:
			sum.value(s.Init)
			list = append(list, s)
		case *ir.Assign:
			if sum.place(s.Place) {
				sum[stored] += s.Place.Type().Size()
			}
			sum.value(s.X)
			list = append(list, s)
		case *ir.Call:
			for _, x := range s.Args {
				sum.value(x)
			}
			list = append(list, &ir.Call{Func: c.funcs[s.Func], Args: append(s.Args[:len(s.Args):len(s.Args)], &ir.Ref{Var: c.sums}), Results: s.Results})
		case *ir.Check:
			sum.value(s.Cond)
			list = append(list, s)
		case *ir.If:
			sum.value(s.Cond)
			flush()
			list = append(list, &ir.If{Cond: s.Cond, Then: c.list(s.Then), Else: c.list(s.Else)})
		case *ir.Loop:
			flush()
			list = append(list, c.loop(s))
		case *ir.Block:
			flush()
			b := &ir.Block{}
			c.stmts[s] = b
			b.Body = c.list(s.Body)
			list = append(list, b)
		case *ir.Break:
			flush()
			list = append(list, &ir.Break{Of: c.stmts[s.Of]})
		case *ir.Continue:
			flush()
			list = append(list, &ir.Continue{Of: c.stmts[s.Of].(*ir.Loop)})
		case *ir.Return:
			for _, x := range s.Values {
				sum.value(x)
			}
			flush()
			list = append(list, s)
		default:
			list = append(list, s)
		}
	}
	flush()
	return list
}

func (c *counting) loop(s *ir.Loop) ir.Stmt {
	l := &ir.Loop{Cond: s.Cond, Bounded: s.Bounded}
	c.stmts[s] = l
	var test cost
	test.value(s.Cond)
	l.Before = append(c.list(s.Before), c.add(test)...)
	l.Body, l.Post = c.list(s.Body), c.list(s.Post)
	return l
}

// add adds to the sums.
func (c *counting) add(sum cost) (list []ir.Stmt) {
	for k, n := range sum {
		if n == 0 || c.bare && tally(k) != loaded && tally(k) != stored {
			continue
		}
		at := &ir.Elem{X: &ir.Ref{Var: c.sums}, I: number(int64(k))}
		list = append(list, &ir.Assign{Place: at, X: &ir.Binary{Op: ir.Add, X: at, Y: number(n)}})
	}
	return list
}

const (
	mostSampled = 256 // tasks that are counted
	sampleTime  = time.Second
)

// count counts what tasks 0 to n−1 do: of all if there are few, of a sample else, which is
// stopped when it takes long. It says of how many tasks the sums are.
func (m *mapping) count(ctx context.Context, n int64) (sums cost, tasks int64, err error) {
	d := &Device{Device: cpu.Open(), programs: map[string]backend.Program{}}
	defer d.Close()
	program, _, err := d.built(ctx, counted(m.program))
	if err != nil {
		return sums, 0, err
	}
	kernel, err := program.Kernel(m.kernel)
	if err != nil {
		return sums, 0, err
	}
	w := newWork(d, d.profile(m.call, n))
	defer w.end()
	captures, err := w.captures(ctx, m.call)
	if err != nil {
		return sums, 0, err
	}
	l, err := w.lane(0)
	if err != nil {
		return sums, 0, err
	}
	total, err := d.Alloc(8 * int64(tallies))
	if err != nil {
		return sums, 0, err
	}
	w.own = append(w.own, total)
	memory := bytesOf(reflect.ValueOf(sums[:]), 0, int64(tallies))
	if _, err := l.queue.Write(total, 0, memory); err != nil {
		return sums, 0, err
	}
	began := time.Now()
	for _, i := range sample(n) {
		l.used = 0
		args, err := m.single(l, i)
		if err != nil {
			return sums, 0, err
		}
		args = append(args, captures...)
		if m.out != nil {
			b, err := l.buffer(int64(m.out.elem.Size()))
			if err != nil {
				return sums, 0, err
			}
			args = append(args, backend.Arg{Buffer: b, Len: 1})
		}
		args = append(args, backend.Arg{Buffer: total, Len: int64(tallies)})
		if err := l.launch(kernel, i, 1, args); err != nil {
			return sums, 0, err
		}
		if err := l.wait(ctx); err != nil {
			return sums, 0, err
		}
		if tasks++; time.Since(began) > sampleTime {
			break
		}
	}
	e, err := l.queue.Read(memory, total, 0)
	if err == nil {
		err = e.Wait(ctx)
	}
	return sums, tasks, err
}

// single copies the elements of task i, and gives the arguments before the captures.
func (m *mapping) single(l *lane, i int64) ([]backend.Arg, error) {
	args := []backend.Arg{{Value: int64Bytes([]int64{i})}}
	if m.call.Function.Random {
		args = append(args, argOf(reflect.ValueOf(m.call.Seed)))
	}
	for k := range m.lists {
		x := &m.lists[k]
		var arg backend.Arg
		var err error
		switch {
		case x.count:
			continue
		case x.array != nil:
			elem := make([]byte, x.elem.Size())
			if err := x.array.read(elem, i); err != nil {
				return nil, err
			}
			arg, err = l.in(elem, i, i+1)
		case x.rows:
			elems, starts := flatten(x.host, i, i+1)
			if arg, err = l.in(elems, i, i+1); err != nil {
				return nil, err
			}
			var rows backend.Arg
			rows, err = l.in(int64Bytes(starts), i, i+1)
			arg.Rows = rows.Buffer
		default:
			arg, err = l.in(bytesOf(x.host, i, i+1), i, i+1)
		}
		if err != nil {
			return nil, err
		}
		arg.Len = 1
		args = append(args, arg)
	}
	return args, nil
}

// read copies an element into this process.
func (a *raw) read(elem []byte, i int64) error {
	b, err := a.use()
	if err != nil {
		return err
	}
	return a.on.device.move(func(q backend.Queue) (backend.Event, error) {
		return q.Read(elem, b, (a.lo+i)*int64(len(elem)))
	}, len(elem))
}

// sample is mostSampled of n numbers, one from each of as many equal parts, in random
// order; all, if there are not more.
func sample(n int64) []int64 {
	rng := rand.New(rand.NewPCG(uint64(n), 1))
	k := min(n, mostSampled)
	list := make([]int64, k)
	for i := range list {
		lo, hi := int64(float64(n)*float64(i)/float64(k)), int64(float64(n)*float64(i+1)/float64(k))
		list[i] = min(lo+rng.Int64N(max(hi-lo, 1)), n-1)
	}
	if k < n {
		rng.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	}
	return list
}
