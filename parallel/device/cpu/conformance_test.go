package cpu

import (
	"testing"

	"github.com/adabc437/fanout/parallel/device/backend"
	"github.com/adabc437/fanout/parallel/device/backend/backendtest"
)

// TestConformance runs what every back-end must pass.
func TestConformance(t *testing.T) {
	backendtest.Run(t, func(t *testing.T) backend.Device { return Open() })
}
