package main

import (
	"fmt"
	"runtime"
)

// panic(nil) is a runtime error of its own, and recover sees it.

func try(v any) (r any) {
	defer func() { r = recover() }()
	panic(v)
}

func fine() (r any) {
	defer func() { r = recover() }()
	return 1
}

func nilError() error { return nil }

func main() {
	r := try(nil)
	fmt.Printf("%v %T\n", r, r)
	_, isRuntime := r.(runtime.Error)
	fmt.Println(isRuntime, fine())
	fmt.Println(try("s"), try(1.5), try([]int{1}), try(struct{ A int }{2}))
	if e, ok := try(nilError()).(*runtime.PanicNilError); ok {
		fmt.Println(e.Error())
	}
	var p *int
	fmt.Println(try(p) == (*int)(nil))
	var err error
	fmt.Println("now in earnest")
	panic(err)
}
