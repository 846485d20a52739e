package interp

import (
	"fmt"
	"math"
	"reflect"
	"runtime"
	"runtime/debug"
	"runtime/metrics"

	"github.com/adabc437/fanout/interp/session"
	"github.com/adabc437/fanout/parallel/device"
	"github.com/adabc437/fanout/plots"
)

// cpuChunk is how many bytes a call has on the device cpu at a time, in each of two
// chunks, at most: its memory is the session's.
const cpuChunk = 256 << 20

// resultsFit refuses a call whose results the session cannot hold, before their memory is
// asked for: Go would end the process. It bounds the chunks of one that it lets pass.
func resultsFit(d *device.Device, c *device.Call, keep bool) error {
	boundChunks(d, c)
	n, err := c.Len()
	if err != nil || c.Result == nil || keep && !inSession(d) { // the device knows what it can hold
		return nil // what is wrong with the call is said by the call
	}
	return fitInMemory("the results do not fit", fmt.Sprintf("%s of type %s", count(n, "result"), c.Result), bytesOf(int64(n), int64(c.Result.Size())),
		"map over a part at a time, let f return less, or combine the results: %gpureduce takes a number of tasks as well")
}

// elementsFit bounds the chunks of a call that gives one result.
func elementsFit(d *device.Device, c *device.Call, _ bool) error {
	if k := reflect.ValueOf(c.Lists[0]).Kind(); k == reflect.Slice || k == reflect.Array {
		boundChunks(d, c)
	}
	return nil
}

// boundChunks bounds what a call has on the device cpu at a time, by the session's limit and
// not by what is in use, so that sums of floats are the same each time.
func boundChunks(d *device.Device, c *device.Call) {
	if inSession(d) && c.ChunkBytes == 0 {
		c.ChunkBytes = max(1<<20, min(cpuChunk, debug.SetMemoryLimit(-1)/8))
	}
}

// gridsFit is resultsFit of a stencil: the new grid, on the device cpu beside the two that
// take turns.
func gridsFit(d *device.Device, c *device.Call, keep bool) error {
	n, err := c.Cells()
	if err != nil || c.Result == nil {
		return nil
	}
	grids := 1
	if keep {
		grids = 0
	}
	if inSession(d) {
		grids += 2
	}
	return fitInMemory("the grids do not fit", fmt.Sprintf("%s of %s of type %s", count(grids, "grid"), count(n, "cell"), c.Result), bytesOf(int64(grids), int64(n), int64(c.Result.Size())),
		"work on a part of the grid, or have cells of a smaller type, as float32")
}

// productFits is resultsFit of a product of two matrices: their copies and the product, on
// the device cpu twice.
func productFits(d *device.Device, a, b any) error {
	m, k, size := shapeOf(a)
	rows, n, _ := shapeOf(b)
	if k != rows {
		return nil // the product says so
	}
	times := int64(1)
	if inSession(d) {
		times = 2
	}
	sum := int64(0)
	for _, cells := range [][2]int64{{m, k}, {k, n}, {m, n}} {
		bytes := bytesOf(cells[0], cells[1], size, times)
		sum += min(bytes, math.MaxInt64-sum)
	}
	return fitInMemory("the product does not fit", fmt.Sprintf("copies of a %d × %d and a %d × %d matrix, and a %d × %d one,", m, k, k, n, m, n), sum,
		"multiply a part of the rows at a time, or have numbers of float32")
}

// shapeOf is the shape of a matrix, and the size of its numbers in bytes.
func shapeOf(x any) (rows, cols, size int64) {
	if m, ok := x.(interface{ Dims() (rows, cols int) }); ok {
		r, c := m.Dims()
		return int64(r), int64(c), 8
	}
	v := reflect.ValueOf(x)
	if v.Len() > 0 {
		cols = int64(v.Index(0).Len())
	}
	return int64(v.Len()), cols, int64(v.Type().Elem().Elem().Size())
}

// inSession says that a device's memory is the session's.
func inSession(d *device.Device) bool { return d.Info().Backend == "cpu" }

// fitInMemory refuses what takes more bytes than the session has room for.
func fitInMemory(message, what string, bytes int64, hint string) error {
	room, limit := memoryRoom(bytes)
	if bytes <= room {
		return nil
	}
	return &session.Diagnostic{
		Name:    session.MemoryError,
		Message: fmt.Sprintf("%s in memory: %s take %s, and the session has room for %s of its %s", message, what, plots.Bytes(bytes), plots.Bytes(room), plots.Bytes(limit)),
		Hint:    "nothing was computed; " + hint,
	}
}

// bytesOf is a product of sizes, or half of the largest number if it is larger.
func bytesOf(sizes ...int64) int64 {
	all := int64(1)
	for _, n := range sizes {
		if n > 0 && all > math.MaxInt64/2/n {
			return math.MaxInt64 / 2
		}
		all *= n
	}
	return all
}

// memoryRoom is how many bytes the session can still take, and its limit. Garbage is
// collected if there is no room otherwise for the bytes that are wanted.
func memoryRoom(wanted int64) (room, limit int64) {
	if limit = debug.SetMemoryLimit(-1); limit == math.MaxInt64 {
		return limit, limit
	}
	if room = limit - heapObjects(); wanted > room && wanted <= limit {
		runtime.GC()
		room = limit - heapObjects()
	}
	return max(0, room), limit
}

// heapObjects is how many bytes the heap has, with what is garbage by now.
func heapObjects() int64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return int64(sample[0].Value.Uint64())
}
