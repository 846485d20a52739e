package build

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestStore(t *testing.T) {
	root := t.TempDir()
	s, err := openStore(root, "host")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "f")
	if err := os.WriteFile(file, []byte("content"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, ok := s.find("k"); ok {
		t.Error("found before it is there")
	}
	if _, _, err := s.add("k", file, file); err != nil {
		t.Fatal(err)
	}
	if a, o, ok := s.find("k"); !ok || !isFile(a) || !isFile(o) {
		t.Error("not found")
	}
	s.remove("k")
	if _, _, ok := s.find("k"); ok {
		t.Error("found after it is gone")
	}
	if err := s.setState(state{Way: "linked"}); err != nil || s.state().Way != "linked" {
		t.Errorf("state is lost: %v", err)
	}
	if err := os.WriteFile(filepath.Join(s.dir, "state.json"), []byte("{"), 0o600); err != nil || s.state().Way != "" {
		t.Error("a damaged state is believed")
	}
}

func TestSweep(t *testing.T) {
	root := t.TempDir()
	s := &store{root: root, dir: filepath.Join(root, "host"), max: 5000}
	for _, dir := range []string{"host", "older", "host/work-1"} {
		if err := os.MkdirAll(filepath.Join(root, dir), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	write := func(name string, age time.Duration) {
		name = filepath.Join(root, name)
		if err := os.WriteFile(name, make([]byte, 1000), 0o600); err != nil {
			t.Fatal(err)
		}
		when := time.Now().Add(-age)
		if err := os.Chtimes(name, when, when); err != nil {
			t.Fatal(err)
		}
	}
	write("older/a.so", 100*time.Hour)
	write("host/new-1", 2*time.Hour)
	write("host/new-2", time.Second)
	for i := range 6 {
		write(fmt.Sprintf("host/%d.so", i), time.Duration(i+1)*time.Minute)
	}
	write("host/work-1/cell.go", 2*time.Hour)
	long := time.Now().Add(-2 * time.Hour)
	if err := os.Chtimes(filepath.Join(root, "host/work-1"), long, long); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(filepath.Join(root, "older"), long, long); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(root, "starting"), 0o700); err != nil { // another program has just come
		t.Fatal(err)
	}
	s.sweep()
	var left []string
	_ = filepath.Walk(root, func(name string, info os.FileInfo, err error) error {
		rel, _ := filepath.Rel(root, name)
		left = append(left, rel)
		return err
	})
	if got, want := strings.Join(left, " "), ". host host/0.so host/1.so host/2.so host/3.so host/new-2 starting"; got != want {
		t.Errorf("left are %s, not %s", got, want)
	}
}

func TestBegin(t *testing.T) {
	s, err := openStore(t.TempDir(), "host")
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		done, err := s.begin("try", 2)
		if err != nil {
			t.Fatal(err)
		}
		done()
	}
	for range 2 { // processes that are no more
		dead := exec.Command("go", "version")
		if err := dead.Run(); err != nil {
			t.Fatal(err)
		}
		if err := s.write(fmt.Sprint("try.", dead.Process.Pid), nil); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.begin("try", 2); err == nil || !strings.Contains(err.Error(), "crashed 2 times") {
		t.Errorf("got %v", err)
	}
}

func TestAStoreWhoseFolderIsGoneMakesItAnew(t *testing.T) {
	s, err := openStore(t.TempDir(), "host")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(s.dir); err != nil {
		t.Fatal(err)
	}
	done, err := s.begin("try", 2)
	if err != nil {
		t.Fatal(err)
	}
	done()
	if err := os.RemoveAll(s.dir); err != nil {
		t.Fatal(err)
	}
	if _, err := s.workDir(); err != nil {
		t.Error(err)
	}
}

// A watchedWay is a way that notes what is on record while it builds.
type watchedWay struct{ marks []string }

func (*watchedWay) name() string { return "watched" }

func (w *watchedWay) build(_ context.Context, t *Toolchain, _ string, _ Package) (archive, object string, err error) {
	w.marks, err = filepath.Glob(filepath.Join(t.store.dir, "try-*"))
	return "", "", errors.Join(err, errors.New("builds nothing"))
}

// Who is killed while the first package is compiled says nothing against a way.
func TestCompilingIsNotOnRecord(t *testing.T) {
	s, err := openStore(t.TempDir(), "host")
	if err != nil {
		t.Fatal(err)
	}
	w := &watchedWay{}
	tools := &Toolchain{log: slog.New(slog.DiscardHandler), host: &host{}, store: s, modules: newModules()}
	if tools.choose(t.Context(), []way{w}) || !strings.Contains(fmt.Sprint(tools.fail), "builds nothing") || len(w.marks) > 0 {
		t.Errorf("%v, on record are %s", tools.fail, w.marks)
	}
}

func TestEmptyFilesAreNoPackage(t *testing.T) {
	s, err := openStore(t.TempDir(), "host")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"k.a", "k.so"} {
		if err := s.write(name, []byte("x")); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, ok := s.find("k"); !ok {
		t.Error("the package is not found")
	}
	if err := os.Truncate(s.archive("k"), 0); err != nil {
		t.Fatal(err)
	}
	if _, _, ok := s.find("k"); ok {
		t.Error("an empty archive is a package")
	}
}

func TestToolsOfAnotherVersion(t *testing.T) {
	root := t.TempDir()
	known := &tools{Root: root}
	if !known.still("go1.26.8") {
		t.Error("a distribution that does not say its version is taken for another")
	}
	if err := os.WriteFile(filepath.Join(root, "VERSION"), []byte("go1.26.8\ntime 2026-01-01\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if !known.still("go1.26.8") || !known.still("go1.26.8 X:arenas") || known.still("go1.26.9") {
		t.Error("the version is misread")
	}
}
