package rooms

import (
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/adabc437/fanout/frontend/nbformat"
)

// A disk is what a room knows of its file.
type disk struct {
	base  string // hash of the file as it was read or written last
	stamp stamp
	saved time.Time // when that was
	// edits counts changes, and dirty says that the file lacks some.
	edits     int
	dirty     bool
	conflict  bool // the file is another than what was read or written last
	recovered bool // changes of before a crash were found
	readonly  bool
	journal   *journal
	badly     bool // the journal could not be written, which was said
	timer     *time.Timer
	took      time.Duration // that the last save took
}

// The times of saving.
const (
	soon = 100 * time.Millisecond // after the last of the cells that ran
	// share is how much longer than a save took the next one waits, so that a large
	// notebook is not saved all the time.
	share = 20
)

var errConflict = &hinted{"the file was changed by another program since it was read", "save it all the same to replace what is there, or reload to take it"}

// A fileView is what pages know of the file.
type fileView struct {
	Dirty     bool   `json:"dirty"`
	Saved     string `json:"saved"`
	Conflict  bool   `json:"conflict"`
	Recovered bool   `json:"recovered"`
	Trusted   bool   `json:"trusted"`
	ReadOnly  bool   `json:"readonly"`
	Path      string `json:"path"`
}

func (r *Room) fileView() fileView {
	d := &r.disk
	v := fileView{Dirty: d.dirty, Conflict: d.conflict, Recovered: d.recovered, ReadOnly: d.readonly, Trusted: true, Path: r.file.path}
	if !d.saved.IsZero() {
		v.Saved = d.saved.UTC().Format(time.RFC3339Nano)
	}
	for _, c := range r.doc.cells {
		v.Trusted = v.Trusted && (c.trusted || !c.risky())
	}
	return v
}

func (r *Room) tellFile() {
	v := r.fileView()
	r.emit("file", event{
		"dirty": v.Dirty, "saved": v.Saved, "conflict": v.Conflict, "recovered": v.Recovered,
		"trusted": v.Trusted, "readonly": v.ReadOnly, "path": v.Path,
	})
}

// keep puts a change into the journal, and has the file saved in a while.
func (r *Room) keep(ch Change) {
	d := &r.disk
	if err := d.journal.add(ch); err != nil {
		r.badJournal(err)
	}
	d.edits++
	if !d.dirty {
		d.dirty = true
		r.tellFile()
	}
	if d.journal.size > maxTail+4*int64(d.stamp.size) {
		r.journalWhole()
	}
	r.saveIn(max(r.rooms.opt.Autosave, share*d.took))
}

// maxTail is how many bytes of changes a journal holds, beside several times the
// notebook, before it is written anew.
const maxTail = 64 << 20

// journalWhole makes the journal hold the notebook as it is, in place of what led to
// it.
func (r *Room) journalWhole() {
	d := &r.disk
	text, err := r.doc.Notebook().Encode()
	if err == nil {
		err = errors.Join(d.journal.drop(), d.journal.add(mark{Ev: evWhole, Notebook: text}))
	}
	if err != nil {
		r.badJournal(err)
	}
}

func (r *Room) badJournal(err error) {
	r.log.Warn("journal that cannot be written", "notebook", r.file.path, "error", err)
	if !r.disk.badly {
		r.disk.badly = true
		r.notice("warning", "changes that are not saved yet would not survive a crash: "+err.Error())
	}
}

// saveIn has the file saved after some time, unless it is to be saved before that.
func (r *Room) saveIn(after time.Duration) {
	d := &r.disk
	if d.timer != nil || d.conflict || d.readonly || r.closed {
		return
	}
	d.timer = time.AfterFunc(after, func() {
		r.mu.Lock()
		d.timer = nil
		if r.closed {
			r.mu.Unlock()
			return
		}
		r.active.Add(1)
		r.mu.Unlock()
		defer r.active.Done()
		if err := r.write(false); err != nil && !errors.Is(err, errConflict) {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.notice("error", "the notebook cannot be saved: "+err.Error())
		}
	})
}

// saveSoon has the file saved now that no cell runs any more.
func (r *Room) saveSoon() {
	d := &r.disk
	if !d.dirty {
		return
	}
	if d.timer != nil && d.timer.Stop() {
		d.timer = nil
	}
	r.saveIn(max(min(soon, r.rooms.opt.Autosave), share/4*d.took))
}

// write saves the notebook, if the file lacks something. force replaces a file that
// was changed by another program. It is called without the room's lock.
func (r *Room) write(force bool) error {
	r.saving.Lock()
	defer r.saving.Unlock()
	r.mu.Lock()
	d := &r.disk
	r.flush()
	if !d.dirty && !d.conflict {
		r.mu.Unlock()
		return nil
	}
	if d.conflict && !force {
		r.mu.Unlock()
		return errConflict
	}
	began := time.Now()
	nb, edits, at := r.doc.Notebook(), d.edits, d.journal.size
	f, base, known := r.file, d.base, d.stamp
	r.mu.Unlock()

	text, err := nb.Encode()
	if err != nil {
		return err
	}
	hash := hashOf(text)
	if !force {
		there, err := f.changed(base, known)
		if err != nil {
			return err
		}
		if there != "" && there != hash {
			r.conflict()
			return errConflict
		}
	}
	r.mu.Lock()
	if err := d.journal.add(mark{Ev: evSaving, Hash: hash, Mark: at}); err != nil {
		r.badJournal(err)
	}
	r.mu.Unlock()
	st, err := f.write(text)
	if err != nil {
		r.mu.Lock()
		defer r.mu.Unlock()
		if errors.Is(err, fs.ErrPermission) {
			d.readonly = true
			r.tellFile()
		}
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.wrote(hash, st, edits, at, time.Since(began))
	return nil
}

// gone is what changed says of a file that is no longer there.
const gone = "gone"

// changed gives the hash of the file if that is not base any more, or gone.
func (f file) changed(base string, known stamp) (string, error) {
	now, err := f.stamp()
	if errors.Is(err, fs.ErrNotExist) {
		return gone, nil
	}
	if err != nil || now == known {
		return "", err
	}
	text, _, err := f.read()
	if err != nil {
		return "", err
	}
	if hash := hashOf(text); hash != base {
		return hash, nil
	}
	return "", nil
}

// conflict says that the file was changed by another program.
func (r *Room) conflict() {
	r.mu.Lock()
	defer r.mu.Unlock()
	d := &r.disk
	if d.conflict {
		return
	}
	d.conflict = true
	r.journalWhole()
	r.tellFile()
}

// wrote notes that the file is what the notebook was when edits was counted.
func (r *Room) wrote(hash string, st stamp, edits int, at int64, took time.Duration) {
	d := &r.disk
	d.base, d.stamp, d.saved, d.took = hash, st, time.Now(), took
	d.conflict, d.readonly = false, false
	d.dirty = d.edits != edits
	if err := d.journal.restart(hash, at); err != nil {
		r.badJournal(err)
	}
	r.sign()
	r.tellFile()
	if d.dirty {
		r.saveIn(max(r.rooms.opt.Autosave, share*took))
	}
}

// sign remembers the outputs that are trusted.
func (r *Room) sign() {
	var list []*Cell
	for _, c := range r.doc.cells {
		if c.trusted && c.risky() {
			list = append(list, c)
		}
	}
	if err := r.rooms.opt.Trust.sign(list); err != nil {
		r.log.Warn("trusted outputs cannot be remembered", "error", err)
	}
}

func save(r *Room, q *request) (map[string]any, error) {
	var a struct {
		Force bool `json:"force"`
	}
	if err := q.into(&a); err != nil {
		return nil, err
	}
	if r.disk.readonly && !a.Force {
		return nil, &hinted{"the file may not be written", "rename the notebook, or change the file's permissions"}
	}
	return nil, r.beside(q, func() error {
		if err := r.write(a.Force); err != nil {
			return err
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.disk.recovered { // the user has seen what was recovered
			r.disk.recovered = false
			r.tellFile()
		}
		return nil
	})
}

// reload takes the notebook from the file, and forgets what was not saved.
func reload(r *Room, q *request) (map[string]any, error) {
	return nil, r.beside(q, r.readAgain)
}

func (r *Room) readAgain() error {
	r.saving.Lock()
	defer r.saving.Unlock()
	r.mu.Lock()
	f := r.file
	r.mu.Unlock()
	text, st, err := f.read()
	if err != nil {
		return err
	}
	nb, err := nbformat.Parse(text)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.flush()
	r.abort()
	before := r.doc
	r.doc = NewDocument(nb)
	for _, c := range r.doc.cells { // what runs goes on
		if old := before.byID[c.id]; old != nil {
			c.version = old.version + 1
			if r.work.now != nil && r.work.now.cell == c.id {
				c.state, c.ran = old.state, old.ran
			}
		}
	}
	r.lookTrusted()
	d := &r.disk
	if err := d.journal.drop(); err != nil {
		r.badJournal(err)
	}
	r.disk = disk{base: hashOf(text), stamp: st, edits: d.edits, readonly: f.readonly(), journal: newJournal(d.journal.path, f.path, hashOf(text)), timer: d.timer}
	r.seq++
	for c := range r.conns {
		c.restart()
	}
	return nil
}

// lookTrusted marks the cells whose outputs are trusted.
func (r *Room) lookTrusted() {
	for _, c := range r.doc.cells {
		if !c.risky() {
			c.trusted = true
			continue
		}
		ok, err := r.rooms.opt.Trust.trusted(c)
		if err != nil {
			r.log.Warn("what was trusted before is not known", "error", err)
		}
		c.trusted = c.trusted || ok
	}
}

func trust(r *Room, q *request) (map[string]any, error) {
	if err := r.commit(Change{Ev: evTrust, Order: r.order()}, q.conn.id); err != nil {
		return nil, err
	}
	r.sign()
	return nil, nil
}

func rename(r *Room, q *request) (map[string]any, error) {
	var a struct {
		Path string `json:"path"`
	}
	if err := q.into(&a); err != nil {
		return nil, err
	}
	if err := checkPath(a.Path); err != nil {
		return nil, err
	}
	return nil, r.beside(q, func() error { return r.rooms.rename(r, a.Path) })
}

// renamed notes that the file has another path.
func (r *Room) renamed(path string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.flush()
	r.file.path = path
	d := &r.disk
	if err := d.journal.drop(); err != nil {
		r.badJournal(err)
	}
	d.journal = newJournal(r.rooms.journalPath(path), path, d.base)
	if d.dirty {
		r.journalWhole()
	}
	r.tellFile()
}

// load reads the file, and what the journal holds beyond it.
func (r *Room) load() error {
	text, st, err := r.file.read()
	if err != nil {
		return err
	}
	nb, err := nbformat.Parse(text)
	if err != nil {
		return fmt.Errorf("%s: %w", r.file.path, err)
	}
	hash := hashOf(text)
	r.disk = disk{base: hash, stamp: st, saved: st.time, readonly: r.file.readonly()}
	path := r.rooms.journalPath(r.file.path)
	r.disk.journal = newJournal(path, r.file.path, hash)
	r.doc = NewDocument(nb)
	r.lookTrusted()
	rec, err := readJournal(path, hash)
	if err != nil {
		r.log.Warn("journal that cannot be read to its end", "notebook", r.file.path, "error", err)
	}
	if rec.empty() {
		return nil
	}
	return r.recover(rec, hash, path)
}

// recover takes in what a journal holds.
func (r *Room) recover(rec *recovery, hash, path string) error {
	d := &r.disk
	if rec.base != hash && rec.whole == nil {
		aside := path + ".unsaved"
		r.log.Warn("unsaved changes do not fit the file, which was changed since", "notebook", r.file.path, "kept", aside)
		return moveAside(path, aside)
	}
	if rec.whole != nil {
		nb, err := nbformat.Parse(rec.whole)
		if err != nil {
			r.log.Warn("journal whose notebook cannot be read", "notebook", r.file.path, "error", err)
			return moveAside(path, path+".unsaved")
		}
		r.doc = NewDocument(nb)
		r.lookTrusted()
	}
	for i, ch := range rec.changes {
		if err := r.doc.Apply(ch); err != nil {
			r.log.Warn("journal that fits its notebook in part only", "notebook", r.file.path, "change", i, "error", err)
			break
		}
	}
	d.dirty, d.recovered, d.conflict = true, true, rec.base != hash
	d.edits++
	r.journalWhole()
	r.saveIn(r.rooms.opt.Autosave)
	return nil
}
