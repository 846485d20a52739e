package cpu

import (
	"testing"

	"github.com/adabc437/fanout/parallel/device/ir/irtest"
)

func TestProgramsDoWhatGoDoes(t *testing.T) {
	d := Open()
	defer d.Close()
	irtest.Run(t, d)
}
