package main

import (
	"fmt"
	"sort"
)

// Records in a slice: adding, finding, updating, sorting, totals.

type Item struct {
	Name     string
	Price    int
	Quantity int
}

type Inventory struct {
	items []Item
}

func (inv *Inventory) Find(name string) int {
	for i, it := range inv.items {
		if it.Name == name {
			return i
		}
	}
	return -1
}

func (inv *Inventory) Add(name string, price, qty int) {
	if i := inv.Find(name); i >= 0 {
		inv.items[i].Quantity += qty
		inv.items[i].Price = price
		return
	}
	inv.items = append(inv.items, Item{name, price, qty})
}

func (inv *Inventory) Take(name string, qty int) error {
	i := inv.Find(name)
	if i < 0 {
		return fmt.Errorf("no %s", name)
	}
	it := &inv.items[i]
	if it.Quantity < qty {
		return fmt.Errorf("only %d of %s", it.Quantity, name)
	}
	it.Quantity -= qty
	if it.Quantity == 0 {
		inv.items = append(inv.items[:i], inv.items[i+1:]...)
	}
	return nil
}

func (inv Inventory) Total() int {
	sum := 0
	for _, it := range inv.items {
		sum += it.Price * it.Quantity
	}
	return sum
}

func main() {
	var inv Inventory
	inv.Add("bolt", 5, 100)
	inv.Add("nut", 3, 200)
	inv.Add("saw", 1500, 2)
	inv.Add("bolt", 6, 50)
	fmt.Println(inv.Total(), len(inv.items))
	fmt.Println(inv.Take("saw", 2), inv.Take("saw", 1), inv.Take("nut", 500))
	sort.Slice(inv.items, func(i, j int) bool { return inv.items[i].Price < inv.items[j].Price })
	for _, it := range inv.items {
		fmt.Printf("%-5s %4d x %3d\n", it.Name, it.Price, it.Quantity)
	}
	fmt.Println(inv.Total())
}
