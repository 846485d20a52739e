package main

import "fmt"

// Guessing by halves, rock-paper-scissors, and dice with a generator of its own.

type Move int

const (
	Rock Move = iota
	Paper
	Scissors
)

func (m Move) Beats(o Move) bool { return (m+2)%3 == o }

func (m Move) Name() string {
	switch m {
	case Rock:
		return "rock"
	case Paper:
		return "paper"
	default:
		return "scissors"
	}
}

type random struct{ state uint32 }

func (r *random) next(n int) int {
	r.state = r.state*1664525 + 1013904223
	return int(r.state>>16) % n
}

func guess(secret, max int) (tries int) {
	lo, hi := 1, max
	for {
		tries++
		mid := (lo + hi) / 2
		switch {
		case mid == secret:
			return tries
		case mid < secret:
			lo = mid + 1
		default:
			hi = mid - 1
		}
	}
}

func main() {
	fmt.Println(guess(1, 100), guess(50, 100), guess(77, 100))
	r := &random{42}
	var faces [6]int
	for i := 0; i < 60; i++ {
		faces[r.next(6)]++
	}
	total := 0
	for _, n := range faces {
		total += n
	}
	fmt.Println(total)
	wins := map[string]int{}
	for round := 0; round < 9; round++ {
		a, b := Move(round%3), Move(round/3)
		switch {
		case a == b:
			wins["draw"]++
		case a.Beats(b):
			wins["first"]++
		default:
			wins["second"]++
		}
	}
	fmt.Println(wins["draw"], wins["first"], wins["second"])
	fmt.Println(Rock.Name(), Paper.Beats(Rock), Scissors.Beats(Rock), Scissors.Name())
}
