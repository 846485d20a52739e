package rooms

import (
	"errors"
	"io/fs"
	"os"
)

// errLocked says that another process, or another room of this one, has a lock.
var errLocked = errors.New("another server has it open")

// takeLock makes the file at path and locks it until freeLock, or the end of the process.
// Where the system has no locks there is none, and no error.
func takeLock(path string) (*os.File, error) {
	for {
		f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
		if err != nil {
			return nil, err
		}
		if err := tryLock(f); err != nil {
			_ = f.Close() // nothing was written
			return nil, err
		}
		mine, err := f.Stat()
		if err != nil {
			return nil, errors.Join(err, f.Close())
		}
		there, err := os.Stat(path)
		if err == nil && os.SameFile(mine, there) {
			return f, nil
		}
		_ = f.Close() // who had it before has removed it
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
}

// freeLock removes the file of a lock, and frees it.
func freeLock(f *os.File) {
	_ = os.Remove(f.Name()) // where open files cannot be removed it stays, which does no harm
	_ = f.Close()           // nothing was written
}
