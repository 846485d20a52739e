package interp

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/adabc437/fanout/interp/session"
)

const raceLog = `==================
WARNING: DATA RACE
Write at 0x00c00009c0f0 by goroutine 8:
  runtime.mapassign_fast64()
      /usr/local/go/src/internal/runtime/maps/runtime_fast64.go:196 +0x0
  main.work.func1()
      In[5]:2 +0x110

Previous atomic read at 0x00c00009c0f0 by main goroutine:
  [failed to restore the stack]

Goroutine 8 (running) created at:
  main.work()
      In[5]:1 +0x7b
  main.main()
      /tmp/x/In[6]:2 +0x5a
==================
==================
WARNING: DATA RACE
Read at 0x000000622318 by goroutine 8:
  main.count()
      In[5]:3 +0xa4

Previous write at 0x000000622318 by goroutine 8:
  main.count()
      In[5]:3 +0xbc

Goroutine 8 (finished) created at:
  github.com/adabc437/fanout/parallel.(*Pool).start()
      /x/pool.go:98 +0x7b
==================
Found 2 data race(s)
`

func TestParseRaces(t *testing.T) {
	got := parseRaces(raceLog)
	assign := dumpFrame{function: "runtime.mapassign_fast64", file: "runtime_fast64.go", line: 196}
	count := []dumpFrame{{function: "main.count", file: "In[5]", line: 3}}
	pool := []dumpFrame{{function: "github.com/adabc437/fanout/parallel.(*Pool).start", file: "pool.go", line: 98}}
	want := []raceReport{
		{[]raceAccess{
			{write: true, goroutine: "goroutine 8", stack: []dumpFrame{assign, {function: "main.work.func1", file: "In[5]", line: 2}},
				created: []dumpFrame{{function: "main.work", file: "In[5]", line: 1}, {function: "main.main", file: "In[6]", line: 2}}},
			{atomic: true, goroutine: "main goroutine"},
		}},
		{[]raceAccess{
			{goroutine: "goroutine 8", stack: count, created: pool},
			{write: true, goroutine: "goroutine 8", stack: count, created: pool},
		}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v\nwant\n%+v", got, want)
	}
}

func FuzzParseRaces(f *testing.F) {
	f.Add(raceLog)
	f.Add("==================\nWARNING: DATA RACE\nWrite at 0x1 by goroutine 8:\n  f(\n      x\n")
	r := &run{interp: &Interp{}, cell: session.Cell{Number: 5, Code: "a\nm[n] = n\ncount++"}}
	f.Fuzz(func(t *testing.T, text string) {
		list := r.findings(parseRaces(text), raceLines{})
		seen := 0
		for _, f := range list {
			seen += f.count
		}
		if seen > maxRaceReports {
			t.Errorf("%d reports", seen)
		}
		raceText(list)
		raceHTML(list)
	})
}

func TestRaceReport(t *testing.T) {
	r := &run{interp: &Interp{}, cell: session.Cell{Number: 5, Code: "go work()\n  m[n] = n < 3\ncount++"}}
	lines := readLines(map[string][]byte{"a.go": []byte("package main\nfunc f() {\n/*line In[5]:2:1*/m[n] = n < 3\n/*line In[5]:3:1*/count++\n}\n")})
	reports := parseRaces(raceLog)
	list := r.findings(append(reports, reports[1]), lines)
	if len(list) != 2 || list[1].count != 2 || list[1].what != "count" {
		t.Fatalf("%+v", list)
	}
	text, html := raceText(list), raceHTML(list)
	for _, want := range []string{
		"2 data races\n", "1. In[5] line 2 writes memory (the goroutine started at In[5] line 1) while code of a package atomically reads the same memory (the main goroutine)",
		"     writes  In[5]:2 | m[n] = n < 3\n", "2. In[5] line 3 writes `count` (a worker of the map) while In[5] line 3 reads it (another worker), and nothing orders the two (seen 2 times)\n",
		raceMeans, "mutex",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	for _, want := range []string{"m[n] = n &lt; 3", ">count</code>", "(seen 2 times)", "#D55E00"} {
		if !strings.Contains(html, want) {
			t.Errorf("no %q in\n%s", want, html)
		}
	}
	if text := raceText(nil); !strings.Contains(text, raceNone) || !strings.Contains(raceHTML(nil), raceNone) {
		t.Error(text)
	}
}

// The variable of a race is told from its lines, where they leave no doubt.
func TestRaceNames(t *testing.T) {
	lines := readLines(map[string][]byte{"a.go": []byte("package main\nfunc f() {\n/*line In[1]:1:1*/a, b = b, a\n/*line In[1]:2:1*/t.n++\n/*line In[1]:3:1*/return c.n\n" +
		"/*line In[1]:4:1*/xs[i] = 1\n/*line In[1]:5:1*/g(xs[j])\n/*line In[1]:6:1*/g(len(xs))\n/*line In[1]:7:1*/a = 1\n/*line In[1]:8:1*/delete(m, k)\n/*line In[1]:9:1*/for k = range m {}\n}\n")})
	side := func(line int, does string) raceSide {
		return raceSide{does: does, at: &session.Position{Cell: 1, Line: line}}
	}
	for _, c := range []struct {
		a, b raceSide
		want string
	}{
		{side(1, "writes"), side(1, "reads"), ""}, // a or b
		{side(1, "writes"), side(7, "writes"), "a"},
		{side(2, "writes"), side(3, "reads"), "t.n"},
		{side(4, "writes"), side(5, "reads"), "xs[i]"},
		{side(4, "writes"), side(6, "reads"), "xs[i]"},
		{side(8, "writes"), side(9, "reads"), "m"},
		{side(2, "writes"), side(4, "writes"), ""},
		{side(2, "writes"), side(99, "writes"), ""},
		{side(2, "writes"), raceSide{does: "reads"}, ""},
	} {
		if got := lines.common(c.a, c.b); got != c.want {
			t.Errorf("lines %d, %d: %q, want %q", c.a.at.Line, lineNumber(c.b), got, c.want)
		}
	}
}

func lineNumber(s raceSide) int {
	if s.at == nil {
		return 0
	}
	return s.at.Line
}

func TestCrashWriter(t *testing.T) {
	for _, c := range []struct {
		writes       []string
		passed, held string
	}{
		{[]string{"a\nb", "c\n"}, "a\nbc\n", ""},
		{[]string{"a\npanic: x\n", "\ngoroutine 1 [running]:\n"}, "a\n", "panic: x\n\ngoroutine 1 [running]:\n"},
		{[]string{"no ", "panic: x\n", "fatal error: ", "y\n"}, "no panic: x\n", "fatal error: y\n"},
		{[]string{"panic: ", "x", "\n"}, "", "panic: x\n"},
	} {
		var passed strings.Builder
		w := &crashWriter{to: &passed}
		for _, s := range c.writes {
			if n, err := w.Write([]byte(s)); n != len(s) || err != nil {
				t.Errorf("%q: %d, %v", s, n, err)
			}
		}
		if passed.String() != c.passed || w.held.String() != c.held {
			t.Errorf("%q: passed %q, held %q", c.writes, passed.String(), w.held.String())
		}
	}
}

func TestRaceCrash(t *testing.T) {
	r := &run{interp: &Interp{}, cell: session.Cell{Number: 2, Code: "a()\nb()\nc()"}}
	d := r.raceCrash("panic: one\n\ttwo\n\ngoroutine 7 [running]:\nmain.f[...](0x3)\n\tIn[2]:2 +0x1d\nmain.main.func1()\n\tIn[2]:3 +0x1d\ncreated by main.main in goroutine 1\n\tIn[2]:1 +0x3\n")
	if d.Name != session.Panic || d.Message != "one\n\ttwo (in a goroutine)" || d.Pos.Line != 2 || len(d.Trace) != 1 || d.Trace[0].Func != "f" {
		t.Errorf("%+v", d)
	}
	d = r.raceCrash("fatal error: all goroutines are asleep - deadlock!\n\ngoroutine 1 [chan receive]:\nmain.main()\n\tIn[2]:3 +0x1d\n\n" +
		"goroutine 5 [sync.Mutex.Lock, 2 minutes]:\nsync.(*Mutex).Lock(...)\n\tmutex.go:3\nmain.main.func1()\n\tIn[2]:2 +0x1d\ncreated by main.main in goroutine 1\n\tIn[2]:1 +0x3\n")
	want := []string{"the goroutine started at In[2]:1 waits at In[2]:2, b() (sync.Mutex.Lock)"}
	if d.Name != session.Deadlock || d.Pos.Line != 3 || d.Hint == "" || !reflect.DeepEqual(d.Notes, want) {
		t.Errorf("%+v", d)
	}
}

func TestRaceFlags(t *testing.T) {
	m := raceMagic()
	for args, want := range map[string]string{
		"--limit 3s": "", "": "", "--limit x": `--limit takes a time with its unit, as 250ms or 5s, not "x"; flags take literals, not variables`, "-c 0": `--chunk takes a whole number from 1 up, not "0"`,
	} {
		f, _, err := m.parseFlags(args)
		if err != nil {
			t.Fatal(err)
		}
		opt, err := raceOptions(f)
		if opt.mapOpt.limit != 0 {
			t.Errorf("%s: the map has a limit as well: %s", args, opt.mapOpt.limit)
		}
		if want == "" && (err != nil || opt.limit != map[string]time.Duration{"": time.Minute}[args] && opt.limit != 3*time.Second) || want != "" && (err == nil || err.Error() != want) {
			t.Errorf("%s: %+v, %v", args, opt, err)
		}
	}
}

// Where cells are interpreted, the error says what is missing.
func TestRaceNeedsTheCompiler(t *testing.T) {
	nb := newNotebookOn(t, TierInterpreted)
	for _, code := range []string{"%race func(int) {} 3", "%%race\nx := 1"} {
		reply, _ := nb.run(code)
		if reply.Err == nil || !strings.Contains(reply.Err.Message, "needs the Go toolchain and cgo") || !strings.Contains(reply.Err.Message, "fanout doctor") {
			t.Errorf("%s: %+v", code, reply.Err)
		}
	}
}

func TestEncodeValuesRefuses(t *testing.T) {
	type ring struct {
		next *ring
		m    map[string]*ring
	}
	loop := &ring{}
	loop.next, loop.m = loop, map[string]*ring{"a": loop}
	var self any
	list := []any{nil}
	self = list
	list[0] = self
	for name, c := range map[string]struct {
		v    any
		want string
	}{
		"a cycle of pointers": {&loop, ""},
		"a function":          {&[]func(){func() {}}, "holds a function"},
		"a channel":           {&struct{ c chan int }{make(chan int)}, "holds a channel"},
		"nil": {&struct {
			c chan int
			f func()
			e error
		}{}, ""},
		"an interface": {&struct{ e error }{errGoexit}, "holds a *errors.errorString in an interface"},
		"endless":      {&self, ""},
	} {
		v := reflect.ValueOf(c.v)
		_, _, err := encodeValues([]slot{{v.UnsafePointer(), v.Type().Elem()}})
		if err == nil && c.want != "" || err != nil && err.Error() != c.want {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}
