package clc

import (
	"os"
	"testing"

	"github.com/adabc437/fanout/parallel/device/ir"
	"github.com/adabc437/fanout/parallel/device/ir/irtest"
)

func TestProgramsOfAllKindsCompile(t *testing.T) {
	seen := map[*ir.Program]bool{}
	for _, c := range irtest.Cases() {
		if seen[c.Program] {
			continue
		}
		seen[c.Program] = true
		text, err := Print(c.Program)
		if err != nil {
			t.Errorf("%s: %v", c.Name, err)
			continue
		}
		if d := os.Getenv("DUMP"); d != "" {
			os.WriteFile(d+"/"+string(rune('a'+len(seen)))+".cl", []byte(text), 0o600)
		}
		clang(t, text)
	}
}
