package main

import (
	"fmt"
	"slices"
	"sort"
	"strings"
	"unicode"
)

// Counting words, letters and lengths of a text, with sorted reports.

const text = `It was the best of times, it was the worst of times,
it was the age of wisdom, it was the age of foolishness...
It was the epoch of belief!`

type count struct {
	word string
	n    int
}

func words(s string) []string {
	return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) })
}

func top(m map[string]int, n int) []count {
	var cs []count
	for w, c := range m {
		cs = append(cs, count{w, c})
	}
	sort.Slice(cs, func(i, j int) bool {
		if cs[i].n != cs[j].n {
			return cs[i].n > cs[j].n
		}
		return cs[i].word < cs[j].word
	})
	return cs[:min(n, len(cs))]
}

func histogram(ws []string) map[int][]string {
	h := map[int][]string{}
	seen := map[string]bool{}
	for _, w := range ws {
		if !seen[w] {
			seen[w] = true
			h[len(w)] = append(h[len(w)], w)
		}
	}
	return h
}

func main() {
	ws := words(text)
	freq := map[string]int{}
	for _, w := range ws {
		freq[w]++
	}
	fmt.Println(len(ws), len(freq))
	for i, c := range top(freq, 5) {
		fmt.Printf("%d. %-6s %2d %s\n", i+1, c.word, c.n, strings.Repeat("#", c.n))
	}
	h := histogram(ws)
	lengths := make([]int, 0, len(h))
	for l := range h {
		lengths = append(lengths, l)
	}
	sort.Sort(sort.Reverse(sort.IntSlice(lengths)))
	for _, l := range lengths {
		sort.Strings(h[l])
		fmt.Println(l, h[l])
	}
	var letters [26]int
	for _, r := range strings.ToLower(text) {
		if r >= 'a' && r <= 'z' {
			letters[r-'a']++
		}
	}
	for i, n := range letters {
		if n > 9 {
			fmt.Printf("%c=%d ", 'a'+i, n)
		}
	}
	fmt.Println()
	lines := strings.Split(text, "\n")
	longest := slices.MaxFunc(lines, func(a, b string) int { return len(a) - len(b) })
	fmt.Println(len(lines), len(longest), strings.Title("done"))
}
