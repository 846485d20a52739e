//go:build !race

package main

import (
	"archive/zip"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/adabc437/fanout/interp/session"
	"github.com/adabc437/fanout/interp/session/sessiontest"
	"github.com/adabc437/fanout/kernel/supervisor"
)

// A getStep is a cell and what comes of it: the text of its result, or part of its
// error. A code that ends in the middle of an import is completed instead.
type getStep struct{ code, want, err string }

// TestGet adds modules of a proxy on disk to sessions, in both ways of building.
func TestGet(t *testing.T) {
	cache := goEnv(t, "GOMODCACHE")
	host := fmt.Sprintf("fanout%d.test", os.Getpid()) // of this test alone, in a cache that others use
	t.Cleanup(func() {
		for _, dir := range []string{filepath.Join(cache, host), filepath.Join(cache, "cache", "download", host)} {
			removeModules(t, dir)
		}
	})
	steps := []getStep{
		{code: "import \"HOST/words\"", err: `no package "HOST/words" here: %get HOST/words@latest adds it`},
		{code: "%get"},
		{code: "%get HOST/words@v0.1.0\nimport \"HOST/words\"\nwords.Up()", want: "200"},
		{code: "import count \"HOST/count.v1\"\ncount.N++\ncount.N", want: "3"},                     // one variable for all cells
		{code: "count.Starts", want: "1"},                                                           // and one initialisation
		{code: "t := count.T{X: 3}\nt.Inc()\nt.Sum() + words.Of(t).Sum()", want: "12"},              // one type for all packages
		{code: "count.Total(1, 2, 3.5)", want: "6.5"},                                               // with a package of the program
		{code: "func twice(k int) int { return count.Gen(k) + count.Gen(k) }\ntwice(5)", want: "3"}, // generic, with what is unexported
		{code: "var e *count.E\nerrors.As(count.Fail(), &e)", want: "true"},
		{code: "var b strings.Builder\ncount.Write(&b)\nb.String()", want: `"n is 3"`},
		{code: "type My struct{ count.T }\nm := My{t}\nm.Inc()\nm.Sum()", want: "7"},
		{code: "import \"HOST/words/inner\"\ninner.V", want: "3"},
		{code: "import \"HOST/words/cmd/x\"", err: "HOST/words/cmd/x is a program, which cannot be imported"},
		{code: "%get HOST/words@v0.2.0", err: "HOST/words v0.2.0 was asked for, but version v0.1.0 is loaded in this session: %restart"},
		{code: "import \"HOST/wo", want: "HOST/words/inner"},
		{code: "words.Up()", want: "400"},
		{code: "%get HOST/asm\nimport \"HOST/asm\"\nasm.Add(1, 2) + asm.Twice(3)", want: "9"},
		{code: "f := asm.Add\nf(3, 4)", want: "7"},
		{code: "asm.Text", want: `"embedded\n"`},
		{code: "%get HOST/withc\nimport \"HOST/withc\"\nwithc.Bump(1)", want: "6"},
		{code: "withc.Bump(1)", want: "7"},
		{code: "os.Exit(1)", err: "ended the session process"},
		{code: "words.Up() + twice(1)", want: "203"}, // restored
		{code: "%restart"},
		{code: "words.Up()", err: "undefined: words"},
		{code: "%get HOST/words\nimport \"HOST/words\"\nwords.Up()", want: "-1"},
	}
	for _, way := range []string{"linked", "plugin"} {
		t.Run(way, func(t *testing.T) {
			if way == "linked" {
				way = "" // the program falls back to the other by itself
			}
			getSteps(t, host, steps, "FANOUT_BUILD="+way)
		})
	}
	t.Run("errors", func(t *testing.T) {
		mods := t.TempDir()
		t.Cleanup(func() { removeModules(t, mods) })
		getSteps(t, host, []getStep{
			{code: "%get HOST/newer", err: "HOST/newer@v0.1.0 needs gonum.org/v1/gonum v0.17.1-test, but Fanout has gonum.org/v1/gonum v0.17.0 linked in"},
			{code: "%get gonum.org/v1/gonum@v0.17.1-test", err: "gonum.org/v1/gonum v0.17.1-test was asked for, but Fanout has version v0.17.0 linked in: leave the version out"},
			{code: "%get HOST/nothing", err: "cannot get HOST/nothing: there is no such module or version"},
			{code: "%get HOST/words@v9.9.9", err: "cannot get HOST/words@v9.9.9: there is no such module or version"},
			{code: "%get HOST/broken", err: `HOST/broken@v0.1.0/broken.go:3:23: cannot use "x"`},
			{code: "%get HOST/future", err: "it needs Go 1.99, and this program was built with Go"},
			{code: "%get strings", err: "package strings is part of Go: import it"},
			{code: "%get words", err: `"words" is not the path of a module`},
			{code: "%get HOST/words@", err: "lacks a version"},
			{code: "%get HOST/words HOST/newer", err: "%get takes one at a time"},
			{code: "%get"}, // nothing was added
			// What the program was built with is in another module cache.
			{code: "import \"gonum.org/v1/gonum/floats\"\nfloats.Sum([]float64{1, 2})", want: "3"},
			{code: "%get HOST/count.v1\nimport \"HOST/count.v1\"", err: "would come from another module cache, as " + mods},
		}, "GOMODCACHE="+mods)
	})
	t.Run("interpreted", func(t *testing.T) {
		getSteps(t, host, []getStep{{code: "%get HOST/words", err: "third-party packages are for compiled cells"}}, "FANOUT_TIER=interpreted")
	})
}

// getSteps runs cells in a session of their own.
func getSteps(t *testing.T, host string, steps []getStep, env ...string) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	proxy := moduleProxy(t, host, slices.ContainsFunc(env, func(e string) bool { return strings.HasPrefix(e, "GOMODCACHE=") }))
	env = append([]string{
		asFanout + "=1", "FANOUT_TIER=compiled", "GOSUMDB=off", "GONOSUMDB=*", "GOFLAGS=",
		"GOPROXY=" + strings.Join([]string{fileURL(proxy), fileURL(filepath.Join(goEnv(t, "GOMODCACHE"), "cache", "download"))}, ","),
	}, env...)
	s, err := supervisor.Start(t.Context(), supervisor.Options{Command: []string{exe, "session"}, Env: append(os.Environ(), env...), Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for n, step := range steps {
		if strings.HasPrefix(step.code, "import ") && strings.Count(step.code, "\"") == 1 {
			completed(t, s, strings.ReplaceAll(step.code, "HOST", host), strings.ReplaceAll(step.want, "HOST", host))
			continue
		}
		out := sessiontest.NewOutput()
		code, want := strings.ReplaceAll(step.code, "HOST", host), strings.ReplaceAll(step.err, "HOST", host)
		reply, err := s.Execute(t.Context(), session.Cell{ID: fmt.Sprint("get", n), Code: code, Number: n + 1, StoreHistory: true}, out)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if reply.Err != nil {
			got = reply.Err.Message
		}
		switch result := out.Text(session.Result); {
		case want == "" && got != "", !strings.Contains(got, want):
			t.Errorf("%s:\nerror %q, want %q", code, got, want)
		case result != step.want:
			t.Errorf("%s:\nresult %q, want %q", code, result, step.want)
		}
	}
}

// completed completes code and wants a candidate.
func completed(t *testing.T, s session.Session, code, want string) {
	t.Helper()
	c, err := s.Complete(t.Context(), code, len(code))
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(c.Items, func(i session.Candidate) bool { return i.Text == want }) {
		t.Errorf("%s: completions %v, want %s", code, c.Items, want)
	}
}

// moduleProxy makes a module proxy of testdata/get: its files are named
// module@version/file, and HOST stands for the host of the modules. Those of other hosts, which are not
// what they say, are there if all is set: a module cache that others use must not
// get them.
func moduleProxy(t *testing.T, host string, all bool) string {
	t.Helper()
	root := t.TempDir()
	a, err := txtar.ParseFile("testdata/get/modules.txt")
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]txtar.File{}
	var order []string
	for _, f := range a.Files {
		f.Data = []byte(strings.ReplaceAll(string(f.Data), "HOST", host))
		f.Name = strings.ReplaceAll(f.Name, "HOST", host)
		path, rest, _ := strings.Cut(f.Name, "@")
		version, _, _ := strings.Cut(rest, "/")
		if files[path+"@"+version] == nil {
			order = append(order, path+"@"+version)
		}
		files[path+"@"+version] = append(files[path+"@"+version], f)
	}
	for _, module := range order {
		path, version, _ := strings.Cut(module, "@")
		if !all && !strings.HasPrefix(path, host) {
			continue
		}
		dir := filepath.Join(root, filepath.FromSlash(path), "@v")
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		list, err := os.OpenFile(filepath.Join(dir, "list"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintln(list, version)
		list.Close()
		archive, err := os.Create(filepath.Join(dir, version+".zip"))
		if err != nil {
			t.Fatal(err)
		}
		z := zip.NewWriter(archive)
		for _, f := range files[module] {
			w, err := z.Create(f.Name)
			if err == nil {
				_, err = w.Write(f.Data)
			}
			if err != nil {
				t.Fatal(err)
			}
			if f.Name == module+"/go.mod" {
				write(t, filepath.Join(dir, version+".mod"), string(f.Data))
			}
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		archive.Close()
		write(t, filepath.Join(dir, version+".info"), fmt.Sprintf("{\"Version\":%q,\"Time\":\"2024-01-02T15:04:05Z\"}", version))
	}
	return root
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func fileURL(dir string) string { return "file://" + filepath.ToSlash(dir) }

func goEnv(t *testing.T, name string) string {
	t.Helper()
	out, err := exec.Command("go", "env", name).Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

// removeModules removes a folder of the module cache, whose folders are read-only.
func removeModules(t *testing.T, dir string) {
	t.Helper()
	_ = filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() {
			err = os.Chmod(name, 0o700)
		}
		return err
	})
	if err := os.RemoveAll(dir); err != nil {
		t.Error(err)
	}
}
