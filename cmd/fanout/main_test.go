package main

import (
	"os"
	"os/exec"
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
			for name, find := range map[string]func() (string, error){"GOCACHE": goCache, "XDG_CACHE_HOME": os.UserCacheDir} {
				dir, err := find()
				if err != nil {
					return err
				}
				e.Setenv(name, dir) // or the standard library is compiled anew
			}
			e.Setenv("HOME", e.WorkDir)
			e.Setenv("XDG_DATA_HOME", e.WorkDir+"/data")
			return nil
		},
	})
}

// goCache is where the toolchain keeps what it has compiled.
func goCache() (string, error) {
	out, err := exec.Command("go", "env", "GOCACHE").Output()
	return strings.TrimSpace(string(out)), err
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
