package interp

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/adabc437/fanout/interp/session"
)

func BenchmarkExecute(b *testing.B) {
	var long strings.Builder
	for n := range 19 {
		fmt.Fprintf(&long, "v%d := %d * x\n", n, n)
	}
	long.WriteString("v1 + v18\n")
	for _, bench := range []struct{ name, code string }{
		{"1+1", "1+1"}, {"x=x+1", "x = x + 1"}, {"20lines", long.String()}, {"func", "func f(n int) int { return n + 1 }\nf(2)"},
	} {
		b.Run(bench.name, func(b *testing.B) {
			i, err := New(Options{})
			if err != nil {
				b.Fatal(err)
			}
			run := func(code string) {
				reply, err := i.Execute(b.Context(), session.Cell{Code: code, Number: 1}, discard{})
				if err != nil || reply.Err != nil {
					b.Fatal(err, reply.Err)
				}
			}
			run("x := 1")
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			n := 0
			for b.Loop() {
				run(bench.code)
				n++
			}
			runtime.GC()
			runtime.ReadMemStats(&after)
			runtime.KeepAlive(i)
			b.ReportMetric(float64(int64(after.HeapAlloc)-int64(before.HeapAlloc))/float64(n), "kept-B/op")
		})
	}
}
