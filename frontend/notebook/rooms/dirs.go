package rooms

import (
	"os"
	"path/filepath"
	"runtime"
)

// StateDir is the folder for the journals of a user: where the system has what
// programs keep between runs and nobody backs up. It is empty where there is none.
func StateDir() string { return dirOf("XDG_STATE_HOME", "state", "rooms") }

// DataDir is the folder for what a user has trusted. It is empty where there is none.
func DataDir() string { return dirOf("XDG_DATA_HOME", "share", "trust") }

func dirOf(variable, kind, name string) string {
	dir := os.Getenv(variable)
	var err error
	switch {
	case filepath.IsAbs(dir):
	case runtime.GOOS == "darwin":
		dir, err = os.UserConfigDir()
	case runtime.GOOS == "windows":
		dir, err = os.UserCacheDir()
	default:
		dir, err = os.UserHomeDir()
		dir = filepath.Join(dir, ".local", kind)
	}
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "fanout", name)
}
