package interp

import "testing"

// A cell that fails declares the variables that it did not come to where it is
// interpreted; sessions/compiled/failed.txt shows that compiled cells do not.
func TestInterpretedCellsThatFailDeclareAll(t *testing.T) {
	nb := newNotebookOn(t, TierInterpreted)
	reply, _ := nb.run("aa := 1\nvar m map[string]int\nm[\"x\"] = 1\nab := 2")
	if reply.Err == nil {
		t.Fatal("no error")
	}
	if got := nb.value("aa, ab"); got != "1\n0" {
		t.Errorf("aa, ab = %s", got)
	}
}
