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
// A journal is guarded by the room's lock. It is locked on the disk too: another server
// for the same folder keeps none for the same notebook meanwhile.
type journal struct {
	path string // empty keeps none
	head header
	lock *os.File
	f    *os.File // nil while nothing is written
	size int64
	// whole is what of size the notebook takes that the journal holds whole.
	whole int64
	gen   int // counts how often it was begun
	// broken says why a change is missing in the file: then nothing can be added to it
	// before it is begun anew with the whole notebook.
	broken error
}

// A place is one in a journal, which is there until the journal is begun anew.
type place struct {
	gen  int
	size int64
}

func (j *journal) place() place { return place{j.gen, j.size} }

// is says whether a place is still there.
func (j *journal) is(at place) bool { return j.gen == at.gen && at.size <= j.size }

// maxJournal is how many bytes of a journal are read back.
const maxJournal = 4 * (256 << 20)

type header struct {
	Fanout int    `json:"fanout"` // the version of the format
	Path   string `json:"path"`   // of the notebook, for people who look
	Base   string `json:"base"`   // hash of the file that the changes stand on
	// IDs are those of the cells of that file, which may have none of their own.
	IDs []string `json:"ids,omitempty"`
}

// A mark is a line that is no change.
type mark struct {
	Ev       string   `json:"ev"` // saving or whole
	Hash     string   `json:"hash,omitempty"`
	Mark     int64    `json:"mark,omitempty"`
	IDs      []string `json:"ids,omitempty"` // of the cells of the notebook that it is about
	Notebook []byte   `json:"notebook,omitempty"`
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

// newJournal is an empty journal at path. The error says that another server has it, or
// that it cannot be locked: then it keeps nothing. No path keeps nothing either.
func newJournal(path, notebook string) (*journal, error) {
	j := &journal{head: header{Fanout: 1, Path: notebook}}
	if path == "" {
		return j, nil
	}
	err := os.MkdirAll(filepath.Dir(path), 0o700)
	if err == nil {
		j.lock, err = takeLock(path + ".lock")
	}
	if err == nil {
		j.path = path
	}
	return j, err
}

// stands notes what file the journal stands on.
func (j *journal) stands(base string, ids []string) { j.head.Base, j.head.IDs = base, ids }

// add writes a change or a mark.
func (j *journal) add(v any) error {
	if j.path == "" {
		return nil
	}
	line, err := json.Marshal(v)
	if err != nil {
		return err
	}
	switch {
	case j.broken != nil:
		return j.broken
	case j.f == nil:
		err = j.begin(line)
	default:
		var n int
		n, err = j.f.Write(append(line, '\n'))
		j.size += int64(n)
	}
	if err != nil {
		j.broken = err
	}
	return err
}

// begin writes the journal anew, with some lines after its header. What it held before
// stays until that is done.
func (j *journal) begin(lines ...[]byte) error {
	head, err := json.Marshal(j.head)
	if err != nil {
		return err
	}
	fresh := j.path + ".new"
	text := append(bytes.Join(append([][]byte{head}, lines...), []byte("\n")), '\n')
	if err := writeFile(fresh, text); err != nil {
		return err
	}
	if j.f != nil {
		_ = j.f.Close() // what was written was written
		j.f = nil
	}
	if err := os.Rename(fresh, j.path); err != nil {
		j.broken = err
		return errors.Join(err, os.Remove(fresh))
	}
	j.gen++
	j.size, j.whole = int64(len(text)), 0
	j.f, j.broken = os.OpenFile(j.path, os.O_RDWR|os.O_APPEND, 0o600)
	return j.broken
}

// writeFile makes a file for this user alone. On error there is none.
func writeFile(path string, text []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return nil
}

// beginWhole makes the journal hold a whole notebook, in place of what led to it.
func (j *journal) beginWhole(text []byte, ids []string) error {
	if j.path == "" {
		return nil
	}
	line, err := json.Marshal(mark{Ev: evWhole, IDs: ids, Notebook: text})
	if err == nil {
		err = j.begin(line)
	}
	if err == nil {
		j.whole = j.size
	}
	return err
}

// restart makes the journal, which stands on another file now, hold what comes after a
// place in it. Where that is nothing there is no journal then.
func (j *journal) restart(at place) error {
	if j.f == nil {
		return nil
	}
	tail, err := j.after(at.size)
	if err != nil {
		return err
	}
	if len(tail) == 0 {
		return j.drop()
	}
	return j.begin(bytes.TrimSuffix(tail, []byte("\n")))
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
	j.broken = nil
	if j.f != nil {
		err := j.f.Close()
		j.f, j.size, j.whole = nil, 0, 0
		j.gen++
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

// close lets the journal be as it is, for others to take.
func (j *journal) close() {
	if j.f != nil {
		_ = j.f.Close() // what was written was written
		j.f = nil
	}
	if j.lock != nil {
		freeLock(j.lock)
		j.lock = nil
	}
	j.path = ""
}

// A recovery is what a journal says of changes that were not saved.
type recovery struct {
	base    string   // hash of the file they stand on
	ids     []string // of the cells of that, or of whole
	whole   []byte   // the notebook they stand on, in place of the file
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
	rec := &recovery{base: head.Base, ids: head.IDs}
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
			rec.base, rec.ids, rec.whole = hash, m.IDs, nil
			for len(ends) > 0 && ends[0] <= m.Mark {
				ends, rec.changes = ends[1:], rec.changes[1:]
			}
		case evWhole:
			rec.ids, rec.whole, rec.changes, ends = m.IDs, m.Notebook, nil, nil
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
