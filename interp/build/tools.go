package build

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// tools are the programs of a Go distribution.
type tools struct {
	Go       string
	Compile  string
	Link     string
	Asm      string
	Root     string
	ModCache string

	env []string
}

// same reports whether two distributions are one.
func (t *tools) same(u *tools) bool { return t != nil && u != nil && t.Go == u.Go && t.Root == u.Root }

// findTools looks for a go command of this program's own version: the one that
// was found by an earlier process, that of PATH, that of the Go that built
// this program, and one that the go command of PATH has downloaded.
func findTools(ctx context.Context, h *host, known *tools) (*tools, error) {
	want := runtime.Version()
	if known != nil && known.exist() && known.still(want) {
		known.setEnv(h)
		return known, nil
	}
	local := []string{"GOTOOLCHAIN=local", "GO111MODULE=off", "GOFLAGS=", "GOWORK=off"} // whatever folder it runs in
	type candidate struct {
		path string
		env  []string
	}
	var list []candidate
	onPath, err := exec.LookPath("go")
	if err == nil {
		list = append(list, candidate{onPath, local})
	}
	if root := goroot(); root != "" {
		list = append(list, candidate{filepath.Join(root, "bin", "go"), local})
	}
	if onPath != "" {
		list = append(list, candidate{onPath, append(slices.Clone(local), "GOROOT=")}) // where the user's leads nowhere
		list = append(list, candidate{onPath, []string{"GOTOOLCHAIN=" + want, "GOPROXY=off"}})
	}
	var have []string
	for _, c := range list {
		t, version, err := askGo(ctx, h, c.path, c.env)
		if err != nil {
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			continue
		}
		if version == want {
			return t, nil
		}
		if text := fmt.Sprintf("%s (%s)", version, c.path); !slices.Contains(have, text) {
			have = append(have, text)
		}
	}
	if len(have) == 0 {
		return nil, ErrNoToolchain
	}
	return nil, &VersionError{Want: want, Have: have}
}

// goroot is where the Go that built this program was.
func goroot() string {
	if root := os.Getenv("GOROOT"); root != "" {
		return root
	}
	return runtime.GOROOT() //lint:ignore SA1019 the Go that built this program is the one looked for
}

// askGo has a go command say which version it is and where its tools are.
func askGo(ctx context.Context, h *host, path string, env []string) (*tools, string, error) {
	out, err := run(ctx, command{name: path, env: env, dir: os.TempDir(), args: []string{"env", "-json", "GOVERSION", "GOROOT", "GOTOOLDIR", "GOMODCACHE"}})
	if err != nil {
		return nil, "", err
	}
	var v struct{ GOVERSION, GOROOT, GOTOOLDIR, GOMODCACHE string }
	if err := json.Unmarshal([]byte(out), &v); err != nil {
		return nil, "", err
	}
	tool := func(name string) string { return filepath.Join(v.GOTOOLDIR, name) }
	t := &tools{Go: path, Compile: tool("compile"), Link: tool("link"), Asm: tool("asm"), Root: v.GOROOT, ModCache: v.GOMODCACHE}
	if root := filepath.Join(v.GOROOT, "bin", "go"); isFile(root) {
		t.Go = root // where the go of PATH chose another
	}
	t.setEnv(h)
	if !t.exist() {
		return nil, v.GOVERSION, errors.New("its compiler is missing")
	}
	return t, v.GOVERSION, nil
}

// setEnv has the tools do as they did for this program, whatever the user's
// settings are now. What the program does not say of itself was as it is without
// settings.
func (t *tools) setEnv(h *host) {
	t.env = append([]string{"GOEXPERIMENT=", "GOFIPS140=off", "GO111MODULE=on", "GOWORK="}, h.env...)
	t.env = append(t.env, "GOTOOLCHAIN=local", "GOROOT="+t.Root, "GOFLAGS=-buildvcs=false", "LC_ALL=C", "PWD=")
}

// exist reports whether the programs are there.
func (t *tools) exist() bool {
	return isFile(t.Go) && isFile(t.Compile) && isFile(t.Link) && isFile(t.Asm)
}

// still reports whether a distribution is of the version that it was: another one may
// have been installed in its place.
func (t *tools) still(version string) bool {
	b, err := os.ReadFile(filepath.Join(t.Root, "VERSION"))
	line, _, _ := strings.Cut(string(b), "\n")
	release, _, _ := strings.Cut(version, " ") // experiments are behind it
	return err != nil || strings.TrimSpace(line) == release
}

func isFile(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.Mode().IsRegular()
}

// language is the version of the language, such as "go1.26".
func language() string {
	v := strings.TrimPrefix(runtime.Version(), "go")
	if parts := strings.SplitN(v, ".", 3); len(parts) >= 2 {
		minor := strings.IndexFunc(parts[1], func(r rune) bool { return r < '0' || r > '9' })
		if minor >= 0 {
			parts[1] = parts[1][:minor]
		}
		return "go" + parts[0] + "." + parts[1]
	}
	return "go" + v
}
