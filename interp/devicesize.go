package interp

import (
	"fmt"
	"math"
	"runtime/debug"
	"runtime/metrics"

	"github.com/adabc437/fanout/interp/session"
	"github.com/adabc437/fanout/parallel/device"
	"github.com/adabc437/fanout/plots"
)

// cpuChunk is how many bytes a call has on the device cpu at a time, in each of two
// chunks: its memory is the session's.
const cpuChunk = 256 << 20

// resultsFit refuses a call whose results the session cannot hold, before their memory is
// asked for: Go would end the process. It bounds the chunks of one that it lets pass.
func resultsFit(d *device.Device, c *device.Call, keep bool) error {
	cpu := d.Info().Backend == "cpu"
	if cpu && c.ChunkBytes == 0 {
		c.ChunkBytes = cpuChunk
	}
	n, err := c.Len()
	if err != nil || c.Result == nil || keep && !cpu { // the device knows what it can hold
		return nil // what is wrong with the call is said by the call
	}
	room, limit := memoryRoom()
	size := int64(c.Result.Size())
	if size == 0 || int64(n) <= room/size {
		return nil
	}
	return &session.Diagnostic{
		Name: session.MemoryError,
		Message: fmt.Sprintf("the results do not fit in memory: %s of type %s take %s, and the session has room for %s of its %s",
			count(n, "result"), c.Result, plots.Bytes(int64(min(float64(n)*float64(size), math.MaxInt64/2))), plots.Bytes(room), plots.Bytes(limit)),
		Hint: "nothing was computed; map over a part at a time, let f return less, or combine the results: %gpureduce takes a number of tasks as well",
	}
}

// memoryRoom is how many bytes the session can still take, and its limit.
func memoryRoom() (room, limit int64) {
	if limit = debug.SetMemoryLimit(-1); limit == math.MaxInt64 {
		return limit, limit
	}
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(live)
	return max(0, limit-int64(live[0].Value.Uint64())), limit
}
