package main

import (
	"errors"
	"fmt"
	"slices"
	"sort"
	"sync"
)

// An event bus with typed handlers, priorities and unsubscription.

type Event interface{ Topic() string }

type UserCreated struct{ Name string }
type OrderPlaced struct {
	ID    int
	Items []string
}

func (UserCreated) Topic() string  { return "user" }
func (*OrderPlaced) Topic() string { return "order" }

type handler struct {
	id, prio int
	fn       func(Event) error
}

type Bus struct {
	mu     sync.Mutex
	subs   map[string][]handler
	nextID int
	errs   []error
}

func (b *Bus) Subscribe(topic string, prio int, fn func(Event) error) (cancel func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.subs == nil {
		b.subs = make(map[string][]handler)
	}
	b.nextID++
	id := b.nextID
	b.subs[topic] = append(b.subs[topic], handler{id, prio, fn})
	sort.SliceStable(b.subs[topic], func(i, j int) bool { return b.subs[topic][i].prio > b.subs[topic][j].prio })
	return func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.subs[topic] = slices.DeleteFunc(b.subs[topic], func(h handler) bool { return h.id == id })
	}
}

func (b *Bus) Publish(e Event) (n int) {
	b.mu.Lock()
	hs := append([]handler(nil), b.subs[e.Topic()]...)
	b.mu.Unlock()
	for _, h := range hs {
		if err := h.fn(e); err != nil {
			b.errs = append(b.errs, fmt.Errorf("handler %d: %w", h.id, err))
		}
		n++
	}
	return
}

func main() {
	var b Bus
	var seen []string
	cancel := b.Subscribe("user", 1, func(e Event) error {
		seen = append(seen, "low "+e.(UserCreated).Name)
		return nil
	})
	b.Subscribe("user", 10, func(e Event) error {
		u := e.(UserCreated)
		seen = append(seen, "high "+u.Name)
		if u.Name == "" {
			return errors.New("empty name")
		}
		return nil
	})
	total := 0
	b.Subscribe("order", 0, func(e Event) error {
		if o, ok := e.(*OrderPlaced); ok {
			total += len(o.Items)
			o.ID *= 10
		}
		return nil
	})
	fmt.Println(b.Publish(UserCreated{"ann"}), b.Publish(UserCreated{""}))
	cancel()
	cancel()
	o := &OrderPlaced{4, []string{"x", "y"}}
	fmt.Println(b.Publish(UserCreated{"bob"}), b.Publish(o), total, o.ID)
	fmt.Printf("%q\n", seen)
	fmt.Println(b.errs, len(b.subs["user"]), len(b.subs["none"]))
}
