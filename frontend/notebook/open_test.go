package notebook

import (
	"errors"
	"io/fs"
	"net/http"
	"strings"
	"testing"
)

// TestOpenNotebooksAreToldOfTheirFiles has files renamed and deleted that something
// else has open.
func TestOpenNotebooksAreToldOfTheirFiles(t *testing.T) {
	d := newDesk(t)
	var told []string
	refused := fs.ErrExist
	d.server.SetOpen(Open{
		Move: func(from, to string, do func() error) error {
			if to == "taken.ipynb" {
				return refused
			}
			told = append(told, from+" to "+to)
			return do()
		},
		Deleted: func(p string) { told = append(told, p+" deleted") },
	})
	d.write("a.ipynb", "{}")
	d.rest("PATCH", "/api/contents/a.ipynb", `{"path":"taken.ipynb"}`, 409, nil)
	d.rest("PATCH", "/api/contents/a.ipynb", `{"path":"b.ipynb"}`, 200, nil)
	d.rest("DELETE", "/api/contents/nothing.ipynb", "", 404, nil)
	d.rest("DELETE", "/api/contents/b.ipynb", "", 204, nil)
	if len(told) != 2 || told[0] != "a.ipynb to b.ipynb" || told[1] != "b.ipynb deleted" {
		t.Errorf("told: %q", told)
	}
}

func TestOpenNotebooksAreSessions(t *testing.T) {
	d := newDesk(t)
	var k kernelModel
	d.rest("POST", "/api/kernels", "{}", 201, &k)
	d.server.SetOpen(Open{Kernels: func() map[string]string { return map[string]string{"d/a.ipynb": k.ID, "old.ipynb": "gone"} }})
	var list []sessionModel
	d.rest("GET", "/api/sessions", "", 200, &list)
	if len(list) != 1 || list[0].Path != "d/a.ipynb" || list[0].Name != "a.ipynb" || list[0].Type != "notebook" || list[0].Kernel.ID != k.ID {
		t.Fatalf("sessions: %+v", list)
	}
	var one sessionModel
	d.rest("POST", "/api/sessions", `{"path":"d/a.ipynb","type":"notebook","kernel":{"name":"fanout"}}`, 201, &one)
	if one.Kernel.ID != k.ID {
		t.Errorf("a client that opens it has the kernel %s, want %s", one.Kernel.ID, k.ID)
	}
	d.rest("GET", "/api/sessions/"+list[0].ID, "", 200, nil)
	d.rest("DELETE", "/api/sessions/"+list[0].ID, "", 204, nil)
	d.rest("GET", "/api/kernels/"+k.ID, "", 404, nil)
	if d.rest("GET", "/api/sessions", "", 200, &list); len(list) != 0 {
		t.Errorf("after its end: %+v", list)
	}
}

// TestWhateverMayBecomeAWebsocketIsCheckedAsOne has requests that websocket libraries
// take for upgrades.
func TestWhateverMayBecomeAWebsocketIsCheckedAsOne(t *testing.T) {
	d := newDesk(t)
	for _, upgrade := range []string{"websocket", "WebSocket, h2c", "h2c, websocket"} {
		a := d.ask("GET", "/api/status", "", withToken, with("Upgrade", upgrade), with("Origin", "http://evil.example"))
		if a.status != http.StatusForbidden {
			t.Errorf("Upgrade %q of another origin: status %d", upgrade, a.status)
		}
	}
}

// TestSettingsDoNotWaitForSlowReaders has a client that goes away while it is answered.
func TestSettingsDoNotWaitForSlowReaders(t *testing.T) {
	d := newDesk(t)
	d.rest("PUT", "/api/config/x", `{"a":1}`, 200, nil)
	reading, goOn := make(chan struct{}), make(chan struct{})
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() { _ = recover() }() // the answer is broken off
		r, err := http.NewRequest("GET", "http://localhost/api/config/x", nil)
		if err != nil {
			return
		}
		withToken(r)
		d.server.ServeHTTP(&slowWriter{reading: reading, goOn: goOn}, r)
	}()
	<-reading
	d.rest("PATCH", "/api/config/x", `{"b":2}`, 200, nil)
	close(goOn)
	<-done
}

type slowWriter struct {
	header        http.Header
	reading, goOn chan struct{}
}

func (w *slowWriter) Header() http.Header {
	if w.header == nil {
		w.header = http.Header{}
	}
	return w.header
}
func (w *slowWriter) WriteHeader(int) {}
func (w *slowWriter) Write(p []byte) (int, error) {
	close(w.reading)
	<-w.goOn
	return 0, errors.New("gone")
}

func TestTheAddressWithoutTheTokenIsOfThisServer(t *testing.T) {
	d := newDesk(t)
	for _, path := range []string{"//tree", "///tree/a%2Fb", "//notebooks/evil.example"} {
		a := d.ask("GET", path+"?token="+testToken, "")
		if to := a.header.Get("Location"); strings.HasPrefix(to, "//") || !strings.HasPrefix(to, "/") {
			t.Errorf("%s leads to %q, with status %d", path, to, a.status)
		}
	}
}
