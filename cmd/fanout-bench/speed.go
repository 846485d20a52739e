package main

import (
	"context"
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// kernelSource is a program of small compute kernels, each of which prints its name
// and the seconds that it took: the best of three.
//
//go:embed kernels.go.txt
var kernelSource string

var kernelTitles = []struct{ name, title string }{
	{"fib", "`fib(38)`"}, {"nbody", "n-body, 500,000 steps"}, {"mandelbrot", "Mandelbrot set, 700 × 700"},
	{"maps", "3 million updates of a map"}, {"channels", "2 million values through a channel"}, {"sieve", "primes below 10 million"},
}

// turns is how often as much as the kernels these programs are run: they are quick.
const turns = 4

// speed runs the kernels in a cell and as a program, in turns, and writes a table.
func speed(ctx context.Context, fanout string, repeats int) (string, error) {
	dir, err := os.MkdirTemp("", "fanout-bench-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	source, program := filepath.Join(dir, "kernels.go"), filepath.Join(dir, "kernels")
	if err := os.WriteFile(source, []byte(kernelSource), 0o600); err != nil {
		return "", err
	}
	if out, err := exec.CommandContext(ctx, "go", "build", "-o", program, source).CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build of the kernels: %w: %s", err, out)
	}
	cell, native := map[string][]float64{}, map[string][]float64{}
	for range turns * repeats {
		if err := clocks(exec.CommandContext(ctx, fanout, "run", source), cell); err != nil {
			return "", err
		}
		if err := clocks(exec.CommandContext(ctx, program), native); err != nil {
			return "", err
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "\n## Compiled cells\n\nThe same Go in a cell, with its checks for interrupts, and built by `go build`, %d times in turns: medians, and what it took at least,\n"+
		"where other programs on the machine disturbed it least.\n\n", turns*repeats)
	b.WriteString("| | cell | `go build` | ratio | cell, at least | `go build`, at least | ratio |\n|---|---:|---:|---:|---:|---:|---:|\n")
	for _, k := range kernelTitles {
		c, n := cell[k.name], native[k.name]
		fmt.Fprintf(&b, "| %s | %s ms | %s ms | **%.2f** | %s ms | %s ms | **%.2f** |\n", k.title,
			number(median(c)*1e3), number(median(n)*1e3), median(c)/median(n),
			number(slices.Min(c)*1e3), number(slices.Min(n)*1e3), slices.Min(c)/slices.Min(n))
	}
	return b.String(), nil
}

// clocks runs a program of kernels and adds what it has measured.
func clocks(cmd *exec.Cmd, to map[string][]float64) error {
	out, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("%s: %w", cmd, err)
	}
	for line := range strings.Lines(string(out)) {
		name, seconds, _ := strings.Cut(strings.TrimSpace(line), " ")
		s, err := strconv.ParseFloat(seconds, 64)
		if err != nil {
			return fmt.Errorf("%s printed %q: %w", cmd, line, err)
		}
		to[name] = append(to[name], s)
	}
	return nil
}
