package main

import (
	"strings"
	"testing"
)

func runs(figure string, values ...float64) (list []mapping) {
	for _, v := range values {
		list = append(list, mapping{Figures: map[string]float64{figure: v}})
	}
	return list
}

func TestTheReportComparesWithTheBestPeer(t *testing.T) {
	r := mapReport{
		peers: []contender{{"slow", "Slow"}, {"fast", "Fast"}},
		results: map[string][]mapping{
			"parallel": runs("auto", 0.1e-6, 0.2e-6, 0.3e-6), "pmap": runs("auto", 2e-6, 2e-6, 2e-6),
			"slow": runs("auto", 7e-6), "fast": runs("auto", 1e-6),
		},
		versions: []string{"Python 3", "joblib 1"}, notes: []string{"Dask is left out: it is not installed."},
	}
	report := r.render()
	for _, want := range []string{
		"started and measured 3 times, in turns",
		"| **0.200 µs** (0.100–0.300) | **2.00 µs** (2.00–2.00) | **1.00 µs** (1.00–1.00) | Fast | **5.00** | **0.500** |\n",
		"automatic chunks and records: **not met** (0.200 µs).\n",
		"- Behind: Fast is 2.00 times as good as `%pmap` in “overhead of a task (`x+1`), automatic chunks”.\n",
		"| | Slow | Fast |\n|---|---:|---:|\n",
		"| **7.00 µs** (7.00–7.00) | **1.00 µs** (1.00–1.00) |\n",
		"\nDask is left out: it is not installed.\n",
		"\nVersions: Python 3, joblib 1.\n",
	} {
		if !strings.Contains(report, want) {
			t.Errorf("the report lacks %q:\n%s", want, report)
		}
	}
	if strings.Contains(report, "quick run") {
		t.Error("the report takes a full run for a quick one")
	}
}

func TestWhereMoreIsBetterTheRatioIsTheOtherWayRound(t *testing.T) {
	r := mapReport{
		peers: []contender{{"slow", "Slow"}, {"fast", "Fast"}},
		results: map[string][]mapping{
			"parallel": runs("efficiency", 0.96), "slow": runs("efficiency", 0.24), "fast": runs("efficiency", 0.48),
		},
		quick: true,
	}
	report := r.render()
	for _, want := range []string{
		"started and measured once",
		"**A quick run",
		"| **96.0 %** (96.0–96.0) | – | **48.0 %** (48.0–48.0) | Fast | **2.00** | – |\n",
		"at least 95% efficient with tasks of 1 ms: met (96.0 %).\n",
		"- Fanout is ahead of every peer in every row.\n",
	} {
		if !strings.Contains(report, want) {
			t.Errorf("the report lacks %q:\n%s", want, report)
		}
	}
}

func TestEveryTargetIsOfARow(t *testing.T) {
	for _, target := range targets {
		found := false
		for _, row := range mapRows {
			found = found || row.figure == target.figure
		}
		if !found {
			t.Errorf("there is no row %q", target.figure)
		}
	}
}

func TestNumbersHaveThreeDigits(t *testing.T) {
	for x, want := range map[float64]string{
		0.00353: "0.0035", 0.0123: "0.012", 1.234: "1.23", 12.34: "12.3", 1234: "1234", 12_369: "12,400", 99_960: "100,000", 285_499_000: "285,000,000",
	} {
		if got := number(x); got != want {
			t.Errorf("number(%v) = %q, want %q", x, got, want)
		}
	}
}
