package main

import (
	"errors"
	"fmt"
)

// A small bank with interfaces, errors and a menu of operations.

type Account interface {
	Deposit(amount float64)
	Withdraw(amount float64) error
	Balance() float64
}

type base struct{ balance float64 }

func (b *base) Deposit(amount float64) { b.balance += amount }
func (b *base) Balance() float64       { return b.balance }

type checking struct {
	base
	overdraft float64
}

func (c *checking) Withdraw(amount float64) error {
	if c.balance+c.overdraft < amount {
		return fmt.Errorf("overdraft limit: %.2f short", amount-c.balance-c.overdraft)
	}
	c.balance -= amount
	return nil
}

type savings struct {
	base
	rate float64
}

func (s *savings) Withdraw(amount float64) error {
	if s.balance < amount {
		return errors.New("insufficient funds")
	}
	s.balance -= amount
	return nil
}

func (s *savings) AddInterest() { s.Deposit(s.balance * s.rate) }

func transfer(from, to Account, amount float64) error {
	if err := from.Withdraw(amount); err != nil {
		return fmt.Errorf("transfer: %w", err)
	}
	to.Deposit(amount)
	return nil
}

func main() {
	c := &checking{overdraft: 50}
	s := &savings{rate: 0.1}
	c.Deposit(100)
	s.Deposit(200)
	fmt.Println(transfer(c, s, 120))
	fmt.Println(transfer(c, s, 100))
	fmt.Println(transfer(s, c, 1000))
	s.AddInterest()
	accounts := []Account{c, s}
	for _, a := range accounts {
		fmt.Printf("%.2f\n", a.Balance())
		if sv, ok := a.(*savings); ok {
			fmt.Println("savings at", sv.rate)
		}
	}
}
