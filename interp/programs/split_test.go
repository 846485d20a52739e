package programs

import (
	"slices"
	"strings"
	"testing"
)

const order = `package main

import "fmt"

var a = c + b // needs both below

// two is needed by b.
func two() int { return d * 2 }

var (
	b = two()
	c = 1
	d = 5
)

func (t *T) Name() string { return t.name + other }

type T struct{ name string }

const other = "!"

func even(n int) bool { return n == 0 || odd(n-1) }

func odd(n int) bool { return n != 0 && even(n-1) }

func init() { d = 7 }

func main() {
	fmt.Println(a, b) // after a statement

	t := &T{"x"}
	for range 2 { fmt.Println(t.Name()) }; t = nil
	fmt.Println(even(4))
}
`

// texts joins the texts of cells, as a reader sees them.
func texts(cells []Cell) string {
	var all []string
	for _, c := range cells {
		all = append(all, c.Code)
	}
	return strings.Join(all, "\n--\n")
}

func TestManyCells(t *testing.T) {
	cells, err := Split(order, Many)
	if err != nil {
		t.Fatal(err)
	}
	const want = `import "fmt"
--
var c = 1
--
var d = 5
--
// two is needed by b.
func two() int { return d * 2 }
--
var b = two()
--
var a = c + b
--
const other = "!"
--
type T struct{ name string }
func (t *T) Name() string { return t.name + other }
--
func even(n int) bool { return n == 0 || odd(n-1) }
func odd(n int) bool { return n != 0 && even(n-1) }
--
func init() { d = 7 }
--
fmt.Println(a, b)
--
t := &T{"x"}
--
for range 2 { fmt.Println(t.Name()) }; t = nil
--
fmt.Println(even(4))`
	if got := texts(cells); got != want {
		t.Errorf("cut into\n%s", got)
	}
	if lines := cells[7].Lines; !slices.Equal(lines, []int{18, 16}) {
		t.Errorf("a type and its method come from lines %v", lines)
	}
	if cells[3].Line(2) != 8 || cells[3].Line(3) != 0 || cells[12].Line(1) != 32 {
		t.Error("lines are not those of the program")
	}
}

func TestTwoCellsAndOne(t *testing.T) {
	cells, err := Split(order, Two)
	if err != nil {
		t.Fatal(err)
	}
	if len(cells) != 2 || "package main"+cells[0].Code != order || cells[1].Code != "main()" || cells[0].Line(3) != 3 || cells[1].Line(1) != 0 {
		t.Errorf("%v", cells)
	}
	cells, err = Split(order, Whole)
	if err != nil || len(cells) != 1 || cells[0].Code != order || cells[0].Line(5) != 5 {
		t.Errorf("%v %v", cells, err)
	}
}

func TestAMethodOfAnAliasStaysWithTheType(t *testing.T) {
	cells, err := Split("package main\ntype A = T\ntype T struct{}\nfunc (A) M() {}\nfunc main() { T{}.M() }\n", Many)
	if want := "type A = T\ntype T struct{}\nfunc (A) M() {}\n--\nT{}.M()"; err != nil || texts(cells) != want {
		t.Errorf("cut into\n%s\n%v", texts(cells), err)
	}
}

func TestWhatKeepsMainTogether(t *testing.T) {
	for name, body := range map[string]string{
		"a defer":                      "defer f()\nf()",
		"a return":                     "if n > 0 { return }\nf()",
		"a label":                      "again:\nf()\nif n > 0 { goto again }",
		"a recover":                    "recover()\nf()",
		"a name of the package hidden": "n := 2\n_ = n\nf()",
		"a builtin hidden":             "len := 2\n_ = len\nf()",
		"a package hidden":             "fmt := 2\n_ = fmt\nf()",
		"a variable reused and shared": "a, b := 1, 2\ng := func() int { return b }\nc, b := 3, 4\n_, _, _ = a, c, g",
		"a call of itself":             "if n > 0 { main() }\nf()",
	} {
		cells, err := Split("package main\nimport \"fmt\"\nvar n = 1\nfunc f() { fmt.Println(n) }\nfunc main() {\n"+body+"\n}\n", Many)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if last := cells[len(cells)-1]; last.Code != "main()" {
			t.Errorf("%s: cut into\n%s", name, texts(cells))
		}
	}
}

func TestWhatDoesNotKeepMainTogether(t *testing.T) {
	for name, body := range map[string]string{
		"a defer in a function literal": "func() { defer f(); return }()\nf()",
		"a variable reused":             "a, b := 1, 2\nc, b := 3, 4\nfmt.Println(a, b, c)",
		"an inner name hides":           "for n := range 2 { _ = n }\nf()",
	} {
		cells, err := Split("package main\nimport \"fmt\"\nvar n = 1\nfunc f() { fmt.Println(n) }\nfunc main() {\n"+body+"\n}\n", Many)
		if err != nil {
			t.Fatal(err)
		}
		if cells[len(cells)-1].Code == "main()" {
			t.Errorf("%s: not cut:\n%s", name, texts(cells))
		}
	}
}

func TestWhatCannotBeCut(t *testing.T) {
	for source, way := range map[string]Way{"package main\nfunc": Many, "package main\nvar x int": Many, "package main\nfunc main() {}": "sideways"} {
		if cells, err := Split(source, way); err == nil {
			t.Errorf("%q is cut into %v", source, cells)
		}
	}
}
