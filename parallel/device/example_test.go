package device_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"

	"github.com/adabc437/fanout/parallel/device"
)

// A program embeds its own functions: //go:embed functions.go above a variable of type
// string has the text that is compiled as well.
const functions = `package main

import "math"

func distance(x, y float64) float64 { return math.Sqrt(x*x + y*y) }

func share(n int) int { return 100 / (n - 3) }
`

func Example() {
	source, err := device.Parse("functions.go", functions)
	if err != nil {
		fmt.Println(err)
		return
	}
	distance, err := source.Function("distance")
	if err != nil {
		fmt.Println(err)
		return
	}
	devices := device.Open()
	defer devices.Close()

	out, profile, err := devices.Default().Map(context.Background(), &device.Call{
		Function: distance,
		Lists:    []any{[]float64{3, 5, 8}, []float64{4, 12, 15}},
		Result:   reflect.TypeFor[float64](),
	})
	fmt.Println(out, profile.Tasks, err)
	// Output: [5 13 17] 3 <nil>
}

func ExampleTaskError() {
	source, err := device.Parse("functions.go", functions)
	if err != nil {
		fmt.Println(err)
		return
	}
	share, err := source.Function("share")
	if err != nil {
		fmt.Println(err)
		return
	}
	devices := device.Open()
	defer devices.Close()

	_, _, err = devices.Default().Map(context.Background(), &device.Call{Function: share, Lists: []any{10}, Result: reflect.TypeFor[int]()})
	var task *device.TaskError
	if errors.As(err, &task) {
		fmt.Println("task", task.Index, "in line", task.Site.Line, "because of", task.Reason())
	}
	// Output: task 3 in line 7 because of integer divide by zero
}
