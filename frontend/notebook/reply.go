package notebook

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"

	"github.com/adabc437/fanout/frontend/notebook/contents"
	"github.com/adabc437/fanout/frontend/notebook/kernels"
)

// The bounds of what clients send in one request.
const (
	maxBody     = 1 << 20
	maxContents = contents.MaxFile/3*4 + maxBody // a file in base64
)

// A refusal is an error with the status that it is answered with.
type refusal struct {
	status  int
	message string
}

func (r *refusal) Error() string { return r.message }

func refuse(status int, format string, args ...any) error {
	return &refusal{status, fmt.Sprintf(format, args...)}
}

// statusOf gives the status that err is answered with.
func statusOf(err error) int {
	var r *refusal
	var size *http.MaxBytesError
	switch {
	case errors.As(err, &r):
		return r.status
	case errors.As(err, &size), errors.Is(err, contents.ErrTooLarge):
		return http.StatusRequestEntityTooLarge
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, kernels.ErrGone):
		return http.StatusNotFound
	case errors.Is(err, fs.ErrExist):
		return http.StatusConflict
	case errors.Is(err, fs.ErrPermission):
		return http.StatusForbidden
	case errors.Is(err, contents.ErrRefused):
		return http.StatusBadRequest
	case errors.Is(err, kernels.ErrTooMany):
		return http.StatusTooManyRequests
	}
	return http.StatusInternalServerError
}

// answer makes a handler of a route's function.
func (s *Server) answer(serve func(http.ResponseWriter, *http.Request) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		err := serve(w, r)
		if err == nil {
			return
		}
		status := statusOf(err)
		if status >= http.StatusInternalServerError {
			s.log.Error("request failed", "method", r.Method, "path", r.URL.Path, "error", err)
		}
		replyError(w, status, err.Error())
	})
}

// replyError answers as Jupyter Server does.
func replyError(w http.ResponseWriter, status int, message string) {
	reply(w, status, map[string]any{"message": message, "reason": http.StatusText(status)})
}

// reply answers with v as JSON.
func reply(w http.ResponseWriter, status int, v any) error {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		// The status is sent: the client sees an answer that ends too early.
		panic(http.ErrAbortHandler)
	}
	return nil
}

// read reads the JSON in the body of r into v. An empty body leaves v as it is.
func read(w http.ResponseWriter, r *http.Request, limit int64, v any) error {
	data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	if err != nil {
		var size *http.MaxBytesError
		if errors.As(err, &size) {
			return fmt.Errorf("the request is larger than %d bytes: %w", limit, err)
		}
		return refuse(http.StatusBadRequest, "the request ends too early: %v", err)
	}
	if len(data) == 0 {
		return nil
	}
	if err := json.Unmarshal(data, v); err != nil {
		return refuse(http.StatusBadRequest, "the request is not the JSON that is wanted here: %v", err)
	}
	return nil
}
