package main

import (
	"context"
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unsafe"

	"github.com/adabc437/fanout/interp/build"
)

var scenarios = map[string]func([]string) error{
	"run":      runFiles,
	"chain":    chain,
	"parallel": parallel,
	"cancel":   cancel,
	"describe": describe,
}

// call returns a function of an image.
func call[F any](i *build.Image, name string) (f F, err error) {
	p, ok := i.Symbol(name)
	if !ok {
		return f, fmt.Errorf("package %s has no %s", i.Path(), name)
	}
	code := &p
	return *(*F)(unsafe.Pointer(&code)), nil
}

// runFiles builds files, DIR/NAME.go as the package BASE-OF-DIR/NAME, and calls
// their functions Run.
func runFiles(files []string) error {
	t, err := open()
	if err != nil {
		return err
	}
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		path := filepath.Base(filepath.Dir(file)) + "/" + strings.TrimSuffix(filepath.Base(file), ".go")
		fmt.Printf("-- %s --\n", path)
		i, err := t.Build(context.Background(), build.Package{Path: path, Source: src, Imports: imports(src)})
		var ce *build.CompileError
		if errors.As(err, &ce) {
			for _, l := range ce.Lines {
				fmt.Printf("%q %d %d %q\n", l.File, l.Line, l.Col, l.Msg)
			}
			continue
		}
		if err != nil {
			return err
		}
		run, err := call[func()](i, "Run")
		if err != nil {
			continue
		}
		run()
	}
	return nil
}

// imports lists the import paths of a source.
func imports(src []byte) (list []string) {
	f, err := parser.ParseFile(token.NewFileSet(), "", src, parser.ImportsOnly)
	if err != nil {
		return nil
	}
	for _, s := range f.Imports {
		path, _ := strconv.Unquote(s.Path.Value)
		list = append(list, path)
	}
	return list
}

// link is a package of a chain, each of which imports the one before.
func link(name string, n int) build.Package {
	p := build.Package{Path: fmt.Sprintf("%s/c%d", name, n), Imports: []string{"fmt", "sort", "strings"}}
	last, use := "", "0"
	if n > 1 {
		p.Imports = append(p.Imports, fmt.Sprintf("%s/c%d", name, n-1))
		last, use = fmt.Sprintf("import last %q\n", p.Imports[3]), "last.Work([]int{i}) + last.Count"
	}
	p.Source = fmt.Appendf(nil, `package main

import (
	"fmt"
	"sort"
	"strings"
)
%s
type Point%[2]d struct{ X, Y int }

func (p Point%[2]d) String() string { return fmt.Sprintf("(%%d %%d)", p.X, p.Y) }

var Count int

func Work(xs []int) (sum int) {
	sort.Ints(xs)
	for i := range xs {
		Count++
		sum += i + %[3]s
	}
	return sum + len(strings.Repeat("x", len(xs)))
}

func Run() string { return fmt.Sprint(Point%[2]d{Work([]int{3, 1, 2}), Count}) }
`, last, n, use)
	return p
}

// chain builds N packages and says what each took.
func chain(args []string) error {
	n, err := strconv.Atoi(args[1])
	if err != nil {
		return err
	}
	began := time.Now()
	t, err := open()
	if err != nil {
		return err
	}
	opened := time.Since(began)
	var times []time.Duration
	var size int64
	var last string
	var before int64
	for i := 1; i <= n; i++ {
		if i == n/2 { // the first ones pay for the process's own
			before = resident()
		}
		start := time.Now()
		image, err := t.Build(context.Background(), link(args[0], i))
		if err != nil {
			return err
		}
		times = append(times, time.Since(start))
		size += image.Size()
		run, err := call[func() string](image, "Run")
		if err != nil {
			return err
		}
		last = run()
	}
	all := time.Since(began)
	slices.Sort(times)
	fmt.Printf("%s\n", last)
	fmt.Fprintf(os.Stderr, "open %.1f ms; a package: median %.1f ms, %d KB of file, %d KB of memory; all %.0f ms\n",
		ms(opened), ms(times[len(times)/2]), size/int64(n)>>10, (resident()-before)/int64(n-n/2+1)>>10, ms(all))
	return nil
}

func ms(d time.Duration) float64 { return d.Seconds() * 1e3 }

// resident returns the bytes of memory in use.
func resident() int64 {
	debug.FreeOSMemory()
	b, _ := os.ReadFile("/proc/self/statm")
	f := strings.Fields(string(b))
	if len(f) < 2 {
		return 0
	}
	n, _ := strconv.ParseInt(f[1], 10, 64)
	return n * int64(os.Getpagesize())
}

// parallel builds packages from several goroutines, each twice.
func parallel(args []string) error {
	t, err := open()
	if err != nil {
		return err
	}
	var wg sync.WaitGroup
	errs := make([]error, 12)
	for i := range errs {
		wg.Go(func() {
			p := link(fmt.Sprint(args[0], i%6), 1)
			image, err := t.Build(context.Background(), p)
			if err == nil {
				var run func() string
				if run, err = call[func() string](image, "Run"); err == nil {
					run()
				}
			}
			errs[i] = err
		})
	}
	wg.Wait()
	fmt.Println("done")
	return errors.Join(errs...)
}

// cancel ends a build before it is done.
func cancel(args []string) error {
	t, err := open()
	if err != nil {
		return err
	}
	ctx, stop := context.WithTimeout(context.Background(), 2*time.Millisecond)
	defer stop()
	_, err = t.Build(ctx, link(args[0], 1))
	fmt.Println(err)
	_, err = t.Build(context.Background(), link(args[0], 1))
	return err
}

func describe([]string) error {
	t, err := open()
	if err != nil {
		return err
	}
	fmt.Println(t.Describe())
	return nil
}
