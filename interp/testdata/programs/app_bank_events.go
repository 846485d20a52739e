package main

import "fmt"

// Events, a ledger that applies them, and a projection.

type Event interface{ Apply(*Ledger) error }

type Opened struct{ Owner string }
type Deposited struct {
	Owner string
	Cents int64
}
type Withdrew Deposited
type Moved struct {
	From, To string
	Cents    int64
}

type Ledger struct {
	balances map[string]int64
	version  int
}

func (e Opened) Apply(l *Ledger) error {
	if _, dup := l.balances[e.Owner]; dup {
		return fmt.Errorf("%s: already open", e.Owner)
	}
	l.balances[e.Owner] = 0
	return nil
}

func (e Deposited) Apply(l *Ledger) error {
	if _, ok := l.balances[e.Owner]; !ok {
		return fmt.Errorf("%s: not open", e.Owner)
	}
	l.balances[e.Owner] += e.Cents
	return nil
}

func (e Withdrew) Apply(l *Ledger) error {
	if l.balances[e.Owner] < e.Cents {
		return fmt.Errorf("%s: overdrawn by %d", e.Owner, e.Cents-l.balances[e.Owner])
	}
	return Deposited{e.Owner, -e.Cents}.Apply(l)
}

func (e Moved) Apply(l *Ledger) error {
	for _, step := range []Event{Withdrew{e.From, e.Cents}, Deposited{e.To, e.Cents}} {
		if err := step.Apply(l); err != nil {
			return fmt.Errorf("move: %w", err)
		}
	}
	return nil
}

func (l *Ledger) Play(es ...Event) (errs []error) {
	for _, e := range es {
		if err := e.Apply(l); err != nil {
			errs = append(errs, err)
			continue
		}
		l.version++
	}
	return
}

func kinds(es []Event) map[string]int {
	m := map[string]int{}
	for _, e := range es {
		switch e.(type) {
		case Opened:
			m["opened"]++
		case Deposited, Withdrew:
			m["cash"]++
		default:
			m["other"]++
		}
	}
	return m
}

func main() {
	l := &Ledger{balances: map[string]int64{}}
	es := []Event{Opened{"ann"}, Opened{"bob"}, Deposited{"ann", 500}, Withdrew{"ann", 120}, Moved{"ann", "bob", 80}, Opened{"ann"}, Moved{"bob", "ann", 1000}, Deposited{"eve", 1}}
	for _, err := range l.Play(es...) {
		fmt.Println(err)
	}
	fmt.Println(l.balances, l.version, kinds(es))
	fmt.Println(es[0], es[2], es[4])
}
