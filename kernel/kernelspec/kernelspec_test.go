package kernelspec

import (
	"bytes"
	"errors"
	"image/png"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"sync"
	"testing"
)

// files lists what lies below dir.
func files(t *testing.T, dir string) []string {
	t.Helper()
	var found []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			rel, _ := filepath.Rel(dir, path)
			found = append(found, filepath.ToSlash(rel))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func exe(t *testing.T) string {
	t.Helper()
	path, err := filepath.Abs("fanout")
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func TestInstallWritesAKernelspec(t *testing.T) {
	data := filepath.Join(t.TempDir(), "a", "jupyter")
	dir, err := Install(data, Options{Exe: "/opt/bin/fanout", Env: map[string]string{"A": "b"}})
	if err != nil {
		t.Fatal(err)
	}
	if want := filepath.Join(data, "kernels", "fanout"); dir != want {
		t.Errorf("folder %s, want %s", dir, want)
	}
	want := []string{
		"kernels/fanout/kernel.json", "kernels/fanout/logo-32x32.png", "kernels/fanout/logo-64x64.png", "kernels/fanout/logo-svg.svg",
	}
	if got := files(t, data); !reflect.DeepEqual(got, want) {
		t.Errorf("files %v, want %v", got, want)
	}
	if runtime.GOOS == "windows" {
		return // the program's path is written otherwise
	}
	got, err := os.ReadFile(filepath.Join(dir, "kernel.json"))
	if err != nil {
		t.Fatal(err)
	}
	const spec = `{
  "argv": [
    "/opt/bin/fanout",
    "kernel",
    "{connection_file}"
  ],
  "display_name": "Go (Fanout)",
  "language": "go",
  "interrupt_mode": "message",
  "kernel_protocol_version": "5.5",
  "env": {
    "A": "b"
  },
  "metadata": {
    "debugger": false,
    "supported_features": [
      "kernel subshells"
    ],
    "fanout": true
  }
}
`
	if string(got) != spec {
		t.Errorf("kernel.json is\n%s\nwant\n%s", got, spec)
	}
}

func TestInstallReplacesOursOnly(t *testing.T) {
	data := t.TempDir()
	first := Options{Exe: exe(t), DisplayName: "first"}
	dir, err := Install(data, first)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "leftover"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Install(data, Options{Exe: exe(t), DisplayName: "second"}); err != nil {
		t.Fatal(err)
	}
	if got := files(t, data); len(got) != 4 {
		t.Errorf("files %v, want the four of a kernelspec", got)
	}
	want := []Spec{{Name: "fanout", Dir: dir, DisplayName: "second", Language: "go", Argv: []string{exe(t), "kernel", "{connection_file}"}, Ours: true}}
	if got := List(data); !reflect.DeepEqual(got, want) {
		t.Errorf("list %+v, want %+v", got, want)
	}

	for name, content := range map[string]string{"python3": `{"display_name":"Python 3","language":"python"}`, "broken": `{`} {
		other := filepath.Join(data, "kernels", name)
		if err := os.Mkdir(other, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(other, "kernel.json"), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Install(data, Options{Name: name, Exe: exe(t)}); !errors.Is(err, ErrForeign) {
			t.Errorf("install over %s: %v, want %v", name, err, ErrForeign)
		}
		if err := Uninstall(data, name); !errors.Is(err, ErrForeign) {
			t.Errorf("uninstall of %s: %v, want %v", name, err, ErrForeign)
		}
		if after, err := os.ReadFile(filepath.Join(other, "kernel.json")); err != nil || string(after) != content {
			t.Errorf("%s was changed: %s, %v", name, after, err)
		}
	}
}

func TestUninstall(t *testing.T) {
	data := t.TempDir()
	if err := Uninstall(data, ""); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("uninstall of nothing: %v, want %v", err, fs.ErrNotExist)
	}
	if _, err := Install(data, Options{Name: "Go.1-x_y", Exe: exe(t)}); err != nil {
		t.Fatal(err)
	}
	if err := Uninstall(data, "Go.1-x_y"); err != nil {
		t.Fatal(err)
	}
	if got := files(t, data); got != nil {
		t.Errorf("files %v, want none", got)
	}
}

func TestBadNamesAreRefused(t *testing.T) {
	data := t.TempDir()
	for _, name := range []string{".", "..", "../x", "a/b", `a\b`, "a b", "-a", "é"} {
		if _, err := Install(data, Options{Name: name, Exe: exe(t)}); err == nil {
			t.Errorf("install as %q worked", name)
		}
		if err := Uninstall(data, name); err == nil {
			t.Errorf("uninstall of %q worked", name)
		}
	}
}

func TestTheTestProgramIsKnownAsTemporary(t *testing.T) {
	for path, want := range map[string]bool{
		"/tmp/go-build1234/b001/exe/fanout": true, "/home/a/go/bin/fanout": false, "/srv/go-builder/fanout": false,
	} {
		if got := madeByGoRun(filepath.FromSlash(path)); got != want {
			t.Errorf("madeByGoRun(%s) = %v", path, got)
		}
	}
}

func TestListPrefersTheFirstFolder(t *testing.T) {
	one, two := t.TempDir(), t.TempDir()
	for dir, name := range map[string]string{one: "first", two: "second"} {
		if _, err := Install(dir, Options{Exe: exe(t), DisplayName: name}); err != nil {
			t.Fatal(err)
		}
	}
	got := List("no such folder", one, two)
	if len(got) != 1 || got[0].DisplayName != "first" {
		t.Errorf("list %+v, want the first alone", got)
	}
}

func TestHammerInstall(t *testing.T) {
	data := t.TempDir()
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 10 {
				Install(data, Options{Exe: exe(t)}) // one of those at once wins
			}
		})
	}
	wg.Wait()
	if _, err := Install(data, Options{Exe: exe(t)}); err != nil {
		t.Fatal(err)
	}
	if got := files(t, data); len(got) != 4 {
		t.Errorf("files %v, want the four of a kernelspec", got)
	}
}

func TestLogosHaveTheirSizes(t *testing.T) {
	for name, size := range map[string]int{"logo-32x32.png": 32, "logo-64x64.png": 64} {
		data, err := assets.ReadFile("assets/" + name)
		if err != nil {
			t.Fatal(err)
		}
		c, err := png.DecodeConfig(bytes.NewReader(data))
		if err != nil || c.Width != size || c.Height != size {
			t.Errorf("%s: %d by %d, %v", name, c.Width, c.Height, err)
		}
	}
}

func TestUserDir(t *testing.T) {
	for _, tc := range []struct {
		goos string
		env  map[string]string
		want string
	}{
		{"linux", map[string]string{"HOME": "/h"}, "/h/.local/share/jupyter"},
		{"linux", map[string]string{"HOME": "/h", "XDG_DATA_HOME": "/x"}, "/x/jupyter"},
		{"linux", map[string]string{"HOME": "/h", "JUPYTER_DATA_DIR": "/j"}, "/j"},
		{"darwin", map[string]string{"HOME": "/h", "XDG_DATA_HOME": "/x"}, "/h/Library/Jupyter"},
		{"windows", map[string]string{"APPDATA": "/a"}, "/a/jupyter"},
		{"linux", nil, ""}, {"windows", nil, ""}, {"darwin", nil, ""},
	} {
		got, err := userDir(tc.goos, func(name string) string { return tc.env[name] })
		if filepath.ToSlash(got) != tc.want || (err != nil) != (tc.want == "") {
			t.Errorf("%s %v: %s, %v; want %s", tc.goos, tc.env, got, err, tc.want)
		}
	}
}

func TestSearchPath(t *testing.T) {
	t.Setenv("JUPYTER_PATH", "/p"+string(filepath.ListSeparator)+"/q")
	t.Setenv("JUPYTER_DATA_DIR", "/u")
	t.Setenv("VIRTUAL_ENV", "/v")
	t.Setenv("CONDA_PREFIX", "")
	want := append([]string{"/p", "/q", "/u", PrefixDir("/v")}, systemDirs(runtime.GOOS, os.Getenv)...)
	if got := SearchPath(); !reflect.DeepEqual(got, want) {
		t.Errorf("search path %v, want %v", got, want)
	}
	if got, err := SysPrefix(); got != "/v" || err != nil {
		t.Errorf("sys prefix %s, %v", got, err)
	}
}

func TestSearchPathOfACommandHasItsEnvironment(t *testing.T) {
	for _, name := range []string{"JUPYTER_PATH", "VIRTUAL_ENV", "CONDA_PREFIX"} {
		t.Setenv(name, "")
	}
	env := t.TempDir()
	got := SearchPathOf(filepath.Join(env, "bin", "jupyter"))
	if last := got[len(got)-1]; last != PrefixDir(env) {
		t.Errorf("search path %v, want %s as its end", got, PrefixDir(env))
	}
}
