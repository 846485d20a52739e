package build

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// compiled compiles a package for tests, with no imports.
func compiled(t testing.TB, src string, flags ...string) []byte {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "a.go"), []byte(src), 0o600); err != nil {
		t.Fatal(err)
	}
	args := append([]string{"tool", "compile", "-p", "cell/a", "-o", "a.a", "-dwarf=false", "-pack"}, flags...)
	cmd := exec.Command("go", append(args, "a.go")...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatal(err, string(out))
	}
	b, err := os.ReadFile(filepath.Join(dir, "a.a"))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

const small = `package main

type T struct{ X int; next *T }

func (t *T) M(xs []string) []string { return append(xs, string(rune(t.X))) }

var V = map[string]int{}

func F(m map[string]int, x any) (n int) {
	defer func() { recover() }()
	for k, v := range m { n += v + len(k) }
	_ = x.(interface{ M() })
	return n
}
`

// pretend finds all names but those of main packages.
var pretend = resolver{
	find: func(name string) (hostSymbol, bool) {
		return hostSymbol{name: name, addr: 1, fn: !strings.HasPrefix(name, "type:")}, !strings.HasPrefix(name, "cell/") && !strings.HasSuffix(name, ".abi0")
	},
	name: func(pkg string, index uint32) string { return pkg + ".f" },
}

func TestRewrite(t *testing.T) {
	in := compiled(t, small, "-dynlink", "-linkshared")
	r, err := rewriteArchive(in, "cell/a", pretend)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(r.needs, func(s hostSymbol) bool { return s.name == "runtime.growslice" && s.fn }) {
		t.Errorf("runtime.growslice is not among what is needed: %v", r.needs)
	}
	list, err := members(r.archive)
	if err != nil {
		t.Fatal(err)
	}
	_, obj, err := splitObject(list[len(list)-1].body)
	if err != nil {
		t.Fatal(err)
	}
	o, err := openObject(obj)
	if err != nil {
		t.Fatal(err)
	}
	if n := o.count(blkPkgIdx, sizeString); n != 1 {
		t.Errorf("%d packages are referred to by index", n-1)
	}
	for p := o.off[blkReloc]; p < o.off[blkAux]; p += sizeReloc {
		if r := o.ref(p + 15); r.pkg != 0 && r.pkg < pkgSelf {
			t.Errorf("a reference to package %d", r.pkg)
		}
	}
	if again, err := rewriteArchive(r.archive, "cell/a", pretend); err != nil || len(again.archive) < len(r.archive) {
		t.Errorf("what was rewritten cannot be: %v", err)
	}
	dump := filepath.Join(t.TempDir(), "r.a")
	if err := os.WriteFile(dump, r.archive, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("go", "tool", "nm", dump).CombinedOutput(); err != nil || !bytes.Contains(out, []byte("T cell/a.F\n")) {
		t.Errorf("go tool nm: %v %s", err, out)
	}
}

func TestRewriteRefuses(t *testing.T) {
	in := compiled(t, small, "-dynlink", "-linkshared")
	magic := bytes.Index(in, []byte(objMagic))
	other := bytes.Clone(in)
	copy(other[magic:], "\x00go999ld")
	astray := bytes.Clone(in)
	blocks := func(blk int) int { return int(le.Uint32(in[magic+objOffsets+4*blk:])) }
	le.PutUint32(astray[magic+blocks(blkSymdef)+4:], uint32(blocks(blkReloc))) // where the name of the first symbol is
	for name, b := range map[string][]byte{
		"nothing": nil, "text": []byte("hello"), "no object": []byte(archiveMagic), "cut short": in[:len(in)-300],
		"another version": other, "a name among the blocks": astray, "not for plugins": compiled(t, small),
	} {
		if _, err := rewriteArchive(b, "cell/a", pretend); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// FuzzRewrite has the rewriter read anything. It must return, and may refuse.
func FuzzRewrite(f *testing.F) {
	in := compiled(f, small, "-dynlink", "-linkshared")
	at := bytes.Index(in, []byte(objMagic))
	f.Add(uint32(0), []byte(nil), in[at:])
	f.Add(uint32(objOffsets+4*blkReloc), []byte{1, 0, 0, 0}, in[at:])
	f.Add(uint32(200), bytes.Repeat([]byte{0xff}, 8), in[at:])
	f.Fuzz(func(t *testing.T, pos uint32, patch, obj []byte) {
		obj = bytes.Clone(obj)
		if int64(pos) < int64(len(obj)) {
			copy(obj[pos:], patch)
		}
		head := []byte("go object\n!\n")
		archive := pack([]member{{header: []byte("_go_.o          0           0     0     644     0         `\n"), body: append(head, obj...)}})
		if r, err := rewriteArchive(archive, "cell/a", pretend); err == nil {
			if _, err := rewriteArchive(r.archive, "cell/a", pretend); err != nil {
				t.Fatalf("what was rewritten is refused: %v", err)
			}
		}
		_, _ = keepArchive(archive, "cell/a", []string{pluginTabs})
	})
}

func TestMangle(t *testing.T) {
	for in, want := range map[string]string{
		"fmt.Println":               "fmt.Println",
		"type:int":                  "type:int",
		"type:runtime.moduledata":   "type:runtime.moduledata",
		"type:":                     "type:",
		"type:func(*T, int, error)": "type:" + shorten("func(*T, int, error)"),
	} {
		if got := mangle(in); got != want {
			t.Errorf("mangle(%q) = %q, not %q", in, got, want)
		}
	}
}

func TestParseCompile(t *testing.T) {
	got := parseCompile("In[3]:4:5: no\n\tmore\nwork/d/cell.go:7: gone [cell.go:1:2]\nnoise\n", "work/d")
	want := []CompileLine{{"In[3]", 4, 5, "no\n\tmore"}, {"cell.go", 7, 0, "gone"}}
	if got == nil || !slices.Equal(got.Lines, want) {
		t.Errorf("got %v, not %v", got, want)
	}
	if parseCompile("killed\n", "work/d") != nil {
		t.Error("no place, but an error of the source")
	}
}

// TestFingerprintBehindLongTexts reads an archive whose object begins behind what cgo says
// of many functions of C, and ones that are cut short.
func TestFingerprintBehindLongTexts(t *testing.T) {
	obj := append([]byte(objMagic+"12345678"), make([]byte, objHeader)...)
	for _, text := range []int{0, 4000, 4090, 4096, 5000, 100_000} {
		body := slices.Concat([]byte("go object linux amd64\n"), bytes.Repeat([]byte("c"), text), []byte("\n!\n"), obj)
		header := fmt.Appendf(nil, "%-16s%-12d%-6d%-6d%-8o%-10d`\n", objectMember, 0, 0, 0, 0o644, len(body))
		archive := pack([]member{{header, objectMember, body}})
		file := filepath.Join(t.TempDir(), "a.a")
		for cut, want := range map[int]string{0: "12345678", len(obj): "", len(body): "", len(archive) - 3: ""} {
			if err := os.WriteFile(file, archive[:len(archive)-cut], 0o600); err != nil {
				t.Fatal(err)
			}
			got, at, err := fingerprint(file)
			if string(got) != want || (err == nil) != (want != "") || want != "" && string(archive[at:at+8]) != want {
				t.Errorf("text of %d, cut by %d: %q at %d, %v", text, cut, got, at, err)
			}
		}
	}
}
