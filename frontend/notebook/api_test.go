package notebook

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/adabc437/fanout/frontend/notebook/kernels"
	"github.com/adabc437/fanout/kernel/wire"
)

func TestStatusAndIdentity(t *testing.T) {
	d := newDesk(t)
	var version struct{ Version string }
	if a := d.ask("GET", "/api", ""); a.status != 200 || json.Unmarshal([]byte(a.body), &version) != nil || version.Version != apiRelease {
		t.Errorf("/api: %d %s", a.status, a.body)
	}
	d.rest("POST", "/api/kernels", "{}", 201, nil)
	var status struct {
		Started, LastActivity string
		Kernels, Connections  int
	}
	d.rest("GET", "/api/status/", "", 200, &status) // VS Code ends paths with a slash
	if status.Kernels != 1 || status.Connections != 0 || status.Started == "" {
		t.Errorf("status %+v", status)
	}
	var me struct {
		Identity    map[string]any
		Permissions map[string][]string
	}
	d.rest("GET", `/api/me?permissions={"contents":["read"]}`, "", 200, &me)
	if me.Identity["username"] == "" || !slices.Equal(me.Permissions["contents"], []string{"read"}) {
		t.Errorf("me %+v", me)
	}
	d.rest("GET", "/api/me?permissions=x", "", 400, nil)
}

func TestKernelspecs(t *testing.T) {
	d := newDesk(t)
	var specs struct {
		Default     string
		Kernelspecs map[string]struct {
			Name string
			Spec struct {
				Language, InterruptMode string
				DisplayName             string `json:"display_name"`
				Argv                    []string
			}
			Resources map[string]string
		}
	}
	d.rest("GET", "/api/kernelspecs", "", 200, &specs)
	spec := specs.Kernelspecs[specs.Default]
	if specs.Default != "fanout" || spec.Name != "fanout" || spec.Spec.Language != "go" || spec.Spec.DisplayName != "Go (Fanout)" || len(spec.Spec.Argv) != 3 {
		t.Errorf("kernelspecs %+v", specs)
	}
	if len(spec.Resources) != 3 {
		t.Errorf("resources %v", spec.Resources)
	}
	for _, path := range spec.Resources {
		if a := d.rest("GET", path, "", 200, nil); !strings.HasPrefix(a.header.Get("Content-Type"), "image/") {
			t.Errorf("%s: %v", path, a.header)
		}
	}
	d.rest("GET", "/api/kernelspecs/fanout", "", 200, nil)
	d.rest("GET", "/api/kernelspecs/python3", "", 404, nil)
	d.rest("GET", "/kernelspecs/fanout/kernel.js", "", 404, nil)
}

func TestKernels(t *testing.T) {
	d := newDesk(t)
	d.write("sub/a.ipynb", "")
	var k kernelModel
	a := d.rest("POST", "/api/kernels", `{"name":"fanout","path":"sub/a.ipynb"}`, 201, &k)
	if a.header.Get("Location") != "/api/kernels/"+k.ID || k.Name != "fanout" || k.ExecutionState != "idle" {
		t.Errorf("%+v %v", k, a.header)
	}
	p := d.dial(k.ID, "")
	if got := streamText(p.until("stream", p.run("dir"))); got != filepath.Join(d.dir, "sub") {
		t.Errorf("cells run in %s", got)
	}
	d.rest("GET", "/api/kernels/"+k.ID, "", 200, &k)
	if k.Connections != 1 {
		t.Errorf("%d connections, want 1", k.Connections)
	}
	id := p.run("wait")
	p.until("status", id)
	d.rest("POST", "/api/kernels/"+k.ID+"/interrupt", "", 204, nil)
	p.until("execute_reply", id)
	d.rest("POST", "/api/kernels/"+k.ID+"/restart", "", 200, &k)
	var list []kernelModel
	if d.rest("GET", "/api/kernels", "", 200, &list); len(list) != 1 || list[0].ID != k.ID {
		t.Errorf("kernels %+v", list)
	}
	p.until("execute_reply", p.run("print x"))
	d.rest("DELETE", "/api/kernels/"+k.ID, "", 204, nil)
	for _, path := range []string{"/api/kernels/" + k.ID, "/api/kernels/" + k.ID + "/channels"} {
		d.rest("GET", path, "", 404, nil)
	}
	if d.rest("GET", "/api/kernels", "", 200, &list); len(list) != 0 {
		t.Errorf("kernels %+v", list)
	}
	d.rest("POST", "/api/kernels", `{"name":"python3"}`, 404, nil)
	d.rest("POST", "/api/kernels", `[`, 400, nil)
	d.rest("PUT", "/api/kernels", `{}`, 405, nil)
}

func TestCellsRunInTheRootWhereTheirFolderIsNot(t *testing.T) {
	d := newDesk(t)
	for _, path := range []string{"", "nowhere/a.ipynb", "../x.ipynb", "/", ".."} {
		if dir := d.server.dirOf(path); dir != d.server.Root() {
			t.Errorf("%q: %s, want %s", path, dir, d.server.Root())
		}
	}
}

func TestSessions(t *testing.T) {
	d := newDesk(t)
	const body = `{"path":"a.ipynb","name":"a","type":"notebook","kernel":{"name":"fanout"}}`
	var one, again sessionModel
	d.rest("POST", "/api/sessions", body, 201, &one)
	if one.Path != "a.ipynb" || one.Type != "notebook" || one.Notebook["path"] != "a.ipynb" || one.Kernel.ID == "" {
		t.Errorf("session %+v", one)
	}
	d.rest("POST", "/api/sessions", body, 201, &again)
	if again.ID != one.ID || again.Kernel.ID != one.Kernel.ID {
		t.Errorf("a second session for one path: %+v", again)
	}
	d.rest("PATCH", "/api/sessions/"+one.ID, `{"path":"b.ipynb","name":"b"}`, 200, &again)
	if again.Path != "b.ipynb" || again.Kernel.ID != one.Kernel.ID {
		t.Errorf("renamed: %+v", again)
	}
	d.rest("PATCH", "/api/sessions/"+one.ID, `{"kernel":{"name":"fanout"}}`, 200, &again)
	if again.Kernel.ID == one.Kernel.ID {
		t.Error("the kernel is the same")
	}
	d.rest("GET", "/api/kernels/"+one.Kernel.ID, "", 404, nil)
	var other sessionModel
	d.rest("POST", "/api/sessions", `{"path":"c","type":"console","kernel":{"id":"`+again.Kernel.ID+`"}}`, 201, &other)
	d.rest("DELETE", "/api/sessions/"+one.ID, "", 204, nil)
	d.rest("GET", "/api/kernels/"+again.Kernel.ID, "", 200, nil) // shared
	d.rest("DELETE", "/api/sessions/"+other.ID, "", 204, nil)
	d.rest("GET", "/api/kernels/"+again.Kernel.ID, "", 404, nil)
	d.rest("GET", "/api/sessions/"+one.ID, "", 404, nil)
	d.rest("POST", "/api/sessions", `{"path":"x"}`, 400, nil)
	d.rest("POST", "/api/sessions", `{"path":"x","type":"notebook","kernel":{"id":"nothing"}}`, 404, nil)
	d.rest("POST", "/api/sessions", body, 201, &one)
	d.rest("DELETE", "/api/kernels/"+one.Kernel.ID, "", 204, nil)
	var list []sessionModel
	if d.rest("GET", "/api/sessions", "", 200, &list); len(list) != 0 {
		t.Errorf("sessions of kernels that have ended: %+v", list)
	}
}

func TestOneSessionPerPathFromManyClients(t *testing.T) {
	d := newDesk(t)
	ids := make([]string, 8)
	var all sync.WaitGroup
	for i := range ids {
		all.Go(func() {
			var one sessionModel
			d.rest("POST", "/api/sessions", `{"path":"a.ipynb","type":"notebook"}`, 201, &one)
			ids[i] = one.ID
		})
	}
	all.Wait()
	slices.Sort(ids)
	if ids = slices.Compact(ids); len(ids) != 1 || len(d.server.Kernels().List()) != 1 {
		t.Errorf("sessions %v, %d kernels", ids, len(d.server.Kernels().List()))
	}
}

func TestContentsOverHTTP(t *testing.T) {
	d := newDesk(t)
	var m struct {
		Name, Path, Type, Format, Mimetype string
		Content                            any
		Size                               *int
		Hash                               string
	}
	a := d.rest("POST", "/api/contents", `{"type":"notebook"}`, 201, &m)
	if m.Path != "Untitled.ipynb" || a.header.Get("Location") != "/api/contents/Untitled.ipynb" {
		t.Errorf("%+v %v", m, a.header)
	}
	// As VS Code renames the file behind a session.
	d.rest("PATCH", "/api/contents/Untitled.ipynb", `{"path":"é a.ipynb"}`, 200, &m)
	d.rest("GET", "/api/contents/%C3%A9%20a.ipynb?type=notebook&content=1&hash=1", "", 200, &m)
	nb, _ := m.Content.(map[string]any)
	if m.Name != "é a.ipynb" || nb["nbformat"] != 4.0 || len(m.Hash) != 64 {
		t.Errorf("%+v", m)
	}
	d.rest("PUT", "/api/contents/d", `{"type":"directory"}`, 201, nil)
	d.rest("PUT", "/api/contents/d/x.txt", `{"type":"file","format":"text","content":"hello"}`, 201, nil)
	d.rest("PUT", "/api/contents/d/x.txt", `{"type":"file","format":"text","content":"bye"}`, 200, nil)
	if a := d.rest("GET", "/files/d/x.txt", "", 200, nil); a.body != "bye" {
		t.Errorf("the file holds %q", a.body)
	}
	d.rest("POST", "/api/contents/d", `{"copy_from":"d/x.txt"}`, 201, &m)
	if m.Path != "d/x-Copy1.txt" {
		t.Errorf("copied to %s", m.Path)
	}
	d.rest("DELETE", "/api/contents/d", "", 400, nil)
	d.rest("POST", "/api/contents/d/x.txt/checkpoints", "", 201, nil)
	d.rest("PUT", "/api/contents/d/x.txt", `{"type":"file","format":"text","content":"third"}`, 200, nil)
	var points []map[string]string
	if d.rest("GET", "/api/contents/d/x.txt/checkpoints", "", 200, &points); len(points) != 1 || points[0]["id"] != "checkpoint" {
		t.Fatalf("checkpoints %v", points)
	}
	d.rest("POST", "/api/contents/d/x.txt/checkpoints/checkpoint", "", 204, nil)
	if a := d.rest("GET", "/files/d/x.txt", "", 200, nil); a.body != "bye" {
		t.Errorf("after going back the file holds %q", a.body)
	}
	d.rest("DELETE", "/api/contents/d/x.txt/checkpoints/checkpoint", "", 204, nil)
	d.rest("GET", "/api/contents/d/none.txt", "", 404, nil)
	d.rest("GET", "/api/contents/d?type=file", "", 400, nil)
	d.rest("GET", "/api/contents/d?content=yes", "", 400, nil)
	d.rest("PUT", "/api/contents/bad.ipynb", `{"type":"notebook","content":{"nbformat":3}}`, 400, nil)
	d.rest("PATCH", "/api/contents/d/x.txt", `{"path":"d/x-Copy1.txt"}`, 409, nil)
	d.rest("PATCH", "/api/contents/d/x.txt", `{}`, 400, nil)
	d.rest("PUT", "/api/contents/"+strings.Repeat("x", 5000), `{}`, 400, nil)
}

func TestBodiesAreBounded(t *testing.T) {
	d := newDesk(t)
	long := `{"path":"` + strings.Repeat("x", maxBody) + `"}`
	for method, path := range map[string]string{"POST": "/api/sessions", "PATCH": "/api/contents/x"} {
		d.rest(method, path, long, http.StatusRequestEntityTooLarge, nil)
	}
}

func TestTutorialsAreCopiedOnce(t *testing.T) {
	d := newDesk(t)
	var list []tutorial
	d.rest("GET", "/api/fanout/tutorials", "", 200, &list)
	if len(list) < 7 || list[0].Title != "Lesson 1: a pool of workers" || !strings.HasPrefix(list[0].Summary, "Your computer") {
		t.Fatalf("tutorials %+v", list)
	}
	for _, l := range list {
		if l.Title == "" || l.Summary == "" {
			t.Errorf("%s has no title or summary: %+v", l.Path, l)
		}
	}
	var opened struct{ Path string }
	body := fmt.Sprintf(`{"name":%q}`, list[0].Path)
	d.rest("POST", "/api/fanout/tutorials", body, 201, &opened)
	d.write(opened.Path, "changed")
	d.rest("POST", "/api/fanout/tutorials", body, 200, &opened)
	if text, err := os.ReadFile(filepath.Join(d.dir, opened.Path)); err != nil || string(text) != "changed" {
		t.Errorf("the user's copy holds %q, %v", text, err)
	}
	d.rest("POST", "/api/fanout/tutorials", `{"name":"../x"}`, 404, nil)
}

func TestSettings(t *testing.T) {
	d := newDesk(t)
	var got map[string]any
	d.rest("PATCH", "/api/config/notebook", `{"a":{"b":1,"c":2}}`, 200, nil)
	d.rest("PATCH", "/api/config/notebook", `{"a":{"b":null},"d":3}`, 200, nil)
	d.rest("GET", "/api/config/notebook", "", 200, &got)
	want := map[string]any{"a": map[string]any{"c": 2.0}, "d": 3.0}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%v, want %v", got, want)
	}
	got = nil
	if d.rest("GET", "/api/config/other", "", 200, &got); len(got) != 0 {
		t.Errorf("%v, want nothing", got)
	}
}

func TestWhatVSCodeAsksFor(t *testing.T) {
	d := newDesk(t)
	// Is it JupyterHub? Is a password needed? Then it logs in as a browser would.
	if a := d.ask("GET", "/hub/api", ""); a.status == 200 {
		t.Errorf("taken for JupyterHub: %d", a.status)
	}
	if a := d.ask("GET", "/tree?", ""); a.status != http.StatusFound {
		t.Errorf("/tree: status %d", a.status)
	}
	a := d.ask("GET", "/login?", "")
	if c := a.header.Get("Set-Cookie"); a.status != 200 || !strings.HasPrefix(c, "_xsrf=") {
		t.Errorf("/login: status %d, cookie %q", a.status, c)
	}
	a = d.ask("POST", "/login?", "_xsrf=x&password="+testToken, with("Content-Type", "application/x-www-form-urlencoded;charset=UTF-8"))
	if a.status != http.StatusFound || len(a.header.Values("Set-Cookie")) != 1 {
		t.Errorf("login: status %d, %v", a.status, a.header)
	}
	// It sends back all that stands behind the name.
	if a := d.ask("GET", "/tree?", "", with("Cookie", "_xsrf=x; "+a.header.Get("Set-Cookie"))); a.status != 200 {
		t.Errorf("/tree with the cookie: status %d", a.status)
	}
	d.rest("GET", "/api/terminals", "", 404, nil)
	d.rest("GET", "/api/sessions/", "", 200, nil)
	d.rest("GET", "/api/kernels/", "", 200, nil)
	d.rest("GET", "/api/kernelspecs/", "", 200, nil)
	d.rest("GET", "/api/contents/", "", 200, nil)
}

// VS Code runs a notebook of its own disk with a session on a file that it makes for it
// on the server. With a password it shows the cookie, also on the websocket.
func TestASessionOfVSCodeWithACookie(t *testing.T) {
	d := newDesk(t)
	a := d.ask("POST", "/login?", "_xsrf=x&password="+testToken, with("Content-Type", "application/x-www-form-urlencoded;charset=UTF-8"))
	secret, _, _ := strings.Cut(a.header.Get("Set-Cookie"), ";")
	cookie := "_xsrf=x; " + secret
	ask := func(method, path, body string, status int, v any) {
		t.Helper()
		a := d.ask(method, path, body, with("Cookie", cookie), with("X-XSRFToken", "x"))
		if a.status != status {
			t.Fatalf("%s %s: status %d, want %d: %s", method, path, a.status, status, a.body)
		}
		if v != nil {
			if err := json.Unmarshal([]byte(a.body), v); err != nil {
				t.Fatal(err)
			}
		}
	}
	var file struct{ Path string }
	ask("POST", "/api/contents", `{"type":"notebook"}`, 201, &file)
	ask("PATCH", "/api/contents/"+file.Path, `{"path":"work-jvsc-1234.ipynb"}`, 200, &file)
	var session struct {
		ID     string
		Kernel struct{ ID string }
	}
	ask("POST", "/api/sessions", `{"path":"`+file.Path+`","name":"work.ipynb","type":"notebook","kernel":{"name":"fanout"}}`, 201, &session)

	conn, _, err := d.tryDial(session.Kernel.ID, "vscode", http.Header{"Cookie": {cookie}, "X-Xsrftoken": {"x"}}, v1Protocol)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	p := &page{d, conn, codecFor(conn.Subprotocol())}
	p.until("kernel_info_reply", p.send(wire.Shell, "kernel_info_request", struct{}{}))
	if got := streamText(p.until("stream", p.run("print hello"))); got != "hello" {
		t.Errorf("the cell wrote %q", got)
	}
	ask("DELETE", "/api/sessions/"+session.ID, "", 204, nil)
	ask("DELETE", "/api/contents/"+file.Path, "", 204, nil)
}

func TestShutdownByAClient(t *testing.T) {
	d := newDesk(t)
	d.rest("POST", "/api/shutdown", "", 200, nil)
	d.rest("POST", "/api/shutdown", "", 200, nil)
	<-d.server.Done()
}

func TestThePage(t *testing.T) {
	d := newDesk(t)
	for _, path := range []string{"/", "/tree", "/tree/a/b", "/notebooks/a.ipynb", "/lab", "/edit/x.go"} {
		if a := d.rest("GET", path, "", 200, nil); !strings.Contains(a.body, "the page") {
			t.Errorf("%s: %s", path, a.body)
		}
	}
	if a := d.rest("GET", "/assets/a.js", "", 200, nil); a.body != "1" || !strings.Contains(a.header.Get("Cache-Control"), "immutable") {
		t.Errorf("%s, %v", a.body, a.header)
	}
	for _, path := range []string{"/assets", "/assets/", "/assets/b.js", "/index.htm"} {
		d.rest("GET", path, "", 404, nil)
	}
	none := newDesk(t, func(o *Options) { o.Page = nil })
	if a := none.rest("GET", "/", "", 200, nil); !strings.Contains(a.body, "without its page") {
		t.Errorf("%s", a.body)
	}
}

var protocols = map[string][]string{"default": nil, "v1": {v1Protocol}}

func TestChannels(t *testing.T) {
	for _, name := range slices.Sorted(maps.Keys(protocols)) {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			var k kernelModel
			d.rest("POST", "/api/kernels", "{}", 201, &k)
			p := d.dial(k.ID, "s", protocols[name]...)
			if (p.codec == codec(v1Codec{})) != (name == "v1") {
				t.Fatalf("protocol %q", p.conn.Subprotocol())
			}
			id := p.run("print hello")
			if got := streamText(p.until("stream", id)); got != "hello" {
				t.Errorf("stream %q", got)
			}
			p.until("execute_reply", id)
			info := p.send(wire.Control, "kernel_info_request", nil)
			for {
				ch, m, err := p.next()
				if err != nil {
					t.Fatal(err)
				}
				if m.Type() == "kernel_info_reply" {
					if ch != wire.Control || m.Parent.MsgID != info {
						t.Errorf("reply on %s to %s", ch, m.Parent.MsgID)
					}
					break
				}
			}
			comm := p.until("comm_msg", p.run("comm"))
			if len(comm.Buffers) != 3 || string(comm.Buffers[0]) != "one" || len(comm.Buffers[1]) != 0 || string(comm.Buffers[2]) != "three" {
				t.Errorf("buffers %q", comm.Buffers)
			}
			echo := p.until("comm_msg", p.send(wire.Shell, "comm_msg", wire.Comm{CommID: "c"}, []byte("zero\x00"), []byte{}))
			if len(echo.Buffers) != 2 || string(echo.Buffers[0]) != "zero\x00" {
				t.Errorf("echoed buffers %q", echo.Buffers)
			}
		})
	}
}

func TestAClientThatComesBackMissesNothing(t *testing.T) {
	for _, name := range slices.Sorted(maps.Keys(protocols)) {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			var k kernelModel
			d.rest("POST", "/api/kernels", "{}", 201, &k)
			p := d.dial(k.ID, "mine", protocols[name]...)
			other := d.dial(k.ID, "other", protocols[name]...)
			id := p.run("print gone")
			p.until("execute_reply", id)
			p.conn.Close()
			other.until("execute_reply", other.run("print meanwhile"))
			p = d.dial(k.ID, "mine", protocols[name]...)
			if got := streamText(p.until("stream", "")); got != "meanwhile" {
				t.Errorf("back again the client reads %q", got)
			}
			p.until("execute_reply", p.run("print x"))
			other.until("execute_reply", other.run("print y"))
			// A page that comes back before its loss was noticed takes the place of itself.
			again := d.dial(k.ID, "mine", protocols[name]...)
			again.until("execute_reply", again.run("print z"))
			for err := error(nil); err == nil; {
				_, _, err = p.next()
			}
			d.rest("GET", "/api/kernels/"+k.ID, "", 200, &k)
			if k.Connections != 2 {
				t.Errorf("%d clients, want 2", k.Connections)
			}
		})
	}
}

func TestClientsThatAreLostAreBounded(t *testing.T) {
	d := newDesk(t)
	var k kernelModel
	d.rest("POST", "/api/kernels", "{}", 201, &k)
	for i := range maxParked + 5 {
		p := d.dial(k.ID, fmt.Sprint("s", i))
		p.until("execute_reply", p.run("print x"))
		p.conn.Close()
		next := d.dial(k.ID, fmt.Sprint("s", i)) // waits until the loss is noticed
		next.until("execute_reply", next.run("print x"))
		next.conn.Close()
	}
	d.close()
	if n := len(d.server.sockets.parked); n != 0 {
		t.Errorf("%d clients wait after the end", n)
	}
}

func TestAKernelThatEndsClosesItsWebsockets(t *testing.T) {
	d := newDesk(t)
	var k kernelModel
	d.rest("POST", "/api/kernels", "{}", 201, &k)
	p := d.dial(k.ID, "s")
	p.until("execute_reply", p.run("print x"))
	d.rest("DELETE", "/api/kernels/"+k.ID, "", 204, nil)
	dead := false
	for {
		_, m, err := p.next()
		if err != nil {
			if !strings.Contains(err.Error(), kernels.ErrGone.Error()) {
				t.Errorf("the client hears %v", err)
			}
			break
		}
		dead = dead || m.Type() == "status" && strings.Contains(string(m.Content), "dead")
	}
	if !dead {
		t.Error("the client was not told that the kernel is dead")
	}
}
