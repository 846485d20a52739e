// Package contents gives the files below one folder as Jupyter's contents: as
// models that are read, saved, renamed, copied and removed by path.
//
// No path leads out of the folder, whether by "..", by a link or by a race between
// the two: all goes through [os.Root]. Files and folders whose names begin with a
// dot do not exist here. Saves are whole or not at all. Start at [Open] and
// [Files.Get]; the HTTP side is in package notebook.
//
// Paths are as in Jupyter's API: slashes between names, none at either end needed,
// and "" for the folder itself.
//
// https://jupyter-server.readthedocs.io/en/latest/developers/contents.html
package contents

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"mime"
	"os"
	"path"
	"runtime"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/adabc437/fanout/frontend/nbformat"
)

// The bounds. What is larger is refused with ErrTooLarge.
const (
	// MaxFile is how many bytes a file may have whose content is given or saved at once.
	MaxFile = nbformat.MaxSize
	// MaxUpload is how many bytes a file may have that is uploaded in chunks.
	MaxUpload = 8 << 30
	// MaxEntries is how many files a folder may list.
	MaxEntries = 20_000
	// maxPath is how long a path may be.
	maxPath = 4096
)

var (
	// ErrTooLarge says that a file is too large.
	ErrTooLarge = errors.New("too large")
	// ErrRefused says that what was asked for makes no sense for this file: it is of
	// another type, the folder is not empty, the content is no notebook.
	ErrRefused = errors.New("refused")
)

// The types of files, and the formats of their contents.
const (
	Notebook  = "notebook"
	File      = "file"
	Directory = "directory"

	Text   = "text"
	Base64 = "base64"
	JSON   = "json"
)

// A Model is a file as Jupyter's API gives it.
type Model struct {
	Name         string    `json:"name"`
	Path         string    `json:"path"`
	LastModified time.Time `json:"last_modified"`
	Created      time.Time `json:"created"`
	// Content is nil where it was not asked for, text for files, json.RawMessage for
	// notebooks, and []*Model for folders.
	Content  any     `json:"content"`
	Format   *string `json:"format"`
	MIMEType *string `json:"mimetype"`
	// Size is in bytes, and nil for folders.
	Size          *int64 `json:"size"`
	Writable      bool   `json:"writable"`
	Type          string `json:"type"`
	Hash          string `json:"hash,omitempty"`
	HashAlgorithm string `json:"hash_algorithm,omitempty"`
}

// Files are the files below one folder. Its methods may be called from any
// goroutine. Their errors wrap fs.ErrNotExist, fs.ErrExist, fs.ErrPermission,
// ErrTooLarge or ErrRefused where one of them is the reason.
type Files struct {
	root *os.Root
	// saving is held while a file is given another content, so that what a save
	// compares does not change under it.
	saving  sync.Mutex
	uploads uploads
}

// Open gives the files below dir. Close must be called.
func Open(dir string) (*Files, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open the folder of the notebooks: %w", err)
	}
	return &Files{root: root, uploads: uploads{open: make(map[string]*upload)}}, nil
}

// Close closes the folder. Uploads that have not ended are dropped.
func (f *Files) Close() error {
	f.uploads.drop(f.root)
	return f.root.Close()
}

// clean gives the name of the file at p for os.Root, which is "." for the folder
// itself. Hidden files do not exist.
func clean(p string) (string, error) {
	if len(p) > maxPath {
		return "", fmt.Errorf("%w: a path of %d bytes, at most %d are allowed", ErrRefused, len(p), maxPath)
	}
	name := strings.Trim(p, "/")
	if name == "" {
		return ".", nil
	}
	for part := range strings.SplitSeq(name, "/") {
		switch {
		case part == "", part == ".", part == "..":
			return "", fmt.Errorf("%w: %q is not the path of a file", ErrRefused, p)
		case hidden(part):
			return "", fmt.Errorf("no file or folder %q: %w", p, fs.ErrNotExist)
		}
	}
	if !fs.ValidPath(name) || strings.ContainsFunc(name, forbidden) {
		return "", fmt.Errorf("%w: %q is not the path of a file", ErrRefused, p)
	}
	return name, nil
}

func hidden(name string) bool { return strings.HasPrefix(name, ".") }

// forbidden says that a character has no place in a path: it is one that a
// terminal or a log takes for something else, or that Windows takes for a separator,
// a drive or a stream of a file.
func forbidden(r rune) bool {
	return r < ' ' || r == 0x7f || r == utf8.RuneError || runtime.GOOS == "windows" && strings.ContainsRune(`\:`, r)
}

// Options say what Get gives.
type Options struct {
	// Content asks for the content, and Hash for its SHA-256.
	Content, Hash bool
	// Type is what the file is taken for; empty leaves it to its name.
	Type string
	// Format is the format of a file's content; empty is text if it is UTF-8, and
	// base64 else.
	Format string
}

// Get gives the model of the file at p.
func (f *Files) Get(p string, o Options) (*Model, error) {
	name, err := clean(p)
	if err != nil {
		return nil, err
	}
	info, err := f.stat(name)
	if err != nil {
		return nil, err
	}
	switch {
	case info.IsDir() && o.Type != "" && o.Type != Directory:
		return nil, fmt.Errorf("%w: %q is a folder, not a %s", ErrRefused, p, o.Type)
	case !info.IsDir() && o.Type == Directory:
		return nil, fmt.Errorf("%w: %q is a file, not a folder", ErrRefused, p)
	case o.Type != "" && o.Type != Directory && o.Type != Notebook && o.Type != File:
		return nil, fmt.Errorf("%w: type %q: want notebook, file or directory", ErrRefused, o.Type)
	}
	m := model(name, info)
	if o.Type != "" {
		m.Type = o.Type
	}
	if info.IsDir() {
		if o.Content {
			err = f.list(name, m)
		}
		return m, err
	}
	if !o.Content && !o.Hash {
		return m, nil
	}
	if err := f.fill(name, m, o); err != nil {
		return nil, err
	}
	return m, nil
}

// stat is root.Stat, for what may be shown: folders and ordinary files.
func (f *Files) stat(name string) (fs.FileInfo, error) {
	info, err := f.root.Stat(name)
	if err != nil {
		return nil, Explain(name, err)
	}
	if !info.IsDir() && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%w: %q is neither a file nor a folder", ErrRefused, name)
	}
	return info, nil
}

// model gives the model without content.
func model(name string, info fs.FileInfo) *Model {
	m := &Model{
		Name: path.Base(name), Path: name, LastModified: info.ModTime().UTC(), Created: info.ModTime().UTC(),
		Writable: info.Mode().Perm()&0o200 != 0, Type: typeOf(name, info),
	}
	if name == "." {
		m.Name, m.Path = "", ""
	}
	if !info.IsDir() {
		size := info.Size()
		m.Size = &size
	}
	return m
}

func typeOf(name string, info fs.FileInfo) string {
	switch {
	case info.IsDir():
		return Directory
	case strings.EqualFold(path.Ext(name), ".ipynb"):
		return Notebook
	}
	return File
}

// list puts the models of the files in a folder into m.
func (f *Files) list(name string, m *Model) error {
	d, err := f.root.Open(name)
	if err != nil {
		return Explain(name, err)
	}
	defer d.Close()
	entries, err := d.ReadDir(MaxEntries + 1)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if len(entries) > MaxEntries {
		return fmt.Errorf("%w: %q has more than %d files", ErrTooLarge, name, MaxEntries)
	}
	list := make([]*Model, 0, len(entries))
	for _, e := range entries {
		at := path.Join(name, e.Name())
		if _, err := clean(at); err != nil {
			continue
		}
		info, err := f.stat(at) // of what a link points to
		if err != nil {
			continue // it is gone, or leads out
		}
		list = append(list, model(at, info))
	}
	format := JSON
	m.Content, m.Format = list, &format
	return nil
}

// ReadFile gives the bytes of the file at p, which has no more than MaxFile.
func (f *Files) ReadFile(p string) ([]byte, fs.FileInfo, error) {
	name, err := clean(p)
	if err != nil {
		return nil, nil, err
	}
	return f.read(name)
}

func (f *Files) read(name string) ([]byte, fs.FileInfo, error) {
	file, info, err := f.open(name)
	if err != nil {
		return nil, nil, err
	}
	defer file.Close()
	if info.Size() > MaxFile {
		return nil, nil, fmt.Errorf("%w: %q has %d MiB, at most %d are given at once: download it", ErrTooLarge, name, info.Size()>>20, MaxFile>>20)
	}
	data, err := io.ReadAll(io.LimitReader(file, MaxFile+1))
	if err == nil && len(data) > MaxFile {
		err = fmt.Errorf("%w: %q grows while it is read", ErrTooLarge, name)
	}
	return data, info, err
}

// Open opens the file at p for reading.
func (f *Files) Open(p string) (*os.File, fs.FileInfo, error) {
	name, err := clean(p)
	if err != nil {
		return nil, nil, err
	}
	return f.open(name)
}

func (f *Files) open(name string) (*os.File, fs.FileInfo, error) {
	if info, err := f.stat(name); err != nil { // before a pipe blocks Open
		return nil, nil, err
	} else if info.IsDir() {
		return nil, nil, fmt.Errorf("%w: %q is a folder", ErrRefused, name)
	}
	file, err := f.root.Open(name)
	if err != nil {
		return nil, nil, Explain(name, err)
	}
	info, err := file.Stat()
	if err != nil {
		return nil, nil, errors.Join(err, file.Close())
	}
	return file, info, nil
}

// fill puts content and hash into m.
func (f *Files) fill(name string, m *Model, o Options) error {
	data, info, err := f.read(name)
	if err != nil {
		return err
	}
	size := info.Size()
	m.LastModified, m.Created, m.Size = info.ModTime().UTC(), info.ModTime().UTC(), &size
	if o.Hash {
		sum := sha256.Sum256(data)
		m.Hash, m.HashAlgorithm = hex.EncodeToString(sum[:]), "sha256"
	}
	switch {
	case !o.Content:
		return nil
	case m.Type == Notebook:
		return fillNotebook(m, data)
	}
	return fillFile(m, data, o.Format)
}

func fillNotebook(m *Model, data []byte) error {
	nb, err := nbformat.Parse(data)
	if err != nil {
		return fmt.Errorf("%w: %s: %w", ErrRefused, m.Path, err)
	}
	content, err := encode(nb)
	if err != nil {
		return fmt.Errorf("%s: %w", m.Path, err)
	}
	format := JSON
	m.Content, m.Format = content, &format
	return nil
}

func fillFile(m *Model, data []byte, format string) error {
	isText := utf8.Valid(data)
	if format == "" {
		format = Base64
		if isText {
			format = Text
		}
	}
	kind := mime.TypeByExtension(path.Ext(m.Path))
	switch format {
	case Text:
		if !isText {
			return fmt.Errorf("%w: %q is not UTF-8 text", ErrRefused, m.Path)
		}
		m.Content = string(data)
		if kind == "" {
			kind = "text/plain"
		}
	case Base64:
		m.Content = data // package json writes it as base64
		if kind == "" {
			kind = "application/octet-stream"
		}
	default:
		return fmt.Errorf("%w: format %q: want text or base64", ErrRefused, format)
	}
	kind, _, _ = strings.Cut(kind, ";")
	m.Format, m.MIMEType = &format, &kind
	return nil
}
