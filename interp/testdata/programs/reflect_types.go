package main

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
)

// Types seen by reflect: kinds, names, elements, and types that it makes.

type Celsius float64
type Handler func(string, ...int) error
type Tree[T any] struct{ L, R *Tree[T] }
type Iface interface {
	M(int) string
	fmt.Stringer
}
type E struct {
	*strings.Builder
	Celsius
	x, Y int
}

func show(v any) {
	t := reflect.TypeOf(v)
	if t == nil {
		fmt.Println("nil type")
		return
	}
	s := fmt.Sprintf("%v kind=%v name=%q size=%d", t, t.Kind(), t.Name(), t.Size())
	switch t.Kind() {
	case reflect.Map:
		s += fmt.Sprint(" key=", t.Key(), " elem=", t.Elem())
	case reflect.Slice, reflect.Pointer, reflect.Chan:
		s += fmt.Sprint(" elem=", t.Elem())
	case reflect.Array:
		s += fmt.Sprint(" len=", t.Len(), " elem=", t.Elem())
	case reflect.Func:
		s += fmt.Sprint(" in=", t.NumIn(), " out=", t.NumOut(), " variadic=", t.IsVariadic())
	case reflect.Struct:
		for i := range t.NumField() {
			f := t.Field(i)
			s += fmt.Sprintf(" %s:%v@%d", f.Name, f.Anonymous, f.Offset)
		}
	}
	fmt.Println(s)
}

func main() {
	var h Handler
	for _, v := range []any{1, "s", Celsius(1), []Celsius{}, map[string][]int{}, h, &Tree[int]{}, Tree[string]{}, [3]*E{}, make(<-chan bool), E{}, struct {
		A int `k:"v"`
	}{}, nil, 'x', 1i, errors.New("e"), func() {}} {
		show(v)
	}
	it := reflect.TypeFor[Iface]()
	fmt.Println(it, it.NumMethod(), it.Method(0).Name, it.Method(1).Type)
	fmt.Println(reflect.TypeOf(1) == reflect.TypeFor[int](), reflect.TypeFor[Celsius]() == reflect.TypeFor[float64]())
	fmt.Println(reflect.TypeFor[Celsius]().ConvertibleTo(reflect.TypeFor[int]()), reflect.TypeFor[Celsius]().AssignableTo(reflect.TypeFor[float64]()))
	fmt.Println(reflect.ValueOf(Celsius(3.7)).Convert(reflect.TypeFor[int]()).Interface())
	fmt.Println(reflect.SliceOf(reflect.TypeFor[E]()), reflect.MapOf(reflect.TypeFor[string](), reflect.TypeFor[Celsius]()), reflect.PointerTo(reflect.TypeFor[Handler]()), reflect.ArrayOf(2, reflect.TypeFor[any]()))
	st := reflect.StructOf([]reflect.StructField{{Name: "A", Type: reflect.TypeFor[int](), Tag: `json:"a"`}, {Name: "B", Type: reflect.TypeFor[string]()}})
	sv := reflect.New(st).Elem()
	sv.Field(0).SetInt(5)
	fmt.Printf("%+v %v\n", sv.Interface(), st)
	fmt.Println(reflect.FuncOf([]reflect.Type{reflect.TypeFor[int]()}, nil, false), reflect.ChanOf(reflect.RecvDir, reflect.TypeFor[E]()))
	var e error
	fmt.Println(reflect.TypeOf(e) == nil, reflect.TypeOf(&e).Elem(), reflect.ValueOf(nil).IsValid())
	fmt.Println(reflect.ValueOf(E{}).IsZero(), reflect.ValueOf(E{Y: 1}).IsZero())
}
