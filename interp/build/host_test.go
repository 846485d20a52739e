//go:build cgo && linux && !race

package build

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"golang.org/x/tools/txtar"
)

// A test's own program cannot load packages that it has under test, so that
// these tests build a program which can, and watch it. It is built without the race
// detector, which would have nothing to look at here.

var testDir string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "fanout-test-")
	if err != nil {
		panic(err)
	}
	testDir = dir
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

var buildHost = sync.OnceValues(func() (string, error) {
	exe := filepath.Join(testDir, "testhost")
	out, err := exec.Command("go", "build", "-o", exe, "./internal/testhost").CombinedOutput()
	if err != nil {
		return "", errors.New(string(out))
	}
	return exe, nil
})

// runHost runs a scenario of the test program and returns what it printed.
func runHost(t testing.TB, env []string, args ...string) (stdout, stderr string, err error) {
	t.Helper()
	exe, err := buildHost()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe, args...)
	var o, e bytes.Buffer
	cmd.Stdout, cmd.Stderr = &o, &e
	cmd.Env = append(os.Environ(), "TESTHOST_CACHE="+filepath.Join(testDir, "cache"), "FANOUT_BUILD=")
	cmd.Env = append(cmd.Env, env...)
	err = cmd.Run()
	return o.String(), e.String(), err
}

var ways = func() []string {
	if runtime.GOARCH == "amd64" {
		return []string{"linked", "plugin"}
	}
	return []string{"plugin"}
}()

// TestPackages builds the packages of testdata, in both ways, and compares what
// they print.
func TestPackages(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no testdata", err)
	}
	for _, w := range append(slices.Clone(ways), "") {
		for _, file := range files {
			if (w == "") != strings.Contains(file, "unlinked") {
				continue // the one way that is left to the program's choice
			}
			name := strings.TrimSuffix(filepath.Base(file), ".txtar")
			t.Run(cmp.Or(w, "chosen")+"/"+name, func(t *testing.T) {
				names, want := extract(t, file, filepath.Join(t.TempDir(), name))
				out, stderr, err := runHost(t, []string{"FANOUT_BUILD=" + w}, append([]string{"run"}, names...)...)
				if err != nil {
					t.Fatalf("%v\n%s%s", err, out, stderr)
				}
				if out != want {
					t.Errorf("got\n%s\nwant\n%s%s", out, want, stderr)
				}
			})
		}
	}
}

// extract writes the sources of an archive to dir. It returns their names and
// what they should print.
func extract(t *testing.T, file, dir string) (names []string, want string) {
	t.Helper()
	a, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, f := range a.Files {
		if base, ok := strings.CutSuffix(f.Name, ".want"); ok {
			b.WriteString("-- " + filepath.Base(dir) + "/" + base + " --\n")
			b.Write(f.Data)
			continue
		}
		name := filepath.Join(dir, f.Name)
		if err := os.WriteFile(name, f.Data, 0o600); err != nil {
			t.Fatal(err)
		}
		names = append(names, name)
	}
	return names, b.String()
}

// TestCrash has a goroutine of a package panic, which ends the program with
// the source's own lines.
func TestCrash(t *testing.T) {
	const src = `package main

//line In[3]:1
func boom(m map[string]int) { m["x"] = 1 }

func Run() {
	go func() {
		boom(nil)
	}()
	select {}
}
`
	for _, w := range ways {
		dir := filepath.Join(t.TempDir(), "crash"+w)
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(dir, "a.go")
		if err := os.WriteFile(file, []byte(src), 0o600); err != nil {
			t.Fatal(err)
		}
		_, stderr, err := runHost(t, []string{"FANOUT_BUILD=" + w}, "run", file)
		if err == nil {
			t.Fatal("the program did not crash")
		}
		for _, want := range []string{"panic: assignment to entry in nil map", "crash" + w + "/a.boom(...)\n\tIn[3]:1", "In[3]:5", "created by crash" + w + "/a.Run in goroutine 1\n\tIn[3]:4"} {
			if !strings.Contains(stderr, want) {
				t.Errorf("%s: no %q in\n%s", w, want, stderr)
			}
		}
	}
}

// TestCache builds a chain of packages in one process, and loads it in another.
func TestCache(t *testing.T) {
	for _, w := range ways {
		cache := filepath.Join(t.TempDir(), "cache")
		env := []string{"FANOUT_BUILD=" + w, "TESTHOST_CACHE=" + cache}
		first, stderr, err := runHost(t, env, "chain", "cache", "20")
		if err != nil {
			t.Fatalf("%v %s", err, stderr)
		}
		t.Log(w, "new:", stderr)
		before := listing(t, cache)
		second, stderr, err := runHost(t, env, "chain", "cache", "20")
		if err != nil {
			t.Fatalf("%v %s", err, stderr)
		}
		t.Log(w, "kept:", stderr)
		if first != second {
			t.Errorf("got %q, then %q", first, second)
		}
		if after := listing(t, cache); !slices.Equal(before, after) {
			t.Errorf("the second process built something:\n%q\n%q", before, after)
		}
		for i, name := range before { // as after the power fails
			if filepath.Ext(name) == ".so" && i%2 == 0 {
				if err := os.Truncate(name, int64(50*i)); err != nil {
					t.Fatal(err)
				}
			}
		}
		if third, stderr, err := runHost(t, env, "chain", "cache", "20"); err != nil || third != first {
			t.Errorf("with damaged files: %v %s %s", err, third, stderr)
		}
	}
}

// listing lists the files of a folder, less those of state, and checks that
// nobody else can read them.
func listing(t *testing.T, root string) (names []string) {
	t.Helper()
	err := filepath.Walk(root, func(name string, info os.FileInfo, err error) error {
		if err != nil {
			return err
		}
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v", name, info.Mode())
		}
		if ext := filepath.Ext(name); ext == ".so" || ext == ".a" {
			names = append(names, name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// TestTogether has several processes build the same packages at once, with
// nothing in the cache, from several goroutines each.
func TestTogether(t *testing.T) {
	cache := filepath.Join(t.TempDir(), "cache")
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			out, stderr, err := runHost(t, []string{"TESTHOST_CACHE=" + cache}, "parallel", "together")
			if err != nil || out != "done\n" {
				t.Errorf("%v %s%s", err, out, stderr)
			}
		})
	}
	wg.Wait()
}

func TestCancel(t *testing.T) {
	out, stderr, err := runHost(t, nil, "cancel", "cancel")
	if err != nil || out != "context deadline exceeded\n" {
		t.Errorf("%v %s%s", err, out, stderr)
	}
}

func TestDescribe(t *testing.T) {
	for _, way := range ways {
		out, stderr, err := runHost(t, []string{"FANOUT_BUILD=" + way}, "describe")
		if err != nil || !regexp.MustCompile("^"+way+", with /.*go1").MatchString(out) {
			t.Errorf("%v %s%s", err, out, stderr)
		}
	}
	if _, stderr, err := runHost(t, []string{"PATH=/nowhere", "GOROOT=/nowhere", "TESTHOST_CACHE=" + t.TempDir()}, "describe"); err == nil || !strings.Contains(stderr, "no go command found") {
		t.Errorf("%v %s", err, stderr)
	}
	if _, stderr, err := runHost(t, []string{"FANOUT_BUILD=wrong"}, "describe"); err == nil || !strings.Contains(stderr, `"wrong"`) {
		t.Errorf("%v %s", err, stderr)
	}
}

// TestNoSources has a program that does not know where its sources are import
// what needs them.
func TestNoSources(t *testing.T) {
	exe := filepath.Join(testDir, "trimmed")
	if out, err := exec.Command("go", "build", "-trimpath", "-tags", "bare", "-o", exe, "./internal/testhost").CombinedOutput(); err != nil {
		t.Fatal(string(out))
	}
	file := filepath.Join(t.TempDir(), "a.go")
	run := func(src string) string {
		if err := os.WriteFile(file, []byte(src), 0o600); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(exe, "run", file)
		cmd.Env = append(os.Environ(), "TESTHOST_CACHE="+filepath.Join(testDir, "trimmed-cache"), "FANOUT_BUILD=")
		out, _ := cmd.CombinedOutput()
		return string(out)
	}
	if out := run("package main\n\nimport (\n\t\"fmt\"\n\t_ \"github.com/adabc437/fanout/parallel\"\n)\n\nfunc Run() { fmt.Println() }\n"); !strings.Contains(out, "cannot import github.com/adabc437/fanout/parallel: the sources") {
		t.Error(out)
	}
	if out := run("package main\n\nimport \"fmt\"\n\nfunc Run() { fmt.Println(\"works\") }\n"); !strings.Contains(out, "works") {
		t.Error(out)
	}
}

// TestFallback has processes die of the fast way, so that the next ones leave
// it, and say so.
func TestFallback(t *testing.T) {
	if len(ways) < 2 {
		t.Skip("there is one way only")
	}
	cache := t.TempDir()
	env := []string{"TESTHOST_CACHE=" + cache}
	if _, stderr, err := runHost(t, env, "describe"); err != nil {
		t.Fatal(err, stderr)
	}
	states, _ := filepath.Glob(filepath.Join(cache, "*", "state.json"))
	if len(states) != 1 {
		t.Fatal("states:", states)
	}
	if err := os.Remove(states[0]); err != nil {
		t.Fatal(err)
	}
	for _, pid := range []string{"1999999998", "1999999999"} { // beyond what there can be
		if err := os.WriteFile(filepath.Join(filepath.Dir(states[0]), "try-linked."+pid), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		out, stderr, err := runHost(t, env, "describe")
		if err != nil || !strings.HasPrefix(out, "plugin, with") || !strings.Contains(out, "not the faster way because linked: this program crashed 2 times") {
			t.Fatalf("%v %s%s", err, out, stderr)
		}
	}
	if out, stderr, err := runHost(t, env, "chain", "fallback", "3"); err != nil || !strings.HasPrefix(out, "(") {
		t.Fatalf("%v %s%s", err, out, stderr)
	}
}

// BenchmarkBuild reports what a package costs, in both ways.
func BenchmarkBuild(b *testing.B) {
	figures := regexp.MustCompile(`median ([\d.]+) ms, (\d+) KB of file, (\d+) KB of memory`)
	for _, w := range ways {
		b.Run(w, func(b *testing.B) {
			for b.Loop() {
				_, stderr, err := runHost(b, []string{"FANOUT_BUILD=" + w, "TESTHOST_CACHE=" + b.TempDir()}, "chain", "bench", "20")
				m := figures.FindStringSubmatch(stderr)
				if err != nil || m == nil {
					b.Fatal(err, stderr)
				}
				for i, unit := range []string{"ms/package", "KB-file/package", "KB-memory/package"} {
					value, _ := strconv.ParseFloat(m[i+1], 64)
					b.ReportMetric(value, unit)
				}
			}
		})
	}
}

// TestSymbols builds for each package that cells may import one that names all
// it exports: this program has whatever they refer to.
func TestSymbols(t *testing.T) {
	if testing.Short() {
		t.Skip("takes 15 seconds")
	}
	if !slices.Contains(ways, "linked") {
		t.Skip("needs linux/amd64")
	}
	out, stderr, err := runHost(t, []string{"FANOUT_BUILD=linked"}, "symbols")
	if err != nil || out != "true\n" {
		t.Errorf("%v %s%s", err, out, stderr)
	}
}

// TestGoPrograms runs the programs by which Go's own developers test generics,
// where the Go distribution has them.
func TestGoPrograms(t *testing.T) {
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	files, _ := filepath.Glob(filepath.Join(strings.TrimSpace(string(root)), "test", "typeparam", "*.go"))
	if len(files) == 0 || testing.Short() {
		t.Skip("the Go distribution has no tests, or they would take too long")
	}
	ran := 0
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.HasPrefix(src, []byte("// run\n")) {
			continue
		}
		ran++
		want, _ := os.ReadFile(strings.TrimSuffix(file, ".go") + ".out")
		out, stderr, err := runHost(t, []string{"FANOUT_BUILD=" + ways[0]}, "main", file)
		if err != nil || out != string(want) && out+stderr != string(want) {
			t.Errorf("%s: %v\n%.2000s%.2000s", filepath.Base(file), err, out, stderr)
		}
	}
	t.Log(ran, "programs")
}

// TestSettings has a user whose settings of the go command are for other work.
func TestSettings(t *testing.T) {
	work := filepath.Join(t.TempDir(), "go.work")
	if err := os.WriteFile(work, []byte("go 1.26\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "a.go")
	src := "package main\n\nimport (\n\t\"fmt\"\n\t_ \"github.com/adabc437/fanout/parallel\"\n\t_ \"golang.org/x/mod/semver\"\n)\n\nfunc Run() { fmt.Println(\"works\") }\n"
	if err := os.WriteFile(file, []byte(src), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, setting := range []string{
		"GOWORK=" + work, "GO111MODULE=off", "GOEXPERIMENT=arenas", "GOFIPS140=v1.0.0", "GOROOT=/nowhere", "GOFLAGS=-mod=vendor", "GOOS=windows", "CGO_ENABLED=0",
		"GOMODCACHE=" + t.TempDir(),
	} {
		out, stderr, err := runHost(t, []string{setting, "FANOUT_BUILD=" + ways[0], "TESTHOST_CACHE=" + t.TempDir()}, "run", file)
		if err != nil || !strings.HasSuffix(out, "\nworks\n") {
			t.Errorf("%s: %v %s%s", setting, err, out, stderr)
		}
	}
}

// TestStaleFiles has earlier processes leave a file that does not fit this program, as a
// module cache that had been moved did: it is made anew, for later processes as well.
func TestStaleFiles(t *testing.T) {
	const pkg = "golang.org/x/mod/semver"
	cache := t.TempDir()
	run := func(word string) (stdout, stderr string) {
		file := filepath.Join(t.TempDir(), "a.go")
		src := fmt.Sprintf("package main\n\nimport (\n\t\"fmt\"\n\t_ %q\n)\n\nfunc Run() { fmt.Println(%q) }\n", pkg, word)
		if err := os.WriteFile(file, []byte(src), 0o600); err != nil {
			t.Fatal(err)
		}
		stdout, stderr, err := runHost(t, []string{"FANOUT_BUILD=" + ways[0], "TESTHOST_CACHE=" + cache}, "run", file)
		if err != nil || !strings.HasSuffix(stdout, "\n"+word+"\n") {
			t.Fatal(err, stdout, stderr)
		}
		return stdout, stderr
	}
	run("first")
	other, err := exec.Command("go", "list", "-export", "-trimpath", "-f", "{{.Export}}", pkg).Output()
	if err != nil {
		t.Fatal(err)
	}
	states, _ := filepath.Glob(filepath.Join(cache, "*", "state.json"))
	if len(states) != 1 {
		t.Fatal("states:", states)
	}
	var st state
	b, err := os.ReadFile(states[0])
	if err == nil {
		err = json.Unmarshal(b, &st)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, files := range st.Exports {
		files[pkg] = strings.TrimSpace(string(other))
	}
	if b, err = json.Marshal(st); err == nil {
		err = os.WriteFile(states[0], b, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	run("second")
	run("third")
	if b, err = os.ReadFile(states[0]); err != nil || bytes.Contains(b, bytes.TrimSpace(other)) {
		t.Errorf("%v: the file is kept: %s", err, b)
	}
}

// TestFolderWithSpaces has the cache in a folder whose name shells and linkers part.
func TestFolderWithSpaces(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a.go")
	if err := os.WriteFile(file, []byte("package main\n\nimport \"fmt\"\n\nfunc Run() { fmt.Println(\"works\") }\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, way := range ways {
		out, stderr, err := runHost(t, []string{"FANOUT_BUILD=" + way, "TESTHOST_CACHE=" + filepath.Join(t.TempDir(), "of one user")}, "run", file)
		if err != nil || !strings.HasSuffix(out, "\nworks\n") {
			t.Errorf("%s: %v %s%s", way, err, out, stderr)
		}
	}
}
