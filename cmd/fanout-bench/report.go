package main

import (
	"fmt"
	"maps"
	"math"
	"os"
	"runtime"
	"slices"
	"strings"
)

// A row of the table: a figure of measure.py and how it is told.
type row struct {
	figure, title string
	unit          string  // of the table
	scale         float64 // from the figure's unit to that of the table
}

var rows = []row{
	{"ready", "start to ready, as jupyter_client measures it ¹", "s", 1},
	{"answer", "start to the first answer ²", "s", 1},
	{"roundtrip", "`1+1`, from request to reply ³", "ms", 1e3},
	{"declare", "a new function, declared and called ³", "ms", 1e3},
	{"fib", "`fib(30)`, declared before", "ms", 1e3},
	{"print", "100,000 printed lines, until the client has all", "s", 1},
	{"interrupt", "from the interrupt of `for {}` to its reply", "ms", 1e3},
	{"memory", "resident memory after start, with all children ⁴", "MB", 1e-6},
	{"cell", "memory that a cell with a function takes for good ⁵", "KB", 1e-3},
}

const footnotes = `
¹ jupyter_client waits until iopub has been silent for 0.2 s before it calls a kernel ready; that share is in the figure
and the same for all.
² Until the reply to kernel_info, without that wait.
³ The median within each run (50 requests and 10 declarations) is one value here. gonb has no values of
expressions: it prints the sum.
⁴ Of all processes together; pages that they share count once.
⁵ The mean over 100 cells.
`

// render writes the report as Markdown.
func render(peers []peer, results map[string][]measurement, notes []string, machine string) string {
	var b strings.Builder
	b.WriteString("# Benchmarks\n\n`make bench` measures and writes this page. All kernels are measured in the same run, in turns;\n" +
		"each value is the median over the runs, with the least and the greatest in brackets.\n\n")
	b.WriteString("| |")
	rule := "\n|---|"
	for _, p := range peers {
		fmt.Fprintf(&b, " %s |", p.title)
		rule += "---:|"
	}
	b.WriteString(rule + "\n")
	for _, r := range rows {
		fmt.Fprintf(&b, "| %s |", r.title)
		for _, p := range peers {
			fmt.Fprintf(&b, " %s |", cell(values(results[p.title], r.figure), r))
		}
		b.WriteString("\n")
	}
	b.WriteString(footnotes)
	for _, note := range notes {
		b.WriteString("\n" + note + "\n")
	}
	fmt.Fprintf(&b, "\nMachine: %s.\n\nVersions: %s.\n", machine, versions(peers, results))
	return b.String()
}

// values collects one figure of all runs that have it.
func values(runs []measurement, figure string) []float64 {
	var list []float64
	for _, m := range runs {
		if v := m.Figures[figure]; v != nil {
			list = append(list, *v)
		}
	}
	return list
}

// cell tells the median and the range of the values in the row's unit.
func cell(list []float64, r row) string {
	if len(list) == 0 {
		return "–"
	}
	low, high := slices.Min(list)*r.scale, slices.Max(list)*r.scale
	middle := median(list) * r.scale
	return fmt.Sprintf("**%s** (%s–%s)", strings.TrimSpace(number(middle)+" "+r.unit), number(low), number(high))
}

func median(list []float64) float64 {
	sorted := slices.Sorted(slices.Values(list))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// number writes x with some three digits.
func number(x float64) string {
	switch {
	case x < 0.01:
		return fmt.Sprintf("%.2g", x)
	case x < 1:
		return fmt.Sprintf("%.3f", x)
	case x < 10:
		return fmt.Sprintf("%.2f", x)
	case x < 100:
		return fmt.Sprintf("%.1f", x)
	}
	text := fmt.Sprintf("%.0f", x)
	if x < 10000 {
		return text
	}
	unit := math.Pow10(len(text) - 3)
	text = fmt.Sprintf("%.0f", math.Round(x/unit)*unit)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// versions lists what took part: the kernels, and the client's parts.
func versions(peers []peer, results map[string][]measurement) string {
	list := []string{strings.Replace(runtime.Version(), "go", "Go ", 1)}
	shared := map[string]string{}
	for _, p := range peers {
		for _, m := range results[p.title] {
			maps.Copy(shared, m.Versions)
		}
		if runs := results[p.title]; len(runs) > 0 {
			list = append(list, runs[0].Versions["kernel"])
		}
	}
	for _, name := range []string{"python", "jupyter_client", "pyzmq", "libzmq"} {
		if v := shared[name]; v != "" {
			list = append(list, name+" "+v)
		}
	}
	return strings.Join(list, ", ")
}

// machine tells what the figures depend on and nothing that names the machine.
func machine() string {
	text := fmt.Sprintf("%s/%s, %d cores", runtime.GOOS, runtime.GOARCH, runtime.NumCPU())
	if info, err := os.ReadFile("/proc/meminfo"); err == nil {
		var kib int64
		if _, err := fmt.Sscanf(string(info), "MemTotal: %d kB", &kib); err == nil {
			text += fmt.Sprintf(", %d GiB of memory", (kib+1<<19)>>20)
		}
	}
	return text
}
