package translate_test

import (
	"errors"
	"go/ast"
	"strings"
	"testing"

	"github.com/adabc437/fanout/parallel/device/clc"
	"github.com/adabc437/fanout/parallel/device/translate"
	"github.com/adabc437/fanout/parallel/device/translate/corpus"
)

// FuzzFunction translates whatever functions there are in a source that is right Go: it
// must give a program that is right, or errors.
func FuzzFunction(f *testing.F) {
	const begin = "package p\nimport (\"math\"; \"math/bits\")\nvar _ = math.Pi\nvar _ = bits.UintSize\n"
	head, rest, _ := strings.Cut(corpus.Source, "func (p point) norm()")
	_, vars, _ := strings.Cut(head, ")\n")
	for part := range strings.SplitSeq(rest, "\n}\n") {
		f.Add(begin + vars + "func (p point) norm()" + part + "\n}\n")
	}
	f.Add(corpus.Source)
	for _, c := range refusals {
		f.Add(begin + c.source)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 1<<16 || strings.Contains(text, "\"C\"") {
			return
		}
		s, err := check("In[1]", text)
		if err != nil {
			return
		}
		translateAll(t, s)
	})
}

func translateAll(t *testing.T, s *source) {
	t.Helper()
	ast.Inspect(s.file, func(n ast.Node) bool {
		e, ok := n.(ast.Expr)
		if !ok || s.info.Types[e].Value != nil {
			return true
		}
		switch e.(type) {
		case *ast.FuncLit, *ast.Ident, *ast.SelectorExpr, *ast.IndexExpr, *ast.IndexListExpr:
		default:
			return true
		}
		u, err := translate.Function(s.config(), e, s.fset, s.info)
		if err != nil {
			var list translate.Errors
			if !errors.As(err, &list) || len(list) == 0 || len(list) > 10 {
				t.Errorf("error %v, want translate.Errors", err)
			}
			return true
		}
		if err := verify(u.Program); err != nil {
			t.Error(err)
			return true
		}
		if _, err := clc.Print(u.Program); err != nil {
			t.Error(err)
		}
		return true
	})
}
