package main

import "fmt"

// Switches as a beginner writes them.

func dayKind(day string) string {
	switch day {
	case "sat", "sun":
		return "weekend"
	case "fri":
		return "almost"
	default:
		return "workday"
	}
}

func bmi(w, h float64) string {
	b := w / (h * h)
	switch {
	case b < 18.5:
		return "under"
	case b < 25:
		return "normal"
	case b < 30:
		return "over"
	}
	return "far over"
}

func kind(v interface{}) string {
	switch v.(type) {
	case int:
		return "int"
	case string:
		return "string"
	case bool:
		return "bool"
	case []int:
		return "slice"
	case nil:
		return "nil"
	}
	return "unknown"
}

func score(grade rune) (n int) {
	switch grade {
	case 'A':
		n = 4
	case 'B':
		n = 3
	case 'C':
		n = 2
	}
	return n
}

func main() {
	for _, d := range []string{"mon", "fri", "sun"} {
		fmt.Print(dayKind(d), " ")
	}
	fmt.Println()
	fmt.Println(bmi(50, 1.8), bmi(70, 1.75), bmi(85, 1.75), bmi(120, 1.7))
	for _, v := range []interface{}{1, "a", true, []int{1}, nil, 2.5} {
		fmt.Print(kind(v), " ")
	}
	fmt.Println()
	for _, g := range "ABCF" {
		fmt.Print(score(g), " ")
	}
	fmt.Println()
	switch n := len("four"); n {
	case 4:
		fmt.Println("four letters")
	case 5:
		fmt.Println("five letters")
	}
}
