package main

import (
	"errors"
	"fmt"
	"sort"
	"sync"
)

// A worker pool with jobs, results and errors.

type job struct {
	id int
	n  int
}

type result struct {
	job
	out int
	err error
}

var errOdd = errors.New("odd jobs are refused")

func worker(jobs <-chan job, results chan<- result, wg *sync.WaitGroup) {
	defer wg.Done()
	for j := range jobs {
		r := result{job: j}
		if j.n%2 == 1 {
			r.err = fmt.Errorf("job %d: %w", j.id, errOdd)
		} else {
			r.out = j.n * j.n
		}
		results <- r
	}
}

func main() {
	jobs := make(chan job)
	results := make(chan result, 4)
	var wg sync.WaitGroup
	for range 3 {
		wg.Add(1)
		go worker(jobs, results, &wg)
	}
	go func() {
		for i := range 8 {
			jobs <- job{i, i * 3}
		}
		close(jobs)
		wg.Wait()
		close(results)
	}()
	var all []result
	for r := range results {
		all = append(all, r)
	}
	sort.Slice(all, func(i, j int) bool { return all[i].id < all[j].id })
	failed := 0
	for _, r := range all {
		if r.err != nil {
			failed++
			fmt.Println(r.err, errors.Is(r.err, errOdd))
			continue
		}
		fmt.Println(r.id, r.n, r.out)
	}
	fmt.Println(len(all), failed)
}
