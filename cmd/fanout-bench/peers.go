package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// A peer is a kernel to measure.
type peer struct {
	title   string
	kernel  string // the kernelspec's name
	dialect string // what measure.py calls its language
	path    string // a folder for JUPYTER_PATH, if the kernelspec is ours
	bin     string // a folder for PATH, if the kernel needs programs there
}

// findPeers lists the kernels that can be measured here, and notes why others
// cannot.
func findPeers(ctx context.Context, cache string) (peers []peer, notes []string, err error) {
	peers = []peer{
		{title: "Fanout", kernel: "fanout", dialect: "fanout"},
		{title: "ipykernel", kernel: "python3", dialect: "python"},
	}
	gonb, err := findGonb(ctx, cache)
	if err != nil {
		log.Print(err)
		return peers, []string{"gonb is left out: it is not on PATH and could not be built."}, nil
	}
	path, err := writeKernelspec(cache, "gonb-bench", gonb, "--kernel", "{connection_file}")
	if err != nil {
		return nil, nil, err
	}
	bin, err := filepath.Abs(filepath.Join(cache, "bin"))
	if err != nil {
		return nil, nil, err
	}
	return append(peers, peer{title: "gonb", kernel: "gonb-bench", dialect: "gonb", path: path, bin: bin}), nil, nil
}

// findGonb finds gonb, another kernel for Go, on PATH, or builds it. It needs
// goimports beside it.
func findGonb(ctx context.Context, cache string) (string, error) {
	bin, err := filepath.Abs(filepath.Join(cache, "bin"))
	if err != nil {
		return "", err
	}
	if _, err := exec.LookPath("goimports"); err != nil {
		if err := install(ctx, bin, "golang.org/x/tools/cmd/goimports@latest"); err != nil {
			return "", err
		}
	}
	if found, err := exec.LookPath("gonb"); err == nil {
		return filepath.Abs(found)
	}
	if err := install(ctx, bin, "github.com/janpfeifer/gonb@latest"); err != nil {
		return "", err
	}
	return filepath.Join(bin, "gonb"), nil
}

// install builds a Go program into the folder bin, unless it is there.
func install(ctx context.Context, bin, program string) error {
	name, _, _ := strings.Cut(filepath.Base(program), "@")
	if _, err := os.Stat(filepath.Join(bin, name)); err == nil {
		return nil
	}
	cmd := exec.CommandContext(ctx, "go", "install", program)
	cmd.Env = append(os.Environ(), "GOBIN="+bin)
	if text, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go install %s: %w\n%s", program, err, text)
	}
	return nil
}

// writeKernelspec writes a kernelspec and returns the folder for JUPYTER_PATH.
func writeKernelspec(cache, name string, argv ...string) (string, error) {
	path, err := filepath.Abs(cache)
	if err != nil {
		return "", err
	}
	folder := filepath.Join(path, "kernels", name)
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return "", err
	}
	spec, err := json.Marshal(map[string]any{"argv": argv, "display_name": name, "language": "go"})
	if err != nil {
		return "", err
	}
	return path, os.WriteFile(filepath.Join(folder, "kernel.json"), spec, 0o644)
}
