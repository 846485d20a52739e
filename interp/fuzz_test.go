package interp

import (
	"context"
	"flag"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"github.com/adabc437/fanout/interp/cell"
	"github.com/adabc437/fanout/interp/lower"
	"github.com/adabc437/fanout/interp/session"
)

// seed adds the cells of the sessions in testdata: a third of them, and where a fuzzer is
// to go on from there, some others each time. It runs them all before it begins.
func seed(f *testing.F, add func(code string)) {
	every, first := 3, 1
	if flag.Lookup("test.fuzz").Value.String() != "" {
		every = 20
		first = rand.IntN(every)
	}
	n := 0
	files, _ := filepath.Glob("testdata/sessions/*.txt")
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		for step := range strings.SplitSeq(string(text), cellMark) {
			if code, _, ok := strings.Cut(step, givesMark); ok && n%every == first {
				add(code)
			}
			n++
		}
	}
}

// fuzzed is the session of a fuzz target. Nothing runs in it.
var fuzzed = sync.OnceValue(func() *Interp {
	i, err := New(Options{Workers: 1})
	if err != nil {
		panic(err)
	}
	for _, code := range []string{"x := 1\ntype T struct{ a int }\nfunc (t T) Get() int { return t.a }\nfunc f(n int) int { return n + x }\nvar t T", "func g() int { return f(1) + t.Get() }"} {
		if reply, err := i.Execute(context.Background(), session.Cell{Code: code, Number: 1}, discard{}); err != nil || reply.Err != nil {
			panic(reply.Err)
		}
	}
	return i
})

// FuzzPipeline takes any text through all stages but the last: nothing panics,
// and errors lie in the cell.
func FuzzPipeline(f *testing.F) {
	seed(f, func(code string) { f.Add(code) })
	f.Fuzz(func(t *testing.T, code string) {
		i := fuzzed()
		i.mu.Lock()
		defer i.mu.Unlock()
		r := &run{interp: i, cell: session.Cell{Code: code, Number: 7}, ctx: context.Background(), out: discard{}, id: 1}
		pieces := cell.Split(code, i.takes)
		if len(pieces) == 1 && pieces[0].Kind == cell.CellMagic {
			return
		}
		src, d := r.source(pieces)
		if d != nil {
			return
		}
		chunks, errs := cell.Chunks(r.file(), src)
		if len(errs) > 0 || len(chunks) == 0 {
			return
		}
		unit, d := r.check(chunks, nil)
		if d != nil {
			if p := d.Pos; p != nil && p.Cell == 7 && (p.Line < 1 || p.Line > 1+strings.Count(code, "\n") || p.Column < 1) {
				t.Fatalf("the place %v is not in %q", p, code)
			}
			return
		}
		opt := lower.Options{Entry: "__cell_1", Run: 1, Calls: map[string]int{}, Predeclared: i.pre.objects, Generic: hasGeneric}
		for n, s := range r.sites {
			opt.Calls[s.name] = n
		}
		_, _ = lower.Lower(unit, i.scope.Clone(), opt)
	})
}

// FuzzAsk asks at any place of any text: nothing panics, and what completion
// offers stands between rune boundaries before the cursor.
func FuzzAsk(f *testing.F) {
	n := 0
	seed(f, func(code string) { n += 7; f.Add(code, n%(len(code)+1)) })
	f.Fuzz(func(t *testing.T, code string, offset int) {
		if !utf8.ValidString(code) { // the kernel converts, and sends none
			return
		}
		if offset >= 0 && offset < len(code) && !utf8.RuneStart(code[offset]) {
			return
		}
		i := fuzzed()
		c, err := i.Complete(context.Background(), code, offset)
		if err != nil || c.Start < 0 || c.Start > c.End || c.End > len(code) {
			t.Fatalf("%q at %d: %d to %d, %v", code, offset, c.Start, c.End, err)
		}
		if !utf8.ValidString(code[:c.Start]) || !utf8.ValidString(code[:c.End]) {
			t.Fatalf("%q at %d: %d to %d cuts a rune", code, offset, c.Start, c.End)
		}
		if _, err := i.Inspect(context.Background(), code, offset, 1); err != nil {
			t.Fatal(err)
		}
	})
}
