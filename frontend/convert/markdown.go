package convert

import (
	"encoding/base64"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/adabc437/fanout/frontend/nbformat"
)

// The lines of a Markdown file that mean something.
var (
	mdMarkRE  = regexp.MustCompile(`^<!-- %%(?:[ \t](.*))? -->$`)
	mdFenceRE = regexp.MustCompile("^( {0,3})(`{3,}|~{3,})[ \t]*(.*)$")
)

// ParseMarkdown reads Markdown as a notebook: each block of code between fences
// that says go is a code cell, and what stands between two of them is a Markdown
// cell.
//
//	<!-- %% id="a1" -->
//
//	# A title
//
//	```go id="a2" tags=["parameters"]
//	n := 100
//	```
//
// A comment of %%, which does not show, begins a Markdown cell, and says more about
// it. With until="X" it has the lines up to <!-- X -->, whatever they look like; with
// [raw] it is a raw cell; with [outputs] it is left out. Metadata in YAML at the top
// may hold the notebook's, as JSON, after jupyter and a colon.
//
// Errors begin with the number of the line and a colon.
func ParseMarkdown(text []byte) (*nbformat.Notebook, error) {
	p := mdParser{
		nb:    &nbformat.Notebook{Minor: minor, Metadata: standard()},
		lines: lines(text),
		open:  header{metadata: map[string]any{}},
	}
	if err := p.front(); err != nil {
		return nil, err
	}
	for p.at < len(p.lines) {
		line := p.lines[p.at]
		var err error
		if m := mdMarkRE.FindStringSubmatch(line); m != nil {
			err = p.mark(m[1])
		} else if fence, info := fenceOf(line); fence != "" {
			p.fence(fence, info)
		} else {
			p.body = append(p.body, line)
			p.at++
		}
		if err != nil {
			return nil, fmt.Errorf("%d: %w", p.at+1, err)
		}
	}
	p.end()
	finish(p.nb)
	return p.nb, nil
}

// An mdParser goes through the lines of a Markdown file.
type mdParser struct {
	nb    *nbformat.Notebook
	lines []string
	at    int // the line to read next

	open   header // of the cell that body is of
	marked bool   // by a comment
	body   []string
}

// front reads the metadata between two lines of dashes at the top.
func (p *mdParser) front() error {
	if p.lines[0] != "---" {
		return nil
	}
	n := slices.Index(p.lines[1:], "---")
	for i, line := range p.lines[1 : 1+max(n, 0)] {
		if err := readFront(p.nb, line); err != nil {
			return fmt.Errorf("%d: %w", i+2, err)
		}
	}
	if n >= 0 {
		p.at = n + 2
	}
	return nil
}

// end makes a cell of the text so far.
func (p *mdParser) end() {
	if body := trimBlank(p.body); p.marked || len(body) > 0 {
		p.add(strings.Join(body, "\n"))
	}
	p.open, p.marked, p.body = header{metadata: map[string]any{}}, false, nil
}

// add adds the open cell with this text.
func (p *mdParser) add(source string) {
	kind := p.open.kind
	if kind == "" {
		kind = nbformat.Markdown
	}
	p.nb.Cells = append(p.nb.Cells, p.open.cell(kind, source))
}

// mark begins a cell.
func (p *mdParser) mark(text string) error {
	h, err := parseHeader(text)
	if err != nil {
		return err
	}
	p.end()
	p.open = h
	p.at++
	if h.until == "" && h.kind != outputs {
		p.marked = true
		return nil
	}
	last := "<!-- " + h.until + " -->"
	n := slices.Index(p.lines[p.at:], last)
	if n < 0 {
		p.at--
		return fmt.Errorf("the line %s that ends this is missing", last)
	}
	if h.kind != outputs {
		p.add(strings.Join(p.lines[p.at:p.at+n], "\n"))
	}
	p.at += n + 1
	p.open = header{metadata: map[string]any{}}
	return nil
}

// fenceOf gives the fence that line begins a block with, and what follows it.
func fenceOf(line string) (fence, info string) {
	m := mdFenceRE.FindStringSubmatch(line)
	if m == nil || m[2][0] == '`' && strings.Contains(m[3], "`") {
		return "", ""
	}
	if m[1] != "" {
		return m[2], "" // part of the text, as in a list
	}
	return m[2], m[3]
}

// fence reads a block of code. One in Go is a cell; others belong to the text.
func (p *mdParser) fence(fence, info string) {
	first := p.at
	p.at++
	for p.at < len(p.lines) && !closes(p.lines[p.at], fence) {
		p.at++
	}
	block := p.lines[first+1 : p.at]
	p.at = min(p.at+1, len(p.lines))
	word, rest, _ := strings.Cut(info, " ")
	if word != "go" && word != "golang" {
		p.body = append(p.body, p.lines[first:p.at]...)
		return
	}
	h, err := parseHeader(rest)
	if err != nil || h.kind != "" { // it means something to another program
		h = header{metadata: map[string]any{}}
	}
	p.end()
	p.nb.Cells = append(p.nb.Cells, h.cell(nbformat.Code, strings.Join(block, "\n")))
}

// closes says that line ends the block that fence began.
func closes(line, fence string) bool {
	line = strings.TrimRight(line, " \t\r")
	indent := len(line) - len(strings.TrimLeft(line, " "))
	return indent <= 3 && len(line)-indent >= len(fence) && strings.Trim(line[indent:], fence[:1]) == ""
}

// EncodeMarkdown writes nb as Markdown; see [ParseMarkdown]. Outputs follow their
// cells: text between fences, and images from files, which it gives by their names:
// NAME_files/….
func EncodeMarkdown(nb *nbformat.Notebook, name string) (text []byte, files map[string][]byte, err error) {
	if err := isGo(nb); err != nil {
		return nil, nil, err
	}
	head, err := front(nb)
	if err != nil {
		return nil, nil, err
	}
	var out []string
	if len(head) > 0 {
		out = append(append(append(out, "---"), head...), "---", "")
	}
	nb.AddIDs()
	files = map[string][]byte{}
	for i, c := range nb.Cells {
		cell, err := mdCell(c)
		if err != nil {
			return nil, nil, fmt.Errorf("cell %d: %w", i+1, err)
		}
		out = append(append(out, cell...), "")
		w := mdOutputs{prefix: fmt.Sprintf("%s_files/%s_%d_", name, name, i+1), files: files}
		if shown := w.all(c.Outputs); len(shown) > 0 {
			out = append(append(out, region(header{kind: outputs}, shown)...), "")
		}
	}
	return []byte(strings.TrimSuffix(strings.Join(out, "\n"), "\n") + "\n"), files, nil
}

// mdCell gives the lines of a cell.
func mdCell(c *nbformat.Cell) ([]string, error) {
	if err := hasText(c); err != nil {
		return nil, err
	}
	h := headerOf(c)
	text, err := h.encode()
	if err != nil {
		return nil, err
	}
	source := strings.Split(c.Source, "\n")
	switch c.Type {
	case nbformat.Code:
		if c.Source == "" {
			source = nil
		}
		return fenced(strings.TrimRight("go "+text, " "), source), nil
	case nbformat.Raw:
		h.kind = nbformat.Raw
		return region(h, source), nil
	}
	plain := []string{mark(text), ""}
	if c.Source != "" {
		plain = append(plain, source...)
	}
	// What is read back tells whether the text is what it looks like.
	probe := strings.Join(append(slices.Clone(plain), "", mark(""), "", "x"), "\n")
	back, err := ParseMarkdown([]byte(probe))
	if err == nil && len(back.Cells) == 2 && back.Cells[0].Source == c.Source && back.Cells[1].Source == "x" {
		return plain, nil
	}
	return region(h, source), nil
}

func mark(text string) string { return strings.TrimRight("<!-- %% "+text, " ") + " -->" }

// region puts text, whatever it is, between a mark and its end.
func region(h header, text []string) []string {
	h.until = "/%%"
	there := map[string]bool{}
	for _, line := range text {
		there[line] = true
	}
	for n := 2; there["<!-- "+h.until+" -->"]; n++ {
		h.until = "/%% " + strconv.Itoa(n)
	}
	head, _ := h.encode() // has been encoded before
	return append(append([]string{mark(head)}, text...), "<!-- "+h.until+" -->")
}

// fenced puts lines between fences that do not occur in them.
func fenced(info string, text []string) []string {
	longest := 2
	for _, line := range text {
		run := 0
		for i := range len(line) {
			run++
			if line[i] != '`' {
				run = 0
			}
			longest = max(longest, run)
		}
	}
	fence := strings.Repeat("`", longest+1)
	return append(append([]string{fence + info}, text...), fence)
}

// mdOutputs writes the outputs of one cell as Markdown.
type mdOutputs struct {
	prefix string // of the names of files
	files  map[string][]byte
	count  int
}

// all gives the lines of all outputs.
func (w *mdOutputs) all(outputs []*nbformat.Output) []string {
	var out []string
	for _, o := range outputs {
		if shown := w.one(o); len(shown) > 0 {
			out = append(append(out, ""), shown...)
		}
	}
	if len(out) > 0 {
		out = append(out, "")
	}
	return out
}

func (w *mdOutputs) one(o *nbformat.Output) []string {
	switch o.Type {
	case nbformat.Stream:
		return textBlock(o.Text)
	case nbformat.Error:
		return textBlock(errorText(o))
	}
	for _, image := range images {
		if data := image.bytes(o.Data); data != nil {
			w.count++
			name := w.prefix + strconv.Itoa(w.count) + image.ext
			w.files[name] = data
			return []string{"![](<" + mdPath.Replace(name) + ">)"}
		}
	}
	if text, ok := o.Data["text/markdown"].(string); ok {
		return strings.Split(strings.TrimRight(text, "\n"), "\n")
	}
	if text, ok := o.Data["text/plain"].(string); ok {
		return textBlock(text)
	}
	if text, ok := o.Data["text/html"].(string); ok {
		return strings.Split(strings.TrimRight(text, "\n"), "\n")
	}
	return nil
}

// mdPath escapes what ends a path between angle brackets.
var mdPath = strings.NewReplacer("<", "%3C", ">", "%3E", `\`, "%5C", "%", "%25", "\n", "%0A")

// textBlock gives text as it looks on a terminal, without colours.
func textBlock(text string) []string {
	text = strings.TrimRight(PlainText(text), "\n")
	if text == "" {
		return nil
	}
	return fenced("text", strings.Split(text, "\n"))
}

// errorText gives an error as it is shown.
func errorText(o *nbformat.Output) string {
	if len(o.Traceback) > 0 {
		return strings.Join(o.Traceback, "\n")
	}
	return o.EName + ": " + o.EValue
}

// images are the kinds of images, the best first.
var images = []imageKind{
	{"image/svg+xml", ".svg"}, {"image/png", ".png"}, {"image/jpeg", ".jpg"}, {"image/gif", ".gif"}, {"image/webp", ".webp"},
}

type imageKind struct{ mime, ext string }

// bytes gives the image of this kind in a MIME bundle; nil if there is none.
func (k imageKind) bytes(data map[string]any) []byte {
	text, ok := data[k.mime].(string)
	if !ok {
		return nil
	}
	if k.ext == ".svg" {
		return []byte(text)
	}
	image, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
	if err != nil {
		return nil
	}
	return image
}
