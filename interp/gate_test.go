package interp

import (
	"context"
	"testing"
)

// A job that ends while a cell waits to be loaded leaves tasks that only a stop can end.
func TestGateStopsWhatIsAbandonedMeanwhile(t *testing.T) {
	var g gate
	p := g.admit()
	leave := p.enter()
	waits, stopped := make(chan struct{}), make(chan struct{})
	closed := make(chan error)
	go func() {
		slow := func() { close(waits) } // by now close has looked at the job, which had not ended
		closed <- g.close(context.Background(), func() { close(stopped) }, slow)
	}()
	<-waits
	p.end()
	<-stopped
	if err := <-closed; err != nil {
		t.Fatal(err)
	}
	leave()
	g.open()
	if err := g.close(t.Context(), func() { t.Error("stopped what has ended") }, func() {}); err != nil {
		t.Fatal(err)
	}
}

// A task of a job that has not ended is waited for, not stopped.
func TestGateWaitsForTasks(t *testing.T) {
	var g gate
	leave := g.admit().enter()
	ctx, cancel := context.WithCancel(t.Context())
	err := g.close(ctx, func() { t.Error("stopped a task of a job that runs") }, cancel)
	if err == nil {
		t.Fatal("closed although a task runs")
	}
	leave()
	if err := g.close(t.Context(), func() { t.Error("stopped what has ended") }, func() {}); err != nil {
		t.Fatal(err)
	}
}
