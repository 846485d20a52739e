package parallel

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"runtime/debug"
)

// A TaskError says which task failed, on what, and why. It comes back from the
// map family and stands in the [Record] of the task.
type TaskError struct {
	Index   int    // of the task, from 0
	Input   string // the input as short text, at most some 80 characters
	Worker  int    // from 0
	Attempt int    // which one it was, from 1; 0 where there is but one
	Value   any    // what the task panicked with; nil when it returned an error
	Err     error  // what the task returned, or Value where that is an error
	Stack   []byte // of the panic, from the panicking function down to the task; nil for an error

	unasked error // why Retry.If did not say whether to try again
}

// Error names the task, its input, and the cause.
func (e *TaskError) Error() string {
	cause := fmt.Sprint(e.Err)
	if e.Value != nil {
		cause = fmt.Sprintf("panic: %v", e.Value)
	}
	if e.Attempt > 1 {
		cause += fmt.Sprintf(", after %d attempts", e.Attempt)
	}
	if e.unasked != nil {
		cause += fmt.Sprintf(" (%v)", e.unasked)
	}
	return fmt.Sprintf("task %d (input %s): %s", e.Index, e.Input, cause)
}

// Unwrap returns the error that the task returned or panicked with, or nil.
func (e *TaskError) Unwrap() error { return e.Err }

// errGoexit is the failure of a task that ended its goroutine.
var errGoexit = errors.New("the task ended its goroutine (runtime.Goexit)")

// isError is errors.Is for the errors of tasks, whose methods are the user's: it is false
// where one of those panics.
func isError(err, target error) (is bool) {
	defer func() { _ = recover() }()
	return errors.Is(err, target)
}

// newTaskError describes the failure of task i. Exactly one of value and err
// is set; a panic is described on the stack of the goroutine that panicked.
func newTaskError(i, worker int, input func(int) any, value any, err error) *TaskError {
	e := &TaskError{Index: i, Worker: worker, Value: value, Err: err}
	e.Input = safeInput(input, i)
	if value != nil {
		e.Err, _ = value.(error)
		e.Stack = trimStack(debug.Stack())
	}
	return e
}

func safeInput(input func(int) any, i int) (s string) {
	defer func() {
		if recover() != nil {
			s = "?"
		}
	}()
	return shortText(input(i))
}

// trimStack keeps of a goroutine's trace the frames between the panic and this
// package: those of the task.
func trimStack(stack []byte) []byte {
	lines := bytes.Split(bytes.TrimRight(stack, "\n"), []byte("\n"))
	from := 0
	for i, line := range lines {
		if bytes.HasPrefix(line, []byte("panic(")) {
			from = i + 2 // past the call and its position
		}
	}
	if from == 0 || from >= len(lines) {
		return stack
	}
	to := from
	for to < len(lines) && !isOwnFrame(lines[to]) {
		to++
	}
	for to-2 >= from && bytes.HasPrefix(lines[to-2], []byte("reflect.")) {
		to -= 2 // the call of a function known only at run time
	}
	if to == from {
		return stack
	}
	return append(bytes.Join(lines[from:to], []byte("\n")), '\n')
}

var packagePath = []byte(reflect.TypeFor[Pool]().PkgPath() + ".")

// isOwnFrame tells the frames that run tasks.
func isOwnFrame(line []byte) bool {
	name, ok := bytes.CutPrefix(line, packagePath)
	if !ok {
		return false
	}
	for _, own := range [...]string{"Map", "mapContext[", "Starmap", "Imap", "Reduce", "reduce", "(*worker)", "(*caller)"} {
		if bytes.HasPrefix(name, []byte(own)) {
			return true
		}
	}
	return false
}
