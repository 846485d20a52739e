package main

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
)

// A CSV reader of its own beside encoding/csv, over bufio.

type row []string

var errQuote = errors.New("unterminated quote")

func parseLine(s string) (out row, err error) {
	var cur strings.Builder
	quoted := false
	rs := []rune(s)
	for i := 0; i < len(rs); i++ {
		r := rs[i]
		switch {
		case quoted && r == '"' && i+1 < len(rs) && rs[i+1] == '"':
			cur.WriteRune('"')
			i++
		case r == '"':
			quoted = !quoted
		case r == ',' && !quoted:
			out = append(out, cur.String())
			cur.Reset()
		default:
			cur.WriteRune(r)
		}
	}
	if quoted {
		return nil, fmt.Errorf("line %q: %w", s, errQuote)
	}
	return append(out, cur.String()), nil
}

func table(rows []row) string {
	var widths []int
	for _, r := range rows {
		for i, c := range r {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], len([]rune(c)))
		}
	}
	var b strings.Builder
	for _, r := range rows {
		for i, c := range r {
			fmt.Fprintf(&b, "|%-*s", widths[i], c)
		}
		b.WriteString("|\n")
	}
	return b.String()
}

const data = `name,qty,note
"Smith, J",3,"said ""hi"""
Zoë,,x
`

func main() {
	sc := bufio.NewScanner(strings.NewReader(data))
	var rows []row
	for sc.Scan() {
		r, err := parseLine(sc.Text())
		if err != nil {
			fmt.Println(err)
			continue
		}
		rows = append(rows, r)
	}
	fmt.Print(table(rows))
	_, err := parseLine(`a,"b`)
	fmt.Println(err, errors.Is(err, errQuote))
	std, err := csv.NewReader(strings.NewReader(data)).ReadAll()
	fmt.Println(len(std), err)
	for i, r := range std {
		if !slices.Equal(r, rows[i]) {
			fmt.Println("differ", i)
		}
	}
	w := csv.NewWriter(os.Stdout)
	w.Comma = ';'
	for _, r := range std {
		w.Write(r)
	}
	w.Flush()
	fmt.Println(w.Error())
}
