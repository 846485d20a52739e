package supervisor

import (
	"strings"
	"testing"
)

func TestTheMemoryLimitComesFromTheEnvironment(t *testing.T) {
	for value, want := range map[string]int64{"512MiB": 512 << 20, "off": 0, "": availableMemory() / 5 * 4} {
		t.Setenv(MemoryVariable, value)
		if got, err := MemoryLimit(); err != nil || got != want {
			t.Errorf("%q: got %d, %v", value, got, err)
		}
	}
	for _, value := range []string{"lots", "1MiB"} {
		t.Setenv(MemoryVariable, value)
		if _, err := MemoryLimit(); err == nil || !strings.HasPrefix(err.Error(), MemoryVariable) {
			t.Errorf("%q: %v", value, err)
		}
	}
}

func TestStacksFitIntoTheMemory(t *testing.T) {
	for memory, want := range map[int64]int64{0: maxStack, 16 << 30: maxStack, 256 << 20: 64 << 20, 32 << 20: 8 << 20} {
		if got := stackLimit(memory); got != want {
			t.Errorf("%s: got %s, want %s", iec(memory), iec(got), iec(want))
		}
	}
}

func TestTheHintRaisesTheLimit(t *testing.T) {
	for _, c := range []struct {
		limit, available int64
		want             string
	}{
		{4 << 30, 64 << 30, "FANOUT_MEMORY_LIMIT=8GiB"},
		{12 << 30, 16 << 30, "FANOUT_MEMORY_LIMIT=15GiB"},
		{200 << 20, 16 << 30, "FANOUT_MEMORY_LIMIT=400MiB"},
		{8 << 30, 0, "FANOUT_MEMORY_LIMIT=16GiB"},
		{15 << 30, 16 << 30, "near all that there is (16 GiB); FANOUT_MEMORY_LIMIT=off"},
		{0, 16 << 30, "keep less at once: the machine or its control group has 16 GiB, and the session has no limit of its own"},
		{0, 0, "keep less at once: the session has no limit of its own, but the system has one"},
	} {
		if got := raiseHint(c.limit, c.available); !strings.Contains(got, c.want) {
			t.Errorf("%d of %d: %s", c.limit, c.available, got)
		}
	}
}
