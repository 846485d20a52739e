package main

import (
	"strings"
	"testing"
)

func figures(ready, roundtrip float64) measurement {
	return measurement{
		Figures:  map[string]*float64{"ready": &ready, "roundtrip": &roundtrip, "declare": nil},
		Versions: map[string]string{"kernel": "one 1.0", "libzmq": "4.3.5"},
	}
}

func TestTheReportGivesMedianAndRangeForEachKernel(t *testing.T) {
	peers := []peer{{title: "One"}, {title: "Two"}}
	results := map[string][]measurement{
		"One": {figures(0.3, 0.001), figures(0.1, 0.003), figures(0.2, 0.002)},
		"Two": {figures(1.5, 0.2), figures(2.5, 0.4)},
	}
	report := render(peers, results, []string{"Three is left out."}, "2 cores")
	for _, want := range []string{
		"| | One | Two |\n|---|---:|---:|\n",
		"| **0.200 s** (0.100–0.300) | **2.00 s** (1.50–2.50) |\n",
		"| **2.00 ms** (1.00–3.00) | **300 ms** (200–400) |\n",
		"| a new function, declared and called ³ | – | – |\n",
		"\nThree is left out.\n",
		"\nMachine: 2 cores.\n",
		"one 1.0, one 1.0, libzmq 4.3.5.\n",
	} {
		if !strings.Contains(report, want) {
			t.Errorf("the report lacks %q:\n%s", want, report)
		}
	}
}

func TestMedian(t *testing.T) {
	for _, c := range []struct {
		list []float64
		want float64
	}{
		{[]float64{3}, 3},
		{[]float64{4, 1}, 2.5},
		{[]float64{9, 1, 2}, 2},
		{[]float64{4, 3, 2, 1}, 2.5},
	} {
		if got := median(c.list); got != c.want {
			t.Errorf("median(%v) = %v, want %v", c.list, got, c.want)
		}
	}
}
