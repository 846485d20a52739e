package main

import "fmt"

// Division by zero of integers; floats do not panic.

func mean(xs []int) int {
	sum := 0
	for _, x := range xs {
		sum += x
	}
	return sum / len(xs)
}

func fmean(xs []float64) float64 {
	sum := 0.0
	for _, x := range xs {
		sum += x
	}
	return sum / float64(len(xs))
}

func try(a, b int) (q, r int, err error) {
	defer func() {
		if e, ok := recover().(error); ok {
			err = e
		}
	}()
	return a / b, a % b, nil
}

func main() {
	fmt.Println(try(7, 2))
	fmt.Println(try(-7, 2))
	fmt.Println(try(1, 0))
	fmt.Println(fmean([]float64{1, 2}), fmean(nil))
	var u uint8
	groups := [][]int{{1, 2, 3}, {10}, {}}
	for i, g := range groups {
		fmt.Println(i, mean(g), u)
	}
}
