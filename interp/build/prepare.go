package build

import (
	"context"
	"fmt"
	"unsafe"
)

// prepare finds the best way that works, by building something small.
func (t *Toolchain) prepare(ctx context.Context, ways []way) {
	defer close(t.ready)
	if t.choose(ctx, ways) {
		t.saveState()
		go t.exports.listAll(ctx)
	}
}

// choose sets way, or fail.
func (t *Toolchain) choose(ctx context.Context, ways []way) bool {
	for _, w := range ways {
		err := t.tryOut(ctx, w)
		if err == nil {
			t.way, t.fail = w, nil
			return true
		}
		if ctx.Err() != nil {
			t.fail = ctx.Err()
			return false
		}
		t.log.Warn("a way of building does not work", "way", w.name(), "err", err)
		if t.fail == nil {
			t.why = fmt.Sprintf("%s: %v", w.name(), err)
		}
		t.fail = fmt.Errorf("build: the %s way does not work: %w", w.name(), err)
	}
	return false
}

// tryOut builds something in a way, and runs it. Only loading and running can crash
// this process, so that only these are on record: who is killed while it compiles,
// which may take long, has nothing to say against the way.
func (t *Toolchain) tryOut(ctx context.Context, w way) error {
	p := selfTestPackage(w)
	if !t.kept(w, p) {
		if _, _, err := t.make(ctx, w, t.key(w, p, nil), p); err != nil {
			return err
		}
	}
	done, err := t.store.begin("try-"+w.name(), 2)
	if err != nil {
		return err
	}
	defer done()
	return t.selfTest(ctx, w, p)
}

func selfTestPackage(w way) Package {
	return Package{Path: "selftest/" + w.name(), Source: []byte(selfTestSource), Imports: []string{"errors", "fmt"}}
}

const selfTestSource = `package main

import (
	"errors"
	"fmt"
)

type T struct{ X, Y int }

func (t *T) String() string { return fmt.Sprint(t.X + t.Y) }

var Seen = map[string]int{}

func Run() (s string) {
	defer func() {
		Seen[s]++
		s = fmt.Sprintf("%v %v %T %v", recover() != nil, Seen, &T{}, &T{40, 2})
	}()
	panic(errors.New("x"))
}
`

// selfTest loads and runs a package that was built in a way.
func (t *Toolchain) selfTest(ctx context.Context, w way, p Package) error {
	i, err := t.build(ctx, w, p)
	if err != nil {
		return err
	}
	f, ok := i.Symbol("Run")
	if !ok {
		return fmt.Errorf("the function Run of the test is not found")
	}
	code := &f
	run := *(*func() string)(unsafe.Pointer(&code))
	if got, want := run(), "true map[:1] *main.T 42"; got != want {
		return fmt.Errorf("the test returned %q, not %q", got, want)
	}
	return nil
}
