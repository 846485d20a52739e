package main

import (
	"errors"
	"fmt"
	"sync"
)

// An actor that owns its state, with requests, replies, a stop and a panic.

type op int

const (
	get op = iota
	set
	del
	crash
)

type req struct {
	op    op
	key   string
	val   int
	reply chan resp
}

type resp struct {
	val int
	err error
}

type store struct {
	reqs chan req
	done chan struct{}
}

func start() *store {
	s := &store{make(chan req), make(chan struct{})}
	go s.loop()
	return s
}

func (s *store) loop() {
	defer close(s.done)
	data := map[string]int{}
	for r := range s.reqs {
		r.reply <- handle(data, r)
	}
}

func handle(data map[string]int, r req) (out resp) {
	defer func() {
		if p := recover(); p != nil {
			out.err = fmt.Errorf("handler: %v", p)
		}
	}()
	switch r.op {
	case get:
		v, ok := data[r.key]
		if !ok {
			return resp{err: fmt.Errorf("no %q", r.key)}
		}
		out.val = v
	case set:
		out.val, data[r.key] = data[r.key], r.val
	case del:
		out.val = len(data)
		delete(data, r.key)
	default:
		panic(fmt.Sprintf("bad op %d", r.op))
	}
	return out
}

func (s *store) call(o op, key string, val int) (int, error) {
	r := req{o, key, val, make(chan resp, 1)}
	select {
	case s.reqs <- r:
	case <-s.done:
		return 0, errors.New("stopped")
	}
	a := <-r.reply
	return a.val, a.err
}

func (s *store) stop() {
	close(s.reqs)
	<-s.done
}

func main() {
	s := start()
	fmt.Println(s.call(get, "a", 0))
	fmt.Println(s.call(set, "a", 5))
	fmt.Println(s.call(set, "a", 6))
	fmt.Println(s.call(get, "a", 0))
	fmt.Println(s.call(crash, "a", 0))
	var wg sync.WaitGroup
	for i := range 10 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			s.call(set, fmt.Sprint("k", i%4), i)
		}()
	}
	wg.Wait()
	fmt.Println(s.call(del, "a", 0))
	s.stop()
}
