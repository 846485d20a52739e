package rooms

import (
	"math/rand/v2"
	"slices"
	"testing"
)

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
