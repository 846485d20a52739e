package main

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

// Package strings: searching, cutting, mapping, replacing, readers.

func main() {
	s := "Hello, Gopher World"
	fmt.Println(strings.Contains(s, "Gopher"), strings.ContainsAny(s, "xyz"), strings.ContainsRune(s, 'W'), strings.HasPrefix(s, "Hello"), strings.HasSuffix(s, "ld"))
	fmt.Println(strings.Index(s, "o"), strings.LastIndex(s, "o"), strings.IndexByte(s, 'G'), strings.IndexAny(s, "rW"), strings.IndexFunc(s, unicode.IsSpace), strings.Index(s, "zzz"))
	fmt.Println(strings.Count("cheese", "e"), strings.Count("five", ""), strings.Repeat("ab", 3))
	fmt.Println(strings.ToUpper("héllo"), strings.ToLower("ÀB"), strings.Title("two words"), strings.EqualFold("Go", "GO"))
	fmt.Printf("%q %q %q\n", strings.Split("a,b,c", ","), strings.SplitN("a,b,c", ",", 2), strings.SplitAfter("a,b,c", ","))
	fmt.Printf("%q %q %q\n", strings.Split("abc", ""), strings.Split("", ","), strings.Fields("  x  y\t\nz "))
	fmt.Println(strings.Join([]string{"x", "y"}, "--"), strings.Replace("aaaa", "a", "b", 2), strings.ReplaceAll("aaaa", "aa", "b"))
	fmt.Printf("%q %q %q %q\n", strings.TrimSpace("  x \n"), strings.Trim("xxhixx", "x"), strings.TrimLeft("001200", "0"), strings.TrimRight("001200", "0"))
	fmt.Println(strings.TrimPrefix("prefix-x", "prefix-"), strings.TrimSuffix("a.go", ".go"), strings.TrimFunc("12ab34", unicode.IsDigit))
	fmt.Println(strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			return 'a' + (r-'a'+13)%26
		case r == ' ':
			return -1
		}
		return r
	}, "hello world"))
	r := strings.NewReplacer("<", "&lt;", ">", "&gt;", "&", "&amp;")
	fmt.Println(r.Replace("<a & b>"))
	before, after, ok := strings.Cut("user@host", "@")
	fmt.Println(before, after, ok)
	rest, ok := strings.CutPrefix("v1.2", "v")
	fmt.Println(rest, ok)
	rd := strings.NewReader("αβγ")
	for {
		c, n, err := rd.ReadRune()
		if err != nil {
			fmt.Println(err)
			break
		}
		fmt.Print(string(c), n, " ")
	}
	fmt.Println(strings.Compare("a", "b"), strings.Compare("b", "a"), strings.Compare("x", "x"))
	var b strings.Builder
	b.Grow(10)
	for i := range 3 {
		b.WriteString(strconv.Itoa(i))
	}
	fmt.Fprintf(&b, "-%03d", 7)
	fmt.Println(b.String(), b.Len())
	fmt.Println(bytes.ToUpper([]byte("bytes")), bytes.Equal([]byte("a"), []byte("a")), string(bytes.TrimSpace([]byte(" t "))))
	for line := range strings.Lines("one\ntwo\nthree") {
		fmt.Printf("%q ", line)
	}
	for f := range strings.FieldsSeq(" p q ") {
		fmt.Print(f, ";")
	}
	fmt.Println()
	fmt.Println(strings.FieldsFunc("a1b22c", unicode.IsDigit), strings.LastIndexByte("abca", 'a'), strings.ToTitle("ß"), unicode.ToUpper('ÿ') == 'Ÿ')
}
