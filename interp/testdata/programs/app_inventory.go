package main

import (
	"errors"
	"fmt"
)

// An inventory with an interface for storage, validation and a report.

type Product struct {
	SKU   string
	Name  string
	Cents int
	Stock int
}

type Store interface {
	Get(sku string) (*Product, error)
	Put(p Product) error
	Each(func(*Product) bool)
}

type NotFound struct{ SKU string }

func (e NotFound) Error() string { return "no product " + e.SKU }

type memory struct {
	byID  map[string]*Product
	order []string
}

func newMemory() *memory { return &memory{byID: make(map[string]*Product)} }

func (m *memory) Get(sku string) (*Product, error) {
	p, ok := m.byID[sku]
	if !ok {
		return nil, NotFound{sku}
	}
	return p, nil
}

func (m *memory) Put(p Product) error {
	if p.SKU == "" || p.Cents < 0 {
		return fmt.Errorf("invalid product %+v", p)
	}
	if _, ok := m.byID[p.SKU]; !ok {
		m.order = append(m.order, p.SKU)
	}
	m.byID[p.SKU] = &p
	return nil
}

func (m *memory) Each(f func(*Product) bool) {
	for _, sku := range m.order {
		if !f(m.byID[sku]) {
			return
		}
	}
}

type counting struct {
	Store
	gets int
}

func (c *counting) Get(sku string) (*Product, error) {
	c.gets++
	return c.Store.Get(sku)
}

func sell(s Store, sku string, n int) error {
	p, err := s.Get(sku)
	if err != nil {
		return fmt.Errorf("sell: %w", err)
	}
	if p.Stock < n {
		return fmt.Errorf("sell: only %d of %s left", p.Stock, p.Name)
	}
	p.Stock -= n
	return nil
}

func money(cents int) string { return fmt.Sprintf("$%d.%02d", cents/100, cents%100) }

func main() {
	s := &counting{Store: newMemory()}
	for _, p := range []Product{{"a1", "anvil", 9950, 3}, {"b2", "bolt", 5, 1000}, {"", "bad", 1, 1}, {"c3", "crate", 1200, 0}} {
		if err := s.Put(p); err != nil {
			fmt.Println(err)
		}
	}
	fmt.Println(sell(s, "a1", 2), sell(s, "b2", 10))
	fmt.Println(sell(s, "a1", 2))
	err := sell(s, "zz", 1)
	var nf NotFound
	if errors.As(err, &nf) {
		fmt.Println(err, "->", nf.SKU)
	}
	total := 0
	s.Each(func(p *Product) bool {
		fmt.Printf("%-6s %5d x %9s\n", p.Name, p.Stock, money(p.Cents))
		total += p.Stock * p.Cents
		return p.Stock > 0
	})
	fmt.Println(money(total), s.gets)
}
