package contents

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"syscall"
)

// A told error has words of its own for one of the system's.
type told struct {
	text string
	err  error
}

func (t *told) Error() string { return t.text }
func (t *told) Unwrap() error { return t.err }

// Explain says of the file at path, as users call it, what an error of the file system
// means, and what to do. The error wraps err; others than the system's stay as they are.
func Explain(path string, err error) error {
	var (
		at   *fs.PathError
		link *os.LinkError
		why  error
	)
	switch {
	case errors.As(err, &at):
		why = at.Err
	case errors.As(err, &link):
		why = link.Err
	default:
		return err
	}
	text := ""
	switch {
	case strings.Contains(why.Error(), "escapes"):
		return &told{fmt.Sprintf("%q leads out of the folder of the notebooks", path), fs.ErrNotExist}
	case errors.Is(err, fs.ErrExist):
		text = fmt.Sprintf("there is %q already: choose another name", path)
	case errors.Is(err, fs.ErrNotExist):
		text = fmt.Sprintf("there is no file or folder %q", path)
	case errors.Is(err, fs.ErrPermission):
		text = fmt.Sprintf("%q is protected: change its permissions, or those of its folder", path)
	case errors.Is(err, syscall.ENOSPC):
		text = fmt.Sprintf("the disk is full, so %q cannot be written: make room on it", path)
	case errors.Is(err, syscall.ENAMETOOLONG):
		text = fmt.Sprintf("%q is too long for a name: choose a shorter one", path)
	default:
		text = fmt.Sprintf("%q cannot be used: %v", path, why)
	}
	return &told{text, err}
}
