package convert

import (
	"bytes"
	"context"
	"html/template"
	"regexp"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	goldmarkrenderer "github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"

	"github.com/adabc437/fanout/frontend/internal/tex"
	"github.com/adabc437/fanout/frontend/nbformat"
)

// mathematics finds formulas in Markdown, as the page of the web notebook does, and sets
// them. What sets them is loaded with the first.
type mathematics struct {
	ctx    context.Context // of the page
	setter *tex.Setter
	failed bool // it cannot be loaded: formulas stay as they are written
}

// maxInline is how many bytes behind a delimiter are looked at for the other.
const maxInline = 16 << 10

func (m *mathematics) load() *tex.Setter {
	if m.setter == nil && !m.failed {
		var err error
		m.setter, err = tex.New(m.ctx)
		m.failed = err != nil
	}
	return m.setter
}

// set gives a formula as HTML; as code, if it cannot be set.
func (m *mathematics) set(formula string, display bool) string {
	if s := m.load(); s != nil {
		if out, err := s.Set(formula, display); err == nil {
			return out
		}
	}
	return "<code>" + template.HTMLEscapeString(formula) + "</code>"
}

// latex is a LaTeX output.
func (m *mathematics) latex(source string) template.HTML {
	if s := m.load(); s != nil {
		source = s.Of(source)
	}
	return template.HTML(`<div class="math-display">` + m.set(source, true) + `</div>`)
}

// number gives the equations of a notebook their numbers, before any is shown, as a text
// may refer to one that comes later. It returns the formulas of each Markdown cell.
func (r *renderer) number(nb *nbformat.Notebook) map[*nbformat.Cell][]string {
	numbered := map[*nbformat.Cell][]string{}
	for _, c := range nb.Cells {
		if c.Type != nbformat.Markdown || !strings.ContainsAny(c.Source, `$\`) {
			continue
		}
		doc := r.markdown.Parser().Parse(text.NewReader([]byte(c.Source)))
		for _, f := range formulas(doc) {
			if s := r.mathematics.load(); s != nil {
				numbered[c] = append(numbered[c], s.Number(f.tex))
			}
		}
	}
	return numbered
}

func formulas(doc ast.Node) (list []*formula) {
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) { // no step fails
		switch n := n.(type) {
		case *inlineFormula:
			if entering {
				list = append(list, &n.formula)
			}
		case *blockFormula:
			if entering && n.closed {
				list = append(list, &n.formula)
			}
		}
		return ast.WalkContinue, nil
	})
	return list
}

type formula struct {
	tex     string
	display bool
	label   string // the first of it
}

var label = regexp.MustCompile(`\\label\s*\{([^{}]*)\}`)

func newFormula(source string, display bool) formula {
	f := formula{tex: source, display: display}
	if m := label.FindStringSubmatch(source); m != nil {
		f.label = m[1]
	}
	return f
}

// The nodes of formulas, and of what refers to them.
type (
	inlineFormula struct {
		ast.BaseInline
		formula
	}
	blockFormula struct {
		ast.BaseBlock
		formula
		begin, end string
		inner      strings.Builder // what is between them
		closed     bool            // else the list or quotation that it is in ended first
	}
	reference struct {
		ast.BaseInline
		label    string
		brackets bool
	}
)

var (
	kindInline    = ast.NewNodeKind("Formula")
	kindBlock     = ast.NewNodeKind("FormulaBlock")
	kindReference = ast.NewNodeKind("EquationReference")
)

func (*inlineFormula) Kind() ast.NodeKind { return kindInline }
func (*blockFormula) Kind() ast.NodeKind  { return kindBlock }
func (*reference) Kind() ast.NodeKind     { return kindReference }

func (n *inlineFormula) Dump(source []byte, level int) { ast.DumpHelper(n, source, level, nil, nil) }
func (n *blockFormula) Dump(source []byte, level int)  { ast.DumpHelper(n, source, level, nil, nil) }
func (n *reference) Dump(source []byte, level int)     { ast.DumpHelper(n, source, level, nil, nil) }

// Extend has goldmark find and show formulas.
func (m *mathematics) Extend(g goldmark.Markdown) {
	g.Parser().AddOptions(
		parser.WithInlineParsers(util.Prioritized(inlineMath{m}, 50)),
		parser.WithBlockParsers(util.Prioritized(blockMath{}, 50)),
	)
	g.Renderer().AddOptions(goldmarkrenderer.WithNodeRenderers(util.Prioritized(mathRenderer{m}, 100)))
}

type inlineMath struct{ m *mathematics }

// Trigger says with what formulas and references begin.
func (inlineMath) Trigger() []byte { return []byte{'$', '\\'} }

var refers = regexp.MustCompile(`^\\(eq)?ref\{([^{}\n]+)\}`)

// Parse reads a formula or a reference.
func (p inlineMath) Parse(_ ast.Node, block text.Reader, _ parser.Context) ast.Node {
	line, _ := block.PeekLine()
	if found := refers.FindSubmatch(line); found != nil {
		block.Advance(len(found[0]))
		return &reference{label: string(found[2]), brackets: len(found[1]) > 0}
	}
	if line[0] == '\\' && (len(line) < 2 || line[1] != '(' && line[1] != '[') {
		return nil
	}
	rest := ahead(block)
	if line[0] == '$' && strings.Count(rest, "$") < 2 {
		return nil
	}
	s := p.m.load()
	if s == nil {
		return nil
	}
	f, ok := s.At(rest)
	if !ok {
		return nil
	}
	block.Advance(f.Len)
	return &inlineFormula{formula: newFormula(f.TeX, f.Display)}
}

// ahead is the text from here to the end of the block, as far as it counts.
func ahead(block text.Reader) string {
	at, position := block.Position()
	defer block.SetPosition(at, position)
	var rest strings.Builder
	for rest.Len() < maxInline {
		line, _ := block.PeekLine()
		if line == nil {
			break
		}
		rest.Write(line[:min(len(line), maxInline-rest.Len())])
		block.AdvanceLine()
	}
	return strings.ToValidUTF8(rest.String(), "")
}

type blockMath struct{}

var opens = regexp.MustCompile(`^(\$\$|\\\[|\\begin\{(?:equation|align|gather|multline|cases|matrix|pmatrix|bmatrix)\*?\})`)

// Trigger says with what blocks of a formula begin.
func (blockMath) Trigger() []byte { return []byte{'$', '\\'} }

// Open begins a block that ends, with nothing behind it on its last line.
func (blockMath) Open(_ ast.Node, reader text.Reader, _ parser.Context) (ast.Node, parser.State) {
	line, segment := reader.PeekLine()
	indent := len(line) - len(bytes.TrimLeft(line, " "))
	begin := string(opens.Find(line[indent:]))
	if begin == "" {
		return nil, parser.NoChildren
	}
	n := &blockFormula{begin: begin, end: begin}
	switch begin {
	case "$$":
	case `\[`:
		n.end = `\]`
	default:
		n.end = strings.Replace(begin, "begin", "end", 1)
	}
	first := line[indent+len(begin):]
	end, after, here := bytes.Cut(first, []byte(n.end))
	if !here { // it may be on another line, not too far away
		source := reader.Source()
		behind := source[segment.Stop:min(segment.Stop+maxInline, len(source))]
		_, after, here = bytes.Cut(behind, []byte(n.end))
		after, _, _ = bytes.Cut(after, []byte{'\n'})
		end = first
	}
	if !here || len(bytes.TrimSpace(after)) > 0 {
		return nil, parser.NoChildren
	}
	n.closed = len(end) < len(first)
	n.inner.Write(end)
	reader.AdvanceToEOL()
	return n, parser.NoChildren
}

// Continue takes the lines up to the end of the formula, without the marks of the list or
// quotation that it is in.
func (blockMath) Continue(n ast.Node, reader text.Reader, _ parser.Context) parser.State {
	f := n.(*blockFormula)
	if f.closed {
		return parser.Close
	}
	line, _ := reader.PeekLine()
	end, _, closed := bytes.Cut(line, []byte(f.end))
	f.inner.Write(end)
	f.closed = closed
	reader.AdvanceToEOL()
	return parser.Continue | parser.NoChildren
}

// Close gives the formula the delimiters that are a part of it.
func (blockMath) Close(n ast.Node, _ text.Reader, _ parser.Context) {
	f := n.(*blockFormula)
	inner := f.inner.String()
	if strings.HasPrefix(f.begin, `\begin`) {
		inner = f.begin + inner + f.end
	}
	f.formula = newFormula(strings.TrimSpace(inner), true)
}

// CanInterruptParagraph says that a block needs no empty line before it.
func (blockMath) CanInterruptParagraph() bool { return true }

// CanAcceptIndentedLine says that what is far to the right is code.
func (blockMath) CanAcceptIndentedLine() bool { return false }

type mathRenderer struct{ m *mathematics }

var _ goldmarkrenderer.NodeRenderer = mathRenderer{}

// RegisterFuncs says which nodes are rendered here.
func (r mathRenderer) RegisterFuncs(reg goldmarkrenderer.NodeRendererFuncRegisterer) {
	show := func(w util.BufWriter, f *formula, element string) {
		class, id := "math", ""
		if f.display {
			class = "math-display"
		}
		if f.label != "" {
			id = ` id="` + template.HTMLEscapeString(anchor(f.label)) + `"`
		}
		_, _ = w.WriteString("<" + element + ` class="` + class + `"` + id + ">" + r.m.set(f.tex, f.display) + "</" + element + ">") // errors come with the flush
	}
	reg.Register(kindInline, func(w util.BufWriter, _ []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
		if entering {
			show(w, &n.(*inlineFormula).formula, "span")
		}
		return ast.WalkSkipChildren, nil
	})
	reg.Register(kindBlock, func(w util.BufWriter, _ []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
		f := n.(*blockFormula)
		switch {
		case entering && f.closed:
			show(w, &f.formula, "div")
			_ = w.WriteByte('\n')
		case entering:
			_, _ = w.WriteString("<p>" + template.HTMLEscapeString(f.begin+f.inner.String()) + "</p>\n")
		}
		return ast.WalkSkipChildren, nil
	})
	reg.Register(kindReference, func(w util.BufWriter, _ []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkSkipChildren, nil
		}
		ref := n.(*reference)
		shown := "?"
		if s := r.m.load(); s != nil {
			shown = s.Reference(ref.label, ref.brackets)
		}
		_, _ = w.WriteString(`<a href="#` + template.HTMLEscapeString(anchor(ref.label)) + `">` + template.HTMLEscapeString(shown) + "</a>")
		return ast.WalkSkipChildren, nil
	})
}

// anchor is the id of an equation.
func anchor(label string) string {
	return "eq-" + strings.Map(func(r rune) rune {
		if strings.ContainsRune(" \t\n\"'<>&#%", r) {
			return '-'
		}
		return r
	}, label)
}
