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

func TestACutIsBetweenCharactersAndSaysWhereInUnits(t *testing.T) {
	o := newOutput(&nbformat.Output{Type: nbformat.Stream, Name: "stdout", Text: "a" + strings.Repeat("😀", maxView)})
	var view struct {
		Text string
		Cut  struct{ At int }
	}
	if err := json.Unmarshal(o.view(), &view); err != nil {
		t.Fatal(err)
	}
	head, err := advance(view.Text, 0, view.Cut.At)
	if err != nil || head <= viewHead-4 || head > viewHead || strings.ContainsRune(view.Text, '\ufffd') {
		t.Errorf("the rest was at %d, byte %d of %d: %v", view.Cut.At, head, len(view.Text), err)
	}
}
