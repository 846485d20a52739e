package main

import "fmt"

// Defer and recover as a beginner meets them.

func open(name string) string {
	fmt.Println("open", name)
	return name
}

func closeIt(name string) {
	fmt.Println("close", name)
}

func process() {
	a := open("a")
	defer closeIt(a)
	b := open("b")
	defer closeIt(b)
	fmt.Println("processing", a, b)
}

func divide(a, b int) (result int, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("recovered: %v", r)
		}
	}()
	return a / b, nil
}

func countdown() {
	for i := 3; i > 0; i-- {
		defer fmt.Println("deferred", i)
	}
	fmt.Println("counting")
}

func protect(name string, f func()) {
	defer func() {
		if r := recover(); r != nil {
			fmt.Println(name, "panicked:", r)
			return
		}
		fmt.Println(name, "went well")
	}()
	f()
}

func main() {
	process()
	countdown()
	fmt.Println(divide(7, 2))
	fmt.Println(divide(1, 0))
	protect("good", func() {})
	protect("bad", func() { panic("oh no") })
	x := 10
	defer fmt.Println("deferred x is", x)
	x = 20
	fmt.Println("x is", x)
}
