//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package term

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// Raw makes the terminal f give each key as it is typed, without showing it. With
// signals, Ctrl-C still interrupts and Ctrl-Z still stops the program. What was
// typed before and not read yet stays. Restore gives the terminal back as it was.
func Raw(f *os.File, signals bool) (restore func() error, err error) {
	fd := int(f.Fd())
	before, err := unix.IoctlGetTermios(fd, getTermios)
	if err != nil {
		return nil, fmt.Errorf("read the terminal's mode: %w", err)
	}
	t := *before
	t.Iflag &^= unix.IGNBRK | unix.BRKINT | unix.PARMRK | unix.ISTRIP | unix.INLCR | unix.IGNCR | unix.ICRNL | unix.IXON
	t.Lflag &^= unix.ECHO | unix.ECHONL | unix.ICANON | unix.ISIG | unix.IEXTEN
	if signals {
		t.Lflag |= unix.ISIG
	}
	t.Cflag = t.Cflag&^(unix.CSIZE|unix.PARENB) | unix.CS8
	t.Cc[unix.VMIN], t.Cc[unix.VTIME] = 1, 0
	if err := unix.IoctlSetTermios(fd, setTermios, &t); err != nil {
		return nil, fmt.Errorf("set the terminal's mode: %w", err)
	}
	return func() error { return unix.IoctlSetTermios(fd, setTermios, before) }, nil
}

// CellSize gives the pixels of one character of the terminal f; 0 where it does not
// tell.
func CellSize(f *os.File) (width, height int) {
	w, err := unix.IoctlGetWinsize(int(f.Fd()), unix.TIOCGWINSZ)
	if err != nil || w.Col == 0 || w.Row == 0 {
		return 0, 0
	}
	return int(w.Xpixel / w.Col), int(w.Ypixel / w.Row)
}
