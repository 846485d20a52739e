//go:build unix

package supervisor

import (
	"testing"

	"github.com/adabc437/fanout/interp/session"
)

// BenchmarkStart is from nothing to the reply of the first cell.
func BenchmarkStart(b *testing.B) {
	o := testOptions(b, "scripted")
	for b.Loop() {
		s, err := Start(b.Context(), o)
		if err != nil {
			b.Fatal(err)
		}
		run(b, s, "print hi")
		b.StopTimer()
		_ = s.Close()
		b.StartTimer()
	}
}

// BenchmarkCell is one cell that prints a line.
func BenchmarkCell(b *testing.B) {
	s := start(b)
	run(b, s, "print hi")
	for b.Loop() {
		run(b, s, "print hi")
	}
}

// BenchmarkEvent is one display.
func BenchmarkEvent(b *testing.B) {
	s := start(b)
	code := ""
	for range 100 {
		code += "display x\n"
	}
	run(b, s, "print hi")
	for b.Loop() {
		run(b, s, code)
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/100, "µs/event")
}

// BenchmarkLines is a cell that prints 100,000 lines.
func BenchmarkLines(b *testing.B) {
	s := start(b)
	for b.Loop() {
		if r, _ := run(b, s, "lines 100000"); r.Err != nil {
			b.Fatal(r.Err)
		}
	}
}

// BenchmarkFlood is a cell that prints 200 MB.
func BenchmarkFlood(b *testing.B) {
	s := start(b)
	for b.Loop() {
		if r, _ := run(b, s, "flood 200"); r.Err != nil {
			b.Fatal(r.Err)
		}
	}
	b.SetBytes(200 << 20)
}

// BenchmarkDeath is from a cell that exits to the reply of the next one.
func BenchmarkDeath(b *testing.B) {
	s := start(b)
	for b.Loop() {
		if r, _ := run(b, s, "exit 3"); r.Err == nil || r.Err.Name != session.ExitError {
			b.Fatal(r.Err)
		}
		run(b, s, "print hi")
	}
}
