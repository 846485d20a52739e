package rooms

import (
	"errors"
	"fmt"
	"os"
	"path"
	"strings"
	"time"

	"github.com/adabc437/fanout/frontend/nbformat"
)

// watchFile looks at the file now and then until the room ends.
func (r *Room) watchFile() {
	tick := time.NewTicker(r.rooms.opt.Watch)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			r.seeFile()
		case <-r.ctx.Done():
			return
		}
	}
}

// seeFile looks whether another program has changed the file. A room without changes of
// its own takes in what is there; another has a conflict.
func (r *Room) seeFile() {
	r.saving.Lock()
	defer r.saving.Unlock()
	r.mu.Lock()
	f, base, known := r.file, r.disk.base, r.disk.stamp
	unseen := r.closed || len(r.conns) == 0 || r.disk.conflict && !r.disk.gone
	r.mu.Unlock()
	if unseen {
		return
	}
	now, err := f.stamp()
	if err == nil && now == known && !r.missed() {
		return
	}
	hash, err := f.changed(base, known)
	switch {
	case err != nil: // it may be there again a moment later
	case hash == gone:
		r.goneFile(false)
	case hash == "":
		r.sameFile(now)
	default:
		r.otherFile(f, hash)
	}
}

// missed says whether the file was not there when it was looked at last.
func (r *Room) missed() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.disk.missing || r.disk.gone
}

// sameFile notes that the file is what was read or written last, perhaps again.
func (r *Room) sameFile(now stamp) {
	r.mu.Lock()
	defer r.mu.Unlock()
	d := &r.disk
	d.stamp, d.missing = now, false
	if d.gone {
		d.gone, d.conflict = false, false
		r.tellFile()
		if d.dirty {
			r.saveIn(r.rooms.opt.Autosave)
		}
	}
}

// goneFile notes that there is no file any more. One that is missing once may be on the
// way to be replaced, unless it is known to be gone for good.
func (r *Room) goneFile(sure bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	d := &r.disk
	if !d.missing && !sure {
		d.missing = true
		return
	}
	if d.gone || r.closed {
		return
	}
	d.missing, d.gone = true, true
	r.conflicts()
	r.notice("warning", "the file of this notebook was deleted or moved: save to write it anew")
}

// otherFile takes in a file that another program has written.
func (r *Room) otherFile(f file, hash string) {
	r.mu.Lock()
	clean := r.clean()
	if r.disk.dirty {
		r.disk.gone = false
		r.conflicts()
	}
	r.mu.Unlock()
	if !clean {
		return
	}
	text, st, err := f.read()
	if err != nil || hashOf(text) != hash {
		return // it is being written
	}
	nb, err := nbformat.Parse(text)
	if err != nil {
		return // likewise; a save sees that it is another
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.clean() || r.closed {
		return
	}
	r.take(nb, hash, st)
	r.notice("info", "another program has changed the file: this is what it holds now")
}

// clean says that the room would lose nothing if it took in the file.
func (r *Room) clean() bool {
	return !r.disk.dirty && r.work.now == nil && len(r.work.queue) == 0
}

// Move has do rename the file or folder at one path to another, and the notebooks that
// are open there go with it.
func (rs *Rooms) Move(from, to string, do func() error) error {
	from, to = strings.Trim(from, "/"), strings.Trim(to, "/")
	rs.moving.Lock()
	defer rs.moving.Unlock()
	moved := rs.below(from)
	for _, r := range moved {
		r.saving.Lock()
		defer r.saving.Unlock()
	}
	rs.mu.Lock()
	defer rs.mu.Unlock()
	paths := make([]string, len(moved))
	for i, r := range moved {
		r.mu.Lock()
		paths[i] = r.file.path
		r.mu.Unlock()
		if there := rs.rooms[to+strings.TrimPrefix(paths[i], from)]; there != nil && there.room != r {
			return fmt.Errorf("a notebook %q is open already: %w", to+strings.TrimPrefix(paths[i], from), os.ErrExist)
		}
	}
	if err := do(); err != nil {
		return err
	}
	for i, r := range moved {
		e, name := rs.rooms[paths[i]], to+strings.TrimPrefix(paths[i], from)
		switch {
		case e == nil || e.room != r || name == paths[i]: // it was closed or renamed meanwhile, or nothing was
		case checkPath(name) != nil: // it is no notebook any more
			r.goneFile(true)
		default:
			delete(rs.rooms, paths[i])
			rs.rooms[name] = e
			r.renamed(name)
		}
	}
	return nil
}

// below gives the open rooms of the file at a path, or of those in the folder there.
func (rs *Rooms) below(at string) []*Room {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	var list []*Room
	for p, e := range rs.rooms {
		if p != at && !strings.HasPrefix(p, at+"/") {
			continue
		}
		select {
		case <-e.ready:
			if e.room != nil {
				list = append(list, e.room)
			}
		default: // it is being opened, and sees itself what is there
		}
	}
	return list
}

// Deleted tells the notebook at a path, if it is open, that the user has deleted its
// file. What was not saved of it goes too, unless a page saves it after all; where no
// page shows the notebook, it is closed and its kernel ends.
func (rs *Rooms) Deleted(p string) {
	p = strings.Trim(p, "/")
	r := rs.find(path.Clean(p))
	if r == nil {
		if j, err := newJournal(rs.journalPath(p), p); err == nil { // nobody else has it
			if err := j.drop(); err != nil {
				rs.log.Warn("journal of a deleted notebook", "notebook", p, "error", err)
			}
			j.close()
		}
		return
	}
	r.saving.Lock()
	defer r.saving.Unlock()
	if _, err := r.file.stamp(); !errors.Is(err, os.ErrNotExist) {
		return // it is there again
	}
	r.goneFile(true)
	rs.mu.Lock()
	defer rs.mu.Unlock()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.flush()
	if err := r.disk.journal.drop(); err != nil {
		r.badJournal(err)
	}
	e := rs.rooms[r.file.path]
	if r.closed || len(r.conns) > 0 || e == nil || e.room != r {
		return
	}
	if l := r.link; l != nil {
		r.goes(func() {
			if err := l.k.Shutdown(); err != nil {
				rs.log.Warn("kernel of a deleted notebook", "error", err)
			}
		})
	}
	r.end()
	rs.forget(r)
}

// Has says whether the notebook at a path is open. It may be without a file.
func (rs *Rooms) Has(p string) bool { return rs.find(strings.Trim(p, "/")) != nil }
