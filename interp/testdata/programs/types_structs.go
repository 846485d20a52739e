package main

import "fmt"

// Structs: literals, anonymous ones, comparison, copying, nesting.

type Addr struct {
	Street string
	No     int
}

type Person struct {
	Name string
	Age  int
	Addr
	tags  []string
	boss  *Person
	Extra struct{ A, B int }
}

type empty struct{}

func birthday(p Person) Person { p.Age++; p.Street = "moved"; return p }

func main() {
	p := Person{Name: "Ann", Age: 30, Addr: Addr{"Main", 5}}
	q := birthday(p)
	p.Extra.A = 1
	fmt.Println(p.Age, q.Age, p.Street, q.Addr.Street, q.No)
	fmt.Printf("%v\n%+v\n", p, q)
	r := &p
	r.boss = &q
	r.boss.Name = "Bob"
	fmt.Println(q.Name, r.boss.boss == nil, (*r).Name)
	anon := struct {
		X, Y int
		L    string
	}{1, 2, "l"}
	other := struct {
		X, Y int
		L    string
	}{X: 1, Y: 2, L: "l"}
	fmt.Println(anon == other, anon)
	fmt.Printf("%T %+v %#v\n", anon, anon, anon)
	type T1 struct{ A, B int }
	type T2 struct{ A, B int }
	t := T2(T1{1, 2})
	fmt.Printf("%T %v %#v\n", t, t == T2{1, 2}, t)
	list := []Addr{{"a", 1}, {No: 2}, {}}
	list[2].No = list[0].No + 5
	for i, a := range list {
		a.No *= 10
		list[i].Street += "?"
		fmt.Print(a, " ")
	}
	fmt.Println(list)
	ptrs := []*Addr{{"p", 1}, {"q", 2}}
	for _, a := range ptrs {
		a.No *= 10
	}
	fmt.Println(*ptrs[0], ptrs[1].No)
	set := map[string]empty{"a": {}}
	_, ok := set["a"]
	fmt.Println(ok, len(set), set)
	var zero Person
	fmt.Printf("%q %d %v %v\n", zero.Name, zero.Age, zero.tags == nil, zero.Addr == Addr{})
	var i1, i2 any = Addr{"x", 1}, Addr{"x", 1}
	fmt.Println(i1 == i2, i1 == any(anon), i1 != nil)
	a, b := Addr{"s", 1}, Addr{"s", 2}
	a, b = b, a
	fmt.Println(a, b)
	table := []struct {
		in   string
		want int
	}{{"a", 1}, {"bb", 2}}
	for _, c := range table {
		fmt.Print(len(c.in) == c.want, " ")
	}
	fmt.Println()
}
