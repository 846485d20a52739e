package term

import (
	"fmt"
	"os"

	"golang.org/x/sys/windows"
)

// Raw makes the console f give each key as it is typed, as an escape sequence where
// it is no character, without showing it. With signals, Ctrl-C still interrupts.
// Restore gives the console back as it was.
func Raw(f *os.File, signals bool) (restore func() error, err error) {
	h := windows.Handle(f.Fd())
	var before uint32
	if err := windows.GetConsoleMode(h, &before); err != nil {
		return nil, fmt.Errorf("read the console's mode: %w", err)
	}
	mode := before &^ (windows.ENABLE_ECHO_INPUT | windows.ENABLE_LINE_INPUT | windows.ENABLE_PROCESSED_INPUT)
	mode |= windows.ENABLE_VIRTUAL_TERMINAL_INPUT
	if signals {
		mode |= windows.ENABLE_PROCESSED_INPUT
	}
	if err := windows.SetConsoleMode(h, mode); err != nil {
		return nil, fmt.Errorf("set the console's mode: %w", err)
	}
	return func() error { return windows.SetConsoleMode(h, before) }, nil
}

// CellSize is not known here.
func CellSize(*os.File) (width, height int) { return 0, 0 }
