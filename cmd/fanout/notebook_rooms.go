package main

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"runtime"
	"strings"

	"github.com/adabc437/fanout/frontend/notebook"
	"github.com/adabc437/fanout/frontend/notebook/rooms"
)

// roomRoutes makes the routes of the open notebooks, which are saved and closed with
// the server.
func roomRoutes(logger *slog.Logger) func(*notebook.Server) ([]notebook.Route, error) {
	return func(s *notebook.Server) ([]notebook.Route, error) {
		root, err := os.OpenRoot(s.Root())
		if err != nil {
			return nil, fmt.Errorf("the folder of the notebooks: %w", err)
		}
		trust := rooms.NewTrust(rooms.DataDir())
		open, err := rooms.New(rooms.Options{
			Root: root, Kernels: s.Kernels(), State: rooms.StateDir(), Trust: trust, Metadata: notebookMetadata(), Logger: logger,
		})
		if err != nil {
			return nil, errors.Join(err, root.Close())
		}
		s.BeforeClose(func() error { return errors.Join(open.Close(), trust.Close(), root.Close()) })
		s.SetOpen(notebook.Open{Move: open.Move, Deleted: open.Deleted, Has: open.Has, Kernels: open.Kernels})
		var routes []notebook.Route
		for path, h := range open.Routes() {
			routes = append(routes, notebook.Route{Method: http.MethodGet, Path: path, Serve: func(w http.ResponseWriter, r *http.Request) error {
				h(w, r)
				return nil
			}})
		}
		return routes, nil
	}
}

// notebookMetadata says which kernel and language a notebook is for.
func notebookMetadata() map[string]any {
	return map[string]any{
		"kernelspec": map[string]any{"display_name": "Go (Fanout)", "language": "go", "name": "fanout"},
		"language_info": map[string]any{
			"name": "go", "file_extension": ".go", "mimetype": "text/x-go", "version": strings.TrimPrefix(runtime.Version(), "go"),
		},
	}
}
