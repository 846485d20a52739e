package interp

import (
	"iter"
	"reflect"
)

// pull stands in for iter.Pull.
func pull(t reflect.Type, a []reflect.Value) []reflect.Value {
	next, stop := iter.Pull(a[0].Seq())
	elem := t.Out(0).Out(0)
	return []reflect.Value{
		reflect.MakeFunc(t.Out(0), func([]reflect.Value) []reflect.Value {
			v, ok := next()
			if !ok {
				v = reflect.Zero(elem)
			}
			return []reflect.Value{v, reflect.ValueOf(ok)}
		}),
		reflect.ValueOf(stop),
	}
}

// pull2 stands in for iter.Pull2.
func pull2(t reflect.Type, a []reflect.Value) []reflect.Value {
	next, stop := iter.Pull2(a[0].Seq2())
	key, elem := t.Out(0).Out(0), t.Out(0).Out(1)
	return []reflect.Value{
		reflect.MakeFunc(t.Out(0), func([]reflect.Value) []reflect.Value {
			k, v, ok := next()
			if !ok {
				k, v = reflect.Zero(key), reflect.Zero(elem)
			}
			return []reflect.Value{k, v, reflect.ValueOf(ok)}
		}),
		reflect.ValueOf(stop),
	}
}
