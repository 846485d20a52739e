package device

import _ "embed"

//go:embed bench_functions_test.go
var benchText string

func mandelbrot(x, y float64) int32 {
	var re, im float64
	for i := int32(0); i < 200; i++ {
		re, im = re*re-im*im+x, 2*re*im+y
		if re*re+im*im > 4 {
			return i
		}
	}
	return 200
}

var terms = []float64{1, -1, 1.0 / 2, -1.0 / 6, 1.0 / 24, 0.3, 0.25, -0.125, 0.7, 0.1, -0.2, 0.3, -0.4, 0.5, -0.6, 0.7, -0.8, 0.9, -1, 1.1}

func polynomial(x float64) float64 {
	sum := 0.0
	for _, c := range terms {
		sum = sum*x + c
	}
	return sum
}

func cubic(x float32) float32 { return ((x*0.25+1)*x-0.5)*x + 2 }
