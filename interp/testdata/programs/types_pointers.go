package main

import "fmt"

// Pointers: to variables, elements, fields, pointers, and of new.

type Node struct {
	Val  int
	Next *Node
}

func push(head **Node, v int) { *head = &Node{v, *head} }

func remove(head **Node, v int) {
	for p := head; *p != nil; p = &(*p).Next {
		if (*p).Val == v {
			*p = (*p).Next
			return
		}
	}
}

func swap(a, b *int) { *a, *b = *b, *a }

func escape() *int {
	n := 42
	return &n
}

func list(n *Node) (out []int) {
	for ; n != nil; n = n.Next {
		out = append(out, n.Val)
	}
	return
}

func main() {
	x, y := 1, 2
	swap(&x, &y)
	fmt.Println(x, y)
	p := &x
	pp := &p
	**pp = 50
	*pp = &y
	*p++
	fmt.Println(x, y, p == &y, pp == &p)
	e1, e2 := escape(), escape()
	*e1++
	fmt.Println(*e1, *e2, e1 == e2)
	var head *Node
	for i := range 5 {
		push(&head, i)
	}
	fmt.Println(list(head))
	remove(&head, 4)
	remove(&head, 0)
	remove(&head, 2)
	remove(&head, 77)
	fmt.Println(list(head))
	arr := [3]int{1, 2, 3}
	q := &arr[1]
	*q = 20
	s := arr[:]
	r := &s[2]
	s = append(s, 4)
	*r = 30
	s[0] = 100
	fmt.Println(arr, s, *q)
	st := struct{ a, b int }{1, 2}
	pb := &st.b
	*pb += 40
	cp := st
	*pb++
	fmt.Println(st, cp)
	n := new(int)
	*n += 3
	ps := new([]string)
	*ps = append(*ps, "a")
	fmt.Println(*n, *ps, *new(bool), *new(string) == "")
	fp := &[]func() int{func() int { return *n }}[0]
	*n = 9
	fmt.Println((*fp)())
	var np *Node
	fmt.Println(np == nil, np, &Node{1, nil} == &Node{1, nil})
	m := map[string]*int{"x": &x, "y": &y}
	*m["x"] += 5
	fmt.Println(x, *m["x"] == x)
	var i any = p
	if ip, ok := i.(*int); ok {
		*ip = -1
	}
	fmt.Println(y)
	cyc := &Node{Val: 1}
	cyc.Next = cyc
	fmt.Println(cyc.Next.Next.Next.Val, cyc.Next == cyc)
}
