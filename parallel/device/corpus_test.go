package device

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/adabc437/fanout/parallel/device/backend"
	"github.com/adabc437/fanout/parallel/device/ir/irtest"
	"github.com/adabc437/fanout/parallel/device/translate/corpus"
)

// TestCorpus runs the functions of the corpus on each device, on arguments that are drawn
// afresh, and holds them against Go.
func TestCorpus(t *testing.T) {
	seed := rand.Uint64()
	each(t, func(t *testing.T, d *Device) {
		source, err := corpus.Load()
		if err != nil {
			t.Fatal(err)
		}
		calls := irtest.NewCalls()
		var done []*corpusCall
		for _, c := range corpus.Cases() {
			u, err := source.Translate(c.Name)
			if err != nil {
				t.Fatal(err)
			}
			var captures []any
			for _, x := range u.Captures {
				captures = append(captures, corpus.Captured()[x.Var.Name()])
			}
			f := calls.Add(u.Program, u.Func, captures...)
			done = append(done, corpusCalls(c, seed, calls, f)...)
		}
		if err := calls.Run(t.Context(), d); err != nil {
			t.Fatal(err)
		}
		wrong := map[string]int{}
		for _, c := range done {
			if err := c.check(); err != nil {
				if wrong[c.Name]++; wrong[c.Name] <= 3 {
					t.Errorf("seed %d: %v", seed, err)
				}
			}
		}
		t.Logf("%d functions, %d calls", len(corpus.Cases()), len(done))
	})
}

// A corpusCall is a call of a function of the corpus, and what Go makes of it.
type corpusCall struct {
	corpus.Case
	call  *irtest.Call
	text  string // of the call
	args  []any  // after it, in Go
	want  []any
	fault string
}

// corpusCalls calls a function in Go, and adds the same calls for the device: 100 that go
// well, at most, and 10 that fail.
func corpusCalls(c corpus.Case, seed uint64, calls *irtest.Calls, f int) (list []*corpusCall) {
	r, again := rand.New(rand.NewPCG(seed, 0)), rand.New(rand.NewPCG(seed, 0))
	good, bad := 0, 0
	for range 300 {
		k := &corpusCall{Case: c, args: c.Arguments(r), call: &irtest.Call{Args: c.Arguments(again)}}
		k.text = fmt.Sprintf("%s(%v)", c.Name, k.args)
		k.want, k.fault = c.Call(k.args)
		if k.call.Fails = k.fault != ""; k.call.Fails {
			bad++
		} else {
			good++
		}
		if k.call.Fails && bad > 10 || !k.call.Fails && good > 100 {
			continue
		}
		for i := range reflect.TypeOf(c.Func).NumOut() {
			k.call.Results = append(k.call.Results, reflect.New(reflect.TypeOf(c.Func).Out(i)).Interface())
		}
		calls.Call(f, k.call)
		list = append(list, k)
	}
	return list
}

// check says how the device's results differ from Go's.
func (k *corpusCall) check() error {
	var f *backend.FaultError
	switch {
	case k.fault != "" && (!errors.As(k.call.Err, &f) || !corpus.SameFault(f, k.fault)):
		return fmt.Errorf("%s: %v, want the fault %q", k.text, k.call.Err, k.fault)
	case k.fault != "":
		return nil
	case k.call.Err != nil:
		return fmt.Errorf("%s: %v, want %v", k.text, k.call.Err, k.want)
	}
	for i := range k.args {
		if !corpus.Same(k.call.Args[i], k.args[i]) {
			return fmt.Errorf("%s: argument %d becomes %v, want %v", k.text, i, k.call.Args[i], k.args[i])
		}
	}
	for i, want := range k.want {
		if got := reflect.ValueOf(k.call.Results[i]).Elem().Interface(); !k.Same(got, want) {
			return fmt.Errorf("%s: result %d is %v, want %v", k.text, i, got, want)
		}
	}
	return nil
}
