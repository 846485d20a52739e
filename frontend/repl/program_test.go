package repl

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/adabc437/fanout/frontend/nbformat"
)

func cellsOf(sources ...string) []*nbformat.Cell {
	var list []*nbformat.Cell
	for i, s := range sources {
		n := i + 1
		list = append(list, &nbformat.Cell{Type: nbformat.Code, Source: s, ExecutionCount: &n})
	}
	return list
}

func TestSavedProgramsBuildAndPrintWhatTheCellsShowed(t *testing.T) {
	for name, c := range map[string]struct {
		cells []string
		want  string
	}{
		"results":                       {[]string{"1 + 1", `strings.ToUpper("a")`, "math.Sqrt(2) > 1"}, "2\nA\ntrue\n"},
		"printing shows once":           {[]string{`fmt.Println("hi")`}, "hi\n"},
		"a hidden result":               {[]string{"x := 3", "x;", "x"}, "3\n"},
		"unused variables":              {[]string{"x := 1", "y, z := 2, 3", "z"}, "3\n"},
		"a variable declared anew":      {[]string{"x := 1", "x", `x := "a"`, "x", "x := 2.5", "x"}, "1\na\n2.5\n"},
		"err again":                     {[]string{`a, err := strconv.Atoi("1")`, `b, err := strconv.Atoi("2")`, "a + b", "err == nil"}, "3\ntrue\n"},
		"functions declared anew":       {[]string{"func f() int { return 1 }", "f()", "func f() int { return 2 }"}, "2\n"},
		"functions that use variables":  {[]string{"total := 0", "func add(n int) { total += n }", "add(2)", "add(3)", "total"}, "5\n"},
		"variables of other packages":   {[]string{"var b strings.Builder", "func say(s string) { b.WriteString(s) }", `say("x")`, "b.String()"}, "x\n"},
		"types and methods":             {[]string{"type P struct{ X, Y int }", "func (p P) Sum() int { return p.X + p.Y }", "P{1, 2}.Sum()"}, "3\n"},
		"generics, loops, goroutines":   {[]string{"func twice[T any](x T) []T { return []T{x, x} }", "c := make(chan int)", "go func() { c <- 7 }()", "for _, x := range twice(<-c) {\n\tfmt.Println(x)\n}"}, "7\n7\n"},
		"imports":                       {[]string{"import (\n\tm \"math\"\n\t\"os\"\n)", "m.Abs(-1)"}, "1\n"},
		"what a magic gave, given anew": {[]string{"ys := %pmap f xs", "ys := []int{4}", "ys[0]", "struct{ ys int }{ys: 2}.ys"}, "4\n2\n"},
		"magics are comments":           {[]string{"%who", "!ls", "1"}, "1\n"},
		"a constant and a group":        {[]string{"const k = 2", "var (\n\tp = k\n\tq int\n)", "func r() int { return p + q }", "r()"}, "2\n"},
		"no result":                     {[]string{"func f() {}", "f()"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			src, err := program(cellsOf(c.cells...))
			if err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			for file, text := range map[string]string{"main.go": string(src), "go.mod": "module saved\n\ngo 1.24\n"} {
				if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			build := exec.Command("go", "build", "-o", "saved", ".")
			build.Dir = dir
			if out, err := build.CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s\n%s", err, out, src)
			}
			out, err := exec.Command(filepath.Join(dir, "saved")).Output()
			if err != nil || string(out) != c.want {
				t.Errorf("printed %q, %v, want %q\n%s", out, err, c.want, src)
			}
		})
	}
}

func TestWhatMakesNoProgramIsSaid(t *testing.T) {
	for want, cells := range map[string][]string{
		"do not make a program: In[1]: undefined: display":  {"display(1)"},
		"do not make a program: func f: undefined: display": {"func f() { display(1) }"},
		"In[3] uses ys, which In[2] declares with %pmap, and a program has no magics: call parallel.Map there": {
			"func f(x int) int { return x }", "ys := %pmap f []int{1}", "ys[0] + 1"},
		"In[2] uses ys, which In[1] declares with %gpumap, and a program has no magics: write it in Go there": {
			"%gpumap -o ys f xs", "zs := ys", "func g() int { return zs[0] }"},
		"func g uses ys, which In[1] declares with %%time": {"%%time\nys := 3", "func g() int { return ys }"},
		"In[2] uses x, which In[1] declares with %who":     {"x := 1\n%who", "fmt.Println(x)"},
		"In[2] uses sum, which In[1] declares with %who":   {"%who\nfunc sum() {}", "sum()"},
		"declares main":       {"func main() {}"},
		"give them two names": {"x := 1", "func f() { fmt.Println(x) }", `x := "a"`},
	} {
		if _, err := program(cellsOf(cells...)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q in it", cells, err, want)
		}
	}
}
