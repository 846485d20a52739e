package main

import (
	"errors"
	"fmt"
	"sort"
	"strings"
)

// A world of rooms, commands as functions, and a transcript.

type Dir string

type Room struct {
	Name  string
	Exits map[Dir]*Room
	Items []string
}

type Player struct {
	At    *Room
	Bag   map[string]int
	Moves int
}

type Command func(p *Player, args ...string) (string, error)

type refusal struct{ what string }

func (r refusal) Error() string { return "you cannot " + r.what }

func link(a, b *Room, d, back Dir) {
	a.Exits[d], b.Exits[back] = b, a
}

func room(name string, items ...string) *Room {
	return &Room{Name: name, Exits: map[Dir]*Room{}, Items: items}
}

var commands map[string]Command

func init() {
	commands = map[string]Command{
		"go":   (*Player).walk,
		"take": (*Player).take,
		"bag":  func(p *Player, _ ...string) (string, error) { return fmt.Sprint(p.Bag), nil },
		"help": func(*Player, ...string) (string, error) {
			names := make([]string, 0, len(commands))
			for n := range commands {
				names = append(names, n)
			}
			sort.Strings(names)
			return strings.Join(names, " "), nil
		},
	}
}

func (p *Player) walk(args ...string) (string, error) {
	if len(args) == 0 {
		return "", errors.New("go where?")
	}
	next, ok := p.At.Exits[Dir(args[0])]
	if !ok {
		return "", refusal{"go " + args[0]}
	}
	p.At = next
	p.Moves++
	return fmt.Sprintf("%s: %v", next.Name, next.Items), nil
}

func (p *Player) take(args ...string) (string, error) {
	for _, want := range args {
		for i, it := range p.At.Items {
			if it == want {
				p.At.Items = append(p.At.Items[:i:i], p.At.Items[i+1:]...)
				p.Bag[it]++
				return "took " + it, nil
			}
		}
	}
	return "", refusal{"take " + strings.Join(args, " or ")}
}

func play(p *Player, script string) {
	for _, line := range strings.Split(script, ";") {
		f := strings.Fields(line)
		cmd, ok := commands[f[0]]
		if !ok {
			fmt.Printf("> %s\n  what?\n", f[0])
			continue
		}
		out, err := cmd(p, f[1:]...)
		var r refusal
		if errors.As(err, &r) {
			out = "refused: " + r.what
		} else if err != nil {
			out = err.Error()
		}
		fmt.Printf("> %s\n  %s\n", strings.Join(f, " "), out)
	}
}

func main() {
	hall, cellar, attic := room("hall", "lamp", "coin"), room("cellar", "coin"), room("attic")
	link(hall, cellar, "down", "up")
	link(hall, attic, "up", "down")
	p := &Player{At: hall, Bag: map[string]int{}}
	play(p, "help; take lamp; take sword; take coin; go down; take rug coin; go west; go; dance; go up; go up; bag")
	fmt.Println(p.Moves, p.At.Name, len(hall.Items), p.At.Exits["down"] == hall)
}
