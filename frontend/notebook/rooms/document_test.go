package rooms

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/adabc437/fanout/frontend/nbformat"
	"github.com/adabc437/fanout/interp/session"
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

func TestCellsAreMovedDeletedAndBroughtBack(t *testing.T) {
	d := NewDocument(notebook("1", "2", "3", "4"))
	do := must(t, d)
	check := func(want string) {
		t.Helper()
		if got := shape(d); got != want {
			t.Fatalf("got  %s\nwant %s", got, want)
		}
	}
	do(d.Move([]string{"d", "a"}, 1))
	check(`b:"2" a:"1" d:"4" c:"3"`)
	do(d.Delete([]string{"b", "d"}))
	check(`a:"1" c:"3"`)
	do(d.Delete([]string{"a"}))
	do(d.Undo())
	check(`a:"1" c:"3"`)
	do(d.Undo())
	check(`b:"2" a:"1" d:"4" c:"3"`)
	do(d.Undo())
	check(`a:"1" b:"2" c:"3" d:"4"`)
	if _, err := d.Undo(); err == nil {
		t.Error("there was one step more to take back than there were")
	}
	do(d.Move([]string{"d", "a"}, 1))
	do(d.Insert(99, NewCell{ID: "e", Type: nbformat.Markdown, Source: "# x\r\ny"}))
	check(`b:"2" a:"1" d:"4" c:"3" e:"# x\ny"`)
	if _, err := d.Insert(0, NewCell{ID: "e", Type: nbformat.Code}); err == nil {
		t.Error("an id was given to two cells")
	}
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
	do(d.SetType("b", nbformat.Markdown))
	if c := d.byID["b"]; c.file.Type != nbformat.Markdown {
		t.Errorf("its type is %s", c.file.Type)
	}
}

func TestSplitsAndMergesAreTakenBackUnlessSomebodyWroteSince(t *testing.T) {
	count := 3
	fresh := func() *Document {
		nb := notebook("1\n2", "3", "4")
		for _, c := range nb.Cells {
			c.ExecutionCount = &count
			c.Outputs = []*nbformat.Output{{Type: nbformat.Stream, Name: "stdout", Text: "of " + c.Source}}
		}
		return NewDocument(nb)
	}
	outputs := func(d *Document) (list []int) {
		for _, c := range d.cells {
			list = append(list, len(c.outputs))
		}
		return list
	}
	before := shape(fresh())
	for _, c := range []struct {
		what string
		ops  func(d *Document, do func(Change, error) Change)
		want string
	}{
		{"split", func(d *Document, do func(Change, error) Change) { do(d.Split("a", []int{2})) }, before},
		{"merge", func(d *Document, do func(Change, error) Change) { do(d.Merge([]string{"a", "b", "c"})) }, before},
		{"merge of a split", func(d *Document, do func(Change, error) Change) {
			do(d.Split("a", []int{2}))
			do(d.Merge([]string{d.cells[0].id, "a", "c"}))
			do(d.Undo())
		}, before},
		{"move, with a cell that is new since", func(d *Document, do func(Change, error) Change) {
			do(d.Move([]string{"a"}, 2))
			do(d.Insert(1, NewCell{ID: "e", Type: nbformat.Code}))
		}, `a:"1\n2" b:"3" e:"" c:"4"`},
		{"type, with the outputs that it took", func(d *Document, do func(Change, error) Change) { do(d.SetType("b", nbformat.Markdown)) }, before},
		{"type, there and back", func(d *Document, do func(Change, error) Change) {
			do(d.SetType("b", nbformat.Markdown))
			do(d.SetType("b", nbformat.Code))
			do(d.Undo())
		}, before},
		{"paste, which leaves no second cell", func(d *Document, do func(Change, error) Change) {
			do(d.Delete([]string{"b"}))
			do(d.Insert(2, NewCell{ID: "e", Type: nbformat.Code, Source: "3"}))
			do(d.Undo())
		}, before},
		{"merge that was edited, above a deletion", func(d *Document, do func(Change, error) Change) {
			do(d.Delete([]string{"c"}))
			do(d.Merge([]string{"a", "b"}))
			do(d.Edit("a", d.byID["a"].version, []ChangeSet{Replacement("1\n2\n\n3", "mine")}))
		}, `a:"mine" c:"4"`},
	} {
		t.Run(c.what, func(t *testing.T) {
			d := fresh()
			do := must(t, d)
			c.ops(d, do)
			do(d.Undo())
			if got := shape(d); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			if got := outputs(d); c.want == before && !slices.Equal(got, []int{1, 1, 1}) {
				t.Errorf("the cells have %v outputs, want one each", got)
			}
			if _, err := d.Undo(); err == nil {
				t.Error("more was taken back than was done")
			}
		})
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
	c, op := d.byID[id()], rng.IntN(13)
	switch {
	case op == 0 || c == nil:
		return d.Insert(rng.IntN(5), NewCell{Type: nbformat.Code, Source: randomText(rng)})
	case op == 1:
		return d.Delete(some())
	case op == 2:
		return d.Undo()
	case op == 3:
		return d.Move(some(), rng.IntN(5))
	case op == 4:
		return d.SetType(c.id, []string{nbformat.Code, nbformat.Markdown, nbformat.Raw}[rng.IntN(3)])
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

// TestOutputsAreRecordedAsByTheRecorder compares with the recorder of package
// nbformat, which is compared with Jupyter's.
func TestOutputsAreRecordedAsByTheRecorder(t *testing.T) {
	for seed := range uint64(60) {
		rng := rand.New(rand.NewPCG(seed, 2))
		var recorder nbformat.Recorder
		want := notebook("1", "2")
		d := NewDocument(notebook("1", "2"))
		for range 30 {
			i := rng.IntN(2)
			c := d.cells[i]
			e := session.Event{Data: map[string]any{"text/plain": fmt.Sprint(rng.IntN(99))}, Metadata: map[string]any{}}
			var list []Change
			switch rng.IntN(6) {
			case 0, 1:
				e = session.Event{Kind: session.Stream, Name: []string{"stdout", "stderr"}[rng.IntN(2)], Text: "x"}
				list = d.recordStream(c, e.Name, e.Text)
			case 2:
				e = session.Event{Kind: session.Clear, Wait: rng.IntN(2) == 0}
				list = d.recordClear(c, e.Wait)
			case 3:
				e.Kind, e.DisplayID = session.Update, "x"
				list = d.recordUpdate("x", e.Data, e.Metadata)
			default:
				e.Kind, e.DisplayID = session.Display, []string{"", "x", "y"}[rng.IntN(3)]
				o := newOutput(&nbformat.Output{Type: nbformat.DisplayData, Data: e.Data, Metadata: e.Metadata})
				o.display = e.DisplayID
				list = d.recordOutput(c, o)
			}
			recorder.Emit(want.Cells[i], 1, e)
			for _, ch := range list {
				if err := d.Apply(ch); err != nil {
					t.Fatal(err)
				}
			}
			a, b := text(t, d), text(t, NewDocument(want))
			if a != b {
				t.Fatalf("seed %d after %+v:\ngot  %s\nwant %s", seed, e, a, b)
			}
		}
	}
}

// A peer is an editor that shows a cell, as @codemirror/collab has it: its own edits
// show at once, and are rebased on those that the server took before them.
type peer struct {
	version int
	base    string      // the text at version
	mine    []ChangeSet // not confirmed
}

func (p *peer) text(t *testing.T) string {
	t.Helper()
	s := p.base
	for _, c := range p.mine {
		var err error
		if s, err = c.Apply(s); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// receive takes an edit of the server: the peer's own, or another's.
func (p *peer) receive(t *testing.T, ch Change, own bool) {
	t.Helper()
	for _, u := range ch.Updates {
		base, err := u.Apply(p.base)
		if err != nil {
			t.Fatal(err)
		}
		p.base, p.version = base, p.version+1
		if own {
			p.mine = p.mine[1:]
			continue
		}
		over := u
		for i, m := range p.mine {
			p.mine[i], over = rebase(m, over, false), rebase(over, m, true)
		}
	}
}

// rebase gives a, which was made of the same text as b, as a change of what b made.
// first says that what a inserts comes before what b inserts at the same place.
func rebase(a, b ChangeSet, first bool) ChangeSet {
	var out ChangeSet
	a, b = slices.Clone(a), slices.Clone(b)
	done := func(s Section) bool { return s.Length == 0 && s.Insert == "" }
	for len(a) > 0 || len(b) > 0 {
		inserts := len(a) > 0 && a[0].Insert != ""
		switch {
		case len(a) > 0 && done(a[0]):
			a = a[1:]
		case len(b) > 0 && done(b[0]):
			b = b[1:]
		case len(b) > 0 && b[0].Insert != "" && !(first && inserts):
			out = append(out, Section{Length: Units(b[0].Insert)})
			b[0].Insert = ""
		case inserts:
			out = append(out, Section{Replace: true, Insert: a[0].Insert})
			a[0].Insert = ""
		default:
			n := min(a[0].Length, b[0].Length)
			if !b[0].Replace {
				out = append(out, Section{Length: n, Replace: a[0].Replace})
			}
			a[0].Length -= n
			b[0].Length -= n
		}
	}
	return out
}

func TestEditorsThatRebaseComeToTheSameText(t *testing.T) {
	for seed := range uint64(200) {
		rng := rand.New(rand.NewPCG(seed, 3))
		d := NewDocument(notebook("start 😀\nend"))
		c := d.cells[0]
		peers := []*peer{{base: c.source()}, {base: c.source()}}
		var log []Change // all edits, and by whom
		var by []int
		catchUp := func(i int) {
			for n, ch := range log {
				if ch.Version > peers[i].version {
					peers[i].receive(t, ch, by[n] == i)
				}
			}
		}
		for range 80 {
			i := rng.IntN(2)
			p := peers[i]
			switch rng.IntN(3) {
			case 0:
				p.mine = append(p.mine, randomEdit(rng, p.text(t)))
			case 1:
				catchUp(i)
			case 2:
				if len(p.mine) == 0 {
					continue
				}
				ch, err := d.Edit("a", p.version, slices.Clone(p.mine))
				if err == ErrStale {
					catchUp(i)
					continue
				}
				if err != nil {
					t.Fatalf("seed %d: %v", seed, err)
				}
				must(t, d)(ch, nil)
				log, by = append(log, ch), append(by, i)
			}
		}
		for i, p := range peers {
			catchUp(i)
			p.mine = nil // those that were never sent
			if got := p.text(t); got != d.byID["a"].source() {
				t.Fatalf("seed %d: peer %d has %q, the server %q", seed, i, got, d.byID["a"].source())
			}
		}
	}
}

func TestLargeOutputsAreCut(t *testing.T) {
	long := strings.Repeat("é", maxView)
	for _, o := range []nbformat.Output{
		{Type: nbformat.Stream, Name: "stdout", Text: long},
		{Type: nbformat.Error, EName: "E", EValue: "v", Traceback: []string{long}},
		{Type: nbformat.DisplayData, Data: map[string]any{"text/plain": long, "text/html": long, "image/png": "abc"}},
	} {
		out := newOutput(&o)
		var v struct {
			Text string
			Data map[string]any
			Cut  struct{ Bytes int }
		}
		if err := json.Unmarshal(out.view(), &v); err != nil {
			t.Fatal(err)
		}
		if len(out.view()) > maxView || v.Cut.Bytes < len(long) {
			t.Errorf("%s: %d bytes are sent, of %d", o.Type, len(out.view()), v.Cut.Bytes)
		}
		if len(out.whole()) < len(long) {
			t.Errorf("%s: whole it has %d bytes", o.Type, len(out.whole()))
		}
		if o.Type == nbformat.DisplayData && (v.Data["image/png"] != "abc" || v.Data["text/plain"] == nil || v.Data["text/html"] != nil) {
			t.Errorf("what fits is %v", v.Data)
		}
	}
}

// Pages are told the size of outputs that do not fit into one message, and get them when they
// ask; errors, and what is smaller than its size, they get at once.
func TestOutputsBeyondWhatOneMessageHoldsComeLater(t *testing.T) {
	source := &nbformat.Cell{Type: nbformat.Code, Outputs: []*nbformat.Output{
		{Type: nbformat.Stream, Name: "stdout", Text: strings.Repeat("line\n", 1000)},
		{Type: nbformat.DisplayData, Data: map[string]any{"image/png": strings.Repeat("x", 1000), "text/plain": "p"}},
		{Type: nbformat.Error, EName: "Interrupted", EValue: strings.Repeat("e", 1000)},
		{Type: nbformat.Stream, Name: "stdout", Text: "1"},
		{Type: nbformat.Stream, Name: "stderr", Text: "a\nb\n" + strings.Repeat("c", 1000)},
	}}
	later := func(room int) (list []string) {
		var v struct {
			Outputs []struct {
				Later struct {
					Bytes, Lines int
					Types        []string
				}
			}
		}
		if err := json.Unmarshal(encode(newCell("a", source, 0, true).view(&room)), &v); err != nil {
			t.Fatal(err)
		}
		for _, o := range v.Outputs {
			if o.Later.Bytes == 0 {
				list = append(list, "sent")
			} else {
				list = append(list, fmt.Sprint(o.Later.Lines, o.Later.Types))
			}
		}
		return list
	}
	for room, want := range map[int][]string{
		10_000: {"sent", "sent", "sent", "sent", "sent"},
		6_000:  {"sent", "0 [image/png text/plain]", "sent", "sent", "3 []"},
		0:      {"100 []", "0 [image/png text/plain]", "sent", "sent", "3 []"},
	} {
		if got := later(room); !slices.Equal(got, want) {
			t.Errorf("in %d bytes: %q, want %q", room, got, want)
		}
	}
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
