package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/adabc437/fanout/kernel/wire"
)

const notebookToken = "0123456789abcdef0123456789abcdef"

// A notebookServer is the program serving notebooks.
type notebookServer struct {
	*testing.T
	cmd    *exec.Cmd
	url    string
	said   chan string // all of stderr, when it has ended
	env    []string
	unread [][]byte // messages of the last frame of a room
}

// startNotebook starts the program on a folder of notebooks, with what it keeps in the
// folder above, and waits for its address.
func startNotebook(t *testing.T, dir string, env ...string) *notebookServer {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	home := filepath.Dir(dir)
	s := &notebookServer{T: t, said: make(chan string, 1)}
	s.env = append(os.Environ(), asFanout+"=1", "FANOUT_TOKEN="+notebookToken,
		"XDG_DATA_HOME="+home+"/data", "XDG_STATE_HOME="+home+"/state", "XDG_RUNTIME_DIR="+home)
	s.env = append(s.env, env...)
	s.cmd = exec.Command(exe, "notebook", "--no-browser", "--port", "0", dir)
	s.cmd.Env = s.env
	stderr, err := s.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.kill)
	found := make(chan string, 1)
	go func() { // ends with the process
		var all strings.Builder
		address := regexp.MustCompile(`https?://\S+/`)
		for lines := bufio.NewScanner(stderr); lines.Scan(); {
			fmt.Fprintln(&all, lines.Text())
			if u := address.FindString(lines.Text()); u != "" && len(found) == 0 {
				found <- u
			}
		}
		close(found)
		s.said <- all.String()
	}()
	var ok bool
	if s.url, ok = <-found; !ok {
		t.Fatalf("the server ended: %s", <-s.said)
	}
	return s
}

// notebookFolder is an empty folder for notebooks, in one of its own.
func notebookFolder(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "notebooks")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// kill ends the program as a crash does, unless it has ended.
func (s *notebookServer) kill() {
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait() // says that it was killed
}

// dial opens a websocket.
func (s *notebookServer) dial(path string) *websocket.Conn {
	s.Helper()
	ws, _, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(s.url, "http")+path, http.Header{"Authorization": {"token " + notebookToken}})
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() { ws.Close() })
	return ws
}

// ask makes a request that must have a status, and gives the answer's body.
func (s *notebookServer) ask(method, path, body string, status int) string {
	s.Helper()
	r, err := http.NewRequestWithContext(s.Context(), method, s.url+path, strings.NewReader(body))
	if err != nil {
		s.Fatal(err)
	}
	r.Header.Set("Authorization", "token "+notebookToken)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		s.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != status {
		s.Fatalf("%s %s: status %d, want %d: %s %v", method, path, resp.StatusCode, status, text, err)
	}
	return string(text)
}

// ends waits for the program to end well, and gives what it said.
func (s *notebookServer) ends() string {
	s.Helper()
	said := <-s.said
	if err := s.cmd.Wait(); err != nil {
		s.Errorf("the server ended with %v: %s", err, said)
	}
	return said
}

// TestNotebookRunsCells starts the server, runs a cell in a real session, and ends
// both.
func TestNotebookRunsCells(t *testing.T) {
	s := startNotebook(t, notebookFolder(t))
	if resp, err := http.Get(s.url + "api/status"); err != nil || resp.StatusCode != http.StatusForbidden {
		t.Errorf("without the token: %v, %v", resp, err)
	} else {
		resp.Body.Close()
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	list := exec.Command(exe, "notebook", "list")
	list.Env = s.env
	if out, err := list.Output(); err != nil || !strings.Contains(string(out), s.url+"?token="+notebookToken) {
		t.Errorf("list: %s, %v", out, err)
	}
	var k struct{ ID string }
	if err := json.Unmarshal([]byte(s.ask("POST", "api/kernels", "{}", http.StatusCreated)), &k); err != nil {
		t.Fatal(err)
	}
	conn := s.dial("api/kernels/" + k.ID + "/channels")
	ask := fmt.Sprintf(`{"channel":"shell","header":{"msg_id":"1","msg_type":"execute_request","session":"s"},"content":{"code":%q}}`, "6*7")
	if err := conn.WriteMessage(websocket.TextMessage, []byte(ask)); err != nil {
		t.Fatal(err)
	}
	_ = conn.SetReadDeadline(time.Now().Add(2 * time.Minute))
	for {
		var m struct {
			Header  wire.Header
			Content struct{ Data map[string]string }
		}
		if err := conn.ReadJSON(&m); err != nil {
			t.Fatal(err)
		}
		if m.Header.MsgType == "execute_result" {
			if got := m.Content.Data["text/plain"]; got != "42" {
				t.Errorf("result %q", got)
			}
			break
		}
	}
	s.ask("POST", "api/shutdown", "", http.StatusOK)
	if said := s.ends(); strings.Contains(said, notebookToken) {
		t.Errorf("the token was printed where no terminal is: %s", said)
	}
	again := exec.Command(exe, "notebook", "list")
	again.Env = s.env
	if out, err := again.Output(); err != nil || len(out) > 0 {
		t.Errorf("the server that has ended is listed: %s, %v", out, err)
	}
}

func TestNotebookEndsWithCtrlC(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a test cannot press Ctrl-C here")
	}
	s := startNotebook(t, notebookFolder(t))
	s.ask("POST", "api/kernels", "{}", http.StatusCreated)
	if err := s.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	s.ends()
}
