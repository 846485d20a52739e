package main

import (
	"fmt"
	"sync"
)

// Embedding: promotion by value and by pointer, shadowing, method sets.

type Base struct {
	ID   int
	Name string
}

func (b Base) Describe() string { return fmt.Sprintf("base %d %s", b.ID, b.Name) }
func (b *Base) Rename(n string) { b.Name = n }
func (b Base) Who() string      { return "base" }
func (b Base) CallWho() string  { return b.Who() }

type Log struct{ lines []string }

func (l *Log) Logf(f string, a ...any) { l.lines = append(l.lines, fmt.Sprintf(f, a...)) }

type Mid struct {
	Base
	*Log
	Name string
}

func (m Mid) Who() string { return "mid over " + m.Base.Who() }

type Top struct {
	Mid
	fmt.Stringer
	level int
}

type str string

func (s str) String() string { return "str:" + string(s) }

type Describer interface{ Describe() string }
type Renamer interface{ Rename(string) }

type Left struct{ V int }
type Right struct{ V int }
type Both struct {
	Left
	Right
	W int
}

func main() {
	t := Top{Mid: Mid{Base: Base{1, "inner"}, Log: &Log{}, Name: "outer"}, Stringer: str("x"), level: 3}
	fmt.Println(t.ID, t.Name, t.Base.Name, t.Mid.Base.ID, t.level)
	t.Rename("renamed")
	fmt.Println(t.Name, t.Base.Name, t.Describe())
	fmt.Println(t.Who(), t.CallWho(), t.Base.Who())
	t.Logf("a %d", 1)
	u := t
	u.Logf("b %d", 2)
	u.ID = 77
	fmt.Println(t.lines, len(u.lines), t.ID)
	fmt.Println(t.String(), t)
	var d Describer = t
	fmt.Println(d.Describe())
	_, byValue := any(t).(Renamer)
	_, byPointer := any(&t).(Renamer)
	_, log := any(t).(interface{ Logf(string, ...any) })
	fmt.Println(byValue, byPointer, log)
	b := Both{Left{1}, Right{2}, 3}
	fmt.Printf("%d %d %+v\n", b.Left.V, b.Right.V, b)
	f := t.Describe
	t.ID = 2
	fmt.Println(f(), Top.Describe(t), (*Top).Describe(&t))
	type Embedded struct {
		sync.Mutex
		m map[string]int
	}
	e := Embedded{m: map[string]int{}}
	e.Lock()
	e.m["k"]++
	e.Unlock()
	fmt.Println(e.m, e.TryLock())
	type Ptr struct{ *Base }
	p := Ptr{&Base{9, "p"}}
	p.Rename("via ptr")
	p.ID++
	q := p
	q.Name = "shared"
	fmt.Println(p.Describe(), p.Base == q.Base)
	_, ok := any(p).(Renamer)
	fmt.Println(ok)
}
