package main

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

// The same tasks and the same measurements in Go and in Python; maps.go.txt maps
// them by package parallel, pmap.go.txt by %pmap.
var (
	//go:embed tasks.go.txt
	goTasks string
	//go:embed maps.go.txt
	goMaps string
	//go:embed pmap.go.txt
	cellMaps string
	//go:embed tasks.py
	pythonTasks string
	//go:embed maps.py
	pythonMaps string
)

// workers is how many workers each pool has.
const workers = 2

// A contender maps in parallel, or does the same work without.
type contender struct {
	name  string // as maps.py knows it
	title string
}

// ours are the contenders to compare with the others.
var ours = []contender{{"parallel", "`parallel.Map`"}, {"pmap", "`%pmap`"}}

var theirs = []contender{
	{"serial", "Python, serial"}, {"numpy", "NumPy, serial"}, {"numpy-pool", "NumPy in a Pool"},
	{"pool", "multiprocessing.Pool"}, {"processes", "ProcessPoolExecutor"}, {"threads", "ThreadPoolExecutor"},
	{"joblib", "joblib"}, {"ipyparallel", "ipyparallel"}, {"dask", "Dask"},
}

// A work is what each contender has to do; tasks.go.txt says what its fields mean.
type work struct {
	Workers, Cap, Repeats, Floats int
	Seconds                       float64
	Triangular, Pareto, Even      []float64
	Failing, Errors               int
	Pi, Sieve, Trial              [][2]int
}

func newWork(quick bool) work {
	w := work{
		Workers: workers, Cap: 1_000_000, Repeats: 3, Floats: 10_000_000, Seconds: 0.1,
		Triangular: triangular(100, 1000), Pareto: pareto(200, 1000), Even: slices.Repeat([]float64{1}, 400),
		Failing: 50, Errors: 500,
		Pi: seeds(40, 100_000), Sieve: ranges(100, 200_000), Trial: ranges(100, 3000),
	}
	if quick {
		w.Cap, w.Repeats, w.Floats, w.Seconds = 2000, 1, 100_000, 0.01
		w.Triangular, w.Pareto, w.Even = triangular(20, 20), pareto(20, 20), w.Even[:20]
		w.Failing, w.Errors = 5, 20
		w.Pi, w.Sieve, w.Trial = seeds(4, 5000), ranges(4, 5000), ranges(4, 300)
	}
	return w
}

// triangular gives n tasks, each longer than the one before by as much, that take
// so many milliseconds together.
func triangular(n int, sum float64) []float64 {
	list := make([]float64, n)
	for i := range list {
		list[i] = sum * 2 * float64(i+1) / float64(n*(n+1))
	}
	return list
}

// pareto gives n tasks that take so many milliseconds together, and of which few
// take very long: by a Pareto distribution with α = 1.5, always the same. Of a few
// seeds it has one whose longest task, of 113 ms of 1000, does not come so late that
// nothing but foresight could balance it.
func pareto(n int, sum float64) []float64 {
	r := rand.New(rand.NewPCG(3, 0))
	list, total := make([]float64, n), 0.0
	for i := range list {
		list[i] = math.Pow(1-r.Float64(), -1/1.5)
		total += list[i]
	}
	for i := range list {
		list[i] *= sum / total
	}
	return list
}

func seeds(n, samples int) [][2]int {
	list := make([][2]int, n)
	for i := range list {
		list[i] = [2]int{i, samples}
	}
	return list
}

func ranges(n, width int) [][2]int {
	list := make([][2]int, n)
	for i := range list {
		list[i] = [2]int{i * width, (i + 1) * width}
	}
	return list
}

// A mapping is what one run of one contender gave: seconds, tasks per second,
// bytes, ratios. What it cannot do is missing.
type mapping struct {
	Figures map[string]float64 `json:"figures"`
	Answers map[string]float64 `json:"answers"` // of the work, to compare
}

// maps measures parallel maps beside those of Python.
func (b *bench) maps(ctx context.Context) (string, error) {
	if runtime.GOOS != "linux" {
		return "\n## Parallel maps\n\nThey are measured on Linux only.\n", nil
	}
	dir, err := os.MkdirTemp("", "fanout-bench-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	stage := &stage{bench: b, dir: dir, work: newWork(b.quick)}
	if err := stage.build(ctx); err != nil {
		return "", err
	}
	installed, err := stage.versions(ctx)
	if err != nil {
		return "", err
	}
	r := mapReport{versions: installed.list(), results: map[string][]mapping{}, quick: b.quick}
	peers := slices.DeleteFunc(slices.Clone(theirs), func(c contender) bool {
		missing := installed.Peers[c.name] == nil
		if missing {
			r.notes = append(r.notes, c.title+" is left out: it is not installed.")
		}
		return missing
	})
	failed := map[string]bool{}
	times := (b.repeats + 1) / 2 // each takes long
	for i := range times {
		order := slices.Concat(ours, peers)
		if i%2 == 1 { // so that nobody always follows the same one
			slices.Reverse(order)
		}
		for _, c := range order {
			if failed[c.name] {
				continue
			}
			log.Printf("maps, run %d of %d: %s", i+1, times, c.name)
			m, err := stage.run(ctx, c)
			switch {
			case err != nil && (ctx.Err() != nil || slices.Contains(ours, c)):
				return "", err
			case err != nil:
				log.Print(err)
				failed[c.name] = true
				delete(r.results, c.name)
				r.notes = append(r.notes, c.title+" is left out: it failed here.")
				continue
			}
			r.results[c.name] = append(r.results[c.name], m)
			if err := stage.work.agree(r.results[ours[0].name], m); err != nil {
				return "", fmt.Errorf("%s: %w", c.name, err)
			}
		}
	}
	r.peers = slices.DeleteFunc(peers, func(c contender) bool { return failed[c.name] })
	return r.render(), nil
}

// agree tells whether the answers of m are right: those of the first contender, or
// for π near it.
func (w *work) agree(first []mapping, m mapping) error {
	samples := 0.0
	for _, task := range w.Pi {
		samples += float64(task[1])
	}
	for name, got := range m.Answers {
		if name == "pi" {
			sigma := math.Sqrt(math.Pi / 4 * (1 - math.Pi/4) / samples)
			if p := got / samples; math.Abs(p-math.Pi/4) > 5*sigma {
				return fmt.Errorf("π is %.4f by %.0f samples, and that is too far off", 4*p, samples)
			}
			continue
		}
		if len(first) > 0 && got != first[0].Answers[name] {
			return fmt.Errorf("%s is %v, and %v by parallel.Map", name, got, first[0].Answers[name])
		}
	}
	return nil
}

// A stage has what the contenders need.
type stage struct {
	*bench
	dir  string
	work work
}

// build writes the work and the sources, and builds the program of package
// parallel, in a module that takes Fanout from this checkout.
func (s *stage) build(ctx context.Context) error {
	text, err := json.Marshal(s.work)
	if err != nil {
		return err
	}
	checkout, err := goList(ctx, "{{.Dir}}", "github.com/adabc437/fanout")
	if err != nil {
		return err
	}
	sys, err := goList(ctx, "{{.Version}}", "golang.org/x/sys")
	if err != nil {
		return err
	}
	sums, err := os.ReadFile(filepath.Join(checkout, "go.sum"))
	if err != nil {
		return err
	}
	tasks, ok := strings.CutPrefix(goTasks, "package main\n")
	if !ok {
		return errors.New("tasks.go.txt does not begin with its package clause")
	}
	module := fmt.Sprintf("module fanoutmaps\n\ngo %s\n\nrequire (\n\tgithub.com/adabc437/fanout v0.0.0\n\tgolang.org/x/sys %s\n)\n\nreplace github.com/adabc437/fanout => %q\n",
		strings.TrimPrefix(runtime.Version(), "go"), sys, checkout)
	for name, text := range map[string]string{
		"work.json": string(text), "go.mod": module, "go.sum": string(sums),
		"tasks.go": goTasks, "maps.go": goMaps, "tasks.py": pythonTasks, "maps.py": pythonMaps,
		"cell/pmap.go": "%get golang.org/x/sys/unix@" + sys + "\n" + tasks + cellMaps,
	} {
		path := filepath.Join(s.dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			return err
		}
	}
	cmd := exec.CommandContext(ctx, "go", "build", "-mod=mod", "-o", "maps", ".")
	cmd.Dir = s.dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go build of the maps: %w: %s", err, out)
	}
	return nil
}

// goList asks the go command about a module of this checkout.
func goList(ctx context.Context, format, module string) (string, error) {
	out, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", format, module).Output()
	if err != nil {
		return "", fmt.Errorf("go list -m %s: %w: fanout-bench runs in a checkout of Fanout", module, err)
	}
	return strings.TrimSpace(string(out)), nil
}

// installed is what Python has.
type installed struct {
	Python string              `json:"python"`
	Peers  map[string][]string `json:"peers"` // packages with versions; nil: not installed
}

func (s *stage) versions(ctx context.Context) (v installed, err error) {
	out, err := exec.CommandContext(ctx, s.mapsPython, filepath.Join(s.dir, "maps.py"), "versions").Output()
	if err != nil {
		return v, fmt.Errorf("the versions of Python's libraries: %w", err)
	}
	if err := json.Unmarshal(out, &v); err != nil {
		return v, fmt.Errorf("the versions of Python's libraries: %w in %q", err, out)
	}
	return v, nil
}

func (v installed) list() []string {
	list := []string{strings.Replace(runtime.Version(), "go", "Go ", 1), "Python " + v.Python}
	for _, c := range theirs {
		for _, p := range v.Peers[c.name] {
			if !slices.Contains(list, p) {
				list = append(list, p)
			}
		}
	}
	return list
}

// run lets one contender do the work.
func (s *stage) run(ctx context.Context, c contender) (mapping, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var cmd *exec.Cmd
	switch c.name {
	case "parallel":
		cmd = exec.CommandContext(ctx, filepath.Join(s.dir, "maps"))
	case "pmap":
		cmd = exec.CommandContext(ctx, s.fanout, "run", filepath.Join(s.dir, "cell", "pmap.go"))
	default:
		cmd = exec.CommandContext(ctx, s.mapsPython, filepath.Join(s.dir, "maps.py"), c.name)
	}
	cmd.Env = append(os.Environ(), "FANOUT_BENCH_WORK="+filepath.Join(s.dir, "work.json"), "PYTHONPATH="+s.dir, "IPYTHONDIR="+s.dir)
	cmd.Cancel = func() error { return endTree(cmd.Process) }
	cmd.WaitDelay = 5 * time.Second
	var errs bytes.Buffer
	cmd.Stderr = &errs
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return mapping{}, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return mapping{}, err
	}
	if err := cmd.Start(); err != nil {
		return mapping{}, err
	}
	m, err := listen(stdout, stdin, func() (end func() float64) { return watchMemory(cmd.Process.Pid) })
	if waitErr := cmd.Wait(); waitErr != nil {
		err = waitErr
	}
	if err != nil {
		return m, fmt.Errorf("%s: %w\n%s", c.name, err, errs.Bytes())
	}
	return m, nil
}
