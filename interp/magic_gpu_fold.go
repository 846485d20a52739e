package interp

import (
	"context"
	"errors"
	"fmt"
	"go/types"
	"reflect"
	"regexp"
	"slices"
	"strconv"

	"github.com/adabc437/fanout/interp/check"
	"github.com/adabc437/fanout/interp/session"
	"github.com/adabc437/fanout/parallel/device"
)

var (
	flagSteps     = Flag{"-n", "--steps", "N", "how often the grid is computed anew: 1 otherwise"}
	flagExclusive = Flag{"-x", "--exclusive", "", "each prefix without its own element: ys[0] is the identity of op, ys[i] = xs[0] op … op xs[i-1]"}
	flagInitial   = Flag{"", "--initial", "V", "what an --exclusive scan begins with: the identity of a function of your own, V op x = x"}
)

// A deviceKind is a magic of the family of %gpumap with one list.
type deviceKind struct {
	name, args, short, example string

	flags     []Flag
	operators bool // sum, min, max and product are functions, too
	typ       func(i *Interp, args []types.TypeAndValue, opt deviceOpt) (*types.Signature, error)
	call      func(*device.Device, context.Context, *device.Call) (any, *device.Profile, error)
	size      func(*device.Call) (int, error) // how many results can be kept
	source    func(*device.Device, context.Context, *device.Call) (string, error)
	readOnly  []string                                                // see translation
	fits      func(d *device.Device, c *device.Call, keep bool) error // refuses what there is no memory for
}

func deviceKinds() []deviceKind {
	return []deviceKind{{
		name: "gpureduce", args: "[flags] op xs", short: "Combine the elements of xs on a device. op(op(a, b), c) must be op(a, op(b, c)).",
		flags: []Flag{flagDevice, flagShow, flagOut, flagQuiet, flagMemory, flagLimit, flagLabel}, operators: true,
		example: "%gpureduce sum xs           // or product, min, max\n%gpureduce func(a, b float64) float64 { return math.Max(a, b) } xs\n%gpureduce --show sum xs    // the kernels that it becomes",
		typ: func(_ *Interp, args []types.TypeAndValue, opt deviceOpt) (*types.Signature, error) {
			sig, err := preduceTypeOf("%gpureduce", args)
			if err == nil && opt.show {
				sig = types.NewSignatureType(nil, nil, nil, sig.Params(), nil, false)
			}
			return sig, err
		},
		call: (*device.Device).Reduce, source: (*device.Device).ReduceSource, fits: elementsFit,
	}, {
		name: "gpuscan", args: "[flags] op xs", short: "The prefixes of xs on a device: ys[i] = xs[0] op … op xs[i].",
		flags: []Flag{flagExclusive, flagInitial, flagDevice, flagShow, flagKeep, flagOut, flagQuiet, flagMemory, flagLimit, flagLabel}, operators: true,
		example: "ys := %gpuscan sum xs       // running totals\n%gpuscan max xs\nat := %gpuscan --exclusive sum sizes             // where each part begins: 0, sizes[0], sizes[0]+sizes[1], …\n%gpuscan --exclusive --initial 1 times xs        // of a function of your own",
		typ: func(i *Interp, args []types.TypeAndValue, opt deviceOpt) (*types.Signature, error) {
			sig, err := preduceTypeOf("%gpuscan", args)
			if err != nil {
				return nil, err
			}
			if opt.show {
				return types.NewSignatureType(nil, nil, nil, sig.Params(), nil, false), nil
			}
			elem := sig.Results().At(0).Type()
			list := types.Type(types.NewSlice(elem))
			if opt.keep {
				if list, err = i.arrayType(elem); err != nil {
					return nil, err
				}
			}
			return types.NewSignatureType(nil, nil, nil, sig.Params(), types.NewTuple(types.NewVar(0, nil, "", list)), false), nil
		},
		call: (*device.Device).Scan, source: (*device.Device).ScanSource, size: (*device.Call).Len, fits: resultsFit,
	}, {
		name: "gpustencil", args: "[flags] f grid", short: "A new grid on a device, where each cell is f(grid, y, x); with -n, again and again.",
		flags:   []Flag{flagSteps, flagDevice, flagShow, flagKeep, flagOut, flagQuiet, flagLimit, flagLabel},
		example: "func heat(g [][]float64, y, x int) float64 {\n    if y == 0 || x == 0 || y == len(g)-1 || x == len(g[y])-1 {\n        return g[y][x] // the edge stays\n    }\n    return (g[y-1][x] + g[y+1][x] + g[y][x-1] + g[y][x+1]) / 4\n}\nafter := %gpustencil -n 1000 heat before\ncells := %gpustencil -k -n 1000 heat before  // stays there: an array of all cells, row by row\n%gpustencil --show heat before               // the kernel that heat becomes",
		typ: func(i *Interp, args []types.TypeAndValue, opt deviceOpt) (*types.Signature, error) {
			m, err := deviceMapper("%gpustencil", args[0], false)
			if err != nil {
				return nil, err
			}
			if len(m.params) != 3 || len(m.results) != 1 || !isInteger(m.params[1]) || !isInteger(m.params[2]) ||
				!types.Identical(m.params[0], types.NewSlice(types.NewSlice(m.results[0]))) {
				return nil, &check.ArgError{Err: fmt.Errorf("%%gpustencil takes a func(g [][]T, y, x int) T, but f is %s", article(typeString(m.whole)))}
			}
			if !types.Identical(types.Default(args[1].Type).Underlying(), m.params[0]) {
				return nil, &check.ArgError{Arg: 1, Err: fmt.Errorf("f takes %s, but the grid is %s", article(typeString(m.params[0])), article(typeString(types.Default(args[1].Type))))}
			}
			switch {
			case opt.show:
				return m.signature(args[1:], nil), nil
			case opt.keep:
				array, err := i.arrayType(m.results[0])
				if err != nil {
					return nil, err
				}
				return m.signature(args[1:], array), nil
			}
			return m.signature(args[1:], m.params[0]), nil
		},
		readOnly: []string{"the grid"},
		call:     (*device.Device).Stencil, size: (*device.Call).Cells, source: (*device.Device).StencilSource, fits: gridsFit,
	}}
}

// preduceTypeOf is preduceType for lists that may be on a device, and captured values.
func preduceTypeOf(magic string, args []types.TypeAndValue) (*types.Signature, error) {
	m, err := deviceMapper(magic, args[0], false)
	if err != nil {
		return nil, err
	}
	if len(m.params) != 2 || len(m.results) != 1 || !types.Identical(m.params[0], m.params[1]) || !types.Identical(m.params[0], m.results[0]) {
		return nil, &check.ArgError{Err: fmt.Errorf("%s takes a function of two values of one type that returns one of it, func(T, T) T, but f is %s", magic, article(typeString(m.whole)))}
	}
	xs := args[1]
	if elem := deviceElem(xs.Type); elem != nil {
		xs.Type = types.NewSlice(elem)
	}
	if !onDevices(xs.Type) {
		return nil, notOnDevices(xs.Type, 1)
	}
	one := *m
	one.params = m.params[:1]
	if err := one.elementsFit(xs, 1); err != nil {
		return nil, err
	}
	return m.signature(args[1:], m.results[0]), nil
}

// operatorType is the type of a magic whose function is an operator of device.Operator.
func operatorType(k deviceKind, i *Interp, name string, opt deviceOpt) func(args []types.TypeAndValue) (*types.Signature, error) {
	return func(args []types.TypeAndValue) (*types.Signature, error) {
		xs := args[0]
		elem := deviceElem(xs.Type)
		if elem == nil {
			elems, ok := elements(types.Default(xs.Type))
			if ok = ok && onDevices(xs.Type); !ok {
				return nil, &check.ArgError{Err: fmt.Errorf("%%%s takes a slice or an array of numbers, and not a %s", k.name, typeString(types.Default(xs.Type)))}
			}
			elem = elems[len(elems)-1]
		}
		if !isInteger(elem) && !isFloat(elem) {
			return nil, &check.ArgError{Err: fmt.Errorf("%s is for numbers, and not for %s: give a function, func(a, b %s) %s", name, typeString(elem), typeString(elem), typeString(elem))}
		}
		pair := types.NewTuple(types.NewVar(0, nil, "", elem), types.NewVar(0, nil, "", elem))
		f := types.NewSignatureType(nil, nil, nil, pair, types.NewTuple(types.NewVar(0, nil, "", elem)), false)
		sig, err := k.typ(i, append([]types.TypeAndValue{{Type: f}}, args...), opt)
		var at *check.ArgError
		if errors.As(err, &at) && at.Arg > 0 {
			at.Arg--
		}
		if err != nil {
			return nil, err
		}
		param := types.NewTuple(sig.Params().At(1))
		return types.NewSignatureType(nil, nil, nil, param, sig.Results(), false), nil
	}
}

// magic makes a magic of the kind.
func (k deviceKind) magic() *Magic {
	m := &Magic{Name: k.name, Args: k.args, Short: k.short, Flags: k.flags, Example: k.example}
	if k.operators {
		m.Words = device.Operators()
	}
	m.Expand = func(x *expansion) error {
		s, args, opt, err := x.deviceSite(m, 0, 2, "%"+k.name+" takes a function and a list")
		if err != nil {
			return err
		}
		i, code := x.run.interp, x.run.cell.Code
		if opt.initial[1] > 0 {
			args = append(args, opt.initial)
		}
		op := code[args[0][0]:args[0][1]]
		if k.operators && device.IsOperator(op) && i.scope.Lookup(op) == nil && !x.declares(op) {
			s.typ = withInitial(opt, operatorType(k, i, op, opt))
			s.call = func(r *run, args []any) (any, error) { return r.gpuOperator(k, op, args, opt) }
			x.mapExpression(s, args[1:], opt.mapOpt)
			return nil
		}
		if e := i.scope.Lookup(op); k.operators && device.IsOperator(op) && e != nil && !x.declares(op) && !opt.quiet {
			x.run.emit(session.Event{Kind: session.Stream, Name: "stderr", Text: fmt.Sprintf("note: %s is yours, of In[%d], and not the %s that %%%s has\n", op, e.Cell, op, k.name)})
		}
		if opt.exclusive && opt.initial[1] == 0 {
			return fmt.Errorf("with --exclusive, what it begins with must be given for a function of your own: --initial V, where %s(V, x) is x", clip(op, 30))
		}
		s.translation = &translation{lists: len(args) - 1, readOnly: k.readOnly}
		s.typ = withInitial(opt, func(args []types.TypeAndValue) (*types.Signature, error) { return k.typ(i, args, opt) })
		s.device = func(r *run, t *translation, args []any) (any, error) {
			c := t.call(args, opt)
			if c.Lists = c.Lists[:1]; opt.exclusive {
				c.Initial = args[2]
			}
			return r.gpuFold(k, c, args[:2], opt)
		}
		x.mapExpression(s, args, opt.mapOpt)
		return nil
	}
	return m
}

// withInitial is the type of a magic whose last argument is the expression of --initial, if
// there is one: a value as the elements that are combined.
func withInitial(opt deviceOpt, typ func([]types.TypeAndValue) (*types.Signature, error)) func([]types.TypeAndValue) (*types.Signature, error) {
	if opt.initial[1] == 0 {
		return typ
	}
	return func(args []types.TypeAndValue) (*types.Signature, error) {
		last := len(args) - 1
		sig, err := typ(args[:last])
		if err != nil {
			return nil, err
		}
		elem := types.Type(nil)
		switch f, ok := args[0].Type.Underlying().(*types.Signature); {
		case ok:
			elem = f.Params().At(0).Type()
		default: // of an operator
			if elem = deviceElem(args[0].Type); elem == nil {
				elems, _ := elements(types.Default(args[0].Type))
				elem = elems[len(elems)-1]
			}
		}
		given := args[last]
		if !types.AssignableTo(given.Type, elem) {
			return nil, &check.ArgError{Arg: last, Err: fmt.Errorf("a scan of %s begins with one, and --initial is %s", typeString(elem), article(typeString(types.Default(given.Type))))}
		}
		params := append(slices.Collect(sig.Params().Variables()), types.NewVar(0, nil, "", elem))
		return types.NewSignatureType(nil, nil, nil, types.NewTuple(params...), sig.Results(), false), nil
	}
}

func (r *run) gpuFold(k deviceKind, c *device.Call, args []any, opt deviceOpt) (any, error) {
	d, err := r.deviceFor(args, opt)
	if err != nil {
		return nil, err
	}
	c.Exclusive = opt.exclusive
	if c.Steps = opt.steps; opt.show {
		return nil, r.deviceSource(d, c, k.source)
	}
	if err := k.fits(d, c, opt.keep); err != nil {
		return nil, err
	}
	return r.deviceCall(d, c, opt, k.size, k.call)
}

// gpuOperator is gpuFold with an operator.
func (r *run) gpuOperator(k deviceKind, op string, args []any, opt deviceOpt) (any, error) {
	xs := args[0]
	elem, ok := device.Elem(xs)
	if !ok {
		if v := reflect.ValueOf(xs); v.Kind() == reflect.Pointer && v.IsNil() {
			return nil, fmt.Errorf("xs is a nil %T", xs)
		}
		return nil, fmt.Errorf("%%%s takes a list, and not a %T", k.name, xs)
	}
	f, err := device.Operator(op, device.KindOf(elem))
	if err != nil {
		return nil, err
	}
	c := &device.Call{Function: f, Lists: []any{xs}, Result: elem, ChunkBytes: opt.chunk}
	if len(args) > 1 {
		c.Initial = args[1]
	}
	return r.gpuFold(k, c, []any{nil, xs}, opt)
}

// stepCount reads the flag --steps.
func stepCount(f flagSet) (int, error) {
	if !f.has("steps") {
		return 1, nil
	}
	n, err := strconv.Atoi(f["steps"])
	if err != nil || n < 1 {
		return 0, fmt.Errorf("--steps takes a whole number from 1 up, not %q", f["steps"])
	}
	return n, nil
}

// declares says whether something in the cell seems to be declared by that name.
func (x *expansion) declares(name string) bool {
	return regexp.MustCompile(`\bfunc\s+` + name + `\b|\b` + name + `\s*(?:,[^=\n]*)?:=|\bvar\s+` + name + `\b|[(,]\s*` + name + `\s+func\b`).MatchString(x.run.cell.Code)
}
