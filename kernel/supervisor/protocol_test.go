package supervisor

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/adabc437/fanout/interp/session"
)

func frameBytes(t testing.TB, f frame) []byte {
	t.Helper()
	raw, err := encodeFrame(f)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestFramesRoundTrip(t *testing.T) {
	for _, f := range []frame{
		{Op: opAck, ID: 1},
		{Op: opExecute, ID: 1 << 60, Body: []byte(`{"code":"<a>"}`)},
		{Op: opComm, Body: []byte(`1`), Buffers: [][]byte{{}, {1}, bytes.Repeat([]byte{2}, 3*firstAlloc)}},
		{Op: opReply, Err: &wireError{Kind: "eof", Text: "EOF"}},
	} {
		r := bytes.NewReader(append(frameBytes(t, f), frameBytes(t, frame{Op: opHello})...))
		got, err := readFrame(r)
		if err != nil || !reflect.DeepEqual(got, f) {
			t.Errorf("got %+v, %v; want %+v", got, err, f)
		}
		if next, err := readFrame(r); err != nil || next.Op != opHello {
			t.Errorf("the next frame: %+v %v", next, err)
		}
		if _, err := readFrame(r); !errors.Is(err, io.EOF) {
			t.Errorf("the end: %v", err)
		}
	}
}

func TestBadFramesAreRefused(t *testing.T) {
	good := frameBytes(t, frame{Op: opComm, Body: []byte(`1`), Buffers: [][]byte{{1, 2, 3}}})
	change := func(at int, v uint32) []byte {
		bad := bytes.Clone(good)
		binary.BigEndian.PutUint32(bad[at:], v)
		return bad
	}
	for name, raw := range map[string][]byte{
		"garbage":           []byte("this is what a cell wrote to descriptor 4"),
		"short garbage":     []byte("hi"),
		"too large":         change(4, maxFrame+1),
		"header too large":  change(8, 1<<20),
		"header too short":  change(8, 3),
		"buffers too short": change(4, uint32(len(good)-headSize-1)),
		"buffers too long":  append(change(4, uint32(len(good)-headSize+1)), 9),
		"negative size":     bytes.Replace(good, []byte(`[3]`), []byte(`-3 `), 1),
	} {
		if _, err := readFrame(bytes.NewReader(raw)); !errors.Is(err, errProtocol) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for n := 1; n < len(good); n++ {
		if _, err := readFrame(bytes.NewReader(good[:n])); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("cut after %d bytes: %v", n, err)
		}
	}
	if _, err := encodeFrame(frame{Buffers: [][]byte{make([]byte, maxFrame)}}); err == nil || !strings.Contains(err.Error(), "256 MiB") {
		t.Errorf("too large to send: %v", err)
	}
}

func TestAFrameAllocatesOnlyForWhatArrives(t *testing.T) {
	head := []byte(frameMagic)
	head = binary.BigEndian.AppendUint32(head, maxFrame)
	head = binary.BigEndian.AppendUint32(head, maxFrame)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := readFrame(bytes.NewReader(append(head, make([]byte, 100)...)))
	runtime.ReadMemStats(&after)
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Error(err)
	}
	if n := after.TotalAlloc - before.TotalAlloc; n > 1<<20 {
		t.Errorf("allocated %d bytes", n)
	}
}

func TestErrorsCrossTheWire(t *testing.T) {
	for _, err := range []error{io.EOF, session.ErrNoInput, fmt.Errorf("x: %w", session.ErrClosed), errors.New("plain")} {
		got := toWire(err).unpack()
		if got.Error() != err.Error() {
			t.Errorf("%v: got %v", err, got)
		}
		for _, s := range []error{io.EOF, session.ErrNoInput, session.ErrClosed} {
			if errors.Is(got, s) != errors.Is(err, s) {
				t.Errorf("%v: got %v, which is %v: %t", err, got, s, errors.Is(got, s))
			}
		}
	}
	if toWire(nil).unpack() != nil {
		t.Error("nil")
	}
}

func TestSizesAreWrittenAsPeopleDo(t *testing.T) {
	for n, want := range map[int64]string{0: "0 B", 1023: "1023 B", 512 << 20: "512 MiB", 3 << 29: "1.5 GiB", 1<<30 - 1: "1 GiB", 557842432: "532 MiB"} {
		if got := iec(n); got != want {
			t.Errorf("%d: got %s, want %s", n, got, want)
		}
	}
	for n, want := range map[int64]string{16_000_000: "16 MB", 184_300_000: "184 MB", 35_200_000: "35.2 MB", 999: "999 B"} {
		if got := si(n); got != want {
			t.Errorf("%d: got %s, want %s", n, got, want)
		}
	}
}

func FuzzReadFrame(f *testing.F) {
	f.Add([]byte("garbage"))
	f.Add(frameBytes(f, frame{Op: opComm, ID: 3, Body: []byte(`{"a":[1]}`), Buffers: [][]byte{{1}, {}, {2, 3}}}))
	f.Add(frameBytes(f, frame{Op: opReply, Err: &wireError{Text: "x"}}))
	f.Fuzz(func(t *testing.T, raw []byte) {
		got, err := readFrame(bytes.NewReader(raw))
		if err != nil {
			return
		}
		again, err := readFrame(bytes.NewReader(frameBytes(t, got)))
		if err != nil || !sameFrame(got, again) {
			t.Errorf("got %+v, then %+v, %v", got, again, err)
		}
	})
}

// sameFrame compares frames. Bodies may differ in white space.
func sameFrame(a, b frame) bool {
	if a.Op != b.Op || a.ID != b.ID || !reflect.DeepEqual(a.Err, b.Err) || len(a.Buffers) != len(b.Buffers) {
		return false
	}
	for i := range a.Buffers {
		if !bytes.Equal(a.Buffers[i], b.Buffers[i]) {
			return false
		}
	}
	var x, y any
	return (a.Body == nil) == (b.Body == nil) && (a.Body == nil || (a.decode(&x) == nil) == (b.decode(&y) == nil) && reflect.DeepEqual(x, y))
}
