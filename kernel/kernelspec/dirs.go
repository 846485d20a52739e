package kernelspec

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// UserDir is Jupyter's data folder for the current user: $JUPYTER_DATA_DIR, or
// what is usual on this system.
//
// https://docs.jupyter.org/en/latest/use/jupyter-directories.html#data-files
func UserDir() (string, error) { return userDir(runtime.GOOS, os.Getenv) }

func userDir(goos string, env func(string) string) (string, error) {
	if dir := env("JUPYTER_DATA_DIR"); dir != "" {
		return dir, nil
	}
	home := env("HOME")
	switch goos {
	case "windows":
		if dir := env("APPDATA"); dir != "" {
			return filepath.Join(dir, "jupyter"), nil
		}
		return "", errors.New("find Jupyter's data folder: %APPDATA% is not set; set JUPYTER_DATA_DIR")
	case "darwin":
		if home != "" {
			return filepath.Join(home, "Library", "Jupyter"), nil
		}
	default:
		if dir := env("XDG_DATA_HOME"); dir != "" {
			return filepath.Join(dir, "jupyter"), nil
		}
		if home != "" {
			return filepath.Join(home, ".local", "share", "jupyter"), nil
		}
	}
	return "", errors.New("find Jupyter's data folder: $HOME is not set; set JUPYTER_DATA_DIR")
}

// PrefixDir is Jupyter's data folder in an environment, for instance of conda,
// that lies at prefix.
func PrefixDir(prefix string) string { return filepath.Join(prefix, "share", "jupyter") }

// SystemDir is Jupyter's data folder for all users.
func SystemDir() string { return systemDirs(runtime.GOOS, os.Getenv)[0] }

func systemDirs(goos string, env func(string) string) []string {
	if goos == "windows" {
		dir := env("PROGRAMDATA")
		if dir == "" {
			dir = `C:\ProgramData`
		}
		return []string{filepath.Join(dir, "jupyter")}
	}
	return []string{"/usr/local/share/jupyter", "/usr/share/jupyter"}
}

// SysPrefix is where the active Python environment lies: $VIRTUAL_ENV,
// $CONDA_PREFIX, or what the Python in $PATH says of itself.
func SysPrefix() (string, error) {
	for _, name := range []string{"VIRTUAL_ENV", "CONDA_PREFIX"} {
		if dir := os.Getenv(name); dir != "" {
			return dir, nil
		}
	}
	var failed []error
	for _, python := range []string{"python3", "python"} {
		out, err := exec.Command(python, "-c", "import sys; print(sys.prefix)").Output()
		if err == nil {
			return strings.TrimSpace(string(out)), nil
		}
		failed = append(failed, err)
	}
	return "", fmt.Errorf("find the Python environment: %w; name it with --prefix", errors.Join(failed...))
}

// SearchPathOf is the SearchPath of a jupyter command: the folder of the Python environment
// that it belongs to is looked in as well, for one is started without being active.
func SearchPathOf(jupyter string) []string {
	path := SearchPath()
	file, err := filepath.Abs(jupyter)
	if err != nil {
		return path
	}
	for _, name := range []string{file, resolved(file)} { // a link may stand in another folder
		own := PrefixDir(filepath.Dir(filepath.Dir(name)))
		if !slices.Contains(path, own) {
			path = append(path, own)
		}
	}
	return path
}

func resolved(file string) string {
	if to, err := filepath.EvalSymlinks(file); err == nil {
		return to
	}
	return file
}

// SearchPath lists the data folders in which Jupyter looks for kernelspecs, in
// its order: $JUPYTER_PATH, the user's, the active environment's, the system's.
func SearchPath() []string {
	path := filepath.SplitList(os.Getenv("JUPYTER_PATH"))
	if dir, err := UserDir(); err == nil {
		path = append(path, dir)
	}
	for _, name := range []string{"VIRTUAL_ENV", "CONDA_PREFIX"} {
		if dir := os.Getenv(name); dir != "" {
			path = append(path, PrefixDir(dir))
		}
	}
	return append(path, systemDirs(runtime.GOOS, os.Getenv)...)
}
