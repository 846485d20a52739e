package rooms

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"github.com/adabc437/fanout/frontend/notebook/kernels"
	"github.com/adabc437/fanout/kernel/wire"
)

// Options say where notebooks are, and what runs them. Root and Kernels are needed.
type Options struct {
	// Root is the folder of the notebooks. New does not close it.
	Root *os.Root
	// Kernels starts the kernels, and owns them.
	Kernels *kernels.Manager
	// Spec says which kernel to start for the notebook at a path below Root; nil
	// starts "fanout" in the notebook's folder.
	Spec func(path string) kernels.Spec
	// State is the folder of the journals, which is made when it is needed. Empty
	// keeps none: then a crash loses what was not saved.
	State string
	// Trust remembers which outputs are trusted. New does not close it. Nil forgets it
	// at the end.
	Trust *Trust
	// Metadata is what the metadata of a notebook is given that runs here and lacks it.
	Metadata map[string]any
	// Autosave is how long after a change the file is saved; 0 means 2 s.
	Autosave time.Duration
	// Watch is how often is looked whether another program has changed the file; 0 means
	// 2 s.
	Watch time.Duration
	// Linger is how long a room stays that nobody looks at and that runs nothing; 0
	// means 10 s.
	Linger time.Duration
	// Logger is told what users are not; nil drops it.
	Logger *slog.Logger
}

// Rooms are the notebooks that are open. Its methods may be called from any
// goroutine.
type Rooms struct {
	opt     Options
	log     *slog.Logger
	upgrade websocket.Upgrader
	conns   sync.WaitGroup
	ended   sync.WaitGroup // rooms that are in the list no more, until nothing of them runs

	moving sync.Mutex // held while files are renamed from outside; taken before the locks of rooms

	mu     sync.Mutex
	rooms  map[string]*entry // by path
	closed bool
}

// An entry is a room that is being opened, or is open.
type entry struct {
	ready chan struct{} // closed when room or err is there
	room  *Room
	err   error
}

// New returns Rooms of which none is open.
func New(o Options) (*Rooms, error) {
	if o.Root == nil || o.Kernels == nil {
		return nil, errors.New("rooms: Options.Root or Options.Kernels is nil")
	}
	if o.Spec == nil {
		root := o.Root.Name()
		o.Spec = func(p string) kernels.Spec {
			return kernels.Spec{Name: "fanout", Dir: filepath.Join(root, filepath.FromSlash(path.Dir(p)))}
		}
	}
	if o.Trust == nil {
		o.Trust = NewTrust("")
	}
	if o.Autosave == 0 {
		o.Autosave = 2 * time.Second
	}
	if o.Watch == 0 {
		o.Watch = 2 * time.Second
	}
	if o.Linger == 0 {
		o.Linger = 10 * time.Second
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return &Rooms{opt: o, log: o.Logger, rooms: map[string]*entry{}}, nil
}

// Routes are what rooms serve, by path; all are for GET. Who may call them is for the
// caller to check; websockets are refused to pages of other origins.
func (rs *Rooms) Routes() map[string]http.HandlerFunc {
	return map[string]http.HandlerFunc{
		"/api/fanout/room":   rs.serveRoom,
		"/api/fanout/output": rs.serveOutput,
		"/api/fanout/export": rs.serveExport,
	}
}

// serveRoom connects a page. The query names the notebook, and the client if it was
// here before.
func (rs *Rooms) serveRoom(w http.ResponseWriter, req *http.Request) {
	rs.mu.Lock()
	if rs.closed {
		rs.mu.Unlock()
		http.Error(w, errClosed.Error(), http.StatusServiceUnavailable)
		return
	}
	rs.conns.Add(1)
	rs.mu.Unlock()
	defer rs.conns.Done()
	ws, err := rs.upgrade.Upgrade(w, req, nil)
	if err != nil {
		return // it was answered
	}
	defer ws.Close()
	id := req.URL.Query().Get("client")
	if !validID(id) {
		id = wire.NewID()
	}
	c, err := rs.connect(req.Context(), ws, req.URL.Query().Get("path"), id)
	if err != nil {
		refuse(ws, err)
		return
	}
	written := make(chan struct{})
	go func() {
		defer close(written)
		c.write()
	}()
	c.read()
	c.room.leave(c)
	<-written
}

// connect opens the room and joins it. A room that is just closing is opened anew.
func (rs *Rooms) connect(ctx context.Context, ws *websocket.Conn, path, id string) (*conn, error) {
	for {
		r, err := rs.open(ctx, path)
		if err != nil {
			return nil, err
		}
		c, err := r.join(ws, id)
		if !errors.Is(err, errClosed) {
			return c, err
		}
		rs.mu.Lock()
		over := rs.closed
		rs.mu.Unlock()
		if over {
			return nil, err
		}
	}
}

// refuse tells a page why it has no room. Browsers do not show their pages why a
// websocket was refused, so it is told over one.
func refuse(ws *websocket.Conn, err error) {
	e := map[string]any{"ev": "failed", "error": err.Error()}
	var h *hinted
	switch {
	case errors.As(err, &h):
		e["hint"] = h.hint
	case errors.Is(err, fs.ErrNotExist):
		e["hint"] = "it may have been renamed or deleted"
	}
	_ = ws.SetWriteDeadline(time.Now().Add(writeTime))
	_ = ws.WriteMessage(websocket.TextMessage, encode(e)) // whether it arrives or not, that was all
	_ = ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(websocket.CloseNormalClosure, ""), time.Now().Add(time.Second))
}

// serveOutput gives one output, whole.
func (rs *Rooms) serveOutput(w http.ResponseWriter, req *http.Request) {
	q := req.URL.Query()
	index, err := strconv.Atoi(q.Get("index"))
	if err != nil {
		http.Error(w, "index is no number", http.StatusBadRequest)
		return
	}
	data, ok := rs.output(q.Get("path"), q.Get("cell"), index)
	if !ok {
		http.Error(w, "there is no such output: the notebook must be open", http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(data) // whose reader may be gone
}

func (rs *Rooms) output(path, cell string, index int) (json.RawMessage, bool) {
	r := rs.find(path)
	if r == nil {
		return nil, false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	c := r.doc.byID[cell]
	if c == nil || index < 0 || index >= len(c.outputs) {
		return nil, false
	}
	return c.outputs[index].whole(), true
}

// find gives the room of a path, if it is open.
func (rs *Rooms) find(path string) *Room {
	rs.mu.Lock()
	e := rs.rooms[path]
	rs.mu.Unlock()
	if e == nil {
		return nil
	}
	select {
	case <-e.ready:
		return e.room // nil if it could not be opened
	default:
		return nil
	}
}

// open gives the room of a path, which it opens if it is not.
func (rs *Rooms) open(ctx context.Context, path string) (*Room, error) {
	if err := checkPath(path); err != nil {
		return nil, err
	}
	rs.mu.Lock()
	if rs.closed {
		rs.mu.Unlock()
		return nil, errClosed
	}
	e := rs.rooms[path]
	if e == nil {
		e = &entry{ready: make(chan struct{})}
		rs.rooms[path] = e
		rs.mu.Unlock()
		e.room, e.err = rs.load(path)
		if e.err != nil {
			rs.mu.Lock()
			delete(rs.rooms, path)
			rs.mu.Unlock()
		}
		close(e.ready)
		return e.room, e.err
	}
	rs.mu.Unlock()
	select {
	case <-e.ready:
		return e.room, e.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// load makes the room of a notebook.
func (rs *Rooms) load(path string) (*Room, error) {
	ctx, cancel := context.WithCancel(context.Background())
	r := &Room{
		rooms: rs, log: rs.log, ctx: ctx, cancel: cancel, sender: wire.NewSender("fanout"),
		file: file{rs.opt.Root, path}, conns: map[*conn]bool{}, past: map[string]*client{},
		work: work{runs: map[string]string{}, latest: map[string]string{}},
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.load(); err != nil {
		cancel()
		return nil, err
	}
	r.goes(r.watchFile)
	r.shown = r.kernelView()
	return r, nil
}

func (rs *Rooms) journalPath(path string) string {
	return journalPath(rs.opt.State, rs.opt.Root.Name(), path)
}

// rename renames the file of a room, and the room.
func (rs *Rooms) rename(r *Room, to string) error {
	r.saving.Lock()
	defer r.saving.Unlock()
	rs.mu.Lock()
	defer rs.mu.Unlock()
	r.mu.Lock()
	f := r.file
	r.mu.Unlock()
	e := rs.rooms[f.path]
	switch {
	case f.path == to:
		return nil
	case e == nil || e.room != r:
		return errClosed
	case rs.rooms[to] != nil:
		return fmt.Errorf("a notebook %q is open already", to)
	}
	if err := f.rename(to); err != nil {
		return err
	}
	delete(rs.rooms, f.path)
	rs.rooms[to] = e
	r.renamed(to)
	return nil
}

// linger closes the room in a while, if nobody looks at it and nothing runs.
func (r *Room) linger() {
	if !r.idle() {
		return
	}
	time.AfterFunc(r.rooms.opt.Linger, func() {
		r.mu.Lock()
		idle := r.idle()
		if idle {
			r.active.Add(1)
		}
		r.mu.Unlock()
		if !idle {
			return
		}
		defer r.active.Done()
		if err := r.write(false); err != nil {
			r.log.Warn("notebook that is closed unsaved; its journal is kept", "error", err)
		}
		r.rooms.leave(r)
	})
}

// idle says that the room is of no use.
func (r *Room) idle() bool {
	return !r.closed && len(r.conns) == 0 && r.link == nil && !r.starting && r.work.now == nil && len(r.work.queue) == 0
}

// leave closes a room that is of no use, unless it has become of use meanwhile.
func (rs *Rooms) leave(r *Room) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.idle() {
		return
	}
	r.end()
	if e := rs.rooms[r.file.path]; e != nil && e.room == r {
		rs.forget(r)
	}
}

// forget takes a room that has ended from the list. Close waits for its goroutines, as it
// does for those of the others.
func (rs *Rooms) forget(r *Room) {
	delete(rs.rooms, r.file.path)
	if !rs.closed { // else Close has the room in its list
		rs.ended.Go(r.active.Wait)
	}
}

// end lets everything of the room go but its goroutines.
func (r *Room) end() {
	r.flush()
	r.closed = true
	r.cancel()
	for _, t := range []*time.Timer{r.disk.timer, r.panel.timer} {
		if t != nil {
			t.Stop()
		}
	}
	if l := r.link; l != nil {
		l.c.Close()
		for _, a := range l.asks {
			a.drop()
		}
		for _, a := range l.comms {
			a.drop()
		}
	}
	for c := range r.conns {
		c.end()
	}
	r.disk.journal.close()
}

// drop forgets the ask, which nobody waits for any more.
func (a *ask) drop() {
	a.over = true
	if a.timer != nil {
		a.timer.Stop()
	}
}

// Info is what is told of an open notebook.
type Info struct {
	Path   string
	Kernel string // the id of its kernel; empty if it has none
	Pages  int    // that show it
}

// List tells of the notebooks that are open.
func (rs *Rooms) List() []Info {
	rs.mu.Lock()
	var paths []string
	for p := range rs.rooms {
		paths = append(paths, p)
	}
	rs.mu.Unlock()
	var list []Info
	for _, p := range paths {
		r := rs.find(p)
		if r == nil {
			continue
		}
		r.mu.Lock()
		info := Info{Path: r.file.path, Pages: len(r.conns)}
		if r.link != nil {
			info.Kernel = r.link.k.ID()
		}
		r.mu.Unlock()
		list = append(list, info)
	}
	return list
}

// Kernels gives the ids of the kernels of the open notebooks, by their paths.
func (rs *Rooms) Kernels() map[string]string {
	m := map[string]string{}
	for _, info := range rs.List() {
		if info.Kernel != "" {
			m[info.Path] = info.Kernel
		}
	}
	return m
}

// Close saves all notebooks and closes them, lets the pages go, and returns when all
// goroutines have ended. The kernels are left to their Manager. The error joins what
// could not be saved; the journals hold it.
func (rs *Rooms) Close() error {
	rs.mu.Lock()
	rs.closed = true
	var all []*entry
	for _, e := range rs.rooms {
		all = append(all, e)
	}
	rs.mu.Unlock()
	var errs []error
	for _, e := range all {
		<-e.ready
		if e.room == nil {
			continue
		}
		if err := e.room.write(false); err != nil {
			e.room.mu.Lock()
			errs = append(errs, fmt.Errorf("%s: %w", e.room.file.path, err))
			e.room.mu.Unlock()
		}
		e.room.mu.Lock()
		if !e.room.closed {
			e.room.end()
		}
		e.room.mu.Unlock()
		e.room.active.Wait()
	}
	rs.ended.Wait()
	rs.conns.Wait()
	return errors.Join(errs...)
}
