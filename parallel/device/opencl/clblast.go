package opencl

import (
	"errors"
	"fmt"
	"strings"

	"github.com/adabc437/fanout/parallel/device/backend"
)

// clblast is CLBlast's functions.
type clblast struct{ sgemm, dgemm uintptr }

func clblastFiles() []string {
	return []string{"libclblast.so.1", "libclblast.so", "libclblast.dylib", "clblast.dll"}
}

// loadCLBlast opens the first of the libraries that is there.
func loadCLBlast(paths []string) (*clblast, error) {
	var tried []string
	for _, path := range paths {
		library, err := openLibrary(path)
		if err != nil {
			tried = append(tried, fmt.Sprintf("%s: %v", path, err))
			continue
		}
		b := &clblast{}
		b.sgemm, _ = symbol(library, "CLBlastSgemm")
		b.dgemm, _ = symbol(library, "CLBlastDgemm")
		if b.sgemm != 0 && b.dgemm != 0 {
			return b, nil
		}
		tried = append(tried, path+": it has no CLBlastSgemm and CLBlastDgemm")
	}
	return nil, fmt.Errorf("opencl: CLBlast is not installed: %s", strings.Join(tried, "; "))
}

// HasGemm says why there is no Gemm: CLBlast is not installed, in general.
func (q *queue) HasGemm() error {
	_, err := q.dev.clblast()
	return err
}

// Gemm is c = a·b by CLBlast, where a has m × k numbers, b has k × n, and c gets m × n,
// all row by row: float64 if double, otherwise float32. None of m, n and k is 0.
func (q *queue) Gemm(double bool, m, n, k int64, a, b, c backend.Arg) (backend.Event, error) {
	d := q.dev
	lib, err := d.clblast()
	if err != nil {
		return nil, err
	}
	name, size := "CLBlastSgemm", int64(4)
	if double {
		name, size = "CLBlastDgemm", 8
	}
	if m <= 0 || n <= 0 || k <= 0 {
		return nil, fmt.Errorf("opencl: %s of %d × %d by %d × %d numbers", name, m, k, k, n)
	}
	if _, err := d.enter(); err != nil {
		return nil, err
	}
	defer d.leave()
	e := newEvent(q, name)
	g := gemm{double: double, m: uintptr(m), n: uintptr(n), k: uintptr(k), queue: &q.id, event: &e.last}
	for i, x := range []struct {
		arg  backend.Arg
		n    int64
		mem  *uintptr
		from *uintptr
	}{{a, m * k, &g.a, &g.aAt}, {b, k * n, &g.b, &g.bAt}, {c, m * n, &g.c, &g.cAt}} {
		buffer, err := d.bufferOf(x.arg.Buffer, x.arg.Offset, x.n*size)
		if err == nil && x.arg.Offset%size != 0 {
			err = errors.New("it begins within a number")
		}
		if err == nil {
			err = e.hold(buffer.memory)
		}
		if err != nil {
			e.cancel()
			return nil, fmt.Errorf("opencl: %s: matrix %d: %w", name, i+1, err)
		}
		*x.mem, *x.from = buffer.mem, uintptr(x.arg.Offset/size)
	}
	if err := q.begin(); err != nil {
		e.cancel()
		return nil, err
	}
	defer q.end()
	if status := lib.run(&g); status != success {
		e.forget()
		if q.marker(e) == success {
			q.add(e)
		}
		if status < -1024 {
			return nil, fmt.Errorf("opencl: %s: its error %d", name, status)
		}
		return nil, fmt.Errorf("opencl: %w", d.failed(status, name, 0))
	}
	q.add(e)
	return e, nil
}

// A gemm is the arguments of a product.
type gemm struct {
	double         bool
	m, n, k        uintptr
	a, aAt, b, bAt uintptr
	c, cAt         uintptr
	queue, event   *uintptr
}
