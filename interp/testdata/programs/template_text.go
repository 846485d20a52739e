package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/template"
)

// text/template: ranges, conditions, pipelines, functions, methods, nesting.

type Item struct {
	Name  string
	Price float64
	Qty   int
	Tags  []string
}

func (i Item) Total() float64         { return i.Price * float64(i.Qty) }
func (i Item) Discount(p int) float64 { return i.Total() * float64(100-p) / 100 }

type Order struct {
	ID    int
	Items []Item
	Meta  map[string]string
	Paid  bool
	Note  *string
}

const page = `{{define "item"}}{{.Name | printf "%-8s"}}|{{printf "%7.2f" .Total}}{{if .Tags}} [{{join .Tags ","}}]{{end}}{{end -}}
Order #{{.ID}}{{if .Paid}} paid{{else if gt (len .Items) 2}} big{{else}} open{{end}}
{{range $i, $it := .Items}}{{inc $i}}. {{template "item" $it}} {{$it.Discount 10}}
{{else}}empty
{{end}}{{with .Note}}note: {{.}}{{else}}no note{{end}}
{{range $k, $v := .Meta}}{{$k}}={{$v | upper | printf "%q"}};{{end}}
{{- /* comment */ -}}
{{$n := len .Items}}{{if and (ge $n 1) (not .Paid)}} {{$n}} to pay{{end}} {{index .Meta "a"}} {{eq 1 1 2}} {{"quo\"te" | html}} {{slice "abcdef" 1 3}}
`

func main() {
	t := template.Must(template.New("page").Funcs(template.FuncMap{
		"join":  strings.Join,
		"inc":   func(n int) int { return n + 1 },
		"upper": strings.ToUpper,
		"fail":  func() (string, error) { return "", errors.New("fail called") },
	}).Parse(page))
	note := "fragile"
	orders := []Order{
		{ID: 1, Items: []Item{{"pen", 1.5, 4, nil}, {"book", 12, 1, []string{"x", "y"}}}, Meta: map[string]string{"b": "two", "a": "one"}},
		{ID: 2, Paid: true, Note: &note},
		{ID: 3, Items: make([]Item, 3)},
	}
	for _, o := range orders {
		if err := t.Execute(os.Stdout, o); err != nil {
			fmt.Println(err)
		}
	}
	_, err := template.New("bad").Parse("{{if}}")
	fmt.Println(err)
	err = template.Must(template.New("miss").Parse("{{.Nope}}\n")).Execute(io.Discard, Item{})
	fmt.Println(err)
	err = template.Must(template.New("m").Parse("{{.k}} {{.none}}\n")).Execute(os.Stdout, map[string]any{"k": []int{1, 2}})
	fmt.Println(err, t.Lookup("item") != nil, t.Lookup("zzz") == nil)
}
