package supervisor

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
)

// passPipes lets the child inherit its ends of the protocol as handles, whose
// numbers it finds in the environment.
func passPipes(cmd *exec.Cmd, requests, replies, crash *os.File) {
	handles := make([]syscall.Handle, 0, 3)
	for _, f := range []*os.File{requests, replies, crash} {
		h := f.Fd()
		_ = windows.SetHandleInformation(windows.Handle(h), windows.HANDLE_FLAG_INHERIT, windows.HANDLE_FLAG_INHERIT)
		handles = append(handles, syscall.Handle(h))
	}
	cmd.Env = append(cmd.Env, fmt.Sprintf("%s=%d,%d,%d", pipesVariable, handles[0], handles[1], handles[2]))
	cmd.SysProcAttr = &syscall.SysProcAttr{
		AdditionalInheritedHandles: handles,
		CreationFlags:              windows.CREATE_NEW_PROCESS_GROUP,
	}
}

func blocking(*os.File) error { return nil }

// duplicate is of Unix: here a stream that a cell closes stays closed.
func duplicate(*os.File, int) (*os.File, error) { return nil, errors.ErrUnsupported }

// adopt makes a file of an inherited handle, which further children do not get.
func adopt(fd uintptr, _ bool) (*os.File, error) {
	if err := windows.SetHandleInformation(windows.Handle(fd), windows.HANDLE_FLAG_INHERIT, 0); err != nil {
		return nil, err
	}
	return os.NewFile(fd, fmt.Sprintf("pipe %d", fd)), nil
}

// killGroup ends the process. Its children live on: they are in no job.
func killGroup(p *os.Process) { _ = p.Kill() }

// interruptGroup does nothing: a cell's programs are ended with the cell, if at all.
func interruptGroup(*os.Process) {}

func endGroup() {}

func signalName(*os.ProcessState) string { return "" }

// readLeft has nothing to do here, where pipes have no deadlines.
func readLeft(*os.File, []byte) int { return 0 }

// sourcePoll is how often an output pipe is looked at: a pending read of an
// anonymous pipe would block every other use of it.
const sourcePoll = 5 * time.Millisecond

// A source is the parent's end of an output pipe. Its reads can be had without
// waiting, while another goroutine waits for more.
type source struct {
	file     *os.File
	capacity int // bytes that are read before an event at most
	ended    chan struct{}
}

func newSource(f *os.File) (*source, error) {
	return &source{file: f, capacity: 1 << 20, ended: make(chan struct{})}, nil
}

// read reads what is there into buf without waiting. more is false once the pipe
// has ended. The caller holds the feed's lock, so that nobody else reads between
// the look and the read.
func (s *source) read(buf []byte) (n int, more bool) {
	select {
	case <-s.ended:
		return 0, false
	default:
	}
	var available uint32
	h := windows.Handle(s.file.Fd())
	proc := windows.NewLazySystemDLL("kernel32.dll").NewProc("PeekNamedPipe")
	if ok, _, _ := proc.Call(uintptr(h), 0, 0, 0, uintptr(unsafe.Pointer(&available)), 0); ok == 0 {
		return 0, false
	}
	if available == 0 {
		return 0, true
	}
	n, err := s.file.Read(buf[:min(len(buf), int(available))])
	return n, err == nil
}

// wait calls take until it says that it got something or that the pipe has
// ended.
func (s *source) wait(take func() bool) error {
	for {
		if take() {
			return nil
		}
		select {
		case <-s.ended:
			return errors.New("closed")
		case <-time.After(sourcePoll):
		}
	}
}

// close is called once, when nobody reads any more.
func (s *source) close() {
	close(s.ended)
	_ = s.file.Close()
}
