package parallel

import "unsafe"

// hugeSize is from how many bytes on results are put on huge pages where the system has
// them: the first touch of each small page costs about as much as filling it.
const hugeSize = 16 << 20

// results makes a slice for n results.
func results[R any](n int) []R {
	out := make([]R, n)
	if size := uintptr(n) * unsafe.Sizeof(*new(R)); size >= hugeSize {
		adviseHuge(unsafe.Pointer(unsafe.SliceData(out)), size)
	}
	return out
}
