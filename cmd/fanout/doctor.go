package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/adabc437/fanout/interp"
	"github.com/adabc437/fanout/interp/build"
	"github.com/adabc437/fanout/interp/symbols"
	"github.com/adabc437/fanout/kernel/kernelspec"
	"github.com/adabc437/fanout/parallel"
	"github.com/adabc437/fanout/parallel/device"
	"github.com/adabc437/fanout/parallel/device/backend"
	"github.com/adabc437/fanout/parallel/device/opencl"
	"github.com/adabc437/fanout/plots"
)

func doctorCmd() *cobra.Command {
	return &cobra.Command{
		Use: "doctor", Short: "Say what works here, and how to get what does not", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			out := cmd.OutOrStdout()
			for _, check := range []func(io.Writer){checkProgram, checkCells, checkDevices, checkJupyter, checkHistory} {
				check(out)
			}
			return nil
		},
	}
}

// report prints one finding; fix is empty when all is well.
func report(w io.Writer, ok bool, what, finding, fix string) {
	mark := "ok  "
	if !ok {
		mark = "note"
	}
	fmt.Fprintf(w, "%s  %-12s %s\n", mark, what, finding)
	if fix != "" {
		fmt.Fprintf(w, "                   to mend: %s\n", fix)
	}
}

func checkProgram(w io.Writer) {
	report(w, true, "fanout", fmt.Sprintf("%s, built with %s for %s/%s", version(), runtime.Version(), runtime.GOOS, runtime.GOARCH), "")
	report(w, true, "cores", fmt.Sprintf("%d workers for parallel maps", parallel.Default().Workers()), "")
}

// checkCells says how cells run here.
func checkCells(w io.Writer) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	tools, err := build.Open(ctx, build.Options{Packages: interp.Packages()})
	if err == nil {
		err = tools.Ready(ctx)
	}
	if err != nil {
		report(w, false, "cells", fmt.Sprintf("interpreted, with %d packages bound: slower, and not all of Go", len(symbols.Paths())), err.Error())
		return
	}
	report(w, true, "cells", fmt.Sprintf("compiled, with %d packages bound", len(symbols.Paths())), "")
	report(w, true, "compiler", tools.Describe(), "")
}

// checkDevices says what %gpumap can run on.
func checkDevices(w io.Writer) {
	set := device.Open()
	defer set.Close()
	var missing *opencl.NotFoundError
	switch {
	case errors.As(set.Missing, &missing):
		looked := ""
		if len(missing.Tried) > 0 {
			looked = "; looked for " + strings.Join(missing.Tried, ", ")
		}
		report(w, false, "devices", "no device of OpenCL: %gpumap runs on this machine's cores"+looked, missing.Hint)
	case set.Missing != nil:
		report(w, false, "devices", "%gpumap runs on this machine's cores", set.Missing.Error())
	}
	gpu := false
	for _, d := range set.Devices {
		info := d.Info()
		gpu = gpu || info.Kind == backend.GPU
		report(w, true, "device", fmt.Sprintf("%d: %s, %s with %d units and %s (%s)", d.Number, info.Name, info.Kind, info.Units, plots.Bytes(info.Memory), info.Driver), "")
	}
	if !gpu && set.Missing == nil {
		report(w, false, "gpu", "no driver of a GPU was found; looked at "+opencl.Vendors(), opencl.DriverHint())
	}
}

// checkJupyter says which front ends will find the kernel.
func checkJupyter(w io.Writer) {
	exe, _ := os.Executable()
	jupyter, path := findJupyter(), kernelspec.SearchPath()
	if jupyter != "" {
		path = kernelspec.SearchPathOf(jupyter)
	}
	found := false
	for _, dir := range path {
		for _, spec := range kernelspec.List(dir) {
			if spec.Name != kernelspec.DefaultName {
				continue
			}
			found = true
			if len(spec.Argv) > 0 && spec.Argv[0] == exe {
				report(w, true, "kernelspec", spec.Dir, "")
			} else {
				report(w, false, "kernelspec", spec.Dir+" starts another program than this one", "fanout install")
			}
		}
	}
	if !found {
		report(w, false, "kernelspec", "Jupyter does not know of this kernel; looked in "+strings.Join(path, ", "), "fanout install")
	}
	if jupyter == "" {
		report(w, false, "jupyter", "no jupyter command found", "pip install jupyterlab (or use any other Jupyter front end)")
		return
	}
	report(w, true, "jupyter", jupyter, "")
}

// findJupyter is the jupyter command: that of $PATH, or what make demo leaves; "" if there
// is none.
func findJupyter() string {
	for _, name := range []string{"jupyter", filepath.Join(".venv", "bin", "jupyter")} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

func checkHistory(w io.Writer) {
	path := historyPath()
	if path == "" {
		report(w, false, "history", "no folder for it: it is kept in memory and forgotten", "set FANOUT_HISTORY to a file")
		return
	}
	report(w, true, "history", path, "")
}
