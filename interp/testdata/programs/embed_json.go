package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Embedding and JSON: promoted fields, conflicts, pointers, omitted ones.

type Meta struct {
	ID      int    `json:"id"`
	Created string `json:"created,omitempty"`
}

type Named struct {
	Name string `json:"name"`
	Kind string
}

type Doc struct {
	Meta
	*Named
	Kind  string         `json:"kind"`
	Extra map[string]any `json:"extra,omitempty"`
	Opt   *int           `json:"opt"`
	Empty struct{}       `json:"empty"`
	List  []Meta         `json:"list"`
	Bytes []byte         `json:"bytes,omitempty"`
	Any   any            `json:"any,omitempty"`
	When  time.Duration  `json:"when"`
	Num   json.Number    `json:"num,omitempty"`
}

type Tree struct {
	Value int     `json:"v"`
	Kids  []*Tree `json:"kids,omitempty"`
}

func (t *Tree) Sum() int {
	s := t.Value
	for _, k := range t.Kids {
		s += k.Sum()
	}
	return s
}

func main() {
	d := Doc{Meta: Meta{ID: 1}, Named: &Named{"n", "inner"}, Kind: "outer", Bytes: []byte("hi"), Any: []int{1}, When: time.Second}
	b, err := json.Marshal(d)
	fmt.Println(string(b), err)
	b, _ = json.Marshal(Doc{})
	fmt.Println(string(b))
	var back Doc
	err = json.Unmarshal([]byte(`{"id":7,"name":"nn","Kind":"x","kind":"y","opt":5,"list":[{"id":1},{}],"num":12.50,"extra":{"a":[1,{"b":null}]}}`), &back)
	fmt.Println(err, back.ID, back.Name, back.Kind, *back.Opt, back.List, back.Num, back.Extra)
	var t Tree
	err = json.Unmarshal([]byte(`{"v":1,"kids":[{"v":2},{"v":3,"kids":[{"v":4}]}]}`), &t)
	fmt.Println(err, t.Sum(), len(t.Kids), t.Kids[1].Kids[0].Value)
	out, _ := json.Marshal(&t)
	fmt.Println(string(out))
	var m map[string]any
	dec := json.NewDecoder(strings.NewReader(`{"big": 12345678901234567890, "f": 1.0, "s": "\u4e16\"", "n": null}`))
	dec.UseNumber()
	fmt.Println(dec.Decode(&m), m["big"], m["f"], m["s"], m["n"])
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	enc.SetIndent(">", " ")
	enc.Encode(map[string]any{"a<b": []string{"&"}, "0": 1.5e-7})
	fmt.Print(buf.String())
	fmt.Println(json.Valid([]byte(`{"a":1,}`)), json.Valid([]byte(`[1]`)))
	var arr [2]int
	var sl = []int{9, 9, 9}
	json.Unmarshal([]byte(`[1,2,3]`), &arr)
	json.Unmarshal([]byte(`[5]`), &sl)
	fmt.Println(arr, sl, cap(sl))
	var se *json.SyntaxError
	err = json.Unmarshal([]byte(`[1,2`), &sl)
	fmt.Println(err, errors.As(err, &se))
}
