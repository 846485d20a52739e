//go:build !race && cgo

package interp

import "testing"

// TestCompiledSessions holds the compiled tier to the sessions of the interpreted one.
// It is left out under the race detector, with which cells would have to be
// compiled as well.
func TestCompiledSessions(t *testing.T) { sessions(t, TierCompiled) }

// TestSessionsWithAllCellsCompiled shows that the cells which the session evaluates
// itself would do the same as machine code.
func TestSessionsWithAllCellsCompiled(t *testing.T) {
	if *update {
		t.Skip("what is wanted comes from TestCompiledSessions")
	}
	sessions(t, everyCell)
}
