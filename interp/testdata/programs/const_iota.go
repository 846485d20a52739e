package main

import "fmt"

// Constants that count: skipped values, expressions and groups.

type Weekday int

const (
	Sunday Weekday = iota
	Monday
	Tuesday
	_
	Thursday
)

func (d Weekday) String() string {
	switch d {
	case Sunday:
		return "Sun"
	case Monday:
		return "Mon"
	}
	return fmt.Sprintf("Weekday(%d)", int(d))
}

type ByteSize float64

const (
	_           = iota
	KB ByteSize = 1 << (10 * iota)
	MB
	GB
)

const (
	bit0, mask0 = 1 << iota, 1<<iota - 1
	bit1, mask1
	_, _
	bit3, mask3
)

const (
	c0 = "start"
	c1
	c2 = iota * 10
	c3
	c4 = len("four") + iota
)

type Flags uint8

const (
	Read Flags = 1 << iota
	Write
	Exec
	All = Read | Write | Exec
)

func main() {
	fmt.Println(Sunday, Monday, Tuesday, Thursday)
	fmt.Printf("%d %v %T %+v\n", Thursday, Monday, Monday, []Weekday{0, 1, 2})
	fmt.Println(KB, MB, GB)
	fmt.Println(bit0, mask0, bit1, mask1, bit3, mask3)
	fmt.Println(c0, c1, c2, c3, c4)
	fmt.Printf("%03b %v %T\n", All, All&^Write, All)
	const (
		local = iota
		next
	)
	fmt.Println(local, next)
	names := map[Weekday]string{Sunday: "rest", Monday: "work"}
	fmt.Println(names)
	var f Flags = 0xff
	f &^= All
	fmt.Println(f, f<<1, ^f)
}
