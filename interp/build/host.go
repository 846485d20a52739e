package build

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"runtime/debug"
	"strings"

	"golang.org/x/mod/semver"
)

const modulePath = "github.com/adabc437/fanout"

// A host is what this program says of how it was built.
type host struct {
	id    string   // differs for each build of the program
	flags []string // of the go command
	env   []string // of the go command and the compiler
	race  bool
	info  *debug.BuildInfo
}

func readHost() (*host, error) {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return nil, errors.New("build: this program does not say how it was built: build it with the go command")
	}
	h := &host{info: info, env: []string{"GOOS=" + runtime.GOOS, "GOARCH=" + runtime.GOARCH}}
	for _, s := range info.Settings {
		switch s.Key {
		case "-race", "-msan", "-asan", "-trimpath", "-cover":
			if s.Value == "true" {
				h.flags = append(h.flags, s.Key)
				h.race = h.race || s.Key == "-race"
			}
		case "-tags", "-gcflags", "-asmflags", "-pgo":
			if s.Value != "" {
				h.flags = append(h.flags, s.Key+"="+s.Value)
			}
		case "GOEXPERIMENT", "GOFIPS140", "GOAMD64", "GOARM", "GOARM64", "GO386", "GOMIPS", "GOMIPS64", "GOPPC64", "GORISCV64",
			"CGO_ENABLED", "CGO_CFLAGS", "CGO_CPPFLAGS", "CGO_CXXFLAGS", "CGO_LDFLAGS":
			h.env = append(h.env, s.Key+"="+s.Value)
		}
	}
	exe, err := os.Executable()
	if err != nil {
		return nil, err
	}
	id, err := buildID(exe)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256([]byte(id))
	h.id = hex.EncodeToString(sum[:10])
	return h, nil
}

// buildID reads the id that the go command leaves near the start of a program.
// Where there is none, the file's name, size and time stand for it.
func buildID(exe string) (string, error) {
	f, err := os.Open(exe)
	if err != nil {
		return "", err
	}
	defer f.Close()
	head := make([]byte, 64<<10)
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return "", err
	}
	head = head[:n]
	if _, rest, ok := bytes.Cut(head, []byte("\xff Go build ID: \"")); ok {
		if id, _, ok := bytes.Cut(rest, []byte("\"\n \xff")); ok {
			return string(id), nil
		}
	}
	// An ELF note: the owner "Go\x00\x00", after its sizes and the type 4.
	if i := bytes.Index(head, []byte("\x04\x00\x00\x00Go\x00\x00")); i >= 4 {
		size := int(head[i-4]) | int(head[i-3])<<8
		if start := i + 8; size > 0 && start+size <= len(head) {
			return string(head[start : start+size]), nil
		}
	}
	info, err := f.Stat()
	if err != nil {
		return "", err
	}
	return fmt.Sprint(exe, info.Size(), info.ModTime().UnixNano()), nil
}

// sourceDir finds the sources of this module, that the export data of its
// packages and of those it requires can be made from. "" means that there are
// none.
func (h *host) sourceDir(given, modCache string) string {
	var tried []string
	if given != "" {
		tried = append(tried, given)
	}
	if _, file, _, ok := runtime.Caller(0); ok && filepath.IsAbs(file) {
		tried = append(tried, filepath.Dir(filepath.Dir(filepath.Dir(file))))
	}
	for _, m := range append([]*debug.Module{&h.info.Main}, h.info.Deps...) {
		if m.Path != modulePath || m.Version == "" {
			continue
		}
		if m.Replace != nil && filepath.IsAbs(m.Replace.Path) {
			tried = append(tried, m.Replace.Path)
		}
		tried = append(tried, filepath.Join(modCache, filepath.FromSlash(modulePath)+"@"+m.Version))
	}
	for _, dir := range tried {
		mod, err := os.ReadFile(filepath.Join(dir, "go.mod"))
		if err == nil && strings.Contains(string(mod), "module "+modulePath+"\n") {
			return dir
		}
	}
	return ""
}

// moduleCache is the module cache that this program was built with, if it is still
// there, and "" otherwise. The names of its files are in the export data of the packages
// that the program requires, so that those of other caches would not fit.
func moduleCache() string {
	pc := reflect.ValueOf(semver.IsValid).Pointer()
	file, _ := runtime.FuncForPC(pc).FileLine(pc)
	dir, _, ok := strings.Cut(filepath.ToSlash(file), "/golang.org/x/mod@")
	if !ok || !filepath.IsAbs(filepath.FromSlash(dir)) || !isFile(file) {
		return "" // vendored, built with -trimpath, or on another machine
	}
	return filepath.FromSlash(dir)
}

// sourceHint says how to get the sources of this module.
func (h *host) sourceHint() string {
	if v := h.info.Main.Version; h.info.Main.Path == modulePath && v != "" && v != "(devel)" {
		return fmt.Sprintf("the sources of this program are not on this machine: get them with `go mod download %s@%s`", modulePath, v)
	}
	return fmt.Sprintf("the sources that this program was built from are not on this machine: build it here, with `go install %s/cmd/fanout@latest`", modulePath)
}
