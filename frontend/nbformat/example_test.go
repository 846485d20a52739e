package nbformat_test

import (
	"fmt"
	"os"
	"strings"

	"github.com/adabc437/fanout/frontend/nbformat"
	"github.com/adabc437/fanout/interp/session"
)

func ExampleRead() {
	nb, err := nbformat.Read(strings.NewReader(`{
		"nbformat": 4, "nbformat_minor": 4, "metadata": {"kernelspec": {"language": "go"}},
		"cells": [{"cell_type": "code", "metadata": {}, "source": ["a := 1\n", "a"], "outputs": []}]
	}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s, %q\n", nb.Language(), nb.Cells[0].Source)
	// Output: go, "a := 1\na"
}

func ExampleRecorder() {
	cell := &nbformat.Cell{Type: nbformat.Code, Source: `fmt.Print("hello")`}
	var r nbformat.Recorder
	r.Emit(cell, 1, session.Event{Kind: session.Stream, Name: "stdout", Text: "hel"})
	r.Emit(cell, 1, session.Event{Kind: session.Stream, Name: "stdout", Text: "lo"})
	r.Close()
	text, err := (&nbformat.Notebook{Minor: 4, Cells: []*nbformat.Cell{cell}}).Encode()
	if err != nil {
		fmt.Println(err)
		return
	}
	os.Stdout.Write(text)
	// Output:
	// {
	//  "cells": [
	//   {
	//    "cell_type": "code",
	//    "execution_count": null,
	//    "metadata": {},
	//    "outputs": [
	//     {
	//      "name": "stdout",
	//      "output_type": "stream",
	//      "text": [
	//       "hello"
	//      ]
	//     }
	//    ],
	//    "source": [
	//     "fmt.Print(\"hello\")"
	//    ]
	//   }
	//  ],
	//  "metadata": {},
	//  "nbformat": 4,
	//  "nbformat_minor": 4
	// }
}
