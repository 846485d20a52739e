package opencl

import (
	"errors"
	"os"
	"testing"

	"github.com/adabc437/fanout/parallel/device/backend"
	"github.com/adabc437/fanout/parallel/device/backend/backendtest"
)

// devices opens the machine's devices, with a cache of the test's own. Without OpenCL the
// test is skipped, but under CI it fails.
func devices(t testing.TB, list ...Option) []*device {
	t.Helper()
	all, err := Open(append([]Option{CacheDir(t.TempDir())}, list...)...)
	if none := (*NotFoundError)(nil); errors.As(err, &none) && os.Getenv("CI") == "" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	own := make([]*device, len(all))
	for i, d := range all {
		own[i] = d.(*device)
		t.Cleanup(func() { own[i].Close() })
	}
	return own
}

func TestEachDeviceConforms(t *testing.T) {
	cache := t.TempDir()
	for i, d := range devices(t) {
		t.Run(d.info.Name, func(t *testing.T) {
			backendtest.Run(t, func(t *testing.T) backend.Device { return devices(t, CacheDir(cache))[i] })
		})
	}
}
