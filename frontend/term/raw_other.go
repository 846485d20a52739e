//go:build !(linux || darwin || dragonfly || freebsd || netbsd || openbsd || windows)

package term

import (
	"errors"
	"os"
)

// Raw cannot be had here.
func Raw(*os.File, bool) (restore func() error, err error) {
	return nil, errors.New("this system has no terminal mode that Fanout knows")
}

// CellSize is not known here.
func CellSize(*os.File) (width, height int) { return 0, 0 }
