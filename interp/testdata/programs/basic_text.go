package main

import (
	"bufio"
	"fmt"
	"sort"
	"strconv"
	"strings"
)

// Reading a text line by line, parsing records, and printing a report.

const input = `# name, hours, rate
ann, 10, 25.50
bob, 3, 40
bad line
cat, x, 10

dan, 7.5, 12`

type record struct {
	name        string
	hours, rate float64
}

func (r record) pay() float64 { return r.hours * r.rate }

func parse(line string) (record, error) {
	parts := strings.Split(line, ",")
	if len(parts) != 3 {
		return record{}, fmt.Errorf("want 3 fields, have %d", len(parts))
	}
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	hours, err := strconv.ParseFloat(parts[1], 64)
	if err != nil {
		return record{}, err
	}
	rate, err := strconv.ParseFloat(parts[2], 64)
	if err != nil {
		return record{}, err
	}
	return record{parts[0], hours, rate}, nil
}

func main() {
	var records []record
	scanner := bufio.NewScanner(strings.NewReader(input))
	lineNo := 0
	for scanner.Scan() {
		lineNo++
		line := scanner.Text()
		if line == "" || line[0] == '#' {
			continue
		}
		r, err := parse(line)
		if err != nil {
			fmt.Printf("line %d: %v\n", lineNo, err)
			continue
		}
		records = append(records, r)
	}
	sort.Slice(records, func(i, j int) bool { return records[i].pay() > records[j].pay() })
	total := 0.0
	for _, r := range records {
		fmt.Printf("%-5s %6.2f\n", r.name, r.pay())
		total += r.pay()
	}
	fmt.Printf("%-5s %6.2f\n", "total", total)
}
