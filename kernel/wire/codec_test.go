package wire

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"
)

func request(t testing.TB) *Message {
	t.Helper()
	m, err := NewSender("ada").New("execute_request", nil, ExecuteRequest{Code: "x := <1>"})
	if err != nil {
		t.Fatal(err)
	}
	m.Identities = [][]byte{[]byte("client"), {0, 1, 2}}
	m.Buffers = [][]byte{[]byte("raw"), {}}
	return m
}

func TestMessageSurvivesTheWire(t *testing.T) {
	sent := request(t)
	reply, err := NewSender("fanout").New("execute_reply", sent, ExecuteReply{Status: StatusOK})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range []*Message{sent, reply} {
		frames, err := NewCodec([]byte("key")).Encode(m)
		if err != nil {
			t.Fatal(err)
		}
		got, err := NewCodec([]byte("key")).Decode(frames)
		if err != nil {
			t.Fatal(err)
		}
		if len(m.Identities) == 0 {
			got.Identities = nil
		}
		if !reflect.DeepEqual(got, m) {
			t.Errorf("got  %+v\nwant %+v", got, m)
		}
	}
	if reply.Parent.MsgID != sent.Header.MsgID {
		t.Errorf("parent %q, want %q", reply.Parent.MsgID, sent.Header.MsgID)
	}
	if strings.Contains(string(sent.Content), `\u003c`) {
		t.Errorf("content has escapes for HTML: %s", sent.Content)
	}
}

// The vector was made with Python's hmac module.
func TestSignatureIsTheProtocols(t *testing.T) {
	c := NewCodec([]byte("secret-key"))
	got := c.sign([4][]byte{[]byte(`{"msg_id":"1"}`), []byte(`{}`), []byte(`{}`), []byte(`{"a":1}`)})
	const want = "8c73e37ebbfc320259546f3f9d61527537feae79826c64217ae0b126ba42ec83"
	if string(got) != want {
		t.Errorf("signature %s, want %s", got, want)
	}
}

func TestHeaderKeepsWhatItDoesNotKnow(t *testing.T) {
	for _, tc := range []struct{ name, in, want string }{
		{"unknown fields", `{"msg_id":"1","msg_type":"t","session":"s","username":"u","date":"d","version":"5.4","x":{"y":[1,2.50]}}`, ""},
		{"known field of another type", `{"msg_id":"1","msg_type":"t","session":"s","username":null,"date":"d","version":5}`, ""},
		{"subshell", `{"msg_id":"1","msg_type":"t","session":"s","username":"u","date":"d","version":"5.5","subshell_id":"z"}`, ""},
		{"null subshell is the main shell", `{"msg_id":"1","msg_type":"t","session":"s","username":"u","date":"d","version":"5.5","subshell_id":null}`,
			`{"msg_id":"1","msg_type":"t","session":"s","username":"u","date":"d","version":"5.5"}`},
		{"empty", `{}`, ""},
		{"null", `null`, `{}`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if tc.want == "" {
				tc.want = tc.in
			}
			var h Header
			if err := json.Unmarshal([]byte(tc.in), &h); err != nil {
				t.Fatal(err)
			}
			got, err := json.Marshal(h)
			if err != nil {
				t.Fatal(err)
			}
			var a, b any
			if json.Unmarshal(got, &a) != nil || json.Unmarshal([]byte(tc.want), &b) != nil || !reflect.DeepEqual(a, b) {
				t.Errorf("got  %s\nwant %s", got, tc.want)
			}
		})
	}
}

func TestDecodeRefuses(t *testing.T) {
	key := []byte("key")
	encode := func(change func(*Message)) [][]byte {
		m := request(t)
		m.Identities, m.Buffers = nil, nil
		change(m)
		frames, err := NewCodec(key).Encode(m)
		if err != nil {
			t.Fatal(err)
		}
		return frames
	}
	good := func() [][]byte { return encode(func(*Message) {}) }
	with := func(frames [][]byte, i int, s string) [][]byte { frames[i] = []byte(s); return frames }
	many := func(n int) [][]byte { return make([][]byte, n) }
	for _, tc := range []struct {
		name   string
		frames [][]byte
		want   error
	}{
		{"no frames", nil, ErrMalformed},
		{"no delimiter", good()[1:], ErrMalformed},
		{"too few frames", good()[:5], ErrMalformed},
		{"another content", with(good(), 5, `{"code":"os.Exit(1)"}`), ErrSignature},
		{"another header", with(good(), 2, `{}`), ErrSignature},
		{"no signature", with(good(), 1, ""), ErrSignature},
		{"signature of another length", with(good(), 1, "abcd"), ErrSignature},
		{"signature not in hexadecimal", with(good(), 1, strings.Repeat("z", 64)), ErrSignature},
		{"signature of zeros", with(good(), 1, strings.Repeat("0", 64)), ErrSignature},
		{"header without type", encode(func(m *Message) { m.Header.MsgType = "" }), ErrMalformed},
		{"header without id", encode(func(m *Message) { m.Header.MsgID = "" }), ErrMalformed},
		{"huge header", encode(func(m *Message) { m.Header.Username = strings.Repeat("x", MaxHeader) }), ErrTooLarge},
		{"too many identities", append(many(MaxIdentities+1), good()...), ErrTooLarge},
		{"too many buffers", append(good(), many(MaxBuffers+1)...), ErrTooLarge},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if _, err := NewCodec(key).Decode(tc.frames); !errors.Is(err, tc.want) {
				t.Errorf("error %v, want %v", err, tc.want)
			}
		})
	}
}

func TestDecodeRefusesABrokenHeaderThatIsSigned(t *testing.T) {
	for _, header := range []string{"", "[]", "{", `"x"`, "null"} {
		parts := [4][]byte{[]byte(header), []byte("{}"), []byte("{}"), []byte("{}")}
		c := NewCodec([]byte("key"))
		frames := [][]byte{[]byte(delimiter), c.sign(parts), parts[0], parts[1], parts[2], parts[3]}
		if _, err := c.Decode(frames); !errors.Is(err, ErrMalformed) {
			t.Errorf("header %q: error %v, want %v", header, err, ErrMalformed)
		}
	}
}

func TestReplayIsRefused(t *testing.T) {
	c := NewCodec([]byte("key"))
	frames, err := c.Encode(request(t))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Decode(frames); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Decode(frames); !errors.Is(err, ErrReplay) {
		t.Errorf("error %v, want %v", err, ErrReplay)
	}
}

func TestSeenSignaturesAreBounded(t *testing.T) {
	c := NewCodec([]byte("key"))
	nth := func(n int) (d digest) {
		copy(d[:], fmt.Sprint(n))
		return d
	}
	for i := range SeenSignatures + 10 {
		if err := c.remember(nth(i)); err != nil {
			t.Fatal(err)
		}
	}
	if len(c.seen) != SeenSignatures || len(c.ring) != SeenSignatures {
		t.Errorf("%d seen in a ring of %d, want %d", len(c.seen), len(c.ring), SeenSignatures)
	}
	if err := c.remember(nth(SeenSignatures)); !errors.Is(err, ErrReplay) {
		t.Errorf("a recent signature: error %v, want %v", err, ErrReplay)
	}
	if err := c.remember(nth(0)); err != nil {
		t.Errorf("the oldest signature should be forgotten: %v", err)
	}
}

func TestWithoutKeyNothingIsSigned(t *testing.T) {
	c := NewCodec(nil)
	frames, err := c.Encode(request(t))
	if err != nil {
		t.Fatal(err)
	}
	if len(frames[3]) != 0 {
		t.Errorf("signature %q, want none", frames[3])
	}
	for range 2 {
		if _, err := c.Decode(frames); err != nil {
			t.Error(err)
		}
	}
}

func TestHammerCodec(t *testing.T) {
	c := NewCodec([]byte("key"))
	s := NewSender("u")
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 200 {
				m, err := s.New("comm_msg", nil, nil)
				if err != nil {
					t.Error(err)
					return
				}
				frames, err := c.Encode(m)
				if err != nil {
					t.Error(err)
				}
				if _, err := c.Decode(frames); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}

func TestHeaderTime(t *testing.T) {
	want := time.Date(2024, 5, 6, 7, 8, 9, 123456000, time.UTC)
	for _, date := range []string{"2024-05-06T07:08:09.123456Z", "2024-05-06T09:08:09.123456+02:00", "2024-05-06T07:08:09.123456"} {
		h := Header{Date: date}
		if got := h.Time(); !got.Equal(want) {
			t.Errorf("%s: %v, want %v", date, got, want)
		}
	}
	h := Header{Date: "yesterday"}
	if !h.Time().IsZero() {
		t.Errorf("a date that cannot be read gives %v", h.Time())
	}
}

func TestNewIDsDiffer(t *testing.T) {
	a, b := NewID(), NewID()
	if a == b || len(a) != 36 || a[14] != '4' {
		t.Errorf("ids %s and %s", a, b)
	}
}

func FuzzDecode(f *testing.F) {
	frames, err := NewCodec(nil).Encode(request(f))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(frames[0]), string(frames[4]), string(frames[5]), string(frames[6]), string(frames[7]), "buffer")
	f.Add("", "{}", "null", "", "[", "")
	f.Add("<IDS|MSG>", `{"msg_id":1,"msg_type":"x"}`, `{"msg_id":null}`, "{}", "{}", "<IDS|MSG>")
	f.Fuzz(func(t *testing.T, id, header, parent, metadata, content, buffer string) {
		c := NewCodec(nil)
		in := [][]byte{[]byte(id), []byte(delimiter), nil, []byte(header), []byte(parent), []byte(metadata), []byte(content), []byte(buffer)}
		m, err := c.Decode(in)
		if err != nil {
			return
		}
		out, err := c.Encode(m)
		if err != nil {
			t.Fatalf("a decoded message does not encode: %v", err)
		}
		again, err := c.Decode(out)
		if err != nil {
			t.Fatalf("an encoded message does not decode: %v", err)
		}
		if h, w := canonical(t, again.Header), canonical(t, m.Header); h != w {
			t.Errorf("header %s, want %s", h, w)
		}
		if p, w := canonical(t, again.Parent), canonical(t, m.Parent); p != w {
			t.Errorf("parent %s, want %s", p, w)
		}
		if !reflect.DeepEqual(again.Buffers, m.Buffers) {
			t.Errorf("buffers %q, want %q", again.Buffers, m.Buffers)
		}
	})
}

func canonical(t *testing.T, h Header) string {
	data, err := json.Marshal(h)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestWithContentIsSignedAnew(t *testing.T) {
	c := NewCodec([]byte("key"))
	m := request(t)
	frames, err := c.Encode(m)
	if err != nil {
		t.Fatal(err)
	}
	changed, err := c.WithContent(frames, Stream{Name: "stdout", Text: "é"})
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		frames [][]byte
		want   string
	}{{changed, `{"name":"stdout","text":"é"}`}, {frames, string(m.Content)}} {
		got, err := c.Decode(tc.frames)
		if err != nil || string(got.Content) != tc.want || got.Header.MsgID != m.Header.MsgID {
			t.Errorf("got %+v, %v; want content %s", got, err, tc.want)
		}
	}
	if _, err := c.WithContent(nil, 1); !errors.Is(err, ErrMalformed) {
		t.Errorf("error %v, want %v", err, ErrMalformed)
	}
}
