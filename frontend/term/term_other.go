//go:build !(linux || darwin || dragonfly || freebsd || netbsd || openbsd || windows)

package term

import (
	"errors"
	"os"
)

func size(*os.File) (columns, lines int, err error) { return 0, 0, errors.ErrUnsupported }

func echo(*os.File, bool) error { return errors.ErrUnsupported }

func enableEscapes(*os.File) error { return errors.ErrUnsupported }
