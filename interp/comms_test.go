package interp

import "testing"

// The comm for formatting cells reaches none.
func TestCommsInUse(t *testing.T) {
	cs := &comms{open: map[string]*Comm{}, targets: map[string]func(*Comm, CommMessage){FormatTarget: nil}}
	cs.open["1"] = &Comm{target: FormatTarget}
	if cs.inUse() {
		t.Error("the comm for formatting counts")
	}
	cs.open["2"] = &Comm{target: "mine"}
	if !cs.inUse() {
		t.Error("a cell's comm does not count")
	}
}
