package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// fmt.Sscan and friends, strconv and text scanners.

type Temp struct{ deg int }

func (t *Temp) Scan(s fmt.ScanState, verb rune) error {
	var unit rune
	_, err := fmt.Fscanf(s, "%d%c", &t.deg, &unit)
	if err == nil && unit == 'F' {
		t.deg = (t.deg - 32) * 5 / 9
	}
	return err
}

func main() {
	var a, b int
	var s string
	var f float64
	n, err := fmt.Sscan("10 20 word 2.5", &a, &b, &s, &f)
	fmt.Println(n, err, a, b, s, f)
	n, err = fmt.Sscanf("x=5,y=0x1f|abc", "x=%d,y=%v|%s", &a, &b, &s)
	fmt.Println(n, err, a, b, s)
	n, err = fmt.Sscan("notanumber", &a)
	fmt.Println(n, err)
	n, err = fmt.Sscanf("7-8", "%d+%d", &a, &b)
	fmt.Println(n, err, a)
	var t Temp
	_, err = fmt.Sscan("212F", &t)
	fmt.Println(t, err)
	var r rune
	var bo bool
	fmt.Sscanf("q true 101", "%c %t %b", &r, &bo, &a)
	fmt.Println(string(r), bo, a)
	rd := strings.NewReader("1 2\n3 4\n\n5")
	for {
		var x int
		_, err := fmt.Fscan(rd, &x)
		if err == io.EOF {
			break
		}
		fmt.Print(x, " ")
	}
	fmt.Println()
	for _, in := range []string{"42", "-0x1A", "0b101", "1_000", "99999999999999999999", "x", ""} {
		v, err := strconv.ParseInt(in, 0, 64)
		var ne *strconv.NumError
		if errors.As(err, &ne) {
			fmt.Println(v, ne.Func, ne.Num == in, ne.Err)
			continue
		}
		fmt.Println(v)
	}
	u, err := strconv.ParseUint("300", 10, 8)
	fmt.Println(u, err)
	fl, err := strconv.ParseFloat("1e400", 64)
	fmt.Println(fl, err)
	bl, err := strconv.ParseBool("maybe")
	fmt.Println(bl, err)
	_, err = strconv.Atoi("12a")
	fmt.Println(err, errors.Is(err, strconv.ErrSyntax))
	fmt.Println(strconv.Quote("a\tb\x00é"), strconv.FormatInt(-255, 16), strconv.FormatFloat(1.0/3, 'f', 4, 64), strconv.AppendInt([]byte("n="), 5, 2))
	q, err := strconv.Unquote(`"a\nb"`)
	fmt.Printf("%q %v\n", q, err)
	sc := bufio.NewScanner(strings.NewReader("the cat\nsat on\nthe mat"))
	sc.Split(bufio.ScanWords)
	count := map[string]int{}
	for sc.Scan() {
		count[sc.Text()]++
	}
	fmt.Println(count)
}
