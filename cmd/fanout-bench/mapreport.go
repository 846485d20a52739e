package main

import (
	"fmt"
	"slices"
	"strings"
)

// A mapRow is a row of the tables of parallel maps.
type mapRow struct {
	row
	more    bool   // more is better
	derived bool   // it is another row in other words
	why     string // why Fanout may be behind in it, if it may
}

var mapRows = []mapRow{
	{row: row{"chunk1", "overhead of a task (`x+1`), chunk size 1 ¹", "µs", 1e6}},
	{row: row{"auto", "overhead of a task (`x+1`), automatic chunks ²", "µs", 1e6}},
	{row: row{"rate", "tasks per second, automatic chunks", "", 1}, more: true, derived: true},
	{row: row{"submit", "tasks per second, each submitted by itself", "", 1}, more: true, why: whyFutures},
	{row: row{"latency", "one task submitted, until its result", "µs", 1e6}, why: whyFutures},
	{row: row{"start", "pool start, until the first results ³", "ms", 1e3}},
	{row: row{"floats", "√x·x+1 of 10 million `float64` ⁴", "ms", 1e3}, why: "a Go function is called for each element, and computes one square root at a time; NumPy has the processor's vector instructions compute several"},
	{row: row{"memory", "peak memory of all processes meanwhile ⁵", "MB", 1e-6}, why: "a notebook is two processes, of a kernel and of a session with a compiler's types, before it maps anything"},
	{row: row{"triangular", "100 tasks, each longer than the one before: time ÷ ideal ⁶", "", 1}},
	{row: row{"pareto", "200 tasks, few very long (Pareto, α = 1.5): time ÷ ideal ⁶", "", 1}},
	{row: row{"efficiency", "400 tasks of 1 ms: efficiency on two workers", "%", 100}, more: true, why: "to ask for a thread's time is a system call, after which a goroutine may have to wait for its place; goroutines that only take the tasks from a channel come to 97.7 %"},
	{row: row{"pi", "π by 4 million random points, 40 tasks", "ms", 1e3}},
	{row: row{"sieve", "primes below 20 million, sieve, 100 tasks", "ms", 1e3}},
	{row: row{"trial", "primes below 300,000, trial division, 100 tasks", "ms", 1e3}},
	{row: row{"error", "task 51 of 500 of 1 ms fails: until the caller has the error", "ms", 1e3}},
}

const whyFutures = "each call is a run of its own, which looks at its start and end how long its threads wait for a core"

// A target is a figure that Fanout is to reach.
type target struct {
	contender, figure string
	limit             float64 // of the row's unit
	title             string
}

var targets = []target{
	{"parallel", "auto", 0.1, "`parallel.Map` spends at most 0.1 µs on a task, with automatic chunks and records"},
	{"pmap", "auto", 0.5, "`%pmap` spends at most 0.5 µs, likewise"},
	{"parallel", "efficiency", 95, "`parallel.Map` is at least 95% efficient with tasks of 1 ms"},
	{"pmap", "efficiency", 95, "`%pmap` is, too"},
	{"parallel", "triangular", 1.05, "`parallel.Map` of the triangular load is within 5% of the ideal"},
	{"parallel", "pareto", 1.05, "`parallel.Map` of the Pareto load is"},
	{"pmap", "triangular", 1.05, "`%pmap` of the triangular load is"},
	{"pmap", "pareto", 1.05, "`%pmap` of the Pareto load is"},
}

const mapsHead = `
## Parallel maps

The same work on %d workers, by package parallel in a Go program, by ` + "`%%pmap -q`" + ` in a cell, and by Python's
libraries; Fanout keeps a record of every task or chunk. Each was started and measured %s, in turns: medians, with
the least and the greatest in brackets.

`

const mapFootnotes = `
¹ The time of a map of many such tasks, divided by their number: as many as take 0.1 s, and at most a million.
A serial loop hands out nothing.
² The executors make no chunks. Dask is measured by a bag of eight partitions here, and ipyparallel by its direct view.
³ In a process that has imported the library, from nothing until a result for each worker is there.
⁴ Fanout calls a Go function on each element. In Python each task is NumPy's expression on a piece of the array, of
eight; element by element Python needs what the second row says, ten million times.
⁵ Pages that processes share count once; looked at every 5 ms. 160 MB of it are input and results.
⁶ Tasks keep a core busy until their thread has had so much time of it, 1 s together. The ideal is half the sum, or the
longest task; workers that take the next task whenever they are free come within 1% of it with both loads.
`

// A mapReport is what the section is written from.
type mapReport struct {
	peers    []contender // that were measured, without ours
	results  map[string][]mapping
	versions []string
	notes    []string
	quick    bool
}

func (r *mapReport) values(c contender, figure string) []float64 {
	var list []float64
	for _, m := range r.results[c.name] {
		if v, ok := m.Figures[figure]; ok {
			list = append(list, v)
		}
	}
	return list
}

// best is the peer that is best in a row, and its median.
func (r *mapReport) best(row mapRow) (best contender, value float64, ok bool) {
	for _, p := range r.peers {
		list := r.values(p, row.figure)
		if len(list) == 0 {
			continue
		}
		if m := median(list); !ok || row.more == (m > value) && m != value {
			best, value, ok = p, m, true
		}
	}
	return best, value, ok
}

// ratio says how many times as good as the peer's value the median of a list is.
func (row mapRow) ratio(list []float64, peer float64) (float64, bool) {
	if len(list) == 0 {
		return 0, false
	}
	if row.more {
		return median(list) / peer, true
	}
	return peer / median(list), true
}

func (r *mapReport) render() string {
	var b strings.Builder
	times := 0
	for _, c := range ours {
		times = max(times, len(r.results[c.name]))
	}
	fmt.Fprintf(&b, mapsHead, workers, count(times))
	if r.quick {
		b.WriteString("**A quick run on less work than the titles say: these figures mean nothing.**\n\n")
	}
	r.ours(&b)
	r.judge(&b)
	b.WriteString("\nThe peers, one by one:\n\n")
	r.theirs(&b)
	b.WriteString(mapFootnotes)
	for _, note := range r.notes {
		b.WriteString("\n" + note + "\n")
	}
	fmt.Fprintf(&b, "\nVersions: %s.\n", strings.Join(r.versions, ", "))
	return b.String()
}

func count(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

// ours is the table of Fanout beside the best of its peers.
func (r *mapReport) ours(b *strings.Builder) {
	b.WriteString("| |")
	for _, c := range ours {
		fmt.Fprintf(b, " %s |", c.title)
	}
	b.WriteString(" best peer | which |")
	rule := "\n|---|" + strings.Repeat("---:|", len(ours)) + "---:|---|"
	for _, c := range ours {
		fmt.Fprintf(b, " best peer ÷ %s ⁷ |", c.title)
		rule += "---:|"
	}
	b.WriteString(rule + "\n")
	for _, row := range mapRows {
		fmt.Fprintf(b, "| %s |", row.title)
		for _, c := range ours {
			fmt.Fprintf(b, " %s |", cell(r.values(c, row.figure), row.row))
		}
		best, value, ok := r.best(row)
		if !ok {
			b.WriteString(" – | |" + strings.Repeat(" – |", len(ours)) + "\n")
			continue
		}
		fmt.Fprintf(b, " %s | %s |", cell(r.values(best, row.figure), row.row), best.title)
		for _, c := range ours {
			if x, ok := row.ratio(r.values(c, row.figure), value); ok {
				fmt.Fprintf(b, " **%s** |", number(x))
			} else {
				b.WriteString(" – |")
			}
		}
		b.WriteString("\n")
	}
	b.WriteString("\n⁷ Where more is better, Fanout ÷ best peer: above 1, Fanout is ahead.\n")
}

// judge says which targets are met, and where Fanout is behind.
func (r *mapReport) judge(b *strings.Builder) {
	b.WriteString("\n")
	for _, t := range targets {
		row := mapRows[slices.IndexFunc(mapRows, func(m mapRow) bool { return m.figure == t.figure })]
		list := r.values(contender{name: t.contender}, t.figure)
		if len(list) == 0 {
			continue
		}
		value := median(list) * row.scale
		verdict := "met"
		if row.more && value < t.limit || !row.more && value > t.limit {
			verdict = "**not met**"
		}
		fmt.Fprintf(b, "- Target: %s: %s (%s).\n", t.title, verdict, strings.TrimSpace(number(value)+" "+row.unit))
	}
	behind := false
	for _, row := range mapRows {
		best, value, _ := r.best(row)
		for _, c := range ours {
			x, ok := row.ratio(r.values(c, row.figure), value)
			if !ok || value == 0 || x >= 1 || row.derived {
				continue
			}
			behind = true
			fmt.Fprintf(b, "- Behind: %s is %s times as good as %s in “%s”", best.title, number(1/x), c.title, strings.TrimRight(row.title, " ¹²³⁴⁵⁶"))
			if row.why != "" {
				fmt.Fprintf(b, ": %s", row.why)
			}
			if mine, theirs := r.values(c, row.figure), r.values(best, row.figure); slices.Min(mine) <= slices.Max(theirs) && slices.Min(theirs) <= slices.Max(mine) {
				b.WriteString("; their ranges overlap")
			}
			b.WriteString(".\n")
		}
	}
	if !behind {
		b.WriteString("- Fanout is ahead of every peer in every row.\n")
	}
}

// theirs is the table of the peers.
func (r *mapReport) theirs(b *strings.Builder) {
	b.WriteString("| |")
	for _, p := range r.peers {
		fmt.Fprintf(b, " %s |", p.title)
	}
	b.WriteString("\n|---|" + strings.Repeat("---:|", len(r.peers)) + "\n")
	for _, row := range mapRows {
		fmt.Fprintf(b, "| %s |", row.title)
		for _, p := range r.peers {
			fmt.Fprintf(b, " %s |", cell(r.values(p, row.figure), row.row))
		}
		b.WriteString("\n")
	}
}
