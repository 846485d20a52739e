package main

import (
	"fmt"
	"reflect"
	"strings"
)

// Calling through reflect: functions, methods, variadics, made functions.

type Calc struct{ acc float64 }

func (c *Calc) Add(x float64) *Calc      { c.acc += x; return c }
func (c *Calc) Mul(x, y float64) float64 { return c.acc * x * y }
func (c Calc) Value() float64            { return c.acc }
func (c Calc) Join(sep string, xs ...int) string {
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(xs), " ", sep), "[]")
}
func (c Calc) hidden() {}

type Op interface{ Value() float64 }

func dispatch(obj any, name string, args ...any) (out []any, err error) {
	m := reflect.ValueOf(obj).MethodByName(name)
	if !m.IsValid() {
		return nil, fmt.Errorf("no method %s", name)
	}
	var in []reflect.Value
	for _, a := range args {
		in = append(in, reflect.ValueOf(a))
	}
	for _, v := range m.Call(in) {
		out = append(out, v.Interface())
	}
	return
}

func double(f any) any {
	v := reflect.ValueOf(f)
	return reflect.MakeFunc(v.Type(), func(args []reflect.Value) []reflect.Value {
		return v.Call([]reflect.Value{v.Call(args)[0]})
	}).Interface()
}

func main() {
	c := &Calc{2}
	out, err := dispatch(c, "Mul", 3.0, 4.0)
	fmt.Println(out, err)
	out, err = dispatch(c, "Value")
	fmt.Println(out, err)
	_, err = dispatch(*c, "Add", 1.0)
	fmt.Println(err)
	out, _ = dispatch(c, "Join", "-", 1, 2, 3)
	fmt.Println(out)
	t := reflect.TypeOf(c)
	for i := range t.NumMethod() {
		m := t.Method(i)
		fmt.Println(m.Name, m.Type, m.Type.NumIn(), m.Type.IsVariadic())
	}
	fmt.Println(reflect.TypeOf(*c).NumMethod(), t.Elem().NumField())
	opT := reflect.TypeFor[Op]()
	fmt.Println(opT.Kind(), t.Implements(opT), reflect.TypeFor[int]().Implements(opT), t.AssignableTo(opT))
	inc := double(func(n int) int { return n + 1 }).(func(int) int)
	fmt.Println(inc(5))
	up := double(func(s string) string { return "<" + s + ">" }).(func(string) string)
	fmt.Println(up("x"))
	f := reflect.ValueOf(fmt.Sprintf)
	r := f.Call([]reflect.Value{reflect.ValueOf("%d-%s"), reflect.ValueOf(1), reflect.ValueOf("a")})
	fmt.Println(r[0].String(), f.Type())
	r = f.CallSlice([]reflect.Value{reflect.ValueOf("%v|%v"), reflect.ValueOf([]any{1, nil})})
	fmt.Println(r[0])
	func() {
		defer func() { fmt.Println("recovered:", recover() != nil) }()
		reflect.ValueOf(strings.ToUpper).Call(nil)
	}()
	add := reflect.ValueOf(c).MethodByName("Add")
	add.Call([]reflect.Value{reflect.ValueOf(10.0)})
	fmt.Println(c.Value(), reflect.Indirect(reflect.ValueOf(c)).Type())
	ch := reflect.MakeChan(reflect.TypeFor[chan int](), 1)
	ch.Send(reflect.ValueOf(3))
	v, ok := ch.Recv()
	fmt.Println(v, ok)
}
