package rooms

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/adabc437/fanout/frontend/notebook/kernels"
	"github.com/adabc437/fanout/interp/session"
	"github.com/adabc437/fanout/kernel/supervisor"
)

// realKernels starts sessions in processes of their own, as the program does.
func realKernels(t *testing.T) func(*Options) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return func(o *Options) {
		m, err := kernels.NewManager(kernels.Options{Start: func(ctx context.Context, spec kernels.Spec) (session.Session, error) {
			return supervisor.Start(ctx, supervisor.Options{Command: []string{exe}, Dir: spec.Dir, Env: append(os.Environ(), asSession+"=1"), Logger: slog.New(slog.DiscardHandler)})
		}})
		if err != nil {
			t.Fatal(err)
		}
		o.Kernels = m
	}
}

func TestARealSession(t *testing.T) {
	b := newBench(t, []string{
		"x := []int{1, 2, 3}\nx",
		`fmt.Println("before"); os.Exit(3)`,
		"for { time.Sleep(time.Millisecond) }",
		"f := func(n int) int { time.Sleep(20 * time.Millisecond); return n }\nys := %pmap -w 1 f make([]int, 10000)",
		"x",
	}, realKernels(t))
	p := b.page()
	p.run("a")
	if c := p.cell("a"); outputs(c) != "execute_result:map[text/plain:[]int{1, 2, 3}]" {
		t.Errorf("the cell shows %s", outputs(c))
	}
	if m := p.do("variables", nil)["variables"].([]any); len(m) != 1 || m[0].(map[string]any)["name"] != "x" || m[0].(map[string]any)["size"] != 3.0 {
		t.Errorf("the variables are %v", m)
	}

	p.do("run", map[string]any{"cells": []string{"c"}})
	p.event("state", func(m map[string]any) bool { return m["state"].(map[string]any)["count"] != nil })
	if m := p.do("complete", map[string]any{"code": "😀; strings.Repl"}); !strings.Contains(fmt.Sprint(m["matches"]), "Replace") {
		t.Errorf("completed beside a running cell: %v", m)
	}
	if m := p.do("variables", nil)["variables"].([]any)[0].(map[string]any); m["old"] != true || m["value"] == "" {
		t.Errorf("beside a running cell the variable is %v", m)
	}
	if m := p.do("format", map[string]any{"code": "y:=1"}); strings.TrimSpace(m["code"].(string)) != "y := 1" {
		t.Errorf("formatted: %v", m)
	}
	p.do("interrupt", nil)
	if s := p.ended("c"); s["status"] != "error" {
		t.Errorf("the interrupted cell is %v", s)
	}

	p.do("run", map[string]any{"cells": []string{"d"}})
	m := p.event("parallel", nil)["maps"].([]any)[0].(map[string]any)
	if m["state"] != "running" || m["total"] != 10000.0 || m["workers"] != 1.0 {
		t.Errorf("the map is %v", m)
	}
	p.do("parallel", map[string]any{"cancel": m["id"]})
	p.ended("d")
	if got := outputs(p.cell("d")); !strings.Contains(got, "cancelled") {
		t.Errorf("the cell of the cancelled map shows %s", got)
	}
	state := p.do("parallel", nil)
	for deadline := time.Now().Add(patience); len(state["devices"].([]any)) == 0 && time.Now().Before(deadline); { // drivers take their time
		state = p.do("parallel", nil)
	}
	if state["maps"].([]any)[0].(map[string]any)["state"] != "cancelled" || len(state["devices"].([]any)) == 0 || state["workers"].(float64) < 1 {
		t.Errorf("the panel shows %v", state)
	}

	p.run("b") // the session dies
	if got := outputs(p.cell("b")); !strings.Contains(got, "before") || !strings.Contains(got, "ExitError") {
		t.Errorf("the cell that ended the session shows %s", got)
	}
	if s := p.run("e"); s["status"] != "error" {
		t.Errorf("the variable of the session that died: %v", s)
	}
	if s := p.run("a", "e"); s["status"] != "ok" {
		t.Errorf("after that cells end as %v", s)
	}
}
