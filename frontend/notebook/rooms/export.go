package rooms

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"mime"
	"net/http"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/adabc437/fanout/frontend/convert"
	"github.com/adabc437/fanout/frontend/nbformat"
)

// maxExport is how long making a file may take.
const maxExport = time.Minute

// serveExport gives a notebook as a file of another kind, to be saved. The query names
// the notebook, and what to make of it: ipynb, go, md or html. Of one that is open it
// gives what pages show; scripts in outputs are never part of it.
func (rs *Rooms) serveExport(w http.ResponseWriter, req *http.Request) {
	q := req.URL.Query()
	to, err := convert.ParseFormat(q.Get("to"))
	if err == nil {
		err = checkPath(q.Get("path"))
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	nb, err := rs.notebook(q.Get("path"))
	if err != nil {
		status := http.StatusUnprocessableEntity
		if errors.Is(err, fs.ErrNotExist) {
			status = http.StatusNotFound
		}
		http.Error(w, err.Error(), status)
		return
	}
	ctx, cancel := context.WithTimeout(req.Context(), maxExport)
	defer cancel()
	name, data, err := rs.export(ctx, nb, q.Get("path"), to)
	if ctx.Err() != nil {
		http.Error(w, "making the file takes too long", http.StatusServiceUnavailable) // the client may be gone
		return
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusUnprocessableEntity)
		return
	}
	h := w.Header()
	h.Set("Content-Type", exportType(name))
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	_, _ = w.Write(data) // whose reader may be gone
}

// notebook gives the notebook at a path as it is now: the one that is open, or the file.
func (rs *Rooms) notebook(p string) (*nbformat.Notebook, error) {
	if r := rs.find(p); r != nil {
		r.mu.Lock()
		defer r.mu.Unlock()
		return r.doc.Notebook(), nil
	}
	text, _, err := file{rs.opt.Root, p}.read()
	if err != nil {
		return nil, err
	}
	nb, err := nbformat.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p, err)
	}
	return nb, nil
}

// export encodes nb, and says what its file is called. Markdown that has images comes
// with them, in a ZIP archive.
func (rs *Rooms) export(ctx context.Context, nb *nbformat.Notebook, p string, to convert.Format) (name string, data []byte, err error) {
	stem := strings.TrimSuffix(path.Base(p), path.Ext(p))
	switch to {
	case convert.Go:
		data, err = convert.EncodeGo(nb)
	case convert.Markdown:
		var images map[string][]byte
		if data, images, err = convert.EncodeMarkdown(nb, stem); err == nil && len(images) > 0 {
			images[stem+".md"] = data
			data, err = archive(images)
			return stem + ".zip", data, err
		}
	case convert.HTML:
		folder, err := rs.opt.Root.OpenRoot(filepath.FromSlash(path.Dir(p)))
		if err != nil {
			return "", nil, err
		}
		defer folder.Close()
		data, err = convert.EncodeHTML(ctx, nb, stem, convert.Options{Images: shown{folder.FS()}})
		return stem + ".html", data, err
	default:
		data, err = nb.Encode()
	}
	return stem + "." + string(to), data, err
}

// archive puts files, by their names, into a ZIP archive.
func archive(files map[string][]byte) ([]byte, error) {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		f, err := z.Create(name)
		if err != nil {
			return nil, err
		}
		if _, err := f.Write(files[name]); err != nil {
			return nil, err
		}
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// exportType is the type of a file that export names.
func exportType(name string) string {
	switch path.Ext(name) {
	case ".html":
		return "text/html; charset=utf-8"
	case ".md":
		return "text/markdown; charset=utf-8"
	case ".go":
		return "text/plain; charset=utf-8"
	case ".zip":
		return "application/zip"
	}
	return "application/x-ipynb+json"
}

// A shown folder has no hidden files.
type shown struct{ fs.FS }

// Open implements fs.FS.
func (s shown) Open(name string) (fs.File, error) {
	if s.hides(name) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return s.FS.Open(name)
}

// Stat implements fs.StatFS.
func (s shown) Stat(name string) (fs.FileInfo, error) {
	if s.hides(name) {
		return nil, &fs.PathError{Op: "stat", Path: name, Err: fs.ErrNotExist}
	}
	return fs.Stat(s.FS, name)
}

func (shown) hides(name string) bool {
	return name != "." && slices.ContainsFunc(strings.Split(name, "/"), func(part string) bool { return strings.HasPrefix(part, ".") })
}
