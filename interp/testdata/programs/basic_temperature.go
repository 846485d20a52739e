package main

import "fmt"

// A table of temperatures: functions, loops and formatted output.

const (
	low  = -20
	high = 40
	step = 20
)

func toFahrenheit(c float64) float64 {
	return c*9/5 + 32
}

func describe(c float64) string {
	if c <= 0 {
		return "freezing"
	} else if c < 25 {
		return "mild"
	}
	return "hot"
}

func main() {
	fmt.Printf("%6s %8s\n", "C", "F")
	for c := low; c <= high; c += step {
		f := toFahrenheit(float64(c))
		fmt.Printf("%6d %8.1f %s\n", c, f, describe(float64(c)))
	}
	sum, n := 0.0, 0
	for _, c := range []float64{12.5, 17, 21.5, -3} {
		sum += c
		n++
	}
	fmt.Printf("mean %.2f\n", sum/float64(n))
}
