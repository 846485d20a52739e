package kernel_test

import (
	"fmt"

	"github.com/adabc437/fanout/interp/session"
	"github.com/adabc437/fanout/kernel"
)

func ExampleRenderText() {
	fmt.Println(kernel.RenderText(&session.Diagnostic{
		Name:    session.TypeError,
		Message: "undefined: missing",
		Pos:     &session.Position{Cell: 3, Line: 2, Column: 6, Source: "y := missing + x"},
		Hint:    "declare missing before you use it",
	}))
	// Output:
	// In[3]:2:6: TypeError: undefined: missing
	//     2 | y := missing + x
	//       |      ^
	// Hint: declare missing before you use it
}
