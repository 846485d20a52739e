//go:build unix

package supervisor

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"

	"golang.org/x/sys/unix"
)

// passPipes gives the child its ends of the protocol as descriptors 3, 4 and 5,
// and a process group of its own.
func passPipes(cmd *exec.Cmd, requests, replies, crash *os.File) {
	cmd.ExtraFiles = []*os.File{requests, replies, crash}
	cmd.Env = append(cmd.Env, pipesVariable+"=3,4,5")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
}

// blocking undoes the non-blocking mode that os.Pipe sets, which belongs to the
// pipe's end and not to a process: programs do not expect it of their output.
func blocking(f *os.File) error {
	raw, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var inner error
	if err := raw.Control(func(fd uintptr) { inner = unix.SetNonblock(int(fd), false) }); err != nil {
		return err
	}
	return inner
}

// adopt makes a file of an inherited descriptor. polled says that Go's poller
// waits for it, so that Close wakes a reader.
func adopt(fd uintptr, polled bool) (*os.File, error) {
	var st unix.Stat_t
	if err := unix.Fstat(int(fd), &st); err != nil {
		return nil, err
	}
	if st.Mode&unix.S_IFMT != unix.S_IFIFO {
		return nil, errors.New("not a pipe")
	}
	unix.CloseOnExec(int(fd))
	if err := unix.SetNonblock(int(fd), polled); err != nil {
		return nil, err
	}
	return os.NewFile(fd, fmt.Sprintf("pipe %d", fd)), nil
}

// duplicate makes another descriptor of f, with the least free number from the one
// given. Programs that are started get it if that is one of a standard stream.
func duplicate(f *os.File, least int) (*os.File, error) {
	raw, err := f.SyscallConn()
	if err != nil {
		return nil, err
	}
	command := unix.F_DUPFD_CLOEXEC
	if least <= 2 {
		command = unix.F_DUPFD
	}
	var fd int
	var failed error
	if err := raw.Control(func(old uintptr) { fd, failed = unix.FcntlInt(old, command, least) }); err != nil {
		return nil, err
	}
	if failed != nil {
		return nil, failed
	}
	return os.NewFile(uintptr(fd), f.Name()), nil
}

// killGroup ends the process and all that it started, unless they left its
// group. It may be called after the process has ended.
func killGroup(p *os.Process) { _ = unix.Kill(-p.Pid, unix.SIGKILL) }

// interruptGroup sends what Ctrl-C in a terminal would send: programs that a cell
// waits for end by it. The session itself takes no notice.
func interruptGroup(p *os.Process) { _ = unix.Kill(-p.Pid, unix.SIGINT) }

// endGroup ends this process's group if it leads one: the children of a session
// do not outlive it.
func endGroup() {
	if unix.Getpgrp() == os.Getpid() {
		_ = unix.Kill(0, unix.SIGKILL)
	}
}

// signalName gives the signal that ended the process, or "".
func signalName(state *os.ProcessState) string {
	if ws, ok := state.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
		return ws.Signal().String()
	}
	return ""
}

// A source is the parent's end of an output pipe. Its reads can be had without
// waiting, while another goroutine waits for more.
type source struct {
	file     *os.File
	raw      syscall.RawConn
	capacity int // bytes that the pipe holds at most
}

func newSource(f *os.File) (*source, error) {
	raw, err := f.SyscallConn()
	if err != nil {
		return nil, err
	}
	s := &source{file: f, raw: raw, capacity: 64 << 10}
	err = raw.Control(func(fd uintptr) { s.capacity = growPipe(fd, s.capacity) })
	return s, err
}

// read reads what is there into buf without waiting. more is false once the pipe
// has ended.
func (s *source) read(buf []byte) (n int, more bool) {
	more = true
	if err := s.raw.Control(func(fd uintptr) { n, more = readNow(fd, buf) }); err != nil {
		return 0, false
	}
	return n, more
}

// wait calls take each time there may be something to read, until take says that
// it got something or that the pipe has ended.
func (s *source) wait(take func() bool) error {
	return s.raw.Read(func(uintptr) bool { return take() })
}

func (s *source) close() { _ = s.file.Close() }

// readLeft reads what a pipe holds now, whatever its deadline.
func readLeft(f *os.File, buf []byte) (n int) {
	raw, err := f.SyscallConn()
	if err != nil {
		return 0
	}
	if err := raw.Control(func(fd uintptr) { n, _ = readNow(fd, buf) }); err != nil {
		return 0
	}
	return n
}

// readNow is read(2) on a non-blocking descriptor.
func readNow(fd uintptr, buf []byte) (n int, more bool) {
	for {
		n, err := unix.Read(int(fd), buf)
		switch {
		case err == nil:
			return n, n > 0
		case errors.Is(err, unix.EINTR):
		case errors.Is(err, unix.EAGAIN):
			return 0, true
		default:
			return 0, false
		}
	}
}
