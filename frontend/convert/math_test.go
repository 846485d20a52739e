package convert

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/adabc437/fanout/frontend/nbformat"
)

func markdownPage(t *testing.T, cells ...string) string {
	t.Helper()
	nb := &nbformat.Notebook{Minor: 5}
	for _, c := range cells {
		nb.Cells = append(nb.Cells, &nbformat.Cell{Type: nbformat.Markdown, Source: c})
	}
	out, err := EncodeHTML(t.Context(), nb, "n", Options{})
	if err != nil {
		t.Fatal(err)
	}
	_, body, _ := strings.Cut(string(out), "<main>")
	return body
}

func TestFormulasBecomeMathML(t *testing.T) {
	for _, test := range []struct{ source, want string }{
		{"an $e^x$ here", "<msup><mi>e</mi><mi>x</mi></msup>"},
		{`an \(e^x\) here`, "<msup><mi>e</mi><mi>x</mi></msup>"},
		{"$$\na^2\n\n+ b\n$$", `<div class="math-display">`},
		{"text\n\\[ x \\]\nmore", `display="block"`},
		{"> $$y$$", `<math`},
		{"> $$\n> y + z\n> $$\n> more", `<annotation encoding="application/x-tex">y + z</annotation>`},
		{"- item\n\n  \\[\n  y\n  \\]\n- other", `<annotation encoding="application/x-tex">y</annotation>`},
		{"\\begin{align}\na\n\\end{align}", `\end{align}</annotation>`},
		{"- a\n\n\t$$y^2$$", `<annotation encoding="application/x-tex">y^2</annotation>`},
		{"- a\n\n\t$$\n\tq\n\t$$", `<annotation encoding="application/x-tex">q</annotation>`},
		{`a set $\{1\}$`, `<annotation encoding="application/x-tex">\{1\}</annotation>`},
		{"**$z$**", `<strong><span class="math">`},
	} {
		if got := markdownPage(t, test.source); !strings.Contains(got, test.want) || !strings.Contains(got, "<math") {
			t.Errorf("%q gives %s, want %q in it", test.source, got, test.want)
		}
	}
}

func TestWhatIsNoFormulaStays(t *testing.T) {
	for _, test := range []struct{ source, want string }{
		{"it costs $5, not $6", "<p>it costs $5, not $6</p>"},
		{"code `$x$` stays", "<code>$x$</code>"},
		{"$6, code `$x$`", "<p>$6, code <code>$x$</code></p>"},
		{"\\(6,\ncode ``a ` \\(x\\)``", "<code>a ` \\(x\\)</code></p>"},
		{"```\n$x$\n```", "<pre>$x$\n</pre>"},
		{`a \$x$ b`, "<p>a $x$ b</p>"},
		{"$$\nno end", "<p>$$\nno end</p>"},
		{"> $$\n> no end in here\n\n$$", "no end in here"},
	} {
		if got := markdownPage(t, test.source); !strings.Contains(got, test.want) || strings.Contains(got, "<math") {
			t.Errorf("%q gives %s, want %q in it and no formula", test.source, got, test.want)
		}
	}
}

// Equations have one count over the notebook, and texts refer to those that come later, too.
func TestEquationsAreNumbered(t *testing.T) {
	got := markdownPage(t, `See \eqref{second} and \ref{none}.`,
		"\\begin{equation} a \\end{equation}", "\\begin{align} b &= 1 \\label{second} \\\\ c &= 2 \\end{align}")
	for _, want := range []string{
		`See <a href="#eq-second">(2)</a> and <a href="#eq-none">?</a>.`, `<span class="math-number">(1)</span>`,
		`<div class="math-display" id="eq-second">`, `<mtext>(2)</mtext>`, `<mtext>(3)</mtext>`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the page has no %s: %s", want, got)
		}
	}
}

func TestAFormulaThatIsWrongIsShownAsItIs(t *testing.T) {
	if got := markdownPage(t, `$\frac{a}{<b>$`); !strings.Contains(got, "katex-error") || !strings.Contains(got, `\frac{a}{&lt;b&gt;`) {
		t.Errorf("the page is %s", got)
	}
	if got := markdownPage(t, `$\href{javascript:alert(1)}{x} \includegraphics{https://example.com/x.png}$`); strings.Contains(got, "href=") || strings.Contains(got, "<img") {
		t.Errorf("the page is %s", got)
	}
}

func TestLaTeXOutputs(t *testing.T) {
	nb := &nbformat.Notebook{Minor: 5, Cells: []*nbformat.Cell{{Type: nbformat.Code, Source: "x", Outputs: []*nbformat.Output{
		{Type: nbformat.DisplayData, Data: map[string]any{"text/latex": "$x^2$", "text/plain": "plain"}},
	}}}}
	out, err := EncodeHTML(t.Context(), nb, "n", Options{})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(out), "<msup><mi>x</mi><mn>2</mn></msup>") || strings.Contains(string(out), "plain</pre>") {
		t.Errorf("the page is %s", out)
	}
}

func TestLinksToHeadingsMayHaveTheirCapitals(t *testing.T) {
	got := markdownPage(t, "# The Result\n\n[here](#The-Result) [there](#Mine) <a id=\"Mine\"></a>")
	for _, want := range []string{`id="the-result"`, `href="#the-result"`, `href="#Mine"`} {
		if !strings.Contains(got, want) {
			t.Errorf("the page has no %s: %s", want, got)
		}
	}
}

func TestThereIsNoPageWhenNobodyWaitsForIt(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	nb := &nbformat.Notebook{Minor: 5, Cells: []*nbformat.Cell{{Type: nbformat.Markdown, Source: "$x$"}}}
	if out, err := EncodeHTML(ctx, nb, "n", Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v, %s", err, out)
	}
}

// No Markdown makes formulas fail, and none is lost.
func FuzzFormulas(f *testing.F) {
	for _, s := range []string{"$x$", "$$\nx\n$$", `\begin{align} a \\ b \end{align}`, "> $$\n> x\n> $$\n", "- \\[\n", "$\xff$", "`$`$x$`", `\eqref{a}$\label{a}$`, "| $a|b$ |\n|-|\n", "- a\n\n\t$$", "- a\n\n\t\\[\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, source string) {
		if len(source) > 1<<10 {
			return
		}
		nb := &nbformat.Notebook{Minor: 5, Cells: []*nbformat.Cell{{Type: nbformat.Markdown, Source: source}}}
		if _, err := EncodeHTML(t.Context(), nb, "n", Options{}); err != nil {
			t.Fatal(err)
		}
	})
}
