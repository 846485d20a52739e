package main

import (
	"errors"
	"fmt"
	"time"
)

// Type switches: several types in a case, nil, interfaces, shadowing.

type Stringish string

type pair[T any] struct{ a, b T }

type walker interface{ Walk() string }

type dog struct{}

func (dog) Walk() string { return "dog walks" }

func classify(v any) string {
	switch x := v.(type) {
	case nil:
		return "nil"
	case int, int64:
		return fmt.Sprintf("integer %v", x)
	case float64:
		return fmt.Sprint("float ", x*2)
	case string:
		return "string " + x + "!"
	case Stringish:
		return "stringish " + string(x)
	case []int:
		return fmt.Sprint("ints ", len(x))
	case map[string]int:
		return fmt.Sprint("map ", x["k"])
	case func(int) int:
		return fmt.Sprint("func ", x(4))
	case *int:
		*x++
		return fmt.Sprint("pointer ", *x)
	case pair[int]:
		return fmt.Sprint("pair ", x.a+x.b)
	case pair[string]:
		return "pair " + x.a + x.b
	case error:
		return "error " + x.Error()
	case walker:
		return x.Walk()
	case fmt.Stringer:
		return "stringer " + x.String()
	case chan int:
		return fmt.Sprint("chan ", cap(x))
	case struct{ A int }:
		return fmt.Sprint("anon ", x.A)
	case [2]bool:
		return fmt.Sprint("array ", x[1])
	case bool, byte:
		switch y := x.(type) {
		case bool:
			return fmt.Sprint("bool ", !y)
		case byte:
			return fmt.Sprint("byte ", y+1)
		}
	}
	return fmt.Sprintf("other %T", v)
}

func main() {
	n := 5
	for _, v := range []any{nil, 1, int64(2), 2.5, "s", Stringish("t"), []int{1, 2}, map[string]int{"k": 7}, func(x int) int { return x * x }, &n,
		pair[int]{1, 2}, pair[string]{"a", "b"}, pair[float64]{}, errors.New("bad"), dog{}, time.Second, make(chan int, 3),
		struct{ A int }{6}, [2]bool{false, true}, true, byte(7), int8(1), []string{}} {
		fmt.Println(classify(v))
	}
	fmt.Println(n)
	var e error
	switch e.(type) {
	case nil:
		fmt.Println("nil error")
	}
	switch x := any(n).(type) {
	case int:
		x++
		fmt.Println(x, n)
	default:
		fmt.Println("never")
	}
	switch x := 3; y := any(x).(type) {
	case string:
		fmt.Println("never", y)
	case int:
		fmt.Println(x + y)
	}
	var w walker = dog{}
	switch w.(type) {
	case interface{ Run() }:
		fmt.Println("runs")
	case interface{ Walk() string }:
		fmt.Println("walks")
	}
}
