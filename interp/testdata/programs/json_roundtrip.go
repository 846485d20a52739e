package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// encoding/json: tags, embedding, custom methods, unknown shapes, errors.

type Date struct{ Y, M, D int }

func (d Date) MarshalJSON() ([]byte, error) {
	return json.Marshal(fmt.Sprintf("%04d-%02d-%02d", d.Y, d.M, d.D))
}

func (d *Date) UnmarshalJSON(b []byte) error {
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return err
	}
	_, err := fmt.Sscanf(s, "%d-%d-%d", &d.Y, &d.M, &d.D)
	return err
}

type Level int

func (l Level) MarshalText() ([]byte, error) { return []byte(fmt.Sprint("L", int(l))), nil }
func (l *Level) UnmarshalText(b []byte) error {
	n, err := strconv.Atoi(strings.TrimPrefix(string(b), "L"))
	*l = Level(n)
	return err
}

type Base struct {
	ID   int    `json:"id"`
	Kind string `json:"kind,omitempty"`
}

type Doc struct {
	Base
	Title   string           `json:"title"`
	Tags    []string         `json:"tags"`
	Meta    map[string]any   `json:"meta,omitempty"`
	Date    Date             `json:"date"`
	Level   Level            `json:"level"`
	ByLevel map[Level]string `json:"by_level,omitempty"`
	Parent  *Doc             `json:"parent,omitempty"`
	Score   float64          `json:"score,string"`
	Secret  string           `json:"-"`
	Raw     json.RawMessage  `json:"raw,omitempty"`
	private int
}

func main() {
	d := Doc{Base: Base{ID: 1}, Title: "a <b> & \"c\"", Date: Date{2024, 2, 29}, Level: 3, ByLevel: map[Level]string{2: "two", 1: "one"}, Score: 1.5, Secret: "s", private: 1, Raw: json.RawMessage(`{"x":[1,2]}`)}
	b, err := json.Marshal(d)
	fmt.Println(string(b), err)
	d.Parent = &Doc{Title: "parent", Meta: map[string]any{"z": 1, "a": []int{1}}}
	b, _ = json.MarshalIndent(d.Parent, "", "  ")
	fmt.Println(string(b))
	var back Doc
	err = json.Unmarshal([]byte(`{"id":5,"kind":"k","title":"t","tags":["x"],"date":"2020-01-02","level":"L7","by_level":{"L9":"nine"},"score":"2.25","meta":{"n":null,"f":1.5,"l":[1,"a",true],"o":{"k":"v"}},"TITLE":"ci","extra":1}`), &back)
	fmt.Println(err, back.ID, back.Kind, back.Title, back.Tags, back.Date, back.Level, back.ByLevel[9], back.Score)
	fmt.Printf("%v %T %T\n", back.Meta, back.Meta["f"], back.Meta["l"])
	var v any
	for _, in := range []string{`[1, 2.5, "x", null, {"a": false}]`, `{"a":`, `{"a" 1}`, `nul`, `"\u00e9\n"`, `1e3`} {
		err := json.Unmarshal([]byte(in), &v)
		fmt.Printf("%v %v\n", v, err)
	}
	var te *json.UnmarshalTypeError
	err = json.Unmarshal([]byte(`{"id":"str"}`), &back)
	fmt.Println(err, errors.As(err, &te))
	dec := json.NewDecoder(strings.NewReader(`{"id":1} {"id":2,"nope":3}`))
	dec.DisallowUnknownFields()
	for {
		var base Base
		if err := dec.Decode(&base); err != nil {
			fmt.Println(err)
			break
		}
		fmt.Println(base)
	}
	_, err = json.Marshal(map[string]any{"c": make(chan int)})
	fmt.Println(err)
	b, _ = json.Marshal([]any{nil, true, 1, "s", []byte("hi"), [2]int{1, 2}, map[string]int{"b": 1, "a": 2}, struct{}{}, 1e21, float32(0.1)})
	fmt.Println(string(b))
}
