package parallel

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"unsafe"
)

// StarmapValue is [Starmap] and [Map2] for a function of several arguments and data whose
// types are known only at run time. It answers as [MapValue] does.
//
// One value of args is a list of tuples, which are spread over the parameters of f:
// structs (as [Pair] and [Triple]), pointers to such, arrays or slices, with as many
// fields or elements as f has parameters. Several values are that many lists of one
// length, whose elements side by side are the arguments. A list is whatever [MapValue]
// takes; an integer n is 0 to n−1.
//
// f may take a context and random numbers first, and return an error last; arguments are
// converted; both as in [MapValue]. A variadic f takes any number of last arguments.
func StarmapValue(ctx context.Context, f reflect.Value, args []reflect.Value, opts ...Option) (reflect.Value, error) {
	ctx, opts, cancel := limited(ctx, opts)
	defer cancel()
	c, err := newCaller(f)
	if err != nil {
		return reflect.Value{}, err
	}
	if err := c.checkResults(); err != nil {
		return reflect.Value{}, err
	}
	if c.ins == 0 {
		return reflect.Value{}, fmt.Errorf("parallel: f is a %v, which takes no arguments", c.f.Type())
	}
	c.spread = c.f.Type().IsVariadic()
	var columns []reflect.Value
	switch len(args) {
	case 0:
		return reflect.Value{}, errors.New("parallel: no arguments: give a list of tuples, or a list for each parameter of f")
	case 1:
		columns, err = c.unzip(ctx, args[0])
	default:
		columns, err = c.lists(ctx, args)
	}
	if err != nil {
		return reflect.Value{}, err
	}
	input := func(i int) any {
		row := make([]any, 0, len(columns))
		for k, column := range columns {
			if cell := column.Index(i); c.spread && k == c.ins-1 {
				for j := range cell.Len() {
					row = append(row, cell.Index(j).Interface())
				}
			} else {
				row = append(row, cell.Interface())
			}
		}
		return row
	}
	return c.mapColumns(columns, input, append(opts[:len(opts):len(opts)], WithContext(ctx)))
}

// lists makes columns of lists that stand side by side.
func (c *caller) lists(ctx context.Context, args []reflect.Value) ([]reflect.Value, error) {
	if !c.takes(len(args)) {
		return nil, fmt.Errorf("parallel: f is a %v, which needs %s, but there are %d lists", c.f.Type(), c.arity(), len(args))
	}
	lists := make([]reflect.Value, len(args))
	for k, arg := range args {
		what := fmt.Sprintf("argument %d", k+1)
		list, _, err := readElements(ctx, arg, false, what)
		if err != nil {
			return nil, err
		}
		if k > 0 && list.Len() != lists[0].Len() {
			return nil, fmt.Errorf("parallel: argument %d has %s, but argument 1 has %d: they must have as many", k+1, elements(list.Len()), lists[0].Len())
		}
		if lists[k], err = convertAll(list, c.in(min(k, c.ins-1)), "the elements of "+what); err != nil {
			return nil, err
		}
	}
	if !c.spread {
		return lists, nil
	}
	fixed, rest := lists[:c.ins-1], lists[c.ins-1:]
	n := lists[0].Len()
	last := c.column(c.ins-1, n)
	for i := range n {
		cell := reflect.MakeSlice(last.Type().Elem(), len(rest), len(rest))
		for j, list := range rest {
			cell.Index(j).Set(list.Index(i))
		}
		last.Index(i).Set(cell)
	}
	return append(fixed[:len(fixed):len(fixed)], last), nil
}

// unzip makes columns of a list of tuples.
func (c *caller) unzip(ctx context.Context, arg reflect.Value) ([]reflect.Value, error) {
	rows, _, err := readElements(ctx, arg, false, "the list of tuples")
	if err != nil {
		return nil, err
	}
	switch t := rows.Type().Elem(); {
	case tuple(t):
	case t.Kind() == reflect.Interface:
	default:
		return nil, fmt.Errorf("parallel: f is a %v, which needs %s: the list should be of tuples (structs, arrays or slices), but its elements are %v", c.f.Type(), c.arity(), t)
	}
	n := rows.Len()
	columns := make([]reflect.Value, c.ins)
	for k := range columns {
		columns[k] = c.column(k, n)
	}
	for i := range n {
		if err := c.spreadRow(columns, i, rows.Index(i)); err != nil {
			return nil, fmt.Errorf("parallel: tuple %d: %w", i, err)
		}
	}
	return columns, nil
}

// spreadRow puts the values of a tuple into row i of the columns.
func (c *caller) spreadRow(columns []reflect.Value, i int, row reflect.Value) error {
	for row.Kind() == reflect.Interface || row.Kind() == reflect.Pointer {
		if row.IsNil() {
			return errors.New("it is nil")
		}
		row = row.Elem()
	}
	if !tuple(row.Type()) {
		return fmt.Errorf("it is %s, and should be a struct, an array or a slice", article(row.Type().String()))
	}
	width, field := row.Len, row.Index
	if row.Kind() == reflect.Struct {
		row = addressable(row)
		width, field = row.NumField, func(k int) reflect.Value { return readable(row.Field(k)) }
	}
	w := width()
	if !c.takes(w) {
		return fmt.Errorf("it has %s, but f is a %v, which needs %s", elements(w), c.f.Type(), c.arity())
	}
	for k, column := range columns {
		if c.spread && k == c.ins-1 {
			column.Index(i).Set(reflect.MakeSlice(column.Type().Elem(), w-k, w-k))
			break
		}
		if err := put(column.Index(i), field(k), k); err != nil {
			return err
		}
	}
	for k := c.ins - 1; c.spread && k < w; k++ {
		if err := put(columns[c.ins-1].Index(i).Index(k-c.ins+1), field(k), k); err != nil {
			return err
		}
	}
	return nil
}

// put converts value k of a tuple to the type of a place, and stores it there.
func put(to, v reflect.Value, k int) error {
	v, err := convert(v, to.Type())
	if err != nil {
		return fmt.Errorf("value %d: %w", k+1, err)
	}
	to.Set(v)
	return nil
}

// column makes a slice for n arguments of parameter k.
func (c *caller) column(k, n int) reflect.Value {
	t := c.in(k)
	if c.spread && k == c.ins-1 {
		t = reflect.SliceOf(t)
	}
	return reflect.MakeSlice(reflect.SliceOf(t), n, n)
}

// takes says whether f can be called on n arguments.
func (c *caller) takes(n int) bool { return n == c.ins || c.spread && n >= c.ins-1 }

// arity says on how many arguments f can be called.
func (c *caller) arity() string {
	switch {
	case c.spread:
		return fmt.Sprintf("%d or more arguments", c.ins-1)
	case c.ins == 1:
		return "1 argument"
	}
	return fmt.Sprintf("%d arguments", c.ins)
}

func elements(n int) string {
	if n == 1 {
		return "1 element"
	}
	return fmt.Sprintf("%d elements", n)
}

// tuple tells the types that hold several values in order.
func tuple(t reflect.Type) bool {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.Kind() == reflect.Struct || t.Kind() == reflect.Array || t.Kind() == reflect.Slice
}

// addressable returns v or a copy of it whose fields have addresses.
func addressable(v reflect.Value) reflect.Value {
	if v.CanAddr() {
		return v
	}
	c := reflect.New(v.Type()).Elem()
	c.Set(v)
	return c
}

// readable returns a field, which may be unexported, as a value that can be used.
func readable(field reflect.Value) reflect.Value {
	if field.CanInterface() {
		return field
	}
	return reflect.NewAt(field.Type(), unsafe.Pointer(field.UnsafeAddr())).Elem()
}
