package device

import (
	"testing"

	"github.com/adabc437/fanout/parallel/device/translate/corpus"
)

// TestFloat32FunctionsFitDevicesWithoutFloat64 is of math's functions between conversions.
func TestFloat32FunctionsFitDevicesWithoutFloat64(t *testing.T) {
	source, err := corpus.Load()
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]bool{"rounded32": false, "extremes32": false, "tests32": false, "math32": false, "pow32": false, "arith32": true} {
		u, err := source.Translate(name)
		if err != nil {
			t.Fatal(err)
		}
		if got := usesFloat64(u.Func.Body); got != want {
			t.Errorf("%s computes with float64: %v, want %v", name, got, want)
		}
	}
}
