//go:build !race && cgo

package interp

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/adabc437/fanout/interp/build"
	"github.com/adabc437/fanout/interp/session"
)

// raced runs cells, of which the last is under the race detector, and returns its report,
// what it printed and how it ended.
func raced(t *testing.T, cells ...string) (report, printed string, d *session.Diagnostic) {
	t.Helper()
	nb := newNotebookOn(t, TierCompiled)
	for _, c := range cells[:len(cells)-1] {
		nb.value(c)
	}
	var out *recorder
	var reply session.Reply
	printed = captured(t, func() { reply, out = nb.run(cells[len(cells)-1]) })
	return out.text(session.Display), printed, reply.Err
}

// twoNames has several names for one thing.
const twoNames = "m := map[int]int{}\nm2 := m\na := []int{1, 2, 3}\nb := a[:2]\np := &a[0]\ntype S struct { n int; q *int }\ns := &S{}\ns.q = &s.n\nq := s.q"

func TestRaces(t *testing.T) {
	for name, c := range map[string]struct {
		cells []string
		want  []string // in the report; "none" for no race
		print string
	}{
		"counter": {
			[]string{"%%race\ncount := 0\nvar wg sync.WaitGroup\nfor range 4 {\n\twg.Add(1)\n\tgo func() {\n\t\tdefer wg.Done()\n\t\tcount++\n\t}()\n}\nwg.Wait()\nfmt.Println(count > 0)"},
			[]string{"1 data race\n", "In[1] line 8 writes `count` (the goroutine started at In[1] line 6) while In[1] line 8", "In[1]:8 | count++", "mutex"}, "true\n",
		},
		"map write": {
			[]string{"m := map[int]int{}\nfunc put(n int) { m[n] = n }", "%race put 100"},
			[]string{"In[1] line 2 writes `m[n]` (a worker of the map) while In[1] line 2 writes it"}, "",
		},
		"append in a map": {
			[]string{"%%race\nvar xs []int\n_ = %pmap -w 8 func(n int) int {\n\txs = append(xs, n)\n\treturn n\n} 80\nlen(xs) > 0"},
			[]string{"writes `xs` (a worker of the map)", "In[1]:4 | xs = append(xs, n)"}, "true\n",
		},
		"closure": {
			[]string{"%%race\nlast, done := 0, make(chan bool)\ngo func() { last = 1; done <- true }()\nlast = 2\n<-done"},
			[]string{"`last`", "the main goroutine", "the goroutine started at In[1] line 3"}, "true\n",
		},
		"mutex": {
			[]string{"%%race\nvar mu sync.Mutex\nsum := 0\n%pmap func(n int) { mu.Lock(); defer mu.Unlock(); sum += n } 100\nsum"},
			[]string{"none"}, "4950\n",
		},
		"atomic": {
			[]string{"var n atomic.Int64", "func add(d int) { n.Add(int64(d)) }", "%race add 100"},
			[]string{"none"}, "",
		},
		"session variables": {
			[]string{
				"type node struct { name string; next *node; at time.Time }\nlist := &node{\"a\", &node{name: \"b\", at: time.Unix(7, 0)}, time.Time{}}\nlist.next.next = list\nfirst := &list",
				"data := []float64{1.5, 2.5}\ntags := map[string][]any{\"k\": {1, \"two\", nil, 2.5}}\ngrid := [2][2]string{{\"x\"}, {\"\", \"y\"}}\nvar none chan int\nvar mu sync.Mutex\nlabel, n := \"é\", uint8(200)",
				"%%race\nn++\nfmt.Println((*first).next.next == list, list.next.name, list.next.at.Unix(), data, tags, grid, none == nil, label, n)\nmu.Lock()\ngo func() { n = 1; mu.Unlock() }()\nmu.Lock()",
			},
			[]string{"none"}, "true b 7 [1.5 2.5] map[k:[1 two <nil> 2.5]] [[x ] [ y]] true é 201\n",
		},
		"declarations of earlier cells": {
			[]string{
				"import str \"strings\"\ntype number interface{ ~int | ~float64 }\nconst step = 2\nfunc twice[T number](v T) T { return step * v }",
				"type Stack[T any] struct{ items []T }\nfunc (s *Stack[T]) Push(v T) {\n\ts.items = append(s.items, v)\n}\ntype Named struct{ Stack[int]; name string }",
				"func (n *Named) Add(v int) string { n.Push(twice(v)); return str.Repeat(n.name, 2) }\nshared := Named{name: \"q\"}",
				"func work(v int) string { return shared.Add(v) }",
				"%%race\ntype own int\nfunc (o own) String() string { return \"own\" }\nout := %pmap work 8\nout[0], own(1)",
			},
			[]string{"In[2] line 3 writes `s.items`"}, "\"qq\"\nown\n",
		},
		"variables that functions use": {
			[]string{
				"total := 1\nfunc bump() { total++ }",
				"%%race\ntotal, err := 10, error(nil)\nvar a, b = 2, \"b\"\nvar z int\nvar once sync.Once\nfunc use() { once.Do(func() { z = 0 }); z += a; bump() }\nuse()\nuse()\ntotal, z, b, err",
			},
			[]string{"none"}, "12\n4\n\"b\"\n<nil>\n",
		},
		"a variable made of an earlier one": {
			[]string{"x := 3", "%%race\nx := fmt.Sprint(x, \"!\")\nx"},
			[]string{"none"}, "\"3!\"\n",
		},
		"a program": {
			[]string{"%%race\npackage main\n\nimport \"fmt\"\n\nvar n = start()\n\nfunc start() int { return 2 }\n\nfunc main() {\n\tc := make(chan int)\n\tgo func() { n++; close(c) }()\n\tn++\n\t<-c\n\tfmt.Println(n)\n}"},
			[]string{"In[1] line 12", "In[1] line 13"}, "4\n",
		},
		"in a package": {
			[]string{"%%race\nvar b bytes.Buffer\ndone := make(chan bool)\ngo func() {\n\tb.WriteString(\"x\")\n\tclose(done)\n}()\nb.WriteString(\"y\")\n<-done"},
			[]string{"In[1] line 5 ", ", in bytes.(*Buffer)."}, "false\n",
		},
		"two names for one thing": {
			[]string{
				"import \"container/list\"\ntype Outer struct { pre [3]string; in Inner; m map[string]*Inner }\ntype Inner struct { v int; o *Outer; s string }\nfunc mk() *Outer { o := &Outer{}; o.in.o = o; o.in.v = 3; o.in.s=\"in\"; o.m = map[string]*Inner{\"x\": &o.in}; return o }\nin := &mk().in\nbase := []string{\"a\",\"b\",\"c\",\"d\",\"e\",\"f\"}\nw2 := base[2:4]\nw1 := base[1:3]\nw3 := base[3:3]\nlast := &base[5]\ngrid := [][2]int{{1,2},{3,4},{5,6}}\nrow := grid[1][:]\ncell := &grid[2][1]\npair := (*[2]string)(base[1:3])\nl := list.New()\nkeys := map[*int]string{}\none := new(int)",
				"keys[one] = \"one\"\nelem := l.PushBack(7)\nl.PushBack(\"z\")\ntype M map[string]any\nmm := M{\"self\": nil}\nmm2 := map[string]any(mm)\nmm[\"list\"] = []any{1, mm2}\nvar cyc []any = make([]any, 2, 5)\ncyc[0] = cyc\nnone := []int{}\nz := &struct{}{}\nzs := make([]struct{}, 2, 4)\ntype T struct { mu sync.Mutex; once sync.Once; rw *sync.RWMutex; wg sync.WaitGroup; n int; p *T }\nt1 := &T{n: 1, rw: &sync.RWMutex{}}\nt1.p = t1\nt1.mu.Lock(); t1.rw.Lock(); t1.wg.Add(2); t1.once.Do(func() {})\narr := [4]int{1,2,3,4}\nas := arr[1:3]\nbig := make([]int, 1000)\nwins := [][]int{big[5:10], big[7:20:900], big[:1]}\nfs := make([]func(), 1)[:0]\niface := any(mm2)",
				"%%race\no := in.o\nfmt.Println(&o.in == in, o.m[\"x\"] == in, in.v, in.s, o.in.o == o)\nw2[0] = \"C\"; *last = \"F\"; pair[0] = \"B\"\nfmt.Println(w1, base, len(w3), cap(w3), cap(w1))\nrow[0] = 9; *cell = 8\nfmt.Println(grid, keys[one], l.Len(), elem.Value, elem == l.Front(), elem.Next().Value)\nmm2[\"new\"] = 1\nfmt.Println(mm[\"new\"], len(mm[\"list\"].([]any)), iface.(map[string]any)[\"new\"])\nx := cyc[0].([]any)\nfmt.Println(len(x), cap(x), &x[0] == &cyc[0], none == nil, z != nil, len(zs), cap(zs))\nt1.mu.Lock(); t1.rw.Lock(); t1.wg.Wait(); ran := false; t1.once.Do(func() { ran = true })\nfmt.Println(t1.p == t1, t1.n, ran)\nas[0] = 20\nfmt.Println(arr, cap(as))\nwins[0][3] = 5\nfmt.Println(wins[1][1], cap(wins[1]), len(wins[2]), cap(wins[2]), len(fs))",
			},
			[]string{"none"}, "true true 3 in true\n[B C] [a B C d e F] 0 3 5\n[[1 2] [9 4] [5 8]] one 2 7 true z\n1 2 1\n2 5 true false true 2 4\ntrue 1 true\n[1 20 3 4] 3\n5 893 1 1000 0\n",
		},
		"two names for a map": {
			[]string{twoNames, "%race func(k int) { if k%2 == 0 { m[k] = 1 } else { m2[k] = 1 } } 2"},
			[]string{"In[2] line 1 writes memory (a worker of the map) while In[2] line 1"}, "",
		},
		"two slices of an array": {
			[]string{twoNames, "%race func(k int) { if k%2 == 0 { a[0]++ } else { b[0]++ } } 2"},
			[]string{"In[2] line 1 writes memory (a worker of the map) while In[2] line 1"}, "",
		},
		"a pointer to an element": {
			[]string{twoNames, "%race func(k int) { if k%2 == 0 { *p = 2 } else { b[0] = 3 } } 2"},
			[]string{"In[2] line 1 writes memory (a worker of the map) while In[2] line 1"}, "",
		},
		"a pointer to a field": {
			[]string{twoNames, "%race func(k int) { if k%2 == 0 { *q = 2 } else { s.n = 3 } } 2"},
			[]string{"In[2] line 1 writes memory (a worker of the map) while In[2] line 1"}, "",
		},
		"all inputs begin together": {
			[]string{"%%race\narr := [2]int{1, 2}\nc := make(chan int, 2)\nc <- 1\nc <- 2\nclose(c)\nvar a, b, d, e, f, g int\n_ = %pmap func(uint8) int { a++; return 1 } uint8(2)\n_ = %pmap func(int) int { b++; return 1 } &arr\n_ = %pmap func(int) int { d++; return 1 } slices.Values(arr[:])\n_ = %pmap func(int, int) int { e++; return 1 } slices.All(arr[:])\n_ = %pmap func(int) int { f++; return 1 } c\n_ = %pmap func(rune) int { g++; return 1 } \"äü\""},
			[]string{"writes `a` (a worker of the map)", "writes `b` (a worker of the map)", "writes `d` (a worker of the map)", "writes `e` (a worker of the map)", "writes `f` (a worker of the map)", "writes `g` (a worker of the map)"}, "",
		},
		"flags of maps": {
			[]string{"%%race\nodd := func(k int) (float64, error) {\n\tif k == 1 {\n\t\treturn 0, errors.New(\"odd\")\n\t}\n\treturn 1, nil\n}\na := %pmap --on-error Inf odd 2\nb := %pmap --on-error 010 odd 2\nc := %pmap --on-error nan odd 2\nd := %pmap --on-error=-2.5 odd 2\ne := %pmap --on-error collect odd 2\nf := %pmap --on-error \"x\" func(k int) (string, error) { return \"y\", errors.New(\"z\") } 1\nfmt.Println(a, b, c, d, e, f)"},
			[]string{"none"}, "1 of 2 tasks failed: task 1 (input 1): odd\n[1 +Inf] [1 10] [1 NaN] [1 -2.5] [1 0] [x]\n",
		},
		"what is shown": {
			[]string{"%%race\nh := display(HTML(\"<b>x</b>\"))\nh.Update(2)\nclearOutput()\nstrings.ToUpper(\"z\");"},
			[]string{"none"}, "<b>x</b>\n2\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			report, printed, d := raced(t, c.cells...)
			for _, want := range c.want {
				if want == "none" {
					want = raceNone
				}
				if !strings.Contains(report, want) {
					t.Errorf("the report lacks %q:\n%s", want, report)
				}
			}
			if d != nil && d.Name == session.FatalError && strings.Contains(d.Message, "concurrent map writes") {
				d = nil // Go's own check may see it as well
			}
			if printed != c.print || d != nil {
				t.Errorf("printed %q, want %q; %+v", printed, c.print, d)
			}
		})
	}
}

// What ends a program is told as in a cell, after the report.
func TestRaceEnds(t *testing.T) {
	for name, c := range map[string]struct {
		cells []string
		name  string
		want  string // the message, and the place
	}{
		"panic":                 {[]string{"func f(n int) int {\n\treturn 1 / n\n}", "%%race\nfmt.Println(\"begun\")\nf(0)"}, session.Panic, "runtime error: integer divide by zero In[1]:2"},
		"in a goroutine":        {[]string{"%%race\ndone := make(chan bool)\ngo func() {\n\tvar m map[int]int\n\tm[1] = 1\n}()\n<-done"}, session.Panic, "assignment to entry in nil map (in a goroutine) In[1]:5"},
		"a task":                {[]string{"%race func(n int) int { return 1 / (n - 3) } 8"}, session.TaskError, "task 3 failed on input 3: panic: runtime error: integer divide by zero In[1]:1"},
		"deadlock":              {[]string{"%%race\nc := make(chan int)\ngo func() { c <- 1 }()\n<-c\n<-c"}, session.Deadlock, "all goroutines are asleep - deadlock! In[1]:5"},
		"exit":                  {[]string{"%%race\nos.Exit(3)"}, session.ExitError, "the program ended with exit status 3"},
		"time limit":            {[]string{"%%race --limit 300ms\nfor {\n}"}, session.MagicError, "the program did not end within 300ms, and was stopped; what the race detector had seen until then is above"},
		"a function":            {[]string{"f := func() {}", "%%race\ng := f\ng()"}, session.MagicError, "the value of f cannot be copied into the program: it holds a function In[2]:2"},
		"undefined":             {[]string{"%%race\nx := 1\nprint(nowhere)"}, session.TypeError, "undefined: nowhere In[1]:3"},
		"another magic":         {[]string{"%%race\nx := 1\n%who"}, session.MagicError, "%who cannot stand in a %%race cell, which runs as a program of its own: of the magics only %pmap can In[1]:3"},
		"an earlier map":        {[]string{"func f(n int) int { return n }\nfunc g() []int { return %pmap -q f 3 }", "%%race\ng()"}, session.MagicError, "g of In[1] has a magic in it, which only the session can run"},
		"input":                 {[]string{"%%race\nx := input(\"?\")\nx"}, session.MagicError, "the cell uses input, which needs the notebook: the program runs by itself In[1]:2"},
		"a limit":               {[]string{"%%race\n_ = %pmap --limit 50ms func(int) int { time.Sleep(time.Hour); return 1 } 2"}, session.Panic, "stopped after 0 of 2 tasks: context deadline exceeded In[1]:2"},
		"no parameter":          {[]string{"%race func() int { return 1 } 3"}, session.MagicError, "the function takes 0 arguments; %race calls it with one element of int In[1]:1"},
		"no parameter of %pmap": {[]string{"%%race\n%pmap func() int { return 1 } 3"}, session.MagicError, "the function takes 0 arguments; %pmap calls it with one element of int In[1]:2"},
		"wrong arguments":       {[]string{"%race 5 6"}, session.MagicError, "the first argument of %race must be a function, but its type is int In[1]:1"},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, d := raced(t, c.cells...)
			if d == nil {
				t.Fatal("it ended well")
			}
			got := d.Message
			if d.Pos != nil {
				got += " " + lineOf(*d.Pos)
			}
			if want := c.want; d.Name != c.name || got != want && got != want+" In[1]:1" && got != want+" In[2]:1" {
				t.Errorf("%s: %q, want %s: %q\n%+v", d.Name, got, c.name, want, d)
			}
		})
	}
}

// Variables that a map in the background may write to are not copied.
func TestRaceBesideJobs(t *testing.T) {
	nb := newNotebookOn(t, TierCompiled)
	nb.value("m, end := map[int]int{}, make(chan bool)")
	nb.value("h := %pmap -a -w 1 func(k int) int { m[k] = k; <-end; return k } 1")
	reply, _ := nb.run("%race func(int) int { return len(m) } 2")
	const want = "%race copies the variables, and a map in the background may write to them: %pwait or %pcancel first"
	if reply.Err == nil || reply.Err.Message != want {
		t.Errorf("%+v", reply.Err)
	}
	nb.value("close(end); %pwait h")
	if reply, _ := nb.run("%race func(int) int { return len(m) } 2"); reply.Err != nil {
		t.Errorf("%+v", reply.Err)
	}
}

// The cell's interrupt ends the program, and what the detector saw is shown.
func TestRaceInterrupt(t *testing.T) {
	nb := newNotebookOn(t, TierCompiled)
	begun := t.TempDir() + "/begun"
	nb.value("begun := " + strconv.Quote(begun))
	go func() {
		for t.Context().Err() == nil {
			if _, err := os.Stat(begun); err == nil {
				nb.i.Interrupt()
				return
			}
			time.Sleep(10 * time.Millisecond)
		}
	}()
	reply, out := nb.run("%%race\nn, done := 0, make(chan bool)\ngo func() { n++; done <- true }()\nn++\n<-done\nos.WriteFile(begun, nil, 0o600)\nfor {\n}")
	if reply.Err == nil || reply.Err.Name != session.Interrupted || !strings.Contains(out.text(session.Display), "1 data race") {
		t.Errorf("%+v\n%s", reply.Err, out.text(session.Display))
	}
}

// The session is as it was, but for what the program did outside of it.
func TestRaceChangesNothing(t *testing.T) {
	nb := newNotebookOn(t, TierCompiled)
	nb.value("x := 1\ntype T int\nfunc f() int { return x }")
	report, _ := nb.run("%%race\nx = 5\ny := 2\ntype T string\nfunc f() string { return fmt.Sprint(x, y) }\n_ = f()")
	if report.Err != nil {
		t.Error(report.Err)
	}
	if got := nb.value("fmt.Sprintf(\"%d %T\", f(), T(0))"); got != `"1 main.T"` {
		t.Error(got)
	}
	if reply, _ := nb.run("y"); reply.Err == nil {
		t.Error("the session has y")
	}
}

func TestRaceWithoutCCompiler(t *testing.T) {
	command, err := exec.LookPath("go")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.Symlink(command, filepath.Join(dir, "go")); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir)
	tools, err := build.Open(t.Context(), build.Options{Packages: Packages()})
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = tools.BuildProgram(t.Context(), build.Program{Files: map[string][]byte{"main.go": []byte("package main\nfunc main() {}\n")}, Race: true})
	var lacks *build.RaceError
	if !errors.As(err, &lacks) || !strings.Contains(err.Error(), "C compiler") || !strings.Contains(err.Error(), "gcc") {
		t.Error(err)
	}
}
