package build

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// maxStore bounds the bytes of all that is kept on disk.
const maxStore = 512 << 20

// A store keeps built packages on disk, by the content that they are made
// from. Several processes may use one: files come by renaming and never change.
type store struct {
	root string // of all programs
	dir  string // of this program
	max  int64  // bytes that sweep leaves

	mu    sync.Mutex
	added int64 // bytes since the last sweep; guarded by mu
}

// A state is what a process tells the next one of the same program.
type state struct {
	Way     string // that was found to work, if it is the best
	Tools   *tools
	Exports map[string]map[string]string // export data by the way that needs it, by import path
}

func openStore(dir, host string) (*store, error) {
	if dir == "" {
		base, err := os.UserCacheDir()
		if err != nil {
			return nil, fmt.Errorf("build: no folder for the cache: %w", err)
		}
		dir = filepath.Join(base, "fanout", "build")
	}
	s := &store{root: dir, dir: filepath.Join(dir, host), max: maxStore}
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return nil, fmt.Errorf("build: cache: %w", err)
	}
	go s.sweep()
	return s, nil
}

// state reads what an earlier process found out. What is not readable counts
// as unknown.
func (s *store) state() state {
	var st state
	b, err := os.ReadFile(filepath.Join(s.dir, "state.json"))
	if err != nil || json.Unmarshal(b, &st) != nil {
		return state{}
	}
	return st
}

// setState tells later processes.
func (s *store) setState(st state) error {
	b, err := json.Marshal(st)
	if err != nil {
		return err
	}
	return s.write("state.json", b)
}

// write puts a whole file in its place at once.
func (s *store) write(name string, b []byte) error {
	if err := s.there(); err != nil {
		return err
	}
	f, err := os.CreateTemp(s.dir, "new-")
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(f.Name(), filepath.Join(s.dir, name))
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}

func (s *store) archive(key string) string { return filepath.Join(s.dir, key+".a") }
func (s *store) object(key string) string  { return filepath.Join(s.dir, key+".so") }

// workDir makes a folder for what is in the making. The caller removes it.
func (s *store) workDir() (string, error) {
	if err := s.there(); err != nil {
		return "", err
	}
	return os.MkdirTemp(s.dir, "work-")
}

// there makes the store's folder if another process has removed it, which had been
// empty for long.
func (s *store) there() error { return os.MkdirAll(s.dir, 0o700) }

// find returns the files of a package that is in the store.
func (s *store) find(key string) (archive, object string, ok bool) {
	archive, object = s.archive(key), s.object(key)
	if !isWhole(archive) || !isWhole(object) {
		return "", "", false
	}
	now := time.Now() // the oldest in use go first
	_ = os.Chtimes(archive, now, now)
	_ = os.Chtimes(object, now, now)
	return archive, object, true
}

// isWhole reports whether a file is there and has content: a machine that loses its
// power can leave new files empty.
func isWhole(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.Mode().IsRegular() && info.Size() > 0
}

// add puts the files of a package in the store. The object comes last, so that
// a package that has one is whole.
func (s *store) add(key, archive, object string) (string, string, error) {
	var size int64
	for _, f := range [][2]string{{archive, key + ".a"}, {object, key + ".so"}} {
		b, err := os.ReadFile(f[0])
		if err == nil {
			err = s.write(f[1], b)
		}
		if err != nil {
			return "", "", fmt.Errorf("build: cache: %w", err)
		}
		size += int64(len(b))
	}
	s.mu.Lock()
	s.added += size
	full := s.added > s.max/8
	if full {
		s.added = 0
	}
	s.mu.Unlock()
	if full {
		go s.sweep()
	}
	return s.archive(key), s.object(key), nil
}

// remove drops a package that turned out not to load.
func (s *store) remove(key string) {
	os.Remove(s.object(key))
	os.Remove(s.archive(key))
}

// sweep drops the oldest files until the rest is within bounds, and what
// writers left behind long ago. Files that a process has loaded stay loaded.
func (s *store) sweep() {
	type file struct {
		name string
		size int64
		time time.Time
	}
	var files []file
	var total int64
	old := map[string]bool{} // folders that nobody has changed for long
	_ = filepath.WalkDir(s.root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return nil
		}
		info, err := d.Info()
		if err != nil {
			return nil
		}
		if strings.HasPrefix(d.Name(), "new-") || strings.HasPrefix(d.Name(), "work-") { // unfinished
			if time.Since(info.ModTime()) > time.Hour {
				os.RemoveAll(name)
			} else if !d.IsDir() {
				total += info.Size()
			}
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if d.IsDir() {
			old[name] = time.Since(info.ModTime()) > time.Hour
		}
		if !d.Type().IsRegular() {
			return nil
		}
		files = append(files, file{name, info.Size(), info.ModTime()})
		total += info.Size()
		return nil
	})
	slices.SortFunc(files, func(a, b file) int { return cmp.Or(a.time.Compare(b.time), cmp.Compare(a.name, b.name)) })
	for _, f := range files {
		if total <= s.max {
			break
		}
		if os.Remove(f.name) == nil {
			total -= f.size
		}
	}
	dirs, _ := os.ReadDir(s.root)
	for _, d := range dirs {
		if name := filepath.Join(s.root, d.Name()); old[name] && name != s.dir { // a new one is another program's, which starts
			os.Remove(name) // if it is empty
		}
	}
}

// begin notes that this process tries something that could crash it, until
// done is called. It refuses when as many processes as max have not survived
// it.
func (s *store) begin(name string, max int) (done func(), err error) {
	prefix := name + "."
	entries, err := os.ReadDir(s.dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	crashed := 0
	for _, e := range entries {
		if pid, ok := strings.CutPrefix(e.Name(), prefix); ok && !alive(pid) {
			crashed++
		}
	}
	if crashed >= max {
		return nil, fmt.Errorf("this program crashed %d times when it was tried; remove %s to try again", crashed, filepath.Join(s.dir, prefix+"*"))
	}
	mark := prefix + fmt.Sprint(os.Getpid())
	if err := s.write(mark, nil); err != nil {
		return nil, err
	}
	return func() { os.Remove(filepath.Join(s.dir, mark)) }, nil
}

// alive reports whether a process exists, as far as it is known.
func alive(pid string) bool {
	n, err := strconv.Atoi(pid)
	if err != nil {
		return false
	}
	p, err := os.FindProcess(n)
	if err != nil {
		return false
	}
	err = p.Signal(syscall.Signal(0))
	return err == nil || errors.Is(err, os.ErrPermission)
}

// cacheFormat changes with all that the content of built files depends on and
// that the program's id does not tell.
const cacheFormat = "1"

// key names what is built from p, by content.
func (t *Toolchain) key(w way, p Package, deps []*record) string {
	h := sha256.New()
	put := func(s string) { fmt.Fprintf(h, "%d:%s", len(s), s) }
	put(cacheFormat)
	put(t.host.id)
	put(w.name())
	put(p.Path)
	put(string(p.Source))
	imports := slices.Sorted(slices.Values(p.Imports))
	for _, path := range slices.Compact(imports) {
		put(path)
		if file, ok := t.packageFile(path); ok {
			put(filepath.Base(file)) // which names the content
		}
	}
	keys := make([]string, len(deps))
	for i, d := range deps {
		keys[i] = d.key
	}
	slices.Sort(keys)
	for _, key := range slices.Compact(keys) {
		put(key)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}
