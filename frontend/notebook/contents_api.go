package notebook

import (
	"mime"
	"net/http"
	"net/url"
	"path"
	"strings"

	"github.com/adabc437/fanout/frontend/notebook/contents"
)

// A place is what a path below /api/contents is about.
type place struct {
	file string
	// checkpoints says that the checkpoints of file are meant, and id one of them.
	checkpoints bool
	id          string
}

func placeOf(r *http.Request) place {
	p := r.PathValue("path")
	if file, ok := strings.CutSuffix(p, "/checkpoints"); ok {
		return place{file: file, checkpoints: true}
	}
	dir, id := path.Split(p)
	if file, ok := strings.CutSuffix(dir, "/checkpoints/"); ok {
		return place{file: file, checkpoints: true, id: id}
	}
	return place{file: p}
}

func escape(p string) string { return (&url.URL{Path: p}).EscapedPath() }

func flag(q url.Values, name string, byDefault bool) (bool, error) {
	switch v := q.Get(name); v {
	case "":
		return byDefault, nil
	case "0", "1":
		return v == "1", nil
	default:
		return false, refuse(http.StatusBadRequest, "%s=%q: want 0 or 1", name, v)
	}
}

func (s *Server) getContents(w http.ResponseWriter, r *http.Request) error {
	at := placeOf(r)
	if at.checkpoints && at.id == "" {
		list, err := s.files.Checkpoints(at.file)
		if err != nil {
			return err
		}
		return reply(w, http.StatusOK, list)
	}
	q := r.URL.Query()
	content, err := flag(q, "content", true)
	if err != nil {
		return err
	}
	hash, err := flag(q, "hash", false)
	if err != nil {
		return err
	}
	m, err := s.files.Get(r.PathValue("path"), contents.Options{
		Content: content, Hash: hash, Type: q.Get("type"), Format: q.Get("format"),
	})
	if err != nil {
		return err
	}
	return replyModel(w, http.StatusOK, m)
}

func replyModel(w http.ResponseWriter, status int, m *contents.Model) error {
	if !m.LastModified.IsZero() {
		w.Header().Set("Last-Modified", m.LastModified.Format(http.TimeFormat))
	}
	if status == http.StatusCreated {
		w.Header().Set("Location", "/api/contents/"+escape(m.Path))
	}
	return reply(w, status, m)
}

// newContents makes a file in a folder, copies one into it, or makes a checkpoint or
// goes back to one.
func (s *Server) newContents(w http.ResponseWriter, r *http.Request) error {
	if at := placeOf(r); at.checkpoints {
		return s.postCheckpoint(w, at)
	}
	var ask struct {
		CopyFrom string `json:"copy_from"`
		Ext      string `json:"ext"`
		Type     string `json:"type"`
	}
	if err := read(w, r, maxBody, &ask); err != nil {
		return err
	}
	dir := r.PathValue("path")
	var m *contents.Model
	var err error
	if ask.CopyFrom != "" {
		m, err = s.files.Copy(ask.CopyFrom, dir)
	} else {
		m, err = s.files.New(dir, ask.Type, ask.Ext, s.open.Has)
	}
	if err != nil {
		return err
	}
	return replyModel(w, http.StatusCreated, m)
}

func (s *Server) postCheckpoint(w http.ResponseWriter, at place) error {
	if at.id != "" {
		if err := s.files.RestoreCheckpoint(at.file, at.id); err != nil {
			return err
		}
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	c, err := s.files.MakeCheckpoint(at.file)
	if err != nil {
		return err
	}
	w.Header().Set("Location", "/api/contents/"+escape(at.file)+"/checkpoints/"+c.ID)
	return reply(w, http.StatusCreated, c)
}

// saveContents puts a content into a file, or makes an empty one.
func (s *Server) saveContents(w http.ResponseWriter, r *http.Request) error {
	var ask contents.Save
	if err := read(w, r, maxContents, &ask); err != nil {
		return err
	}
	m, fresh, err := s.files.Save(r.PathValue("path"), ask)
	if err != nil {
		return err
	}
	status := http.StatusOK
	if fresh {
		status = http.StatusCreated
	}
	return replyModel(w, status, m)
}

func (s *Server) renameContents(w http.ResponseWriter, r *http.Request) error {
	var ask struct {
		Path *string `json:"path"`
	}
	if err := read(w, r, maxBody, &ask); err != nil {
		return err
	}
	if ask.Path == nil {
		return refuse(http.StatusBadRequest, "a new path is missing: want {\"path\": …}")
	}
	var m *contents.Model
	rename := func() (err error) {
		m, err = s.files.Rename(r.PathValue("path"), *ask.Path)
		return err
	}
	var err error
	if s.open.Move != nil {
		err = s.open.Move(r.PathValue("path"), *ask.Path, rename)
	} else {
		err = rename()
	}
	if err != nil {
		return err
	}
	return replyModel(w, http.StatusOK, m)
}

func (s *Server) deleteContents(w http.ResponseWriter, r *http.Request) error {
	at := placeOf(r)
	var err error
	if at.checkpoints && at.id != "" {
		err = s.files.DeleteCheckpoint(at.file, at.id)
	} else {
		err = s.files.Delete(r.PathValue("path"))
		if err == nil && s.open.Deleted != nil {
			s.open.Deleted(r.PathValue("path"))
		}
	}
	if err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// file serves a file as it is, to be shown by an image or to be downloaded. What
// it is does not matter: browsers run nothing of it.
func (s *Server) file(w http.ResponseWriter, r *http.Request) error {
	f, info, err := s.files.Open(r.PathValue("path"))
	if err != nil {
		return err
	}
	defer f.Close()
	setHeaders(w.Header(), filePolicy)
	kind := mime.TypeByExtension(path.Ext(info.Name()))
	if kind == "" {
		kind = "application/octet-stream"
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Cache-Control", "no-cache")
	if r.URL.Query().Has("download") {
		w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": info.Name()}))
	}
	http.ServeContent(w, r, "", info.ModTime(), f)
	return nil
}
