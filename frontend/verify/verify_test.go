package verify

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/adabc437/fanout/frontend/nbformat"
	"github.com/adabc437/fanout/interp/session"
)

// A printing session shows what cells say: "out X" prints X, "= X" has the result
// X, "plot" shows a picture, "fail X" ends with an error, and "wait" waits.
type printing struct {
	session.Session // what is not here is not called
	mu              sync.Mutex
	ran             []string
}

func (p *printing) Execute(ctx context.Context, c session.Cell, out session.Output) (session.Reply, error) {
	p.mu.Lock()
	p.ran = append(p.ran, c.Code)
	p.mu.Unlock()
	for line := range strings.Lines(c.Code) {
		word, text, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		switch word {
		case "out", "err":
			out.Emit(session.Event{Kind: session.Stream, Name: "std" + word, Text: text + "\n"})
		case "=":
			out.Emit(session.Event{Kind: session.Result, Data: map[string]any{"text/plain": text}})
		case "plot":
			out.Emit(session.Event{Kind: session.Display, Data: map[string]any{"text/plain": text, "image/png": "UQ=="}})
		case "status":
			out.Emit(session.Event{Kind: session.Display, Data: map[string]any{"text/plain": "", "text/html": ""}})
		case "fail":
			return session.Reply{Err: &session.Diagnostic{Name: session.Panic, Message: text}}, nil
		case "wait":
			<-ctx.Done()
			return session.Reply{Err: &session.Diagnostic{Name: session.Interrupted, Message: "interrupted"}}, nil
		}
	}
	return session.Reply{}, nil
}

func (p *printing) Close() error { return nil }

// stream, result, picture and failure are outputs as a file keeps them.
func stream(name, text string) map[string]any {
	return map[string]any{"output_type": "stream", "name": name, "text": text}
}

func result(text string) map[string]any {
	return map[string]any{"output_type": "execute_result", "execution_count": 1, "metadata": map[string]any{}, "data": map[string]any{"text/plain": text}}
}

func picture(mimes ...string) map[string]any {
	data := map[string]any{}
	for _, m := range mimes {
		data[m] = "x"
	}
	return map[string]any{"output_type": "display_data", "metadata": map[string]any{}, "data": data}
}

func failure(name, value string) map[string]any {
	return map[string]any{"output_type": "error", "ename": name, "evalue": value, "traceback": []string{"at line 3"}}
}

// A cell of a test: its code, its tag, and what the file keeps.
type cell struct {
	code, tag string
	kept      []any
}

func write(t *testing.T, dir, name string, count any, cells ...cell) string {
	t.Helper()
	var list []any
	for i, c := range cells {
		tags := []string{}
		if c.tag != "" {
			tags = append(tags, c.tag)
		}
		if c.kept == nil {
			c.kept = []any{}
		}
		list = append(list, map[string]any{
			"cell_type": "code", "id": string(rune('a' + i)), "metadata": map[string]any{"tags": tags},
			"source": c.code, "outputs": c.kept, "execution_count": count,
		})
	}
	text, err := json.Marshal(map[string]any{"nbformat": 4, "nbformat_minor": 5, "metadata": map[string]any{}, "cells": list})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func start(context.Context, string) (session.Session, error) { return &printing{}, nil }

func TestWhatCountsAsTheSame(t *testing.T) {
	for name, c := range map[string]struct {
		cell    cell
		options Options
		changed bool
	}{
		"the same text":         {cell{"out a", "", []any{stream("stdout", "a\n")}}, Options{}, false},
		"another text":          {cell{"out a", "", []any{stream("stdout", "b\n")}}, Options{}, true},
		"another stream":        {cell{"out a", "", []any{stream("stderr", "a\n")}}, Options{}, true},
		"streams in any order":  {cell{"out a\nerr b\nout c", "", []any{stream("stderr", "b\n"), stream("stdout", "a\nc\n")}}, Options{}, false},
		"nothing any more":      {cell{"", "", nil}, Options{}, false},
		"an output more":        {cell{"out a\n= 1", "", []any{stream("stdout", "a\n")}}, Options{}, true},
		"an output less":        {cell{"out a", "", []any{stream("stdout", "a\n"), result("1")}}, Options{}, true},
		"a duration":            {cell{"out took 1.5s", "", []any{stream("stdout", "took 2m3.25s\n")}}, Options{}, false},
		"a duration, exactly":   {cell{"out took 1.5s", "", []any{stream("stdout", "took 3 ms\n")}}, Options{Exact: true}, true},
		"an address and a time": {cell{"= 0xc000012345 2026-01-31 12:00:00", "", []any{result("0xc0000abcde 2025-01-31 13:10:00")}}, Options{}, false},
		"a number":              {cell{"= 41", "", []any{result("42")}}, Options{}, true},
		"what is to be ignored": {cell{"= seed 41", "", []any{result("seed 42")}}, Options{Ignore: []*regexp.Regexp{regexp.MustCompile(`seed \d+`)}}, false},
		"colours and spaces":    {cell{"= a", "", []any{result("\x1b[31ma\x1b[0m  ")}}, Options{}, false},
		"progress":              {cell{"out 100%", "", []any{stream("stdout", "10%\r100%\n")}}, Options{}, false},
		"another picture":       {cell{"plot fast", "", []any{picture("image/png", "text/plain")}}, Options{}, false},
		"a picture of a kind":   {cell{"plot fast", "", []any{picture("image/svg+xml", "text/plain")}}, Options{}, true},
		"no picture":            {cell{"out a", "", []any{stream("stdout", "a\n"), picture("image/png")}}, Options{}, true},
		"a status line":         {cell{"status\nout a", "", []any{stream("stdout", "a\n")}}, Options{}, false},
		"outputs to be ignored": {cell{"out a", "ignore-output", []any{stream("stdout", "b\n")}}, Options{}, false},
		"a cell to be skipped":  {cell{"fail x", "skip", []any{stream("stdout", "b\n")}}, Options{}, false},
		"the same error":        {cell{"fail x", "raises-exception", []any{failure("Panic", "x")}}, Options{}, false},
		"another error":         {cell{"fail x", "raises-exception", []any{failure("Panic", "y")}}, Options{}, true},
		"an error no more":      {cell{"out a", "raises-exception", []any{failure("Panic", "x")}}, Options{}, true},
	} {
		t.Run(name, func(t *testing.T) {
			path := write(t, t.TempDir(), "a.ipynb", 1, c.cell)
			r := File(t.Context(), start, path, c.options)
			if want := map[bool]Outcome{false: OK, true: Changed}[c.changed]; r.Outcome != want || r.Err != nil {
				t.Errorf("%s, %v, %v", r.Outcome, r.Err, r.Changes)
			}
		})
	}
}

func TestAChangeIsShown(t *testing.T) {
	path := write(t, t.TempDir(), "a.ipynb", 1, cell{code: "out a", kept: []any{stream("stdout", "a\n")}},
		cell{"out one\nout two\n= 4", "", []any{stream("stdout", "one\n2\n"), result("4")}})
	r := File(t.Context(), start, path, Options{})
	want := []Change{{Cell: 2, ID: "b", Diff: "--- kept\n+++ now\n@@ -1,5 +1,5 @@\n [stdout]\n one\n-2\n+two\n [result]\n 4\n"}}
	if r.Outcome != Changed || r.Ran != 2 || r.Compared != 2 || !reflect.DeepEqual(r.Changes, want) {
		t.Errorf("got %+v", r)
	}
}

func TestAFailingCellEndsIt(t *testing.T) {
	path := write(t, t.TempDir(), "a.ipynb", 1,
		cell{"out b", "", []any{stream("stdout", "a\n")}}, cell{"fail x", "", []any{failure("Panic", "x")}}, cell{"out a", "", nil})
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	r := File(t.Context(), start, path, Options{Update: true})
	if r.Outcome != Failed || r.FailedCell != 2 || !r.KeptError || r.Err == nil || r.Err.Error() != "Panic: x" || len(r.Changes) != 1 || r.Ran != 2 {
		t.Errorf("got %+v", r)
	}
	if after, err := os.ReadFile(path); err != nil || string(after) != string(before) {
		t.Error("a notebook that failed was written")
	}
	r = File(t.Context(), start, write(t, t.TempDir(), "a.ipynb", 1, cell{code: "wait"}), Options{Timeout: time.Millisecond})
	if r.Outcome != Failed || r.Err == nil || r.Err.Error() != "Interrupted: the cell did not end within 1ms" {
		t.Errorf("got %+v", r)
	}
}

func TestANotebookWithoutOutputsMustOnlyRun(t *testing.T) {
	dir := t.TempDir()
	path := write(t, dir, "a.ipynb", nil, cell{code: "out a"})
	if r := File(t.Context(), start, path, Options{}); r.Outcome != OK || r.Ran != 1 || r.Compared != 0 {
		t.Errorf("got %+v", r)
	}
	script := filepath.Join(dir, "a.md")
	if err := os.WriteFile(script, []byte("```go\nout a\n```\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if r := File(t.Context(), start, script, Options{Update: true}); r.Outcome != OK || r.Ran != 1 {
		t.Errorf("got %+v", r)
	}
	if r := File(t.Context(), start, path, Options{Update: true}); r.Outcome != Updated {
		t.Errorf("got %+v", r)
	}
	if r := File(t.Context(), start, path, Options{}); r.Outcome != OK || r.Compared != 1 {
		t.Errorf("after the update: %+v", r)
	}
}

func TestUpdateKeepsWhatIsTheSame(t *testing.T) {
	path := write(t, t.TempDir(), "a.ipynb", 7,
		cell{"out took 1s", "", []any{stream("stdout", "took 2s\n")}}, cell{"out new", "", []any{stream("stdout", "old\n")}})
	if r := File(t.Context(), start, path, Options{Update: true}); r.Outcome != Updated || len(r.Changes) != 1 {
		t.Fatalf("got %+v", r)
	}
	nb, err := nbformat.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	first, second := nb.Cells[0], nb.Cells[1]
	if first.Outputs[0].Text != "took 2s\n" || *first.ExecutionCount != 7 || second.Outputs[0].Text != "new\n" || *second.ExecutionCount != 2 {
		t.Errorf("kept %q and %q", first.Outputs[0].Text, second.Outputs[0].Text)
	}
}

func TestAllReportsInOrder(t *testing.T) {
	dir := t.TempDir()
	var paths []string
	for _, name := range []string{"c.ipynb", "a.ipynb", "b.ipynb"} {
		paths = append(paths, write(t, dir, name, nil, cell{code: "out a"}))
	}
	paths = append(paths, filepath.Join(dir, "none.ipynb"))
	var got []string
	All(t.Context(), start, paths, 3, Options{}, func(r Report) { got = append(got, filepath.Base(r.Path)+" "+string(r.Outcome)) })
	if want := []string{"c.ipynb ok", "a.ipynb ok", "b.ipynb ok", "none.ipynb FAIL"}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %q", got)
	}
	no := func(context.Context, string) (session.Session, error) { return nil, errors.New("no memory") }
	if r := File(t.Context(), no, paths[0], Options{}); r.Outcome != Failed || r.Err == nil || r.Err.Error() != "no memory" {
		t.Errorf("got %+v", r)
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if r := File(cancelled, start, paths[0], Options{}); r.Outcome != Failed || r.Err == nil {
		t.Errorf("got %+v", r)
	}
}

func TestFind(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"b.ipynb", "sub/a.ipynb", ".hidden/c.ipynb", "sub/.ipynb_checkpoints/a.ipynb", ".d.ipynb"} {
		write(t, dir, name, nil)
	}
	got, err := Find([]string{dir, filepath.Join(dir, "sub", "a.ipynb")})
	want := []string{filepath.Join(dir, "b.ipynb"), filepath.Join(dir, "sub", "a.ipynb"), filepath.Join(dir, "sub", "a.ipynb")}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v, %v", got, err)
	}
	if _, err := Find([]string{t.TempDir()}); err == nil || !strings.HasPrefix(err.Error(), "there are no notebooks in ") {
		t.Errorf("an empty folder: %v", err)
	}
	if _, err := Find([]string{filepath.Join(dir, "none")}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("nothing: %v", err)
	}
}

func TestNormal(t *testing.T) {
	for text, want := range map[string]string{
		"2026-01-31T12:00:00Z":                                 "<time>",
		"2026/01/31 12:00:00 x":                                "<time> x",
		"time.Now() 2026-01-31 12:00:00.123 +0100 CET m=+0.01": "time.Now() <time>",
		"at 12:00:00.5":                                        "at <time>",
		"1h2m3.5s 41.7µs 3 ms":                                 "<duration> <duration> <duration>",
		"0xc000012345 0xff":                                    "<address> 0xff",
		"goroutine 18 [running]":                               "goroutine <n> [running]",
		"5m of cable, 3 items, 2026-01-31":                     "5m of cable, 3 items, 2026-01-31",
	} {
		if got := Normal(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
