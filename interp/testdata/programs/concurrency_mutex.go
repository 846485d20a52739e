package main

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
)

// A bank under a mutex: transfers from many goroutines keep the total.

type Account struct {
	mu      sync.Mutex
	id      string
	balance int
	history []string
}

type Bank struct {
	mu       sync.RWMutex
	accounts map[string]*Account
	failed   atomic.Int32
}

var ErrFunds = errors.New("insufficient funds")

func NewBank(names ...string) *Bank {
	b := &Bank{accounts: map[string]*Account{}}
	for _, n := range names {
		b.accounts[n] = &Account{id: n, balance: 100}
	}
	return b
}

func (b *Bank) get(id string) (*Account, error) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	a, ok := b.accounts[id]
	if !ok {
		return nil, fmt.Errorf("account %q: unknown", id)
	}
	return a, nil
}

func (b *Bank) Transfer(from, to string, n int) error {
	src, err := b.get(from)
	if err != nil {
		return err
	}
	dst, err := b.get(to)
	if err != nil {
		return err
	}
	first, second := src, dst
	if first.id > second.id {
		first, second = second, first
	}
	first.mu.Lock()
	defer first.mu.Unlock()
	second.mu.Lock()
	defer second.mu.Unlock()
	if src.balance < n {
		b.failed.Add(1)
		return fmt.Errorf("%s has %d, needs %d: %w", from, src.balance, n, ErrFunds)
	}
	src.balance -= n
	dst.balance += n
	src.history = append(src.history, fmt.Sprintf("-%d", n))
	return nil
}

func (b *Bank) Total() (sum int) {
	for _, a := range b.accounts {
		a.mu.Lock()
		sum += a.balance
		a.mu.Unlock()
	}
	return
}

func main() {
	b := NewBank("ann", "bob", "cat")
	names := []string{"ann", "bob", "cat"}
	var wg sync.WaitGroup
	for i := range 60 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			_ = b.Transfer(names[i%3], names[(i+1)%3], 5)
		}()
	}
	wg.Wait()
	fmt.Println(b.Total(), b.failed.Load() >= 0)
	fmt.Println(b.Transfer("ann", "bob", 1000) != nil, errors.Is(b.Transfer("bob", "ann", 9999), ErrFunds))
	fmt.Println(b.Transfer("dan", "ann", 1))
	moves := 0
	for _, n := range names {
		moves += len(b.accounts[n].history)
	}
	fmt.Println(moves + int(b.failed.Load()))
}
