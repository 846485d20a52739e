// Command fanout-bench measures Fanout and its peers side by side.
//
// Every kernel is started by Jupyter's own client and measured over the real
// libzmq, in turns, several times; the table gives the median and the spread.
// Compiled cells are measured beside go build, and parallel maps beside the
// libraries that Python has for them, and maps on devices beside compiled Go, and the
// web notebook beside JupyterLab. `make bench` writes all to docs/benchmarks.md.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"
	"slices"
	"strings"
)

// A bench is what the flags say.
type bench struct {
	python     string // has jupyter_client and ipykernel
	mapsPython string // has the libraries that map in parallel
	fanout     string
	cache      string
	repeats    int
	quick      bool
}

// sections are the parts of the report.
var sections = []struct {
	name string
	run  func(*bench, context.Context) (string, error)
}{
	{"kernels", (*bench).kernels},
	{"cells", func(b *bench, ctx context.Context) (string, error) {
		log.Print("compiled cells beside go build")
		return speed(ctx, b.fanout, b.repeats)
	}},
	{"maps", (*bench).maps},
	{"devices", (*bench).devices},
	{"web", (*bench).web},
}

func main() {
	log.SetFlags(0)
	log.SetPrefix("fanout-bench: ")
	var b bench
	flag.StringVar(&b.python, "python", ".venv/bin/python", "the Python that has jupyter_client and ipykernel")
	flag.StringVar(&b.mapsPython, "maps-python", ".venv-bench/bin/python", "the Python that has joblib, ipyparallel, Dask and NumPy")
	flag.StringVar(&b.fanout, "fanout", "bin/fanout", "the program to measure as such")
	flag.StringVar(&b.cache, "cache", ".cache/bench", "folder for peers that are built")
	flag.IntVar(&b.repeats, "n", 5, "how often each kernel is started and measured; maps half as often")
	flag.BoolVar(&b.quick, "quick", false, "map little, to see whether it works: the figures mean nothing")
	only := flag.String("only", "", "the one section to measure: kernels, cells, maps, devices or web (default all)")
	out := flag.String("out", "", "file to write the report to (default standard output)")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := b.run(ctx, *only, *out); err != nil {
		log.Fatal(err)
	}
}

// run measures the sections and writes the report.
func (b *bench) run(ctx context.Context, only, out string) error {
	if b.repeats < 1 {
		return fmt.Errorf("-n takes a number from 1 up, not %d", b.repeats)
	}
	var parts []string
	for _, s := range sections {
		if only != "" && only != s.name {
			continue
		}
		text, err := s.run(b, ctx)
		if err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		parts = append(parts, text)
	}
	if len(parts) == 0 {
		return fmt.Errorf("-only takes kernels, cells, maps, devices or web, not %q", only)
	}
	report := strings.Join(parts, "")
	if out == "" {
		_, err := fmt.Print(report)
		return err
	}
	if err := os.WriteFile(out, []byte(report), 0o644); err != nil {
		return err
	}
	log.Printf("wrote %s", out)
	return nil
}

// kernels measures Fanout beside other kernels.
func (b *bench) kernels(ctx context.Context) (string, error) {
	peers, notes, err := findPeers(ctx, b.cache)
	if err != nil {
		return "", err
	}
	script, remove, err := writeScript()
	if err != nil {
		return "", err
	}
	defer remove()

	results := make(map[string][]measurement)
	for i := range b.repeats {
		order := slices.Clone(peers)
		if i%2 == 1 { // so that no kernel always follows the same one
			slices.Reverse(order)
		}
		for _, p := range order {
			log.Printf("run %d of %d: %s", i+1, b.repeats, p.title)
			m, err := measure(ctx, b.python, script, p)
			if err != nil {
				return "", err
			}
			results[p.title] = append(results[p.title], m)
		}
	}
	return render(peers, results, notes, machine()), nil
}
