package translate_test

import (
	"fmt"
	"testing"

	"github.com/adabc437/fanout/parallel/device/clc"
	"github.com/adabc437/fanout/parallel/device/ir"
)

func TestSmoke(t *testing.T) {
	u, err := translated(t, `package p
import ("math"; "math/bits")
var gain = []float64{1,2}
var total float64
type P struct { x, y float64 }
func (p P) norm() float64 { return math.Hypot(p.x, p.y) }
func (p *P) scale(k float64) { p.x *= k; p.y *= k }
func div(a, b int) (q, r int) { q = a / b; r = a % b; return }
func Sum[T int|float64](xs []T) (s T) { for _, x := range xs { s += x }; return s + 1 }
func g(x float64, xs []float64, n int) float64 {
	// A comment.
	s := 0.0
	for i := 0; i < len(xs); i++ { s += xs[i] * gain[i] }
	for i := range n { if i > 3 && xs[i] > 0 { break } else if xs[i] < 0 { continue }; s++ }
	p := P{x, s}
	p.scale(2)
	q, r := div(n, 3)
	switch { case q > r: s++; fallthrough
	case q == 2, r/q == 1: s--
	default: s = 0 }
	sq := func(x float64) float64 { n++; return x*x + s }
	_, c := bits.Add64(1, uint64(n), 0)
	xs[0], n = xs[n], 5
	var m [3][3]float64
	for i := range 3 { for j := 0; j < 3; j++ { m[i][j] = float64(i*3+j) } }
	_ = c
	return p.norm() + sq(s) + Sum(xs) + m[1][n]
}
var f = g
`)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println(ir.Text(u.Program))
	s, err := clc.Print(u.Program)
	fmt.Println(s, err)
}
