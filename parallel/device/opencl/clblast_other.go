//go:build !((windows || darwin) && (amd64 || arm64)) && !(linux && (amd64 || arm64 || loong64 || riscv64))

package opencl

// run is never called: no library can be opened.
func (b *clblast) run(*gemm) int32 { return codeInvalidQueue }
