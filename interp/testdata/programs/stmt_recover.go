package main

import (
	"errors"
	"fmt"
	"io"
	"runtime"
)

// Recover: where it works, what it returns, panics in deferred calls.

func helper() any { return recover() }

func wrongPlace() (out string) {
	defer func() {
		if r := recover(); r != nil {
			out = fmt.Sprint("outer got ", r)
		}
	}()
	defer func() {
		func() {
			if r := recover(); r != nil {
				out = "nested recovered"
			}
		}()
	}()
	panic("p1")
}

func byHelper() (r any) {
	defer func() {
		if r == nil {
			r = recover()
		}
	}()
	defer func() { r = helper() }() // not called by the deferred function directly
	panic("p2")
}

func replaced() (out []any) {
	defer func() { out = append(out, recover()) }()
	defer func() { panic("second") }()
	panic("first")
}

func rethrow() (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("wrapped: %w", r.(error))
		}
	}()
	func() {
		defer func() {
			if r := recover(); r != nil {
				panic(fmt.Errorf("again: %v", r))
			}
		}()
		panic("inside")
	}()
	return nil
}

func runtimeErr(f func()) (msg string) {
	defer func() {
		r := recover()
		e, ok := r.(runtime.Error)
		msg = fmt.Sprint(ok, " ", e)
	}()
	f()
	return
}

func try(f func()) (err error) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case error:
			err = r
		case string:
			err = errors.New(r)
		default:
			err = fmt.Errorf("%T %v", r, r)
		}
	}()
	f()
	return
}

func main() {
	fmt.Println(recover())
	fmt.Println(wrongPlace())
	fmt.Println(byHelper())
	fmt.Println(replaced())
	fmt.Println(rethrow())
	var s []int
	var m map[string]int
	var p *struct{ x int }
	var i any = "s"
	var z int
	fmt.Println(runtimeErr(func() { _ = s[z+5] }))
	fmt.Println(runtimeErr(func() { m["a"] = 1 }))
	fmt.Println(runtimeErr(func() { p.x = 1 }))
	fmt.Println(runtimeErr(func() { _ = i.(int) }))
	fmt.Println(runtimeErr(func() { z = 1 / z }))
	fmt.Println(runtimeErr(func() { _ = s[1+z : z] }))
	fmt.Println(runtimeErr(func() { _ = make([]int, z-1) }))
	fmt.Println(runtimeErr(func() { _ = i.(fmt.Stringer) }))
	fmt.Println(runtimeErr(func() { _ = [4]int([]int{1}) }))
	fmt.Println(runtimeErr(func() { _ = map[any]int{[]int{}: 1} }))
	fmt.Println(try(func() {}), try(func() { panic(io.EOF) }), try(func() { panic("str") }), try(func() { panic(3.5) }))
	var pe *runtime.PanicNilError
	fmt.Println(errors.As(try(func() { panic(nil) }), &pe))
}
