package corpus_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/adabc437/fanout/parallel/device/backend"
	"github.com/adabc437/fanout/parallel/device/cpu"
	"github.com/adabc437/fanout/parallel/device/ir"
	"github.com/adabc437/fanout/parallel/device/translate/corpus"
)

// TestSameAsGo runs each function translated and compiled, for arguments that are drawn afresh.
func TestSameAsGo(t *testing.T) {
	c, err := corpus.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range corpus.Cases() {
		t.Run(k.Name, func(t *testing.T) {
			u, err := c.Translate(k.Name)
			if err != nil {
				t.Fatal(err)
			}
			seed := rand.Uint64()
			source := func() *rand.Rand { return rand.New(rand.NewPCG(seed, 0)) }
			r, again, third := source(), source(), source()
			faults := 0
			for n := 0; n < 300 || n == faults && n < 30_000; n++ {
				args, copied, before := k.Arguments(r), k.Arguments(again), k.Arguments(third)
				want, fault := k.Call(args)
				if fault != "" {
					faults++
				}
				got := make([]any, len(want))
				if fault != "" {
					got = make([]any, reflect.TypeOf(k.Func).NumOut())
				}
				for i := range got {
					got[i] = reflect.New(reflect.TypeOf(k.Func).Out(i)).Interface()
				}
				all := append([]any(nil), copied...)
				for _, x := range u.Captures {
					all = append(all, corpus.Captured()[x.Var.Name()])
				}
				err := cpu.Call(context.Background(), u.Program, u.Func.Name, got, all...)
				var f *backend.FaultError
				switch {
				case fault != "" && (!errors.As(err, &f) || !corpus.SameFault(f, fault)):
					t.Fatalf("seed %d: %s(%v): %v, want the fault %q\n%s", seed, k.Name, args, err, fault, ir.Text(u.Program))
				case fault != "":
					continue
				case err != nil:
					t.Fatalf("seed %d: %s(%v): %v, want %v\n%s", seed, k.Name, args, err, want, ir.Text(u.Program))
				}
				for i := range args {
					if !corpus.Same(args[i], copied[i]) {
						t.Fatalf("seed %d: %s: argument %d is %v, want %v\n%s", seed, k.Name, i, copied[i], args[i], ir.Text(u.Program))
					}
				}
				for i, p := range u.Func.Params[:len(args)] {
					if !p.Written && !corpus.Same(args[i], before[i]) {
						t.Fatalf("%s changes %s, and the program does not say so\n%s", k.Name, p.Name, ir.Text(u.Program))
					}
				}
				for i := range want {
					if g := reflect.ValueOf(got[i]).Elem().Interface(); !k.Same(g, want[i]) {
						t.Fatalf("seed %d: %s(%v): result %d is %v, want %v\n%s", seed, k.Name, args, i, g, want[i], ir.Text(u.Program))
					}
				}
			}
			if faults >= 30_000 {
				t.Error("all arguments make the function fail")
			}
		})
	}
}
