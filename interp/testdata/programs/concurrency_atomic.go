package main

import (
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
)

// sync/atomic: typed values, compare and swap, pointers and functions.

type config struct {
	name string
	n    int
}

type spin struct{ held atomic.Bool }

func (s *spin) Lock() {
	for !s.held.CompareAndSwap(false, true) {
		runtime.Gosched()
	}
}
func (s *spin) Unlock() { s.held.Store(false) }

type stack[T any] struct{ head atomic.Pointer[item[T]] }
type item[T any] struct {
	v    T
	next *item[T]
}

func (s *stack[T]) push(v T) {
	for {
		old := s.head.Load()
		if s.head.CompareAndSwap(old, &item[T]{v, old}) {
			return
		}
	}
}

func (s *stack[T]) all() (out []T) {
	for i := s.head.Load(); i != nil; i = i.next {
		out = append(out, i.v)
	}
	return
}

func main() {
	var n atomic.Int64
	var u atomic.Uint32
	var raw int32
	var sp spin
	shared := 0
	var st stack[int]
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			n.Add(int64(i))
			u.Add(^uint32(0))
			atomic.AddInt32(&raw, 2)
			sp.Lock()
			shared++
			sp.Unlock()
			st.push(i)
		}()
	}
	wg.Wait()
	fmt.Println(n.Load(), int32(u.Load()), atomic.LoadInt32(&raw), shared)
	all := st.all()
	slices.Sort(all)
	fmt.Println(len(all), all[0], all[19])
	fmt.Println(n.Swap(5), n.CompareAndSwap(5, 6), n.CompareAndSwap(5, 7), n.Load())
	fmt.Println(u.Or(3), u.And(0xf), u.Load())
	var p atomic.Pointer[config]
	fmt.Println(p.Load() == nil)
	p.Store(&config{"a", 1})
	old := p.Swap(&config{"b", 2})
	fmt.Println(*old, p.Load().name)
	var v atomic.Value
	fmt.Println(v.Load())
	v.Store([]string{"x"})
	fmt.Println(v.Load().([]string)[0])
	func() {
		defer func() { fmt.Println(recover()) }()
		v.Store("other type")
	}()
	var b atomic.Bool
	fmt.Println(b.Swap(true), b.Load())
	fmt.Println(atomic.SwapInt32(&raw, 1), atomic.CompareAndSwapInt32(&raw, 1, 9), raw)
}
