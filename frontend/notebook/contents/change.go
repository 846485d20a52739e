package contents

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
)

// maxNames is how many names are tried for a new file.
const maxNames = 10_000

// New makes a file in the folder at dir, with a name that is free: Untitled.ipynb,
// untitled.txt, "Untitled Folder". kind is notebook, file or directory; ext is the
// end of a file's name, with its dot. taken says which paths are not free although no
// file is there; it may be nil.
func (f *Files) New(dir, kind, ext string, taken func(path string) bool) (*Model, error) {
	if kind == "" {
		kind = File
		if ext == ".ipynb" {
			kind = Notebook
		}
	}
	base := "untitled"
	switch kind {
	case Notebook:
		base, ext = "Untitled", ".ipynb"
	case Directory:
		base, ext = "Untitled Folder", ""
	case File:
		if strings.ContainsAny(ext, `/\`) {
			return nil, fmt.Errorf("%w: %q is not the end of a file's name", ErrRefused, ext)
		}
	default:
		return nil, fmt.Errorf("%w: type %q: want notebook, file or directory", ErrRefused, kind)
	}
	gap := ""
	if kind == Directory {
		gap = " "
	}
	name, err := f.folder(dir)
	if err != nil {
		return nil, err
	}
	at, err := f.free(name, base, gap, ext, taken)
	if err != nil {
		return nil, err
	}
	m, _, err := f.Save(at, Save{Type: kind, Format: Text})
	return m, err
}

// folder is clean for a folder that is there.
func (f *Files) folder(p string) (string, error) {
	name, err := clean(p)
	if err != nil {
		return "", err
	}
	info, err := f.stat(name)
	if err == nil && !info.IsDir() {
		err = fmt.Errorf("%w: %q is a file, not a folder", ErrRefused, p)
	}
	return name, err
}

// free gives a path in the folder dir that no file has, and that is not taken.
func (f *Files) free(dir, base, gap, ext string, taken func(path string) bool) (string, error) {
	for n := range maxNames {
		at := path.Join(dir, base+ext)
		if n > 0 {
			at = path.Join(dir, fmt.Sprintf("%s%s%d%s", base, gap, n, ext))
		}
		if _, err := clean(at); err != nil {
			return "", err
		}
		if _, err := f.root.Lstat(at); errors.Is(err, fs.ErrNotExist) {
			if taken == nil || !taken(at) {
				return at, nil
			}
		} else if err != nil {
			return "", Explain(at, err)
		}
	}
	return "", fmt.Errorf("%w: there are %d files named %s%s already", ErrRefused, maxNames, base, ext)
}

// Copy copies the file at from into the folder dir, under its own name or, where
// that is taken, under one with "-Copy1" in it.
func (f *Files) Copy(from, dir string) (*Model, error) {
	src, err := target(from)
	if err != nil {
		return nil, err
	}
	to, err := f.folder(dir)
	if err != nil {
		return nil, err
	}
	file, _, err := f.open(src)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	base, ext := splitExt(path.Base(src))
	at := path.Join(to, base+ext)
	if _, err := f.root.Lstat(at); err == nil {
		if at, err = f.freeCopy(to, base, ext); err != nil {
			return nil, err
		}
	}
	if err := f.copyTo(file, at); err != nil {
		return nil, Explain(at, err)
	}
	return f.Get(at, Options{})
}

func splitExt(name string) (base, ext string) {
	ext = path.Ext(name)
	return strings.TrimSuffix(name, ext), ext
}

func (f *Files) freeCopy(dir, base, ext string) (string, error) {
	for n := 1; n < maxNames; n++ {
		at := path.Join(dir, fmt.Sprintf("%s-Copy%d%s", base, n, ext))
		if _, err := f.root.Lstat(at); errors.Is(err, fs.ErrNotExist) {
			return at, nil
		}
	}
	return "", fmt.Errorf("%w: there are %d copies of %s%s already", ErrRefused, maxNames, base, ext)
}

// copyTo writes what r holds to the new file at name.
func (f *Files) copyTo(r io.Reader, name string) error {
	file, err := f.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	_, err = io.Copy(file, r)
	if err = errors.Join(err, file.Close()); err != nil {
		return errors.Join(err, f.root.Remove(name))
	}
	return nil
}

// Rename gives the file or folder at from the path to, where none may be.
// Checkpoints go with it.
func (f *Files) Rename(from, to string) (*Model, error) {
	old, err := target(from)
	if err != nil {
		return nil, err
	}
	name, err := target(to)
	if err != nil {
		return nil, err
	}
	f.saving.Lock()
	defer f.saving.Unlock()
	before, err := f.root.Lstat(old)
	if err != nil {
		return nil, Explain(old, err)
	}
	if old != name {
		// The same file under another name is a change of case on some systems.
		if there, err := f.root.Lstat(name); err == nil && !os.SameFile(before, there) {
			return nil, Explain(to, &fs.PathError{Op: "rename", Path: to, Err: fs.ErrExist})
		}
		if err := f.root.Rename(old, name); errors.Is(err, fs.ErrNotExist) {
			return nil, Explain(path.Dir(name), err) // the file is there: it is the folder that is not
		} else if err != nil {
			return nil, Explain(name, err)
		}
		f.moveCheckpoint(old, name)
	}
	return f.Get(name, Options{})
}

// Delete removes a file with its checkpoints, or a folder that holds nothing but
// checkpoints.
func (f *Files) Delete(p string) error {
	name, err := target(p)
	if err != nil {
		return err
	}
	f.saving.Lock()
	defer f.saving.Unlock()
	info, err := f.root.Lstat(name)
	if err != nil {
		return Explain(name, err)
	}
	if !info.IsDir() {
		if err := f.root.Remove(name); err != nil {
			return Explain(name, err)
		}
		f.dropCheckpoint(name)
		return nil
	}
	d, err := f.root.Open(name)
	if err != nil {
		return Explain(name, err)
	}
	entries, err := d.ReadDir(-1)
	if err = errors.Join(err, d.Close()); err != nil {
		return err
	}
	for _, e := range entries {
		if e.Name() != checkpoints {
			return fmt.Errorf("%w: the folder %q is not empty", ErrRefused, p)
		}
	}
	if err := f.root.RemoveAll(path.Join(name, checkpoints)); err != nil {
		return err
	}
	return f.root.Remove(name)
}
