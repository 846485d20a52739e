package main

import (
	"fmt"
	"strings"
)

// Writing to a nil map in a struct, two calls deep.

type Index struct {
	words map[string][]int
	n     int
}

func (ix *Index) Add(w string, at int) {
	ix.n++
	ix.words[w] = append(ix.words[w], at)
}

func fill(ix *Index, text string) {
	for i, w := range strings.Fields(text) {
		ix.Add(w, i)
	}
}

func main() {
	good := &Index{words: map[string][]int{}}
	fill(good, "a b a")
	fmt.Println(good.words, good.n)
	var bad Index
	fmt.Println(len(bad.words), bad.words["a"] == nil)
	defer func() {
		fmt.Println("bad.n is", bad.n)
	}()
	fill(&bad, "c d")
	fmt.Println("not reached")
}
