package rooms

import (
	"bufio"
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
)

// Trust remembers which outputs were made here or were trusted by the user: those
// of other notebooks may hold scripts. As Jupyter does, it keeps no outputs, but
// digests of them under a secret key; and it keeps them per cell, so that a cell
// that was run here is trusted in a notebook that is not.
//
// Its methods may be called from any goroutine.
type Trust struct {
	dir string

	mu     sync.Mutex
	opened bool
	key    []byte
	known  map[digest]bool
	f      *os.File
}

type digest [sha256.Size]byte

// maxDigests is how many digests are kept; the newest half of them stays when there
// are more.
const maxDigests = 1 << 17

// NewTrust keeps its key and digests in the folder dir, which is made when it is
// needed. An empty dir remembers nothing beyond the process.
func NewTrust(dir string) *Trust { return &Trust{dir: dir} }

// digestOf is the digest of a cell's outputs.
func (t *Trust) digestOf(c *Cell) digest {
	mac := hmac.New(sha256.New, t.key)
	for _, o := range c.outputs {
		sum := o.hash()
		mac.Write(sum[:])
	}
	return digest(mac.Sum(nil))
}

// trusted says whether the outputs of c were trusted before.
func (t *Trust) trusted(c *Cell) (bool, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	err := t.open()
	return t.known[t.digestOf(c)], err
}

// sign remembers the outputs of cells as trusted.
func (t *Trust) sign(cells []*Cell) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	err := t.open()
	var fresh []byte
	for _, c := range cells {
		if d := t.digestOf(c); !t.known[d] {
			t.known[d] = true
			fresh = append(fresh, d[:]...)
		}
	}
	if t.f == nil || len(fresh) == 0 {
		return err
	}
	return errors.Join(err, t.add(fresh))
}

// add writes digests behind those of the file, all of them or none.
func (t *Trust) add(fresh []byte) error {
	info, err := t.f.Stat()
	if err != nil {
		return err
	}
	if _, err = t.f.Write(fresh); err != nil {
		err = errors.Join(err, t.f.Truncate(info.Size()))
	}
	return err
}

// open reads the key and the digests, once. On error what was trusted before is
// not, and what is trusted now is not remembered.
func (t *Trust) open() error {
	if t.opened {
		return nil
	}
	t.opened = true
	t.known = map[digest]bool{}
	t.key = make([]byte, sha256.Size)
	rand.Read(t.key) // never fails
	if t.dir == "" {
		return nil
	}
	if err := t.load(); err != nil {
		return fmt.Errorf("trusted outputs: %w", err)
	}
	return nil
}

func (t *Trust) load() error {
	if err := os.MkdirAll(t.dir, 0o700); err != nil {
		return err
	}
	key, err := readKey(filepath.Join(t.dir, "trust.key"), t.key)
	if err != nil {
		return err
	}
	t.key = key
	path := filepath.Join(t.dir, "trust.digests")
	text, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	kept := text[:len(text)-len(text)%sha256.Size] // the last may have been written in part
	if len(kept) > maxDigests*sha256.Size {
		kept = kept[len(kept)-maxDigests/2*sha256.Size:]
	}
	if len(kept) < len(text) {
		text = kept
		if err := os.WriteFile(path, text, 0o600); err != nil {
			return err
		}
	}
	for r := bufio.NewReader(bytes.NewReader(text)); ; {
		var d digest
		if _, err := io.ReadFull(r, d[:]); err != nil {
			break
		}
		t.known[d] = true
	}
	t.f, err = os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	return err
}

// readKey reads the key in a file, or makes it of fresh if there is none.
func readKey(path string, fresh []byte) ([]byte, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err == nil {
		_, err = f.Write(fresh)
		return fresh, errors.Join(err, f.Close())
	}
	if !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	key, err := os.ReadFile(path)
	if err == nil && len(key) != sha256.Size {
		err = fmt.Errorf("%s has %d bytes, want %d: delete it and trust your notebooks anew", path, len(key), sha256.Size)
	}
	return key, err
}

// Close closes the files.
func (t *Trust) Close() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.f == nil {
		return nil
	}
	err := t.f.Close()
	t.f = nil
	return err
}
