package opencl

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// The bounds of the cache. What was not used for the longest time goes first.
const (
	cacheFiles = 200
	cacheBytes = 256 << 20
)

// A cache keeps compiled programs in a folder, one in a file, which is named after the
// SHA-256 of all that it depends on. It is a help alone: where the disk does not let it
// read or write, programs are compiled. A nil cache keeps nothing.
type cache struct {
	dir   string
	files int
	bytes int64
}

// cacheMagic begins a file; the SHA-256 of the program and the program follow.
const cacheMagic = "fanout opencl 1\n"

var errDamaged = errors.New("not a whole file of the cache")

// cacheKey is the name of what depends on the parts.
func cacheKey(parts []string) string {
	h := sha256.New()
	for _, p := range parts {
		binary.Write(h, binary.LittleEndian, int64(len(p)))
		io.WriteString(h, p)
	}
	return hex.EncodeToString(h.Sum(nil))
}

func (c *cache) path(key string) string { return filepath.Join(c.dir, key+".bin") }

// get is the program of a key, or nil. A file that is damaged is removed.
func (c *cache) get(key string) []byte {
	if c == nil {
		return nil
	}
	f, err := os.Open(c.path(key))
	if err != nil {
		return nil
	}
	defer f.Close()
	data, err := readCache(f, c.bytes)
	if err != nil {
		c.drop(key)
		return nil
	}
	now := time.Now()
	os.Chtimes(c.path(key), now, now)
	return data
}

// readCache reads a file of at most so many bytes.
func readCache(r io.Reader, most int64) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, most+1))
	if err != nil {
		return nil, err
	}
	rest, ok := bytes.CutPrefix(data, []byte(cacheMagic))
	if !ok || int64(len(data)) > most || len(rest) <= sha256.Size {
		return nil, errDamaged
	}
	sum, program := [sha256.Size]byte(rest[:sha256.Size]), rest[sha256.Size:]
	if sha256.Sum256(program) != sum {
		return nil, errDamaged
	}
	return program, nil
}

func (c *cache) drop(key string) {
	if c != nil {
		os.Remove(c.path(key))
	}
}

// put keeps a program, and removes what is too much.
func (c *cache) put(key string, program []byte) {
	head := len(cacheMagic) + sha256.Size
	if c == nil || len(program) == 0 || int64(head+len(program)) > c.bytes {
		return
	}
	if os.MkdirAll(c.dir, 0o700) != nil {
		return
	}
	f, err := os.CreateTemp(c.dir, "new-*.tmp") // with mode 0600
	if err != nil {
		return
	}
	sum := sha256.Sum256(program)
	_, err = f.Write(slices.Concat([]byte(cacheMagic), sum[:], program))
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), c.path(key))
	}
	if err != nil {
		os.Remove(f.Name())
		return
	}
	c.trim()
}

// trim removes the oldest files beyond the bounds.
func (c *cache) trim() {
	entries, err := os.ReadDir(c.dir)
	if err != nil {
		return
	}
	var list []fs.FileInfo
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || !info.Mode().IsRegular() {
			continue
		}
		switch filepath.Ext(e.Name()) {
		case ".bin":
			list = append(list, info)
		case ".tmp": // of a process that ended while it wrote
			if time.Since(info.ModTime()) > time.Hour {
				os.Remove(filepath.Join(c.dir, e.Name()))
			}
		}
	}
	slices.SortFunc(list, func(a, b fs.FileInfo) int { return cmp.Compare(b.ModTime().UnixNano(), a.ModTime().UnixNano()) })
	var size int64
	for i, info := range list {
		if size += info.Size(); i >= c.files || size > c.bytes {
			os.Remove(filepath.Join(c.dir, info.Name()))
		}
	}
}
