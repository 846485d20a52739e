package main

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Building text: concatenation in loops, builders, byte slices, formatting.

type table struct {
	head []string
	rows [][]any
}

func (t *table) add(vs ...any) *table { t.rows = append(t.rows, vs); return t }

func (t table) String() string {
	w := make([]int, len(t.head))
	text := [][]string{t.head}
	for _, r := range t.rows {
		var line []string
		for _, v := range r {
			line = append(line, fmt.Sprint(v))
		}
		text = append(text, line)
	}
	for _, line := range text {
		for i, s := range line {
			w[i] = max(w[i], utf8.RuneCountInString(s))
		}
	}
	var b strings.Builder
	for n, line := range text {
		for i, s := range line {
			if i > 0 {
				b.WriteString(" | ")
			}
			b.WriteString(s + strings.Repeat(" ", w[i]-utf8.RuneCountInString(s)))
		}
		b.WriteByte('\n')
		if n == 0 {
			for i := range w {
				if i > 0 {
					b.WriteString("-+-")
				}
				b.WriteString(strings.Repeat("-", w[i]))
			}
			b.WriteByte('\n')
		}
	}
	return b.String()
}

func wrap(s string, width int) (lines []string) {
	line := ""
	for _, w := range strings.Fields(s) {
		if line != "" && len(line)+1+len(w) > width {
			lines = append(lines, line)
			line = ""
		}
		if line != "" {
			line += " "
		}
		line += w
	}
	return append(lines, line)
}

func rle(s string) string {
	var b []byte
	for i := 0; i < len(s); {
		j := i
		for j < len(s) && s[j] == s[i] {
			j++
		}
		b = append(b, s[i])
		if n := j - i; n > 1 {
			b = strconv.AppendInt(b, int64(n), 10)
		}
		i = j
	}
	return string(b)
}

func commas(n int) string {
	s := strconv.Itoa(n)
	neg := strings.HasPrefix(s, "-")
	s = strings.TrimPrefix(s, "-")
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	if neg {
		s = "-" + s
	}
	return s
}

func main() {
	t := &table{head: []string{"name", "n"}}
	t.add("é", 1).add("longer", 2.5).add(nil, []int{1})
	fmt.Print(t)
	for i, l := range wrap("the quick brown fox jumps over the lazy dog", 12) {
		fmt.Printf("%d %-12s|\n", i, l)
	}
	fmt.Println(rle("aaabccdddd"), commas(1234567), commas(-1000), commas(12))
	s := ""
	for i := 'a'; i < 'f'; i++ {
		s += string(i)
		s = strings.ToUpper(s[:1]) + s[1:]
	}
	fmt.Println(s, strings.Title("x"), len(s))
	b := []byte("template: ")
	b = fmt.Appendf(b, "%03d %q", 7, "z")
	b = append(b, fmt.Sprintln()...)
	fmt.Print(string(b))
}
