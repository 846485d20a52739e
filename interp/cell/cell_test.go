package cell

import (
	"reflect"
	"strings"
	"testing"

	"github.com/adabc437/fanout/interp/session"
)

func takes(name string) Arguments {
	return map[string]Arguments{"pmap": Expressions, "time": Statements}[name]
}

func TestSplit(t *testing.T) {
	for _, test := range []struct {
		code string
		want []Piece
	}{
		{"", nil},
		{"x := 1\ny", []Piece{{Kind: Go, Start: 0, End: 8}}},
		{"%who int\nx", []Piece{
			{Kind: Magic, Start: 0, End: 8, Name: "who", Args: " int", ArgsAt: 4, Statement: true},
			{Kind: Go, Start: 8, End: 10},
		}},
		{"ys := %pmap f xs // all", []Piece{
			{Kind: Go, Start: 0, End: 6},
			{Kind: Magic, Start: 6, End: 16, Name: "pmap", Args: " f xs", ArgsAt: 11},
			{Kind: Go, Start: 16, End: 23},
		}},
		{"if a { %time f(); g() }", []Piece{
			{Kind: Go, Start: 0, End: 7},
			{Kind: Magic, Start: 7, End: 21, Name: "time", Args: " f(); g()", ArgsAt: 12, Statement: true},
			{Kind: Go, Start: 21, End: 23},
		}},
		{"g(%pmap f 3, 2)", []Piece{
			{Kind: Go, Start: 0, End: 2},
			{Kind: Magic, Start: 2, End: 14, Name: "pmap", Args: " f 3, 2", ArgsAt: 7},
			{Kind: Go, Start: 14, End: 15},
		}},
		{"%pmap func(i int) int {\n\treturn i % 2\n} 10", []Piece{
			{Kind: Magic, Start: 0, End: 42, Name: "pmap", Args: " func(i int) int {\n\treturn i % 2\n} 10", ArgsAt: 5, Statement: true},
		}},
		{"!ls *.go | \\\nwc", []Piece{{Kind: Shell, Start: 0, End: 15, Args: "ls *.go | \\\nwc", ArgsAt: 1, Statement: true}}},
		{"fmt.Println?", []Piece{{Kind: Help, Start: 0, End: 12, Name: "fmt.Println", Statement: true}}},
		{"??x\n", []Piece{{Kind: Help, Start: 0, End: 3, Name: "x", Detail: 1, Statement: true}, {Kind: Go, Start: 3, End: 4}}},
		{"%%bash -x\necho 1\n", []Piece{{Kind: CellMagic, Start: 0, End: 17, Name: "bash", Args: "-x", ArgsAt: 7, Statement: true, Body: "echo 1\n", BodyAt: 10}}},
		{"a %b", []Piece{{Kind: Go, Start: 0, End: 4}}},
		{"s := `\n%who\n!ls\nx?\n`", []Piece{{Kind: Go, Start: 0, End: 20}}},
		{"/*\n%who\n*/ // %who", []Piece{{Kind: Go, Start: 0, End: 18}}},
		{"x := 1 +\n!y", []Piece{{Kind: Go, Start: 0, End: 11}}},
	} {
		if got := Split(test.code, takes); !reflect.DeepEqual(got, test.want) {
			t.Errorf("Split(%q)\n got %+v\nwant %+v", test.code, got, test.want)
		}
	}
}

func TestChunks(t *testing.T) {
	src := "import \"os\"\nx := 1; y;\nfunc f() {\n}\nfunc (p *P[T]) M() {}\nfunc() {}()\nvar v = 2\ntype (\n\tA int\n\tB = A\n)\nconst c, d = 1, 2"
	want := []Chunk{
		{Kind: Import, Text: `import "os"`, File: "In[1]", Line: 1, Col: 1},
		{Kind: Stmt, Text: "x := 1", File: "In[1]", Line: 2, Col: 1, Hidden: true},
		{Kind: Stmt, Text: "y", File: "In[1]", Line: 2, Col: 9, Hidden: true},
		{Kind: Func, Text: "func f() {\n}", File: "In[1]", Line: 3, Col: 1, Name: "f"},
		{Kind: Method, Text: "func (p *P[T]) M() {}", File: "In[1]", Line: 5, Col: 1, Name: "P.M"},
		{Kind: Stmt, Text: "func() {}()", File: "In[1]", Line: 6, Col: 1},
		{Kind: Stmt, Text: "var v = 2", File: "In[1]", Line: 7, Col: 1, Var: true},
		{Kind: Type, Text: "type (\n\tA int\n\tB = A\n)", File: "In[1]", Line: 8, Col: 1},
		{Kind: Const, Text: "const c, d = 1, 2", File: "In[1]", Line: 12, Col: 1},
	}
	got, errs := Chunks("In[1]", src)
	if len(errs) > 0 || !reflect.DeepEqual(got, want) {
		t.Errorf("errors %v, chunks\n%+v\nwant\n%+v", errs, got, want)
	}
	var names [][]string
	for _, c := range got {
		names = append(names, Names(c))
	}
	if want := [][]string{nil, nil, nil, {"f"}, {"P.M"}, nil, nil, {"A", "B"}, {"c", "d"}}; !reflect.DeepEqual(names, want) {
		t.Errorf("names %v, want %v", names, want)
	}
}

func TestChunksErrors(t *testing.T) {
	for src, want := range map[string]string{
		"f(":        "In[2]:1:2: this ( is never closed",
		"f)":        "In[2]:1:2: unexpected ): nothing is open here",
		"f(\n]":     "In[2]:2:1: unexpected ]: it does not close the ( at line 1",
		"s := \"ab": "In[2]:1:6: string literal not terminated",
		"/* x":      "In[2]:1:1: comment not terminated",
	} {
		if _, errs := Chunks("In[2]", src); len(errs) == 0 || errs[0].Error() != want {
			t.Errorf("%q: %v, want %s", src, errs, want)
		}
	}
}

func TestIsComplete(t *testing.T) {
	complete, invalid := session.Completeness{Status: session.Complete}, session.Completeness{Status: session.Invalid}
	more := func(tabs int) session.Completeness {
		return session.Completeness{Status: session.Incomplete, Indent: strings.Repeat("\t", tabs)}
	}
	for code, want := range map[string]session.Completeness{
		"": complete, "x := 1": complete, "x++": complete, "f(1,": more(1), "if x {\n\tfor {": more(2), "x +": more(1), "x :=": more(1),
		"`raw": more(0), "/* c": more(0), "}": invalid, "x := := 2": invalid, "%who": complete, "!ls": complete, "x?": complete,
		"%pmap f xs": complete, "%pmap func(i int) int {": more(1), "%%bash\necho": more(0), "%%bash\necho\n\n": complete, "x // +": complete,
		"func f() {\n}": complete, "import (": more(1),
	} {
		if got := IsComplete(code, takes); got != want {
			t.Errorf("IsComplete(%q) = %+v, want %+v", code, got, want)
		}
	}
}

func TestClose(t *testing.T) {
	for src, want := range map[string]string{
		"": "", "f(a[": "])", "if x {": "\n}", "f(func() {": "\n})", "s := `a": "`", "/* a": "*/", "f(\"(\"": ")", "}": "",
	} {
		if got := Close(src); got != want {
			t.Errorf("Close(%q) = %q, want %q", src, got, want)
		}
	}
}

// FuzzCell holds what is true of any text: pieces cover it, chunks lie in it, and
// nothing panics.
func FuzzCell(f *testing.F) {
	for _, s := range []string{
		"x := 1\n%who\n!ls\ny?", "ys := %pmap func(i int) int { return i % 2 } 10", "%%bash\necho", "s := `%who\n!ls`", "/* % */ a %b // %c",
		"func (p *P) M() {}\ntype T struct{}", "é := '\\''\r\n\"a\\", "}{)(", "%time x := 1; y", "a\\\n%\x00\xff",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, code string) {
		at := 0
		for _, p := range Split(code, takes) {
			if p.Start != at || p.End < p.Start || p.End > len(code) {
				t.Fatalf("piece %+v begins at %d, want %d, in %d bytes", p, p.Start, at, len(code))
			}
			if p.Kind != Go && p.Kind != Help && (p.ArgsAt < p.Start || p.ArgsAt > p.End) {
				t.Fatalf("arguments of %+v lie outside", p)
			}
			at = p.End
		}
		if at != len(code) {
			t.Fatalf("the pieces end at %d of %d", at, len(code))
		}
		chunks, _ := Chunks("In[1]", code)
		for _, c := range chunks {
			if c.Text == "" || !strings.Contains(code, c.Text) {
				t.Fatalf("chunk %q is not in the text", c.Text)
			}
			Names(c)
		}
		IsComplete(code, takes)
		Close(code)
	})
}
