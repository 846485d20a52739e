package rooms

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/adabc437/fanout/frontend/nbformat"
)

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

// ranDocument has three cells that ran, and show what they are.
func ranDocument() *Document {
	nb := notebook("1\n2", "3", "4")
	for _, c := range nb.Cells {
		count := 3
		c.ExecutionCount = &count
		c.Outputs = []*nbformat.Output{{Type: nbformat.Stream, Name: "stdout", Text: "of " + c.Source}}
	}
	return NewDocument(nb)
}

func TestPastedCellsShowWhatThoseDidThatWereCopied(t *testing.T) {
	d := ranDocument()
	for _, c := range d.cells[1:] {
		c.trusted = true
	}
	do := must(t, d)
	paste := func(like, kind, source string) *Cell {
		do(d.Insert(len(d.cells), NewCell{Type: kind, Source: source, Like: like}))
		return d.cells[len(d.cells)-1]
	}
	shows := func(c *Cell) string {
		text := fmt.Sprint(c.trusted)
		for _, o := range c.outputs {
			text += " " + o.o.Text
		}
		if c.file.ExecutionCount != nil {
			text += fmt.Sprint(" ", *c.file.ExecutionCount)
		}
		return text
	}
	do(d.Delete([]string{"b"}))
	for _, c := range []struct{ like, kind, source, want string }{
		{"a", nbformat.Code, "1\n2", "false of 1\n2 3"},
		{"b", nbformat.Code, "3", "true of 3 3"}, // which was cut
		{"b", nbformat.Code, "4", "true"},
		{"b", nbformat.Markdown, "3", "true"},
		{"x", nbformat.Code, "3", "true"},
		{"", nbformat.Code, "3", "true"},
	} {
		if got := shows(paste(c.like, c.kind, c.source)); got != c.want {
			t.Errorf("%+v: %q", c, got)
		}
	}
	// What is shown later is shown once.
	copied := paste("c", nbformat.Code, "4")
	d.byID["c"].outputs[0].grow("!")
	if got := shows(copied); got != "true of 4 3" {
		t.Errorf("the copy grows with the first: %q", got)
	}
	d.byID["c"].state.Run = Idle
	// What a notebook may not hold twice is pasted without outputs.
	d.byID["a"].outputs[0].bytes = maxOutputs/2 + 1
	do(d.Insert(0, NewCell{Type: nbformat.Code, Source: "1\n2", Like: "a"}, NewCell{Type: nbformat.Code, Source: "4", Like: "c"}))
	if got := []string{shows(d.cells[0]), shows(d.cells[1])}; got[0] != "true" || !strings.HasPrefix(got[1], "true of 4") {
		t.Errorf("beyond the bound: %q", got)
	}
	d.byID["c"].state.Run = Running
	if got := shows(paste("c", nbformat.Code, "4")); got != "true" {
		t.Errorf("of a cell that runs: %q", got)
	}
}

func TestSplitsAndMergesAreTakenBackUnlessSomebodyWroteSince(t *testing.T) {
	outputs := func(d *Document) (list []int) {
		for _, c := range d.cells {
			list = append(list, len(c.outputs))
		}
		return list
	}
	before := shape(ranDocument())
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
		{"type, with the outputs that it took", func(d *Document, do func(Change, error) Change) { do(d.SetType([]string{"b"}, nbformat.Markdown)) }, before},
		{"type, there and back", func(d *Document, do func(Change, error) Change) {
			do(d.SetType([]string{"b"}, nbformat.Markdown))
			do(d.SetType([]string{"b"}, nbformat.Code))
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
			d := ranDocument()
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

func TestWhatWasTakenBackIsDoneAgainUntilSomethingElseIs(t *testing.T) {
	for _, c := range []struct {
		what string
		op   func(d *Document) (Change, error)
	}{
		{undoDelete, func(d *Document) (Change, error) { return d.Delete([]string{"a", "c"}) }},
		{undoMove, func(d *Document) (Change, error) { return d.Move([]string{"a"}, 2) }},
		{undoSplit, func(d *Document) (Change, error) { return d.Split("a", []int{2}) }},
		{undoMerge, func(d *Document) (Change, error) { return d.Merge([]string{"a", "b"}) }},
		{undoType, func(d *Document) (Change, error) { return d.SetType([]string{"b"}, nbformat.Markdown) }},
		{undoPaste, func(d *Document) (Change, error) {
			return d.Insert(1, NewCell{ID: "e", Type: nbformat.Code, Source: "x"})
		}},
	} {
		t.Run(c.what, func(t *testing.T) {
			d := ranDocument()
			do := must(t, d)
			before := text(t, d)
			do(c.op(d))
			after := text(t, d)
			for range 2 {
				do(d.Undo())
				if got := text(t, d); got != before {
					t.Fatalf("taken back, it is\n%s\nwant\n%s", got, before)
				}
				if ch := do(d.Redo()); ch.Undo != c.what {
					t.Errorf("it says that it did the %s again", ch.Undo)
				}
				if got := text(t, d); got != after {
					t.Fatalf("done again, it is\n%s\nwant\n%s", got, after)
				}
			}
			if _, err := d.Redo(); err == nil {
				t.Error("more was done again than was taken back")
			}
			do(d.Undo())
			do(d.Delete([]string{"b"}))
			if _, err := d.Redo(); err == nil {
				t.Error("it was done again after something else")
			}
		})
	}
}

func TestACellThatWasWrittenInSinceIsNotTakenAgain(t *testing.T) {
	d := NewDocument(notebook("1", "2"))
	do := must(t, d)
	do(d.Delete([]string{"b"}))
	do(d.Undo())
	do(d.Edit("b", 0, []ChangeSet{Replacement("2", "mine")}))
	if _, err := d.Redo(); err == nil {
		t.Errorf("the cells are %s", shape(d))
	}
}

// A picture that is attached to a Markdown cell is there again when its change to code is
// taken back, also once it ran as code; what it showed then is not.
func TestAChangeOfTypeGivesAttachmentsBackAfterARun(t *testing.T) {
	d := NewDocument(notebook("1"))
	do := must(t, d)
	do(d.SetType([]string{"a"}, nbformat.Markdown))
	picture := map[string]any{"p.png": map[string]any{"image/png": "AAAA"}}
	d.byID["a"].file.Attachments = picture
	do(d.SetType([]string{"a"}, nbformat.Code))
	if d.byID["a"].file.Attachments != nil {
		t.Fatal("a code cell has attachments")
	}
	count := 1
	do(Change{Ev: evOutputs, Cell: "a", Outputs: []*output{newOutput(&nbformat.Output{Type: nbformat.Stream, Name: "stdout", Text: "x"})}}, nil)
	d.byID["a"].file.ExecutionCount = &count
	do(d.Undo())
	c := d.byID["a"]
	if c.file.Type != nbformat.Markdown || c.file.Attachments["p.png"] == nil {
		t.Errorf("the %s cell has the attachments %v", c.file.Type, c.file.Attachments)
	}
	if len(c.outputs) > 0 || c.file.ExecutionCount != nil {
		t.Errorf("a Markdown cell has %d outputs and the count %v", len(c.outputs), c.file.ExecutionCount)
	}
}

func TestSeveralCellsArePastedAndChangedAsOneStep(t *testing.T) {
	d := NewDocument(notebook("1", "2"))
	do := must(t, d)
	before := shape(d)
	if _, err := d.Insert(0, NewCell{ID: "x", Type: nbformat.Code}, NewCell{ID: "x", Type: nbformat.Code}); err == nil {
		t.Error("two cells got one id")
	}
	do(d.Insert(1, NewCell{ID: "x", Type: nbformat.Code, Source: "p"}, NewCell{ID: "y", Type: nbformat.Raw, Source: "q"}))
	if got, want := shape(d), `a:"1" x:"p" y:"q" b:"2"`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	do(d.SetType([]string{"a", "y"}, nbformat.Markdown))
	do(d.Undo())
	if a, y := d.byID["a"].file.Type, d.byID["y"].file.Type; a != nbformat.Code || y != nbformat.Raw {
		t.Errorf("the cells are %s and %s, want code and raw", a, y)
	}
	do(d.Undo())
	if got := shape(d); got != before {
		t.Errorf("got %s, want %s", got, before)
	}
}
