package convert

import (
	"bytes"
	"context"
	"html/template"
	"io"
	"io/fs"
	"net/url"
	"path"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	goldmarkrenderer "github.com/yuin/goldmark/renderer"
	goldmarkhtml "github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// maxImage is how many bytes an image may have that becomes part of a page, and
// maxImages all that come from files.
const (
	maxImage  = 32 << 20
	maxImages = 256 << 20
)

// A renderer turns the Markdown of one page into HTML.
type renderer struct {
	page        *page
	markdown    goldmark.Markdown
	context     parser.Context // the anchors of the page's headings
	headings    []heading      // of what was rendered, in order
	embedded    int            // bytes of images that came from files
	mathematics *mathematics
}

// A heading can be gone to. Level is 1 to 6.
type heading struct {
	Level    int
	ID, Text string
}

func newRenderer(ctx context.Context, p *page) *renderer {
	m := &mathematics{ctx: ctx}
	return &renderer{
		page:        p,
		mathematics: m,
		markdown: goldmark.New(
			goldmark.WithExtensions(extension.GFM, extension.Footnote, m),
			goldmark.WithParserOptions(parser.WithAutoHeadingID()),
			goldmark.WithRendererOptions(
				goldmarkhtml.WithUnsafe(), // withoutScripts follows
				goldmarkrenderer.WithNodeRenderers(util.Prioritized(codeBlocks{}, 100)),
			),
		),
		context: parser.NewContext(),
	}
}

// render gives Markdown as HTML. Images come from attachments, or from files beside
// the notebook. numbered are its formulas with the numbers of their equations; nil leaves
// them as they are.
func (r *renderer) render(source string, attachments map[string]any, numbered []string) (template.HTML, error) {
	in := []byte(source)
	doc := r.markdown.Parser().Parse(text.NewReader(in), parser.WithContext(r.context))
	err := ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Image:
			if embedded := r.image(string(n.Destination), attachments); embedded != "" {
				n.Destination = []byte(embedded)
			}
		case *ast.Link:
			n.Destination = r.page.place(n.Destination)
		case *ast.Heading:
			if id, ok := n.AttributeString("id"); ok {
				if id, ok := id.([]byte); ok {
					r.headings = append(r.headings, heading{n.Level, string(id), words(n, in)})
				}
			}
		}
		return ast.WalkContinue, nil
	})
	if err != nil {
		return "", err
	}
	for i, f := range formulas(doc) {
		if i < len(numbered) {
			f.tex = numbered[i]
		}
	}
	var out bytes.Buffer
	if err := r.markdown.Renderer().Render(&out, in, doc); err != nil {
		return "", err
	}
	return r.page.foreign(out.String())
}

// words are the text of a node, without its marks.
func words(n ast.Node, source []byte) string {
	var text strings.Builder
	_ = ast.Walk(n, func(n ast.Node, entering bool) (ast.WalkStatus, error) { // no step fails
		switch n := n.(type) {
		case *ast.Text:
			if entering {
				text.Write(n.Value(source))
				if n.SoftLineBreak() || n.HardLineBreak() {
					text.WriteByte(' ')
				}
			}
		case *ast.String:
			if entering {
				text.Write(n.Value)
			}
		case *inlineFormula:
			if entering {
				text.WriteString(n.tex)
			}
		}
		return ast.WalkContinue, nil
	})
	return text.String()
}

// image gives an image as a data URL; "" if it is none of ours.
func (r *renderer) image(destination string, attachments map[string]any) string {
	u, err := url.Parse(destination)
	if err != nil {
		return ""
	}
	if u.Scheme == "attachment" {
		name, err := url.PathUnescape(u.Opaque)
		if err != nil {
			return ""
		}
		data, _ := attachments[name].(map[string]any)
		for _, kind := range images {
			if image := kind.bytes(data); image != nil {
				return dataURL(kind.mime, image)
			}
		}
		return ""
	}
	if r.page.options.Images == nil || u.IsAbs() || u.Host != "" || u.Path == "" {
		return ""
	}
	mime := mimeOf(u.Path)
	if mime == "" {
		return ""
	}
	data, err := readImage(r.page.options.Images, path.Clean(u.Path))
	if err != nil || r.embedded+len(data) > maxImages {
		return "" // as it is in a browser: a picture that is not there
	}
	r.embedded += len(data)
	return dataURL(mime, data)
}

// mimeOf gives the type of an image by its name; "" if it is none.
func mimeOf(name string) string {
	ext := strings.ToLower(path.Ext(name))
	if ext == ".jpeg" {
		ext = ".jpg"
	}
	for _, kind := range images {
		if kind.ext == ext {
			return kind.mime
		}
	}
	return ""
}

// readImage reads a file of a folder, if it is not too large to become part of a page.
func readImage(folder fs.FS, name string) ([]byte, error) {
	info, err := fs.Stat(folder, name) // first, as opening a pipe would wait
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > maxImage {
		return nil, fs.ErrInvalid
	}
	f, err := folder.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxImage))
}

// codeBlocks shows blocks of code in colours.
type codeBlocks struct{}

var _ goldmarkrenderer.NodeRenderer = codeBlocks{}

// RegisterFuncs says which nodes are rendered here.
func (codeBlocks) RegisterFuncs(r goldmarkrenderer.NodeRendererFuncRegisterer) {
	r.Register(ast.KindFencedCodeBlock, func(w util.BufWriter, source []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		block := n.(*ast.FencedCodeBlock)
		var code strings.Builder
		for i := range block.Lines().Len() {
			line := block.Lines().At(i)
			code.Write(line.Value(source))
		}
		_, err := w.WriteString(string(highlight(code.String(), string(block.Language(source)))))
		return ast.WalkSkipChildren, err
	})
}
