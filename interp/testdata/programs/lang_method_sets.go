package main

import (
	"fmt"
	"reflect"
)

// Method sets: values, pointers, embedded ones, addressable operands.

type Val struct{ n int }

func (v Val) Get() int   { return v.n }
func (v *Val) Set(n int) { v.n = n }

type Getter interface{ Get() int }
type Setter interface{ Set(int) }
type Both interface {
	Getter
	Setter
}

type EmbV struct{ Val }
type EmbP struct{ *Val }
type EmbE struct {
	EmbP
	extra int
}
type Def Val
type Alias = Val
type IP struct{ Getter }

func sets(name string, v any) {
	_, g := v.(Getter)
	_, s := v.(Setter)
	_, b := v.(Both)
	fmt.Println(name, g, s, b)
}

func main() {
	v := Val{1}
	sets("Val", v)
	sets("*Val", &v)
	sets("EmbV", EmbV{v})
	sets("*EmbV", &EmbV{v})
	sets("EmbP", EmbP{&v})
	sets("*EmbP", &EmbP{&v})
	sets("EmbE", EmbE{})
	sets("Def", Def(v))
	sets("*Def", (*Def)(&v))
	sets("Alias", Alias{})
	sets("IP", IP{&v})
	v.Set(2)
	(&v).Set(v.Get() + 1)
	fmt.Println(v.Get(), (&v).Get())
	arr := []Val{{1}, {2}}
	arr[0].Set(10)
	ev := EmbV{}
	ev.Set(5)
	ep := EmbP{&v}
	ep.Set(50)
	ee := EmbE{ep, 1}
	ee.Set(60)
	fmt.Println(arr, ev.Get(), v.n, ee.Get(), ee.EmbP.Val.n)
	m := map[string]*Val{"a": {1}}
	m["a"].Set(7)
	fmt.Println(m["a"].n)
	var g Getter = v
	v.Set(99)
	fmt.Println(g.Get(), Getter(&v).Get())
	var gp Getter = &v
	v.Set(100)
	fmt.Println(gp.Get())
	if s, ok := gp.(Setter); ok {
		s.Set(1)
	}
	fmt.Println(v.n)
	f := v.Set
	f(33)
	h := (*Val).Set
	h(&v, v.n+1)
	fmt.Println(v.n, Val.Get(v), (*Val).Get(&v), EmbP.Get(ep))
	type wrap struct {
		Both
		log []string
	}
	w := wrap{Both: &v}
	w.Set(3)
	fmt.Println(w.Get(), v.n)
	t := reflect.TypeOf(v)
	fmt.Println(t.NumMethod(), reflect.PointerTo(t).NumMethod(), reflect.TypeOf(ev).NumMethod(), reflect.TypeOf(ep).NumMethod(), reflect.TypeOf(Def{}).NumMethod())
}
