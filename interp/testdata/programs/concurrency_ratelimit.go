package main

import (
	"fmt"
	"strconv"
	"sync"
)

// Token buckets, semaphores and single flights without a clock.

type bucket struct {
	tokens chan struct{}
}

func newBucket(n int) *bucket {
	b := &bucket{make(chan struct{}, n)}
	b.refill()
	return b
}

func (b *bucket) refill() (added int) {
	for {
		select {
		case b.tokens <- struct{}{}:
			added++
		default:
			return
		}
	}
}

func (b *bucket) allow() bool {
	select {
	case <-b.tokens:
		return true
	default:
		return false
	}
}

type flight struct {
	mu    sync.Mutex
	calls map[string]*call
	runs  int
}

type call struct {
	done chan struct{}
	val  string
}

func (f *flight) do(key string, fn func() string) string {
	f.mu.Lock()
	if c, ok := f.calls[key]; ok {
		f.mu.Unlock()
		<-c.done
		return c.val
	}
	c := &call{done: make(chan struct{})}
	f.calls[key] = c
	f.runs++
	f.mu.Unlock()
	c.val = fn()
	close(c.done)
	return c.val
}

type barrier struct {
	mu    sync.Mutex
	cond  *sync.Cond
	n, at int
	round int
}

func (b *barrier) wait() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	round := b.round
	if b.at++; b.at == b.n {
		b.at = 0
		b.round++
		b.cond.Broadcast()
	}
	for b.round == round {
		b.cond.Wait()
	}
	return round
}

func main() {
	b := newBucket(3)
	var got []bool
	for range 5 {
		got = append(got, b.allow())
	}
	fmt.Println(got, b.refill(), b.refill(), b.allow())
	f := &flight{calls: map[string]*call{}}
	var wg sync.WaitGroup
	results := make([]string, 8)
	for i := range results {
		wg.Add(1)
		go func() {
			defer wg.Done()
			results[i] = f.do("k"+strconv.Itoa(i%2), func() string { return "v" + strconv.Itoa(i%2) })
		}()
	}
	wg.Wait()
	fmt.Println(results, f.runs)
	bar := &barrier{n: 3}
	bar.cond = sync.NewCond(&bar.mu)
	rounds := make([][]int, 3)
	for i := range rounds {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for range 3 {
				rounds[i] = append(rounds[i], bar.wait())
			}
		}()
	}
	wg.Wait()
	fmt.Println(rounds, bar.round)
}
