// Package kernelspec tells Jupyter of this kernel: it writes, lists and removes
// kernelspecs, the folders in which front ends find a kernel's name, its logo
// and the command that starts it.
//
// [Install] and [Uninstall] work on one of Jupyter's data folders, which
// [UserDir], [PrefixDir] and [SystemDir] name; [List] looks through all of them.
//
// https://jupyter-client.readthedocs.io/en/stable/kernels.html#kernel-specs
package kernelspec

import (
	"cmp"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/adabc437/fanout/kernel/wire"
)

// DefaultName is the name under which the kernel is installed by default.
const DefaultName = "fanout"

const defaultDisplayName = "Go (Fanout)"

// ErrForeign says that a kernelspec of that name is there, and another program's.
var ErrForeign = errors.New("the kernelspec belongs to another program")

//go:embed assets
var assets embed.FS

// Options say what is written into a kernelspec. The zero value is good.
type Options struct {
	// Name is the kernelspec's folder; empty means DefaultName.
	Name string
	// DisplayName is what front ends show; empty means "Go (Fanout)".
	DisplayName string
	// Exe is the program that Jupyter starts; empty means this one.
	Exe string
	// Env is added to the environment of the kernel.
	Env map[string]string
}

// A Spec is a kernelspec that was found.
type Spec struct {
	Name        string
	Dir         string
	DisplayName string
	Language    string
	Argv        []string
	// Ours says that it starts a Fanout kernel.
	Ours bool
}

// kernelJSON is the content of kernel.json.
type kernelJSON struct {
	Argv            []string          `json:"argv"`
	DisplayName     string            `json:"display_name"`
	Language        string            `json:"language"`
	InterruptMode   string            `json:"interrupt_mode"`
	ProtocolVersion string            `json:"kernel_protocol_version"`
	Env             map[string]string `json:"env,omitempty"`
	Metadata        metadata          `json:"metadata"`
}

type metadata struct {
	Debugger          bool     `json:"debugger"`
	SupportedFeatures []string `json:"supported_features"`
	// Fanout marks the kernelspec as one of ours.
	Fanout bool `json:"fanout"`
}

// Install writes a kernelspec below a data folder of Jupyter, in place of an
// earlier one of ours, and returns its folder. Either all of it is written or
// nothing changes. The error wraps ErrForeign where another program's kernelspec
// has the name.
func Install(dataDir string, o Options) (string, error) {
	if err := o.fill(); err != nil {
		return "", err
	}
	kernels := filepath.Join(dataDir, "kernels")
	dir := filepath.Join(kernels, o.Name)
	if err := checkOurs(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	if err := os.MkdirAll(kernels, 0o755); err != nil {
		return "", fmt.Errorf("install the kernel: %w", err)
	}
	scratch, err := os.MkdirTemp(kernels, "."+o.Name+"-")
	if err != nil {
		return "", fmt.Errorf("install the kernel: %w", err)
	}
	defer os.RemoveAll(scratch)
	fresh := filepath.Join(scratch, "new")
	if err := write(fresh, o); err != nil {
		return "", fmt.Errorf("install the kernel: %w", err)
	}
	if err := replace(dir, fresh, filepath.Join(scratch, "old")); err != nil {
		return "", fmt.Errorf("install the kernel: %w", err)
	}
	return dir, nil
}

func (o *Options) fill() error {
	if o.Name == "" {
		o.Name = DefaultName
	}
	if !validName.MatchString(o.Name) {
		return fmt.Errorf("kernel name %q: want letters, digits, '.', '_' and '-' only, beginning with a letter or digit", o.Name)
	}
	if o.DisplayName == "" {
		o.DisplayName = defaultDisplayName
	}
	if o.Exe == "" {
		exe, err := os.Executable()
		if err != nil {
			return fmt.Errorf("find this program: %w", err)
		}
		if madeByGoRun(exe) {
			return fmt.Errorf("%s is a temporary file of go run, which Jupyter could not start later: "+
				"run go install first and use the program it makes", exe)
		}
		o.Exe = exe
	}
	exe, err := filepath.Abs(o.Exe)
	if err != nil {
		return fmt.Errorf("find %s: %w", o.Exe, err)
	}
	o.Exe = exe
	return nil
}

// validName is what Jupyter accepts as the name of a kernel.
var validName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)

func madeByGoRun(exe string) bool {
	parts := strings.Split(filepath.ToSlash(exe), "/")
	return slices.ContainsFunc(parts, func(p string) bool { return strings.HasPrefix(p, "go-build") }) && slices.Contains(parts, "exe")
}

// JSON gives the content of kernel.json for o, in which an empty Exe stands for a
// fanout that is found by its name.
func JSON(o Options) ([]byte, error) {
	return json.MarshalIndent(kernelJSON{
		Argv:            []string{cmp.Or(o.Exe, "fanout"), "kernel", "{connection_file}"},
		DisplayName:     cmp.Or(o.DisplayName, defaultDisplayName),
		Language:        "go",
		InterruptMode:   "message",
		ProtocolVersion: wire.ProtocolVersion,
		Env:             o.Env,
		Metadata:        metadata{SupportedFeatures: []string{"kernel subshells"}, Fanout: true},
	}, "", "  ")
}

// Logos gives the pictures of a kernelspec: logo-32x32.png, logo-64x64.png and
// logo-svg.svg.
func Logos() fs.FS {
	logos, err := fs.Sub(assets, "assets")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return logos
}

// write makes the folder dir with all files of the kernelspec.
func write(dir string, o Options) error {
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	spec, err := JSON(o)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "kernel.json"), append(spec, '\n'), 0o644); err != nil {
		return err
	}
	logos, err := assets.ReadDir("assets")
	if err != nil {
		return err
	}
	for _, logo := range logos {
		data, err := assets.ReadFile("assets/" + logo.Name())
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, logo.Name()), data, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// replace puts the folder fresh in the place of dir, if there is one, which is
// moved to old.
func replace(dir, fresh, old string) error {
	err := os.Rename(dir, old)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	had := err == nil
	if err := os.Rename(fresh, dir); err != nil {
		if had {
			err = errors.Join(err, os.Rename(old, dir))
		}
		return err
	}
	return nil
}

// Uninstall removes the kernelspec with the given name (empty means DefaultName)
// below a data folder of Jupyter. The error wraps fs.ErrNotExist where there is
// none, and ErrForeign where it is another program's.
func Uninstall(dataDir, name string) error {
	if name == "" {
		name = DefaultName
	}
	if !validName.MatchString(name) {
		return fmt.Errorf("kernel name %q is not a name", name)
	}
	dir := filepath.Join(dataDir, "kernels", name)
	if err := checkOurs(dir); err != nil {
		return err
	}
	if err := os.RemoveAll(dir); err != nil {
		return fmt.Errorf("uninstall the kernel: %w", err)
	}
	return nil
}

// checkOurs says why the kernelspec in dir is not to be touched.
func checkOurs(dir string) error {
	spec, err := read(dir)
	if errors.Is(err, fs.ErrNotExist) {
		if entries, _ := os.ReadDir(dir); len(entries) > 0 {
			return fmt.Errorf("%s has files but no kernel.json: %w", dir, ErrForeign)
		}
		return fmt.Errorf("no kernelspec: %w", err)
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrForeign, err)
	}
	if !spec.Ours {
		return fmt.Errorf("%s (%s): %w", dir, spec.DisplayName, ErrForeign)
	}
	return nil
}

func read(dir string) (Spec, error) {
	path := filepath.Join(dir, "kernel.json")
	data, err := os.ReadFile(path)
	if err != nil {
		return Spec{}, err
	}
	var k kernelJSON
	if err := json.Unmarshal(data, &k); err != nil {
		return Spec{}, fmt.Errorf("%s: %w", path, err)
	}
	return Spec{
		Name: filepath.Base(dir), Dir: dir, DisplayName: k.DisplayName, Language: k.Language, Argv: k.Argv,
		Ours: k.Metadata.Fanout,
	}, nil
}

// List returns the kernelspecs below the given data folders, those that come
// first hiding those of the same name that come later. Folders and files that
// cannot be read are left out.
func List(dataDirs ...string) []Spec {
	var found []Spec
	seen := map[string]bool{}
	for _, dataDir := range dataDirs {
		kernels := filepath.Join(dataDir, "kernels")
		entries, err := os.ReadDir(kernels)
		if err != nil {
			continue
		}
		for _, e := range entries {
			name := strings.ToLower(e.Name())
			if seen[name] || !validName.MatchString(name) {
				continue
			}
			spec, err := read(filepath.Join(kernels, e.Name()))
			if err != nil {
				continue
			}
			seen[name] = true
			found = append(found, spec)
		}
	}
	return found
}
