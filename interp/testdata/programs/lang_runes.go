package main

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// Runes, bytes and encodings: classes, widths, conversions, tables.

func rot13(r rune) rune {
	switch {
	case 'a' <= r && r <= 'z':
		return (r-'a'+13)%26 + 'a'
	case 'A' <= r && r <= 'Z':
		return (r-'A'+13)%26 + 'A'
	}
	return r
}

func isPalindrome(s string) bool {
	var rs []rune
	for _, r := range s {
		if unicode.IsLetter(r) {
			rs = append(rs, unicode.ToLower(r))
		}
	}
	for i, j := 0, len(rs)-1; i < j; i, j = i+1, j-1 {
		if rs[i] != rs[j] {
			return false
		}
	}
	return true
}

func classes(s string) (m map[string]int) {
	m = make(map[string]int)
	for _, r := range s {
		switch {
		case unicode.IsUpper(r):
			m["upper"]++
		case unicode.IsLower(r):
			m["lower"]++
		case unicode.IsDigit(r):
			m["digit"]++
		case unicode.IsSpace(r):
			m["space"]++
		case unicode.IsPunct(r), unicode.IsSymbol(r):
			m["mark"]++
		default:
			m["other"]++
		}
	}
	return
}

func caesar(s string, k int) string {
	b := []byte(s)
	for i, c := range b {
		if c >= 'a' && c <= 'z' {
			b[i] = 'a' + byte((int(c-'a')+k+26)%26)
		}
	}
	return string(b)
}

func main() {
	fmt.Println(strings.Map(rot13, "Hello, Wörld!"), isPalindrome("A man, a plan: Panama"), isPalindrome("Été"))
	fmt.Println(classes("Héllo Wörld 42!\t€世"))
	fmt.Println(caesar("hello", 3), caesar(caesar("xyz", 5), -5))
	r := 'é'
	fmt.Println(r, string(r), utf8.RuneLen(r), len(string(r)), []byte(string(r)), r-'a', r+1 > 'e')
	fmt.Printf("%c %q %U %#U %x %d %T\n", r, r, r, r, r, r, r)
	var b byte = 'A'
	b += 'a' - 'A'
	fmt.Println(b, string(rune(b)), b == 'a', 'a'-b, "x"+string(rune(b)))
	s := "e\u0301 é 𝄞"
	fmt.Println(len(s), len([]rune(s)), utf8.RuneCountInString(s), strings.ToUpper(s))
	for i := 0; i < len(s); {
		r, w := utf8.DecodeRuneInString(s[i:])
		fmt.Printf("%d:%d:%U ", i, w, r)
		i += w
	}
	fmt.Println()
	buf := utf8.AppendRune(nil, '世')
	buf = utf8.AppendRune(buf, 0x10FFFF)
	buf = utf8.AppendRune(buf, -1)
	fmt.Printf("% x %v %d\n", buf, utf8.Valid(buf), utf8.RuneCount(buf))
	fmt.Println(utf16.Encode([]rune("a𝄞")), utf8.ValidString("a\xc3"), utf8.FullRune([]byte{0xe4, 0xb8}))
	counts := [utf8.UTFMax + 1]int{}
	for _, r := range "aé世𝄞b" {
		counts[utf8.RuneLen(r)]++
	}
	fmt.Println(counts)
	rs := []rune("reverse")
	slices.Reverse(rs)
	fmt.Println(string(rs), string(rs[1:3]), strings.ContainsRune("abc", 'b'), strings.IndexRune("chicken", 'k'))
	fmt.Println("\a\b\f\v\\\"" == "\x07\x08\x0c\x0b\x5c\x22", '\377' == 255, "\xff"[0] == '\377')
}
