package main

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Strings: bytes, runes, slices, comparison and bad encodings.

func describe(s string) {
	fmt.Printf("%q len=%d runes=%d valid=%v\n", s, len(s), utf8.RuneCountInString(s), utf8.ValidString(s))
	for i, r := range s {
		fmt.Printf(" %d:%U", i, r)
	}
	fmt.Println()
}

func reverse(s string) string {
	r := []rune(s)
	for i, j := 0, len(r)-1; i < j; i, j = i+1, j-1 {
		r[i], r[j] = r[j], r[i]
	}
	return string(r)
}

func main() {
	describe("héllo, 世界")
	describe("a\xffb\xc0\xafc")
	describe("\xe4\xb8")
	describe("")
	s := "naïve"
	fmt.Println(s[0], s[2], s[3], s[:2], s[4:], len(s[2:4]))
	fmt.Println("abc" < "abd", "Z" < "a", "" < "a", "ab" == "a"+"b")
	fmt.Println(reverse("añb"), []byte("añ"), []rune("añ"))
	raw := `line\n "quoted"
second`
	fmt.Printf("%q\n", raw)
	fmt.Printf("%s|%10s|%-10s|%.3s|%q|%x|% x|%+q|%#q\n", "go", "right", "left", "truncate", "q\t", "hex", "hex", "é", "raw")
	b := []byte("mutable")
	t := string(b)
	b[0] = 'M'
	fmt.Println(t, string(b))
	for i := range "xy" {
		fmt.Print(i, " ")
	}
	for range "xyz" {
		fmt.Print("* ")
	}
	fmt.Println()
	var sb strings.Builder
	for i := 3; i > 0; i-- {
		fmt.Fprintf(&sb, "%d...", i)
	}
	sb.WriteByte('!')
	sb.WriteRune('✓')
	fmt.Println(sb.String(), sb.Len())
	r, size := utf8.DecodeRuneInString("\xff")
	fmt.Println(r == utf8.RuneError, size, string(rune(-1)) == "\uFFFD")
	fmt.Println(strings.ToValidUTF8("a\xffb", "?"), "\u00e9" == "e\u0301")
	a, bb, ok := strings.Cut("key=value=x", "=")
	fmt.Println(a, bb, ok, strings.Fields("  a b  c "), strings.Split("a,b,,c", ","))
}
