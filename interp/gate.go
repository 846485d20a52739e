package interp

import (
	"context"
	"reflect"
	"runtime"
	"sync"
	"time"
)

// A gate keeps tasks of jobs from running interpreted code while a cell is loaded, which
// changes the interpreter.
type gate struct {
	mu      sync.Mutex
	changed chan struct{} // closed and made anew when something changes
	closed  bool
	passes  map[*pass]bool // of the jobs that run
}

// A pass lets the tasks of a job through the gate, and counts those that run.
type pass struct {
	gate  *gate
	tasks int
	over  bool // the job has ended; its end may have abandoned tasks
}

func (g *gate) change() {
	if g.changed != nil {
		close(g.changed)
	}
	g.changed = make(chan struct{})
}

// admit gives a job its pass.
func (g *gate) admit() *pass {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.passes == nil {
		g.passes = map[*pass]bool{}
	}
	p := &pass{gate: g}
	g.passes[p] = true
	return p
}

// enter waits until the gate is open and counts a task in. leave counts it out. A task
// of a job that has ended meanwhile ends here.
func (p *pass) enter() (leave func()) {
	g := p.gate
	g.mu.Lock()
	defer g.mu.Unlock()
	for g.closed {
		changed := g.changed
		g.mu.Unlock()
		<-changed
		g.mu.Lock()
	}
	if p.over {
		runtime.Goexit()
	}
	p.tasks++
	return func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		if p.tasks--; p.over && p.tasks == 0 {
			delete(g.passes, p)
		}
		g.change()
	}
}

// end notes that a job has ended.
func (p *pass) end() {
	g := p.gate
	g.mu.Lock()
	defer g.mu.Unlock()
	if p.over = true; p.tasks == 0 {
		delete(g.passes, p)
	}
	g.change()
}

// forget forgets the tasks that the end of their job has abandoned, and says whether there
// were any, which have to be stopped. The caller holds g.mu.
func (g *gate) forget() bool {
	found := false
	for p := range g.passes {
		if p.over {
			found = true
			delete(g.passes, p)
		}
	}
	return found
}

// running says whether tasks run. The caller holds g.mu.
func (g *gate) running() bool {
	for p := range g.passes {
		if p.tasks > 0 {
			return true
		}
	}
	return false
}

// close keeps tasks out, and waits until none runs; slow is called if that takes long, and
// stop where a job has abandoned tasks, before or meanwhile: nobody else would end them.
func (g *gate) close(ctx context.Context, stop, slow func()) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed = true; g.changed == nil {
		g.change()
	}
	late := time.NewTimer(time.Second)
	defer late.Stop()
	for g.running() {
		if g.forget() {
			g.mu.Unlock()
			stop()
			g.mu.Lock()
			continue
		}
		changed := g.changed
		g.mu.Unlock()
		select {
		case <-changed:
		case <-late.C:
			slow()
		case <-ctx.Done():
		}
		g.mu.Lock()
		if ctx.Err() != nil {
			g.closed = false
			g.change()
			return ctx.Err()
		}
	}
	return nil
}

// open lets tasks in again.
func (g *gate) open() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.closed = false
	g.change()
}

// gated is an interpreted function that passes the gate at each call. Of a call that was
// stopped, which returns zero values, it ends the goroutine.
func (t *interpreted) gated(f reflect.Value, p *pass) reflect.Value {
	return reflect.MakeFunc(f.Type(), func(args []reflect.Value) (out []reflect.Value) {
		defer p.enter()()
		token := t.begun(t.started())
		defer t.ended(token)
		before := t.lastStop()
		if f.Type().IsVariadic() {
			out = f.CallSlice(args)
		} else {
			out = f.Call(args)
		}
		if t.lastStop() != before {
			runtime.Goexit()
		}
		return out
	})
}
