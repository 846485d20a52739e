package rooms

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestLinesJoinsWhatIsShort(t *testing.T) {
	big := bytes.Repeat([]byte("b"), maxFrame+1)
	half := bytes.Repeat([]byte("h"), maxFrame/2)
	short := strings.NewReplacer(string(big), "BIG", string(half), "HALF")
	var got []string
	for _, f := range lines([][]byte{[]byte("1"), []byte("2"), big, half, half, []byte("3")}) {
		got = append(got, short.Replace(string(f)))
	}
	// Two halves and a line break are one byte too many.
	if want := `["1\n2" "BIG" "HALF" "HALF\n3"]`; fmt.Sprintf("%q", got) != want {
		t.Errorf("frames %q, want %s", got, want)
	}
	if lines(nil) != nil {
		t.Error("nothing to send is a frame")
	}
}

// Messages that may wait go with the next one that may not, and if none comes, by themselves.
func TestMessagesWaitForOthers(t *testing.T) {
	b := newBench(t, []string{""})
	p := b.page()
	r := b.rooms.find("n.ipynb")
	tell := func(within time.Duration, text string) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.emitWithin(within, "notice", event{"level": "info", "text": text})
	}
	tell(time.Hour, "first")
	tell(atOnce, "second")
	frame := string(p.frame())
	if strings.Count(frame, "\n") != 1 || strings.Index(frame, "first") > strings.Index(frame, "second") {
		t.Errorf("the frame is %q, want the first notice and the second", frame)
	}
	tell(presently, "third")
	if frame := string(p.frame()); !strings.Contains(frame, "third") {
		t.Errorf("the frame is %q, want the third notice", frame)
	}
}
