package interp

import (
	"slices"
	"testing"
)

func TestDeclaredNamesAreFoundInCellsThatAreNoGo(t *testing.T) {
	code := "import \"math/rand/v2\"\nimport (\n\tm \"math\"\n\t\"sort\"\n)\nfunc fact(n int) int {\n\tx := 1\n\treturn x\n}\n" +
		"func (p P) scale() {}\ntype P struct{}\nvar (\n\ta int\n\tb = 2\n)\nys, err := %gpumap fact xs\nx = 5\n%pmap fact 3\n"
	want := []string{"rand", "m", "sort", "fact", "P", "a", "b", "ys", "err"}
	if got := declaredBy(code); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}
