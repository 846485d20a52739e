package convert

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/adabc437/fanout/frontend/nbformat"
)

// A form is a text form of notebooks that can be read back.
type form struct {
	name   string
	encode func(*nbformat.Notebook) ([]byte, error)
	parse  func([]byte) (*nbformat.Notebook, error)
}

var forms = []form{
	{"go", EncodeGo, ParseGo},
	{"md", func(nb *nbformat.Notebook) ([]byte, error) {
		text, _, err := EncodeMarkdown(nb, "nb")
		return text, err
	}, ParseMarkdown},
}

// bare is what text forms keep of a notebook, as its file.
func bare(t *testing.T, nb *nbformat.Notebook) string {
	t.Helper()
	text, err := withoutOutputs(nb).Encode()
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// checkRoundTrip writes nb in each form and reads it back.
func checkRoundTrip(t *testing.T, nb *nbformat.Notebook) {
	t.Helper()
	for _, f := range forms {
		text, err := f.encode(nb)
		if err != nil {
			t.Fatalf("%s: %v", f.name, err)
		}
		back, err := f.parse(text)
		if err != nil {
			t.Fatalf("%s: %v\n%s", f.name, err, text)
		}
		if got, want := bare(t, back), bare(t, nb); got != want {
			t.Fatalf("%s: read back as\n%s\nwant\n%s\nfrom\n%s", f.name, got, want, text)
		}
		again, err := f.encode(withoutOutputs(nb))
		if err != nil {
			t.Fatal(err)
		}
		if twice, err := f.encode(back); err != nil || string(twice) != string(again) {
			t.Fatalf("%s: written again as\n%s\n%v, want\n%s", f.name, twice, err, again)
		}
	}
}

func TestTutorialsRoundTrip(t *testing.T) {
	paths, err := filepath.Glob("../../examples/*.ipynb")
	if err != nil || len(paths) == 0 {
		t.Fatal("no tutorials", err)
	}
	for _, path := range append(paths, "../nbformat/testdata/all.ipynb") {
		nb, err := nbformat.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range nb.Cells {
			c.Extra = nil // fields that no version has
		}
		nb.Extra = nil
		checkRoundTrip(t, nb)
	}
}

// pieces are what random cells are made of: all that means something to a form.
var pieces = []string{
	"", "\n", "\n\n", " ", "\t", "x := 1", "%pmap f xs", "%%race", "!ls", "// %%", "//%% a", `// \%%`, `\%%`, "%%", "%% x",
	"// ---", "---", "//go:build ignore", "#!", "```", "```go", "```go id=\"a\"", "````", "~~~", "~~~go", "   ```", "> ", "- ",
	"<!-- %% -->", "<!-- %% [outputs] until=\"/%%\" -->", "<!-- /%% -->", "<!-- /%% 2 -->", "<!-- x -->", "# Title", "\r", "\r\n",
	"é", "\u2028", "[markdown]", "jupyter: {", "package main", "`", "*/", "/*", "`raw\n", "nbformat_minor: 4",
}

func randomText(r *rand.Rand) string {
	var b strings.Builder
	for range r.IntN(8) {
		b.WriteString(pieces[r.IntN(len(pieces))])
		if r.IntN(2) == 0 {
			b.WriteByte('\n')
		}
	}
	return b.String()
}

func randomMetadata(r *rand.Rand) map[string]any {
	m := map[string]any{}
	for range r.IntN(3) {
		keys := []string{"tags", "title", "id", "until", "metadata", "attachments", "a b", "a-b", "-->", "`", "=", "", "x.y", "é", "jupyter"}
		values := []any{"a", "", "-->`\n", json.Number("1.50"), nil, true, []any{"x", "<!-- %% -->"}, map[string]any{"k": []any{}}, randomText(r)}
		m[keys[r.IntN(len(keys))]] = values[r.IntN(len(values))]
	}
	return m
}

func TestRandomNotebooksRoundTrip(t *testing.T) {
	for seed := range uint64(3000) {
		r := rand.New(rand.NewPCG(seed, 6))
		nb := &nbformat.Notebook{Minor: 4 + r.IntN(2), Metadata: standard()}
		if r.IntN(3) == 0 {
			nb.Metadata = randomMetadata(r)
		}
		for i := range r.IntN(5) {
			c := &nbformat.Cell{
				Type:   []string{nbformat.Code, nbformat.Markdown, nbformat.Raw}[r.IntN(3)],
				Source: randomText(r), Metadata: randomMetadata(r),
			}
			if nb.Minor == 5 {
				c.ID = fmt.Sprint("cell-", i)
			}
			if c.Type != nbformat.Code && r.IntN(4) == 0 {
				c.Attachments = map[string]any{"a.png": map[string]any{"image/png": "iVBORw0KGgo="}}
			}
			if c.Type == nbformat.Code && r.IntN(2) == 0 {
				c.Outputs = []*nbformat.Output{
					{Type: nbformat.Stream, Name: "stdout", Text: randomText(r)},
					{Type: nbformat.DisplayData, Data: map[string]any{"text/markdown": randomText(r)}},
					{Type: nbformat.DisplayData, Data: map[string]any{"text/html": randomText(r)}},
				}
			}
			nb.Cells = append(nb.Cells, c)
		}
		checkRoundTrip(t, nb)
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

// small is a notebook with one cell of each kind.
func small() *nbformat.Notebook {
	one := 1
	return &nbformat.Notebook{Minor: 5, Metadata: standard(), Cells: []*nbformat.Cell{
		{Type: nbformat.Markdown, ID: "a1", Metadata: map[string]any{}, Source: "# A title\n\nText."},
		{Type: nbformat.Code, ID: "a2", Metadata: map[string]any{"tags": []any{"parameters"}}, Source: "n := 3", ExecutionCount: &one},
		{Type: nbformat.Code, ID: "a3", Metadata: map[string]any{}, Source: "ys := %pmap square n\n// %% no mark\nys", ExecutionCount: &one, Outputs: []*nbformat.Output{
			{Type: nbformat.Stream, Name: "stdout", Text: "10%\r100%\n\x1b[31mred\x1b[0m\n"},
			{Type: nbformat.DisplayData, Data: map[string]any{"image/svg+xml": "<svg/>", "text/plain": "a plot"}},
			{Type: nbformat.ExecuteResult, ExecutionCount: &one, Data: map[string]any{"text/plain": "[0 1 4]"}},
		}},
	}}
}

func TestGoLooks(t *testing.T) {
	got, err := EncodeGo(small())
	if err != nil {
		t.Fatal(err)
	}
	const want = `//go:build ignore

// ---
// # A notebook as text: "fanout run" runs it, "fanout convert" makes it an .ipynb.
// ---

// %% [markdown] id="a1"
// # A title
//
// Text.

// %% id="a2" tags=["parameters"]
n := 3

// %% id="a3"
ys := %pmap square n
// \%% no mark
ys
`
	if string(got) != want {
		t.Errorf("got\n%s", got)
	}
}

func TestMarkdownLooks(t *testing.T) {
	text, files, err := EncodeMarkdown(small(), "my nb")
	if err != nil {
		t.Fatal(err)
	}
	want := `<!-- %% id="a1" -->

# A title

Text.

'''go id="a2" tags=["parameters"]
n := 3
'''

'''go id="a3"
ys := %pmap square n
// %% no mark
ys
'''

<!-- %% [outputs] until="/%%" -->

'''text
100%
red
'''

![](<my nb_files/my nb_3_1.svg>)

'''text
[0 1 4]
'''

<!-- /%% -->
`
	if want = strings.ReplaceAll(want, "'", "`"); string(text) != want {
		t.Errorf("got\n%s", text)
	}
	if want := map[string][]byte{"my nb_files/my nb_3_1.svg": []byte("<svg/>")}; !reflect.DeepEqual(files, want) {
		t.Errorf("files are %v", files)
	}
}

// cells gives the kinds and texts of cells, short to compare.
func cells(nb *nbformat.Notebook) []string {
	var out []string
	for _, c := range nb.Cells {
		out = append(out, c.Type+": "+c.Source)
	}
	return out
}

func TestReadsWhatPeopleWrite(t *testing.T) {
	for name, c := range map[string]struct {
		parse func([]byte) (*nbformat.Notebook, error)
		text  string
		want  []string
	}{
		"Go without marks":      {ParseGo, "#!/usr/bin/env fanout\n\nx := 1\nx\n", []string{"code: x := 1\nx"}},
		"Go of Windows":         {ParseGo, "// %%\r\nx := 1\r\n\r\n// %%\r\nx\r\n", []string{"code: x := 1", "code: x"}},
		"no comment in text":    {ParseGo, "// %% [markdown]\n// hi\n\nx := 1\n", []string{"markdown: hi", "code: x := 1"}},
		"code before all marks": {ParseGo, "x := 1\n\n// %%\nx\n", []string{"code: x := 1", "code: x"}},
		"the front of jupytext": {ParseGo, "// ---\n// jupyter:\n//   jupytext:\n//     text_representation:\n// ---\n\n// %% [md]\n// hi\n", []string{"markdown: hi"}},
		"nothing":               {ParseGo, "", nil},
		"plain Markdown": {ParseMarkdown, "# A\n\ntext\n\n```go\nx := 1\n```\n\n```sh\nls\n```\nmore\n", []string{
			"markdown: # A\n\ntext", "code: x := 1", "markdown: ```sh\nls\n```\nmore",
		}},
		"a fence of another program": {ParseMarkdown, "```go {linenos=true}\nx\n```\n", []string{"code: x"}},
		"a fence in a list":          {ParseMarkdown, "- a\n  ```go\n  x\n  ```\n", []string{"markdown: - a\n  ```go\n  x\n  ```"}},
		"a fence in a fence":         {ParseMarkdown, "~~~\n```go\nx\n```\n~~~\n", []string{"markdown: ~~~\n```go\nx\n```\n~~~"}},
		"a fence left open":          {ParseMarkdown, "```go\nx", []string{"code: x"}},
		"a front that is not ours":   {ParseMarkdown, "---\ntitle: x\n---\nhi\n", []string{"markdown: hi"}},
	} {
		nb, err := c.parse([]byte(c.text))
		if err != nil || !reflect.DeepEqual(cells(nb), c.want) {
			t.Errorf("%s: %q, %v, want %q", name, cells(nb), err, c.want)
		}
	}
}

func TestATitleAndACopiedCell(t *testing.T) {
	nb, err := ParseGo([]byte("// %% Load the data id=\"a\"\nx\n\n// %% id=\"a\"\ny\n"))
	if err != nil {
		t.Fatal(err)
	}
	if nb.Cells[0].Metadata["title"] != "Load the data" || nb.Cells[0].ID != "a" {
		t.Errorf("the first cell is %+v", nb.Cells[0])
	}
	if id := nb.Cells[1].ID; id == "a" || id == "" {
		t.Errorf("the copy has the id %q", id)
	}
}

func TestErrorsNameTheLine(t *testing.T) {
	for _, c := range []struct {
		parse      func([]byte) (*nbformat.Notebook, error)
		text, want string
	}{
		{ParseGo, "x\n// %% tags=[a]\n", `2: tags: want a value in JSON, such as tags=["skip-execution"]: invalid character 'a' looking for beginning of value`},
		{ParseGo, "// %% id=1\n", `1: id: want a string in double quotes`},
		{ParseGo, "// %% id=\"a\"b\n", `1: id: want a space after its value`},
		{ParseGo, "// %% [outputs]\n", `1: there are no outputs in Go files`},
		{ParseGo, "// ---\n// nbformat_minor: x\n// ---\n", `2: nbformat_minor: "x" is no version`},
		{ParseMarkdown, "hi\n<!-- %% until=\"x\" -->\n", `2: the line <!-- x --> that ends this is missing`},
	} {
		if _, err := c.parse([]byte(c.text)); err == nil || err.Error() != c.want {
			t.Errorf("%q: %v, want %s", c.text, err, c.want)
		}
	}
}

func TestFiles(t *testing.T) {
	dir := t.TempDir()
	nb := small()
	for _, name := range []string{"a.go", "a.md", "a.ipynb", "a.html"} {
		path := filepath.Join(dir, name)
		if err := WriteFile(path, nb, Options{}); err != nil {
			t.Fatal(err)
		}
		back, err := ReadFile(path)
		if name == "a.html" {
			if err == nil || !strings.Contains(err.Error(), "HTML can be written, but not read") {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if err != nil || !reflect.DeepEqual(cells(back), cells(nb)) {
			t.Errorf("%s: %v, %v", name, cells(back), err)
		}
	}
	if data, err := os.ReadFile(filepath.Join(dir, "a_files", "a_3_1.svg")); err != nil || string(data) != "<svg/>" {
		t.Errorf("the picture: %q, %v", data, err)
	}
	if err := WriteFile(filepath.Join(dir, "b.ipynb"), nb, Options{NoOutputs: true}); err != nil {
		t.Fatal(err)
	}
	bare, err := ReadFile(filepath.Join(dir, "b.ipynb"))
	if err != nil || bare.Cells[2].Outputs != nil || nb.Cells[2].Outputs == nil {
		t.Errorf("without outputs: %v", err)
	}
	for _, path := range []string{"a", "a.txt"} {
		if err := WriteFile(filepath.Join(dir, path), nb, Options{}); err == nil || !strings.Contains(err.Error(), "want a notebook (.ipynb)") {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestIsNotebook(t *testing.T) {
	for text, want := range map[string]bool{
		"// %%\nx := 1":                          true,
		"//go:build ignore\n\n// %% [md]\n// hi": true,
		"package main\n// %%\nfunc main() {}":    false,
		"x := 1":                                 false,
		"":                                       false,
	} {
		if got := IsNotebook([]byte(text)); got != want {
			t.Errorf("IsNotebook(%q) = %v", text, got)
		}
	}
}

// fuzz holds a form to it that what it reads is written so that it reads the same.
func fuzz(f *testing.F, form form) {
	for _, nb := range []*nbformat.Notebook{small(), {Minor: 4}} {
		text, err := form.encode(nb)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	for i := range pieces {
		f.Add([]byte(strings.Join(pieces[i:], "\n")))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if len(text) > 1<<16 {
			return
		}
		nb, err := form.parse(text)
		if err != nil {
			return
		}
		written, err := form.encode(nb)
		if nb.Language() != "" && nb.Language() != "go" && err != nil {
			return // of which there is no text form
		}
		if err != nil {
			t.Fatal(err)
		}
		back, err := form.parse(written)
		if err != nil {
			t.Fatalf("%v\n%s", err, written)
		}
		if got, want := bare(t, back), bare(t, nb); got != want {
			t.Fatalf("read back as\n%s\nwant\n%s\nfrom\n%q", got, want, written)
		}
	})
}

func FuzzGo(f *testing.F)       { fuzz(f, forms[0]) }
func FuzzMarkdown(f *testing.F) { fuzz(f, forms[1]) }

func FuzzHeader(f *testing.F) {
	f.Add(`A title [markdown] id="a" tags=["x"] {"a b": 1} metadata={"id":2}`)
	f.Fuzz(func(t *testing.T, text string) {
		h, err := parseHeader(strings.ToValidUTF8(text, "?")) // as lines makes it
		if err != nil {
			return
		}
		written, err := h.encode()
		if err != nil {
			t.Fatal(err)
		}
		if strings.ContainsAny(written, "\n`") || strings.Contains(written, "-->") {
			t.Fatalf("%q cannot stand in a comment or fence", written)
		}
		back, err := parseHeader(written)
		if err != nil || !reflect.DeepEqual(back, h) {
			t.Fatalf("%q is read back as %+v, %v, want %+v", written, back, err, h)
		}
	})
}
