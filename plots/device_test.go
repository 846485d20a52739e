package plots

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/adabc437/fanout/parallel/device"
	"github.com/adabc437/fanout/parallel/device/backend"
)

// profiled is a profile of chunks in two queues that take turns, each of which copies in,
// computes and copies out.
func profiled(tasks int64, chunks int, in, kernel, out, launch time.Duration) *device.Profile {
	p := &device.Profile{Device: backend.Info{Name: "NVIDIA RTX 4090", Kind: backend.GPU}, Function: "mandelbrot", Tasks: tasks, Chunks: chunks}
	var free [3]time.Duration // when each engine is free
	var lanes [2]time.Duration
	each := tasks / int64(chunks)
	at := launch
	for c := range chunks {
		queued := max(at, lanes[c%2])
		for stage, took := range []time.Duration{in, kernel, out} {
			if took == 0 {
				continue
			}
			s := device.Step{Stage: device.Stage(stage), First: int64(c) * each, Count: each, Queued: queued}
			s.Began = max(queued, free[stage], lanes[c%2])
			s.Ended = s.Began + took
			free[stage], lanes[c%2] = s.Ended, s.Ended+launch/8
			if s.Stage != device.Kernel {
				s.Bytes = 8 * each
			}
			p.Steps = append(p.Steps, s)
			p.Wall = max(p.Wall, s.Ended+launch)
		}
	}
	return p
}

// after puts a build before a profile.
func after(build time.Duration, p *device.Profile) *device.Profile {
	p.Build = build
	p.Wall += build
	for i := range p.Steps {
		p.Steps[i].Queued += build
		p.Steps[i].Began += build
		p.Steps[i].Ended += build
	}
	return p
}

func profiles() map[string]*device.Profile {
	const us, ms = time.Microsecond, time.Millisecond
	all := map[string]*device.Profile{
		"computes": after(180*ms, profiled(1_000_000, 1, 900*us, 41*ms, 800*us, 60*us)),
		"copies":   profiled(4_000_000, 1, 5*ms, 700*us, 4*ms, 60*us),
		"overlap":  after(95*ms, profiled(8_000_000, 8, 2*ms, 2500*us, 1800*us, 50*us)),
		"many":     profiled(64_000_000, 4000, 20*us, 15*us, 10*us, 4*us),
		"stays":    profiled(1_000_000, 1, 0, 3*ms, 0, 30*us),
		"launches": profiled(16, 1, 2*us, 3*us, 2*us, 80*us),
		"compiles": profiled(100_000, 1, 200*us, 300*us, 200*us, 80*ms),
		"failed":   after(95*ms, profiled(8_000_000, 8, 2*ms, 2500*us, 1800*us, 50*us)),
		"stopped":  profiled(8000, 2, 2*ms, 2500*us, 1800*us, 50*us),
		"empty":    {Function: "square", Device: backend.Info{Name: "cores"}, Wall: 40 * ms, Build: 39 * ms, Cached: true},
		"nothing":  nil,
		"broken":   {Function: "square", Device: backend.Info{Name: "cores"}, Tasks: 7, Wall: 3 * ms, Err: errors.New("the device's compiler refuses it: error: use of undeclared identifier 'x'")},
	}
	for name, took := range map[string]time.Duration{"driver": 41 * ms, "some-driver": 341 * ms} {
		p := profiled(1_000_000, 1, 2*ms, took, 3*ms, 60*us)
		p.Device.Name = "AMD EPYC 7B13"
		for i := range p.Steps[1:] { // the kernel and the copy behind it
			p.Steps[i+1].Began += 290 * ms
			p.Steps[i+1].Ended += 290 * ms
		}
		began := p.Steps[1].Began
		p.Steps = append(p.Steps, device.Step{Stage: device.Compile, Began: began - 285*ms, Ended: began})
		p.Wall += 290 * ms
		all[name] = p
	}
	all["steps"] = profiled(64_000, 2000, 0, 10*us, 0, 20*us)
	for i := range all["steps"].Steps {
		s := &all["steps"].Steps[i]
		s.Began += time.Duration(i) * 20 * us
		s.Ended += time.Duration(i) * 20 * us
	}
	all["steps"].Wall += 2000 * 20 * us
	all["overlap"].Cached = true
	all["failed"].Steps = all["failed"].Steps[:8]
	all["failed"].Err = errors.New("task 2000017 failed on input 3: index out of range [3] with length 3")
	all["stopped"].Steps = all["stopped"].Steps[:3]
	all["stopped"].Err = fmt.Errorf("kernel map: %w", context.Canceled)
	all["many"].Device = backend.Info{Name: "cpu-haswell-AMD EPYC 7B13 64-Core Processor", Shared: true}
	all["copies"].Device.Shared = true
	return all
}

func TestDeviceShowsWhereTheTimeWent(t *testing.T) {
	for name, want := range map[string][]string{
		"computes": {"mandelbrot · 1,000,000 tasks · NVIDIA RTX 4090", "build", "180 ms", "once, for the first call", "41.0 ms", "8.00 MB", "8.89 GB/s",
			"happens once", "computing dominates"},
		"copies":      {"copying dominates", "All was one chunk", "or an array that stays on the device, would pay"},
		"overlap":     {"8 chunks", "the compiled program was on disk", "at once", "a kernel ran, too"},
		"driver":      {"compile", "285 ms", "85% of the time the driver compiled the kernel", "compiling at the first launch", "in no step 5."},
		"some-driver": {"The kernel took most of the time, 54% of it", "For 45% of it the driver compiled"},
		"steps":       {"the device did nothing", "A step has to be launched and waited for"},
		"stays":       {"nothing was copied"},
		"launches":    {"the device did nothing", "more tasks in one call would pay"},
		"compiles":    {"The driver may have been compiling"},
		"failed":      {"It failed after", "index out of range [3]", "3,000,000 of 8,000,000 tasks had run by then."},
		"stopped":     {"It was stopped after", "4,000 of 8,000 tasks had run by then."},
		"empty":       {"There was nothing to run: the list is empty.", "Building took 98% of the call"},
		"nothing":     {"0 tasks", "There was nothing to run"},
		"broken":      {"It failed after 3.00 ms: the device's compiler refuses it"},
	} {
		f := Device(profiles()[name])
		shown := strings.Join(texts(parseSVG(t, f.SVG())), " ")
		text := strings.Join(strings.Fields(f.Text()), " ")
		for _, s := range want {
			if !strings.Contains(shown, s) {
				t.Errorf("%s: no %q in the picture: %s", name, s, shown)
			}
			if !strings.Contains(text, s) {
				t.Errorf("%s: no %q in the text:\n%s", name, s, f.Text())
			}
		}
	}
}

func TestDeviceHasABarForEachStep(t *testing.T) {
	for name, want := range map[string]map[string]int{
		"overlap":  {"lane": 24, "build": 1, "track": 3},
		"driver":   {"lane": 4, "track": 4},
		"copies":   {"lane": 3, "build": 0, "at-once": 0},
		"computes": {"lane": 3, "build": 1},
	} {
		svg := parseSVG(t, Device(profiles()[name]).SVG())
		for class, n := range want {
			if got := rects(svg, class); got != n {
				t.Errorf("%s: %d of %s, want %d", name, got, class, n)
			}
		}
	}
	if n := rects(parseSVG(t, Device(profiles()["many"]).SVG()), "lane"); n < 3 || n > 1500 {
		t.Errorf("12000 steps have %d bars", n)
	}
}

// The parts of the time, of the whole call and of both at once, add up.
func TestSweepAddsUp(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		const wall = 1000
		list := make([]lane, 3)
		var active [3][wall]bool
		for k := range list {
			var stints []stint
			for range rng.IntN(6) {
				from := time.Duration(rng.IntN(wall))
				to := from + time.Duration(rng.IntN(int(wall-from)+1))
				stints = append(stints, stint{from: from, to: to})
				for i := from; i < to; i++ {
					active[k][i] = true
				}
			}
			list[k].row.stints = joined(stints)
		}
		var got, want [4]time.Duration
		sweep(list, 0, wall, func(from, to time.Duration, _ []int, n int) { got[n] += to - from })
		for i := range wall {
			want[btoi(active[0][i])+btoi(active[1][i])+btoi(active[2][i])]++
		}
		if got != want {
			t.Fatalf("%v, want %v", got, want)
		}
	}
}

func TestTimelineOfLanes(t *testing.T) {
	f := Timeline(profiles()["overlap"].Run())
	for _, s := range []string{"copy in", "kernel", "copy out", "The longest part was", "several at once"} {
		if !strings.Contains(f.Text(), s) {
			t.Errorf("no %q in\n%s", s, f.Text())
		}
	}
	for _, s := range []string{"worker", "core", "imbalance", "speed-up", "queue"} {
		if strings.Contains(f.Text(), s) || strings.Contains(f.SVG(), s) {
			t.Errorf("it speaks of %q:\n%s", s, f.Text())
		}
	}
	run := profiles()["overlap"].Run()
	run.Lanes = append(run.Lanes, "more")
	if f := Timeline(run); !strings.Contains(f.Text(), nonsense) {
		t.Errorf("more names than workers:\n%s", f.Text())
	}
}

func TestDeviceOfGarbage(t *testing.T) {
	drawn, refused := 0, 0
	for seed := range uint64(200) {
		rng := rand.New(rand.NewPCG(seed, 9))
		p := after(9*time.Millisecond, profiled(800, 8, 20*time.Microsecond, 25*time.Microsecond, 18*time.Microsecond, time.Microsecond))
		garble(rng, reflect.ValueOf(p), []int{3, 12, 40}[seed%3])
		if seed%10 == 0 {
			p.Steps[0].Stage = 77
		}
		for name, draw := range map[string]func() *Figure{"device": func() *Figure { return Device(p) }, "timeline": func() *Figure {
			if doubtOfProfile(p) != "" {
				return Device(p)
			}
			return Timeline(p.Run())
		}} {
			f := tried(t, fmt.Sprintf("%s, seed %d", name, seed), draw)
			if f == nil {
				continue
			}
			if strings.Contains(f.Text(), nonsense) {
				refused++
				continue
			}
			drawn++
			if s := f.SVG() + f.Text(); strings.Contains(s, "NaN") || strings.Contains(s, "Inf") || len(s) > 100_000 {
				t.Errorf("%s, seed %d: a number is none, or %d bytes:\n%s", name, seed, len(s), f.Text())
			}
		}
	}
	if drawn < 50 || refused < 50 {
		t.Errorf("%d drawn and %d refused: the numbers are no test", drawn, refused)
	}
}
