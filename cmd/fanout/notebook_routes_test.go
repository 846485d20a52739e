package main

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/adabc437/fanout/frontend/notebook"
	"github.com/adabc437/fanout/frontend/notebook/kernels"
	"github.com/adabc437/fanout/interp/session"
)

// TestRoutesOfOpenNotebooksAreBehindTheCheck asks for each route that rooms add to the
// server's table, without credentials and with them.
func TestRoutesOfOpenNotebooksAreBehindTheCheck(t *testing.T) {
	for _, name := range []string{"HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"} {
		t.Setenv(name, t.TempDir())
	}
	var added []notebook.Route
	s, err := notebook.New(notebook.Options{
		Root: t.TempDir(), Token: notebookToken,
		Start: func(context.Context, kernels.Spec) (session.Session, error) { return nil, errors.New("none") },
		More: func(s *notebook.Server) (routes []notebook.Route, err error) {
			added, err = roomRoutes(slog.New(slog.DiscardHandler))(s)
			return added, err
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	status := func(path, token string) int {
		r := httptest.NewRequest(http.MethodGet, "http://localhost:8888"+path+"?path=none.ipynb&to=go&cell=a&index=0", nil)
		if token != "" {
			r.Header.Set("Authorization", "token "+token)
		}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		return w.Code
	}
	if len(added) < 3 {
		t.Fatalf("rooms add %d routes", len(added))
	}
	for _, rt := range added {
		if rt.Public || status(rt.Path, "") != http.StatusForbidden || status(rt.Path, notebookToken+"x") != http.StatusForbidden {
			t.Errorf("%s is open to everybody", rt.Path)
		}
		if got := status(rt.Path, notebookToken); got == http.StatusForbidden {
			t.Errorf("%s is closed to those who have the token", rt.Path)
		}
	}
}
