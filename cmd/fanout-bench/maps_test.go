package main

import (
	"context"
	"errors"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

func TestLoadsTakeAsLongTogetherAsAsked(t *testing.T) {
	for name, list := range map[string][]float64{"triangular": triangular(100, 1000), "pareto": pareto(200, 1000)} {
		sum := 0.0
		for _, x := range list {
			sum += x
		}
		if math.Abs(sum-1000) > 1e-6 {
			t.Errorf("%s: the sum is %v, want 1000", name, sum)
		}
		if mean := sum / float64(len(list)); slices.Max(list) < 1.9*mean {
			t.Errorf("%s: the longest task takes %v, and the mean one %v: that is hardly uneven", name, slices.Max(list), mean)
		}
	}
	for name, list := range map[string][]float64{"triangular": triangular(100, 1000), "pareto": pareto(200, 1000)} {
		var a, b float64
		for _, x := range list {
			if a <= b {
				a += x
			} else {
				b += x
			}
		}
		if ideal := max((a+b)/2, slices.Max(list)); max(a, b) > 1.01*ideal {
			t.Errorf("%s: two workers that take the next task when they are free need %v, and the ideal is %v", name, max(a, b), ideal)
		}
	}
	if !slices.Equal(pareto(20, 1), pareto(20, 1)) {
		t.Error("the Pareto load is another one each time")
	}
}

func TestWrongAnswersAreNoticed(t *testing.T) {
	w := work{Pi: seeds(10, 1000)}
	first := []mapping{{Answers: map[string]float64{"sieve": 25}}}
	for _, c := range []struct {
		answers map[string]float64
		want    string
	}{
		{map[string]float64{"sieve": 25, "pi": 7854}, ""},
		{map[string]float64{"sieve": 24}, "sieve is 24, and 25 by parallel.Map"},
		{map[string]float64{"pi": 8200}, "π is 3.2800 by 10000 samples, and that is too far off"},
	} {
		got := ""
		if err := w.agree(first, mapping{Answers: c.answers}); err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%v: %q, want %q", c.answers, got, c.want)
		}
	}
}

func TestMemoryIsMeasuredBetweenTheLinesThatAskForIt(t *testing.T) {
	var answered strings.Builder
	watching := 0
	m, err := listen(strings.NewReader("a module 1.0\nmemory begins\nmemory ends\n"+`{"figures":{"floats":2},"answers":{"pi":3}}`+"\n"), &answered, func() func() float64 {
		watching++
		return func() float64 { watching--; return 5 }
	})
	if err != nil || m.Figures["floats"] != 2 || m.Figures["memory"] != 5 || m.Answers["pi"] != 3 {
		t.Errorf("got %v, %v", m, err)
	}
	if answered.String() != "\n\n" || watching != 0 {
		t.Errorf("answered %q, and %d still watch", answered.String(), watching)
	}
}

func TestAContenderWithoutFiguresIsAnError(t *testing.T) {
	for text, want := range map[string]string{
		"":                             "it printed no figures",
		"memory begins\n":              "it printed no figures",
		"{\"figures\":\n":              "unexpected end of JSON input",
		strings.Repeat("x", maxLine+1): "token too long",
	} {
		ended := true
		_, err := listen(strings.NewReader(text), io.Discard, func() func() float64 {
			ended = false
			return func() float64 { ended = true; return 0 }
		})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.20q: %v, want an error with %q", text, err, want)
		}
		if !ended {
			t.Errorf("%.20q: memory is still watched", text)
		}
	}
}

func TestProcIsRead(t *testing.T) {
	if got := proportional("55bb-7fff ---p 0 00:00 0 [rollup]\nRss:   4132 kB\nPss:    914 kB\nPss_Dirty: 575 kB\n"); got != 914*1024 {
		t.Errorf("the proportional set size is %v", got)
	}
	pid, parent, ok := parentOf("42 (a) name (b) S 7 42 42 0")
	if pid != 42 || parent != 7 || !ok {
		t.Errorf("got %d, %d, %v", pid, parent, ok)
	}
	for _, text := range []string{"", "42", "42 (x)", "x (y) S 1"} {
		if _, _, ok := parentOf(text); ok {
			t.Errorf("%q is taken for a process", text)
		}
	}
	if runtime.GOOS == "linux" && memoryOf(tree(os.Getpid())) < 1<<20 {
		t.Error("this process has no memory")
	}
}

// onStage is a stage with little work.
func onStage(t *testing.T) *stage {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("parallel maps are measured on Linux only")
	}
	s := &stage{bench: &bench{mapsPython: "python3", quick: true}, dir: t.TempDir(), work: newWork(true)}
	if err := s.build(context.Background()); err != nil {
		t.Fatal(err)
	}
	return s
}

// measured runs a contender, and looks whether it gives all figures but some.
func measured(t *testing.T, s *stage, c contender, but ...string) mapping {
	t.Helper()
	m, err := s.run(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range mapRows {
		if v, ok := m.Figures[row.figure]; ok == slices.Contains(but, row.figure) || ok && v <= 0 {
			t.Errorf("%s: %s is %v, %v", c.name, row.figure, v, ok)
		}
	}
	return m
}

func TestGoMapsGiveTheAnswersOfPython(t *testing.T) {
	s := onStage(t)
	first := measured(t, s, ours[0])
	if want := map[string]float64{"sieve": 2262, "trial": 196}; first.Answers["sieve"] != want["sieve"] || first.Answers["trial"] != want["trial"] {
		t.Errorf("the answers are %v, want %v", first.Answers, want)
	}
	if err := exec.Command("python3", "-c", "import sys; sys.exit(sys.version_info < (3, 11))").Run(); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("there is no Python 3.11 or later: ", err)
		}
		t.Skip("there is no Python 3.11 or later")
	}
	installed, err := s.versions(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"serial", "pool", "processes", "threads"} {
		var but []string
		if name == "serial" {
			but = []string{"chunk1", "submit", "latency", "start", "floats", "memory", "triangular", "pareto", "efficiency"}
		} else if installed.Peers["numpy"] == nil {
			but = []string{"floats", "memory"}
		}
		if err := s.work.agree([]mapping{first}, measured(t, s, contender{name: name}, but...)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestACellMapsAsTheProgramDoes(t *testing.T) {
	if testing.Short() {
		t.Skip("builds Fanout")
	}
	s := onStage(t)
	s.fanout = filepath.Join(s.dir, "fanout")
	if out, err := exec.Command("go", "build", "-o", s.fanout, "../fanout").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	m := measured(t, s, ours[1], "submit", "latency")
	if err := s.work.agree([]mapping{measured(t, s, ours[0])}, m); err != nil {
		t.Error(err)
	}
}

func TestAContenderThatFailsSaysWhatItSaid(t *testing.T) {
	s := onStage(t)
	s.fanout = filepath.Join(s.dir, "none")
	if _, err := s.run(context.Background(), ours[1]); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}

func FuzzListen(f *testing.F) {
	f.Add("memory begins\nmemory ends\n{\"figures\":{\"floats\":2}}\n")
	f.Add("memory ends\nmemory begins\n{}\n{")
	f.Fuzz(func(t *testing.T, text string) {
		watching := 0
		listen(strings.NewReader(text), io.Discard, func() func() float64 {
			watching++
			return func() float64 { watching--; return 5 }
		})
		if watching != 0 {
			t.Errorf("%d still watch", watching)
		}
	})
}

func FuzzProc(f *testing.F) {
	f.Add("42 (a) name (b) S 7 42")
	f.Add("Pss:    914 kB\n")
	f.Fuzz(func(t *testing.T, text string) {
		parentOf(text)
		if proportional(text) < 0 {
			t.Errorf("%q is less than no memory", text)
		}
	})
}
