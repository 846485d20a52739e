package opencl

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"testing"

	"github.com/adabc437/fanout/parallel/device/backend"
)

// The compiler's count of what it complains of is for its own users. What it complains
// of is in the error. The driver writes past os.Stderr, so a process of its own builds.
func TestBuildingWritesNothingToStandardError(t *testing.T) {
	const child = "FANOUT_TEST_BUILDS"
	if os.Getenv(child) == "" {
		devices(t)
		cmd := exec.Command(os.Args[0], "-test.run", "^"+t.Name()+"$")
		cmd.Env = append(os.Environ(), child+"=1")
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		if out, err := cmd.Output(); err != nil || stderr.Len() > 0 {
			t.Errorf("%v; on standard error: %q\n%s", err, stderr.String(), out)
		}
		return
	}
	d := devices(t)[0]
	p, err := d.BuildSource(t.Context(), "kernel void f(global int *x) { x[0] == 1; }")
	if err != nil {
		t.Fatal(err)
	}
	p.Free()
	var failed *backend.BuildError
	if _, err := d.BuildSource(t.Context(), "kernel void f(global int *x) { x[0] = nothing; x[1] = nowhere; }"); !errors.As(err, &failed) {
		t.Errorf("%v, want a BuildError", err)
	}
}
