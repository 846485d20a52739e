package main

import (
	"errors"
	"fmt"
	"sort"
	"sync"
)

// Tasks with dependencies, run in parallel waves, with failures and retries.

type Task struct {
	Name string
	Deps []string
	Run  func(try int) error
}

type Plan struct {
	tasks map[string]*Task
	names []string
}

var errFlaky = errors.New("flaky")

func (p *Plan) Add(name string, run func(int) error, deps ...string) *Plan {
	if p.tasks == nil {
		p.tasks = map[string]*Task{}
	}
	p.tasks[name] = &Task{name, deps, run}
	p.names = append(p.names, name)
	return p
}

func (p *Plan) Waves() (waves [][]string, err error) {
	done := map[string]bool{}
	for len(done) < len(p.names) {
		var wave []string
		for _, n := range p.names {
			if done[n] {
				continue
			}
			ready := true
			for _, d := range p.tasks[n].Deps {
				if p.tasks[d] == nil {
					return nil, fmt.Errorf("%s needs unknown %s", n, d)
				}
				ready = ready && done[d]
			}
			if ready {
				wave = append(wave, n)
			}
		}
		if len(wave) == 0 {
			return waves, errors.New("cycle")
		}
		for _, n := range wave {
			done[n] = true
		}
		waves = append(waves, wave)
	}
	return waves, nil
}

func attempt(t *Task, tries int) (n int, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%s panicked: %v", t.Name, r)
		}
	}()
	for n = 1; n <= tries; n++ {
		if err = t.Run(n); err == nil || !errors.Is(err, errFlaky) {
			return n, err
		}
	}
	return tries, fmt.Errorf("%s: gave up: %w", t.Name, err)
}

func (p *Plan) Execute() (map[string]int, []error) {
	waves, err := p.Waves()
	if err != nil {
		return nil, []error{err}
	}
	tries := map[string]int{}
	var errs []error
	var mu sync.Mutex
	for _, wave := range waves {
		var wg sync.WaitGroup
		for _, name := range wave {
			wg.Add(1)
			go func() {
				defer wg.Done()
				n, err := attempt(p.tasks[name], 3)
				mu.Lock()
				defer mu.Unlock()
				tries[name] = n
				if err != nil {
					errs = append(errs, err)
				}
			}()
		}
		wg.Wait()
		if len(errs) > 0 {
			break
		}
	}
	sort.Slice(errs, func(i, j int) bool { return errs[i].Error() < errs[j].Error() })
	return tries, errs
}

func main() {
	ok := func(int) error { return nil }
	p := new(Plan).Add("fetch", ok).Add("parse", ok, "fetch").Add("lint", ok, "fetch").Add("build", func(try int) error {
		if try < 3 {
			return fmt.Errorf("try %d: %w", try, errFlaky)
		}
		return nil
	}, "parse", "lint").Add("ship", ok, "build")
	fmt.Println(p.Waves())
	fmt.Println(p.Execute())
	p.Add("boom", func(int) error { panic("bad") }, "fetch").Add("never", func(int) error { return errFlaky }, "fetch").Add("late", ok, "boom")
	tries, errs := p.Execute()
	fmt.Println(len(tries), errs)
	fmt.Println(new(Plan).Add("a", ok, "b").Add("b", ok, "a").Execute())
	fmt.Println(new(Plan).Add("a", ok, "zzz").Execute())
}
