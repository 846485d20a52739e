package main

import (
	"context"
	"fmt"
	"unsafe"

	"github.com/adabc437/fanout/interp/build"
)

var scenarios = map[string]func([]string) error{
	"hello": hello,
}

// call calls a function of an image.
func call[F any](i *build.Image, name string) (f F, err error) {
	p, ok := i.Symbol(name)
	if !ok {
		return f, fmt.Errorf("no symbol %s", name)
	}
	code := &p
	return *(*F)(unsafe.Pointer(&code)), nil
}

func hello([]string) error {
	t, err := open()
	if err != nil {
		return err
	}
	fmt.Println(t.Describe())
	i, err := t.Build(context.Background(), build.Package{Path: "cell/hello", Source: []byte("package main\n\nimport \"fmt\"\n\nfunc Hi(n int) string { return fmt.Sprint(\"hi \", n) }\n"), Imports: []string{"fmt"}})
	if err != nil {
		return err
	}
	hi, err := call[func(int) string](i, "Hi")
	if err != nil {
		return err
	}
	fmt.Println(hi(3))
	return nil
}
