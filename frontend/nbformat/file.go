package nbformat

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// WriteFile writes the notebook to path, whole or not at all: a reader sees the
// old file or the new one, also after a crash. A link is followed, and the mode
// of a file that is there is kept.
func (nb *Notebook) WriteFile(path string) error {
	text, err := nb.Encode()
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return Replace(path, text)
}

// Replace makes text the contents of the file at path, as [Notebook.WriteFile]
// does with those of a notebook.
func Replace(path string, text []byte) error {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	mode := fs.FileMode(0)
	switch info, err := os.Stat(path); {
	case err == nil && info.Mode().IsRegular():
		mode = info.Mode().Perm()
	case err == nil && !info.IsDir(): // a pipe or a device, as /dev/stdout
		return os.WriteFile(path, text, 0)
	}
	return replace(path, text, mode)
}

// replace writes text to a new file beside path, and gives it that name. A mode
// of 0 is that of any new file.
func replace(path string, text []byte, mode fs.FileMode) (err error) {
	f, err := create(path)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	_, err = f.Write(text)
	if err == nil && mode != 0 {
		err = f.Chmod(mode)
	}
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err = os.Rename(f.Name(), path); err != nil {
		return err
	}
	syncDir(filepath.Dir(path))
	return nil
}

// create makes a new file in the folder of path.
func create(path string) (*os.File, error) {
	dir, name := filepath.Split(path)
	for {
		f, err := os.OpenFile(filepath.Join(dir, "."+name+"."+newID()), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
		if !errors.Is(err, fs.ErrExist) {
			return f, err
		}
	}
}

// syncDir makes a rename last. Not every file system can, and the file is there
// either way.
func syncDir(dir string) {
	if d, err := os.Open(dir); err == nil {
		_ = d.Sync()
		_ = d.Close()
	}
}
