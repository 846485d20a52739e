package translate_test

import (
	"errors"
	"flag"
	"go/ast"
	"go/scanner"
	"go/token"
	"math/rand/v2"
	"sort"
	"strings"
	"sync"
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
		if _, err := clc.Print(u.Program, clc.Options{}); err != nil {
			t.Error(err)
		}
		return true
	})
}

// FuzzMutated changes some words of the corpus for others of their kind: what is still
// right Go must translate, or be refused.
func FuzzMutated(f *testing.F) {
	seeds := uint64(60)
	if flag.Lookup("test.fuzz").Value.String() != "" { // it makes others, each as good
		seeds = 8
	}
	for seed := range seeds {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		text := mutated(seed)
		s, err := check("In[1]", text)
		if err != nil {
			return
		}
		for _, d := range changed(s, text) {
			if d.Recv != nil {
				continue
			}
			u, err := translate.Function(s.config(), d.Name, s.fset, s.info)
			var list translate.Errors
			if errors.As(err, &list) {
				continue
			}
			if err == nil {
				err = verify(u.Program)
			}
			if err == nil {
				_, err = clc.Print(u.Program, clc.Options{})
			}
			if err != nil {
				t.Errorf("%s: %v", d.Name.Name, err)
			}
		}
	})
}

// changed are the functions that are not as in the corpus, and those that may need them:
// all, when something else than functions has changed.
func changed(s *source, text string) (list []*ast.FuncDecl) {
	textOf := func(n ast.Node) string {
		return text[s.fset.Position(n.Pos()).Offset:s.fset.Position(n.End()).Offset]
	}
	all, names := false, map[string]bool{}
	for _, d := range s.file.Decls {
		if strings.Contains(corpus.Source, textOf(d)) {
			continue
		}
		if f, ok := d.(*ast.FuncDecl); ok {
			names[f.Name.Name] = true
		} else {
			all = true
		}
	}
	for n := -1; n != len(names); {
		n = len(names)
		for _, d := range s.file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || names[f.Name.Name] {
				continue
			}
			ast.Inspect(f, func(n ast.Node) bool {
				if id, ok := n.(*ast.Ident); ok && names[id.Name] {
					names[f.Name.Name] = true
				}
				return true
			})
		}
	}
	for _, d := range s.file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && (all || names[f.Name.Name]) {
			list = append(list, f)
		}
	}
	return list
}

// A word of the corpus may be changed for another of its kind.
type word struct{ at, end, kind int }

// words are those of the corpus, all and by kind.
var words = sync.OnceValues(func() (list []word, kinds map[int][]word) {
	var sc scanner.Scanner
	src := []byte(corpus.Source)
	fset := token.NewFileSet()
	file := fset.AddFile("", fset.Base(), len(src))
	sc.Init(file, src, nil, 0)
	kinds = map[int][]word{}
	for {
		pos, tok, lit := sc.Scan()
		if tok == token.EOF {
			break
		}
		text := lit
		if tok.IsOperator() {
			text = tok.String()
		}
		k := 0
		switch {
		case tok == token.IDENT:
			k = 1
		case tok == token.INT || tok == token.FLOAT || tok == token.CHAR:
			k = 2
		case tok >= token.ADD && tok <= token.AND_NOT:
			k = 3
		case tok >= token.ADD_ASSIGN && tok <= token.AND_NOT_ASSIGN || tok == token.ASSIGN:
			k = 4
		case tok == token.EQL || tok == token.NEQ || tok >= token.LEQ && tok <= token.GEQ || tok == token.LSS || tok == token.GTR || tok == token.LAND || tok == token.LOR:
			k = 5
		case tok == token.BREAK || tok == token.CONTINUE:
			k = 6
		default:
			continue
		}
		w := word{file.Offset(pos), file.Offset(pos) + len(text), k}
		list = append(list, w)
		kinds[k] = append(kinds[k], w)
	}
	return list, kinds
})

// mutated is the corpus with up to 4 words changed.
func mutated(seed uint64) string {
	r := rand.New(rand.NewPCG(seed, 1))
	src := corpus.Source
	words, kinds := words()
	changes := map[int]word{}
	for range 1 + r.IntN(4) {
		w := words[r.IntN(len(words))]
		changes[w.at] = kinds[w.kind][r.IntN(len(kinds[w.kind]))]
		if w.kind == 1 { // a name near by is more often right
			near := kinds[1]
			i := sort.Search(len(near), func(i int) bool { return near[i].at >= w.at })
			changes[w.at] = near[max(0, min(len(near)-1, i+r.IntN(21)-10))]
		}
	}
	var b strings.Builder
	at := 0
	for _, w := range words {
		if with, ok := changes[w.at]; ok {
			b.WriteString(src[at:w.at])
			b.WriteString(src[with.at:with.end])
			at = w.end
		}
	}
	b.WriteString(src[at:])
	return b.String()
}
