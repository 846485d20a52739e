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
	badly     bool      // the journal could not be written, which was said
	mended    time.Time // when it was tried to write it anew last
	missing   bool      // the file was not there when it was looked at last
	gone      bool      // it is known to be gone, which is a conflict too
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
	r.emitWithin(presently, "file", event{
		"dirty": v.Dirty, "saved": v.Saved, "conflict": v.Conflict, "recovered": v.Recovered,
		"trusted": v.Trusted, "readonly": v.ReadOnly, "path": v.Path,
	})
}

// keep puts a change into the journal, and has the file saved in a while.
func (r *Room) keep(ch Change) {
	d := &r.disk
	switch err := d.journal.add(ch); {
	case err != nil:
		r.badJournal(err)
	case d.conflict && d.journal.whole == 0: // changes of a file that is not there any more
		r.journalWhole()
	}
	d.edits++
	if !d.dirty {
		d.dirty = true
		r.tellFile()
	}
	if d.journal.broken != nil && time.Since(d.mended) > mendEvery {
		d.mended = time.Now()
		r.journalWhole()
	}
	if d.journal.size > d.mostJournal() {
		r.journalWhole()
	}
	r.saveIn(max(r.rooms.opt.Autosave, share*d.took))
}

// mendEvery is how often it is tried to write a journal anew that lacks a change.
const mendEvery = 10 * time.Second

// maxTail is how many bytes of changes a journal holds, beside several times the
// notebook, before it is written anew.
const maxTail = 64 << 20

// mostJournal is how many bytes a journal may have before it is written anew: more than
// it has then, or each change would have that done.
func (d *disk) mostJournal() int64 {
	return min(maxTail+4*max(d.stamp.size, d.journal.whole), maxJournal*3/4)
}

// journalWhole makes the journal hold the notebook as it is, in place of what led to
// it.
func (r *Room) journalWhole() {
	d := &r.disk
	if d.journal.path == "" {
		return
	}
	text, err := r.doc.Notebook().Encode()
	if err == nil {
		err = d.journal.beginWhole(text, r.doc.ids())
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
	if r.closed || !d.dirty && !d.conflict {
		r.mu.Unlock()
		return nil
	}
	if d.conflict && !force {
		r.mu.Unlock()
		return errConflict
	}
	began := time.Now()
	nb, ids, edits, at := r.doc.Notebook(), r.doc.ids(), d.edits, d.journal.place()
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
	if d.journal.is(at) && d.journal.f != nil {
		if err := d.journal.add(mark{Ev: evSaving, Hash: hash, Mark: at.size, IDs: ids}); err != nil {
			r.badJournal(err)
		}
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
	r.wrote(hash, ids, st, edits, at, time.Since(began))
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
	r.conflicts()
}

// conflicts is conflict for a holder of the lock.
func (r *Room) conflicts() {
	d := &r.disk
	if d.conflict {
		return
	}
	d.conflict = true
	if d.dirty {
		r.journalWhole()
	}
	r.tellFile()
}

// wrote notes that the file is what the notebook was when edits was counted.
func (r *Room) wrote(hash string, ids []string, st stamp, edits int, at place, took time.Duration) {
	d := &r.disk
	d.base, d.stamp, d.saved, d.took = hash, st, time.Now(), took
	d.conflict, d.readonly, d.missing, d.gone = false, false, false, false
	d.dirty = d.edits != edits
	d.journal.stands(hash, ids)
	var err error
	switch {
	case !d.dirty:
		err = d.journal.drop()
	case d.journal.is(at) && d.journal.broken == nil:
		err = d.journal.restart(at)
	default:
		r.journalWhole()
	}
	if err != nil {
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
	if r.disk.readonly {
		r.disk.readonly = r.file.readonly()
	}
	if r.disk.readonly {
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
	r.take(nb, hashOf(text), st)
	return nil
}

// take makes a notebook that was read from the file the room's.
func (r *Room) take(nb *nbformat.Notebook, hash string, st stamp) {
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
	d.journal.stands(hash, r.doc.ids())
	r.disk = disk{base: hash, stamp: st, saved: st.time, edits: d.edits, readonly: r.file.readonly(), journal: d.journal, badly: d.badly, timer: d.timer}
	r.seq++
	for c := range r.conns {
		c.restart()
	}
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
	if err := r.commit(Change{Ev: evTrust, Order: r.doc.ids()}, q.conn.id); err != nil {
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
	old := d.journal
	d.journal = r.openJournal()
	d.journal.stands(d.base, old.head.IDs)
	d.readonly = r.file.readonly()
	if d.dirty {
		r.journalWhole()
	}
	if err := old.drop(); err != nil { // not before the new one is there
		r.badJournal(err)
	}
	old.close()
	r.tellFile()
}

// openJournal gives the journal of the room's file. Where another server has it, the
// room keeps none, which its pages are told.
func (r *Room) openJournal() *journal {
	j, err := newJournal(r.rooms.journalPath(r.file.path), r.file.path)
	if err != nil {
		r.log.Warn("journal that cannot be kept", "notebook", r.file.path, "error", err)
		r.notice("warning", "changes that are not saved yet would not survive a crash: "+err.Error())
	}
	return j
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
	r.disk = disk{base: hash, stamp: st, saved: st.time, readonly: r.file.readonly(), journal: r.openJournal()}
	rec, journalErr := readJournal(r.disk.journal.path, hash)
	if rec != nil && rec.base == hash && rec.whole == nil {
		r.doc = newDocument(nb, rec.ids)
	} else {
		r.doc = NewDocument(nb)
	}
	r.disk.journal.stands(hash, r.doc.ids())
	r.lookTrusted()
	if journalErr != nil {
		r.putAside(journalErr)
	}
	if !rec.empty() {
		r.recover(rec, hash)
	}
	return nil
}

// putAside keeps a journal of before that is of no use as it is, and says so.
func (r *Room) putAside(why error) {
	path := r.disk.journal.path
	kept := path + "." + time.Now().UTC().Format("20060102T150405.000000000") + ".unsaved"
	if err := moveAside(path, kept); err != nil {
		kept, why = path, errors.Join(why, err)
	}
	r.log.Warn("unsaved changes that cannot be brought back", "notebook", r.file.path, "error", why, "kept", kept)
	r.notice("warning", fmt.Sprintf("changes that were unsaved when the server ended could not be brought back, or not all of them: %v. What is known of them is kept in %s", why, kept))
}

var errOtherFile = errors.New("the file was changed by another program since")

// recover takes in what a journal holds.
func (r *Room) recover(rec *recovery, hash string) {
	d := &r.disk
	if rec.base != hash && rec.whole == nil {
		r.putAside(errOtherFile)
		return
	}
	if rec.whole != nil {
		nb, err := nbformat.Parse(rec.whole)
		if err != nil {
			r.putAside(err)
			return
		}
		r.doc = newDocument(nb, rec.ids)
		r.lookTrusted()
	}
	for i, ch := range rec.changes {
		if err := r.doc.Apply(ch); err != nil {
			r.putAside(fmt.Errorf("change %d of %d: %w", i+1, len(rec.changes), err))
			break
		}
	}
	d.dirty, d.recovered, d.conflict = true, true, rec.base != hash
	d.edits++
	r.journalWhole()
	r.saveIn(r.rooms.opt.Autosave)
}
