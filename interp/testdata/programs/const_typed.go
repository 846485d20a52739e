package main

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// Typed constants: methods on them, arithmetic, sizes, and expressions.

type Grams int
type Ratio float64
type Code string
type Mask uint16

const (
	Pound      Grams = 454
	Stone            = 14 * Pound
	half       Ratio = 1.0 / 2
	quarter          = half * half
	OK         Code  = "ok"
	NotOK            = "not " + OK
	low        Mask  = 1<<8 - 1
	high             = low << 8
	all              = low | high
	letters          = len(NotOK)
	isLong           = letters > 5
	size             = 4 * letters
	zeroByte   byte  = 'a' - 97
	complexOne       = 1 + 0i
	rounded    int   = 2.5 * 2
	maxRune          = '\U0010FFFF'
)

func (g Grams) String() string {
	if g >= 1000 {
		return fmt.Sprintf("%.2fkg", float64(g)/1000)
	}
	return fmt.Sprintf("%dg", int(g))
}

func (c Code) Upper() Code { return Code(strings.ToUpper(string(c))) }

var table = [size]bool{letters: true}

func scale(g Grams, r Ratio) Grams { return Grams(Ratio(g) * r) }

func main() {
	fmt.Println(Pound, Stone, Pound*3, Stone/Pound, scale(Stone, quarter))
	fmt.Println(OK.Upper(), NotOK, letters, isLong, string(rune(NotOK[0])), len(table), table[letters])
	fmt.Printf("%T %T %T %T %T %T\n", Stone, quarter, NotOK, high, letters, isLong)
	fmt.Printf("%#x %#x %#x %v\n", low, high, all, all == 0xffff)
	fmt.Println(zeroByte, complexOne, rounded, maxRune, real(complexOne))
	const local Grams = Pound + 1
	const (
		a, b = iota, iota * 10
		c, d
	)
	fmt.Println(local, a, b, c, d)
	var g Grams = 5
	g += Pound
	g++
	fmt.Println(g, g/2, -g, g%100, g > Pound)
	switch Grams(908) / 2 {
	case Pound:
		fmt.Println("a pound")
	}
	var f float32 = 1 << 3
	var i8 int8 = -1 << 7
	var u64 uint64 = 1<<64 - 1
	fmt.Println(f, i8, u64, math.MaxInt64, uint8(255)&^low2)
	m := map[Code]Grams{OK: Pound, NotOK: Stone}
	fmt.Println(m[OK], m["not ok"], len(m))
	fmt.Println(time.Second*2+500*time.Millisecond, 3*time.Hour/2)
}

const low2 = 0xf
