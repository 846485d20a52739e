package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Files in a folder of their own: writing, reading, walking, and errors.

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func tree(root string) (out []string) {
	filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.Name() == "skip" {
			return fs.SkipDir
		}
		rel := must(filepath.Rel(root, p))
		if d.IsDir() {
			rel += "/"
		}
		out = append(out, filepath.ToSlash(rel))
		return nil
	})
	return
}

func main() {
	dir := must(os.MkdirTemp("", "corpus"))
	defer os.RemoveAll(dir)
	name := filepath.Join(dir, "a.txt")
	fmt.Println(os.WriteFile(name, []byte("line 1\nline 2\n"), 0o600))
	f := must(os.OpenFile(name, os.O_APPEND|os.O_WRONLY, 0))
	fmt.Fprintf(f, "line %d\n", 3)
	fmt.Println(f.Close(), f.Close() != nil)
	fmt.Printf("%q\n", must(os.ReadFile(name)))
	info := must(os.Stat(name))
	fmt.Println(info.Name(), info.Size(), info.IsDir(), info.Mode().IsRegular())
	_, err := os.ReadFile(filepath.Join(dir, "none"))
	var pe *fs.PathError
	fmt.Println(errors.Is(err, fs.ErrNotExist), errors.As(err, &pe), pe.Op)
	os.MkdirAll(filepath.Join(dir, "sub", "deep"), 0o700)
	os.Mkdir(filepath.Join(dir, "skip"), 0o700)
	os.WriteFile(filepath.Join(dir, "skip", "x"), nil, 0o600)
	os.WriteFile(filepath.Join(dir, "sub", "deep", "b.go"), []byte("package b"), 0o600)
	fmt.Println(tree(dir))
	fmt.Println(os.Rename(name, filepath.Join(dir, "sub", "c.txt")))
	entries := must(os.ReadDir(filepath.Join(dir, "sub")))
	for _, e := range entries {
		fmt.Print(e.Name(), e.IsDir(), " ")
	}
	fmt.Println()
	g := must(os.Open(filepath.Join(dir, "sub", "c.txt")))
	defer g.Close()
	g.Seek(7, io.SeekStart)
	buf := make([]byte, 6)
	n := must(g.Read(buf))
	fmt.Println(n, string(buf))
	sc := bufio.NewScanner(g)
	for sc.Scan() {
		fmt.Printf("%q ", sc.Text())
	}
	fmt.Println()
	m := must(filepath.Glob(filepath.Join(dir, "sub", "*.txt")))
	fmt.Println(len(m), filepath.Base(m[0]), filepath.Ext(m[0]))
	fsys := os.DirFS(dir)
	fmt.Println(string(must(fs.ReadFile(fsys, "sub/deep/b.go"))))
	fmt.Println(os.Remove(filepath.Join(dir, "sub")) != nil, os.Mkdir(dir, 0o700) != nil)
	os.Setenv("CORPUS_X", "val")
	v, ok := os.LookupEnv("CORPUS_NONE")
	fmt.Println(os.Getenv("CORPUS_X"), v == "", ok, os.ExpandEnv("$CORPUS_X-${CORPUS_X}"))
}
