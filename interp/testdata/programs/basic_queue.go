package main

import "fmt"

// A queue, a ring buffer and a priority queue, without generics.

type Queue struct{ items []string }

func (q *Queue) Enqueue(s string) { q.items = append(q.items, s) }
func (q *Queue) Dequeue() string {
	s := q.items[0]
	q.items = q.items[1:]
	return s
}
func (q *Queue) Empty() bool { return len(q.items) == 0 }

type Ring struct {
	buf        [4]int
	head, size int
}

func (r *Ring) Put(n int) bool {
	if r.size == len(r.buf) {
		return false
	}
	r.buf[(r.head+r.size)%len(r.buf)] = n
	r.size++
	return true
}

func (r *Ring) Get() (int, bool) {
	if r.size == 0 {
		return 0, false
	}
	n := r.buf[r.head]
	r.head = (r.head + 1) % len(r.buf)
	r.size--
	return n, true
}

type task struct {
	name string
	prio int
}

type tasks []task

func (t *tasks) add(x task) {
	*t = append(*t, x)
	for i := len(*t) - 1; i > 0 && (*t)[i].prio > (*t)[i-1].prio; i-- {
		(*t)[i], (*t)[i-1] = (*t)[i-1], (*t)[i]
	}
}

func main() {
	q := &Queue{}
	for _, s := range []string{"a", "b", "c"} {
		q.Enqueue(s)
	}
	for !q.Empty() {
		fmt.Print(q.Dequeue(), " ")
	}
	fmt.Println()
	var r Ring
	for i := 1; i <= 6; i++ {
		fmt.Print(r.Put(i), " ")
	}
	r.Get()
	r.Get()
	fmt.Println(r.Put(7), r.size)
	for n, ok := r.Get(); ok; n, ok = r.Get() {
		fmt.Print(n, " ")
	}
	fmt.Println()
	var ts tasks
	ts.add(task{"low", 1})
	ts.add(task{"high", 9})
	ts.add(task{"mid", 5})
	for _, t := range ts {
		fmt.Print(t.name, ":", t.prio, " ")
	}
	fmt.Println()
}
