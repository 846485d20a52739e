package interp

import (
	"runtime/debug"
	"slices"
	"strings"
	"testing"

	"github.com/adabc437/fanout/interp/session"
)

func TestDeclaredNamesAreFoundInCellsThatAreNoGo(t *testing.T) {
	code := "import \"math/rand/v2\"\nimport (\n\tm \"math\"\n\t\"sort\"\n)\nfunc fact(n int) int {\n\tx := 1\n\treturn x\n}\n" +
		"func (p P) scale() {}\ntype P struct{}\nvar (\n\ta int\n\tb = 2\n)\nys, err := %gpumap fact xs\nx = 5\n%pmap fact 3\n"
	want := []string{"rand", "m", "sort", "fact", "P", "a", "b", "ys", "err"}
	if got := declaredBy(code); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

func TestARefusedCellSaysThatNothingOfItIsThere(t *testing.T) {
	nb := newNotebook(t)
	refused, _ := nb.run("import \"sort\"\nfunc fact(n int) int { return n * len(string(rune(n))) }\nys := %gpumap -q fact 3")
	if refused.Err == nil || !slices.Contains(refused.Err.Notes, "nothing of this cell was declared or run") {
		t.Fatalf("%+v", refused.Err)
	}
	if later, _ := nb.run("fact(3)"); later.Err == nil || later.Err.Hint != "In[1], which was refused, declares fact: mend that cell and run it" {
		t.Errorf("%+v", later.Err)
	}
	nb.run("func fact(n int) int { return n }")
	if got := nb.value("fact(3)"); got != "3" {
		t.Error(got)
	}
}

// Each way of a comparison gets rows of its own.
func TestComparedFunctionsMayWriteToRows(t *testing.T) {
	nb := newNotebook(t)
	nb.run("%gpu use cpu")
	nb.run("func up(v []float64) float64 { v[0]++; return v[0] }\nrows := [][]float64{{1, 2}, {3, 4}}")
	if got := nb.value("(%compare -q --repeats 3 up rows).Agree"); got != "true" {
		t.Error(got)
	}
	if got := nb.value("rows"); got != "[][]float64{{1, 2}, {3, 4}}" {
		t.Error(got)
	}
}

func TestResultsThatDoNotFitAreRefused(t *testing.T) {
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(8 << 30))
	nb := newNotebook(t)
	for _, code := range []string{"%gpumap -q -d cpu sq 10_000_000_000", "%gpumap -q -d cpu big 100_000_000"} {
		r, _ := nb.run("func sq(i int) int { return i * i }\nfunc big(i int) [100]float64 { return [100]float64{} }\n" + code)
		if r.Err == nil || r.Err.Name != session.MemoryError || !strings.Contains(r.Err.Message, "80.0 GB") {
			t.Errorf("%s: %+v", code, r.Err)
		}
	}
}
