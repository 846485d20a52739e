package size

import (
	"strings"
	"testing"
)

func TestSizesAreRead(t *testing.T) {
	for text, want := range map[string]int64{
		"1048576": 1 << 20, "512MiB": 512 << 20, "8G": 8 << 30, "1.5 GiB": 3 << 29, "2k": 2048, "2KB": 2000, " 64 M ": 64 << 20, "1b": 1,
	} {
		if got, err := Parse(text); err != nil || got != want {
			t.Errorf("%q: got %d, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "many", "-1G", "5iB", "1e9", "8 Gigs", "99999999T", "G"} {
		if got, err := Parse(text); err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("%q: got %d, %v", text, got, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{"1MB", "1.5 GiB", "-1", "9e9", "5iB"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if n, err := Parse(text); n < 0 || err != nil && n != 0 {
			t.Errorf("%q: %d, %v", text, n, err)
		}
	})
}
