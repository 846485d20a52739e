package main

import (
	"fmt"
	"sort"
	"strings"
)

// Maps in everyday use: counting, grouping, inverting, looking up.

func invert(m map[string]int) map[int]string {
	out := make(map[int]string, len(m))
	for k, v := range m {
		out[v] = k
	}
	return out
}

func sortedKeys(m map[string]int) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}

func unique(xs []string) []string {
	seen := make(map[string]bool)
	var out []string
	for _, x := range xs {
		if !seen[x] {
			seen[x] = true
			out = append(out, x)
		}
	}
	return out
}

func main() {
	ages := map[string]int{"ann": 31, "bob": 27, "cat": 45}
	ages["dan"] = 19
	delete(ages, "bob")
	if age, ok := ages["bob"]; !ok {
		fmt.Println("no bob", age)
	}
	for _, name := range sortedKeys(ages) {
		fmt.Println(name, ages[name])
	}
	fmt.Println(invert(ages))
	words := strings.Fields("to be or not to be that is the question to be")
	counts := map[string]int{}
	for _, w := range words {
		counts[w]++
	}
	fmt.Println(counts)
	fmt.Println(unique(words), len(counts))
	byLen := map[int][]string{}
	for _, w := range unique(words) {
		byLen[len(w)] = append(byLen[len(w)], w)
	}
	fmt.Println(byLen)
	prices := map[string]map[string]float64{"fruit": {"apple": 0.5, "kiwi": 0.25}, "veg": {}}
	prices["veg"]["leek"] = 1.75
	sum := 0.0
	for _, group := range prices {
		for _, p := range group {
			sum += p
		}
	}
	fmt.Println(sum, len(prices["none"]))
}
