package term

import (
	"os"

	"golang.org/x/sys/windows"
)

func size(f *os.File) (columns, lines int, err error) {
	var info windows.ConsoleScreenBufferInfo
	if err := windows.GetConsoleScreenBufferInfo(windows.Handle(f.Fd()), &info); err != nil {
		return 0, 0, err
	}
	return int(info.Window.Right-info.Window.Left) + 1, int(info.Window.Bottom-info.Window.Top) + 1, nil
}

func echo(f *os.File, on bool) error {
	var mode uint32
	h := windows.Handle(f.Fd())
	if err := windows.GetConsoleMode(h, &mode); err != nil {
		return err
	}
	mode &^= windows.ENABLE_ECHO_INPUT
	if on {
		mode |= windows.ENABLE_ECHO_INPUT
	}
	return windows.SetConsoleMode(h, mode)
}

// enableEscapes has the console obey escape sequences, which it does not do by
// itself.
func enableEscapes(f *os.File) error {
	var mode uint32
	h := windows.Handle(f.Fd())
	if err := windows.GetConsoleMode(h, &mode); err != nil {
		return err
	}
	return windows.SetConsoleMode(h, mode|windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING)
}
