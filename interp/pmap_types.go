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

// pmapType is the type of %pmap f xs: []R where f returns R.
func pmapType(args []types.TypeAndValue) (*types.Signature, error) {
	f, ok := args[0].Type.Underlying().(*types.Signature)
	if !ok || args[0].IsType() {
		return nil, &check.ArgError{Arg: 0, Err: fmt.Errorf("the first argument of %%pmap must be a function, but its type is %s", typeString(types.Default(args[0].Type)))}
	}
	if f.TypeParams().Len() > 0 {
		return nil, &check.ArgError{Err: errors.New("f is generic: say for which types, as in f[int]")}
	}
	if err := elementsFit(f, args[1]); err != nil {
		return nil, err
	}
	var results []*types.Var
	n := f.Results().Len()
	if n > 0 && isError(f.Results().At(n-1).Type()) {
		n--
	}
	if n > 1 {
		return nil, fmt.Errorf("f returns %d values; %%pmap takes a function that returns one, or one and an error", f.Results().Len())
	}
	if n == 1 {
		results = append(results, types.NewVar(0, nil, "", types.NewSlice(f.Results().At(0).Type())))
	}
	params := types.NewTuple(types.NewVar(0, nil, "f", args[0].Type), types.NewVar(0, nil, "xs", types.Default(args[1].Type)))
	return types.NewSignatureType(nil, nil, nil, params, types.NewTuple(results...), false), nil
}

// elementsFit says what is wrong with f and xs before anything runs, where their
// static types show it; MapValue looks at the values.
func elementsFit(f *types.Signature, xs types.TypeAndValue) error {
	elems, ok := elements(types.Default(xs.Type))
	if !ok {
		return &check.ArgError{Arg: 1, Err: fmt.Errorf("the second argument of %%pmap must be a slice, array, map, string, channel, iterator or whole number, but its type is %s", typeString(types.Default(xs.Type)))}
	}
	params := f.Params().Len()
	if params > 0 && isContext(f.Params().At(0).Type()) {
		params--
	}
	if params < 1 || params > 2 || params == 2 && len(elems) < 2 {
		return &check.ArgError{Err: fmt.Errorf("f takes %s; %%pmap calls it with one element of %s", count(params, "argument"), typeString(types.Default(xs.Type)))}
	}
	last := f.Params().At(f.Params().Len() - 1).Type()
	if xs.Value != nil && xs.Value.Kind() == constant.Int && constant.Sign(xs.Value) < 0 {
		return &check.ArgError{Arg: 1, Err: fmt.Errorf("xs is %s: %s", xs.Value, negativeCount)}
	}
	if f.Variadic() {
		last = last.(*types.Slice).Elem()
	}
	if params == 2 {
		if err := keysFit(f.Params().At(f.Params().Len()-2).Type(), elems[0], types.Default(xs.Type)); err != nil {
			return err
		}
	}
	e := elems[len(elems)-1]
	if fits(e, last) || isInteger(e) && isFloat(last) {
		return nil
	}
	return &check.ArgError{Arg: 1, Err: fmt.Errorf("f takes %s, but the elements of %s are %s", article(typeString(last)), typeString(types.Default(xs.Type)), typeString(e))}
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

func isContext(t types.Type) bool { return t.String() == "context.Context" }

// papplyType is the type of %papply f args…: f's own result.
func papplyType(args []types.TypeAndValue) (*types.Signature, error) {
	f, ok := args[0].Type.Underlying().(*types.Signature)
	if !ok || args[0].IsType() {
		return nil, &check.ArgError{Arg: 0, Err: fmt.Errorf("the first argument of %%papply must be a function, but its type is %s", typeString(types.Default(args[0].Type)))}
	}
	if f.TypeParams().Len() > 0 {
		return nil, &check.ArgError{Err: errors.New("f is generic: say for which types, as in f[int]")}
	}
	first := 0 // a context is not among the arguments
	if f.Params().Len() > 0 && isContext(f.Params().At(0).Type()) {
		first = 1
	}
	want := f.Params().Len() - first
	if got := len(args) - 1; got != want && !(f.Variadic() && got >= want-1) {
		return nil, &check.ArgError{Err: fmt.Errorf("f takes %s, but %d given", count(want, "argument"), got)}
	}
	params := []*types.Var{types.NewVar(0, nil, "f", args[0].Type)}
	for n := range args[1:] {
		var t types.Type
		if f.Variadic() && n >= want-1 {
			t = f.Params().At(first + want - 1).Type().(*types.Slice).Elem()
		} else {
			t = f.Params().At(first + n).Type()
		}
		params = append(params, types.NewVar(0, nil, "", t))
	}
	n := f.Results().Len()
	if n > 0 && isError(f.Results().At(n-1).Type()) {
		n--
	}
	if n > 1 {
		return nil, fmt.Errorf("f returns %d values; %%papply takes a function that returns one, or one and an error", f.Results().Len())
	}
	var results []*types.Var
	if n == 1 {
		results = append(results, types.NewVar(0, nil, "", f.Results().At(0).Type()))
	}
	return types.NewSignatureType(nil, nil, nil, types.NewTuple(params...), types.NewTuple(results...), false), nil
}
