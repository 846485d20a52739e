package notebook

import (
	"bytes"
	"context"
	"errors"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"github.com/adabc437/fanout/frontend/notebook/kernels"
	"github.com/adabc437/fanout/interp/session"
	"github.com/adabc437/fanout/kernel/wire"
)

// FuzzFrames reads frames in both protocols. What can be read is written and read
// again as the same message.
func FuzzFrames(f *testing.F) {
	m := &wire.Message{
		Header: wire.Header{MsgID: "1", MsgType: "execute_request"}, Metadata: []byte("{}"), Content: []byte(`{"code":"1"}`),
		Buffers: [][]byte{[]byte("ab"), {}},
	}
	for _, c := range []codec{jsonCodec{}, v1Codec{}} {
		frame, isBinary, err := c.encode(wire.Shell, m)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(frame, isBinary, c == codec(v1Codec{}))
	}
	f.Add([]byte(`{"channel":"iopub","header":{"msg_id":"1","msg_type":"x"},"content":null}`), false, false)
	f.Fuzz(func(t *testing.T, frame []byte, isBinary, v1 bool) {
		c := codec(jsonCodec{})
		if v1 {
			c = v1Codec{}
		}
		ch, m, err := c.decode(frame, isBinary)
		if err != nil {
			if !errors.Is(err, wire.ErrMalformed) {
				t.Errorf("error %v", err)
			}
			return
		}
		text, again, err := c.encode(ch, m)
		if err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
		ch2, m2, err := c.decode(text, again)
		if err != nil {
			t.Fatalf("what was written cannot be read: %v", err)
		}
		third, _, err := c.encode(ch2, m2)
		if err != nil || !bytes.Equal(text, third) || ch2 != ch && v1 || !reflect.DeepEqual(m.Buffers, m2.Buffers) {
			t.Errorf("%s %q becomes %s %q, %v", ch, text, ch2, third, err)
		}
	})
}

// FuzzREST sends bodies and paths to every route that takes them. None is answered
// with an internal error.
func FuzzREST(f *testing.F) {
	s, err := New(Options{
		Root: f.TempDir(), Token: testToken, MaxKernels: 3,
		Start: func(_ context.Context, spec kernels.Spec) (session.Session, error) {
			return &fakeSession{interrupts: make(chan struct{}, 1), ended: make(chan struct{})}, nil
		},
	})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { s.Close() })
	f.Add("POST", "sessions", `{"path":"a","type":"notebook","kernel":{"name":"fanout","id":null}}`)
	f.Add("PUT", "contents/a.ipynb", `{"type":"notebook","format":"json","content":{"nbformat":4,"nbformat_minor":5,"cells":[],"metadata":{}}}`)
	f.Add("PUT", "contents/a", `{"type":"file","format":"base64","content":"AAAA","chunk":1}`)
	f.Add("PATCH", "contents/a", `{"path":"b"}`)
	f.Add("POST", "contents", `{"copy_from":"a","ext":".x","type":"file"}`)
	f.Add("POST", "kernels", `{"name":"fanout","path":"a/b"}`)
	f.Add("PATCH", "config/a", `{"a":{"b":null}}`)
	f.Add("POST", "fanout/tutorials", `{"name":"x"}`)
	f.Add("GET", "contents/a?content=1&format=text&type=file", "")
	f.Fuzz(func(t *testing.T, method, path, body string) {
		switch method {
		case "GET", "POST", "PUT", "PATCH", "DELETE":
		default:
			return
		}
		if strings.ContainsFunc(path, func(r rune) bool { return r <= ' ' || r == 0x7f }) || strings.HasPrefix(path, "shutdown") {
			return
		}
		path, query, _ := strings.Cut(path, "?")
		r := httptest.NewRequest(method, "/api/x", strings.NewReader(body))
		r.Host = "localhost"
		r.URL.Path, r.URL.RawQuery = "/api/"+path, query
		r.Header.Set("Authorization", "token "+testToken)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code >= 500 {
			t.Errorf("%s %s %s: %d %s", method, path, body, w.Code, w.Body)
		}
	})
}
