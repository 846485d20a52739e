package main

import "fmt"

// A linked list with insertion, removal, reversal and merging.

type Node struct {
	Value int
	Next  *Node
}

type List struct {
	Head *Node
	Len  int
}

func (l *List) Append(vs ...int) *List {
	for _, v := range vs {
		n := &Node{Value: v}
		l.Len++
		if l.Head == nil {
			l.Head = n
			continue
		}
		cur := l.Head
		for cur.Next != nil {
			cur = cur.Next
		}
		cur.Next = n
	}
	return l
}

func (l *List) Remove(v int) bool {
	for p := &l.Head; *p != nil; p = &(*p).Next {
		if (*p).Value == v {
			*p = (*p).Next
			l.Len--
			return true
		}
	}
	return false
}

func (l *List) Reverse() {
	var prev *Node
	for cur := l.Head; cur != nil; {
		next := cur.Next
		cur.Next = prev
		prev, cur = cur, next
	}
	l.Head = prev
}

func (l *List) Slice() []int {
	var out []int
	for n := l.Head; n != nil; n = n.Next {
		out = append(out, n.Value)
	}
	return out
}

func merge(a, b *Node) *Node {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	case a.Value <= b.Value:
		a.Next = merge(a.Next, b)
		return a
	}
	b.Next = merge(a, b.Next)
	return b
}

func main() {
	l := &List{}
	l.Append(3, 1, 4, 1, 5)
	fmt.Println(l.Slice(), l.Len)
	fmt.Println(l.Remove(1), l.Remove(9), l.Slice())
	l.Reverse()
	fmt.Println(l.Slice(), l.Len)
	a, b := new(List).Append(1, 4, 9), new(List).Append(2, 3, 10)
	m := List{Head: merge(a.Head, b.Head)}
	fmt.Println(m.Slice())
}
