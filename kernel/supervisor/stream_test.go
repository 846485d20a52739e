package supervisor

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzStream feeds text in pieces, and wants it whole.
func FuzzStream(f *testing.F) {
	f.Add("aé日🙂", uint8(1))
	f.Add("\xff\xf0\x9f x \xe6", uint8(2))
	f.Add("panic: x\ngoroutine 1\n", uint8(3))
	f.Fuzz(func(t *testing.T, text string, step uint8) {
		s := stream{lineStart: true, wary: true}
		var got strings.Builder
		for rest := text; rest != ""; {
			n := min(int(step)+1, len(rest))
			s.add([]byte(rest[:n]))
			rest = rest[n:]
			if at := s.suspect(); at > len(s.pending) {
				t.Fatalf("a suspect at %d of %d", at, len(s.pending))
			}
			piece := s.take(len(s.pending), false)
			if !utf8.ValidString(piece) {
				t.Fatalf("piece %q", piece)
			}
			got.WriteString(piece)
		}
		got.WriteString(s.take(len(s.pending), true))
		if utf8.ValidString(text) && got.String() != text {
			t.Errorf("got %q, want %q", got.String(), text)
		}
		if len(s.pending) > 0 {
			t.Errorf("left %q", s.pending)
		}
	})
}

func TestSuspectsAreFoundAtLineStarts(t *testing.T) {
	for text, want := range map[string]int{
		"panic: x": 0, "no panic: x": -1, "a\nfatal error: x": 2, "a\nb\nSIGSEGV: x": 4, "": -1, "runtime": -1, "goroutine 7": 0,
	} {
		s := stream{lineStart: true, wary: true, pending: []byte(text)}
		if got := s.suspect(); got != want {
			t.Errorf("%q: got %d, want %d", text, got, want)
		}
	}
	s := stream{wary: true, pending: []byte("panic: x")}
	if s.suspect() != -1 {
		t.Error("in the middle of a line")
	}
}
