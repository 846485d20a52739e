package main

import (
	"fmt"
	"sort"
	"strings"
)

// Small exercises with strings: palindromes, vowels, caesar, anagrams.

func reverse(s string) string {
	r := []rune(s)
	for i, j := 0, len(r)-1; i < j; i, j = i+1, j-1 {
		r[i], r[j] = r[j], r[i]
	}
	return string(r)
}

func isPalindrome(s string) bool {
	s = strings.ToLower(s)
	return s == reverse(s)
}

func vowels(s string) int {
	n := 0
	for _, c := range s {
		if strings.ContainsRune("aeiouAEIOU", c) {
			n++
		}
	}
	return n
}

func caesar(s string, shift int) string {
	out := ""
	for _, c := range s {
		if c >= 'a' && c <= 'z' {
			c = 'a' + (c-'a'+rune(shift))%26
		}
		out += string(c)
	}
	return out
}

func key(s string) string {
	letters := strings.Split(s, "")
	sort.Strings(letters)
	return strings.Join(letters, "")
}

func main() {
	fmt.Println(reverse("gopher"), reverse("añb"))
	fmt.Println(isPalindrome("Level"), isPalindrome("levels"))
	fmt.Println(vowels("Programming in Go"))
	fmt.Println(caesar("hello, xyz", 3))
	groups := map[string][]string{}
	for _, w := range []string{"listen", "silent", "enlist", "google", "elgoog", "abc"} {
		groups[key(w)] = append(groups[key(w)], w)
	}
	keys := []string{}
	for k := range groups {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	for _, k := range keys {
		fmt.Println(k, groups[k])
	}
}
