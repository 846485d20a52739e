package rooms

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/adabc437/fanout/frontend/nbformat"
)

// text is the notebook of a document as a file has it.
func text(t *testing.T, d *Document) string {
	t.Helper()
	b, err := d.Notebook().Encode()
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func parse(t *testing.T, s string) *nbformat.Notebook {
	t.Helper()
	nb, err := nbformat.Parse([]byte(s))
	if err != nil {
		t.Fatal(err)
	}
	return nb
}

// notebook makes a notebook of code cells with the ids a, b, c…
func notebook(sources ...string) *nbformat.Notebook {
	nb := &nbformat.Notebook{Minor: 5, Metadata: map[string]any{}}
	for i, s := range sources {
		nb.Cells = append(nb.Cells, &nbformat.Cell{Type: nbformat.Code, ID: string(rune('a' + i)), Metadata: map[string]any{}, Source: s})
	}
	return nb
}

// must applies what an operation gave.
func must(t *testing.T, d *Document) func(Change, error) Change {
	return func(ch Change, err error) Change {
		t.Helper()
		if err == nil {
			err = d.Apply(ch)
		}
		if err != nil {
			t.Fatal(err)
		}
		return ch
	}
}

// shape is the cells of a document in short.
func shape(d *Document) string {
	var parts []string
	for _, c := range d.cells {
		parts = append(parts, fmt.Sprintf("%s:%q", c.id, c.source()))
	}
	return strings.Join(parts, " ")
}

func TestCellsAreSplitAndMerged(t *testing.T) {
	nb := notebook("a😀 := 1\n\nb := 2\n", "c")
	count := 3
	nb.Cells[0].ExecutionCount = &count
	nb.Cells[0].Outputs = []*nbformat.Output{{Type: nbformat.Stream, Name: "stdout", Text: "x"}}
	d := NewDocument(nb)
	do := must(t, d)
	do(d.Split("a", []int{8}))
	if got := len(d.cells); got != 3 {
		t.Fatalf("%d cells, want 3", got)
	}
	if first, last := d.cells[0], d.cells[1]; first.source() != "a😀 := 1" || last.source() != "b := 2" || last.id != "a" || len(last.outputs) != 1 || len(first.outputs) != 0 {
		t.Errorf("split into %s", shape(d))
	}
	if _, err := d.Split("a", []int{99}); err == nil {
		t.Error("split past the end of the source")
	}
	do(d.Merge([]string{"a", d.cells[0].id}))
	if got, want := d.cells[0].source(), "a😀 := 1\n\nb := 2"; got != want || len(d.cells) != 2 {
		t.Errorf("merged into %q, want %q", got, want)
	}
	do(d.SetType([]string{"b"}, nbformat.Markdown))
	if c := d.byID["b"]; c.file.Type != nbformat.Markdown {
		t.Errorf("its type is %s", c.file.Type)
	}
}

func TestAnEditOfAnOldVersionIsStale(t *testing.T) {
	d := NewDocument(notebook("x"))
	must(t, d)(d.Edit("a", 0, []ChangeSet{Replacement("x", "y")}))
	if _, err := d.Edit("a", 0, []ChangeSet{Replacement("x", "z")}); err != ErrStale {
		t.Errorf("the error is %v, want ErrStale", err)
	}
	if got := d.byID["a"]; got.source() != "y" || got.version != 1 {
		t.Errorf("it is %q, version %d", got.source(), got.version)
	}
}

func TestWhatIsNotEditedStaysByteForByte(t *testing.T) {
	const file = `{
 "cells": [
  {
   "cell_type": "code",
   "execution_count": null,
   "extra": 1.0,
   "metadata": {
    "b": 1e5,
    "a": "é<>&"
   },
   "outputs": [],
   "source": [
    "x\r\n",
    "y\r",
    "z"
   ]
  },
  {
   "cell_type": "markdown",
   "metadata": {},
   "source": []
  }
 ],
 "metadata": {},
 "nbformat": 4,
 "nbformat_minor": 4
}
`
	nb := parse(t, file)
	before, err := nb.Encode()
	if err != nil {
		t.Fatal(err)
	}
	d := NewDocument(nb)
	if d.cells[0].source() != "x\ny\nz" {
		t.Errorf("editors see %q", d.cells[0].source())
	}
	if got := text(t, d); got != string(before) {
		t.Errorf("got %s\nwant %s", got, before)
	}
	must(t, d)(d.Edit(d.cells[1].id, 0, []ChangeSet{Replacement("", "m")}))
	if got, want := text(t, d), strings.Replace(string(before), "\"source\": []", "\"source\": [\n    \"m\"\n   ]", 1); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

// randomChange gives a change that some operation on d with chance parameters gives,
// if it is possible.
func randomChange(d *Document, rng *rand.Rand) (Change, error) {
	id := func() string {
		if len(d.cells) == 0 {
			return "none"
		}
		return d.cells[rng.IntN(len(d.cells))].id
	}
	some := func() []string { return []string{id(), id()} }
	c, op := d.byID[id()], rng.IntN(14)
	switch {
	case op == 0 || c == nil:
		return d.Insert(rng.IntN(5), NewCell{Type: nbformat.Code, Source: randomText(rng)})
	case op == 1:
		return d.Delete(some())
	case op == 2:
		return d.Undo()
	case op == 13:
		return d.Redo()
	case op == 3:
		return d.Move(some(), rng.IntN(5))
	case op == 4:
		return d.SetType([]string{c.id}, []string{nbformat.Code, nbformat.Markdown, nbformat.Raw}[rng.IntN(3)])
	case op == 5:
		return d.Split(c.id, []int{rng.IntN(Units(c.source()) + 1)})
	case op == 6:
		return d.Merge(some())
	case op == 7:
		return d.SetMetadata(c.id, map[string]any{"n": json.Number(fmt.Sprint(rng.IntN(9)))})
	case op == 8:
		return d.Clear(nil)
	case op == 9 && c.file.Type == nbformat.Code:
		return d.recordStream(c, "stdout", randomText(rng)+"x")[0], nil
	case op == 10 && c.file.Type == nbformat.Code:
		o := newOutput(&nbformat.Output{Type: nbformat.DisplayData, Data: map[string]any{"text/plain": "é"}, Metadata: map[string]any{}})
		return d.recordOutput(c, o)[0], nil
	default:
		return d.Edit(c.id, c.version, []ChangeSet{randomEdit(rng, c.source())})
	}
}

func randomText(rng *rand.Rand) string {
	var b strings.Builder
	for range rng.IntN(6) {
		b.WriteRune([]rune("ab\n😀é")[rng.IntN(5)])
	}
	return b.String()
}

// randomEdit is a change of some part of text.
func randomEdit(rng *rand.Rand, text string) ChangeSet {
	r := []rune(text)
	from := rng.IntN(len(r) + 1)
	to := from + rng.IntN(len(r)-from+1)
	head, gone, tail := string(r[:from]), string(r[from:to]), string(r[to:])
	return ChangeSet{{Length: Units(head)}, {Length: Units(gone), Replace: true, Insert: randomText(rng)}, {Length: Units(tail)}}
}

func TestChangesThatAreWrittenAndReadGiveTheSameDocument(t *testing.T) {
	for seed := range uint64(40) {
		rng := rand.New(rand.NewPCG(seed, 1))
		live, again := NewDocument(notebook("x := 1", "y", "")), NewDocument(notebook("x := 1", "y", ""))
		for step := range 60 {
			ch, err := randomChange(live, rng)
			if err != nil {
				continue
			}
			line, err := json.Marshal(ch)
			if err != nil {
				t.Fatal(err)
			}
			if err := live.Apply(ch); err != nil {
				t.Fatalf("seed %d step %d: %s: %v", seed, step, line, err)
			}
			var read Change
			if err := json.Unmarshal(line, &read); err != nil {
				t.Fatalf("seed %d step %d: %s: %v", seed, step, line, err)
			}
			if err := again.Apply(read); err != nil {
				t.Fatalf("seed %d step %d: %s: %v", seed, step, line, err)
			}
			if a, b := text(t, live), text(t, again); a != b {
				t.Fatalf("seed %d step %d: %s\nlive  %s\nagain %s", seed, step, line, a, b)
			}
			if a, b := versions(live), versions(again); a != b {
				t.Fatalf("seed %d step %d: versions %s and %s", seed, step, a, b)
			}
		}
	}
}

func versions(d *Document) string {
	var b strings.Builder
	for _, c := range d.cells {
		fmt.Fprint(&b, c.id, c.version, " ")
	}
	return b.String()
}

func FuzzChange(f *testing.F) {
	f.Add([]byte(`{"ev":"edit","cell":"a","version":1,"updates":[[1,[0,"y"]]]}`))
	f.Add([]byte(`{"ev":"cells","order":["b","a"],"changed":[{"id":"b","cell_type":"code","source":"z","metadata":{}}]}`))
	f.Add([]byte(`{"ev":"outputs","cell":"a","index":0,"outputs":[{"output_type":"stream","name":"stdout","text":"x"}]}`))
	f.Add([]byte(`{"ev":"stream","cell":"a","index":0,"text":"x"}`))
	f.Fuzz(func(t *testing.T, line []byte) {
		var ch Change
		if json.Unmarshal(line, &ch) != nil {
			return
		}
		d := NewDocument(notebook("x", "y"))
		if d.Apply(ch) == nil {
			_, _ = d.Notebook().Encode() // which may say that it holds no JSON
			for _, c := range d.cells {
				encode(c.view(new(int)))
			}
		}
	})
}

func FuzzJournal(f *testing.F) {
	f.Add([]byte("{\"fanout\":1,\"base\":\"x\"}\n{\"ev\":\"saving\",\"hash\":\"h\",\"mark\":30}\n{\"ev\":\"whole\",\"notebook\":\"e30=\"}\n{\"ev\":\"count\",\"cell\":\"a\"}\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		_, _ = parseJournal(strings.NewReader(string(text)), "h")
	})
}
