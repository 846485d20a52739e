package main

import "fmt"

// Structs with methods: rectangles, a stack, a counter.

type Rect struct {
	Width, Height float64
}

func (r Rect) Area() float64 { return r.Width * r.Height }

func (r *Rect) Scale(f float64) {
	r.Width *= f
	r.Height *= f
}

type Stack struct {
	items []int
}

func (s *Stack) Push(n int) { s.items = append(s.items, n) }

func (s *Stack) Pop() (int, bool) {
	if len(s.items) == 0 {
		return 0, false
	}
	n := s.items[len(s.items)-1]
	s.items = s.items[:len(s.items)-1]
	return n, true
}

type Account struct {
	Owner   string
	Balance int
}

func (a *Account) Deposit(n int) error {
	if n <= 0 {
		return fmt.Errorf("cannot deposit %d", n)
	}
	a.Balance += n
	return nil
}

func main() {
	r := Rect{3, 4}
	r.Scale(2)
	fmt.Println(r.Area(), r.Width, r.Height)
	var s Stack
	for i := 1; i <= 3; i++ {
		s.Push(i * i)
	}
	for {
		n, ok := s.Pop()
		if !ok {
			break
		}
		fmt.Print(n, " ")
	}
	fmt.Println()
	a := &Account{Owner: "ann"}
	fmt.Println(a.Deposit(50), a.Deposit(-1), a.Balance)
	accounts := []*Account{a, {Owner: "bob", Balance: 7}}
	total := 0
	for _, acc := range accounts {
		total += acc.Balance
		fmt.Println(acc.Owner, acc.Balance)
	}
	fmt.Println("total", total)
}
