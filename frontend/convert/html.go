package convert

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"github.com/adabc437/fanout/frontend/internal/colour"
	"html/template"
	"slices"
	"strings"
	"sync"

	"github.com/adabc437/fanout/frontend/nbformat"
)

//go:embed page.css
var pageCSS string

//go:embed page.html
var pageHTML string

// policy is what a page may do: show itself. It is in the page, so that it holds
// wherever the file is opened.
const policy = "default-src 'none'; script-src 'none'; style-src 'unsafe-inline'; " +
	"img-src data: https:; media-src data:; font-src data:; base-uri 'none'; form-action 'none'"

// fewHeadings is how many headings a page has at least that lists them.
const fewHeadings = 3

// EncodeHTML writes nb as one page of HTML that needs no other file. name is its
// title, where no heading in it is. Where there are several headings, a table of contents leads to them.
//
// Scripts in outputs and Markdown are taken out, and the page forbids all scripts,
// unless the options allow them. When ctx ends first, there is no page.
func EncodeHTML(ctx context.Context, nb *nbformat.Notebook, name string, o Options) ([]byte, error) {
	language := nb.Language()
	if language == "" {
		language = "go"
	}
	p := page{options: o, language: language}
	for _, c := range nb.Cells {
		if c.Type == nbformat.Markdown {
			p.sources = append(p.sources, c.Source)
		}
	}
	p.markdown = newRenderer(ctx, &p)
	p.numbered = p.markdown.number(nb)
	data := struct {
		Title, Policy, Language string
		CSS                     template.CSS
		Contents                []heading
		Cells                   []pageCell
	}{Title: title(nb, name), Language: language, CSS: template.CSS(pageCSS)}
	if !o.AllowScripts {
		data.Policy = policy
	}
	for i, c := range nb.Cells {
		cell, err := p.cell(c)
		if err != nil {
			return nil, fmt.Errorf("cell %d: %w", i+1, err)
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		data.Cells = append(data.Cells, cell)
	}
	if h := p.markdown.headings; len(h) >= fewHeadings {
		data.Contents = h
	}
	var out bytes.Buffer
	if err := pageTemplate().Execute(&out, data); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

var pageTemplate = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("page").Parse(pageHTML))
})

// title is the first heading of the notebook, or name.
func title(nb *nbformat.Notebook, name string) string {
	for _, c := range nb.Cells {
		if c.Type != nbformat.Markdown {
			continue
		}
		for line := range strings.Lines(c.Source) {
			if heading, ok := strings.CutPrefix(strings.TrimSpace(line), "# "); ok {
				return strings.TrimSpace(heading)
			}
		}
	}
	return name
}

// A page is a page in the making.
type page struct {
	options  Options
	language string
	markdown *renderer
	numbered map[*nbformat.Cell][]string // formulas of Markdown cells
	sources  []string                    // of Markdown cells
}

// place is where a link leads. To a heading it may be written as in a notebook, with the
// heading's capitals, which its anchor here has not.
func (p *page) place(link []byte) []byte {
	if !bytes.HasPrefix(link, []byte{'#'}) {
		return link
	}
	own := `="` + string(link[1:]) + `"` // an id in HTML
	if slices.ContainsFunc(p.sources, func(s string) bool { return strings.Contains(s, own) }) {
		return link
	}
	return bytes.ToLower(link)
}

// A pageCell is what the template shows of a cell.
type pageCell struct {
	Kind    string // code, markdown or raw
	Count   string // of the execution; empty if there is none
	Body    template.HTML
	Outputs []pageOutput
}

// A pageOutput is what the template shows of an output. Label names it to those who
// cannot see it.
type pageOutput struct {
	Class, Count string
	Body         template.HTML
}

func (p *page) cell(c *nbformat.Cell) (pageCell, error) {
	cell := pageCell{Kind: c.Type}
	var err error
	switch c.Type {
	case nbformat.Markdown:
		cell.Body, err = p.markdown.render(c.Source, c.Attachments, p.numbered[c])
	case nbformat.Code:
		if c.ExecutionCount != nil {
			cell.Count = fmt.Sprint(*c.ExecutionCount)
		}
		cell.Body = highlight(c.Source, p.language)
		for _, o := range c.Outputs {
			if err == nil {
				var shown pageOutput
				if shown, err = p.output(o); shown.Body != "" {
					cell.Outputs = append(cell.Outputs, shown)
				}
			}
		}
	default:
		cell.Body = pre(c.Source)
	}
	return cell, err
}

func (p *page) output(o *nbformat.Output) (pageOutput, error) {
	switch o.Type {
	case nbformat.Stream:
		return pageOutput{Class: "stream " + streamClass(o.Name), Body: pre(o.Text)}, nil
	case nbformat.Error:
		return pageOutput{Class: "error", Body: pre(errorText(o))}, nil
	}
	out := pageOutput{Class: "data"}
	if o.ExecutionCount != nil {
		out.Count = fmt.Sprint(*o.ExecutionCount)
	}
	var err error
	out.Body, err = p.bundle(o.Data, o.Metadata)
	return out, err
}

func streamClass(name string) string {
	if name == "stderr" {
		return "stderr"
	}
	return "stdout"
}

// bundle shows the richest form in a MIME bundle.
func (p *page) bundle(data, meta map[string]any) (template.HTML, error) {
	if text, ok := data["text/html"].(string); ok {
		return p.foreign(text)
	}
	for _, kind := range images {
		if image := kind.bytes(data); image != nil {
			return picture(kind.mime, image, data, meta), nil
		}
	}
	if text, ok := data["text/markdown"].(string); ok {
		return p.markdown.render(text, nil, nil)
	}
	if text, ok := data["text/latex"].(string); ok {
		return p.markdown.mathematics.latex(text), nil
	}
	if text, ok := data["text/plain"].(string); ok {
		return pre(text), nil
	}
	if value, ok := data["application/json"]; ok {
		text, err := json.MarshalIndent(value, "", "  ")
		if err != nil {
			return "", err
		}
		return highlight(string(text), "json"), nil
	}
	return "", nil
}

// foreign is HTML of an output.
func (p *page) foreign(text string) (template.HTML, error) {
	if p.options.AllowScripts {
		return template.HTML(text), nil
	}
	clean, err := withoutScripts(text)
	return template.HTML(clean), err
}

// picture embeds an image. As an image, an SVG cannot run scripts.
func picture(mime string, image []byte, data, meta map[string]any) template.HTML {
	var size strings.Builder
	if m, ok := meta[mime].(map[string]any); ok {
		for _, side := range []string{"width", "height"} {
			if n, ok := m[side].(json.Number); ok {
				fmt.Fprintf(&size, ` %s="%s"`, side, template.HTMLEscapeString(n.String()))
			}
		}
	}
	alt := "a picture"
	if text, ok := data["text/plain"].(string); ok && len(text) <= 200 && !strings.Contains(text, "\n") {
		alt = text
	}
	return template.HTML(fmt.Sprintf(`<img alt="%s"%s src="%s">`, template.HTMLEscapeString(alt), size.String(), dataURL(mime, image)))
}

func dataURL(mime string, data []byte) string {
	return "data:" + mime + ";base64," + base64.StdEncoding.EncodeToString(data)
}

// pre is text as a terminal shows it.
func pre(text string) template.HTML {
	if text == "" {
		return ""
	}
	return template.HTML("<pre>" + ansiHTML(strings.TrimSuffix(text, "\n")) + "</pre>")
}

// classes are the classes of highlighted code, of which page.css says how they look.
var classes = colour.Theme{
	Keyword: "kw", Type: "ty", Function: "fn", String: "st", Number: "nu", Comment: "co", Operator: "op", Magic: "mg",
}

// highlight colours code, if it is Go.
func highlight(code, language string) template.HTML {
	if language != "go" {
		return template.HTML("<pre>" + template.HTMLEscapeString(code) + "</pre>")
	}
	var out strings.Builder
	out.WriteString(`<pre class="go">`)
	for _, span := range classes.Highlight(code) {
		if span.Style == "" {
			out.WriteString(template.HTMLEscapeString(span.Text))
			continue
		}
		fmt.Fprintf(&out, `<span class="%s">%s</span>`, span.Style, template.HTMLEscapeString(span.Text))
	}
	out.WriteString("</pre>")
	return template.HTML(out.String())
}
