package opencl

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestTheCacheGivesWhatWasPut(t *testing.T) {
	c := &cache{dir: filepath.Join(t.TempDir(), "a", "b"), files: 10, bytes: 1000}
	if c.get("k") != nil {
		t.Error("an empty cache has something")
	}
	c.put("k", []byte("one"))
	c.put("k", []byte("two"))
	if got := c.get("k"); string(got) != "two" {
		t.Errorf("%q, want two", got)
	}
	c.put("large", make([]byte, 1000))
	c.put("nothing", nil)
	if c.get("large") != nil || c.get("nothing") != nil {
		t.Error("it keeps what is too large, or nothing")
	}
	if runtime.GOOS != "windows" {
		for path, want := range map[string]os.FileMode{c.dir: 0o700, c.path("k"): 0o600} {
			if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
				t.Errorf("%s has mode %v (%v), want %v", path, info.Mode(), err, want)
			}
		}
	}
	c.drop("k")
	if c.get("k") != nil {
		t.Error("what was dropped is there")
	}
	var none *cache
	none.put("k", []byte("one"))
	none.drop("k")
	if none.get("k") != nil {
		t.Error("no cache has something")
	}
}

func TestDamagedFilesOfTheCacheAreRemoved(t *testing.T) {
	c := &cache{dir: t.TempDir(), files: 10, bytes: 1000}
	c.put("k", []byte("program"))
	whole, err := os.ReadFile(c.path("k"))
	if err != nil {
		t.Fatal(err)
	}
	for i := range whole {
		bad := slices.Clone(whole)
		bad[i] ^= 1
		os.WriteFile(c.path("k"), bad, 0o600)
		if got := c.get("k"); got != nil {
			t.Fatalf("byte %d was changed: %q", i, got)
		}
		if _, err := os.Stat(c.path("k")); err == nil {
			t.Fatalf("byte %d was changed, and the file is still there", i)
		}
	}
}

func TestTheCacheDropsWhatWasNotUsedForLongest(t *testing.T) {
	for _, c := range []*cache{{files: 3, bytes: 1 << 20}, {files: 100, bytes: 3 * 100}} {
		c.dir = t.TempDir()
		size := 100 - len(cacheMagic) - sha256.Size
		for i := range 5 {
			key := fmt.Sprint("k", i)
			c.put(key, make([]byte, size))
			old := time.Now().Add(time.Duration(i-100) * time.Minute)
			os.Chtimes(c.path(key), old, old)
			if c.get("k0") == nil { // which makes it the newest
				t.Fatal("what is used was dropped")
			}
		}
		var left []string
		for i := range 5 {
			if _, err := os.Stat(c.path(fmt.Sprint("k", i))); err == nil {
				left = append(left, fmt.Sprint("k", i))
			}
		}
		if !slices.Equal(left, []string{"k0", "k3", "k4"}) {
			t.Errorf("%d files of %d bytes at most: %v are left", c.files, c.bytes, left)
		}
	}
}

func TestTheCacheForgetsFilesThatWereNeverWhole(t *testing.T) {
	c := &cache{dir: t.TempDir(), files: 3, bytes: 1000}
	stale, fresh, other := filepath.Join(c.dir, "new-1.tmp"), filepath.Join(c.dir, "new-2.tmp"), filepath.Join(c.dir, "notes.txt")
	for _, path := range []string{stale, fresh, other} {
		os.WriteFile(path, []byte("x"), 0o600)
	}
	old := time.Now().Add(-2 * time.Hour)
	os.Chtimes(stale, old, old)
	os.Chtimes(other, old, old)
	c.put("k", []byte("program"))
	for path, want := range map[string]bool{stale: false, fresh: true, other: true} {
		if _, err := os.Stat(path); (err == nil) != want {
			t.Errorf("%s is there: %v, want %v", filepath.Base(path), err == nil, want)
		}
	}
}

func TestTheCachesKeysTellPartsApart(t *testing.T) {
	seen := map[string]bool{}
	for _, parts := range [][]string{{"ab", "c"}, {"a", "bc"}, {"abc"}, {"abc", ""}, {"", "abc"}} {
		seen[cacheKey(parts)] = true
	}
	if len(seen) != 5 {
		t.Errorf("5 lists of parts have %d keys", len(seen))
	}
	if k := cacheKey(nil); len(k) != 64 || strings.ContainsAny(k, "/\\.") {
		t.Errorf("%q is no name of a file", k)
	}
}

func FuzzReadCache(f *testing.F) {
	sum := sha256.Sum256([]byte("program"))
	f.Add(slices.Concat([]byte(cacheMagic), sum[:], []byte("program")))
	f.Add([]byte(cacheMagic))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, data []byte) {
		program, err := readCache(bytes.NewReader(data), 1000)
		if err != nil {
			return
		}
		sum := sha256.Sum256(program)
		if whole := slices.Concat([]byte(cacheMagic), sum[:], program); !bytes.Equal(whole, data) || len(data) > 1000 || len(program) == 0 {
			t.Errorf("%q was taken for a file of the cache", data)
		}
	})
}

func TestKernelsWithoutParametersShowNothing(t *testing.T) {
	type answer struct {
		count    int
		told, ok bool
	}
	kernels := map[string]answer{"none": {0, false, true}, "kept": {2, true, true}, "lost": {1, false, true}, "broken": {}}
	for names, want := range map[string]bool{
		"none": true, "kept": true, "lost": false, "none;kept": true, "none;lost": false, "none;none;lost": false, "kept;lost": true, "none;broken": false, "broken": false,
	} {
		got := keepsArgs(names, func(name string) (int, bool, bool) { a := kernels[name]; return a.count, a.told, a.ok })
		if got != want {
			t.Errorf("%s: %v", names, got)
		}
	}
}

// Kernels of a cached program say what their parameters are, also behind one without any.
func TestCachedProgramsSayWhatTheirParametersAre(t *testing.T) {
	dir := t.TempDir()
	for round := range 2 {
		for _, d := range devices(t, CacheDir(dir)) {
			p, err := d.BuildSource(t.Context(), "__kernel void a(void) {} __kernel void b(__global const int *x, float y) {}")
			if err != nil {
				t.Fatal(err)
			}
			k, err := p.Kernel("b")
			if err != nil {
				t.Fatal(err)
			}
			args, err := k.(*Kernel).Args()
			if err != nil || len(args) != 2 || args[0].Name != "x" || args[1].Type != "float" {
				t.Errorf("round %d, %s, cached %v: %+v, %v", round, d.info.Name, p.Cached(), args, err)
			}
		}
	}
}
