package main

import "fmt"

// A nil pointer: fields, methods, embedded pointers, and nil functions.

type Engine struct{ hp int }

func (e *Engine) Start() string {
	if e == nil {
		return "no engine"
	}
	return fmt.Sprint("started ", e.hp)
}

func (e Engine) Power() int { return e.hp }

type Car struct {
	*Engine
	name string
	horn func() string
}

func safely(f func() any) (out any) {
	defer func() {
		if r := recover(); r != nil {
			err, ok := r.(error)
			out = fmt.Sprint(ok, " ", err)
		}
	}()
	return f()
}

func main() {
	ok := Car{&Engine{100}, "ok", func() string { return "beep" }}
	bad := Car{name: "bad"}
	fmt.Println(ok.Start(), ok.Power(), ok.horn())
	fmt.Println(bad.Start())
	fmt.Println(safely(func() any { return bad.Power() }))
	fmt.Println(safely(func() any { return bad.hp }))
	fmt.Println(safely(func() any { return bad.horn() }))
	var p *[3]int
	fmt.Println(len(p), safely(func() any { return p[1] }))
	var e error
	fmt.Println(safely(func() any { return e.Error() }))
	cars := []*Car{&ok, nil}
	for _, c := range cars {
		fmt.Println(c.name)
	}
}
