package translate_test

import (
	"testing"

	"github.com/adabc437/fanout/parallel/device/ir"
)

// TestWhatNeedsFloat64 has what a device without float64 runs, and what it refuses because Go
// computes it in float64: rounded in float32 on the way, it would be another number.
func TestWhatNeedsFloat64(t *testing.T) {
	for source, want := range map[string]bool{
		"func g(x float32) float32 { return 1 / (1 + float32(math.Exp(float64(-x)))) }":                                         false,
		"func g(x float32) float32 { return 1 / (1 + float32(math.Exp(-float64(x)))) }":                                         false,
		"func g(x float32) float32 { return float32(1 / (1 + math.Exp(-float64(x)))) }":                                         true,
		"func g(x float32) float32 { return float32(math.Exp(float64(x)) - 1) }":                                                true,
		"func g(x, y float32) float32 { return float32(float64(x) / float64(y)) }":                                              false,
		"func g(x, y, z float32) float32 { return float32(float64(x) / float64(y) * float64(z)) }":                              true,
		"func g(x, y float32) bool { return float64(x) / float64(y) < 1 }":                                                      true,
		"func g(x, y complex64) complex64 { return x + y }":                                                                     false,
		"func g(x, y complex64) complex64 { return x * y }":                                                                     true,
		"func g(x, y complex64) complex64 { return complex(real(x)*real(y)-imag(x)*imag(y), real(x)*imag(y)+imag(x)*real(y)) }": false,
	} {
		u, err := translated(t, "package p\nimport \"math\"\nvar _ = math.Pi\n"+source+"\nvar f = g\n")
		if err != nil {
			t.Fatal(err)
		}
		got := false
		for _, f := range u.Program.Funcs {
			ir.Walk(f.Body, func(s ir.Stmt) {
				ir.Exprs(s, func(e ir.Expr) {
					ir.Inside(e, func(e ir.Expr) { got = got || e.Type().Kind == ir.Float64 })
				})
			})
		}
		if got != want {
			t.Errorf("%s: needs float64 is %v, want %v\n%s", source, got, want, ir.Text(u.Program))
		}
	}
}
