package history_test

import (
	"context"
	"fmt"

	"github.com/adabc437/fanout/kernel/history"
)

func ExampleStore_Search() {
	h := history.Memory()
	defer h.Close()
	h.Append(1, "x := 1")
	h.Append(2, "fmt.Println(x)")
	h.Append(3, "x := 2")
	found, err := h.Search(context.Background(), "x := *", 0, false)
	for _, e := range found {
		fmt.Println(e.Line, e.Input)
	}
	fmt.Println(err)
	// Output:
	// 1 x := 1
	// 3 x := 2
	// <nil>
}
