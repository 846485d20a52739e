package term

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestFilesAndOtherStreamsAreNoTerminals(t *testing.T) {
	f, err := os.Create(filepath.Join(t.TempDir(), "f"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var b strings.Builder
	for _, c := range []Console{For(f, f, f), For(&strings.Reader{}, &b, &b), {}} {
		if c.Interactive || c.Terminal || c.Colour || c.Echo != nil {
			t.Errorf("got %+v", c)
		}
		if columns, lines := c.Dimensions(); columns != 80 || lines != 24 {
			t.Errorf("%d columns and %d lines", columns, lines)
		}
	}
}
