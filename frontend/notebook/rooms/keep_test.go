package rooms

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/adabc437/fanout/frontend/nbformat"
)

// rewrite gives the notebook of a bench another text.
func (b *bench) rewrite(text string) {
	b.Helper()
	if err := os.WriteFile(b.path(), []byte(text), 0o644); err != nil {
		b.Fatal(err)
	}
}

func sources(room map[string]any) string {
	var list []string
	for _, c := range room["notebook"].(map[string]any)["cells"].([]any) {
		list = append(list, fmt.Sprint(c.(map[string]any)["source"]))
	}
	return strings.Join(list, "|")
}

// TestOutputsOfKindsThatNobodyKnowsAreNotTrusted holds rooms to trusting nothing that
// they do not understand: a page may show it all the same.
func TestOutputsOfKindsThatNobodyKnowsAreNotTrusted(t *testing.T) {
	b := newBench(t, []string{"x"})
	b.rewrite(`{"nbformat":4,"nbformat_minor":5,"metadata":{},"cells":[
		{"id":"a","cell_type":"code","metadata":{},"source":"x","execution_count":null,"outputs":[
			{"output_type":"pyout","data":{"text/html":"<script>"},"metadata":{}}]},
		{"id":"b","cell_type":"markdown","metadata":{},"source":"y","trusted":true,"state":{"run":"busy"},"outputs":[
			{"output_type":"display_data","data":{"text/html":"<script>"},"metadata":{}}]}]}`)
	room := b.page().room
	if cellIn(t, room, "a")["trusted"] != false || room["file"].(map[string]any)["trusted"] != false {
		t.Errorf("an output of an unknown kind is trusted: %v", room)
	}
	if c := cellIn(t, room, "b"); c["outputs"] != nil || c["state"] != nil {
		t.Errorf("a Markdown cell has outputs: %v", c)
	}
}

// TestACrashOfANotebookWithoutIDs has two kinds of notebooks whose cells have no ids of
// their own.
func TestACrashOfANotebookWithoutIDs(t *testing.T) {
	for _, minor := range []int{4, 5} {
		t.Run(fmt.Sprint("4.", minor), func(t *testing.T) {
			b := newBench(t, []string{"x"})
			cell := func(source string) string {
				return fmt.Sprintf(`{"cell_type":"code","metadata":{},"source":%q,"execution_count":null,"outputs":[]}`, source)
			}
			b.rewrite(fmt.Sprintf(`{"nbformat":4,"nbformat_minor":%d,"metadata":{},"cells":[%s,%s]}`, minor, cell("x"), cell("y")))
			first := func(room map[string]any) string {
				return room["notebook"].(map[string]any)["cells"].([]any)[0].(map[string]any)["id"].(string)
			}
			p := b.page()
			p.edit(first(p.room), 0, "x", "one")
			b.crash()
			b.serve()
			p = b.page()
			if got := sources(p.room); got != "one|y" {
				t.Fatalf("after a crash: %s", got)
			}
			p.do("insert", map[string]any{"index": 0, "cell": map[string]any{"id": "new", "cell_type": "code", "source": "zero"}})
			p.do("save", nil)
			p.edit(first(p.room), 0+1, "one", "two") // the edit before the crash made it version 1
			b.crash()
			b.serve()
			if got := sources(b.page().room); got != "zero|two|y" {
				t.Errorf("after a save and a crash: %s", got)
			}
		})
	}
}

func TestALargeJournalIsNotWrittenAnewWithEachChange(t *testing.T) {
	b := newBench(t, []string{"x"})
	p := b.page()
	r := b.rooms.find("n.ipynb")
	r.mu.Lock()
	defer r.mu.Unlock()
	c := r.doc.byID["a"]
	c.outputs = append(c.outputs, newOutput(&nbformat.Output{Type: nbformat.Stream, Name: "stdout", Text: strings.Repeat("x", maxTail)}))
	r.journalWhole()
	before := r.disk.journal.gen
	for range 3 {
		if err := r.commit(Change{Ev: evCount, Cell: "a"}, ""); err != nil {
			t.Fatal(err)
		}
	}
	if got := r.disk.journal.gen - before; got != 0 {
		t.Errorf("it was written anew %d times for 3 small changes", got)
	}
	_ = p
}

func TestAFileThatBecomesWriteProtectedIsLeftAlone(t *testing.T) {
	b := newBench(t, []string{"x"})
	p := b.page()
	p.edit("a", 0, "x", "y")
	before := b.file()
	if err := os.Chmod(b.path(), 0o444); err != nil {
		t.Fatal(err)
	}
	if m := p.ask("save", nil); m["error"] == nil || b.file() != before {
		t.Errorf("a write-protected file was written: %v", m)
	}
	p.event("file", func(m map[string]any) bool { return m["readonly"] == true })
	if m := p.ask("save", map[string]any{"force": true}); m["error"] == nil || b.file() != before {
		t.Errorf("a write-protected file was written by force: %v", m)
	}
	if err := os.Chmod(b.path(), 0o644); err != nil {
		t.Fatal(err)
	}
	p.do("save", nil)
	if !strings.Contains(b.file(), `"y"`) {
		t.Errorf("saved as %s", b.file())
	}
}

// TestJournalsThatDoNotFitAreAllKept holds rooms to throwing no journal away.
func TestJournalsThatDoNotFitAreAllKept(t *testing.T) {
	b := newBench(t, []string{"x"})
	for i := range 2 {
		p := b.page()
		c := cellIn(t, p.room, "a")
		p.edit("a", int(c["version"].(float64)), fmt.Sprint(c["source"]), fmt.Sprint("lost ", i))
		b.crash()
		if err := notebook(fmt.Sprint("changed meanwhile ", i)).WriteFile(b.path()); err != nil {
			t.Fatal(err)
		}
		b.serve()
		p = b.page()
		p.event("notice", func(m map[string]any) bool { return strings.Contains(fmt.Sprint(m["text"]), "unsaved") })
	}
	if list, _ := filepath.Glob(filepath.Join(b.opt.State, "*.unsaved")); len(list) != 2 {
		t.Errorf("put aside: %v", list)
	}
}

// What was written in part, as on a full disk, does not spoil what comes behind it.
func TestTrustOutlivesAWriteThatWasBrokenOff(t *testing.T) {
	dir := t.TempDir()
	cell := func(text string) *Cell {
		return newCell(text, &nbformat.Cell{Type: nbformat.Code, Outputs: []*nbformat.Output{{Type: nbformat.DisplayData, Data: map[string]any{"text/html": text}}}}, 0, true)
	}
	with := func(f func(*Trust)) {
		tr := NewTrust(dir)
		f(tr)
		if err := tr.Close(); err != nil {
			t.Fatal(err)
		}
	}
	sign := func(text string) {
		with(func(tr *Trust) {
			if err := tr.sign([]*Cell{cell(text)}); err != nil {
				t.Fatal(err)
			}
		})
	}
	sign("a")
	file, err := os.OpenFile(filepath.Join(dir, "trust.digests"), os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.WriteString("part"); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	sign("b")
	with(func(tr *Trust) {
		for text, want := range map[string]bool{"a": true, "b": true, "c": false} {
			if got, err := tr.trusted(cell(text)); err != nil || got != want {
				t.Errorf("%s is trusted: %v, %v", text, got, err)
			}
		}
	})
}
