package rich_test

import (
	"fmt"

	"github.com/adabc437/fanout/interp/rich"
)

func ExamplePlain() {
	// What the interpreter makes of type City struct { name string; People int }.
	cities := map[string]struct {
		Xname  string
		People int
	}{"zh": {"Zürich", 443_000}}
	fmt.Println(rich.Plain(cities, "map[string]City", rich.Options{}))
	// Output: map[string]City{"zh": {name: "Zürich", People: 443000}}
}

func ExampleBundle() {
	methods := rich.Methods{"HTML": func() string { return "<b>7</b>" }}
	data, _ := rich.Bundle(7, methods)
	fmt.Println(data["text/html"], data["text/plain"])
	// Output: <b>7</b> 7
}

func ExampleHTML() {
	data, _ := rich.Bundle(rich.HTML("<b>bold</b>"), nil)
	fmt.Println(data["text/html"])
	// Output: <b>bold</b>
}

func ExampleJSON() {
	data, _ := rich.Bundle(rich.JSON(map[string]int{"a": 1}), nil)
	fmt.Printf("%s\n", data["application/json"])
	// Output: {"a":1}
}
