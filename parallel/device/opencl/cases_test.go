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
