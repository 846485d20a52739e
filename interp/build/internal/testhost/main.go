// Command testhost is a program that builds and loads packages, for the tests
// of package build: a test's own program cannot.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/adabc437/fanout/interp/build"
)

func main() {
	if len(os.Args) < 2 || scenarios[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "usage: testhost SCENARIO [ARGS]")
		os.Exit(2)
	}
	if err := scenarios[os.Args[1]](os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// open opens a toolchain, with the cache that the environment names.
func open() (*build.Toolchain, error) {
	t, err := build.Open(context.Background(), build.Options{
		Packages: packages(),
		CacheDir: os.Getenv("TESTHOST_CACHE"),
		Progress: func(s string) { fmt.Fprintln(os.Stderr, "progress:", s) },
	})
	if err != nil {
		return nil, err
	}
	return t, t.Ready(context.Background())
}
