package rooms

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/adabc437/fanout/frontend/nbformat"
)

func TestOutputsOfOthersAreInertUntilTrusted(t *testing.T) {
	b := newBench(t, []string{"html <b>mine</b>", "x"})
	nb, err := nbformat.ReadFile(b.path())
	if err != nil {
		t.Fatal(err)
	}
	nb.Cells[1].Outputs = []*nbformat.Output{{Type: nbformat.DisplayData, Data: map[string]any{"text/html": "<script>"}, Metadata: map[string]any{"n": json.Number("1e3")}}}
	if err := nb.WriteFile(b.path()); err != nil {
		t.Fatal(err)
	}
	trusted := func(room map[string]any) string {
		return fmt.Sprint(cellIn(t, room, "a")["trusted"], cellIn(t, room, "b")["trusted"], room["file"].(map[string]any)["trusted"])
	}
	p := b.page()
	p.run("a")
	p.do("save", nil)
	if got := trusted(b.page().room); got != "true false false" {
		t.Errorf("trusted are %s", got)
	}
	b.close()
	b.opt.Trust.Close()
	b.opt.Trust = NewTrust(b.opt.Trust.dir) // as another process has it
	b.serve()
	p = b.page()
	if got := trusted(p.room); got != "true false false" {
		t.Errorf("after the server came back trusted are %s", got)
	}
	p.do("trust", nil)
	b.crash()
	b.serve()
	if got := trusted(b.page().room); got != "true true true" {
		t.Errorf("after trust trusted are %s", got)
	}
	b.opt.Trust.Close()
	for _, name := range []string{"trust.key", "trust.digests"} {
		if info, err := os.Stat(filepath.Join(b.opt.Trust.dir, name)); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", name, info, err)
		}
	}
}
