package contents

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"sync"
	"time"
)

// maxUploads is how many files may be uploaded in chunks at the same time.
const maxUploads = 32

// uploadPatience is how long an upload may wait for its next chunk when others want its
// place.
const uploadPatience = 10 * time.Minute

// uploads are the files of which not all chunks have come.
type uploads struct {
	mu   sync.Mutex
	open map[string]*upload // by the name of the file
}

// An upload is a file of which some chunks have come. It lies beside its place until
// the last has.
type upload struct {
	scratch string
	next    int // number of the chunk
	size    int64
	last    time.Time // when a chunk came
}

// drop removes what was not uploaded to its end.
func (u *uploads) drop(root *os.Root) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for name, up := range u.open {
		_ = root.Remove(up.scratch)
		delete(u.open, name)
	}
}

// chunk takes one chunk of the file at name.
func (f *Files) chunk(name string, s Save) (*Model, bool, error) {
	if s.Type == Directory || s.Chunk < -1 {
		return nil, false, fmt.Errorf("%w: chunk %d of a %s", ErrRefused, s.Chunk, s.Type)
	}
	s.Type = File
	data, err := bytesOf(s)
	if err != nil {
		return nil, false, err
	}
	f.uploads.mu.Lock()
	defer f.uploads.mu.Unlock()
	up, err := f.uploads.take(f.root, name, s.Chunk)
	if err != nil {
		return nil, false, err
	}
	if up.size+int64(len(data)) > MaxUpload {
		delete(f.uploads.open, name)
		return nil, false, errors.Join(fmt.Errorf("%w: more than %d GiB", ErrTooLarge, MaxUpload>>30), f.root.Remove(up.scratch))
	}
	if err := f.append(up, data, s.Chunk == -1); err != nil {
		delete(f.uploads.open, name)
		return nil, false, errors.Join(Explain(name, err), f.root.Remove(up.scratch))
	}
	if s.Chunk != -1 {
		size := up.size
		return &Model{Name: path.Base(name), Path: name, Type: File, Size: &size, Writable: true}, false, nil
	}
	return f.complete(name, up)
}

// take gives the upload that chunk n belongs to.
func (u *uploads) take(root *os.Root, name string, n int) (*upload, error) {
	up := u.open[name]
	switch {
	case n == 1:
		if up != nil {
			_ = root.Remove(up.scratch)
		} else if len(u.open) >= maxUploads && !u.forget(root) {
			return nil, fmt.Errorf("%w: %d files are being uploaded already", ErrRefused, len(u.open))
		}
		up = &upload{scratch: scratchName(name, "upload"), next: 1}
		u.open[name] = up
	case up == nil:
		return nil, fmt.Errorf("%w: chunk %d of %q, of which chunk 1 has not come", ErrRefused, n, name)
	case n != -1 && n != up.next:
		return nil, fmt.Errorf("%w: chunk %d of %q where chunk %d is to come", ErrRefused, n, name, up.next)
	}
	up.next++
	up.last = time.Now()
	return up, nil
}

// forget removes the upload that waits longest for a chunk, if that is too long: its
// page was closed.
func (u *uploads) forget(root *os.Root) bool {
	var oldest string
	for name, up := range u.open {
		if oldest == "" || up.last.Before(u.open[oldest].last) {
			oldest = name
		}
	}
	up := u.open[oldest]
	if up == nil || time.Since(up.last) < uploadPatience {
		return false
	}
	_ = root.Remove(up.scratch)
	delete(u.open, oldest)
	return true
}

// append adds data to what has come.
func (f *Files) append(up *upload, data []byte, last bool) error {
	flags := os.O_WRONLY | os.O_APPEND
	if up.size == 0 {
		flags = os.O_WRONLY | os.O_CREATE
	}
	file, err := f.root.OpenFile(up.scratch, flags, 0o666)
	if err != nil {
		return err
	}
	_, err = file.Write(data)
	up.size += int64(len(data))
	if err == nil && last {
		err = file.Sync()
	}
	return errors.Join(err, file.Close())
}

// complete puts the file in its place.
func (f *Files) complete(name string, up *upload) (*Model, bool, error) {
	delete(f.uploads.open, name)
	f.saving.Lock()
	defer f.saving.Unlock()
	info, err := f.stat(name)
	fresh := errors.Is(err, fs.ErrNotExist)
	to := name
	switch {
	case err == nil && info.IsDir():
		err = fmt.Errorf("%w: %q is a folder", ErrRefused, name)
	case err == nil || fresh:
		if to, err = f.follow(name); err == nil {
			err = f.install(up.scratch, to)
		}
	}
	if err != nil {
		return nil, false, errors.Join(err, f.root.Remove(up.scratch))
	}
	m, err := f.Get(name, Options{})
	return m, fresh, err
}
