package rooms

import (
	"slices"
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

func TestWhatWasTakenBackIsDoneAgainUntilSomethingElseIs(t *testing.T) {
	count := 3
	fresh := func() *Document {
		nb := notebook("1\n2", "3", "4")
		for _, c := range nb.Cells {
			c.ExecutionCount = &count
			c.Outputs = []*nbformat.Output{{Type: nbformat.Stream, Name: "stdout", Text: "of " + c.Source}}
		}
		return NewDocument(nb)
	}
	for _, c := range []struct {
		what string
		op   func(d *Document) (Change, error)
	}{
		{undoDelete, func(d *Document) (Change, error) { return d.Delete([]string{"a", "c"}) }},
		{undoMove, func(d *Document) (Change, error) { return d.Move([]string{"a"}, 2) }},
		{undoSplit, func(d *Document) (Change, error) { return d.Split("a", []int{2}) }},
		{undoMerge, func(d *Document) (Change, error) { return d.Merge([]string{"a", "b"}) }},
		{undoType, func(d *Document) (Change, error) { return d.SetType("b", nbformat.Markdown) }},
		{undoPaste, func(d *Document) (Change, error) {
			return d.Insert(1, NewCell{ID: "e", Type: nbformat.Code, Source: "x"})
		}},
	} {
		t.Run(c.what, func(t *testing.T) {
			d := fresh()
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
