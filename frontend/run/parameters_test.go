package run

import (
	"strings"
	"testing"

	"github.com/adabc437/fanout/frontend/nbformat"
)

// declared is a cell with parameters of many types.
const declared = `import "time"
%workers 2
n := 100
name, on := "ada", false
var rate float64 = 1.5
const limit = 10
const small int8 = 3
xs := []int{1, 2}
wait := 5 * time.Second
type kind string
var k kind = "a"
p := math.Pi * 2
m := map[string]int{}`

func book(cells ...*nbformat.Cell) *nbformat.Notebook {
	return &nbformat.Notebook{Minor: 5, Cells: cells}
}

func cell(source string, tags ...any) *nbformat.Cell {
	return &nbformat.Cell{Type: nbformat.Code, Source: source, Metadata: map[string]any{"tags": tags}}
}

// inject gives the text of the cell that sets parameters, without its first line.
func inject(nb *nbformat.Notebook, texts ...string) (string, error) {
	var parameters []Parameter
	for _, text := range texts {
		p, err := ParseParameter(text)
		if err != nil {
			return "", err
		}
		parameters = append(parameters, p)
	}
	if err := Inject(nb, parameters); err != nil {
		return "", err
	}
	for _, c := range nb.Cells {
		if c.HasTag(tagInjected) {
			return strings.TrimPrefix(c.Source, "// Parameters\n"), nil
		}
	}
	return "", nil
}

func TestParametersTakeTheTypesOfTheirCell(t *testing.T) {
	for text, want := range map[string]string{
		"n=5": "n = 5", "n=-1": "n = -1", "n=0x1f": "n = 0x1f", "n=1e3": "n = 1e3", "n= 7 ": "n = 7",
		"name=ada lovelace": `name = "ada lovelace"`, `name="ada"`: `name = "ada"`, "name=": `name = ""`, "name=a=b": `name = "a=b"`,
		"name=5": `name = "5"`, "on=true": "on = true", "rate=2": "rate = 2", "limit=20": "const limit = 20", "small=5": "const small int8 = 5",
		"xs=[]int{3}": "xs = []int{3}", "xs={3, 4}": "xs = []int{3, 4}", `m={"a": 1}`: `m = map[string]int{"a": 1}`, "xs=nil": "xs = nil",
		"wait=1m30s": "wait = 90 * time.Second", "wait=2*time.Hour": "wait = 2*time.Hour", "wait=1.5us": "wait = 1500 * time.Nanosecond",
		"k=b": `k = "b"`, "p=3.5": "p = 3.5", "rate=math.Pi": "rate = math.Pi",
	} {
		got, err := inject(book(cell(declared, "parameters")), text)
		if err != nil || got != want {
			t.Errorf("%s: %q, %v, want %q", text, got, err, want)
		}
	}
	for text, want := range map[string]string{
		"n=ada":      `parameter n: undefined: ada; the notebook has n := 100`,
		"n=1.5":      `parameter n: cannot use 1.5 (untyped float constant) as int value in assignment (truncated); the notebook has n := 100`,
		`n="5"`:      `parameter n: cannot use "5" (untyped string constant) as int value in assignment; the notebook has n := 100`,
		"n=":         `parameter n: "" is no value of Go; the notebook has n := 100`,
		"n=1}; f({":  `parameter n: "1}; f({" is no value of Go; the notebook has n := 100`,
		"small=300":  `parameter small: cannot use 300 (untyped int constant) as int8 value in variable declaration (overflows); the notebook has const small int8 = 3`,
		"on=yes":     `parameter on: undefined: yes; the notebook has name, on := "ada", false`,
		"nmae=x":     `there is no parameter nmae (did you mean name?); the notebook has n, name, on, rate, limit, small, xs, wait, k, p, m`,
		"elephant=1": `there is no parameter elephant; the notebook has n, name, on, rate, limit, small, xs, wait, k, p, m`,
		"n":          `parameter "n": want NAME=VALUE, such as n=100`,
		"a-b=1":      `parameter "a-b=1": want NAME=VALUE, such as n=100`,
	} {
		if _, err := inject(book(cell(declared, "parameters")), text); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}

func TestWhereParametersGo(t *testing.T) {
	order := func(nb *nbformat.Notebook) string {
		var out []string
		for _, c := range nb.Cells {
			out = append(out, strings.TrimPrefix(c.Source, "// Parameters\n"))
			if c.ID == "" {
				t.Errorf("%q has no id", c.Source)
			}
		}
		return strings.Join(out, "; ")
	}
	for _, c := range []struct {
		nb   *nbformat.Notebook
		set  []string
		want string
	}{
		{book(cell("a"), cell("n := 1", "parameters"), cell("n")), []string{"n=2"}, "a; n := 1; n = 2; n"},
		{book(cell("n := 1", "parameters"), cell("n = 9", "injected-parameters"), cell("n")), []string{"n=2"}, "n := 1; n = 2; n"},
		{book(cell("n := 1", "parameters")), []string{"n=2", "n=3"}, "n := 1; n = 3"},
		{book(cell("f(n, s, x, b)")), []string{"n=2", "s=ada", "x=-1.5", "b=true"}, "n := 2\ns := \"ada\"\nx := -1.5\nb := true; f(n, s, x, b)"},
		{book(cell("%pmap f day")), []string{"day=2026-01-31"}, "day := \"2026-01-31\"; %pmap f day"},
	} {
		if _, err := inject(c.nb, c.set...); err != nil {
			t.Error(err)
			continue
		}
		if got := order(c.nb); got != c.want {
			t.Errorf("%v: %q, want %q", c.set, got, c.want)
		}
	}
}

func TestParametersWithoutACell(t *testing.T) {
	for _, c := range []struct {
		nb   *nbformat.Notebook
		want string
	}{
		{book(cell("x := 1")), `parameter n: no cell has the tag "parameters", and no cell uses n`},
		{book(cell("x := 1"), cell("n := 1\nn")), `parameter n: cell 2 declares n itself; give that cell the tag "parameters"`},
		{book(cell("", "parameters")), `there is no parameter n; the cell tagged parameters declares none`},
		{book(cell("n := )\nx", "parameters")), `the cell tagged parameters: line 1: expected operand, found ')'`},
	} {
		if _, err := inject(c.nb, "n=1"); err == nil || err.Error() != c.want {
			t.Errorf("%v, want %s", err, c.want)
		}
	}
}

func FuzzParameters(f *testing.F) {
	f.Add(declared, "n", "5")
	f.Add("var a, b = 1, \"x\"\nconst (\n c = iota\n d\n)", "d", "{1}")
	f.Add("type t [1 << 20]int; var x t", "x", "{}")
	f.Fuzz(func(t *testing.T, source, name, value string) {
		if len(source)+len(value) > 1<<12 {
			return
		}
		_, _ = inject(book(cell(source, "parameters")), name+"="+value)
		_, _ = inject(book(cell(source)), name+"="+value)
	})
}
