package main

import "fmt"

// A binary tree of numbers: insertion, search, orders, height, deletion.

type Node struct {
	key         int
	left, right *Node
}

func insert(n *Node, key int) *Node {
	if n == nil {
		return &Node{key: key}
	}
	if key < n.key {
		n.left = insert(n.left, key)
	} else if key > n.key {
		n.right = insert(n.right, key)
	}
	return n
}

func contains(n *Node, key int) bool {
	for n != nil {
		if key == n.key {
			return true
		}
		if key < n.key {
			n = n.left
		} else {
			n = n.right
		}
	}
	return false
}

func inorder(n *Node, visit func(int)) {
	if n == nil {
		return
	}
	inorder(n.left, visit)
	visit(n.key)
	inorder(n.right, visit)
}

func height(n *Node) int {
	if n == nil {
		return 0
	}
	l, r := height(n.left), height(n.right)
	if l > r {
		return l + 1
	}
	return r + 1
}

func remove(n *Node, key int) *Node {
	switch {
	case n == nil:
		return nil
	case key < n.key:
		n.left = remove(n.left, key)
	case key > n.key:
		n.right = remove(n.right, key)
	case n.left == nil:
		return n.right
	case n.right == nil:
		return n.left
	default:
		least := n.right
		for least.left != nil {
			least = least.left
		}
		n.key = least.key
		n.right = remove(n.right, least.key)
	}
	return n
}

func levels(root *Node) (out [][]int) {
	queue := []*Node{root}
	for len(queue) > 0 {
		var row []int
		var next []*Node
		for _, n := range queue {
			row = append(row, n.key)
			if n.left != nil {
				next = append(next, n.left)
			}
			if n.right != nil {
				next = append(next, n.right)
			}
		}
		out = append(out, row)
		queue = next
	}
	return out
}

func main() {
	var root *Node
	for _, k := range []int{50, 30, 70, 20, 40, 60, 80, 30} {
		root = insert(root, k)
	}
	var keys []int
	inorder(root, func(k int) { keys = append(keys, k) })
	fmt.Println(keys, height(root), contains(root, 60), contains(root, 65))
	fmt.Println(levels(root))
	root = remove(root, 50)
	root = remove(root, 20)
	root = remove(root, 99)
	fmt.Println(levels(root), root.key)
}
