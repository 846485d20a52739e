package build

import (
	"errors"
	"strings"
	"testing"
)

func TestProgramErrors(t *testing.T) {
	for output, want := range map[string]string{
		"# runtime/cgo\ncgo: C compiler \"gcc-9\" not found: exec: \"gcc-9\": executable file not found in $PATH\n": "gcc-9 is not on PATH",
		"go: -race requires cgo; enable cgo by setting CGO_ENABLED=1\n":                                             "CGO_ENABLED=1",
		"go: -race is not supported on linux/386\n":                                                                 "Go has none for",
	} {
		err := programError(&commandError{"go", output, errors.New("exit status 1")}, "/x")
		var lacks *RaceError
		if !errors.As(err, &lacks) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", output, err)
		}
	}
	err := programError(&commandError{"go", "# fanout.session\nIn[5]:3: x is wrong\n", errors.New("exit status 1")}, "/x")
	var failed *CompileError
	if !errors.As(err, &failed) || failed.Lines[0].File != "In[5]" || failed.Lines[0].Line != 3 {
		t.Error(err)
	}
	if err := programError(&commandError{"go", "go: disk full\n", errors.New("exit status 1")}, "/x"); !strings.Contains(err.Error(), "disk full") {
		t.Error(err)
	}
}
