package main

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"encoding/gob"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"go/ast"
	"go/parser"
	"html"
	"io"
	"reflect"
	"strings"
	"text/scanner"
)

// Other encodings: XML, CSV, gob, hex dumps, and scanning of Go's own tokens.

type Address struct {
	City string `xml:"city"`
	Zip  string `xml:"zip,attr"`
}

type Person struct {
	XMLName xml.Name `xml:"person"`
	ID      int      `xml:"id,attr"`
	Name    string   `xml:"name"`
	Emails  []string `xml:"contact>email"`
	Addr    *Address `xml:"addr,omitempty"`
	Note    string   `xml:",comment"`
}

type G struct {
	A int
	B map[string][]float64
	C *G
}

func tokens(src string) (out []string) {
	var s scanner.Scanner
	s.Init(strings.NewReader(src))
	for t := s.Scan(); t != scanner.EOF; t = s.Scan() {
		out = append(out, scanner.TokenString(t)+":"+s.TokenText())
	}
	return
}

func main() {
	p := Person{ID: 7, Name: "Ann <b>", Emails: []string{"a@x", "b@y"}, Addr: &Address{"Oslo", "0150"}, Note: " n "}
	b, err := xml.MarshalIndent(p, "", " ")
	fmt.Println(string(b), err)
	var q Person
	err = xml.Unmarshal([]byte(`<person id="3"><name>Bob</name><contact><email>c@z</email></contact><addr zip="1"><city>Rome</city></addr></person>`), &q)
	fmt.Println(err, q.ID, q.Name, q.Emails, *q.Addr)
	fmt.Println(xml.Unmarshal([]byte(`<person><name>`), &q) != nil)
	var buf bytes.Buffer
	g := G{1, map[string][]float64{"x": {1.5, 2}}, &G{A: 2}}
	err = gob.NewEncoder(&buf).Encode(g)
	var h G
	err2 := gob.NewDecoder(&buf).Decode(&h)
	fmt.Println(err, err2, reflect.DeepEqual(g, h), h.C.A, h.B)
	fmt.Print(hex.Dump([]byte("hex dump of it")))
	fmt.Println(tokens(`x := 3.5 + foo("s") // c`))
	w := csv.NewWriter(&buf)
	w.WriteAll([][]string{{"a", "b,c"}, {"d\"e", ""}})
	fmt.Printf("%q\n", buf.String())
	e, err := parser.ParseExpr("a + b*f(3)")
	fmt.Printf("%T %v\n", e, err)
	var names []string
	ast.Inspect(e, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			names = append(names, id.Name)
		}
		return true
	})
	fmt.Println(names)
	z := new(bytes.Buffer)
	zw := gzip.NewWriter(z)
	fmt.Fprint(zw, strings.Repeat("squeeze ", 50))
	zw.Close()
	zr, _ := gzip.NewReader(z)
	all, _ := io.ReadAll(zr)
	fmt.Println(len(all), string(all[:8]), html.EscapeString("<a&'>"))
}
