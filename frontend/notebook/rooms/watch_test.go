package rooms

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func often(o *Options) { o.Watch = 5 * time.Millisecond }

func TestACleanRoomTakesInWhatItsFileBecomes(t *testing.T) {
	b := newBench(t, []string{"x"}, often)
	p := b.page()
	if err := notebook("theirs, and longer").WriteFile(b.path()); err != nil {
		t.Fatal(err)
	}
	m := p.event("room", nil)
	if f := m["file"].(map[string]any); sources(m) != "theirs, and longer" || f["conflict"] != false || f["dirty"] != false {
		t.Errorf("the room is %v", m)
	}
	p.event("notice", func(m map[string]any) bool { return m["level"] == "info" })

	p.edit("a", 1, "theirs, and longer", "mine")
	if err := notebook("theirs once more, and still longer").WriteFile(b.path()); err != nil {
		t.Fatal(err)
	}
	p.event("file", func(m map[string]any) bool { return m["conflict"] == true })
	if got := p.cell("a")["source"]; got != "mine" {
		t.Errorf("a room with changes of its own became %v", got)
	}
}

func TestAFileThatGoesAndComesBack(t *testing.T) {
	b := newBench(t, []string{"x"}, often)
	p := b.page()
	text := b.file()
	if err := os.Remove(b.path()); err != nil {
		t.Fatal(err)
	}
	p.event("notice", func(m map[string]any) bool { return strings.Contains(fmt.Sprint(m["text"]), "deleted") })
	b.rewrite(text)
	p.event("file", func(m map[string]any) bool { return m["conflict"] == false })
	if err := os.Remove(b.path()); err != nil {
		t.Fatal(err)
	}
	p.event("notice", nil)
	p.do("save", map[string]any{"force": true})
	if b.file() == "" {
		t.Error("it was not written anew")
	}
}

func TestRoomsFollowTheirFilesAndFolders(t *testing.T) {
	b := newBench(t, []string{"x"})
	if err := errors.Join(os.Mkdir(filepath.Join(b.dir, "d"), 0o755), notebook("y").WriteFile(filepath.Join(b.dir, "d", "m.ipynb"))); err != nil {
		t.Fatal(err)
	}
	move := func(from, to string) error {
		return b.rooms.Move(from, to, func() error { return os.Rename(filepath.Join(b.dir, from), filepath.Join(b.dir, to)) })
	}
	p, q := b.page(), b.pageAs("d/m.ipynb", "")
	p.edit("a", 0, "x", "unsaved")
	for from, to := range map[string]string{"n.ipynb": "other.ipynb", "d": "e"} {
		if err := move(from, to); err != nil {
			t.Fatal(err)
		}
	}
	p.event("file", func(m map[string]any) bool { return m["path"] == "other.ipynb" && m["dirty"] == true })
	q.event("file", func(m map[string]any) bool { return m["path"] == "e/m.ipynb" })
	b.crash() // the journal has moved too
	b.serve()
	p = b.pageAs("other.ipynb", "")
	if got := sources(p.room); got != "unsaved" {
		t.Errorf("after a crash: %s", got)
	}
	p.do("save", nil)
	if _, err := os.Stat(b.path()); !os.IsNotExist(err) {
		t.Errorf("the old file: %v", err)
	}
	failed := errors.New("failed")
	if err := b.rooms.Move("other.ipynb", "z.ipynb", func() error { return failed }); err != failed || b.rooms.find("other.ipynb") == nil {
		t.Errorf("a rename that fails: %v", err)
	}
	if err := move("other.ipynb", "other.txt"); err != nil {
		t.Fatal(err)
	}
	p.event("file", func(m map[string]any) bool { return m["conflict"] == true })
}

func TestANotebookThatIsDeletedLeavesNoJournal(t *testing.T) {
	for _, open := range []bool{true, false} {
		t.Run(fmt.Sprint("open ", open), func(t *testing.T) {
			b := newBench(t, []string{"x"})
			p := b.page()
			p.edit("a", 0, "x", "unsaved")
			if !open {
				b.crash()
				b.serve()
			}
			if err := os.Remove(b.path()); err != nil {
				t.Fatal(err)
			}
			b.rooms.Deleted("n.ipynb")
			if open {
				p.event("file", func(m map[string]any) bool { return m["conflict"] == true })
				b.crash()
				b.serve()
			}
			if err := notebook("new").WriteFile(b.path()); err != nil {
				t.Fatal(err)
			}
			q := b.page()
			if f := q.room["file"].(map[string]any); sources(q.room) != "new" || f["recovered"] != false || f["conflict"] != false {
				t.Errorf("a new notebook of the same name is %v", q.room)
			}
		})
	}
}

func TestANotebookThatIsDeletedIsClosedUnlessAPageShowsIt(t *testing.T) {
	b := newBench(t, []string{"old"})
	p := b.page()
	p.run("a")
	if err := os.Remove(b.path()); err != nil {
		t.Fatal(err)
	}
	b.rooms.Deleted("n.ipynb")
	if !b.rooms.Has("n.ipynb") {
		t.Fatal("it was closed under its page")
	}
	p.ws.Close()
	for deadline := time.Now().Add(time.Minute); b.rooms.List()[0].Pages > 0; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the page is still there")
		}
	}
	b.rooms.Deleted("n.ipynb")
	if b.rooms.Has("n.ipynb") {
		t.Error("it is open without a file and without a page")
	}
	for deadline := time.Now().Add(time.Minute); len(b.opt.Kernels.List()) > 0; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("its kernel is still there")
		}
	}
	if err := notebook("new").WriteFile(b.path()); err != nil {
		t.Fatal(err)
	}
	if q := b.page(); sources(q.room) != "new" {
		t.Errorf("a new notebook of the same name is %v", q.room)
	}
}

func TestChangesAfterADeletionSurviveACrash(t *testing.T) {
	b := newBench(t, []string{"x"})
	p := b.page()
	if err := os.Remove(b.path()); err != nil {
		t.Fatal(err)
	}
	b.rooms.Deleted("n.ipynb")
	p.event("file", func(m map[string]any) bool { return m["conflict"] == true })
	p.edit("a", 0, "x", "kept")
	p.edit("a", 1, "kept", "kept too")
	b.crash()
	if err := notebook("new").WriteFile(b.path()); err != nil {
		t.Fatal(err)
	}
	b.serve()
	q := b.page()
	if f := q.room["file"].(map[string]any); sources(q.room) != "kept too" || f["conflict"] != true {
		t.Errorf("after a crash the room is %v", q.room)
	}
}

// TestTwoServersDoNotShareAJournal has one notebook open in two servers, of which the
// first is killed.
func TestTwoServersDoNotShareAJournal(t *testing.T) {
	b := newBench(t, []string{"x"})
	p := b.page()
	p.edit("a", 0, "x", "of the first")
	first, server := b.rooms, b.server
	b.serve()
	q := b.page()
	q.event("notice", func(m map[string]any) bool { return strings.Contains(fmt.Sprint(m["text"]), errLocked.Error()) })
	if f := q.room["file"].(map[string]any); f["recovered"] != false {
		t.Errorf("the second took what the first has not saved: %v", f)
	}
	q.edit("a", 0, "x", "of the second")
	b.crash()
	b.rooms, b.server, b.closed = first, server, false
	b.crash()
	b.serve()
	if got := sources(b.page().room); got != "of the first" {
		t.Errorf("after a crash: %s", got)
	}
}

// TestAJournalIsWholeWhateverHappens has it begun anew where that cannot be done.
func TestAJournalIsWholeWhateverHappens(t *testing.T) {
	path := filepath.Join(t.TempDir(), "j.jsonl")
	j, err := newJournal(path, "n.ipynb")
	if err != nil {
		t.Fatal(err)
	}
	defer j.close()
	j.stands("h", []string{"a"})
	if err := j.add(Change{Ev: evCount, Cell: "a"}); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(path+".new", 0o700); err != nil {
		t.Fatal(err)
	}
	if err := j.beginWhole([]byte("{}"), nil); err == nil {
		t.Fatal("it was begun anew")
	}
	if err := j.add(Change{Ev: evCount, Cell: "a"}); err != nil {
		t.Fatal(err)
	}
	rec, err := readJournal(path, "h")
	if err != nil || rec == nil || len(rec.changes) != 2 || fmt.Sprint(rec.ids) != "[a]" {
		t.Errorf("read back: %+v, %v", rec, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the journal: %v, %v", info, err)
	}
}
