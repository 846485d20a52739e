package main

import (
	"fmt"
	"math"
)

// Untyped constants keep all their digits until they need a type.

const Huge = 1 << 100
const Third = 1.0 / 3
const Big = Huge * Huge

const (
	a = 7 / 2
	b = 7 / 2.0
	c = 'a' + 1
	d = 1 + 0i
	e = "con" + "cat"
	f = len(e)
	g = Huge >> 98
	h = Big / Huge >> 97
)

type Celsius float32

const Boil Celsius = 100

func kind(v any) string { return fmt.Sprintf("%T(%v)", v, v) }

func main() {
	fmt.Println(kind(a), kind(b), kind(c), kind(d), kind(e), kind(f), kind(g), kind(h))
	var f32 float32 = Third
	var f64 float64 = Third
	fmt.Println(f32, f64, float64(f32) == f64)
	fmt.Println(kind(Boil), kind(Boil/3), kind(Boil*2))
	var i8 int8 = 'x'
	var u uint = 1e3
	var x float64 = 'a'
	fmt.Println(i8, u, x)
	fmt.Println(math.MaxUint32, uint64(math.MaxUint64), math.MinInt64)
	const s = 10
	var sh uint = 3
	var w int64 = 1 << sh
	var y = float64(s<<2) + 0.5
	fmt.Println(w, y, 1<<sh == 8, uint8(1)<<sh<<5)
	const big = 123456789012345678901234567890
	fmt.Println(big/1e20, float64(big), big%1000)
	fmt.Println(kind(5.0), kind(5), kind('5'), kind(5i), kind("5"), kind(5 == 5.0))
	const typed int64 = 5
	fmt.Println(kind(typed<<2), kind(1.0<<3))
	fmt.Println(math.Pi, float32(math.Pi), math.E*2)
}
