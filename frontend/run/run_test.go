package run

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/adabc437/fanout/frontend/term"
	"github.com/adabc437/fanout/interp/session"
)

// A scripted session runs cells by their code.
type scripted struct {
	session.Session // what is not scripted is not called
	script          map[string]func(context.Context, session.Output) session.Reply
	ran             []session.Cell
}

func (s *scripted) Execute(ctx context.Context, c session.Cell, out session.Output) (session.Reply, error) {
	s.ran = append(s.ran, c)
	do := s.script[c.Code]
	if do == nil {
		return session.Reply{}, errors.New("no script for " + c.Code)
	}
	return do(ctx, out), nil
}

func print(name, text string) func(context.Context, session.Output) session.Reply {
	return func(_ context.Context, out session.Output) session.Reply {
		out.Emit(session.Event{Kind: session.Stream, Name: name, Text: text})
		return session.Reply{}
	}
}

func fail(d session.Diagnostic) func(context.Context, session.Output) session.Reply {
	return func(context.Context, session.Output) session.Reply { return session.Reply{Err: &d} }
}

func result(text string) func(context.Context, session.Output) session.Reply {
	return func(_ context.Context, out session.Output) session.Reply {
		out.Emit(session.Event{Kind: session.Result, Data: map[string]any{"text/plain": text}})
		return session.Reply{}
	}
}

func wait(ctx context.Context, _ session.Output) session.Reply {
	<-ctx.Done()
	return session.Reply{Err: &session.Diagnostic{Name: session.Interrupted, Message: "interrupted"}}
}

var script = map[string]func(context.Context, session.Output) session.Reply{
	"hello": print("stdout", "hello\n"),
	"warn":  print("stderr", "careful\n"),
	"four":  result("4"),
	"boom":  fail(session.Diagnostic{Name: session.Panic, Message: "boom", Pos: &session.Position{Cell: 1, Line: 2, Column: 1, Source: "boom"}}),
	"wait":  wait,
	"page": func(context.Context, session.Output) session.Reply {
		return session.Reply{Payloads: []session.Payload{{Source: "page", Data: map[string]any{"text/plain": "help"}}}}
	},
	"ask": func(ctx context.Context, out session.Output) session.Reply {
		line, err := out.Input(ctx, "name? ", false)
		if err != nil {
			return session.Reply{Err: &session.Diagnostic{Name: "StdinError", Message: err.Error()}}
		}
		return print("stdout", "hi "+line+"\n")(ctx, out)
	},
	"map": func(_ context.Context, out session.Output) session.Reply {
		for _, e := range []session.Event{
			{Kind: session.Display, DisplayID: "p", Data: map[string]any{"text/plain": "0%"}},
			{Kind: session.Update, DisplayID: "p", Data: map[string]any{"text/plain": "50%"}},
			{Kind: session.Update, DisplayID: "p", Data: map[string]any{"text/plain": "plot", "image/svg+xml": "<svg/>"}},
		} {
			out.Emit(e)
		}
		return session.Reply{}
	},
}

// write makes a notebook of the cells at a new path.
func write(t *testing.T, cells ...map[string]any) string {
	t.Helper()
	for _, c := range cells {
		for key, v := range map[string]any{"cell_type": "code", "metadata": map[string]any{}} {
			if c[key] == nil {
				c[key] = v
			}
		}
	}
	text, err := json.Marshal(map[string]any{"nbformat": 4, "nbformat_minor": 4, "metadata": map[string]any{}, "cells": cells})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "in.ipynb")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func code(source string) map[string]any { return map[string]any{"source": source} }

func tagged(source, tag string) map[string]any {
	return map[string]any{"source": source, "metadata": map[string]any{"tags": []string{tag}}}
}

// An outcome is all that a run leaves.
type outcome struct {
	Status   int
	Out, Err string
	Ran      []string
}

func run(t *testing.T, ctx context.Context, path string, o Options) (outcome, error) {
	t.Helper()
	var out, errs strings.Builder
	s := &scripted{script: script}
	o.Console.Out, o.Console.Err = &out, &errs
	status, err := File(ctx, s, path, o)
	got := outcome{Status: status, Out: out.String(), Err: errs.String()}
	for i, c := range s.ran {
		got.Ran = append(got.Ran, c.Code)
		if c.Number != i+1 || !c.StoreHistory || c.HTML != (o.Output != "") || c.Silent || c.AllowStdin != (o.Console.In != nil) {
			t.Errorf("cell %+v", c)
		}
	}
	return got, err
}

func TestNotebook(t *testing.T) {
	const report = "In[1]:2:1: Panic: boom\n    2 | boom\n      | ^\n"
	for name, c := range map[string]struct {
		cells   []map[string]any
		options Options
		want    outcome
	}{
		"in order": {
			[]map[string]any{code("hello"), {"cell_type": "markdown", "source": "four"}, code(" \n"), code("warn"), code("four"), code("page")},
			Options{}, outcome{0, "hello\n4\nhelp\n", "careful\n", []string{"hello", "warn", "four", "page"}},
		},
		"the first that fails ends it": {
			[]map[string]any{code("hello"), code("boom"), code("four")},
			Options{}, outcome{1, "hello\n", report, []string{"hello", "boom"}},
		},
		"errors allowed": {
			[]map[string]any{code("boom"), code("four")},
			Options{AllowErrors: true}, outcome{0, "4\n", report, []string{"boom", "four"}},
		},
		"an error allowed by its cell": {
			[]map[string]any{tagged("boom", "raises-exception"), code("four")},
			Options{}, outcome{0, "4\n", report, []string{"boom", "four"}},
		},
		"a cell to be skipped": {
			[]map[string]any{tagged("boom", "skip-execution"), code("four")},
			Options{}, outcome{0, "4\n", "", []string{"four"}},
		},
		"only the final form": {
			[]map[string]any{code("map")}, Options{}, outcome{0, "plot\n", "", []string{"map"}},
		},
		"input": {
			[]map[string]any{code("ask"), code("ask"), code("ask")},
			Options{Console: term.Console{In: strings.NewReader("Ada\nBob")}},
			outcome{1, "name? hi Ada\nname? hi Bob\nname? ", "StdinError: EOF\n", []string{"ask", "ask", "ask"}},
		},
		"no input": {
			[]map[string]any{code("ask")}, Options{},
			outcome{1, "", "StdinError: this front end cannot ask for input (allow_stdin is false)\n", []string{"ask"}},
		},
		"time is up": {
			[]map[string]any{code("wait"), code("four")}, Options{Timeout: time.Millisecond},
			outcome{1, "", "Interrupted: the cell did not end within 1ms\n", []string{"wait"}},
		},
		"the session fails": {
			[]map[string]any{code("unknown")}, Options{},
			outcome{1, "", "SessionError: no script for unknown\n", []string{"unknown"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := run(t, t.Context(), write(t, c.cells...), c.options)
			if err != nil || !reflect.DeepEqual(got, c.want) {
				t.Errorf("got %+v, %v\nwant %+v", got, err, c.want)
			}
		})
	}
}

func TestCancelling(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	script := map[string]func(context.Context, session.Output) session.Reply{
		"wait": func(ctx context.Context, out session.Output) session.Reply {
			cancel()
			return wait(ctx, out)
		},
	}
	var errs strings.Builder
	s := &scripted{script: script}
	path := write(t, code("wait"), code("wait"))
	output := filepath.Join(t.TempDir(), "out.ipynb")
	status, err := File(ctx, s, path, Options{Console: term.Console{Err: &errs}, AllowErrors: true, Output: output})
	if status != 130 || err != nil || len(s.ran) != 1 || errs.String() != "Interrupted: interrupted\n" {
		t.Errorf("status %d, %v, ran %v, %q", status, err, s.ran, errs.String())
	}
	if _, err := os.Stat(output); err != nil {
		t.Error(err)
	}
}

func TestExecutedNotebook(t *testing.T) {
	cells := []map[string]any{code("hello"), code("map"), code("four"), code("boom"), code("hello")}
	cells[4]["outputs"] = []any{map[string]any{"output_type": "stream", "name": "stdout", "text": "of an earlier run"}}
	cells[4]["execution_count"] = 9
	output := filepath.Join(t.TempDir(), "out.ipynb")
	got, err := run(t, t.Context(), write(t, cells...), Options{Output: output})
	if got.Status != 1 || err != nil {
		t.Fatalf("status %d, %v", got.Status, err)
	}
	text, err := os.ReadFile(output)
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile("testdata/executed.golden")
	if err != nil {
		t.Fatal(err)
	}
	version := strings.NewReplacer("GOVERSION", strings.TrimPrefix(runtime.Version(), "go")).Replace(string(want))
	if string(text) != version {
		t.Errorf("got\n%s\nwant\n%s", text, version)
	}
}

func TestWhatCannotBeRun(t *testing.T) {
	dir := t.TempDir()
	python := filepath.Join(dir, "python.ipynb")
	if err := os.WriteFile(python, []byte(`{"nbformat":4,"nbformat_minor":4,"metadata":{"kernelspec":{"language":"Python"}},"cells":[]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	text := filepath.Join(dir, "a.txt")
	program := filepath.Join(dir, "a.go")
	if err := os.WriteFile(program, []byte("hello"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		path    string
		options Options
		want    string
	}{
		{python, Options{}, python + ": the notebook is written in python; Fanout runs Go"},
		{text, Options{}, text + ": want a notebook (.ipynb, .md) or a Go file (.go)"},
		{program, Options{Output: "b.ipynb"}, program + ": only an executed notebook can be written to b.ipynb"},
		{program, Options{Parameters: []Parameter{{"n", "1"}}}, program + ": parameters are for notebooks; a program has its arguments"},
	} {
		got, err := run(t, t.Context(), c.path, c.options)
		if err == nil || err.Error() != c.want || !reflect.DeepEqual(got, outcome{Status: 1}) {
			t.Errorf("%s: %+v, %v, want %s", c.path, got, err, c.want)
		}
	}
	missing := filepath.Join(dir, "none")
	for path, o := range map[string]Options{
		missing + ".ipynb": {}, missing + ".go": {}, write(t, code("four")): {Output: filepath.Join(missing, "out.ipynb")},
	} {
		if got, err := run(t, t.Context(), path, o); !errors.Is(err, os.ErrNotExist) || !reflect.DeepEqual(got, outcome{Status: 1}) {
			t.Errorf("%s: %+v, %v", path, got, err)
		}
	}
}

func TestGoFile(t *testing.T) {
	interrupted, cancel := context.WithCancel(t.Context())
	cancel()
	exit := func(message string) func(context.Context, session.Output) session.Reply {
		return fail(session.Diagnostic{Name: session.ExitError, Message: message})
	}
	script["exits 3"] = exit("the cell ended the session process: exit status 3")
	script["exits 0"] = exit("os.Exit(0)")
	script["dies"] = exit("the session process ended")
	script["///usr/bin/env fanout\nhello"] = print("stdout", "script")
	for name, c := range map[string]struct {
		ctx  context.Context
		code string
		want outcome
	}{
		"prints":               {t.Context(), "hello", outcome{0, "hello\n", "", nil}},
		"results do not show":  {t.Context(), "four", outcome{0, "", "", nil}},
		"errors name the file": {t.Context(), "boom", outcome{1, "", "prog.go:2:1: Panic: boom\n    2 | boom\n      | ^\n", nil}},
		"os.Exit(3)":           {t.Context(), "exits 3", outcome{3, "", "", nil}},
		"os.Exit(0)":           {t.Context(), "exits 0", outcome{0, "", "", nil}},
		"an unknown end":       {t.Context(), "dies", outcome{1, "", "ExitError: the session process ended\n", nil}},
		"interrupted":          {interrupted, "hello", outcome{130, "", "Interrupted: interrupted before the cell began\n", nil}},
		"a script":             {t.Context(), "#!/usr/bin/env fanout\nhello", outcome{0, "script", "", nil}},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "prog.go")
			if err := os.WriteFile(path, []byte(c.code), 0o600); err != nil {
				t.Fatal(err)
			}
			got, err := run(t, c.ctx, path, Options{})
			got.Ran = nil
			if err != nil || !reflect.DeepEqual(got, c.want) {
				t.Errorf("got %+v, %v\nwant %+v", got, err, c.want)
			}
		})
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, os.ErrClosed }

func TestOutputThatCannotBeWrittenIsAnError(t *testing.T) {
	s := &scripted{script: script}
	status, err := File(t.Context(), s, write(t, code("hello")), Options{Console: term.Console{Out: broken{}}})
	if status != 1 || !errors.Is(err, os.ErrClosed) {
		t.Errorf("status %d, %v", status, err)
	}
}
