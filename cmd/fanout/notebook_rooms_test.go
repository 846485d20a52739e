package main

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/adabc437/fanout/frontend/nbformat"
)

// startRooms starts the program on a folder that has a notebook of one cell.
func startRooms(t *testing.T, cell string) (s *notebookServer, dir string) {
	t.Helper()
	if testing.Short() {
		t.Skip("it starts a server")
	}
	dir = notebookFolder(t)
	nb := &nbformat.Notebook{Minor: 5, Metadata: map[string]any{}, Cells: []*nbformat.Cell{
		{Type: nbformat.Code, ID: "a", Metadata: map[string]any{}, Source: cell},
	}}
	if err := nb.WriteFile(filepath.Join(dir, "n.ipynb")); err != nil {
		t.Fatal(err)
	}
	return startInterpreted(t, dir), dir
}

// startInterpreted starts the program with a home of its own, which has no packages
// compiled.
func startInterpreted(t *testing.T, dir string) *notebookServer {
	t.Helper()
	cache, err := goCache() // which go commands of a server that was killed may go on to write
	if err != nil {
		t.Fatal(err)
	}
	return startNotebook(t, dir, "FANOUT_TIER=interpreted", "HOME="+filepath.Dir(dir), "GOCACHE="+cache)
}

// room opens a room, and gives the source of its first cell and what is known of the
// file.
func (s *notebookServer) room() (*websocket.Conn, string, map[string]any) {
	s.Helper()
	s.unread = nil
	ws := s.dial("api/fanout/room?path=n.ipynb")
	m := s.event(ws, "room")
	cell := m["notebook"].(map[string]any)["cells"].([]any)[0].(map[string]any)
	return ws, cell["source"].(string), m["file"].(map[string]any)
}

// event waits for an event of a room.
func (s *notebookServer) event(ws *websocket.Conn, kind string) map[string]any {
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
	s, dir := startRooms(t, "1 + 1")
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
	s.kill()

	again := startInterpreted(t, dir)
	_, source, file := again.room()
	if source != "1 + 1 + 1" || file["recovered"] != true {
		t.Errorf("after the kill the cell is %q, and the file %v", source, file)
	}
}

// TestOpenNotebooksOverREST looks at a notebook that is open as other clients do, and
// renames it under its page. Its cell looks for the token.
func TestOpenNotebooksOverREST(t *testing.T) {
	s, _ := startRooms(t, `strings.Contains(fmt.Sprint(os.Environ()), "`+notebookToken+`")`)
	ws, _, _ := s.room()
	if err := ws.WriteJSON(map[string]any{"id": 1, "op": "run", "cells": []string{"a"}}); err != nil {
		t.Fatal(err)
	}
	for len(s.event(ws, "outputs")["outputs"].([]any)) == 0 {
	}
	for s.event(ws, "state")["state"].(map[string]any)["run"] != "idle" {
	}
	if got := s.ask("GET", "api/fanout/output?path=n.ipynb&cell=a&index=0", "", 200); !strings.Contains(got, "false") {
		t.Errorf("the cell sees the token in its environment: %s", got)
	}
	if got := s.ask("GET", "api/sessions", "", 200); !strings.Contains(got, `"path":"n.ipynb"`) {
		t.Errorf("sessions: %s", got)
	}
	s.ask("PATCH", "api/contents/n.ipynb", `{"path":"m.ipynb"}`, 200)
	for s.event(ws, "file")["path"] != "m.ipynb" {
	}
	if got := s.ask("GET", "api/sessions", "", 200); !strings.Contains(got, `"path":"m.ipynb"`) {
		t.Errorf("sessions after the rename: %s", got)
	}
	s.ask("DELETE", "api/contents/m.ipynb", "", 204)
	for s.event(ws, "file")["conflict"] != true {
	}
}
