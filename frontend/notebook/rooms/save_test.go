package rooms

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestTheFileIsSavedByItself(t *testing.T) {
	b := newBench(t, []string{"print x"}, func(o *Options) { o.Autosave = time.Millisecond })
	p := b.page()
	p.edit("a", 0, "print x", "print y")
	p.event("file", func(m map[string]any) bool { return m["dirty"] == true })
	p.event("file", func(m map[string]any) bool { return m["dirty"] == false })
	if !strings.Contains(b.file(), "print y") {
		t.Errorf("the file is %s", b.file())
	}
}

func TestAFileThatWasChangedUnderneathIsNotOverwritten(t *testing.T) {
	b := newBench(t, []string{"x"})
	p := b.page()
	p.edit("a", 0, "x", "mine")
	theirs := func(source string) {
		if err := notebook(source).WriteFile(b.path()); err != nil {
			t.Fatal(err)
		}
	}
	theirs("theirs, and longer")
	if m := p.ask("save", nil); m["error"] == nil || m["hint"] == nil {
		t.Errorf("saved: %v", m)
	}
	p.event("file", func(m map[string]any) bool { return m["conflict"] == true })
	if !strings.Contains(b.file(), "theirs") {
		t.Fatal("their file was overwritten")
	}
	p.do("save", map[string]any{"force": true})
	if !strings.Contains(b.file(), "mine") {
		t.Fatal("the file was not overwritten by force")
	}
	p.edit("a", 1, "mine", "more of mine")
	theirs("theirs again, longer still")
	p.ask("save", nil)
	p.do("reload", nil)
	m := p.event("room", nil)
	if got := cellIn(t, m, "a")["source"]; got != "theirs again, longer still" || m["file"].(map[string]any)["dirty"] != false {
		t.Errorf("reloaded: %v", m)
	}
	if err := os.Remove(b.path()); err != nil {
		t.Fatal(err)
	}
	p.do("insert", map[string]any{"index": 0, "cell": map[string]any{"cell_type": "code"}})
	if m := p.ask("save", nil); m["error"] == nil {
		t.Error("a file that was deleted was written anew")
	}
}

func TestWhatWasNotSavedIsThereAfterACrash(t *testing.T) {
	b := newBench(t, []string{"print hello", "x"})
	p := b.page()
	p.edit("b", 0, "x", "unsaved")
	p.run("a")
	p.do("insert", map[string]any{"index": 1, "cell": map[string]any{"id": "new", "cell_type": "markdown", "source": "# é"}})
	before := b.file()
	b.crash()
	if b.file() != before {
		t.Fatal("it was saved")
	}
	b.serve()
	q := b.page()
	if f := q.room["file"].(map[string]any); f["recovered"] != true || f["dirty"] != true || f["conflict"] != false {
		t.Errorf("the file is %v", f)
	}
	if c := cellIn(t, q.room, "a"); outputs(c) != `stdout:"hello"` || c["execution_count"] != 1.0 {
		t.Errorf("cell a is %v", c)
	}
	if cellIn(t, q.room, "b")["source"] != "unsaved" || cellIn(t, q.room, "new")["source"] != "# é" {
		t.Errorf("the room is %v", q.room)
	}
	q.do("save", nil)
	if f := b.file(); !strings.Contains(f, "unsaved") || !strings.Contains(f, "# é") {
		t.Errorf("saved as %s", f)
	}
	if list, err := filepath.Glob(filepath.Join(b.opt.State, "*.jsonl")); err != nil || len(list) != 0 {
		t.Errorf("after that there are journals: %v, %v", list, err)
	}
	b.crash()
	b.serve()
	if f := b.page().room["file"].(map[string]any); f["recovered"] != false || f["dirty"] != false {
		t.Errorf("with nothing unsaved the file is %v", f)
	}
}

func TestACrashBetweenWritingTheFileAndTheJournal(t *testing.T) {
	b := newBench(t, []string{"x"})
	p := b.page()
	p.edit("a", 0, "x", "saved")
	r := b.rooms.find("n.ipynb")
	r.mu.Lock()
	text, err := r.doc.Notebook().Encode()
	if err == nil {
		err = r.disk.journal.add(mark{Ev: evSaving, Hash: hashOf(text), Mark: r.disk.journal.size})
	}
	if err == nil {
		_, err = r.file.write(text)
	}
	r.mu.Unlock()
	if err != nil {
		t.Fatal(err)
	}
	p.edit("a", 1, "saved", "later")
	b.crash()
	b.serve()
	q := b.page()
	if got := cellIn(t, q.room, "a")["source"]; got != "later" {
		t.Errorf("the source is %v", got)
	}
	if f := q.room["file"].(map[string]any); f["recovered"] != true || f["conflict"] != false {
		t.Errorf("the file is %v", f)
	}
}

func TestAJournalOfAnotherFileIsPutAside(t *testing.T) {
	b := newBench(t, []string{"x"})
	p := b.page()
	p.edit("a", 0, "x", "lost")
	b.crash()
	if err := notebook("changed meanwhile").WriteFile(b.path()); err != nil {
		t.Fatal(err)
	}
	b.serve()
	if got := cellIn(t, b.page().room, "a")["source"]; got != "changed meanwhile" {
		t.Errorf("the source is %v", got)
	}
	if list, _ := filepath.Glob(filepath.Join(b.opt.State, "*.unsaved")); len(list) != 1 {
		t.Errorf("put aside: %v", list)
	}
}

func TestAConflictOutlivesACrash(t *testing.T) {
	b := newBench(t, []string{"x"})
	p := b.page()
	p.edit("a", 0, "x", "mine")
	if err := notebook("theirs, and longer").WriteFile(b.path()); err != nil {
		t.Fatal(err)
	}
	p.ask("save", nil)
	p.edit("a", 1, "mine", "mine too")
	b.crash()
	b.serve()
	q := b.page()
	if f := q.room["file"].(map[string]any); f["recovered"] != true || f["conflict"] != true {
		t.Errorf("the file is %v", f)
	}
	if got := cellIn(t, q.room, "a")["source"]; got != "mine too" {
		t.Errorf("the source is %v", got)
	}
}
