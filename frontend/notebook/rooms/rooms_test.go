package rooms

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/adabc437/fanout/frontend/nbformat"
)

func TestARoomShowsItsNotebook(t *testing.T) {
	b := newBench(t, []string{"print 1", "value 2"})
	p := b.page()
	want := []string{"a:print 1", "b:value 2"}
	for i, c := range p.room["notebook"].(map[string]any)["cells"].([]any) {
		c := c.(map[string]any)
		if got := fmt.Sprintf("%s:%s", c["id"], c["source"]); got != want[i] {
			t.Errorf("cell %d is %s, want %s", i, got, want[i])
		}
	}
	if p.room["path"] != "n.ipynb" || p.room["kernel"].(map[string]any)["status"] != "none" || p.room["file"].(map[string]any)["dirty"] != false {
		t.Errorf("the room is %v", p.room)
	}
}

func TestRoomsThatCannotBeOpenedSayWhy(t *testing.T) {
	b := newBench(t, nil)
	if err := os.WriteFile(filepath.Join(b.dir, "bad.ipynb"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"other.ipynb": "no file or folder", "../n.ipynb": "below the folder", "/n.ipynb": "below the folder", "n.txt": "end in .ipynb",
		".h/n.ipynb": "hidden", "bad.ipynb": "notebook",
	} {
		p := b.dial(path, "")
		if m := p.event("failed", nil); !strings.Contains(m["error"].(string), want) {
			t.Errorf("%s: %v, want %q", path, m, want)
		}
	}
}

func TestTwoPagesSeeTheSameEventsInOneOrder(t *testing.T) {
	b := newBench(t, []string{"x"})
	pages := []*page{b.page(), b.page()}
	var typing sync.WaitGroup
	const each = 20
	for n, p := range pages {
		typing.Go(func() {
			for i := range each {
				p.send("insert", map[string]any{"index": 0, "cell": map[string]any{"cell_type": "code", "source": fmt.Sprint(n, i)}})
			}
		})
	}
	typing.Wait()
	var seen [2][]string
	for n, p := range pages {
		for len(seen[n]) < 2*each {
			m := p.event("cells", nil)
			seen[n] = append(seen[n], fmt.Sprint(m["seq"], m["order"]))
		}
	}
	for i := range seen[0] {
		if seen[0][i] != seen[1][i] {
			t.Fatalf("event %d is %s for one page and %s for the other", i, seen[0][i], seen[1][i])
		}
	}
}

func TestEditsOfTwoPagesAreOrderedByVersions(t *testing.T) {
	b := newBench(t, []string{"x"})
	p, q := b.page(), b.page()
	if m := p.edit("a", 0, "x", "y"); m["version"] != 1.0 {
		t.Fatalf("the reply is %v", m)
	}
	if m := q.edit("a", 0, "x", "z"); m["error"] != "stale" {
		t.Errorf("the reply is %v, want stale", m)
	}
	e := q.event("edit", nil)
	if e["version"] != 1.0 || e["by"] != p.room["client"] {
		t.Errorf("the event is %v", e)
	}
	if m := q.edit("a", 1, "y", "z"); m["version"] != 2.0 {
		t.Errorf("the reply is %v", m)
	}
	if got := p.cell("a")["source"]; got != "z" {
		t.Errorf("the source is %v", got)
	}
}

func TestCellsRunAndTheirOutputsAreKept(t *testing.T) {
	b := newBench(t, []string{"print hello\n", "value 42", "display one", "update two", ""})
	p := b.page()
	p.run("a", "b", "e", "c", "d") // e is blank, and is not run
	for id, want := range map[string]string{
		"a": `stdout:"hello\n"`, "b": "execute_result:map[text/plain:42]", "c": "display_data:map[text/plain:two]", "d": "",
	} {
		if got := outputs(p.cell(id)); got != want {
			t.Errorf("cell %s shows %s, want %s", id, got, want)
		}
	}
	c := p.cell("b")
	s := c["state"].(map[string]any)
	if c["execution_count"] != 2.0 || s["count"] != 2.0 || s["status"] != "ok" || s["took_ms"].(float64) <= 0 || s["stale"] != nil {
		t.Errorf("cell b is %v", c)
	}
	p.do("save", nil)
	if f := b.file(); !strings.Contains(f, `"hello\n"`) || !strings.Contains(f, `"two"`) || !strings.Contains(f, `"execution_count": 2`) {
		t.Errorf("the file is %s", f)
	}
	p.edit("b", 0, "value 42", "value 43")
	if s := p.event("state", nil)["state"].(map[string]any); s["stale"] != true {
		t.Errorf("the state after an edit is %v", s)
	}
}

func TestACellThatFailsAbortsThoseBehindIt(t *testing.T) {
	b := newBench(t, []string{"fail", "print x", "fail", "print y"})
	p := b.page()
	if s := p.run("a", "b"); s["status"] != "aborted" {
		t.Errorf("the cell behind it ended as %v", s)
	}
	if c := p.cell("a"); outputs(c) != "error:Panic:boom" || c["state"].(map[string]any)["status"] != "error" {
		t.Errorf("the cell that failed is %v", c)
	}
	p.do("metadata", map[string]any{"cell": "c", "metadata": map[string]any{"tags": []string{"raises-exception"}}})
	if s := p.run("c", "d"); s["status"] != "ok" {
		t.Errorf("the cell behind one that may fail ended as %v", s)
	}
}

func TestInterruptCancelAndClosingThePage(t *testing.T) {
	b := newBench(t, []string{"wait", "print x", "print y"})
	p := b.page()
	p.do("run", map[string]any{"cells": []string{"a", "b", "c"}})
	p.shows()
	p.do("cancel", nil)
	if s := p.ended("b"); s["status"] != "aborted" {
		t.Errorf("a cancelled cell is %v", s)
	}
	p.ws.Close() // the cell goes on
	q := b.page()
	if s := cellIn(t, q.room, "a")["state"].(map[string]any); s["run"] != "running" {
		t.Fatalf("the cell is %v when the page comes back", s)
	}
	if got := outputs(cellIn(t, q.room, "a")); got != `stdout:"waiting\n"` {
		t.Errorf("it shows %s", got)
	}
	q.do("interrupt", nil)
	if s := q.ended("a"); s["status"] != "error" {
		t.Errorf("an interrupted cell is %v", s)
	}
}

func TestRestartEndsWhatRunsAndTheNextCellRuns(t *testing.T) {
	b := newBench(t, []string{"wait", "print x"})
	p := b.page()
	p.do("run", map[string]any{"cells": []string{"a"}})
	p.shows()
	p.send("restart", nil)
	p.send("run", map[string]any{"cells": []string{"b"}}) // restart and run all
	if s := p.ended("b"); s["status"] != "ok" || s["count"] != 1.0 {
		t.Errorf("the cell after the restart is %v", s)
	}
	if s := p.cell("a")["state"].(map[string]any); s["run"] != "idle" || s["status"] != "error" {
		t.Errorf("the cell that ran is %v", s)
	}
	if m := p.ask("complete", map[string]any{"code": "a"}); m["error"] != nil {
		t.Errorf("after the restart nothing is completed: %v", m)
	}
}

func TestShutdownAndAKernelThatCannotStart(t *testing.T) {
	b := newBench(t, []string{"wait", "print x"})
	p := b.page()
	p.do("run", map[string]any{"cells": []string{"a"}})
	p.shows()
	p.do("shutdown", nil)
	p.event("kernel", func(m map[string]any) bool { return m["status"] == "none" })
	b.fail = errors.New("no toolchain")
	p.run("b")
	if got := outputs(p.cell("b")); !strings.Contains(got, "no toolchain") {
		t.Errorf("the cell shows %s", got)
	}
}

func TestTheFirstAnswerToAQuestionWins(t *testing.T) {
	b := newBench(t, []string{"ask"})
	p, q := b.page(), b.page()
	p.do("run", map[string]any{"cells": []string{"a"}})
	if m := p.event("input", nil); m["prompt"] != "name? " || m["cell"] != "a" {
		t.Errorf("the question is %v", m)
	}
	q.event("input", nil)
	late := b.page() // comes while it is open
	if m, _ := late.room["input"].(map[string]any); m["prompt"] != "name? " {
		t.Errorf("a new page sees the question %v", late.room["input"])
	}
	q.do("input", map[string]any{"value": "Ada"})
	if m := p.ask("input", map[string]any{"value": "Bob"}); m["error"] == nil {
		t.Error("the second answer was taken, too")
	}
	q.ended("a")
	if got, want := outputs(p.cell("a")), `stdout:"name? Ada\nhello Ada"`; got != want {
		t.Errorf("the cell shows %s, want %s", got, want)
	}
}

func TestLateOutputGoesToTheCellThatMadeIt(t *testing.T) {
	b := newBench(t, []string{"late", "now"})
	p := b.page()
	p.run("a", "b")
	if got := outputs(p.cell("a")); got != `stdout:"late"` {
		t.Errorf("the cell shows %s", got)
	}
}

func TestPayloads(t *testing.T) {
	b := newBench(t, []string{"next below", "replace print other", "page text"})
	p := b.page()
	p.run("a", "b", "c")
	q := b.page()
	cells := q.room["notebook"].(map[string]any)["cells"].([]any)
	if got := cells[1].(map[string]any)["source"]; len(cells) != 4 || got != "below" {
		t.Errorf("the cell below is %v", got)
	}
	if got := cellIn(t, q.room, "b")["source"]; got != "print other" {
		t.Errorf("the replaced cell is %v", got)
	}
	if m := p.event("payload", nil); m["data"].(map[string]any)["text/plain"] != "text" || m["by"] != p.room["client"] {
		t.Errorf("the page is %v", m)
	}
}

func TestQuestionsAreAnsweredBesideARunningCell(t *testing.T) {
	b := newBench(t, []string{"wait"})
	p := b.page()
	p.do("run", map[string]any{"cells": []string{"a"}})
	p.shows()
	m := p.do("complete", map[string]any{"code": "😀 fmt.Pr", "pos": 9})
	if m["cursor_start"] != 3.0 || m["cursor_end"] != 9.0 || fmt.Sprint(m["matches"]) != "[Println]" {
		t.Errorf("completed: %v", m)
	}
	if m := p.do("inspect", map[string]any{"code": "😀 x", "pos": 2, "detail": 1}); m["data"].(map[string]any)["text/plain"] != "😀1" {
		t.Errorf("inspected: %v", m)
	}
	if m := p.do("complete_cell", map[string]any{"code": "if x {"}); m["status"] != "incomplete" || m["indent"] != "\t" {
		t.Errorf("is it complete: %v", m)
	}
	if m := p.do("variables", nil); fmt.Sprint(m["variables"]) != "[map[name:x]]" {
		t.Errorf("variables: %v", m)
	}
	p.do("interrupt", nil)
}

func TestLargeOutputsAreCutAndThereWhole(t *testing.T) {
	b := newBench(t, []string{"big"})
	p := b.page()
	p.run("a")
	o := p.cell("a")["outputs"].([]any)[0].(map[string]any)
	if o["cut"].(map[string]any)["bytes"] != 400.0*1024 || len(o["text"].(string)) > 32<<10 {
		t.Errorf("pages see %d bytes, cut %v", len(o["text"].(string)), o["cut"])
	}
	get := func(index string) (int, string) {
		res, err := http.Get(b.server.URL + "/api/fanout/output?" + url.Values{"path": {"n.ipynb"}, "cell": {"a"}, "index": {index}}.Encode())
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res.StatusCode, string(body)
	}
	if code, body := get("0"); code != http.StatusOK || !strings.Contains(body, strings.Repeat("x", 400<<10)) {
		t.Errorf("whole: %d, %d bytes", code, len(body))
	}
	for _, index := range []string{"1", "-1", "x"} {
		if code, _ := get(index); code == http.StatusOK {
			t.Errorf("there is an output %s", index)
		}
	}
}

func TestAPageAsksForOutputsThatItWasToldTheSizeOf(t *testing.T) {
	const size = 120 << 10
	b := newBench(t, slices.Repeat([]string{"much"}, maxViews/size+2))
	p := b.page()
	var ids []string
	for _, c := range p.room["notebook"].(map[string]any)["cells"].([]any) {
		ids = append(ids, c.(map[string]any)["id"].(string))
	}
	last := ids[len(ids)-1]
	p.run(ids...)
	q := b.page()
	o := cellIn(t, q.room, last)["outputs"].([]any)[0].(map[string]any)
	if o["later"] == nil || o["text"] != nil {
		t.Fatalf("%.200v", o)
	}
	q.do("outputs", map[string]any{"cells": []string{last, "gone"}})
	e := q.event("outputs", nil)
	o = e["outputs"].([]any)[0].(map[string]any)
	if e["cell"] != last || o["later"] != nil || len(o["text"].(string)) != size {
		t.Errorf("%.200v", e)
	}
}

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

func TestOutputsOfOthersAreInertUntilTrusted(t *testing.T) {
	b := newBench(t, []string{"html <b>mine</b>", "x"})
	nb, err := nbformat.ReadFile(b.path())
	if err != nil {
		t.Fatal(err)
	}
	nb.Cells[1].Outputs = []*nbformat.Output{{Type: nbformat.DisplayData, Data: map[string]any{"text/html": "<script>"}, Metadata: map[string]any{"n": json.Number("1e3")}}}
	if err := nb.WriteFile(b.path()); err != nil {
		t.Fatal(err)
	}
	trusted := func(room map[string]any) string {
		return fmt.Sprint(cellIn(t, room, "a")["trusted"], cellIn(t, room, "b")["trusted"], room["file"].(map[string]any)["trusted"])
	}
	p := b.page()
	p.run("a")
	p.do("save", nil)
	if got := trusted(b.page().room); got != "true false false" {
		t.Errorf("trusted are %s", got)
	}
	b.close()
	b.opt.Trust.Close()
	b.opt.Trust = NewTrust(b.opt.Trust.dir) // as another process has it
	b.serve()
	p = b.page()
	if got := trusted(p.room); got != "true false false" {
		t.Errorf("after the server came back trusted are %s", got)
	}
	p.do("trust", nil)
	b.crash()
	b.serve()
	if got := trusted(b.page().room); got != "true true true" {
		t.Errorf("after trust trusted are %s", got)
	}
	b.opt.Trust.Close()
	for _, name := range []string{"trust.key", "trust.digests"} {
		if info, err := os.Stat(filepath.Join(b.opt.Trust.dir, name)); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", name, info, err)
		}
	}
}

func TestRename(t *testing.T) {
	b := newBench(t, []string{"x"})
	p := b.page()
	p.edit("a", 0, "x", "y")
	p.do("rename", map[string]any{"path": "m.ipynb"})
	if m := p.event("file", func(m map[string]any) bool { return m["path"] == "m.ipynb" }); m["dirty"] != true {
		t.Errorf("the file is %v", m)
	}
	p.do("save", nil)
	if _, err := os.Stat(b.path()); !os.IsNotExist(err) {
		t.Errorf("the old file: %v", err)
	}
	if got := cellIn(t, b.pageAs("m.ipynb", "").room, "a")["source"]; got != "y" {
		t.Errorf("the source is %v", got)
	}
	if m := p.ask("rename", map[string]any{"path": "../out.ipynb"}); m["error"] == nil {
		t.Error("it left the folder")
	}
}

func TestAPageThatLagsGetsTheRoomAnew(t *testing.T) {
	b := newBench(t, []string{""})
	p := b.page()
	r := b.rooms.find("n.ipynb")
	// A connection whose page reads nothing: its writer is this test.
	r.mu.Lock()
	slow := &conn{room: r, id: "slow", wake: make(chan struct{}, 1), gone: make(chan struct{})}
	r.conns[slow] = true
	r.mu.Unlock()
	r.mu.Lock()
	for n := range 20 {
		slow.push(make([]byte, 1<<20), false, atOnce)
		if n == 3 {
			slow.push([]byte(`{"re":1}`), true, atOnce)
		}
	}
	r.mu.Unlock()
	p.edit("a", 0, "", "new")
	list := bytes.Split(bytes.Join(slow.take(), []byte{'\n'}), []byte{'\n'})
	r.mu.Lock()
	delete(r.conns, slow)
	r.mu.Unlock()
	if len(list) != 2 || string(list[0]) != `{"re":1}` {
		t.Fatalf("it is sent %d messages, want the reply and the room", len(list))
	}
	var m map[string]any
	if err := json.Unmarshal(list[1], &m); err != nil {
		t.Fatal(err)
	}
	if m["ev"] != "room" || cellIn(t, m, "a")["source"] != "new" {
		t.Error("the room that it is sent is not the one there is")
	}
}

func TestAClientThatComesBackLearnsWhatWasDone(t *testing.T) {
	b := newBench(t, []string{"x"})
	p := b.pageAs("n.ipynb", "tab-1")
	p.edit("a", 0, "x", "y")
	p.ws.Close()
	q := b.pageAs("n.ipynb", "tab-1")
	if q.room["client"] != "tab-1" || q.room["done"] != 1.0 {
		t.Errorf("client %v, done %v", q.room["client"], q.room["done"])
	}
}

func TestARoomThatIsOfNoUseIsSavedAndClosed(t *testing.T) {
	b := newBench(t, []string{"x"}, func(o *Options) { o.Linger = time.Millisecond })
	p := b.page()
	p.do("metadata", map[string]any{"cell": nil, "metadata": map[string]any{"title": "seen"}})
	p.ws.Close()
	for deadline := time.Now().Add(patience); len(b.rooms.List()) > 0; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the room is still there")
		}
	}
	if !strings.Contains(b.file(), "seen") {
		t.Errorf("the file is %s", b.file())
	}
}

func TestWrongRequestsAreAnsweredWithWhatIsWrong(t *testing.T) {
	b := newBench(t, []string{"x"})
	p := b.page()
	for _, test := range []struct {
		op     string
		fields map[string]any
		want   string
	}{
		{"dance", nil, "unknown operation"},
		{"run", map[string]any{"cells": []string{"zz"}}, "no cell"},
		{"run", map[string]any{"cells": 1}, "run:"},
		{"edit", map[string]any{"cell": "a", "version": 0, "updates": []any{[]any{99}}}, "past the end"},
		{"edit", map[string]any{"cell": "a", "version": 0}, "empty"},
		{"insert", map[string]any{"cell": map[string]any{"cell_type": "code"}}, "index"},
		{"insert", map[string]any{"index": 0, "cell": map[string]any{"cell_type": "poem"}}, "cell_type"},
		{"delete", map[string]any{"cells": []string{}}, "empty"},
		{"undo", nil, "nothing is left"},
		{"merge", map[string]any{"cells": []string{"a"}}, "at least two"},
		{"metadata", map[string]any{"cell": "a"}, "metadata"},
		{"interrupt", nil, "no kernel"},
		{"input", map[string]any{"value": "x"}, "no cell waits"},
	} {
		if m := p.ask(test.op, test.fields); m["error"] == nil || !strings.Contains(m["error"].(string), test.want) {
			t.Errorf("%s %v: %v, want an error with %q", test.op, test.fields, m, test.want)
		}
	}
}

func FuzzRequest(f *testing.F) {
	for _, s := range []string{
		`{"id":1,"op":"edit","cell":"a","version":0,"updates":[[1,[0,"y"]]]}`, `{"id":2,"op":"split","cell":"a","at":[1]}`,
		`{"id":3,"op":"move","cells":["a"],"index":-1}`, `{"id":4,"op":"metadata","metadata":{"a":1e400}}`,
		`{"id":5,"op":"insert","index":0,"cell":{"cell_type":"raw","attachments":{"x":{}}}}`, `{"id":6,"op":"undo"}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var q request
		if readRequest(data, &q) != nil {
			return
		}
		switch q.Op {
		case "edit", "insert", "delete", "undo", "move", "type", "split", "merge", "metadata", "clear":
		default:
			return // the others need a kernel or a file
		}
		rs := &Rooms{}
		r := &Room{rooms: rs, doc: NewDocument(notebook("x", "y")), conns: map[*conn]bool{}, past: map[string]int{}, closed: true}
		r.disk.journal = &journal{}
		q.conn = &conn{room: r, wake: make(chan struct{}, 1)}
		if _, err := r.do(&q); err != nil {
			return
		}
		if _, err := json.Marshal(r.snapshotForTest()); err != nil {
			t.Fatal(err)
		}
	})
}

func (r *Room) snapshotForTest() json.RawMessage {
	return r.snapshot(&conn{id: "x"})
}
