package main

import "fmt"

// Interfaces: payment methods, a printer, and a nil check.

type Payment interface {
	Pay(amount int) string
}

type Cash struct{}

func (Cash) Pay(amount int) string { return fmt.Sprintf("paid %d in cash", amount) }

type Card struct {
	Number string
	Limit  int
}

func (c *Card) Pay(amount int) string {
	if amount > c.Limit {
		return "card declined"
	}
	c.Limit -= amount
	return fmt.Sprintf("paid %d by card %s", amount, c.Number[len(c.Number)-2:])
}

type Logger func(string)

func (l Logger) Log(s string) { l(s) }

type Shop struct {
	log   interface{ Log(string) }
	total int
}

func (s *Shop) Buy(price int, p Payment) {
	if p == nil {
		s.log.Log("no payment")
		return
	}
	s.total += price
	s.log.Log(p.Pay(price))
}

func main() {
	var lines []string
	shop := &Shop{log: Logger(func(s string) { lines = append(lines, s) })}
	card := &Card{"1234-5678", 100}
	shop.Buy(30, Cash{})
	shop.Buy(80, card)
	shop.Buy(80, card)
	shop.Buy(5, nil)
	for i, l := range lines {
		fmt.Println(i+1, l)
	}
	fmt.Println(shop.total, card.Limit)
	payments := []Payment{card, Cash{}}
	for _, p := range payments {
		switch p := p.(type) {
		case *Card:
			fmt.Println("card with", p.Limit)
		case Cash:
			fmt.Println("cash")
		}
	}
}
