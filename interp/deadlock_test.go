package interp

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// goroutine is a part of a dump.
func goroutine(id int, state string, frames ...string) string {
	text := fmt.Sprintf("goroutine %d [%s]:\n", id, state)
	for n, f := range frames {
		if f, created := strings.CutPrefix(f, "go "); created {
			text += "created by " + f + " in goroutine 1\n"
		} else {
			text += f + "(0x1, {0x2, 0x3})\n"
		}
		text += fmt.Sprintf("\t/some/where/In%d.go:%d +0x1d\n", id, n+1)
	}
	return text
}

const (
	entry  = modulePath + "interp/rt.Start.func1"
	serves = modulePath + "kernel/supervisor.serve"
)

func TestSleepers(t *testing.T) {
	session := goroutine(1, "select", "runtime.gopark", serves, "main.main")
	reader := goroutine(2, "IO wait", "internal/poll.runtime_pollWait", modulePath+"kernel/supervisor.read")
	signals := goroutine(3, "syscall", "os/signal.signal_recv", "os/signal.loop", "go os/signal.Notify.func1.1")
	idle := goroutine(4, "chan receive", modulePath+"parallel.(*Pool).help", "go "+modulePath+"parallel.(*Pool).invite")
	main := goroutine(5, "chan receive, 2 minutes", "runtime.chanrecv", "cell/a.Ʌf", "cell/a.Entry", entry, "go "+modulePath+"interp/rt.Start")
	for _, c := range []struct {
		name string
		dump []string
		want string // ids and states; "" if something can go on
	}{
		{"the cell alone", []string{session, reader, signals, idle, main}, "5 chan receive"},
		{"no cell", []string{session, reader, signals, idle}, ""},
		{"another waits", []string{main, goroutine(6, "sync.Mutex.Lock", "sync.runtime_SemacquireMutex", "internal/sync.(*Mutex).lockSlow", "sync.(*Mutex).Lock", "cell/a.Ʌg", "go cell/a.Ʌf")}, "5 chan receive, 6 sync.Mutex.Lock"},
		{"another runs", []string{main, goroutine(6, "runnable", "cell/a.Ʌg", "go cell/a.Ʌf")}, ""},
		{"another sleeps", []string{main, goroutine(6, "sleep", "time.Sleep", "cell/a.Ʌg", "go cell/a.Ʌf")}, ""},
		{"another reads", []string{main, goroutine(6, "IO wait", "internal/poll.runtime_pollWait", "net.(*conn).Read", "cell/a.Ʌg", "go cell/a.Ʌf")}, ""},
		{"a library reads", []string{main, goroutine(6, "IO wait", "internal/poll.runtime_pollWait", "net/http.(*conn).serve", "go net/http.(*Server).Serve")}, ""},
		{"a library waits", []string{main, goroutine(6, "select", "database/sql.(*DB).connectionOpener", "go database/sql.OpenDB")}, "5 chan receive"},
		{"the user is asked", []string{goroutine(5, "select", modulePath+"interp.(*run).input", modulePath+"interp/rt.Input", "cell/a.Entry", entry)}, ""},
		{"a channel of statements", []string{goroutine(5, "select", modulePath+"interp/rt.Recv2[...]", modulePath+"interp/rt.Recv[...]", "cell/a.Entry", entry)}, "5 chan receive"},
		{"an inlined send", []string{goroutine(5, "select", "cell/a.Entry.Send[...].func1", "cell/a.Entry", entry)}, "5 chan send"},
		{"a map", []string{
			goroutine(5, "select", modulePath+"parallel.(*run).wait", modulePath+"parallel.execute", modulePath+"interp.(*run).pmap", modulePath+"interp/direct.(*Program).Run", entry),
			goroutine(6, "chan send", "cell/a.Ʌtask", modulePath+"parallel.(*worker).work", "go "+modulePath+"parallel.(*run).launch"),
		}, "5 parallel map, 6 chan send"},
		{"a map of a library's function", []string{
			goroutine(5, "select", modulePath+"parallel.(*run).wait", modulePath+"parallel.execute", modulePath+"interp.(*run).pmap", modulePath+"interp/direct.(*Program).Run", entry),
			goroutine(6, "syscall", "syscall.Syscall6", "os.(*Process).Wait", "os/exec.(*Cmd).Run", "reflect.Value.call", modulePath+"parallel.(*worker).work", "go "+modulePath+"parallel.(*run).launch"),
		}, ""},
		{"a sequence that is not read to its end", []string{main, goroutine(6, "coroutine", "runtime.coroswitch", "iter.Pull[...].func1.1", "cell/a.Ʌseq", "runtime.corostart", "go iter.Pull[...]")}, "5 chan receive"},
		{"a sequence that waits", []string{
			goroutine(5, "coroutine", "runtime.coroswitch", "iter.Pull[...].func2", "cell/a.Entry", entry),
			goroutine(6, "chan receive", "runtime.chanrecv", "cell/a.Ʌseq", "iter.Pull[...].func1", "go iter.Pull[...]"),
		}, "5 coroutine, 6 chan receive"},
		{"evaluated", []string{goroutine(5, "sync.WaitGroup.Wait", "sync.(*WaitGroup).Wait", "reflect.Value.call", modulePath+"interp/direct.(*planner).call.func1", entry)}, "5 sync.WaitGroup.Wait"},
		{"not a dump", []string{"goroutine x"}, ""},
		{"nothing", nil, ""},
	} {
		list, ok := sleepers(strings.Join(c.dump, "\n"))
		var got []string
		for _, s := range list {
			got = append(got, fmt.Sprint(s.id, " ", s.state))
		}
		if text := strings.Join(got, ", "); ok != (c.want != "") || ok && text != c.want {
			t.Errorf("%s: %q, %v; want %q", c.name, text, ok, c.want)
		}
	}
	list, _ := sleepers(main + "\n" + goroutine(6, "chan send", "cell/a.Ʌg", "go cell/a.Ʌf"))
	want := []dumpFrame{{"cell/a.Ʌf", "In5.go", 2}, {"cell/a.Entry", "In5.go", 3}}
	if !slices.Equal(list[0].frames, want) || list[0].started != nil {
		t.Errorf("%+v", list[0])
	}
	if s := list[1].started; s == nil || *s != (dumpFrame{"cell/a.Ʌf", "In6.go", 2}) {
		t.Errorf("%+v", list[1])
	}
}

func FuzzSleepers(f *testing.F) {
	f.Add(goroutine(5, "chan receive, 2 minutes", "runtime.chanrecv", "cell/a.Ʌf", "go cell/a.Ʌg"))
	f.Add("goroutine 1 [")
	f.Fuzz(func(_ *testing.T, dump string) { sleepers(dump) })
}

func TestGoroutineID(t *testing.T) {
	mine := goroutineID()
	other := make(chan int64)
	go func() { other <- goroutineID() }()
	if theirs := <-other; mine <= 0 || theirs <= 0 || mine == theirs {
		t.Error(mine, theirs)
	}
}
