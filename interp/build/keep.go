//go:build cgo && (linux || darwin || freebsd)

package build

import (
	"cmp"
	"crypto/hkdf"
	"crypto/pbkdf2"
	"errors"
	"fmt"
	"hash"
	"iter"
	"maps"
	"runtime/cgo"
	"slices"
	"sync"
	"sync/atomic"
	"unique"
	"unsafe"
	"weak"
)

// keep refers to functions that no code of a program may reach and code of
// cells does: those that the compiler calls for what the language says, and
// those within generic functions of the standard library, which are compiled
// where they are used. They are then part of this program, for images to be
// bound to.
var keep = []any{
	keepLanguage, keepGenerics[keepKey], pbkdf2.Key[hash.Hash], hkdf.Key[hash.Hash], hkdf.Expand[hash.Hash], hkdf.Extract[hash.Hash],
	assertTo[fmt.Stringer], assertTo[any], assertTo[int],
	error.Error, fmt.Stringer.String, (*cgo.Incomplete)(nil),
}

// kept takes what must not be optimised away. It stays empty.
var kept []any

type keepKey struct{ _, _ string }

func assertTo[T any](x any) T { return x.(T) }

// keepLanguage uses what the language has. It is never called.
func keepLanguage(x any, e fmt.Stringer, s []string, d [1]float64, f [1]float32) {
	println(x, e, len(s), d[0], s[0], uint64(len(s)), true, 2i, &d, s, rune(len(s)), uintptr(1))
	s[0] = max(s[0], s[1], min(s[2], s[3]))
	d[0] = max(d[0], d[0]+1, min(d[0], 3))
	f[0] = max(f[0], f[0]+1, min(f[0], 3))
	kept = append(kept, map[struct{}]int{{}: 1}, map[any]int{x: 1}, map[complex128]int{2i: 1}, map[float32]int{f[0]: 1})
	for range func(yield func(int) bool) { yield(1) } {
		defer func() { kept = append(kept, recover()) }()
	}
	for i := range s {
		defer println(i)
	}
	c, c2 := make(chan string, len(s)), make(chan [4]int)
	select {
	case s[0] = <-c:
	case v, ok := <-c2:
		println(v[0], ok)
	case c <- s[1]:
	default:
	}
	select {
	case v := <-c:
		println(v)
	default:
	}
	select {
	case c <- s[0]:
	default:
	}
	close(c)
	b := []byte(s[0])
	r := []rune(s[0])
	copy(b, s[1])
	kept = append(kept, string(b), string(r), string(r[0]), [2]string(s), (*[1]string)(s), s[len(b):cap(r)],
		uint64(d[0]), float64(uint64(len(b))), complex(d[0], d[0])/complex(d[0], 2),
		unsafe.String(&b[0], len(b)), unsafe.Slice(&b[0], len(s)))
	clear(s)
	clear(map[string]int{s[0]: 1})
	switch e := x.(type) {
	case interface{ Error() string }:
		panic(e)
	case fmt.Stringer:
		panic(e.String() + s[0] + s[1] + s[2] + s[3] + s[0] + s[1])
	}
	go keepLanguage(x, e, s, d, f)
}

// keepGenerics uses generic functions whose insides only instances reach. It
// is never called.
func keepGenerics[K cmp.Ordered | keepKey]() {
	var k K
	next, stop := iter.Pull(slices.Values([]K{k}))
	next2, stop2 := iter.Pull2(maps.All(map[string]K{"": k}))
	var p atomic.Pointer[K]
	var m sync.Map
	m.Range(func(key, value any) bool { return p.CompareAndSwap(nil, &k) })
	err, ok := errors.AsType[interface {
		error
		Timeout() bool
	}](errors.New(""))
	kept = append(kept, next, stop, next2, stop2, unique.Make(keepKey{}), weak.Make(&k), sync.OnceValue(func() K { return k }), err, ok)
}
