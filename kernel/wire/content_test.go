package wire

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestUnmarshalSaysWhatIsWrong(t *testing.T) {
	for _, tc := range []struct{ content, want string }{
		{`{"code":1}`, "malformed message: code of execute_request is a JSON number, want string"},
		{`[]`, "malformed message: the content of execute_request is not a JSON object"},
		{`null`, "malformed message: the content of execute_request is not a JSON object"},
		{`{"code":`, "malformed message: content of execute_request: unexpected end of JSON input"},
		{`{"user_expressions":{"a":{}}}`, "malformed message: user_expressions of execute_request is a JSON object, want string"},
		{`{"code":"x","unheard_of":[1]}`, ""},
		{``, ""},
	} {
		m := &Message{Header: Header{MsgType: "execute_request"}, Content: json.RawMessage(tc.content)}
		err := Unmarshal(m, new(ExecuteRequest))
		switch {
		case tc.want == "" && err != nil:
			t.Errorf("%s: %v", tc.content, err)
		case tc.want != "" && (err == nil || err.Error() != tc.want || !errors.Is(err, ErrMalformed)):
			t.Errorf("%s\n got %v\nwant %s", tc.content, err, tc.want)
		}
	}
}

func TestPositions(t *testing.T) {
	const s = "aé🙂b"
	for n, offset := range []int{0, 1, 3, 7, 8} {
		if got := ByteOffset(s, n); got != offset {
			t.Errorf("ByteOffset(%d) = %d, want %d", n, got, offset)
		}
		if got := CodePoints(s, offset); got != n {
			t.Errorf("CodePoints(%d) = %d, want %d", offset, got, n)
		}
	}
	for _, tc := range []struct{ got, want int }{
		{ByteOffset(s, -3), 0}, {ByteOffset(s, 99), len(s)}, {ByteOffset("", 1), 0},
		{CodePoints(s, -3), 0}, {CodePoints(s, 99), 4}, {CodePoints("", 1), 0},
		{CodePoints(s, 2), 1}, {CodePoints(s, 5), 2}, // inside a code point
	} {
		if tc.got != tc.want {
			t.Errorf("got %d, want %d", tc.got, tc.want)
		}
	}
}

func FuzzPositions(f *testing.F) {
	f.Add("aé🙂\xff b", 3)
	f.Fuzz(func(t *testing.T, s string, n int) {
		off := ByteOffset(s, n)
		if off < 0 || off > len(s) {
			t.Fatalf("offset %d of %d bytes", off, len(s))
		}
		want := min(max(n, 0), utf8.RuneCountInString(s))
		if got := CodePoints(s, off); got != want {
			t.Errorf("CodePoints(ByteOffset(%d)) = %d, want %d", n, got, want)
		}
		if got := CodePoints(s, n); got < 0 || got > len(s) {
			t.Errorf("CodePoints(%d) = %d", n, got)
		}
	})
}

func FuzzContents(f *testing.F) {
	for _, seed := range []string{`{"code":"1+1","silent":false,"user_expressions":{"a":"b"}}`, `{"cursor_pos":-1}`, `{"n":null,"stop":2}`, `[`, ``} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		m := &Message{Header: Header{MsgType: "t"}, Content: content}
		for _, v := range []any{
			new(ExecuteRequest), new(InspectRequest), new(CompleteRequest), new(HistoryRequest), new(IsCompleteRequest),
			new(CommInfoRequest), new(Comm), new(InputReply), new(Shutdown), new(Subshell),
		} {
			if err := Unmarshal(m, v); err != nil {
				if !errors.Is(err, ErrMalformed) {
					t.Errorf("%T: %v does not wrap ErrMalformed", v, err)
				}
				continue
			}
			if _, err := json.Marshal(v); err != nil {
				t.Errorf("%T: %v", v, err)
			}
		}
	})
}

const connection = `{"shell_port":1001,"iopub_port":1002,"stdin_port":1003,"control_port":1004,"hb_port":1005,
"ip":"127.0.0.1","key":"a-key","transport":"tcp","signature_scheme":"hmac-sha256","kernel_name":"fanout","other":1}`

func TestConnectionFile(t *testing.T) {
	c, err := ParseConnection([]byte(connection))
	if err != nil {
		t.Fatal(err)
	}
	want := ConnectionInfo{Transport: "tcp", IP: "127.0.0.1", ShellPort: 1001, IOPubPort: 1002, StdinPort: 1003,
		ControlPort: 1004, HBPort: 1005, Key: "a-key", SignatureScheme: "hmac-sha256", KernelName: "fanout"}
	if c != want {
		t.Errorf("got  %+v\nwant %+v", c, want)
	}
	for _, tc := range []struct{ transport, ip, want string }{
		{"tcp", "127.0.0.1", "tcp://127.0.0.1:1004"},
		{"tcp", "::1", "tcp://[::1]:1004"},
		{"tcp", "*", "tcp://0.0.0.0:1004"},
		{"ipc", "/tmp/k", "ipc:///tmp/k-1004"},
	} {
		c.Transport, c.IP = tc.transport, tc.ip
		if got := c.Address(Control); got != tc.want {
			t.Errorf("address %s, want %s", got, tc.want)
		}
	}
}

func TestConnectionFileErrors(t *testing.T) {
	for _, tc := range []struct{ old, new, want string }{
		{`"hmac-sha256"`, `"hmac-md5"`, `connection file: signature_scheme "hmac-md5", want hmac-sha256`},
		{`"tcp"`, `"pgm"`, `connection file: transport "pgm", want tcp or ipc`},
		{`1001`, `0`, `connection file: shell_port is missing`},
		{`1001`, `70000`, `connection file: shell_port 70000, want 1 to 65535`},
		{`1001`, `1002`, `connection file: shell_port and iopub_port are both 1002`},
		{`"ip":"127.0.0.1","key":"a-key","transport":"tcp"`, `"transport":"ipc"`, `connection file: transport ipc needs ip, the start of the sockets' paths`},
		{`{"shell`, `"shell`, `connection file: invalid character ':' after top-level value`},
	} {
		_, err := ParseConnection([]byte(strings.Replace(connection, tc.old, tc.new, 1)))
		if err == nil || err.Error() != tc.want || !errors.Is(err, ErrConnection) {
			t.Errorf("got  %v\nwant %s", err, tc.want)
		}
	}
	if _, err := ReadConnection("no/such/file"); !errors.Is(err, ErrConnection) {
		t.Errorf("error %v, want %v", err, ErrConnection)
	}
}

func FuzzConnection(f *testing.F) {
	f.Add([]byte(connection))
	f.Add([]byte(`{"transport":"ipc","ip":"x"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := ParseConnection(data)
		if err != nil {
			if !errors.Is(err, ErrConnection) {
				t.Errorf("%v does not wrap ErrConnection", err)
			}
			return
		}
		for _, ch := range Channels {
			if a := c.Address(ch); !strings.HasPrefix(a, c.Transport+"://") {
				t.Errorf("address %s", a)
			}
		}
	})
}
