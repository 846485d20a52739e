package main

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
)

// A pipeline of stages with fan-out, ordered fan-in and a semaphore.

type line struct {
	no   int
	text string
}

func read(text string) <-chan line {
	out := make(chan line)
	go func() {
		defer close(out)
		for i, s := range strings.Split(text, "\n") {
			out <- line{i + 1, s}
		}
	}()
	return out
}

func stage(in <-chan line, n int, f func(string) string) <-chan line {
	out := make(chan line)
	var wg sync.WaitGroup
	wg.Add(n)
	for range n {
		go func() {
			defer wg.Done()
			for l := range in {
				l.text = f(l.text)
				out <- l
			}
		}()
	}
	go func() {
		wg.Wait()
		close(out)
	}()
	return out
}

func ordered(in <-chan line) <-chan string {
	out := make(chan string)
	go func() {
		defer close(out)
		next, held := 1, map[int]string{}
		for l := range in {
			held[l.no] = l.text
			for {
				s, ok := held[next]
				if !ok {
					break
				}
				out <- fmt.Sprintf("%d %s", next, s)
				delete(held, next)
				next++
			}
		}
	}()
	return out
}

func limited(n, limit int) (most int32) {
	sem := make(chan struct{}, limit)
	var now, peak atomic.Int32
	var wg sync.WaitGroup
	for range n {
		wg.Add(1)
		go func() {
			defer wg.Done()
			sem <- struct{}{}
			defer func() { <-sem }()
			c := now.Add(1)
			for {
				p := peak.Load()
				if c <= p || peak.CompareAndSwap(p, c) {
					break
				}
			}
			now.Add(-1)
		}()
	}
	wg.Wait()
	return peak.Load()
}

func main() {
	text := "the quick\nbrown fox\njumps\nover the\nlazy dog"
	up := stage(read(text), 3, strings.ToUpper)
	trimmed := stage(up, 2, func(s string) string { return strings.ReplaceAll(s, " ", "_") })
	for s := range ordered(trimmed) {
		fmt.Println(s)
	}
	m := limited(20, 3)
	fmt.Println(m >= 1 && m <= 3)
}
