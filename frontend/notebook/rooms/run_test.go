package rooms

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

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
