package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/adabc437/fanout/frontend/nbformat"
)

// A roomServer is "fanout notebook" in a process of its own.
type roomServer struct {
	*testing.T
	cmd     *exec.Cmd
	address string
	unread  [][]byte // messages of a room's last frame
}

const serverToken = "0123456789abcdef0123456789abcdef"

func startServer(t *testing.T, dir string) *roomServer {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	home := filepath.Dir(dir)
	s := &roomServer{T: t, cmd: exec.Command(exe, "notebook", "--no-browser", "--port", "0", dir)}
	s.cmd.Env = append(os.Environ(), asFanout+"=1", "FANOUT_TOKEN="+serverToken, "FANOUT_TIER=interpreted",
		"HOME="+home, "XDG_DATA_HOME="+home+"/data", "XDG_STATE_HOME="+home+"/state", "XDG_RUNTIME_DIR="+home)
	stderr, err := s.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = s.cmd.Process.Kill() // unless it was killed before
		_ = s.cmd.Wait()
	})
	lines := bufio.NewScanner(stderr)
	for lines.Scan() {
		if m := regexp.MustCompile(`http://[^/ ]+`).FindString(lines.Text()); m != "" {
			s.address = m
			go func() { // ends with the process
				for lines.Scan() {
				}
			}()
			return s
		}
	}
	t.Fatal("the server did not say where it is")
	return nil
}

// room opens a room, and gives the source of its first cell and what is known of the
// file.
func (s *roomServer) room() (*websocket.Conn, string, map[string]any) {
	s.Helper()
	s.unread = nil
	ws, _, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(s.address, "http")+"/api/fanout/room?path=n.ipynb",
		http.Header{"Authorization": {"token " + serverToken}})
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() { ws.Close() })
	m := s.event(ws, "room")
	cell := m["notebook"].(map[string]any)["cells"].([]any)[0].(map[string]any)
	return ws, cell["source"].(string), m["file"].(map[string]any)
}

func (s *roomServer) event(ws *websocket.Conn, kind string) map[string]any {
	s.Helper()
	for {
		if len(s.unread) == 0 { // a frame has one message or more
			if err := ws.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
				s.Fatal(err)
			}
			_, frame, err := ws.ReadMessage()
			if err != nil {
				s.Fatal(err)
			}
			s.unread = bytes.Split(frame, []byte{'\n'})
		}
		var m map[string]any
		if err := json.Unmarshal(s.unread[0], &m); err != nil {
			s.Fatal(err)
		}
		s.unread = s.unread[1:]
		if m["ev"] == kind || kind == "reply" && m["re"] != nil {
			return m
		}
	}
}

// TestAServerThatIsKilledLosesNothing edits and runs a cell, kills the server, and
// looks at the notebook in another.
func TestAServerThatIsKilledLosesNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("it starts servers")
	}
	dir := filepath.Join(t.TempDir(), "notebooks")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	nb := &nbformat.Notebook{Minor: 5, Metadata: map[string]any{}, Cells: []*nbformat.Cell{
		{Type: nbformat.Code, ID: "a", Metadata: map[string]any{}, Source: "1 + 1"},
	}}
	if err := nb.WriteFile(filepath.Join(dir, "n.ipynb")); err != nil {
		t.Fatal(err)
	}
	s := startServer(t, dir)
	ws, _, _ := s.room()
	send := func(m map[string]any) {
		t.Helper()
		if err := ws.WriteJSON(m); err != nil {
			t.Fatal(err)
		}
	}
	send(map[string]any{"id": 1, "op": "run", "cells": []string{"a"}})
	for {
		state := s.event(ws, "state")["state"].(map[string]any)
		if state["run"] == "idle" {
			if state["status"] != "ok" {
				t.Fatalf("the cell ended as %v", state)
			}
			break
		}
	}
	send(map[string]any{"id": 2, "op": "edit", "cell": "a", "version": 0, "updates": []any{[]any{5, []any{0, " + 1"}}}})
	for m := s.event(ws, "reply"); m["re"] != 2.0; m = s.event(ws, "reply") {
		if m["error"] != nil {
			t.Fatal(m)
		}
	}
	if err := s.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = s.cmd.Wait() // says that it was killed

	again := startServer(t, dir)
	_, source, file := again.room()
	if source != "1 + 1 + 1" || file["recovered"] != true {
		t.Errorf("after the kill the cell is %q, and the file %v", source, file)
	}
}

// TestOpenNotebooksOverREST looks at a notebook that is open as other clients do, and
// renames it under its page. Its cell looks for the token.
func TestOpenNotebooksOverREST(t *testing.T) {
	if testing.Short() {
		t.Skip("it starts a server")
	}
	dir := filepath.Join(t.TempDir(), "notebooks")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	nb := &nbformat.Notebook{Minor: 5, Metadata: map[string]any{}, Cells: []*nbformat.Cell{
		{Type: nbformat.Code, ID: "a", Metadata: map[string]any{}, Source: `strings.Contains(fmt.Sprint(os.Environ()), "` + serverToken + `")`},
	}}
	if err := nb.WriteFile(filepath.Join(dir, "n.ipynb")); err != nil {
		t.Fatal(err)
	}
	s := startServer(t, dir)
	rest := func(method, path, body string, status int) string {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, s.address+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "token "+serverToken)
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		if err != nil || resp.StatusCode != status {
			t.Fatalf("%s %s: status %d, want %d: %s, %v", method, path, resp.StatusCode, status, text, err)
		}
		return string(text)
	}
	ws, _, _ := s.room()
	if err := ws.WriteJSON(map[string]any{"id": 1, "op": "run", "cells": []string{"a"}}); err != nil {
		t.Fatal(err)
	}
	for len(s.event(ws, "outputs")["outputs"].([]any)) == 0 {
	}
	for s.event(ws, "state")["state"].(map[string]any)["run"] != "idle" {
	}
	if got := rest("GET", "/api/fanout/output?path=n.ipynb&cell=a&index=0", "", 200); !strings.Contains(got, "false") {
		t.Errorf("the cell sees the token in its environment: %s", got)
	}
	if got := rest("GET", "/api/sessions", "", 200); !strings.Contains(got, `"path":"n.ipynb"`) {
		t.Errorf("sessions: %s", got)
	}
	rest("PATCH", "/api/contents/n.ipynb", `{"path":"m.ipynb"}`, 200)
	for s.event(ws, "file")["path"] != "m.ipynb" {
	}
	if got := rest("GET", "/api/sessions", "", 200); !strings.Contains(got, `"path":"m.ipynb"`) {
		t.Errorf("sessions after the rename: %s", got)
	}
	rest("DELETE", "/api/contents/m.ipynb", "", 204)
	for s.event(ws, "file")["conflict"] != true {
	}
}
