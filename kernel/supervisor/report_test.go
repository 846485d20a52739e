package supervisor

import (
	"strings"
	"testing"
	"unicode/utf8"
)

const panicReport = `panic: boom
	second line [recovered]
[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x4]

goroutine 34 gp=0xc000007dc0 m=4 mp=0xc000100008 [running]:
panic({0x5c7e60?, 0xc0000140a0?})
	/usr/local/go/src/runtime/panic.go:783 +0x132
reflect.Value.Call({0x1, 0x2}, {0x0, 0x0, 0x0})
	/usr/local/go/src/reflect/value.go:380 +0xb
github.com/traefik/yaegi/interp.call.func9(0xc0)
	/home/me/go/pkg/mod/github.com/traefik/yaegi@v0.16.1/interp/run.go:1 +0x1
fanout/cell3.(*Point).Sum(...)
	/tmp/x/In[3]:12
fanout/cell3.Total({0xc0, 0x1, 0x1}, 0x4)
	/tmp/x/In[3]:4 +0x1d
created by fanout/cell4.Run in goroutine 1
	/tmp/x/In[4]:1 +0x2

goroutine 1 [select]:
main.main()
	/src/cmd/fanout/main.go:1 +0x1
exit status 2
`

func TestAReportIsCutDown(t *testing.T) {
	r, ok := parseReport(panicReport)
	if !ok || r.Fatal || r.Message != "panic: boom\nsecond line [recovered]" {
		t.Errorf("%t %+v", ok, r)
	}
	want := "goroutine 34 [running]:\nfanout/cell3.(*Point).Sum\n\tIn[3]:12\nfanout/cell3.Total\n\tIn[3]:4\nfanout/cell4.Run\n\tIn[4]:1"
	if got := r.Text(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	d := r.diagnose(hello{})
	if len(d.Trace) != 3 || d.Trace[0].Func != "(*Point).Sum" || d.Pos.String() != "In[3]:12:1" {
		t.Errorf("%+v", d)
	}
}

func TestAReportWithoutTheUsersFrames(t *testing.T) {
	text := "fatal error: concurrent map writes\n\ngoroutine 9 [running]:\ninternal/runtime/maps.fatal({0x1, 0x2})\n\t/go/src/runtime/panic.go:1 +0x1\n" +
		"gonum.org/v1/gonum/mat.Mul(0x1)\n\t/home/me/mat/mul.go:7 +0x3\ngithub.com/traefik/yaegi/interp.runCfg(0x1)\n\t/yaegi/run.go:2 +0x1\n"
	r, ok := parseReport(text)
	if want := "goroutine 9 [running]:\ngonum.org/v1/gonum/mat.Mul\n\t/home/me/mat/mul.go:7"; !ok || !r.Fatal || r.Text() != want {
		t.Errorf("%t %+v\n%s", ok, r, r.Text())
	}
	r, _ = parseReport(strings.ReplaceAll(text, "gonum.org/v1/gonum/mat.Mul", "runtime.mapassign"))
	if r.Text() != "" {
		t.Errorf("got %q", r.Text())
	}
	for _, no := range []string{"", "panic: only words\n", "exit status 2\n", deathMark + "{}\n"} {
		if _, ok := parseReport(no); ok {
			t.Errorf("%q is taken for a report", no)
		}
	}
}

func TestALongReportStaysShort(t *testing.T) {
	var b strings.Builder
	b.WriteString("panic: " + strings.Repeat("line\n\t", 100) + "\n\ngoroutine 1 [running]:\n")
	for i := range 100 {
		b.WriteString("main.f" + strings.Repeat("x", i) + "(0x1)\n\t/x/In[1]:1 +0x1\n")
	}
	r, ok := parseReport(b.String())
	if n := strings.Count(r.Text(), "\n"); !ok || n >= reportLines {
		t.Errorf("%d lines", n)
	}
	if n := strings.Count(r.Message, "\n"); n > messageLines {
		t.Errorf("a message of %d lines", n)
	}
}

func TestStderrIsPartedFromTheReport(t *testing.T) {
	report := "\ngoroutine 7 [running]:\nmain.f()\n\t/x:1 +0x1\n"
	text := "mine\nruntime: goroutine stack exceeds\nfatal error: stack\n\tmore\ngoroutine 7 [running]:\nmain.f()\nmine too\n\t/x:1 +0x1\n"
	kept, whole := splitReport([]byte(text), []byte(report), len("mine\n"))
	if string(kept) != "mine\nmine too\n" {
		t.Errorf("kept %q", kept)
	}
	if want := "runtime: goroutine stack exceeds\nfatal error: stack\n\tmore\n" + report; string(whole) != want {
		t.Errorf("report %q", whole)
	}
	if kept, _ := splitReport([]byte("panic: x\n"), nil, 0); string(kept) != "panic: x\n" {
		t.Errorf("without a crash: %q", kept)
	}
}

func FuzzReport(f *testing.F) {
	f.Add(panicReport)
	f.Add("goroutine 1 [x]:\n\t\n:\n")
	f.Fuzz(func(t *testing.T, text string) {
		r, ok := parseReport(text)
		if !ok {
			return
		}
		d := r.diagnose(hello{})
		if strings.Count(d.Report, "\n") > reportLines || !utf8.ValidString(d.Report+d.Message) {
			t.Errorf("report %q", d.Report)
		}
		kept, whole := splitReport([]byte(text), []byte(text), 0)
		if len(kept)+len(whole) > 2*len(text) {
			t.Errorf("kept %q of %q", kept, text)
		}
	})
}
