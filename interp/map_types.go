package interp

import (
	"errors"
	"fmt"
	"go/constant"
	"go/types"
	"strconv"
	"strings"

	"github.com/adabc437/fanout/interp/check"
)

// A mapper is a function that a magic maps: its parameters, without a context and a
// source of random numbers, and its results, without an error.
type mapper struct {
	magic    string
	whole    types.Type
	params   []types.Type // a variadic one is as it is called: with one element
	variadic bool
	results  []types.Type
}

// mapperOf looks at the first argument of a magic that maps it. Where the tasks of a map
// have sources of random numbers, random is set.
func mapperOf(magic string, f types.TypeAndValue, random bool) (*mapper, error) {
	sig, ok := f.Type.Underlying().(*types.Signature)
	if !ok || f.IsType() {
		return nil, &check.ArgError{Arg: 0, Err: fmt.Errorf("the first argument of %s must be a function, but its type is %s", magic, typeString(types.Default(f.Type)))}
	}
	if sig.TypeParams().Len() > 0 {
		return nil, &check.ArgError{Err: errors.New("f is generic: say for which types, as in f[int]")}
	}
	m := &mapper{magic: magic, whole: f.Type, variadic: sig.Variadic()}
	for v := range sig.Params().Variables() {
		m.params = append(m.params, v.Type())
	}
	if m.variadic {
		last := len(m.params) - 1
		m.params[last] = m.params[last].Underlying().(*types.Slice).Elem()
	}
	if len(m.params) > 0 && isContext(m.params[0]) {
		m.params = m.params[1:]
	}
	if random && len(m.params) > 0 && isPointerTo(m.params[0], "math/rand", "Rand") {
		return nil, &check.ArgError{Err: errors.New(`f takes a *rand.Rand of math/rand, but tasks get one of math/rand/v2: import "math/rand/v2" before f`)}
	}
	if random && len(m.params) > 0 && isRandom(m.params[0]) {
		m.params = m.params[1:]
	}
	for v := range sig.Results().Variables() {
		m.results = append(m.results, v.Type())
	}
	if n := len(m.results); n > 0 && isError(m.results[n-1]) {
		m.results = m.results[:n-1]
	}
	if len(m.results) > 1 {
		return nil, &check.ArgError{Err: fmt.Errorf("f returns %d values; %s takes a function that returns one, or one and an error", sig.Results().Len(), magic)}
	}
	return m, nil
}

// signature is that of the magic's call: f and lists to result, which may be nil.
func (m *mapper) signature(lists []types.TypeAndValue, result types.Type) *types.Signature {
	params := []*types.Var{types.NewVar(0, nil, "f", m.whole)}
	for _, xs := range lists {
		params = append(params, types.NewVar(0, nil, "xs", types.Default(xs.Type)))
	}
	var results []*types.Var
	if result != nil {
		results = append(results, types.NewVar(0, nil, "", result))
	}
	return types.NewSignatureType(nil, nil, nil, types.NewTuple(params...), types.NewTuple(results...), false)
}

// slice is the type of a list of f's results; nil if it has none.
func (m *mapper) slice() types.Type {
	if len(m.results) == 0 {
		return nil
	}
	return types.NewSlice(m.results[0])
}

// pmapType is the type of %pmap f xs: []R where f returns R.
func pmapType(args []types.TypeAndValue) (*types.Signature, error) {
	m, err := mapperOf("%pmap", args[0], true)
	if err != nil {
		return nil, err
	}
	if err := m.elementsFit(args[1], 1); err != nil {
		return nil, err
	}
	return m.signature(args[1:], m.slice()), nil
}

// pimapType is the type of %pimap f xs: an iterator over R where f returns R.
func pimapType(args []types.TypeAndValue) (*types.Signature, error) {
	m, err := mapperOf("%pimap", args[0], true)
	if err != nil {
		return nil, err
	}
	if len(m.params) != 1 {
		return nil, &check.ArgError{Err: fmt.Errorf("f takes %s; %%pimap calls it with one element of xs", count(len(m.params), "argument"))}
	}
	if len(m.results) == 0 {
		return nil, &check.ArgError{Err: errors.New("f returns nothing: %pimap gives its results one by one")}
	}
	if err := m.elementsFit(args[1], 1); err != nil {
		return nil, err
	}
	boolean := types.NewTuple(types.NewVar(0, nil, "", types.Typ[types.Bool]))
	yield := types.NewSignatureType(nil, nil, nil, types.NewTuple(types.NewVar(0, nil, "", m.results[0])), boolean, false)
	seq := types.NewSignatureType(nil, nil, nil, types.NewTuple(types.NewVar(0, nil, "yield", yield)), nil, false)
	return m.signature(args[1:], seq), nil
}

// pfilterType is the type of %pfilter keep xs: that of the list of elements, which only
// running shows where xs is of an interface type.
func pfilterType(args []types.TypeAndValue) (*types.Signature, error) {
	m, err := mapperOf("%pfilter", args[0], false)
	if err != nil {
		return nil, err
	}
	if len(m.params) != 1 || len(m.results) != 1 || !isBasic(m.results[0], types.IsBoolean) {
		return nil, &check.ArgError{Err: errors.New("%pfilter takes a function of one element that returns a bool: whether to keep it")}
	}
	if err := m.elementsFit(args[1], 1); err != nil {
		return nil, err
	}
	if types.IsInterface(args[1].Type) {
		return m.signature(args[1:], types.Universe.Lookup("any").Type()), nil
	}
	elems, _ := elements(types.Default(args[1].Type))
	return m.signature(args[1:], types.NewSlice(elems[len(elems)-1])), nil
}

// preduceType is the type of %preduce f xs: T where f takes two T to one.
func preduceType(args []types.TypeAndValue) (*types.Signature, error) {
	m, err := mapperOf("%preduce", args[0], false)
	if err != nil {
		return nil, err
	}
	if len(m.params) != 2 || len(m.results) != 1 || !types.Identical(m.params[0], m.params[1]) || !types.Identical(m.params[0], m.results[0]) {
		return nil, &check.ArgError{Err: fmt.Errorf("%%preduce takes a function of two values of one type that returns one of it, func(T, T) T, but f is a %s", typeString(m.whole))}
	}
	one := *m
	one.params = m.params[:1]
	if err := one.elementsFit(args[1], 1); err != nil {
		return nil, err
	}
	return m.signature(args[1:], m.results[0]), nil
}

// pstarmapType is the type of %pstarmap f tuples and %pstarmap f as bs…: []R where f
// returns R.
func pstarmapType(args []types.TypeAndValue) (*types.Signature, error) {
	m, err := mapperOf("%pstarmap", args[0], true)
	if err != nil {
		return nil, err
	}
	lists := args[1:]
	if len(lists) == 1 {
		err = m.tuplesFit(lists[0])
	} else {
		err = m.listsFit(lists)
	}
	if err != nil {
		return nil, err
	}
	return m.signature(lists, m.slice()), nil
}

// listsFit says what is wrong with f and one list for each of its parameters.
func (m *mapper) listsFit(lists []types.TypeAndValue) error {
	if len(lists) != len(m.params) && !(m.variadic && len(lists) >= len(m.params)-1) {
		also := ""
		if m.magic == "%pstarmap" {
			also = ", or one list of tuples"
		}
		return &check.ArgError{Err: fmt.Errorf("f takes %s, but there are %d lists; %s needs a list for each argument%s", count(len(m.params), "argument"), len(lists), m.magic, also)}
	}
	for n, xs := range lists {
		one := *m
		one.params = m.params[min(n, len(m.params)-1):][:1]
		if err := one.elementsFit(xs, n+1); err != nil {
			return err
		}
	}
	return nil
}

// tuplesFit says what is wrong with f and a list of tuples of its arguments.
func (m *mapper) tuplesFit(xs types.TypeAndValue) error {
	t := types.Default(xs.Type)
	elems, ok := elements(t)
	if !ok {
		return m.noList(xs, 1)
	}
	e := elems[len(elems)-1]
	var fields []types.Type
	switch u := e.Underlying().(type) {
	case *types.Struct:
		for v := range u.Fields() {
			fields = append(fields, v.Type())
		}
	case *types.Array:
		for range u.Len() {
			fields = append(fields, u.Elem())
		}
	case *types.Slice, *types.Interface:
		return nil // only running shows how many
	default:
		return &check.ArgError{Arg: 1, Err: fmt.Errorf("the elements of %s are %s: %%pstarmap spreads tuples (structs, arrays or slices) over f's arguments, or takes a list for each: %%pstarmap f as bs", typeString(t), typeString(e))}
	}
	if len(fields) != len(m.params) && !(m.variadic && len(fields) >= len(m.params)-1) {
		return &check.ArgError{Arg: 1, Err: fmt.Errorf("f takes %s, but the elements of %s have %s", count(len(m.params), "argument"), typeString(t), count(len(fields), "value"))}
	}
	for n, f := range fields {
		if p := m.params[min(n, len(m.params)-1)]; !fits(f, p) && !(isInteger(f) && isFloat(p)) {
			return &check.ArgError{Arg: 1, Err: fmt.Errorf("argument %d of f is %s, but the elements of %s have %s there", n+1, article(typeString(p)), typeString(t), article(typeString(f)))}
		}
	}
	return nil
}

func (m *mapper) noList(xs types.TypeAndValue, arg int) error {
	if deviceElem(xs.Type) != nil {
		return &check.ArgError{Arg: arg, Err: fmt.Errorf("the %s argument of %s is an array on a device, %s: xs, err := a.ToHost() makes a slice of it, and %%gpumap takes it as it is", ordinal(arg+1), m.magic, typeString(xs.Type))}
	}
	return &check.ArgError{Arg: arg, Err: fmt.Errorf("the %s argument of %s must be a slice, array, map, string, channel, iterator or whole number, but its type is %s", ordinal(arg+1), m.magic, typeString(types.Default(xs.Type)))}
}

// ordinal is the nth, in words.
func ordinal(n int) string {
	words := []string{"", "first", "second", "third", "fourth", "fifth"}
	if n < len(words) {
		return words[n]
	}
	return strconv.Itoa(n) + "th"
}

// elementsFit says what is wrong with f and xs, argument arg of the magic, before
// anything runs, where their static types show it; MapValue looks at the values.
func (m *mapper) elementsFit(xs types.TypeAndValue, arg int) error {
	t := types.Default(xs.Type)
	elems, ok := elements(t)
	if !ok {
		return m.noList(xs, arg)
	}
	if n := len(m.params); n < 1 || n > 2 || n == 2 && len(elems) < 2 {
		return &check.ArgError{Err: fmt.Errorf("f takes %s; %s calls it with one element of %s", count(n, "argument"), m.magic, typeString(t))}
	}
	last := m.params[len(m.params)-1]
	if xs.Value != nil && xs.Value.Kind() == constant.Int && constant.Sign(xs.Value) < 0 {
		return &check.ArgError{Arg: arg, Err: fmt.Errorf("xs is %s: %s", xs.Value, negativeCount)}
	}
	if len(m.params) == 2 {
		if err := keysFit(m.params[0], elems[0], t); err != nil {
			return err
		}
	}
	e := elems[len(elems)-1]
	if fits(e, last) || isInteger(e) && isFloat(last) {
		return nil
	}
	return &check.ArgError{Arg: arg, Err: fmt.Errorf("f takes %s, but the elements of %s are %s", article(typeString(last)), typeString(t), typeString(e))}
}

// keysFit says that the first parameter of a function of two does not take the
// indices or keys of xs.
func keysFit(param, key, xs types.Type) error {
	if fits(key, param) {
		return nil
	}
	what := "index"
	if _, isMap := xs.Underlying().(*types.Map); isMap {
		what = "key"
	} else if _, isFunc := xs.Underlying().(*types.Signature); isFunc {
		what = "first value"
	}
	return &check.ArgError{Err: fmt.Errorf("f takes 2 arguments: %%pmap gives it the %s first, %s, and then the element, but its first parameter is %s; to call it otherwise, map a function literal of one parameter",
		what, article(typeString(key)), article(typeString(param)))}
}

// fits says that a value of type t can be handed over to a parameter.
func fits(t, param types.Type) bool {
	if _, dynamic := t.Underlying().(*types.Interface); dynamic {
		return true
	}
	return types.AssignableTo(t, param) || isInteger(t) && isInteger(param) || isFloat(t) && isFloat(param) ||
		types.ConvertibleTo(t, param) && types.Identical(t.Underlying(), param.Underlying())
}

// article puts "a" or "an" before the name of a type.
func article(name string) string {
	if strings.ContainsRune("aeiou", rune(name[0])) && !strings.HasPrefix(name, "uint") {
		return "an " + name
	}
	return "a " + name
}

// count is 1 argument, 2 arguments.
func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}

// elements are the types of k, v in for k, v := range t.
func elements(t types.Type) ([]types.Type, bool) {
	integer := types.Typ[types.Int]
	switch u := t.Underlying().(type) {
	case *types.Slice:
		return []types.Type{integer, u.Elem()}, true
	case *types.Array:
		return []types.Type{integer, u.Elem()}, true
	case *types.Pointer:
		if a, ok := u.Elem().Underlying().(*types.Array); ok {
			return []types.Type{integer, a.Elem()}, true
		}
	case *types.Map:
		return []types.Type{u.Key(), u.Elem()}, true
	case *types.Chan:
		return []types.Type{u.Elem()}, true
	case *types.Interface:
		return []types.Type{t, t}, true
	case *types.Basic:
		if u.Info()&types.IsInteger != 0 {
			return []types.Type{t}, true
		}
		if u.Info()&types.IsString != 0 {
			return []types.Type{integer, types.Typ[types.Rune]}, true
		}
	case *types.Signature:
		if u.Params().Len() == 1 {
			if yield, ok := u.Params().At(0).Type().Underlying().(*types.Signature); ok && yield.Params().Len() > 0 {
				var list []types.Type
				for v := range yield.Params().Variables() {
					list = append(list, v.Type())
				}
				return list, true
			}
		}
	}
	return nil, false
}

func isInteger(t types.Type) bool { return isBasic(t, types.IsInteger) }

func isFloat(t types.Type) bool { return isBasic(t, types.IsFloat) }

func isBasic(t types.Type, info types.BasicInfo) bool {
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&info != 0
}

func isError(t types.Type) bool {
	return types.Identical(t, types.Universe.Lookup("error").Type())
}

func isContext(t types.Type) bool { return isNamed(t, "context", "Context") }

// isRandom says that a parameter is the task's own source of random numbers.
func isRandom(t types.Type) bool { return isPointerTo(t, "math/rand/v2", "Rand") }

func isPointerTo(t types.Type, path, name string) bool {
	p, ok := types.Unalias(t).(*types.Pointer)
	return ok && isNamed(p.Elem(), path, name)
}

// isNamed says that t, or what it is an alias of, is a type of a package.
func isNamed(t types.Type, path, name string) bool {
	n, ok := types.Unalias(t).(*types.Named)
	return ok && n.Obj().Pkg() != nil && n.Obj().Pkg().Path() == path && n.Obj().Name() == name
}

// takesRandom says that the tasks of a map of f get sources of random numbers.
func takesRandom(f types.Type) bool {
	sig, ok := f.Underlying().(*types.Signature)
	if !ok {
		return false
	}
	at := 0
	if sig.Params().Len() > 0 && isContext(sig.Params().At(0).Type()) {
		at = 1
	}
	return sig.Params().Len() > at && isRandom(sig.Params().At(at).Type())
}

// seedFits is typ, which also says that a seed is of no use to f.
func (opt *mapOpt) seedFits(typ func([]types.TypeAndValue) (*types.Signature, error)) func([]types.TypeAndValue) (*types.Signature, error) {
	if !opt.seeded {
		return typ
	}
	return func(args []types.TypeAndValue) (*types.Signature, error) {
		sig, err := typ(args)
		if err == nil && !takesRandom(args[0].Type) {
			return nil, &check.ArgError{Err: errors.New("--seed is for an f that takes a *rand.Rand of math/rand/v2 first; this one draws its numbers elsewhere")}
		}
		return sig, err
	}
}

// papplyType is the type of %papply f args…: f's own result.
func papplyType(args []types.TypeAndValue) (*types.Signature, error) {
	m, err := mapperOf("%papply", args[0], false)
	if err != nil {
		return nil, err
	}
	want := len(m.params)
	if got := len(args) - 1; got != want && !(m.variadic && got >= want-1) {
		return nil, &check.ArgError{Err: fmt.Errorf("f takes %s, but %d given", count(want, "argument"), got)}
	}
	params := []*types.Var{types.NewVar(0, nil, "f", m.whole)}
	for n := range args[1:] {
		params = append(params, types.NewVar(0, nil, "", m.params[min(n, want-1)]))
	}
	var results []*types.Var
	if len(m.results) == 1 {
		results = append(results, types.NewVar(0, nil, "", m.results[0]))
	}
	return types.NewSignatureType(nil, nil, nil, types.NewTuple(params...), types.NewTuple(results...), false), nil
}
