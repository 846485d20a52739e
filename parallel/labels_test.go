package parallel

import (
	"context"
	"runtime/pprof"
	"testing"
)

func TestTasksHaveTheCallersProfilerLabels(t *testing.T) {
	pool := NewPool(3)
	defer pool.Close()
	for _, want := range []string{"a", "b"} {
		pprof.Do(context.Background(), pprof.Labels("run", want), func(context.Context) {
			mine := getLabels()
			all, err := Map(func(int) bool { return getLabels() == mine }, make([]int, 64), WithPool(pool), WithChunk(1))
			if err != nil {
				t.Error(err)
			}
			for i, same := range all {
				if !same {
					t.Errorf("task %d of run %s has other labels", i, want)
				}
			}
		})
	}
	if getLabels() != nil {
		t.Error("the caller's labels have changed")
	}
}
