package main

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"sync"
)

// sync: Once, OnceValue, Pool, Cond, RWMutex, Map and WaitGroup.Go.

type queue struct {
	mu    sync.Mutex
	cond  *sync.Cond
	items []int
}

func newQueue() *queue {
	q := &queue{}
	q.cond = sync.NewCond(&q.mu)
	return q
}

func (q *queue) put(n int) {
	q.mu.Lock()
	q.items = append(q.items, n)
	q.mu.Unlock()
	q.cond.Signal()
}

func (q *queue) take() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.items) == 0 {
		q.cond.Wait()
	}
	n := q.items[0]
	q.items = q.items[1:]
	return n
}

type lazy struct {
	once sync.Once
	n    int
}

func (l *lazy) get() int {
	l.once.Do(func() { l.n += 7 })
	return l.n
}

func main() {
	var l lazy
	fmt.Println(l.get(), l.get())
	calls := 0
	v := sync.OnceValue(func() int { calls++; return calls * 10 })
	fmt.Println(v(), v(), calls)
	a, b := sync.OnceValues(func() (string, error) { return "x", io.EOF })()
	fmt.Println(a, b)
	q := newQueue()
	sum := make(chan int)
	go func() {
		s := 0
		for range 10 {
			s += q.take()
		}
		sum <- s
	}()
	var wg sync.WaitGroup
	for i := range 10 {
		wg.Go(func() { q.put(i) })
	}
	wg.Wait()
	fmt.Println(<-sum)
	var m sync.Map
	for _, k := range []string{"a", "b", "c"} {
		m.Store(k, len(k))
	}
	m.Delete("b")
	got, loaded := m.LoadOrStore("a", 99)
	fmt.Println(got, loaded)
	got, loaded = m.LoadOrStore("z", 26)
	fmt.Println(got, loaded)
	var keys []string
	m.Range(func(k, v any) bool { keys = append(keys, k.(string)); return true })
	slices.Sort(keys)
	fmt.Println(keys)
	p := sync.Pool{New: func() any { return new(bytes.Buffer) }}
	buf := p.Get().(*bytes.Buffer)
	buf.WriteString("pooled")
	fmt.Println(buf.String())
	buf.Reset()
	p.Put(buf)
	var rw sync.RWMutex
	rw.RLock()
	fmt.Println(rw.TryRLock(), rw.TryLock())
	rw.RUnlock()
	rw.RUnlock()
	fmt.Println(rw.TryLock())
	func() {
		defer func() { fmt.Println(recover()) }()
		var o sync.Once
		o.Do(func() { panic("in once") })
	}()
}
