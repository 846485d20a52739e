package rooms

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/base64"
	"io"
	"mime"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/adabc437/fanout/frontend/nbformat"
)

// export asks for a notebook as a file of a kind.
func (b *bench) export(path, to string) (status int, name, body string) {
	b.Helper()
	resp, err := http.Get(b.server.URL + "/api/fanout/export?" + url.Values{"path": {path}, "to": {to}}.Encode())
	if err != nil {
		b.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		b.Fatal(err)
	}
	if _, params, err := mime.ParseMediaType(resp.Header.Get("Content-Disposition")); err == nil {
		name = params["filename"]
	}
	return resp.StatusCode, name, string(data)
}

func TestANotebookIsExportedAsItIsShown(t *testing.T) {
	b := newBench(t, []string{"print before123"})
	if status, name, body := b.export("n.ipynb", "go"); status != 200 || name != "n.go" || !strings.Contains(body, "print before123") {
		t.Errorf("a notebook that is not open: %d %q\n%s", status, name, body)
	}
	p := b.page()
	p.edit("a", 0, "print before123", "print after123")
	p.run("a")
	for to, want := range map[string]string{"ipynb": "n.ipynb", "go": "n.go", "md": "n.md", "html": "n.html"} {
		status, name, body := b.export("n.ipynb", to)
		if status != 200 || name != want || !strings.Contains(body, "after123") || strings.Contains(body, "before123") {
			t.Errorf("%s: %d %q\n%s", to, status, name, body)
		}
		if to == "ipynb" {
			nb, err := nbformat.Parse([]byte(body))
			if err != nil || len(nb.Cells) != 1 || len(nb.Cells[0].Outputs) != 1 {
				t.Errorf("the notebook is %v, %v", nb, err)
			}
		}
	}
	if strings.Contains(b.file(), "after123") {
		t.Error("exporting saved the notebook")
	}
}

func TestWhatIsExportedAsHTMLRunsNothingAndShowsNoHiddenFile(t *testing.T) {
	b := newBench(t, []string{"x"})
	for name, data := range map[string]string{"sub/a.png": "seen", "sub/.b.png": "secret1", ".c.png": "secret2", "sub/.d/e.png": "secret3"} {
		path := filepath.Join(b.dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(filepath.Dir(b.dir), "out.png"), []byte("secret4"), 0o600); err != nil {
		t.Fatal(err)
	}
	nb := &nbformat.Notebook{Minor: 5, Cells: []*nbformat.Cell{
		{Type: nbformat.Markdown, ID: "m", Source: "![](a.png) ![](.b.png) ![](../.c.png) ![](.d/e.png) ![](../../out.png)"},
		{Type: nbformat.Code, ID: "c", Source: "x", Outputs: []*nbformat.Output{{Type: nbformat.DisplayData, Data: map[string]any{"text/html": "<b>kept</b><script>evil()</script>"}}}},
	}}
	if err := nb.WriteFile(filepath.Join(b.dir, "sub", "m.ipynb")); err != nil {
		t.Fatal(err)
	}
	_, _, body := b.export("sub/m.ipynb", "html")
	encoded := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	if !strings.Contains(body, encoded("seen")) || !strings.Contains(body, "<b>kept</b>") || strings.Contains(body, "evil") || !strings.Contains(body, "script-src &#39;none&#39;") {
		t.Errorf("got\n%s", body)
	}
	for _, secret := range []string{"secret1", "secret2", "secret3", "secret4"} {
		if strings.Contains(body, encoded(secret)) {
			t.Errorf("%s is in it", secret)
		}
	}
}

func TestMarkdownWithImagesIsExportedWithThem(t *testing.T) {
	b := newBench(t, []string{"x"})
	nb := &nbformat.Notebook{Minor: 5, Cells: []*nbformat.Cell{
		{Type: nbformat.Code, ID: "c", Source: "x", Outputs: []*nbformat.Output{{Type: nbformat.DisplayData, Data: map[string]any{"image/png": "UQ=="}}}},
	}}
	if err := nb.WriteFile(filepath.Join(b.dir, "m.ipynb")); err != nil {
		t.Fatal(err)
	}
	_, name, body := b.export("m.ipynb", "md")
	z, err := zip.NewReader(bytes.NewReader([]byte(body)), int64(len(body)))
	if err != nil || name != "m.zip" {
		t.Fatalf("%q: %v", name, err)
	}
	var names []string
	for _, f := range z.File {
		names = append(names, f.Name)
	}
	if !slices.Contains(names, "m.md") || len(names) != 2 || !strings.HasPrefix(names[1], "m_files/") {
		t.Errorf("files %q", names)
	}
}

func TestExportsThatCannotBeSayWhy(t *testing.T) {
	b := newBench(t, []string{"x"})
	if err := os.WriteFile(filepath.Join(b.dir, "bad.ipynb"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	python := notebook("x")
	python.Metadata = map[string]any{"language_info": map[string]any{"name": "python"}}
	if err := python.WriteFile(filepath.Join(b.dir, "py.ipynb")); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		path, to string
		status   int
		says     string
	}{
		{"n.ipynb", "pdf", 400, `no format "pdf"`},
		{"../n.ipynb", "go", 400, "not that of a file below"},
		{".n.ipynb", "go", 400, "hidden"},
		{"n.go", "go", 400, "does not end in .ipynb"},
		{"none.ipynb", "go", 404, "no file"},
		{"bad.ipynb", "go", 422, "bad.ipynb"},
		{"py.ipynb", "go", 422, "python"},
	} {
		if status, _, body := b.export(test.path, test.to); status != test.status || !strings.Contains(body, test.says) {
			t.Errorf("%s as %s: %d %s", test.path, test.to, status, body)
		}
	}
}

// Nobody waits for the file of a request that was given up.
func TestAnExportThatWasGivenUpMakesNoFile(t *testing.T) {
	b := newBench(t, []string{"1"})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	w := httptest.NewRecorder()
	b.rooms.serveExport(w, httptest.NewRequestWithContext(ctx, http.MethodGet, "/api/fanout/export?path=n.ipynb&to=html", nil))
	if w.Code != http.StatusServiceUnavailable || strings.Contains(w.Body.String(), "<html") {
		t.Errorf("%d: %s", w.Code, w.Body)
	}
}
