//go:build unix

package supervisor

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/adabc437/fanout/interp/session"
)

// isZombie says whether the process has ended and is not yet reaped.
func isZombie(pid int) bool {
	raw, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		raw, err = exec.Command("ps", "-o", "stat=", "-p", strconv.Itoa(pid)).Output()
		return err == nil && bytes.HasPrefix(bytes.TrimSpace(raw), []byte("Z"))
	}
	return bytes.Contains(raw, []byte(") Z "))
}

func TestAnInterruptStopsCellsAndKeepsTheProcess(t *testing.T) {
	s := start(t)
	run(t, s, "var x")
	pid := s.Pid()
	for range 10 {
		main := launch(t.Context(), s, "", "print go", "wait")
		sub := launch(t.Context(), s, "sub", "display go", "block")
		main.out.awaitText(t, "go")
		sub.out.awaitText(t, "go")
		s.Interrupt()
		for _, c := range []*pendingCell{main, sub} {
			if r := c.wait(t); r.Err == nil || r.Err.Name != session.Interrupted || !reflect.DeepEqual(r.Variables, []string{"x"}) {
				t.Errorf("%+v", r)
			}
		}
		if !strings.HasSuffix(main.out.text("stdout"), "go\nstopping\n") {
			t.Errorf("%q", main.out.brief())
		}
	}
	s.Interrupt()
	if r, _ := run(t, s, "print fine"); r.Err != nil || s.Pid() != pid {
		t.Errorf("afterwards: %v", r.Err)
	}
}

func TestAnInterruptKillsWhatDoesNotStop(t *testing.T) {
	s := start(t)
	run(t, s, "declare f=1", "var x")
	cell := launch(t.Context(), s, "", "sleeper", "print go", "spin")
	cell.out.awaitText(t, "go")
	begun := time.Now()
	s.Interrupt()
	r := cell.wait(t)
	if took := time.Since(begun); took > 2*time.Second || took < defaultGrace { // the machine may be busy
		t.Errorf("took %v", took)
	} else {
		t.Logf("took %v", took)
	}
	want := []string{"variables lost: x", goesOn}
	if r.Err == nil || r.Err.Name != session.Interrupted || !reflect.DeepEqual(r.Err.Notes, want) {
		t.Errorf("%+v", r.Err)
	}
	if _, out := run(t, s, "declared"); !reflect.DeepEqual(out.brief(), []string{"stdout: f=1\n"}) {
		t.Errorf("afterwards: %q", out.brief())
	}
	pid, err := strconv.Atoi(strings.Fields(cell.out.text("stdout"))[0])
	if err != nil {
		t.Fatal(err)
	}
	waitGone(t, pid)
}

func TestASecondInterruptKillsAtOnce(t *testing.T) {
	s := start(t, func(o *Options) { o.InterruptGrace = time.Hour })
	cell := launch(t.Context(), s, "", "print go", "spin")
	cell.out.awaitText(t, "go")
	s.Interrupt()
	s.Interrupt()
	if r := cell.wait(t); r.Err == nil || r.Err.Name != session.Interrupted {
		t.Errorf("%+v", r.Err)
	}
}

func TestCancellingOneCellLeavesTheOthers(t *testing.T) {
	s := start(t)
	ctx, cancel := context.WithCancel(t.Context())
	main := launch(ctx, s, "", "display go", "block")
	sub := launch(t.Context(), s, "sub", "display go", "block")
	main.out.awaitText(t, "go")
	sub.out.awaitText(t, "go")
	cancel()
	if r := main.wait(t); r.Err == nil || r.Err.Name != session.Interrupted {
		t.Errorf("main: %+v", r.Err)
	}
	select {
	case <-sub.done:
		t.Errorf("sub: %+v", sub.reply.Err)
	default:
	}
	ctx, cancel = context.WithCancel(t.Context())
	main = launch(ctx, s, "", "display go", "spin")
	main.out.awaitText(t, "go")
	cancel()
	if r := main.wait(t); r.Err == nil || r.Err.Name != session.Interrupted {
		t.Errorf("main: %+v", r.Err)
	}
	if r := sub.wait(t); r.Err == nil || r.Err.Name != session.SessionError || !strings.Contains(r.Err.Message, "another shell") {
		t.Errorf("sub: %+v", r.Err)
	}
	if r, err := s.Execute(ctx, session.Cell{Code: "print x"}, newRecorder()); err != nil || r.Err == nil || r.Err.Name != session.Interrupted {
		t.Errorf("cancelled before the start: %+v %v", r.Err, err)
	}
}

func TestAnInterruptDuringAFlood(t *testing.T) {
	s := start(t)
	cell := launch(t.Context(), s, "", "flood 100000")
	cell.out.await(t, "text", func(b []string) bool { return len(b) > 0 })
	begun := time.Now()
	s.Interrupt()
	if r := cell.wait(t); r.Err == nil || r.Err.Name != session.Interrupted {
		t.Errorf("%+v", r.Err)
	}
	if took := time.Since(begun); took > 2*time.Second {
		t.Errorf("took %v", took)
	}
}

// A cell that waits for a device has longer to stop, and what the device's driver has
// started is not interrupted.
func TestAnInterruptLeavesTimeToDevices(t *testing.T) {
	s := start(t, func(o *Options) { o.InterruptGrace = time.Millisecond })
	pid := s.Pid()
	cell := launch(t.Context(), s, "", "device trap 'echo hit' INT; echo go; read line; echo linked")
	cell.out.awaitText(t, "go")
	s.Interrupt()
	cell.out.awaitText(t, "stopping")
	for range 20 { // of which one alone takes longer than the grace
		if _, err := s.Comms(t.Context(), ""); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Comms(t.Context(), "late"); err != nil {
		t.Fatal(err)
	}
	if r := cell.wait(t); r.Err == nil || r.Err.Message != context.Canceled.Error() {
		t.Errorf("%+v", r.Err)
	}
	if text := cell.out.text("stdout"); strings.Contains(text, "hit") || !strings.Contains(text, "linked") {
		t.Errorf("the driver's program: %q", text)
	}
	if s.Pid() != pid {
		t.Error("the process was ended")
	}
}

// The second interrupt does not wait for a device.
func TestASecondInterruptEndsTheWaitForADevice(t *testing.T) {
	s := start(t)
	cell := launch(t.Context(), s, "", "device echo go; read line")
	cell.out.awaitText(t, "go")
	s.Interrupt()
	cell.out.awaitText(t, "stopping")
	s.Interrupt()
	if r := cell.wait(t); r.Err == nil || r.Err.Name != session.Interrupted || !strings.Contains(r.Err.Message, "interrupted again") {
		t.Errorf("%+v", r.Err)
	}
}

// A program of a cell is not interrupted while another cell waits for a device, but before
// the process is given up.
func TestProgramsAreInterruptedWhenTheTimeOfADeviceIsOver(t *testing.T) {
	s := start(t)
	pid := s.Pid()
	run(t, s, "patience 10ms")
	cell := launch(t.Context(), s, "", "shell echo go; exec sleep 1000")
	cell.out.awaitText(t, "go")
	s.Interrupt()
	cell.wait(t)
	if s.Pid() != pid {
		t.Error("the process was ended")
	}
}
