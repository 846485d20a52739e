//go:build ((windows || darwin) && (amd64 || arm64)) || (linux && (amd64 || arm64 || loong64 || riscv64))

package opencl

import "github.com/ebitengine/purego"

// The numbers of clblast_c.h.
const (
	rowMajor      = 101
	notTransposed = 111
)

// run calls CLBlast, and gives its status. Factors are numbers of the matrices' type.
func (b *clblast) run(g *gemm) int32 {
	if g.double {
		return gemmOf[float64](b.dgemm, g)
	}
	return gemmOf[float32](b.sgemm, g)
}

func gemmOf[T float32 | float64](at uintptr, g *gemm) int32 {
	var f func(layout, aTransposed, bTransposed int32, m, n, k uintptr, alpha T, a, aAt, aWidth, b, bAt, bWidth uintptr, beta T, c, cAt, cWidth uintptr, queue, event *uintptr) int32
	purego.RegisterFunc(&f, at)
	return f(rowMajor, notTransposed, notTransposed, g.m, g.n, g.k, 1, g.a, g.aAt, g.k, g.b, g.bAt, g.n, 0, g.c, g.cAt, g.n, g.queue, g.event)
}
