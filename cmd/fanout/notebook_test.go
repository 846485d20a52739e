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
	cmd  *exec.Cmd
	url  string
	said chan string // all of stderr, when it has ended
	env  []string
}

// startNotebook starts the program in a folder of its own, and waits for its
// address.
func startNotebook(t *testing.T, args ...string) *notebookServer {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	s := &notebookServer{T: t, said: make(chan string, 1)}
	s.env = append(os.Environ(), asFanout+"=1", "FANOUT_TOKEN="+notebookToken, "XDG_RUNTIME_DIR="+t.TempDir(), "FANOUT_HISTORY="+filepath.Join(t.TempDir(), "h.sqlite"))
	s.cmd = exec.Command(exe, append([]string{"notebook", t.TempDir(), "--no-browser", "--port", "0"}, args...)...)
	s.cmd.Env = s.env
	stderr, err := s.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.cmd.Process.Kill() })
	found := make(chan string, 1)
	go func() {
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
	s := startNotebook(t)
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
	conn, _, err := websocket.DefaultDialer.Dial(strings.Replace(s.url, "http", "ws", 1)+"api/kernels/"+k.ID+"/channels?token="+notebookToken, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
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
	s := startNotebook(t)
	s.ask("POST", "api/kernels", "{}", http.StatusCreated)
	if err := s.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	s.ends()
}
