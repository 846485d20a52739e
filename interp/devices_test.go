package interp

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/adabc437/fanout/interp/session"
	"github.com/adabc437/fanout/parallel/device"
	"github.com/adabc437/fanout/parallel/device/backend"
	"github.com/adabc437/fanout/parallel/device/opencl"
)

// A hung driver is one that answers when it is told to.
type hungDriver struct{ asked, answer chan struct{} }

func (h *hungDriver) find() *device.Set {
	close(h.asked) // twice is a panic: it is asked once
	<-h.answer
	return device.Open(opencl.Libraries())
}

// A driver that does not answer keeps neither the cell that needs it from being interrupted
// nor others from running.
func TestHungDrivers(t *testing.T) {
	nb := newNotebookOn(t, TierInterpreted)
	h := &hungDriver{make(chan struct{}), make(chan struct{})}
	nb.i.devices.find = h.find
	for n, code := range []string{
		"%gpumap -q sq 3", "%gpu", "%gpu mem", "%gpu use cpu", "%gpumap --show sq 3", "%gpureduce -q sum 4",
		"%gpumatmul -q [][]float64{{1}} [][]float64{{1}}", "%gpustencil -q func(g [][]int, y, x int) int { return 1 } [][]int{{2}}", "%gpu profile sq 3",
	} {
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			defer close(done)
			reply, err := nb.i.Execute(ctx, session.Cell{ID: "hung", Code: "func sq(n int) int { return n * n }\n" + code, Number: 100 + n}, &recorder{})
			if err != nil || reply.Err == nil || reply.Err.Name != session.Interrupted {
				t.Errorf("%s: %v, %v", code, reply.Err, err)
			}
		}()
		<-h.asked
		cancel()
		select {
		case <-done:
		case <-time.After(time.Minute):
			close(h.answer)
			t.Fatalf("%s does not end", code)
		}
		if got := nb.value("6 * 7"); got != "42" {
			t.Errorf("after %s, 6 * 7 = %s", code, got)
		}
	}
	close(h.answer)
	if got := nb.value("%gpumap -q -d cpu func(n int) int { return n * n } 3"); got != "[]int{0, 1, 4}" {
		t.Errorf("when the driver has answered: %s", got)
	}
	if _, out := nb.run("%gpu mem"); !strings.Contains(out.text(session.Stream), "in use") {
		t.Errorf("%%gpu mem: %s", out.text(session.Stream))
	}
}

// Who waits for a driver does not keep others from waiting less long.
func TestWaitsForDevicesAreEachTheirOwn(t *testing.T) {
	h := &hungDriver{make(chan struct{}), make(chan struct{})}
	d := &devices{find: h.find}
	first := make(chan error)
	go func() {
		_, err := d.open(context.Background())
		first <- err
	}()
	<-h.asked
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := d.open(ctx); err == nil {
		t.Error("there are devices before the driver has answered")
	}
	if x, err := d.pick(ctx, "cpu"); err == nil {
		t.Errorf("device %v before the driver has answered", x)
	}
	close(h.answer)
	if err := <-first; err != nil {
		t.Error(err)
	}
	if x, err := d.pick(context.Background(), "7"); err == nil || !strings.HasPrefix(err.Error(), "there is no device 7; there are: device 0, ") {
		t.Errorf("device 7 is %v, %v", x, err)
	}
}

// What a variable holds is what its declarations that have run gave it, also for another
// shell that asks while a cell runs.
func TestHeldFunctionsOfACellThatRuns(t *testing.T) {
	for _, tier := range []string{TierInterpreted, TierCompiled} {
		nb := newNotebookOn(t, tier)
		nb.value("%gpu use cpu")
		nb.value("gate, open, xs := make(chan int), make(chan int), []int{1, 2}\ng := func(n int) int { return n }")
		nb.value("func onDevice() []int { return %gpumap -q g xs }")
		out := &signal{shown: make(chan struct{})}
		done := make(chan session.Reply, 1)
		go func() {
			code := "display(1)\n<-gate\ng := func(n int) int { return -n }\nopen <- 1\n<-gate"
			reply, _ := nb.i.Execute(t.Context(), session.Cell{Shell: "other", Number: 9, Code: code}, out)
			done <- reply
		}()
		<-out.shown
		if got := nb.value("onDevice()"); got != "[]int{1, 2}" {
			t.Errorf("%s: before the declaration: %s", tier, got)
		}
		if reply, _ := nb.run("%gpumap -q g xs"); reply.Err == nil || !strings.Contains(reply.Err.Message, "its declaration has not run") {
			t.Errorf("%s: %v", tier, reply.Err)
		}
		nb.value("gate <- 1\n<-open")
		if got := nb.value("%gpumap -q g xs"); got != "[]int{-1, -2}" {
			t.Errorf("%s: behind the declaration: %s", tier, got)
		}
		if reply, _ := nb.run("onDevice()"); reply.Err == nil || !strings.Contains(reply.Err.Message, "another function") {
			t.Errorf("%s: %v", tier, reply.Err)
		}
		nb.value("close(gate)")
		if reply := <-done; reply.Err != nil {
			t.Errorf("%s: %v", tier, reply.Err)
		}
		if got := nb.value("%gpumap -q g xs"); got != "[]int{-1, -2}" {
			t.Errorf("%s: behind the cell: %s", tier, got)
		}
	}
}

// What a call on the cpu takes is the session's memory, which has a limit; garbage is no use of it.
func TestDeviceCallsKeepToTheMemoryLimit(t *testing.T) {
	nb := newNotebook(t)
	nb.value("%gpu use cpu")
	nb.value("row := make([]float64, 1<<12)\ngrid := make([][]float64, 1<<12)\nfor i := range grid { grid[i] = row }") // 128 MiB for who copies it
	nb.value("func still(g [][]float64, y, x int) float64 { return g[y][x] }\nfunc same(x float64) float64 { return x }")
	nb.value("xs := make([]float64, 4<<20)") // 32 MiB
	limited := func(code, message string) {
		t.Helper()
		runtime.GC()
		was := debug.SetMemoryLimit(heapObjects() + 96<<20)
		defer debug.SetMemoryLimit(was)
		reply, _ := nb.run(code)
		if message == "" && reply.Err != nil || message != "" && (reply.Err == nil || reply.Err.Name != session.MemoryError || !strings.Contains(reply.Err.Message, message)) {
			t.Errorf("%s: %+v", code, reply.Err)
		}
	}
	limited("%gpustencil -q -d cpu still grid", "the grids do not fit in memory: 3 grids of 16777216 cells of type float64 take")
	limited("%gpumatmul -q -d cpu grid grid", "the product does not fit in memory: copies of a 4096 × 4096 and a 4096 × 4096 matrix")
	limited("%gpumap -q -d cpu same 1<<24", "the results do not fit in memory: 16777216 results of type float64 take")
	limited("_ = %gpumap -q -d cpu same xs", "")
	limited("%gpureduce -q -d cpu sum xs", "")
	nb.value("junk := make([]byte, 80<<20)")
	runtime.GC() // it is in use
	limit := heapObjects() + 16<<20
	nb.value("junk = nil")
	was := debug.SetMemoryLimit(limit)
	defer debug.SetMemoryLimit(was)
	if reply, _ := nb.run("_ = %gpumap -q -d cpu same xs"); reply.Err != nil {
		t.Errorf("beside garbage: %+v", reply.Err)
	}
}

// A call that fails keeps no array for the results that -k asks for.
func TestNoArrayOfACallThatFails(t *testing.T) {
	nb := newNotebookOn(t, TierCompiled)
	nb.value("%gpu use cpu")
	nb.value("func fails(n int) int { return 1 / (n - 5) }\nxs := make([]int, 1<<16)\nxs[9] = 5")
	d, err := nb.i.devices.pick(t.Context(), "cpu")
	if err != nil {
		t.Fatal(err)
	}
	before := d.InUse()
	if reply, _ := nb.run("a := %gpumap -q -k fails xs"); reply.Err == nil || reply.Err.Name != session.TaskError {
		t.Errorf("%+v", reply.Err)
	}
	if after := d.InUse(); after != before {
		t.Errorf("%d bytes in use, and %d before", after, before)
	}
}

// A stubborn device does not stop its commands.
type stubborn struct {
	backend.Device
	waited func()       // is called when somebody waits for a command
	waits  atomic.Int64 // in vain
}

type stubbornQueue struct {
	backend.Queue
	of *stubborn
}

type stubbornEvent struct {
	backend.Event
	of *stubborn
}

func (s *stubborn) Queue() (backend.Queue, error) {
	q, err := s.Device.Queue()
	return &stubbornQueue{q, s}, err
}

func (q *stubbornQueue) Launch(k backend.Kernel, base, n int64, args []backend.Arg) (backend.Event, error) {
	e, err := q.Queue.Launch(k, base, n, args)
	return &stubbornEvent{e, q.of}, err
}

func (q *stubbornQueue) Read(dst []byte, src backend.Buffer, offset int64) (backend.Event, error) {
	e, err := q.Queue.Read(dst, src, offset)
	return &stubbornEvent{e, q.of}, err
}

func (e *stubbornEvent) Wait(ctx context.Context) error {
	e.of.waited()
	<-ctx.Done()
	e.of.waits.Add(1)
	_ = e.Event.Wait(ctx)
	return fmt.Errorf("%w: %w", ctx.Err(), backend.ErrAbandoned)
}

// A device that does not stop is waited for once, its picture stands before the cell's
// error, and that says so.
func TestInterruptOfADeviceThatDoesNotStop(t *testing.T) {
	deviceDoesNotStop(t, TierInterpreted)
}

func deviceDoesNotStop(t *testing.T, tier string) {
	nb := newNotebookOn(t, tier)
	out := &signal{shown: make(chan struct{})}
	s := &stubborn{waited: func() { out.once.Do(func() { close(out.shown) }) }}
	nb.i.devices.find = func() *device.Set {
		set := device.Open(opencl.Libraries())
		s.Device = set.Devices[0].Device
		set.Devices[0].Device = s
		return set
	}
	err, _ := nb.interruptedInto(out, "%gpumap func(n int) int { for n >= 0 { }; return n } 2")
	if err == nil || err.Name != session.Interrupted || !slices.Contains(err.Notes, deviceBusy) {
		t.Errorf("%+v", err)
	}
	if n := s.waits.Load(); n != 1 {
		t.Errorf("the call waited %d times for commands that cannot end", n)
	}
	if text := out.text(session.Display); !strings.Contains(text, "It was stopped after") {
		t.Errorf("the picture is not there when the cell ends: %s", text)
	}
}
