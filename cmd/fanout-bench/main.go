// Command fanout-bench measures Fanout and its peers side by side.
//
// Every kernel is started by Jupyter's own client and measured over the real
// libzmq, in turns, several times; the table gives the median and the spread.
// `make bench` writes it to docs/benchmarks.md.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"
	"slices"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("fanout-bench: ")
	python := flag.String("python", ".venv/bin/python", "the Python that has jupyter_client and ipykernel")
	fanout := flag.String("fanout", "bin/fanout", "the program to measure as such")
	out := flag.String("out", "", "file to write the report to (default standard output)")
	repeats := flag.Int("n", 5, "how often each kernel is started and measured")
	cache := flag.String("cache", ".cache/bench", "folder for peers that are built")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *python, *fanout, *out, *cache, *repeats); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, python, fanout, out, cache string, repeats int) error {
	peers, notes, err := findPeers(ctx, cache)
	if err != nil {
		return err
	}
	script, remove, err := writeScript()
	if err != nil {
		return err
	}
	defer remove()

	results := make(map[string][]measurement)
	for i := range repeats {
		order := slices.Clone(peers)
		if i%2 == 1 { // so that no kernel always follows the same one
			slices.Reverse(order)
		}
		for _, p := range order {
			log.Printf("run %d of %d: %s", i+1, repeats, p.title)
			m, err := measure(ctx, python, script, p)
			if err != nil {
				return err
			}
			results[p.title] = append(results[p.title], m)
		}
	}

	report := render(peers, results, notes, machine())
	log.Print("compiled cells beside go build")
	table, err := speed(ctx, fanout, repeats)
	if err != nil {
		return err
	}
	report += table
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
