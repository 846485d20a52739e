package main

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/adabc437/fanout/frontend/nbformat"
)

func TestTheWebTableHasAColumnForEachServer(t *testing.T) {
	load, bundle, memory := 0.5, 250_000.0, 120e6
	results := map[string][]measurement{"One": {{
		Figures:  map[string]*float64{"load": &load, "bundle": &bundle, "memory": &memory},
		Versions: map[string]string{"browser": "150.0"},
	}}}
	got := renderWeb([]web{{title: "One"}, {title: "Two"}}, results)
	for _, want := range []string{
		"| | One | Two |\n|---|---:|---:|\n",
		"first cell on the screen ¹ | **0.500 s** (0.500–0.500) | – |\n",
		"compressed | **250 KB** (250–250) | – |\n",
		"| **120 MB** (120–120) | – |\n",
		"\nChromium 150.0.\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the report lacks %q:\n%s", want, got)
		}
	}
}

func TestNotebooksToMeasureAreValid(t *testing.T) {
	folder := t.TempDir()
	if err := (web{kernel: "fanout", lang: "go"}).notebook(folder, "x.ipynb", 500); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(folder, "x.ipynb"))
	if err != nil {
		t.Fatal(err)
	}
	nb, err := nbformat.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	if len(nb.Cells) != 500 {
		t.Errorf("%d cells, want 500", len(nb.Cells))
	}
}

func TestTheFirstPageIsOneThatSucceeds(t *testing.T) {
	var asked atomic.Int32
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if asked.Add(1) < 3 {
			http.Error(w, "not yet", http.StatusServiceUnavailable)
		}
	}))
	defer s.Close()
	if err := firstPage(t.Context(), s.URL); err != nil || asked.Load() != 3 {
		t.Errorf("%v after %d requests", err, asked.Load())
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := firstPage(ended, s.URL); err == nil {
		t.Error("no error once the time is over")
	}
}
