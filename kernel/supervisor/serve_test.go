//go:build unix

package supervisor

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/adabc437/fanout/interp/session"
)

// parentVariable makes TestParent the kernel of TestTheSessionDiesWithItsKernel.
const parentVariable = "FANOUT_TEST_PARENT"

// TestParent is no test of its own: it starts a session and waits to be killed.
func TestParent(t *testing.T) {
	mode := os.Getenv(parentVariable)
	if mode == "" {
		t.Skip("run by TestTheSessionDiesWithItsKernel")
	}
	s := start(t, func(o *Options) { o.Env = append(os.Environ(), childVariable+"="+mode, parentVariable+"=") })
	cell := launch(t.Context(), s, "", "sleeper", "print go", "spin")
	cell.out.awaitText(t, "go")
	fmt.Printf("PIDS %d %s\n", s.Pid(), strings.Fields(cell.out.text("stdout"))[0])
	time.Sleep(time.Hour)
}

func TestTheSessionDiesWithItsKernel(t *testing.T) {
	for _, mode := range []string{"scripted", "stubborn"} {
		t.Run(mode, func(t *testing.T) {
			exe, err := os.Executable()
			if err != nil {
				t.Fatal(err)
			}
			kernel := exec.Command(exe, "-test.run=^TestParent$", "-test.v")
			kernel.Env = append(os.Environ(), parentVariable+"="+mode)
			out, err := kernel.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := kernel.Start(); err != nil {
				t.Fatal(err)
			}
			var child, grandchild int
			for lines := bufio.NewScanner(out); lines.Scan(); {
				if n, _ := fmt.Sscanf(lines.Text(), "PIDS %d %d", &child, &grandchild); n == 2 {
					break
				}
			}
			begun := time.Now()
			if err := kernel.Process.Signal(syscall.SIGKILL); err != nil {
				t.Fatal(err)
			}
			_ = kernel.Wait()
			if child == 0 {
				t.Fatal("the kernel did not say its pids")
			}
			waitGone(t, child)
			waitGone(t, grandchild)
			if took := time.Since(begun); took > 3*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}

func TestServeEndsWithItsContext(t *testing.T) {
	set, err := newPipeSet()
	if err != nil {
		t.Fatal(err)
	}
	defer set.close()
	// In this process the request pipe can be had with the poller.
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		done <- Serve(ctx, Pipes{Requests: r, Replies: set.child[3], Crash: set.child[4]}, newScripted())
	}()
	f, err := readFrame(set.parent[3])
	var h hello
	if err != nil || f.Op != opHello || f.decode(&h) != nil || h.Version != protocolVersion || h.PID != os.Getpid() {
		t.Errorf("hello: %+v %v", h, err)
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestServeSaysWhatIsNoRequest(t *testing.T) {
	set, err := newPipeSet()
	if err != nil {
		t.Fatal(err)
	}
	defer set.close()
	done := make(chan error, 1)
	go func() {
		done <- Serve(t.Context(), Pipes{Requests: set.child[2], Replies: set.child[3], Crash: set.child[4]}, newScripted())
	}()
	if _, err := readFrame(set.parent[3]); err != nil {
		t.Fatal(err)
	}
	for i, f := range []frame{{Op: "dance"}, {Op: opExecute, Body: []byte(`7`)}} {
		f.ID = uint64(i + 1)
		if _, err := set.parent[2].Write(frameBytes(t, f)); err != nil {
			t.Fatal(err)
		}
		r, err := readFrame(set.parent[3])
		if err != nil || r.Op != opReply || r.ID != f.ID || r.Err == nil || !strings.Contains(r.Err.Text, string(f.Op)) {
			t.Errorf("%s: %+v %v", f.Op, r, err)
		}
	}
	if _, err := set.parent[2].WriteString("no frame at all"); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err == nil || !strings.Contains(err.Error(), errProtocol.Error()) {
		t.Errorf("garbage: %v", err)
	}
}

func TestChildServesOnlyKernels(t *testing.T) {
	for _, value := range []string{"", "1,2", "a,b,c", "97,98,99"} {
		t.Setenv(pipesVariable, value)
		if _, err := OpenPipes(); err == nil {
			t.Errorf("%q is taken", value)
		}
	}
	if _, err := OpenPipes(); err == nil || !strings.Contains(err.Error(), "started by the kernel") {
		t.Errorf("without: %v", err)
	}
}

var _ session.Output = (*recorder)(nil)
