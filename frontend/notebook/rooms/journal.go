package rooms

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// The journal of a room holds what was changed since the file was read or written,
// one JSON object a line, so that it is there again after the program was killed. It
// begins with a header; then come changes. A line of kind saving says that the file
// is about to become the one of a hash, which holds what stands in the journal up to
// a mark; a line of kind whole holds a whole notebook, on which the later changes
// stand.
//
// A journal is guarded by the room's lock.
type journal struct {
	path string
	head header
	f    *os.File // nil while nothing is written
	size int64
}

// maxJournal is how many bytes of a journal are read back.
const maxJournal = 4 * (256 << 20)

type header struct {
	Fanout int    `json:"fanout"` // the version of the format
	Path   string `json:"path"`   // of the notebook, for people who look
	Base   string `json:"base"`   // hash of the file that the changes stand on
}

// A mark is a line that is no change.
type mark struct {
	Ev       string `json:"ev"` // saving or whole
	Hash     string `json:"hash,omitempty"`
	Mark     int64  `json:"mark,omitempty"`
	Notebook []byte `json:"notebook,omitempty"`
}

const (
	evSaving = "saving"
	evWhole  = "whole"
)

// hashOf names the text of a file.
func hashOf(text []byte) string {
	h := sha256.Sum256(text)
	return hex.EncodeToString(h[:])
}

// journalPath is the journal of the notebook at path below root, in folder dir.
func journalPath(dir, root, path string) string {
	if dir == "" {
		return ""
	}
	return filepath.Join(dir, hashOf([]byte(root + "\x00" + path))[:32]+".jsonl")
}

// newJournal is an empty journal on a file with the hash base. No path keeps none.
func newJournal(path, notebook, base string) *journal {
	return &journal{path: path, head: header{1, notebook, base}}
}

// add writes a change or a mark.
func (j *journal) add(v any) error {
	if j.path == "" {
		return nil
	}
	line, err := json.Marshal(v)
	if err != nil {
		return err
	}
	if err := j.open(); err != nil {
		return err
	}
	return j.write(line)
}

func (j *journal) open() error {
	if j.f != nil {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(j.path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(j.path, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	j.f, j.size = f, 0
	head, err := json.Marshal(j.head)
	if err == nil {
		err = j.write(head)
	}
	return err
}

func (j *journal) write(line []byte) error {
	n, err := j.f.Write(append(line, '\n'))
	j.size += int64(n)
	return err
}

// restart makes the journal stand on a file with the hash base that holds what the
// journal does up to mark. Nothing after it: there is no journal.
func (j *journal) restart(base string, mark int64) error {
	j.head.Base = base
	if j.f == nil {
		return nil
	}
	tail, err := j.after(mark)
	if err != nil {
		return err
	}
	if err := j.drop(); err != nil {
		return err
	}
	if len(tail) == 0 {
		return nil
	}
	if err := j.open(); err != nil {
		return err
	}
	return j.write(bytes.TrimSuffix(tail, []byte("\n")))
}

// after gives the changes after mark.
func (j *journal) after(mark int64) ([]byte, error) {
	tail := make([]byte, j.size-mark)
	if _, err := j.f.ReadAt(tail, mark); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	var b bytes.Buffer
	for line := range bytes.Lines(tail) {
		if !bytes.HasPrefix(line, []byte(`{"ev":"`+evSaving+`"`)) {
			b.Write(line)
		}
	}
	return b.Bytes(), nil
}

// drop removes the journal from the disk.
func (j *journal) drop() error {
	if j.f != nil {
		err := j.f.Close()
		j.f, j.size = nil, 0
		if err != nil {
			return err
		}
	}
	if j.path == "" {
		return nil
	}
	if err := os.Remove(j.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// close lets the journal be as it is.
func (j *journal) close() {
	if j.f != nil {
		_ = j.f.Close() // what was written was written
		j.f = nil
	}
}

// A recovery is what a journal says of changes that were not saved.
type recovery struct {
	base    string // hash of the file they stand on
	whole   []byte // the notebook they stand on, in place of the file
	changes []Change
}

// empty says that nothing was lost.
func (r *recovery) empty() bool { return r == nil || r.whole == nil && len(r.changes) == 0 }

// readJournal reads the journal at path, for a file with the given hash. It is nil
// if there is none. A last line that is not whole was being written, and is left
// out.
func readJournal(path, hash string) (*recovery, error) {
	if path == "" {
		return nil, nil
	}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return parseJournal(io.LimitReader(f, maxJournal), hash)
}

func parseJournal(from io.Reader, hash string) (*recovery, error) {
	in := bufio.NewReaderSize(from, 1<<16)
	line, err := in.ReadBytes('\n')
	if err != nil {
		return nil, nil // killed before it began
	}
	var head header
	if json.Unmarshal(line, &head) != nil || head.Fanout != 1 {
		return nil, errors.New("the journal begins with something else than its header")
	}
	rec := &recovery{base: head.Base}
	at := int64(len(line))
	ends := []int64{} // where each change ends
	for n := 2; ; n++ {
		line, err := in.ReadBytes('\n')
		if err != nil {
			return rec, nil
		}
		at += int64(len(line))
		var m mark
		if err := json.Unmarshal(line, &m); err != nil {
			return rec, fmt.Errorf("line %d of the journal: %w", n, err)
		}
		switch m.Ev {
		case evSaving:
			if m.Hash != hash {
				continue // this file was never there, or was replaced
			}
			rec.base, rec.whole = hash, nil
			for len(ends) > 0 && ends[0] <= m.Mark {
				ends, rec.changes = ends[1:], rec.changes[1:]
			}
		case evWhole:
			rec.whole, rec.changes, ends = m.Notebook, nil, nil
		default:
			var ch Change
			if err := json.Unmarshal(line, &ch); err != nil {
				return rec, fmt.Errorf("line %d of the journal: %w", n, err)
			}
			rec.changes = append(rec.changes, ch)
			ends = append(ends, at)
		}
	}
}
