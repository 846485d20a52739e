package repl

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/adabc437/fanout/frontend/term"
)

func ExampleRun() {
	sess := newScripted() // a supervisor in earnest
	status, err := Run(context.Background(), sess, Options{
		Console: term.Console{In: strings.NewReader("1+1\nexit\n"), Out: os.Stdout, Err: os.Stderr},
	})
	fmt.Println(status, err)
	// Output:
	// 2
	// 0 <nil>
}
