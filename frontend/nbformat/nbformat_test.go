package nbformat

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
)

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func encode(t *testing.T, nb *Notebook) string {
	t.Helper()
	text, err := nb.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// The files in testdata were written by Jupyter's nbformat 5.10.4.
func TestWritesWhatJupyterWrites(t *testing.T) {
	for _, c := range [][2]string{
		{"testdata/all.ipynb", "testdata/all.ipynb"},
		{"testdata/loose.ipynb", "testdata/loose.golden"},
		{"../../examples/01-pool.ipynb", "../../examples/01-pool.ipynb"},
	} {
		nb, err := ReadFile(filepath.FromSlash(c[0]))
		if err != nil {
			t.Fatal(err)
		}
		if got, want := encode(t, nb), read(t, filepath.FromSlash(c[1])); got != want {
			t.Errorf("%s is written as\n%s\nwant\n%s", c[0], got, want)
		}
	}
}

func TestReadsFields(t *testing.T) {
	nb, err := ReadFile("testdata/all.ipynb")
	if err != nil {
		t.Fatal(err)
	}
	if got := nb.Language(); got != "go" {
		t.Errorf("Language() = %q", got)
	}
	c := nb.Cells[2]
	if !c.HasTag("raises-exception") || c.HasTag("other") || nb.Cells[0].HasTag("x") {
		t.Error("HasTag is wrong")
	}
	three := 3
	want := []*Output{
		{Type: Stream, Name: "stdout", Text: "one\ntwo\rthree", Extra: map[string]any{}},
		{Type: Stream, Name: "stderr", Extra: map[string]any{}},
		{
			Type: ExecuteResult, ExecutionCount: &three, Data: map[string]any{"text/plain": "3"},
			Metadata: map[string]any{}, Extra: map[string]any{"extra": json.Number("1")},
		},
		{
			Type: Error, EName: "Panic", EValue: "a\nb", Traceback: []string{"\x1b[31mPanic\x1b[0m", "line\nline"},
			Extra: map[string]any{},
		},
	}
	got := append(append([]*Output{}, c.Outputs[:2]...), c.Outputs[3:]...)
	if !reflect.DeepEqual(got, want) {
		t.Errorf("outputs are %+v", got)
	}
	if want := (map[string]any{"future_cell": "x\ny"}); !reflect.DeepEqual(c.Extra, want) {
		t.Errorf("Extra is %v, want %v", c.Extra, want)
	}
}

func TestCellsGetIDsWhereTheVersionHasThem(t *testing.T) {
	const cells = `"metadata":{},"cells":[{"cell_type":"raw","metadata":{},"source":""},{"cell_type":"raw","id":"kept","metadata":{},"source":""}]}`
	nb, err := Parse([]byte(`{"nbformat":4,"nbformat_minor":5,` + cells))
	if err != nil {
		t.Fatal(err)
	}
	if len(nb.Cells[0].ID) != 8 || nb.Cells[1].ID != "kept" {
		t.Errorf("ids are %q and %q", nb.Cells[0].ID, nb.Cells[1].ID)
	}
	if nb, err = Parse([]byte(`{"nbformat":4,"nbformat_minor":4,` + cells)); err != nil {
		t.Fatal(err)
	}
	if nb.Cells[0].ID != "" || nb.Cells[1].ID != "kept" {
		t.Errorf("ids before 4.5 are %q and %q", nb.Cells[0].ID, nb.Cells[1].ID)
	}
}

func TestReadErrorsSayWhatAndWhere(t *testing.T) {
	for text, want := range map[string]string{
		``:          `not a notebook: it is empty`,
		`null`:      `not a notebook: null`,
		`[]`:        `not a notebook: it is a JSON array, want an object`,
		"{\n\n1}":   `not a notebook: line 3: invalid character '1' looking for beginning of object key string`,
		"{\n\"a\":": `not a notebook: line 2: it ends too early`,
		"{}\n{}":    `not a notebook: line 2: text after the end`,
		`{}`:        `not a notebook: it has no nbformat`,
		`{"nbformat":3,"nbformat_minor":0,"worksheets":[]}`: `the notebook has format version 3.0, and only version 4 can be read; convert it with: jupyter nbconvert --to notebook --nbformat 4 FILE`,
		`{"nbformat":5}`:              `the notebook has format version 5.0, and only version 4 can be read`,
		`{"nbformat":"4"}`:            `not a notebook: nbformat is a JSON string, want a number`,
		`{"nbformat":4.5}`:            `not a notebook: nbformat is 4.5, want a whole number`,
		`{"nbformat":4,"cells":{}}`:   `not a notebook: cells is a JSON object, want a list`,
		`{"nbformat":4,"cells":[7]}`:  `not a notebook: cell 1: it is a JSON number, want an object`,
		`{"nbformat":4,"cells":[{}]}`: `not a notebook: cell 1: cell_type is missing`,
		`{"nbformat":4,"cells":[{"cell_type":"code","source":[1]}]}`:                                           `not a notebook: cell 1: source is a JSON list, want a string or a list of strings`,
		`{"nbformat":4,"cells":[{"cell_type":"code","outputs":[{}]}]}`:                                         `not a notebook: cell 1: output 1: output_type is missing`,
		`{"nbformat":4,"cells":[{"cell_type":"code","outputs":[{"output_type":"error","traceback":[null]}]}]}`: `not a notebook: cell 1: output 1: traceback holds a JSON null, want strings`,
		`{"nbformat":4,"cells":[{"cell_type":"code","outputs":[{"output_type":"display_data","data":"%d"}]}]}`: `not a notebook: cell 1: output 1: data is a JSON string, want an object`,
	} {
		if _, err := Parse([]byte(text)); err == nil || err.Error() != want {
			t.Errorf("Parse(%s): %v, want %s", text, err, want)
		}
	}
	var version *VersionError
	if _, err := Parse([]byte(`{"nbformat":3}`)); !errors.As(err, &version) || version.Major != 3 {
		t.Errorf("version 3 gives %v", err)
	}
}

func TestTooLargeIsRefused(t *testing.T) {
	const text = `{"nbformat":4}`
	if _, err := readUpTo(len(text), strings.NewReader(text)); err != nil {
		t.Errorf("as large as it may be: %v", err)
	}
	if _, err := readUpTo(len(text)-1, strings.NewReader(text)); !errors.Is(err, errSize) {
		t.Errorf("too large: %v", err)
	}
}

func TestSplitLinesAsPython(t *testing.T) {
	for text, want := range map[string][]string{
		"":          {},
		"a":         {"a"},
		"a\n":       {"a\n"},
		"a\n\nb":    {"a\n", "\n", "b"},
		"a\r\nb\rc": {"a\r\n", "b\r", "c"},
		"\n\r":      {"\n", "\r"},
		"a\v\f\x1c\x1d\x1e\u0085\u2028\u2029b\x1fc": {"a\v", "\f", "\x1c", "\x1d", "\x1e", "\u0085", "\u2028", "\u2029", "b\x1fc"},
		"\xffx\ny": {"\xffx\n", "y"},
	} {
		if got := splitLines(text); !reflect.DeepEqual(got, want) {
			t.Errorf("splitLines(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestWriteFileReplacesAndKeepsModeAndLink(t *testing.T) {
	dir := t.TempDir()
	path, link := filepath.Join(dir, "a.ipynb"), filepath.Join(dir, "link.ipynb")
	if err := os.WriteFile(path, []byte("old"), 0o640); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("a.ipynb", link); err != nil {
		if runtime.GOOS == "windows" {
			t.Skipf("links need a privilege on Windows: %v", err)
		}
		t.Fatal(err)
	}
	nb := &Notebook{Minor: 5}
	if err := nb.WriteFile(link); err != nil {
		t.Fatal(err)
	}
	const want = "{\n \"cells\": [],\n \"metadata\": {},\n \"nbformat\": 4,\n \"nbformat_minor\": 5\n}\n"
	if got := read(t, path); got != want {
		t.Errorf("written: %s", got)
	}
	info, err := os.Lstat(path)
	if err != nil || info.Mode() != 0o640 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if info, err = os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link is %v, %v", info.Mode(), err)
	}
	if err := nb.WriteFile(filepath.Join(dir, "none", "a.ipynb")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a folder that is not there: %v", err)
	}
	if names, _ := filepath.Glob(filepath.Join(dir, ".*")); len(names) > 0 {
		t.Errorf("left behind: %v", names)
	}
}

func TestEncodeRefusesWhatJSONCannotHold(t *testing.T) {
	nb := &Notebook{Metadata: map[string]any{"f": func() {}}}
	if _, err := nb.Encode(); err == nil || !strings.Contains(err.Error(), "write the notebook: metadata: f: ") {
		t.Errorf("got %v", err)
	}
	nb.Metadata["f"] = nil
	nb.Metadata["cells"] = []int{1}
	if _, err := nb.Encode(); err != nil {
		t.Errorf("got %v", err)
	}
}

func FuzzParse(f *testing.F) {
	for _, name := range []string{"testdata/all.ipynb", "testdata/loose.ipynb"} {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add([]byte(`{"nbformat":4,"nbformat_minor":5,"cells":[{"cell_type":"x","id":null}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		nb, err := Parse(text)
		if err != nil {
			return
		}
		first, err := nb.Encode()
		if err != nil {
			t.Fatal(err)
		}
		again, err := Parse(first)
		if err != nil {
			t.Fatalf("what was written cannot be read: %v\n%s", err, first)
		}
		if second, err := again.Encode(); err != nil || !bytes.Equal(first, second) {
			t.Fatalf("written a second time: %v\n%s\nfirst:\n%s", err, second, first)
		}
	})
}
