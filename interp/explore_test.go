package interp

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/adabc437/fanout/interp/session"
)

func TestExplore(t *testing.T) {
	nb := newNotebook(t)
	for _, code := range []string{
		"x := 5\nprintln(\"hi\")\nfmt.Println(\"é\")",
		"fmt.Prinln(1)",
		"var s string = 5",
		"foo(1)\nbar(2)",
		"é := 1; é + undefinedThing",
		"x = \"text\"",
		"a := []int{1}\nk := 5\na[k]",
		"func boom(n int) int { if n == 0 { panic(\"boom\") }; return boom(n-1) }\nboom(2)",
		"var mm map[string]int\nmm[\"a\"] = 1",
		"panic(fmt.Errorf(\"wrapped %d\", 3))",
		"for {",
		"f := )",
		"%pmap 5 6", "%pmap f", "%nosuch", "%pmap strings.ToUpper []int{1}",
		"%pmap func(i int) int { if i == 3 { panic(\"three\") }; return i } 10",
		"%timeit -n 10 -r 3 x + 1",
		"%who", "%whos", "%lsmagic", "%pmap -h", "fmt.Println?", "x?", "%time?",
		"!echo hi", "%env FOO=bar", "%cd /tmp", "%history -n 2",
		"%%bash\necho $FOO",
		"%%timeit -r 2\nx + 1",
		"h := display(HTML(\"<b>x</b>\"))\nh.Update(\"new\")",
		"type T struct{}\nfunc (t T) HTML() string { return \"<i>T</i>\" }\nT{}",
		"display(T{})",
		"var name string\nfmt.Scanln(&name)\nname",
		"sc := bufio.NewScanner(os.Stdin)\nsc.Scan()\nsc.Text()",
		"input(\"who? \")",
		"image.NewRGBA(image.Rect(0,0,2,2))",
		"import \"nosuch/pkg\"",
		"package main\nimport \"fmt\"\nfunc main() { fmt.Println(\"main ran\") }",
		"time.Duration(1500)*time.Millisecond",
		"[]float64{1,2,3}", "map[string]int{\"b\":1,\"a\":2}", "struct{A int; b string}{1,\"x\"}", "nil", "'a'", "3+2i", "errors.New(\"x\")", "func(a int) int { return a }",
		"switch y := any(x).(type) { case int: fmt.Println(\"int\", y); case string: fmt.Println(\"string\", y) }",
		"min(3, 2) + max(4, 9)", "clear(mm)",
		"sort.Slice(a, func(i, j int) bool { return a[i] < a[j] })",
		"slices.Sort(a)", "slices.Max([]int{1,5,2})", "for i, v := range slices.Sorted(maps.Keys(map[int]bool{1:true})) { _, _ = i, v }",
		"parallel.Map(func(i int) int { return i * 2 }, []int{1,2,3})",
		"pl := plot.New(); pl.Title.Text = \"t\"\npl",
	} {
		out := &recorder{lines: []string{"Ada", "second line", "third"}}
		nb.n++
		reply, err := nb.i.Execute(context.Background(), session.Cell{Code: code, Number: nb.n, StoreHistory: true, AllowStdin: true, HTML: true}, out)
		fmt.Printf("--- In[%d] %s\n", nb.n, code)
		if err != nil {
			fmt.Println("ERR", err)
		}
		for _, e := range out.events {
			if e.Kind == session.Stream {
				fmt.Printf("  %s %.600s\n", e.Name, e.Text)
			} else {
				keys := ""
				for k := range e.Data {
					keys += k + " "
				}
				fmt.Printf("  %s [%s] %.300v\n", e.Kind, keys, e.Data["text/plain"])
			}
		}
		for d := reply.Err; d != nil; d = nil {
			fmt.Printf("  ! %v hint=%q src=%q trace=%v\n", d, d.Hint, func() string {
				if d.Pos != nil {
					return d.Pos.Source
				}
				return ""
			}(), d.Trace)
			for _, m := range d.More {
				fmt.Printf("  !! %v hint=%q\n", m, m.Hint)
			}
		}
		for _, p := range reply.Payloads {
			fmt.Printf("  page %.300v\n", p.Data["text/plain"])
		}
	}
	for _, code := range []string{"for {}", "time.Sleep(time.Hour)", "<-make(chan int)", "%pmap func(i int) int { time.Sleep(time.Second); return i } 100", "!sleep 100"} {
		ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
		t0 := time.Now()
		reply, _ := nb.i.Execute(ctx, session.Cell{Code: code, Number: 99}, &recorder{})
		cancel()
		fmt.Printf("--- %s: %v %v\n", code, reply.Err, time.Since(t0))
	}
	for _, c := range []string{"fmt.Pri", "x", "ma", "strings.Bu", "var b strings.Builder\nb.Wri", "%ti", "import \"math/", "for i := range 3 { st", "http.Server{Ad", "T{}.H", "pl.Ti"} {
		t0 := time.Now()
		got, _ := nb.i.Complete(context.Background(), c, len(c))
		d := time.Since(t0)
		if len(got.Items) > 4 {
			got.Items = got.Items[:4]
		}
		fmt.Printf("--- complete %q %d-%d %v %v\n", c, got.Start, got.End, got.Items, d)
	}
	for _, c := range []string{"fmt.Println", "x", "boom", "strings.Builder", "fmt.Println(", "display", "math", "%pmap"} {
		got, _ := nb.i.Inspect(context.Background(), c, len(c), 1)
		fmt.Printf("--- inspect %q %v %.200v\n", c, got.Found, got.Data["text/plain"])
	}
}
