package build

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
)

// amdPath is a package of one function, runtime.addmoduledata, which every
// file that Go's linker makes for loading calls first. This program does not
// have it, as it is no such file, and where it is taken from a shared library
// the linker calls it wrongly. It is assembled once for this program.
const amdPath = "fanout/amd"

// The function is the first of each image's text, for which the runtime knows
// no name.
const amdSource = `#include "textflag.h"

TEXT runtime·addmoduledata(SB), NOSPLIT, $0-0
	PUSHQ	R15
	MOVQ	runtime·lastmoduledatap(SB), AX
	MOVQ	DI, %d(AX)
	MOVQ	DI, runtime·lastmoduledatap(SB)
	POPQ	R15
	RET
`

// addmoduledata returns the archive of the package.
func (t *Toolchain) addmoduledata(ctx context.Context) (string, error) {
	name := filepath.Join(t.store.dir, "amd.a")
	if isFile(name) {
		return name, nil
	}
	next, err := nextOffset()
	if err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp("", "fanout-build-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	for name, text := range map[string]string{"a.s": fmt.Sprintf(amdSource, next), "a.go": "package amd\n", "go_asm.h": ""} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			return "", err
		}
	}
	include := filepath.Join(t.tools.Root, "pkg", "include")
	flags := []string{"-p", amdPath, "-trimpath", dir + "=>", "-I", dir, "-I", include, "-dynlink"}
	for _, c := range [][]string{
		append(append([]string{t.tools.Asm}, flags...), "-gensymabis", "-o", "symabis", "a.s"),
		{t.tools.Compile, "-p", amdPath, "-trimpath", dir + "=>", "-dynlink", "-dwarf=false", "-symabis", "symabis", "-pack", "-o", "a.a", "a.go"},
		append(append([]string{t.tools.Asm}, flags...), "-o", "a.o", "a.s"),
	} {
		if _, err := run(ctx, command{dir: dir, env: t.tools.env, name: c[0], args: c[1:]}); err != nil {
			return "", err
		}
	}
	archive, err := os.ReadFile(filepath.Join(dir, "a.a"))
	if err != nil {
		return "", err
	}
	obj, err := os.ReadFile(filepath.Join(dir, "a.o"))
	if err != nil {
		return "", err
	}
	archive = append(archive, pack([]member{{header: fmt.Appendf(nil, "%-16s%-12d%-6d%-6d%-8o%-10d`\n", "a.o", 0, 0, 0, 0o644, 0), body: obj}})[len(archiveMagic):]...)
	if err := t.store.write("amd.a", archive); err != nil {
		return "", err
	}
	return name, nil
}

// nextOffset returns where runtime.moduledata links to the next one.
func nextOffset() (uintptr, error) {
	addr := dlsym(nil, "type:runtime.moduledata")
	if addr == nil {
		return 0, fmt.Errorf("build: type runtime.moduledata is %w", errMissing)
	}
	t := typeAt(uintptr(addr))
	if t.Kind() == reflect.Struct {
		if f, ok := t.FieldByName("next"); ok && f.Type.Kind() == reflect.Pointer && f.Type.Elem() == t {
			return f.Offset, nil
		}
	}
	return 0, fmt.Errorf("build: %w: runtime.moduledata", errObject)
}
