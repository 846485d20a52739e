package main

import (
	"fmt"
	"io"
	"time"
)

// Conversions between named types, structs, functions, channels, slices.

type Celsius float64
type Fahrenheit float64
type ID string
type IDs []ID
type Bytes []byte
type Func func(int) int
type A struct {
	X int `json:"x"`
	Y string
}
type B struct {
	X int
	Y string `other:"y"`
}
type Reader interface{ Read() string }
type ReadWriter interface {
	Reader
	Write(string)
}
type file struct{ data string }

func (f *file) Read() string   { return f.data }
func (f *file) Write(s string) { f.data += s }
func (f Func) Twice(n int) int { return f(f(n)) }

func CToF(c Celsius) Fahrenheit { return Fahrenheit(c*9/5 + 32) }

func main() {
	fmt.Println(CToF(100), Celsius(float64(CToF(0))), int(CToF(37.5)))
	a := A{1, "a"}
	b := B(a)
	pb := (*B)(&a)
	pb.X = 50
	fmt.Println(b, a, *pb, A(b) == A{1, "a"})
	ids := IDs{"x", ID("y")}
	fmt.Println(string(ids[0])+"!", len(ids), []ID(ids)[1])
	bs := Bytes("hello")
	bs[0] = 'j'
	fmt.Println(string(bs), []byte(bs)[1], Bytes(string(bs) + "?")[5])
	f := Func(func(n int) int { return n * 3 })
	var g func(int) int = f
	fmt.Println(f.Twice(2), g(1), Func(g).Twice(1))
	var rw ReadWriter = &file{"d"}
	rw.Write("ata")
	var r Reader = rw
	fmt.Println(r.Read(), r.(ReadWriter) == rw, Reader(rw).Read())
	c := make(chan int, 1)
	send, recv := (chan<- int)(c), (<-chan int)(c)
	send <- 1
	fmt.Println(<-recv)
	arr := [4]int([]int{1, 2, 3, 4, 5}[:4])
	parr := (*[2]int)(arr[1:])
	parr[0] = 20
	fmt.Println(arr, *parr, len([0]int([]int(nil))))
	for _, x := range []float64{1.9, -1.9, 255.5, 1e9} {
		fmt.Print(int(x), int32(x), " ")
	}
	fmt.Println()
	n := 300
	fmt.Println(uint8(n), int8(n), uint16(-n), uint32(int8(-n/300)), int64(uint32(1<<31)), rune(n), string(rune(n)))
	fmt.Println([]rune("añ"), string([]rune{0x61, 0xfffd}), []byte("añ"), string([]byte(nil)) == "")
	type local ID
	fmt.Printf("%T %T %v\n", local("l"), ID(local("m")), local(ids[1]))
	var e any = Celsius(5)
	_, isFloat := e.(float64)
	cv, isC := e.(Celsius)
	fmt.Println(isFloat, cv, isC)
	var d time.Duration = time.Duration(2.5 * float64(time.Second))
	fmt.Println(d, int(d/time.Millisecond))
	var p interface{ Error() string } = error(io.EOF)
	fmt.Println(p.(error) == io.EOF, (interface{})(nil) == nil, (*int)(nil) == nil, (func())(nil) == nil)
}
