package rooms

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
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
		`{"id":5,"op":"insert","index":0,"cell":{"cell_type":"raw","attachments":{"x":{}}}}`, `{"id":6,"op":"undo"}`, `{"id":7,"op":"redo"}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var q request
		if readRequest(data, &q) != nil {
			return
		}
		switch q.Op {
		case "edit", "insert", "delete", "undo", "redo", "move", "type", "split", "merge", "metadata", "clear":
		default:
			return // the others need a kernel or a file
		}
		rs := &Rooms{}
		r := &Room{rooms: rs, doc: NewDocument(notebook("x", "y")), conns: map[*conn]bool{}, past: map[string]*client{}, closed: true}
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
