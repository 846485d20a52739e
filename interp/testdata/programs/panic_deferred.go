package main

import (
	"errors"
	"fmt"
)

// A deferred call panics while another panic is under way.

type res struct{ name string }

func (r *res) Close() {
	fmt.Println("close", r.name)
	if r.name == "b" {
		panic("closing " + r.name)
	}
}

func use() {
	a, b := &res{"a"}, &res{"b"}
	defer a.Close()
	defer b.Close()
	fmt.Println("using")
	var m map[string]int
	fmt.Println(m["x"])
	panic(fmt.Errorf("use failed: %w", errors.New("disk")))
}

func main() {
	use()
}
