package rooms

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/adabc437/fanout/frontend/nbformat"
	"github.com/adabc437/fanout/frontend/notebook/contents"
)

// A file is the notebook file of a room, below a root that it cannot leave.
type file struct {
	root *os.Root
	path string // with slashes, relative to root
}

// A stamp tells whether a file may have changed.
type stamp struct {
	size int64
	time time.Time
}

// checkPath says what is wrong with the path of a notebook.
func checkPath(p string) error {
	switch {
	case len(p) > 4096:
		return errors.New("the path is longer than 4096 bytes")
	case !filepath.IsLocal(filepath.FromSlash(p)) || path.Clean(p) != p || strings.Contains(p, `\`):
		return fmt.Errorf("path %q is not that of a file below the folder of the notebooks", p)
	case path.Ext(p) != ".ipynb":
		return fmt.Errorf("path %q does not end in .ipynb", p)
	}
	for part := range strings.SplitSeq(p, "/") {
		if strings.HasPrefix(part, ".") {
			return fmt.Errorf("path %q is of a hidden file", p)
		}
	}
	return nil
}

// target is the file that path means, which may be a link to it.
func (f file) target() (string, error) {
	p := filepath.FromSlash(f.path)
	for range 10 {
		info, err := f.root.Lstat(p)
		if err != nil || info.Mode()&fs.ModeSymlink == 0 {
			return p, nil // what is wrong shows when it is opened
		}
		link, err := f.root.Readlink(p)
		if err != nil {
			return "", err
		}
		if filepath.IsAbs(link) {
			return "", fmt.Errorf("%s is a link to an absolute path, which is not followed", f.path)
		}
		p = filepath.Join(filepath.Dir(p), link)
	}
	return "", fmt.Errorf("%s is a link to a link, and so on", f.path)
}

// read reads the file.
func (f file) read() ([]byte, stamp, error) {
	in, err := f.root.Open(filepath.FromSlash(f.path))
	if err != nil {
		return nil, stamp{}, contents.Explain(f.path, err)
	}
	defer in.Close()
	info, err := in.Stat()
	switch {
	case err != nil:
		return nil, stamp{}, err
	case !info.Mode().IsRegular():
		return nil, stamp{}, fmt.Errorf("%s is not a file", f.path)
	case info.Size() > nbformat.MaxSize:
		return nil, stamp{}, fmt.Errorf("%s has %d bytes, and a notebook may have %d", f.path, info.Size(), nbformat.MaxSize)
	}
	text, err := io.ReadAll(io.LimitReader(in, nbformat.MaxSize+1))
	return text, stampOf(info), err
}

func stampOf(info fs.FileInfo) stamp { return stamp{info.Size(), info.ModTime()} }

// stamp is the file's now.
func (f file) stamp() (stamp, error) {
	info, err := f.root.Stat(filepath.FromSlash(f.path))
	if err != nil {
		return stamp{}, err
	}
	return stampOf(info), nil
}

// readonly says that the file may not be written.
func (f file) readonly() bool {
	if info, err := f.root.Stat(filepath.FromSlash(f.path)); err == nil && info.Mode().Perm()&0o200 == 0 {
		return true // also to those who may write what is write-protected
	}
	out, err := f.root.OpenFile(filepath.FromSlash(f.path), os.O_WRONLY, 0)
	if err != nil {
		return errors.Is(err, fs.ErrPermission)
	}
	_ = out.Close() // nothing was written
	return false
}

// write makes text the file's, whole or not at all, and keeps the mode of one that
// is there.
func (f file) write(text []byte) (_ stamp, err error) {
	defer func() { err = contents.Explain(f.path, err) }()
	target, err := f.target()
	if err != nil {
		return stamp{}, err
	}
	mode := fs.FileMode(0)
	if info, err := f.root.Stat(target); err == nil {
		if mode = info.Mode().Perm(); mode&0o200 == 0 {
			return stamp{}, fmt.Errorf("%s is write-protected: %w", f.path, fs.ErrPermission)
		}
	}
	dir, name := filepath.Split(target)
	var b [4]byte
	rand.Read(b[:]) // never fails
	temp := filepath.Join(dir, "."+name+"."+hex.EncodeToString(b[:]))
	out, err := f.root.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return stamp{}, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, f.root.Remove(temp))
		}
	}()
	_, err = out.Write(text)
	if err == nil && mode != 0 {
		err = out.Chmod(mode)
	}
	if err == nil {
		err = out.Sync()
	}
	info, statErr := out.Stat()
	if err = errors.Join(err, statErr, out.Close()); err != nil {
		return stamp{}, err
	}
	if err = f.root.Rename(temp, target); err != nil {
		return stamp{}, err
	}
	f.syncDir(dir)
	return stampOf(info), nil
}

// syncDir makes a rename last. Not every file system can, and the file is there
// either way.
func (f file) syncDir(dir string) {
	if dir == "" {
		dir = "."
	}
	if d, err := f.root.Open(dir); err == nil {
		_ = d.Sync()
		_ = d.Close()
	}
}

// rename gives the file another name, if no file has it.
func (f file) rename(to string) error {
	p := filepath.FromSlash(to)
	if _, err := f.root.Lstat(p); err == nil {
		return contents.Explain(to, &fs.PathError{Op: "rename", Path: to, Err: fs.ErrExist})
	} else if !errors.Is(err, fs.ErrNotExist) {
		return contents.Explain(to, err)
	}
	err := f.root.Rename(filepath.FromSlash(f.path), p)
	if errors.Is(err, fs.ErrNotExist) {
		if _, gone := f.stamp(); gone == nil {
			return contents.Explain(path.Dir(to), err) // the folder is missing
		}
		return contents.Explain(f.path, err)
	}
	return contents.Explain(to, err)
}

// moveAside renames a file of this program, beside the notebooks.
func moveAside(from, to string) error { return os.Rename(from, to) }
