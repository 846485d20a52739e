// Package notebook is the web notebook's server: it serves the page, the REST API
// of Jupyter Server and the websockets of kernels, which run in this program.
//
// Any client of Jupyter Server can use it. A [Server] is an http.Handler; listening
// is left to its user, who asks [CheckListen] first. All that is served is one
// table ([Server.routes]) behind one check ([Server.admit]): no route is reached
// without a token, a session cookie or a mark in the table that it is public.
//
// Kernels are kept by package kernels, files by package contents.
//
// https://jupyter-server.readthedocs.io/en/latest/developers/rest-api.html
package notebook

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"path/filepath"
	"sync"
	"time"

	"github.com/adabc437/fanout/frontend/notebook/contents"
	"github.com/adabc437/fanout/frontend/notebook/kernels"
	"github.com/adabc437/fanout/interp/session"
	"github.com/adabc437/fanout/kernel"
	"github.com/adabc437/fanout/kernel/history"
)

// Options say what a Server is made of. Root, Start, and one of Token and
// PasswordHash are needed.
type Options struct {
	// Root is the folder of the notebooks.
	Root string
	// Token lets clients in that show it; empty is none.
	Token string
	// PasswordHash is what HashPassword made of the password; empty is none.
	PasswordHash string
	// Hosts are the names and addresses, without ports, by which the server may be
	// asked for, beside those of loopback.
	Hosts []string
	// Start, History, Info and MaxKernels are those of kernels.Options.
	Start      func(ctx context.Context, spec kernels.Spec) (session.Session, error)
	History    func() *history.Store
	Info       kernel.Info
	MaxKernels int
	// Page is the page, with its index.html; nil serves a note that there is none.
	Page fs.FS
	// Tutorials are notebooks that the page offers; nil offers none.
	Tutorials fs.FS
	// More gives further routes, behind the same check.
	More func(*Server) ([]Route, error)
	// Logger is told what users are not; nil drops it.
	Logger *slog.Logger
}

// A Server is the web notebook. Its methods may be called from any goroutine.
type Server struct {
	opt       Options
	root      string // absolute
	log       *slog.Logger
	files     *contents.Files
	kernels   *kernels.Manager
	cross     *http.CrossOriginProtection
	logins    logins
	sessions  bindings
	sockets   sockets
	settings  settings
	tutorials func() ([]tutorial, error)

	table   map[string]Route // by pattern
	mux     *http.ServeMux
	started time.Time
	active  activity
	before  []func() error // see BeforeClose
	open    Open
	done    chan struct{} // closed when a client asked the server to end
	asked   sync.Once
}

// New returns a Server. Close must be called.
func New(o Options) (*Server, error) {
	if o.Token == "" && o.PasswordHash == "" {
		return nil, errors.New("notebook: neither a token nor a password: want one of them")
	}
	if o.PasswordHash != "" {
		if _, err := parseHash(o.PasswordHash); err != nil {
			return nil, fmt.Errorf("notebook: %w", err)
		}
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	root, err := filepath.Abs(o.Root)
	if err != nil {
		return nil, fmt.Errorf("the folder of the notebooks: %w", err)
	}
	manager, err := kernels.NewManager(kernels.Options{
		Start: o.Start, History: o.History, Info: o.Info, Max: o.MaxKernels, Logger: o.Logger,
	})
	if err != nil {
		return nil, err
	}
	files, err := contents.Open(root)
	if err != nil {
		return nil, errors.Join(err, manager.Close())
	}
	s := &Server{
		opt: o, root: root, log: o.Logger, files: files, kernels: manager, cross: http.NewCrossOriginProtection(),
		logins: newLogins(), sockets: newSockets(), settings: settings{of: make(map[string]map[string]any)},
		mux: http.NewServeMux(), started: time.Now(), done: make(chan struct{}),
	}
	s.active.now()
	s.tutorials = sync.OnceValues(s.readTutorials)
	table := s.routes()
	if o.More != nil {
		more, err := o.More(s)
		if err != nil {
			return nil, errors.Join(err, s.Close())
		}
		table = append(table, more...)
	}
	s.table = make(map[string]Route, len(table))
	for _, rt := range table {
		s.table[rt.pattern()] = rt
		s.mux.Handle(rt.pattern(), s.answer(rt.Serve))
	}
	return s, nil
}

// Kernels are the kernels that run here.
func (s *Server) Kernels() *kernels.Manager { return s.kernels }

// Root is the folder of the notebooks, as an absolute path.
func (s *Server) Root() string { return s.root }

// Done is closed when a client asked the server to end. Its owner then calls Close.
func (s *Server) Done() <-chan struct{} { return s.done }

// BeforeClose has f called by Close before the kernels end. It is for Options.More.
func (s *Server) BeforeClose(f func() error) { s.before = append(s.before, f) }

// Open are the notebooks that something else has open here, which is told what clients
// do with their files. Its functions may be called from any goroutine; each may be nil.
type Open struct {
	// Move calls do, which renames a file or folder, and has what is open there follow.
	Move func(from, to string, do func() error) error
	// Deleted says that the user has deleted a file.
	Deleted func(path string)
	// Has says whether the notebook at a path is open, with a file or without.
	Has func(path string) bool
	// Kernels gives the ids of the kernels of what is open, by path.
	Kernels func() map[string]string
}

// SetOpen says what has notebooks open. It is for Options.More.
func (s *Server) SetOpen(o Open) { s.open = o }

// Close shuts all kernels down and closes the websockets.
func (s *Server) Close() error {
	var errs []error
	for _, f := range s.before {
		errs = append(errs, f())
	}
	s.before = nil
	errs = append(errs, s.kernels.Close())
	s.sockets.close()
	return errors.Join(append(errs, s.files.Close())...)
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	r = withoutSlash(r)
	rt, ok := s.admit(w, r)
	if !ok {
		return
	}
	s.active.now()
	if rt == nil {
		s.answer(s.unknown).ServeHTTP(w, r)
		return
	}
	s.mux.ServeHTTP(w, r)
}

// An activity is when something happened last.
type activity struct {
	mu   sync.Mutex
	last time.Time
}

func (a *activity) now() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.last = time.Now()
}

func (a *activity) when() time.Time {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.last
}
