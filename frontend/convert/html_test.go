package convert

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/adabc437/fanout/frontend/nbformat"
)

// htmlOf gives nb as a page.
func htmlOf(t *testing.T, nb *nbformat.Notebook, o Options) string {
	t.Helper()
	text, err := EncodeHTML(t.Context(), nb, "name", o)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func shows(mime, text string) *nbformat.Notebook {
	return &nbformat.Notebook{Minor: 5, Cells: []*nbformat.Cell{{
		Type: nbformat.Code, ID: "a", Source: "x",
		Outputs: []*nbformat.Output{{Type: nbformat.DisplayData, Data: map[string]any{mime: text}}},
	}}}
}

func TestHTMLHolds(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "a.png"), []byte("PNG"), 0o600); err != nil {
		t.Fatal(err)
	}
	nb := small()
	nb.Cells = append(nb.Cells, &nbformat.Cell{
		Type: nbformat.Markdown, ID: "m",
		Source:      "| a | b |\n|---|---|\n| 1 | ~~2~~ |\n\n```go\nfunc f() {}\n```\n\n![p](a.png) ![q](attachment:q.png) ![r](../secret.png)\n\n<b>bold</b>\n\n# A title",
		Attachments: map[string]any{"q.png": map[string]any{"image/png": "UQ=="}},
	})
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	got := htmlOf(t, nb, Options{Images: root.FS()})
	for _, want := range []string{
		"<title>A title</title>", "Content-Security-Policy", "script-src &#39;none&#39;",
		`<h1 id="a-title">`, `<h1 id="a-title-1">`, // anchors are unique in the page
		"<td><del>2</del></td>", `<span class="kw">func</span>`, `src="data:image/png;base64,UE5H"`, `src="data:image/png;base64,UQ=="`,
		"<b>bold</b>", "prefers-color-scheme: dark", `<span class="ansi-1">red</span>`, "<pre>100%\n",
		`<img alt="a plot" src="data:image/svg+xml;base64,PHN2Zy8&#43;">`, "[1]", "<pre>[0 1 4]</pre>",
	} {
		want = strings.ReplaceAll(want, "&#43;", "+")
		if !strings.Contains(got, want) {
			t.Errorf("%s is missing", want)
		}
	}
	for _, no := range []string{"10%\r", "\x1b", "<script", "attachment:"} {
		if strings.Contains(got, no) {
			t.Errorf("%q is in it", no)
		}
	}
}

func TestThePageListsItsHeadings(t *testing.T) {
	nb := small()
	nb.Cells = append(nb.Cells, &nbformat.Cell{Type: nbformat.Markdown, ID: "m", Source: "## The *second* `x < 1`\n\n```\n# none\n```\n\n### A title"})
	got := htmlOf(t, nb, Options{})
	want := `<a class="h2" href="#the-second-x--1">The second x &lt; 1</a>
<a class="h3" href="#a-title-1">A title</a>
</nav>`
	if !strings.Contains(got, want) {
		t.Errorf("the contents are\n%s\nwant at their end\n%s", got[strings.Index(got, "<details"):strings.Index(got, "</details>")], want)
	}
	if got := htmlOf(t, small(), Options{}); strings.Contains(got, "<details") {
		t.Error("one heading is listed")
	}
}

func TestScriptsAreTakenOut(t *testing.T) {
	for _, text := range []string{
		`<script>EVIL</script>`, `<p onclick="EVIL">a</p>`, `<a href="javascript:EVIL">a</a>`, `<a href=" java&#9;script:EVIL">a</a>`,
		`<svg><script>EVIL</script></svg>`, `<svg onload=EVIL>`, `<svg><a xlink:href="javascript:EVIL"><text>a</text></a></svg>`,
		`<iframe srcdoc="EVIL"></iframe>`, `<meta http-equiv=refresh content="0;url=EVIL">`, `<base href="//EVIL">`,
		`<math><mtext><table><mglyph><style><img src=x onerror=EVIL>`, `<object data="EVIL"></object>`, `<img src="data:text/html,EVIL">`,
		`<svg><animate attributeName=href values="javascript:EVIL" />`, `<link rel=stylesheet href=EVIL>`, `<form action=EVIL></form>`,
		`<noscript><p title="</noscript><img src=x onerror=EVIL>">`,
	} {
		for _, nb := range []*nbformat.Notebook{
			shows("text/html", text), shows("text/markdown", text),
			{Cells: []*nbformat.Cell{{Type: nbformat.Markdown, Source: text}}},
		} {
			got := htmlOf(t, nb, Options{})
			_, body, _ := strings.Cut(got, "<main>")
			lower := strings.ToLower(body)
			for _, no := range []string{"<script", "onclick=", "onload=", "<iframe", "<meta", "<base", "<object", "<link", "javascript:", "text/html,", "action="} {
				if strings.Contains(lower, no) {
					t.Errorf("%s leaves %s", text, body)
				}
			}
			if !strings.Contains(got, "script-src &#39;none&#39;") {
				t.Error("the page has no policy")
			}
		}
	}
	got := htmlOf(t, shows("text/html", `<script>wanted()</script>`), Options{AllowScripts: true})
	if !strings.Contains(got, "<script>wanted()</script>") || strings.Contains(got, "Content-Security-Policy") {
		t.Error("scripts that are allowed are missing")
	}
}

func TestOpenElementsEndWithTheirOutput(t *testing.T) {
	got := htmlOf(t, shows("text/html", "<table><tr><td>a</div></section>"), Options{})
	if !strings.Contains(got, "<table><tbody><tr><td>a</td></tr></tbody></table></div></div>\n</section>") {
		t.Errorf("got %s", got[strings.Index(got, "<main>"):])
	}
}

func TestANSI(t *testing.T) {
	for text, want := range map[string]string{
		"a<b>":                           "a&lt;b&gt;",
		"\x1b[1;31mx\x1b[0my":            `<span class="ansi-bold ansi-1">x</span>y`,
		"\x1b[38;5;196mx\x1b[39my":       `<span style="color:rgb(255,0,0)">x</span>y`,
		"\x1b[48;2;1;2;3mx\x1b[m":        `<span style="background-color:rgb(1,2,3)">x</span>`,
		"\x1b[97;44mx":                   `<span class="ansi-15 ansi-4-bg">x</span>`,
		"\x1b[2K\x1b]0;title\ax":         "x",
		"a\rb\r\nc\r":                    "b\nc",
		"\x1b[38;5mx\x1b[999mx\x1b[38mx": "xxx",
	} {
		if got := ansiHTML(text); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}
