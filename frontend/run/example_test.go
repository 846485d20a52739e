package run

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/adabc437/fanout/frontend/term"
)

func ExampleFile() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "prog.go")
	if err := os.WriteFile(path, []byte("hello"), 0o600); err != nil {
		fmt.Println(err)
		return
	}
	sess := &scripted{script: script} // a supervisor in earnest
	status, err := File(context.Background(), sess, path, Options{Console: term.Console{Out: os.Stdout, Err: os.Stderr}})
	fmt.Println(status, err)
	// Output:
	// hello
	// 0 <nil>
}
