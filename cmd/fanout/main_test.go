package main

import (
	"os"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/adabc437/fanout/kernel/kernelspec"
)

// asFanout makes this test binary behave as the program.
const asFanout = "FANOUT_TEST_AS_FANOUT"

// The scripts in testdata run the program as a user does; the program in them is
// this test binary.
func TestMain(m *testing.M) {
	if os.Getenv(asFanout) != "" {
		os.Exit(execute(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
	}
	testscript.Main(m, map[string]func(){
		"fanout": func() { os.Exit(execute(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) },
	})
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Setup: func(e *testscript.Env) error {
			e.Setenv("HOME", e.WorkDir)
			e.Setenv("XDG_DATA_HOME", e.WorkDir+"/data")
			return nil
		},
	})
}

func TestDoctorTellsProgramsApart(t *testing.T) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, name := range []string{"JUPYTER_PATH", "JUPYTER_DATA_DIR", "VIRTUAL_ENV", "CONDA_PREFIX"} {
		t.Setenv(name, "")
	}
	t.Setenv("JUPYTER_DATA_DIR", dir)
	for program, want := range map[string]string{exe: "ok    kernelspec", exe + "-old": "starts another program"} {
		if _, err := kernelspec.Install(dir, kernelspec.Options{Exe: program}); err != nil {
			t.Fatal(err)
		}
		var out strings.Builder
		checkJupyter(&out)
		if !strings.Contains(out.String(), want) {
			t.Errorf("%s: got %q, want %q in it", program, out.String(), want)
		}
	}
}
