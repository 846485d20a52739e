package notebook

import (
	"cmp"
	"net/http"
	"path"
	"path/filepath"
	"slices"
	"sync"

	"github.com/adabc437/fanout/frontend/notebook/contents"
	"github.com/adabc437/fanout/frontend/notebook/kernels"
	"github.com/adabc437/fanout/kernel/kernelspec"
	"github.com/adabc437/fanout/kernel/wire"
)

// A kernelModel is a kernel as the API gives it.
type kernelModel struct {
	ID             string `json:"id"`
	Name           string `json:"name"`
	LastActivity   string `json:"last_activity"`
	ExecutionState string `json:"execution_state"`
	Connections    int    `json:"connections"`
}

func modelOf(k *kernels.Kernel) kernelModel {
	last, clients := k.Active()
	return kernelModel{
		ID: k.ID(), Name: cmp.Or(k.Spec().Name, kernelspec.DefaultName), LastActivity: stamp(last),
		ExecutionState: string(k.Status()), Connections: clients,
	}
}

func (s *Server) listKernels(w http.ResponseWriter, r *http.Request) error {
	list := []kernelModel{}
	for _, k := range s.kernels.List() {
		list = append(list, modelOf(k))
	}
	return reply(w, http.StatusOK, list)
}

// startKernel starts a kernel, in the folder of the file at path if one is given.
func (s *Server) startKernel(w http.ResponseWriter, r *http.Request) error {
	var ask struct {
		Name string `json:"name"`
		Path string `json:"path"`
	}
	if err := read(w, r, maxBody, &ask); err != nil {
		return err
	}
	k, err := s.start(ask.Name, ask.Path)
	if err != nil {
		return err
	}
	w.Header().Set("Location", "/api/kernels/"+k.ID())
	return reply(w, http.StatusCreated, modelOf(k))
}

// start starts a kernel in the folder of the file, or in the folder, at p.
func (s *Server) start(name, p string) (*kernels.Kernel, error) {
	name = cmp.Or(name, kernelspec.DefaultName)
	if err := checkSpec(name); err != nil {
		return nil, err
	}
	return s.kernels.Start(kernels.Spec{Name: name, Dir: s.dirOf(p)})
}

// dirOf gives the folder that cells of the notebook at p run in: its own, if it is
// there, as a path of the system.
func (s *Server) dirOf(p string) string {
	for _, dir := range []string{p, path.Dir("/" + p)} {
		if m, err := s.files.Get(dir, contents.Options{}); err == nil && m.Type == contents.Directory {
			return filepath.Join(s.root, filepath.FromSlash(m.Path))
		}
	}
	return s.root
}

// kernel gives the kernel that the path of r names.
func (s *Server) kernel(r *http.Request) (*kernels.Kernel, error) {
	id := r.PathValue("id")
	k, ok := s.kernels.Get(id)
	if !ok {
		return nil, refuse(http.StatusNotFound, "Kernel does not exist: %s", id)
	}
	return k, nil
}

func (s *Server) getKernel(w http.ResponseWriter, r *http.Request) error {
	k, err := s.kernel(r)
	if err != nil {
		return err
	}
	return reply(w, http.StatusOK, modelOf(k))
}

func (s *Server) deleteKernel(w http.ResponseWriter, r *http.Request) error {
	k, err := s.kernel(r)
	if err != nil {
		return err
	}
	if err := k.Shutdown(); err != nil {
		s.log.Warn("kernel that did not end well", "kernel", k.ID(), "error", err)
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (s *Server) interruptKernel(w http.ResponseWriter, r *http.Request) error {
	k, err := s.kernel(r)
	if err == nil {
		err = k.Interrupt()
	}
	if err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (s *Server) restartKernel(w http.ResponseWriter, r *http.Request) error {
	k, err := s.kernel(r)
	if err == nil {
		err = k.Restart()
	}
	if err != nil {
		return err
	}
	return reply(w, http.StatusOK, modelOf(k))
}

// A binding binds a document to a kernel.
type binding struct {
	id, path, name, kind string
	kernel               *kernels.Kernel
}

// bindings are the sessions that clients have made, oldest first, and the documents
// that have a kernel without one. Those whose kernel has ended are left out when they
// are listed.
type bindings struct {
	making sync.Mutex       // held while one is made: two for one path would have two kernels
	others func() []binding // nil: there are none

	mu  sync.Mutex
	all []binding
}

// A Bound is a document that has a kernel, though no client has made a session.
type Bound struct {
	Path   string
	Kernel string // its id
}

// Bind has the notebooks that list tells of among the sessions: list is called
// whenever those are asked for, from any goroutine. It is for Options.More.
func (s *Server) Bind(list func() []Bound) {
	s.sessions.others = func() []binding {
		var all []binding
		for _, b := range list() {
			if k, ok := s.kernels.Get(b.Kernel); ok {
				all = append(all, binding{id: b.Kernel, path: b.Path, name: path.Base(b.Path), kind: contents.Notebook, kernel: k})
			}
		}
		return all
	}
}

const maxSessions = 1000

func (l *bindings) list() []binding {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = slices.DeleteFunc(l.all, func(s binding) bool { return s.kernel.Ended() })
	list := slices.Clone(l.all)
	if l.others == nil {
		return list
	}
	for _, other := range l.others() {
		known := func(s binding) bool { return s.id == other.id || s.path == other.path }
		if !other.kernel.Ended() && !slices.ContainsFunc(list, known) {
			list = append(list, other)
		}
	}
	return list
}

func (l *bindings) find(match func(binding) bool) (binding, bool) {
	all := l.list()
	if i := slices.IndexFunc(all, match); i >= 0 {
		return all[i], true
	}
	return binding{}, false
}

// put adds s, or puts it in the place of the session with its id.
func (l *bindings) put(s binding) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if i := slices.IndexFunc(l.all, func(other binding) bool { return other.id == s.id }); i >= 0 {
		l.all[i] = s
		return nil
	}
	if len(l.all) >= maxSessions {
		return refuse(http.StatusTooManyRequests, "there are %d sessions already", len(l.all))
	}
	l.all = append(l.all, s)
	return nil
}

func (l *bindings) remove(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = slices.DeleteFunc(l.all, func(s binding) bool { return s.id == id })
}

// A sessionModel is a session as the API gives it.
type sessionModel struct {
	ID       string            `json:"id"`
	Path     string            `json:"path"`
	Name     string            `json:"name"`
	Type     string            `json:"type"`
	Kernel   kernelModel       `json:"kernel"`
	Notebook map[string]string `json:"notebook,omitempty"`
}

func (s binding) model() sessionModel {
	m := sessionModel{ID: s.id, Path: s.path, Name: s.name, Type: s.kind, Kernel: modelOf(s.kernel)}
	if s.kind == contents.Notebook {
		m.Notebook = map[string]string{"path": s.path, "name": s.name}
	}
	return m
}

// A sessionRequest is what clients say of a session. Fields that are missing are
// nil.
type sessionRequest struct {
	Path   *string `json:"path"`
	Name   *string `json:"name"`
	Type   *string `json:"type"`
	Kernel *struct {
		ID   *string `json:"id"`
		Name *string `json:"name"`
	} `json:"kernel"`
	// Notebook is how old clients give the path.
	Notebook *struct {
		Path *string `json:"path"`
		Name *string `json:"name"`
	} `json:"notebook"`
}

func (s *Server) listSessions(w http.ResponseWriter, r *http.Request) error {
	list := []sessionModel{}
	for _, one := range s.sessions.list() {
		list = append(list, one.model())
	}
	return reply(w, http.StatusOK, list)
}

// startSession makes a session, with a kernel that is there or a new one. Where
// the path has a session, that is given.
func (s *Server) startSession(w http.ResponseWriter, r *http.Request) error {
	var ask sessionRequest
	if err := read(w, r, maxBody, &ask); err != nil {
		return err
	}
	if ask.Path == nil && ask.Notebook != nil {
		ask.Path, ask.Name = ask.Notebook.Path, cmp.Or(ask.Name, ask.Notebook.Name)
		kind := contents.Notebook
		ask.Type = &kind
	}
	if ask.Path == nil || ask.Type == nil {
		return refuse(http.StatusBadRequest, "a session needs a path and a type")
	}
	if len(*ask.Path) > maxPath {
		return refuse(http.StatusBadRequest, "a path of %d bytes, at most %d are allowed", len(*ask.Path), maxPath)
	}
	s.sessions.making.Lock()
	defer s.sessions.making.Unlock()
	one, there := s.sessions.find(func(other binding) bool { return other.path == *ask.Path })
	if !there {
		var err error
		if one, err = s.makeSession(ask); err != nil {
			return err
		}
	}
	w.Header().Set("Location", "/api/sessions/"+one.id)
	return reply(w, http.StatusCreated, one.model())
}

const maxPath = 4096

func (s *Server) makeSession(ask sessionRequest) (binding, error) {
	one := binding{id: wire.NewID(), path: *ask.Path, kind: *ask.Type}
	if ask.Name != nil {
		one.name = *ask.Name
	}
	var err error
	if one.kernel, err = s.choose(ask, one.path); err != nil {
		return binding{}, err
	}
	if err := s.sessions.put(one); err != nil {
		if ask.Kernel == nil || ask.Kernel.ID == nil {
			_ = one.kernel.Shutdown()
		}
		return binding{}, err
	}
	return one, nil
}

// choose gives the kernel that ask names, or starts one.
func (s *Server) choose(ask sessionRequest, p string) (*kernels.Kernel, error) {
	name := ""
	if ask.Kernel != nil {
		if id := ask.Kernel.ID; id != nil && *id != "" {
			k, ok := s.kernels.Get(*id)
			if !ok {
				return nil, refuse(http.StatusNotFound, "Kernel does not exist: %s", *id)
			}
			return k, nil
		}
		if ask.Kernel.Name != nil {
			name = *ask.Kernel.Name
		}
	}
	return s.start(name, p)
}

// session gives the session that the path of r names.
func (s *Server) session(r *http.Request) (binding, error) {
	id := r.PathValue("id")
	one, ok := s.sessions.find(func(other binding) bool { return other.id == id })
	if !ok {
		return binding{}, refuse(http.StatusNotFound, "Session not found: session_id=%q", id)
	}
	return one, nil
}

func (s *Server) getSession(w http.ResponseWriter, r *http.Request) error {
	one, err := s.session(r)
	if err != nil {
		return err
	}
	return reply(w, http.StatusOK, one.model())
}

// changeSession changes what is given. Another kernel takes the place of the old
// one, which ends unless another session has it.
func (s *Server) changeSession(w http.ResponseWriter, r *http.Request) error {
	var ask sessionRequest
	if err := read(w, r, maxBody, &ask); err != nil {
		return err
	}
	s.sessions.making.Lock()
	defer s.sessions.making.Unlock()
	one, err := s.session(r)
	if err != nil {
		return err
	}
	for _, f := range []struct{ to, from *string }{{&one.path, ask.Path}, {&one.name, ask.Name}, {&one.kind, ask.Type}} {
		if f.from != nil && len(*f.from) <= maxPath {
			*f.to = *f.from
		}
	}
	old := one.kernel
	if ask.Kernel != nil && (ask.Kernel.ID != nil && *ask.Kernel.ID != old.ID() || ask.Kernel.ID == nil && ask.Kernel.Name != nil) {
		if one.kernel, err = s.choose(ask, one.path); err != nil {
			return err
		}
	}
	if err := s.sessions.put(one); err != nil {
		return err
	}
	if one.kernel != old {
		s.release(old, one.id)
	}
	return reply(w, http.StatusOK, one.model())
}

// release ends a kernel that no session has any more, but for the one with the id.
func (s *Server) release(k *kernels.Kernel, id string) {
	if _, shared := s.sessions.find(func(other binding) bool { return other.kernel == k && other.id != id }); shared {
		return
	}
	if err := k.Shutdown(); err != nil {
		s.log.Warn("kernel that did not end well", "kernel", k.ID(), "error", err)
	}
}

// deleteSession ends the session and its kernel, unless another session has it.
func (s *Server) deleteSession(w http.ResponseWriter, r *http.Request) error {
	s.sessions.making.Lock()
	defer s.sessions.making.Unlock()
	one, err := s.session(r)
	if err != nil {
		return err
	}
	s.sessions.remove(one.id)
	s.release(one.kernel, one.id)
	w.WriteHeader(http.StatusNoContent)
	return nil
}
