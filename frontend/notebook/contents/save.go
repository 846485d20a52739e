package contents

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"runtime"
	"strings"

	"github.com/adabc437/fanout/kernel/wire"
)

// A Save is what to put into a file.
type Save struct {
	Type   string `json:"type"`
	Format string `json:"format"`
	// Content is a string for files and an object for notebooks.
	Content json.RawMessage `json:"content"`
	// Chunk numbers the parts of an upload from 1; the last is -1. 0 is a whole file.
	Chunk int `json:"chunk"`
}

// Save gives the file at p a content, and makes it if it is not there. It gives the
// model without content, and says whether the file is new.
func (f *Files) Save(p string, s Save) (m *Model, fresh bool, err error) {
	name, err := target(p)
	if err != nil {
		return nil, false, err
	}
	if s.Type == "" {
		s.Type = File
		if strings.EqualFold(path.Ext(name), ".ipynb") && s.Format != Text && s.Format != Base64 {
			s.Type = Notebook
		}
	}
	if s.Chunk != 0 {
		return f.chunk(name, s)
	}
	f.saving.Lock()
	defer f.saving.Unlock()
	info, err := f.stat(name)
	switch {
	case err == nil:
	case errors.Is(err, fs.ErrNotExist):
		fresh = true
	default:
		return nil, false, err
	}
	switch {
	case s.Type == Directory && fresh:
		err = f.root.Mkdir(name, 0o777)
	case s.Type == Directory && !info.IsDir():
		err = fmt.Errorf("%w: %q is a file", fs.ErrExist, p)
	case s.Type == Directory:
		err = nil
	case info != nil && info.IsDir():
		err = fmt.Errorf("%w: %q is a folder", ErrRefused, p)
	default:
		err = f.put(name, s, fresh)
	}
	if err != nil {
		return nil, false, Explain(name, err)
	}
	m, err = f.Get(name, Options{})
	return m, fresh, err
}

// target is clean for what is to be changed, which the folder itself is not.
func target(p string) (string, error) {
	name, err := clean(p)
	if err == nil && name == "." {
		err = fmt.Errorf("%w: the folder of the notebooks itself cannot be changed", ErrRefused)
	}
	return name, err
}

// put writes the content of s to name.
func (f *Files) put(name string, s Save, fresh bool) error {
	var data []byte
	var err error
	switch s.Type {
	case Notebook:
		if len(s.Content) == 0 || string(s.Content) == "null" {
			data, err = empty()
			break
		}
		var old []byte
		if !fresh {
			if old, _, err = f.read(name); err != nil {
				return err
			}
		}
		data, err = decode(s.Content, old)
	case File:
		data, err = bytesOf(s)
	default:
		err = fmt.Errorf("%w: type %q: want notebook, file or directory", ErrRefused, s.Type)
	}
	if err != nil {
		return err
	}
	return f.replace(name, data)
}

// bytesOf gives the bytes of a file.
func bytesOf(s Save) ([]byte, error) {
	if len(s.Content) == 0 || string(s.Content) == "null" {
		return nil, nil
	}
	var text string
	if err := json.Unmarshal(s.Content, &text); err != nil {
		return nil, fmt.Errorf("%w: the content of a file is a string", ErrRefused)
	}
	data := []byte(text)
	if s.Format == Base64 {
		var err error
		if data, err = base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), "")); err != nil {
			return nil, fmt.Errorf("%w: the content is not base64: %w", ErrRefused, err)
		}
	} else if s.Format != Text && s.Format != "" {
		return nil, fmt.Errorf("%w: format %q: want text or base64", ErrRefused, s.Format)
	}
	if len(data) > MaxFile {
		return nil, fmt.Errorf("%w: %d MiB, at most %d are saved at once: upload it in chunks", ErrTooLarge, len(data)>>20, MaxFile>>20)
	}
	return data, nil
}

// WriteFile puts data into the file at p, whole or not at all, also after a crash.
func (f *Files) WriteFile(p string, data []byte) (fs.FileInfo, error) {
	name, err := target(p)
	if err != nil {
		return nil, err
	}
	f.saving.Lock()
	defer f.saving.Unlock()
	if err := f.replace(name, data); err != nil {
		return nil, Explain(name, err)
	}
	return f.stat(name)
}

// replace writes data to a new file beside name and gives it that name. A link is
// followed as long as it stays below the root, and the mode of a file is kept.
func (f *Files) replace(name string, data []byte) error {
	name, err := f.follow(name)
	if err != nil {
		return err
	}
	scratch := scratchName(name, "new")
	file, err := f.root.OpenFile(scratch, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	_, err = file.Write(data)
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err == nil {
		err = f.install(scratch, name)
	}
	if err != nil {
		return errors.Join(err, f.root.Remove(scratch))
	}
	return nil
}

// install gives a file that was written the name of another, with its mode.
func (f *Files) install(scratch, name string) error {
	if info, err := f.root.Stat(name); err == nil && runtime.GOOS != "windows" {
		if info.Mode().Perm()&0o200 == 0 {
			return fmt.Errorf("%q is write-protected: %w", name, fs.ErrPermission)
		}
		if err := f.root.Chmod(scratch, info.Mode().Perm()); err != nil {
			return err
		}
	}
	if err := f.root.Rename(scratch, name); err != nil {
		return err
	}
	f.syncDir(path.Dir(name))
	return nil
}

// syncDir makes a rename last. Not every file system can, and the file is there
// either way.
func (f *Files) syncDir(dir string) {
	if d, err := f.root.Open(dir); err == nil {
		_ = d.Sync()
		_ = d.Close()
	}
}

// scratchName is a hidden name beside name.
func scratchName(name, what string) string {
	dir, base := path.Split(name)
	if len(base) > 100 { // file systems allow 255 bytes
		base = base[:100]
	}
	return dir + "." + strings.ToValidUTF8(base, "") + "." + wire.NewID() + "." + what
}

// follow gives the name of the file that a link points to.
func (f *Files) follow(name string) (string, error) {
	const maxLinks = 40
	for range maxLinks {
		info, err := f.root.Lstat(name)
		if errors.Is(err, fs.ErrNotExist) || err == nil && info.Mode()&fs.ModeSymlink == 0 {
			return name, nil
		}
		if err != nil {
			return "", err
		}
		to, err := f.root.Readlink(name)
		if err != nil {
			return "", err
		}
		if path.IsAbs(to) || !fs.ValidPath(path.Join(path.Dir(name), to)) {
			return "", fmt.Errorf("%q leads out of the folder of the notebooks: %w", name, fs.ErrNotExist)
		}
		name = path.Join(path.Dir(name), to)
		if _, err := clean(name); err != nil {
			return "", err
		}
	}
	return "", fmt.Errorf("%w: %q is a chain of too many links", ErrRefused, name)
}
