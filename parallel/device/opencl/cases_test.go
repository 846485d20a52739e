package opencl

import (
	"testing"

	"github.com/adabc437/fanout/parallel/device/ir/irtest"
)

// TestProgramsDoWhatGoDoes runs the cases of package irtest.
func TestProgramsDoWhatGoDoes(t *testing.T) {
	for _, d := range devices(t) {
		t.Run(d.info.Name, func(t *testing.T) { irtest.Run(t, d) })
	}
}

// TestFloat32Functions runs functions of float32 numbers as on a device without float64, and
// as on one whose float32 is not that of IEEE 754.
func TestFloat32Functions(t *testing.T) {
	for _, d := range devices(t) {
		d.info.Float64 = false
		t.Run(d.info.Name, func(t *testing.T) { irtest.Run(t, d, "math32") })
	}
	for _, d := range devices(t) {
		if d.info.Float64 {
			d.ieee32 = false
			t.Run(d.info.Name+", by float64", func(t *testing.T) { irtest.Run(t, d, "math32") })
		}
	}
}
