package main

import (
	"fmt"
	"reflect"
	"sort"
)

// A reflect walker over structs, maps, slices, pointers and interfaces.

type Inner struct {
	A int `json:"a" db:"col_a"`
	b string
}

type Outer struct {
	Name string            `json:"name,omitempty"`
	List []Inner           `json:"list"`
	M    map[string]*Inner `json:"m"`
	Any  any
	Next *Outer
	Fn   func(int) string
	Ch   chan<- int
	Arr  [2]bool
	Inner
}

func walk(v reflect.Value, path string, out func(string)) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			f := v.Type().Field(i)
			name := f.Name
			if f.Anonymous {
				name = "(" + name + ")"
			}
			walk(v.Field(i), path+"."+name, out)
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			walk(v.Index(i), fmt.Sprintf("%s[%d]", path, i), out)
		}
	case reflect.Map:
		keys := v.MapKeys()
		sort.Slice(keys, func(i, j int) bool { return keys[i].String() < keys[j].String() })
		for _, k := range keys {
			walk(v.MapIndex(k), fmt.Sprintf("%s[%v]", path, k), out)
		}
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			out(path + " nil " + v.Type().String())
			return
		}
		walk(v.Elem(), "*"+path, out)
	case reflect.Func, reflect.Chan:
		out(fmt.Sprint(path, " ", v.Type(), " ", v.IsNil()))
	default:
		out(fmt.Sprintf("%s %s=%v", path, v.Type(), v))
	}
}

func main() {
	o := &Outer{Name: "o", List: []Inner{{1, "x"}, {A: 2}}, M: map[string]*Inner{"k2": nil, "k1": {3, "y"}}, Any: Inner{4, "z"}, Arr: [2]bool{true}, Inner: Inner{A: 9}}
	o.Next = &Outer{Any: []int{7}}
	n := 0
	walk(reflect.ValueOf(o), "o", func(s string) {
		if n++; n < 30 {
			fmt.Println(s)
		}
	})
	t := reflect.TypeOf(*o)
	for i := range t.NumField() {
		f := t.Field(i)
		fmt.Println(f.Name, f.Type, f.Tag.Get("json"), f.Index, f.IsExported())
	}
	f, ok := t.FieldByName("A")
	fmt.Println(f.Tag.Get("db"), f.Index, ok)
	tag, has := f.Tag.Lookup("xml")
	fmt.Printf("%q %v\n", tag, has)
	fmt.Println(t.NumMethod(), t.Kind(), t.Name(), t.String(), t.PkgPath(), t.Comparable())
}
