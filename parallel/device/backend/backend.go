// Package backend is what package device asks of a kind of device. Package backendtest has
// the tests that every kind passes.
package backend

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/adabc437/fanout/parallel/device/ir"
)

// A Kind says what a device is.
type Kind uint8

// The kinds of devices.
const (
	CPU Kind = iota
	GPU
	Accelerator
)

// String is the kind in words.
func (k Kind) String() string { return [...]string{"CPU", "GPU", "accelerator"}[k] }

// Info describes a device.
type Info struct {
	Backend string // cpu, opencl
	Name    string // as people say it
	Model   string // the name that its driver gives it
	Vendor  string
	Driver  string // the driver's platform and version
	Kind    Kind
	Units   int           // compute units: of a CPU, its cores
	Clock   int           // in MHz, 0 if unknown
	Memory  int64         // in bytes
	MaxBuf  int64         // the largest buffer, in bytes
	Float64 bool          // whether it computes with float64
	Shared  bool          // whether its memory is the host's
	Tick    time.Duration // the resolution of its timestamps
}

// A Device is opened by a back-end. Its methods may be called by several goroutines.
type Device interface {
	Info() Info
	// Build compiles a program. A [BuildError] says what the compiler says.
	Build(ctx context.Context, p *ir.Program) (Program, error)
	// BuildSource compiles source in the device's own language; ErrUnsupported where
	// the device has none.
	BuildSource(ctx context.Context, source string) (Program, error)
	// Alloc makes a buffer of so many bytes (at least 1 is had), with undefined content. A
	// [MemoryError] says that there is no room.
	Alloc(size int64) (Buffer, error)
	// Queue makes a queue, whose commands run one behind the other. Those of two queues
	// may overlap.
	Queue() (Queue, error)
	// InUse is how many bytes of the device's memory buffers take.
	InUse() int64
	// Close frees all that the device has.
	Close() error
}

// A Buffer is memory of a device. Free may be called twice; commands that use it still
// end first.
type Buffer interface {
	Size() int64
	Free()
}

// A Program has been compiled for a device.
type Program interface {
	// Source is what was compiled, to be read.
	Source() string
	// Kernel finds a kernel of the program.
	Kernel(name string) (Kernel, error)
	// Cached says that the driver was not asked to compile it: it was on disk.
	Cached() bool
	Free()
}

// A Kernel can be launched. It belongs to its program.
type Kernel interface{ Name() string }

// An Arg is an argument of a kernel: a slice, which is a part of a buffer, or the bytes
// of a value as it stands in memory.
type Arg struct {
	Buffer Buffer
	Offset int64 // in bytes
	Len    int64 // of a slice: its elements; of a slice of slices: its rows
	// Rows is for a slice of slices: a buffer of Len+1 int64, where each row begins among
	// the elements of Buffer, and where the last one ends.
	Rows  Buffer
	Value []byte
}

// A Queue takes commands, which run in their order. Commands return at once: an Event
// says when they have ended. The memory src and dst must stay as it is until then.
type Queue interface {
	Write(dst Buffer, offset int64, src []byte) (Event, error)
	Read(dst []byte, src Buffer, offset int64) (Event, error)
	Copy(dst Buffer, dstOffset int64, src Buffer, srcOffset, size int64) (Event, error)
	// Launch runs a kernel of a Build for the indices base to base+n−1. Its event's Wait
	// gives a *FaultError if tasks have failed.
	Launch(k Kernel, base, n int64, args []Arg) (Event, error)
	// LaunchSource runs a kernel of BuildSource: global is how many work-items there are in
	// each dimension, local how many in a group (nil: the driver chooses). An Arg with a
	// Buffer is the pointer alone; one with neither a Buffer nor a Value is local memory of
	// Len bytes.
	LaunchSource(k Kernel, global, local []int64, args []Arg) (Event, error)
	// Flush begins with the commands, if the driver has not yet.
	Flush() error
	Free()
}

// An Event is a command that was given to a queue.
type Event interface {
	// Wait waits until the command has ended. When ctx ends first, kernels of Build are
	// asked to stop: the command's own, and those before it in its queue, without which it
	// could not end. Wait returns when they have, or soon with an error that is
	// ErrAbandoned, too, if they do not. The events of all that were stopped give ctx's error.
	Wait(ctx context.Context) error
	// Times says when the command was queued, began and ended, by the device's clock, as
	// the time since some moment in the past that is the same for the device's events. They
	// are 0 before it has ended.
	Times() (queued, began, ended time.Duration)
}

// A Preparer is an Event that can say how long the driver prepared a launch just before
// it began, as PoCL does, which compiles a kernel anew for each size of groups.
type Preparer interface {
	// Prepared is that time; 0 before the command has ended, and if there was nothing to prepare.
	Prepared() time.Duration
}

// The errors.
var (
	// ErrUnsupported says that the back-end cannot do it.
	ErrUnsupported = errors.New("not supported by this device")
	// ErrAbandoned says that a kernel was left running: nothing can stop it.
	ErrAbandoned = errors.New("the kernel does not stop; it was left running on the device")
	// ErrGroups says that work-items do not come out even in groups of a size, or that a
	// group would be too large.
	ErrGroups = errors.New("the groups do not fit")
	// ErrLost says that the device does not answer any more.
	ErrLost = errors.New("the device is lost")
)

// A FaultError is a task that failed: the one with the least index among those at its
// Site, and the least of all.
type FaultError struct {
	Index int64
	Site  ir.Site
	Known bool // whether X and Y are
	X, Y  int64
}

// Error says what failed and where.
func (e *FaultError) Error() string {
	return fmt.Sprintf("task %d: %s:%d:%d: %s", e.Index, e.Site.File, e.Site.Line, e.Site.Col, e.Site.Message(e.Known, e.X, e.Y))
}

// A BuildError is a program that a device's compiler refuses.
type BuildError struct {
	Log string // what the compiler says
	Err error
}

// Error is the first line of the log.
func (e *BuildError) Error() string {
	return fmt.Sprintf("the device's compiler refuses it: %v", e.Err)
}

// Unwrap gives Err.
func (e *BuildError) Unwrap() error { return e.Err }

// A MemoryError says that a device has not enough memory.
type MemoryError struct {
	Asked, InUse, Memory int64 // in bytes
	Err                  error // the driver's, or nil
}

// Error says how much was asked for, and what there is.
func (e *MemoryError) Error() string {
	return fmt.Sprintf("out of device memory: %d bytes asked for, %d of %d in use", e.Asked, e.InUse, e.Memory)
}

// Unwrap gives Err.
func (e *MemoryError) Unwrap() error { return e.Err }
