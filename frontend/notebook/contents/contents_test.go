package contents

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// A desk is a folder under test.
type desk struct {
	*testing.T
	*Files
	dir string
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	dir := t.TempDir()
	f, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	return &desk{t, f, dir}
}

func (d *desk) write(name, text string) {
	d.Helper()
	name = filepath.Join(d.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		d.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		d.Fatal(err)
	}
}

// text gives what is in a file of the system.
func (d *desk) text(name string) string {
	d.Helper()
	text, err := os.ReadFile(filepath.Join(d.dir, filepath.FromSlash(name)))
	if err != nil {
		d.Fatal(err)
	}
	return string(text)
}

// names lists all files of the system in a folder, hidden ones too.
func (d *desk) names(dir string) []string {
	d.Helper()
	entries, err := os.ReadDir(filepath.Join(d.dir, filepath.FromSlash(dir)))
	if err != nil {
		d.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func (d *desk) get(p string, o Options) *Model {
	d.Helper()
	m, err := d.Get(p, o)
	if err != nil {
		d.Fatal(err)
	}
	return m
}

func (d *desk) save(p string, s Save) (*Model, bool) {
	d.Helper()
	m, fresh, err := d.Save(p, s)
	if err != nil {
		d.Fatal(err)
	}
	return m, fresh
}

func quoted(s string) json.RawMessage {
	text, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return text
}

func TestModels(t *testing.T) {
	d := newDesk(t)
	d.write("a.txt", "hello\n")
	d.write("b.bin", "\xff\x00")
	d.write("sub/c.go", "package c")
	m := d.get("a.txt", Options{Content: true, Hash: true})
	if m.Name != "a.txt" || m.Path != "a.txt" || m.Type != File || m.Content != "hello\n" || *m.Format != Text || *m.MIMEType != "text/plain" ||
		*m.Size != 6 || !m.Writable || m.Hash != "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03" || time.Since(m.LastModified) > time.Hour {
		t.Errorf("model %+v", m)
	}
	if m := d.get("b.bin", Options{Content: true}); *m.Format != Base64 || !bytes.Equal(m.Content.([]byte), []byte{0xff, 0}) || *m.MIMEType != "application/octet-stream" {
		t.Errorf("model %+v", m)
	}
	if m := d.get("a.txt", Options{Content: true, Format: Base64}); !bytes.Equal(m.Content.([]byte), []byte("hello\n")) {
		t.Errorf("model %+v", m)
	}
	if m := d.get("/sub/c.go/", Options{}); m.Path != "sub/c.go" || m.Content != nil || m.Format != nil || m.MIMEType != nil {
		t.Errorf("model %+v", m)
	}
	var names []string
	m = d.get("", Options{Content: true})
	for _, e := range m.Content.([]*Model) {
		names = append(names, e.Path+":"+e.Type)
	}
	if slices.Sort(names); !slices.Equal(names, []string{"a.txt:file", "b.bin:file", "sub:directory"}) || m.Type != Directory || m.Size != nil {
		t.Errorf("folder %v %+v", names, m)
	}
	for p, o := range map[string]Options{
		"sub": {Type: Notebook}, "a.txt": {Type: Directory}, "b.bin": {Content: true, Format: Text}, "/a.txt": {Type: "nonsense"},
		"a.txt/": {Content: true, Format: "nonsense"}, "//a.txt": {Content: true, Type: Notebook}, "a//b": {}, "a/../a.txt": {}, "a\x00": {},
	} {
		if _, err := d.Get(p, o); !errors.Is(err, ErrRefused) {
			t.Errorf("%q %+v: %v, want %v", p, o, err, ErrRefused)
		}
	}
	for _, p := range []string{"none", "sub/none", "a.txt/x", ".", ".x", "sub/.x/y"} {
		if _, err := d.Get(p, Options{}); !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, ErrRefused) && runtime.GOOS != "windows" && p != "a.txt/x" {
			t.Errorf("%q: %v", p, err)
		}
	}
}

const notebook = `{
 "cells": [
  {
   "cell_type": "code",
   "execution_count": 1,
   "id": "a",
   "metadata": {},
   "outputs": [
    {
     "name": "stdout",
     "output_type": "stream",
     "text": [
      "1\n",
      "2"
     ]
    }
   ],
   "source": [
    "x := 1\n",
    "x"
   ]
  }
 ],
 "metadata": {},
 "nbformat": 4,
 "nbformat_minor": 5
}
`

func TestNotebooksKeepTheirBytes(t *testing.T) {
	d := newDesk(t)
	d.write("a.ipynb", notebook)
	m := d.get("a.ipynb", Options{Content: true})
	content := m.Content.(json.RawMessage)
	if m.Type != Notebook || *m.Format != JSON || !strings.Contains(string(content), `"source":"x := 1\nx"`) || !strings.Contains(string(content), `"text":"1\n2"`) {
		t.Errorf("%+v %s", m, content)
	}
	if _, fresh := d.save("a.ipynb", Save{Type: Notebook, Format: JSON, Content: content}); fresh || d.text("a.ipynb") != notebook {
		t.Errorf("saved as it came: %s", d.text("a.ipynb"))
	}
	changed := bytes.Replace(content, []byte("x := 1"), []byte("x := 2"), 1)
	d.save("b.ipynb", Save{Content: changed})
	if want := strings.Replace(notebook, "x := 1", "x := 2", 1); d.text("b.ipynb") != want {
		t.Errorf("%s", d.text("b.ipynb"))
	}
	// One that another program has written in another way, and nobody has changed.
	var v any
	if err := json.Unmarshal([]byte(notebook), &v); err != nil {
		t.Fatal(err)
	}
	compact, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	d.write("c.ipynb", string(compact))
	d.save("c.ipynb", Save{Type: Notebook, Content: d.get("c.ipynb", Options{Content: true}).Content.(json.RawMessage)})
	if d.text("c.ipynb") != string(compact) {
		t.Errorf("%s", d.text("c.ipynb"))
	}
	for _, bad := range []string{`"x"`, `{}`, `{"nbformat":3,"nbformat_minor":0}`, `[`} {
		if _, _, err := d.Save("a.ipynb", Save{Type: Notebook, Content: json.RawMessage(bad)}); !errors.Is(err, ErrRefused) {
			t.Errorf("%s: %v", bad, err)
		}
	}
	if d.text("a.ipynb") != notebook {
		t.Error("a save that was refused has changed the file")
	}
	d.write("bad.ipynb", "no")
	if _, err := d.Get("bad.ipynb", Options{Content: true}); !errors.Is(err, ErrRefused) || !strings.Contains(err.Error(), "bad.ipynb") {
		t.Errorf("%v", err)
	}
}

func TestSavesAreWholeAndKeepModesAndLinks(t *testing.T) {
	d := newDesk(t)
	d.write("run.sh", "old")
	if runtime.GOOS != "windows" {
		if err := os.Chmod(filepath.Join(d.dir, "run.sh"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	_, fresh := d.save("run.sh", Save{Type: File, Format: Text, Content: quoted("new")})
	info, err := os.Stat(filepath.Join(d.dir, "run.sh"))
	if err != nil || fresh || d.text("run.sh") != "new" || runtime.GOOS != "windows" && info.Mode().Perm() != 0o755 {
		t.Errorf("%v, %v, %q, %v", fresh, err, d.text("run.sh"), info.Mode())
	}
	if _, fresh := d.save("x", Save{Type: File, Format: Base64, Content: quoted(base64.StdEncoding.EncodeToString([]byte{0, 255}))}); !fresh || d.text("x") != "\x00\xff" {
		t.Errorf("%q", d.text("x"))
	}
	if err := os.Symlink("run.sh", filepath.Join(d.dir, "link.sh")); err == nil {
		d.save("link.sh", Save{Type: File, Content: quoted("through")})
		if info, err := os.Lstat(filepath.Join(d.dir, "link.sh")); err != nil || info.Mode()&fs.ModeSymlink == 0 || d.text("run.sh") != "through" {
			t.Errorf("%v, %v, %q", info.Mode(), err, d.text("run.sh"))
		}
	}
	if runtime.GOOS != "windows" {
		d.write("fixed", "kept")
		if err := os.Chmod(filepath.Join(d.dir, "fixed"), 0o444); err != nil {
			t.Fatal(err)
		}
		if _, _, err := d.Save("fixed", Save{Type: File, Content: quoted("x")}); !errors.Is(err, fs.ErrPermission) || d.text("fixed") != "kept" || d.get("fixed", Options{}).Writable {
			t.Errorf("%v, %q", err, d.text("fixed"))
		}
	}
	for _, s := range []Save{
		{Type: File, Content: json.RawMessage(`{}`)}, {Type: File, Format: Base64, Content: quoted("?")}, {Type: File, Format: "x", Content: quoted("")},
		{Type: "nonsense"},
	} {
		if _, _, err := d.Save("run.sh", s); !errors.Is(err, ErrRefused) {
			t.Errorf("%+v: %v", s, err)
		}
	}
	if _, _, err := d.Save("none/x", Save{Type: File}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a folder that is not there: %v", err)
	}
	if _, _, err := d.Save("", Save{Type: File}); !errors.Is(err, ErrRefused) {
		t.Errorf("the root itself: %v", err)
	}
	for _, name := range d.names("") {
		if strings.HasPrefix(name, ".") {
			t.Errorf("%s is left behind", name)
		}
	}
}

func TestASaveIsSeenWholeByReaders(t *testing.T) {
	d := newDesk(t)
	texts := []string{strings.Repeat("a", 1<<16), strings.Repeat("b", 1<<18)}
	d.write("f", texts[0])
	var writing sync.WaitGroup
	done := make(chan struct{})
	writing.Go(func() {
		defer close(done)
		for i := range 30 {
			if _, err := d.WriteFile("f", []byte(texts[i%2])); err != nil {
				t.Error(err)
			}
		}
	})
	for {
		text, _, err := d.ReadFile("f")
		if err != nil && runtime.GOOS != "windows" || err == nil && string(text) != texts[0] && string(text) != texts[1] {
			t.Fatalf("%d bytes, %v", len(text), err)
		}
		select {
		case <-done:
			writing.Wait()
			return
		default:
		}
	}
}

func TestNewCopyRenameDelete(t *testing.T) {
	d := newDesk(t)
	var made []string
	for _, ask := range [][2]string{{Notebook, ""}, {Notebook, ""}, {File, ".go"}, {"", ".txt"}, {"", ".ipynb"}, {Directory, ""}, {Directory, ""}, {"", ""}} {
		m, err := d.New("", ask[0], ask[1], nil)
		if err != nil {
			t.Fatal(err)
		}
		made = append(made, m.Path+":"+m.Type)
	}
	want := []string{
		"Untitled.ipynb:notebook", "Untitled1.ipynb:notebook", "untitled.go:file", "untitled.txt:file", "Untitled2.ipynb:notebook",
		"Untitled Folder:directory", "Untitled Folder 1:directory", "untitled:file",
	}
	if !slices.Equal(made, want) {
		t.Errorf("made %q, want %q", made, want)
	}
	if m := d.get("Untitled.ipynb", Options{Content: true}); !strings.Contains(string(m.Content.(json.RawMessage)), `"name":"fanout"`) {
		t.Errorf("%s", m.Content)
	}
	for _, bad := range [][3]string{{"none", File, ""}, {"untitled.go", File, ""}, {"", "x", ""}, {"", File, "/../../x"}, {".x", File, ""}} {
		if _, err := d.New(bad[0], bad[1], bad[2], nil); err == nil {
			t.Errorf("%q was made", bad)
		}
	}
	for _, want := range []string{"Untitled Folder/untitled.go", "Untitled Folder/untitled-Copy1.go", "Untitled Folder/untitled-Copy2.go"} {
		if m, err := d.Copy("untitled.go", "Untitled Folder"); err != nil || m.Path != want {
			t.Errorf("copied to %+v, %v, want %s", m, err, want)
		}
	}
	if _, err := d.Copy("Untitled Folder", ""); !errors.Is(err, ErrRefused) {
		t.Errorf("a folder: %v", err)
	}
	if _, err := d.MakeCheckpoint("untitled.go"); err != nil {
		t.Fatal(err)
	}
	if m, err := d.Rename("untitled.go", "Untitled Folder/é.go"); err != nil || m.Path != "Untitled Folder/é.go" {
		t.Errorf("%+v, %v", m, err)
	}
	if list, err := d.Checkpoints("Untitled Folder/é.go"); err != nil || len(list) != 1 {
		t.Errorf("the checkpoint stayed behind: %v, %v", list, err)
	}
	if _, err := d.Rename("untitled.txt", "Untitled.ipynb"); !errors.Is(err, fs.ErrExist) {
		t.Errorf("over another: %v", err)
	}
	if _, err := d.Rename("none", "x"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("nothing: %v", err)
	}
	if err := d.Delete("Untitled Folder"); !errors.Is(err, ErrRefused) {
		t.Errorf("a folder with files: %v", err)
	}
	for _, p := range []string{"Untitled Folder/é.go", "Untitled Folder/untitled.go", "Untitled Folder/untitled-Copy1.go", "Untitled Folder/untitled-Copy2.go", "Untitled Folder"} {
		if err := d.Delete(p); err != nil {
			t.Errorf("%s: %v", p, err)
		}
	}
	if err := d.Delete(""); !errors.Is(err, ErrRefused) {
		t.Errorf("the root: %v", err)
	}
	d.write("Untitled Folder 1/.git/config", "")
	if err := d.Delete("Untitled Folder 1"); !errors.Is(err, ErrRefused) {
		t.Errorf("a folder with hidden files: %v", err)
	}
}

func TestCheckpoints(t *testing.T) {
	d := newDesk(t)
	d.write("sub/a.ipynb", notebook)
	if list, err := d.Checkpoints("sub/a.ipynb"); err != nil || len(list) != 0 {
		t.Errorf("%v, %v", list, err)
	}
	c, err := d.MakeCheckpoint("sub/a.ipynb")
	if err != nil || c.ID != CheckpointID {
		t.Fatalf("%+v, %v", c, err)
	}
	d.write("sub/a.ipynb", "broken")
	if err := d.RestoreCheckpoint("sub/a.ipynb", c.ID); err != nil || d.text("sub/a.ipynb") != notebook {
		t.Errorf("%v, %q", err, d.text("sub/a.ipynb"))
	}
	for _, id := range []string{"other", "", "../checkpoint"} {
		if err := d.RestoreCheckpoint("sub/a.ipynb", id); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%q: %v", id, err)
		}
	}
	if err := d.DeleteCheckpoint("sub/a.ipynb", c.ID); err != nil {
		t.Fatal(err)
	}
	if err := d.RestoreCheckpoint("sub/a.ipynb", c.ID); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a checkpoint that was deleted: %v", err)
	}
	if _, err := d.MakeCheckpoint("sub/a.ipynb"); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(d.Delete("sub/a.ipynb"), d.Delete("sub")); err != nil {
		t.Error(err)
	}
}

func TestUploadsInChunks(t *testing.T) {
	d := newDesk(t)
	d.write("f.bin", "old")
	chunk := func(p string, n int, text string) (*Model, error) {
		m, _, err := d.Save(p, Save{Type: File, Format: Base64, Content: quoted(base64.StdEncoding.EncodeToString([]byte(text))), Chunk: n})
		return m, err
	}
	for n, text := range []string{"one ", "two "} {
		if _, err := chunk("f.bin", n+1, text); err != nil {
			t.Fatal(err)
		}
	}
	if d.text("f.bin") != "old" {
		t.Errorf("before the last chunk: %q", d.text("f.bin"))
	}
	if m, err := chunk("f.bin", -1, "three"); err != nil || *m.Size != 13 || d.text("f.bin") != "one two three" {
		t.Errorf("%+v, %v, %q", m, err, d.text("f.bin"))
	}
	for _, n := range []int{-1, 2, -2} {
		if _, err := chunk("g.bin", n, "x"); !errors.Is(err, ErrRefused) {
			t.Errorf("chunk %d first: %v", n, err)
		}
	}
	if _, err := chunk("g.bin", 1, ""); err != nil { // again from the start
		t.Fatal(err)
	}
	if _, err := chunk("g.bin", 1, ""); err != nil {
		t.Fatal(err)
	}
	if _, err := chunk("g.bin", 3, "x"); !errors.Is(err, ErrRefused) {
		t.Errorf("a gap: %v", err)
	}
	if _, err := chunk("g.bin", -1, "done"); err != nil || d.text("g.bin") != "done" {
		t.Errorf("%v, %q", err, d.text("g.bin"))
	}
	if _, err := chunk("h.bin", 1, "never ends"); err != nil {
		t.Fatal(err)
	}
	d.uploads.drop(d.root)
	if names := d.names(""); !slices.Equal(names, []string{"f.bin", "g.bin"}) {
		t.Errorf("left behind: %v", names)
	}
}

func TestOnlyFilesAndFoldersAreShown(t *testing.T) {
	d := newDesk(t)
	makePipe(t, filepath.Join(d.dir, "pipe"))
	d.write("a", "")
	if list := d.get("", Options{Content: true}).Content.([]*Model); len(list) != 1 {
		t.Errorf("%d files are listed", len(list))
	}
	if _, err := d.Get("pipe", Options{Content: true}); !errors.Is(err, ErrRefused) {
		t.Errorf("%v", err)
	}
	if _, _, err := d.Files.Open("pipe"); !errors.Is(err, ErrRefused) {
		t.Errorf("%v", err)
	}
}

// FuzzPaths gives all that takes a path any path at all. Nothing beside the folder
// changes, and no hidden file in it.
func FuzzPaths(f *testing.F) {
	for _, p := range []string{"a.txt", "../secret", ".hidden", "dir/../../secret", "linked/secret", "a\x00", "C:\\x", "//x", "dir/.hidden/x", "é", "..\\secret", "a/"} {
		f.Add(p, "b.txt")
	}
	f.Fuzz(func(t *testing.T, p, q string) {
		base := t.TempDir()
		dir := filepath.Join(base, "root")
		for name, text := range map[string]string{"secret": "s", "root/.hidden": "h", "root/a.txt": "a", "root/dir/.hidden/x": "x"} {
			name = filepath.Join(base, filepath.FromSlash(name))
			if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o700), os.WriteFile(name, []byte(text), 0o600)); err != nil {
				t.Fatal(err)
			}
		}
		_ = os.Symlink(base, filepath.Join(dir, "linked"))
		files, err := Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		defer files.Close()
		if m, err := files.Get(p, Options{Content: true}); err == nil && (m.Content == "s" || m.Content == "h" || m.Content == "x") {
			t.Errorf("%q gives %q", p, m.Content)
		}
		_, _ = files.Checkpoints(p)
		_, _ = files.MakeCheckpoint(p)
		_, _ = files.Copy(p, q)
		_, _ = files.New(p, "", q, nil)
		_, _, _ = files.Save(p, Save{Type: File, Content: quoted("!")})
		_, _, _ = files.Save(q, Save{Type: Directory})
		_, _ = files.Rename(p, q)
		_, _ = files.Rename(q, p)
		_ = files.Delete(p)
		_ = files.Delete(q)
		for name, want := range map[string]string{"secret": "s", "root/.hidden": "h", "root/dir/.hidden/x": "x"} {
			if text, err := os.ReadFile(filepath.Join(base, filepath.FromSlash(name))); (err != nil || string(text) != want) && !strings.HasPrefix(strings.Trim(p, "/"), "dir") && !strings.HasPrefix(strings.Trim(q, "/"), "dir") {
				t.Errorf("paths %q and %q: %s holds %q, %v", p, q, name, text, err)
			}
		}
		if entries, err := os.ReadDir(base); err != nil || len(entries) != 2 {
			t.Errorf("paths %q and %q made files outside: %v, %v", p, q, entries, err)
		}
	})
}

func TestUploadsThatWereGivenUpMakePlace(t *testing.T) {
	d := newDesk(t)
	begin := func(name string) error {
		_, _, err := d.Save(name, Save{Type: File, Format: Text, Content: json.RawMessage(`"x"`), Chunk: 1})
		return err
	}
	for i := range maxUploads {
		if err := begin(string(rune('a'+i%26)) + strings.Repeat("x", i)); err != nil {
			t.Fatal(err)
		}
	}
	if err := begin("one.more"); !errors.Is(err, ErrRefused) {
		t.Fatalf("beyond the bound: %v", err)
	}
	d.uploads.open["a"].last = time.Now().Add(-uploadPatience)
	scratch := d.uploads.open["a"].scratch
	if err := begin("one.more"); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(d.dir, scratch)); !os.IsNotExist(err) {
		t.Errorf("what was uploaded of the one that was given up: %v", err)
	}
}
