package plots

import (
	"encoding/base64"
	"strings"
	"unicode/utf8"
)

// A Figure is a finished picture. It does not change any more, and may be read
// from several goroutines.
type Figure struct {
	scene scene
	other *scene // on the other card; nil: there is none
	dark  bool   // scene is on the dark card
	plain string // the text before it is broken into lines
	text  string
}

// newFigure draws a figure on the card that the style asks for, and on the other one.
func newFigure(s style, draw func(palette) scene, text string) *Figure {
	f := &Figure{dark: s.palette == dark, scene: draw(s.palette), plain: text, text: broken(text, s.textColumns())}
	other := draw(dark)
	if f.dark {
		other = draw(light)
	}
	f.other = &other
	return f
}

// SVG returns the picture as an SVG document: static, self-contained, without
// script.
func (f *Figure) SVG() string { return f.scene.svg() }

// Size returns the width and the height of the picture, in units of the SVG.
func (f *Figure) Size() (width, height float64) { return f.scene.width, f.scene.height }

// PNG returns the picture as a PNG file, at two pixels for each unit of the
// SVG.
func (f *Figure) PNG() []byte { return f.scene.png(2) }

// Text returns the same content in characters: several lines, without a final
// newline.
func (f *Figure) Text() string { return f.text }

// String returns Text.
func (f *Figure) String() string { return f.text }

// HTML returns the picture as an HTML fragment without script, for a page that may be
// light or dark: an image on a light card, in the place of which one on a dark card
// shows where a notebook says that its page is dark (JupyterLab, nbconvert and VS Code
// do). Where styles are taken out of HTML, as JupyterLab does in a notebook that it does
// not trust, the first shows, or the second after [Dark].
func (f *Figure) HTML() string {
	var b strings.Builder
	if f.other == nil {
		f.writeImage(&b, &f.scene, "", true)
		return b.String()
	}
	onLight, onDark := &f.scene, f.other
	if f.dark {
		onLight, onDark = onDark, onLight
	}
	b.WriteString(`<div class="fanout-figure">` + themeStyle)
	f.writeImage(&b, onLight, "fanout-on-light", !f.dark)
	f.writeImage(&b, onDark, "fanout-on-dark", f.dark)
	b.WriteString("</div>")
	return b.String()
}

// themeStyle shows one of two images, by what notebooks say of the page on its body.
const themeStyle = `<style>` +
	`body:is([data-jp-theme-light],.vscode-light,.vscode-dark,.vscode-high-contrast) .fanout-figure>img{display:none!important}` +
	`body:is([data-jp-theme-light="true"],.vscode-light,.vscode-high-contrast-light) .fanout-figure>.fanout-on-light,` +
	`body:is([data-jp-theme-light="false"],.vscode-dark,.vscode-high-contrast:not(.vscode-high-contrast-light)) .fanout-figure>.fanout-on-dark` +
	`{display:inline!important}</style>`

// writeImage writes one form of the figure as an image; its text says the heading and
// what there is to learn. JupyterLab takes the attribute hidden out of what it does not
// trust, and others the style, so an image that is not to show has both.
func (f *Figure) writeImage(b *strings.Builder, s *scene, class string, shows bool) {
	b.WriteString(`<img`)
	if class != "" {
		b.WriteString(` class="` + class + `"`)
	}
	if shows {
		b.WriteString(` style="max-width:100%"`)
	} else {
		b.WriteString(` hidden style="max-width:100%;display:none"`)
	}
	b.WriteString(` alt="` + escape(f.alt()) + `" src="data:image/svg+xml;base64,`)
	b.WriteString(base64.StdEncoding.EncodeToString([]byte(s.svg())))
	b.WriteString(`">`)
}

// alt is the first line of the text and the last.
func (f *Figure) alt() string {
	lines := strings.Split(strings.TrimSpace(f.plain), "\n")
	if len(lines) == 1 {
		return lines[0]
	}
	return lines[0] + ". " + lines[len(lines)-1]
}

// MimeBundle returns the forms by which a notebook shows the figure, keyed by
// MIME type.
func (f *Figure) MimeBundle() map[string]any {
	return map[string]any{
		"image/svg+xml": f.SVG(),
		"text/plain":    f.Text(),
	}
}

// An Option changes how a figure looks.
type Option func(*style)

type style struct {
	palette palette
	width   float64
	title   string
	columns int // of the text; 0: 79
	calls   int // that each sample of a histogram is of; 0: one
}

// Dark draws on a dark card.
func Dark() Option { return func(s *style) { s.palette = dark } }

// Width sets the width of the picture in units of the SVG: at least 360, and
// 480 for a timeline. Without it, a timeline is 760 wide, a histogram 460, and an
// experiment 640.
func Width(w float64) Option {
	return func(s *style) { s.width = max(w, 360) }
}

// Columns sets how many columns the text of the figure may take: 60 to 160. Without it,
// they are 79.
func Columns(n int) Option {
	return func(s *style) { s.columns = n }
}

// textColumns is how many columns the text may take.
func (s style) textColumns() int {
	if s.columns == 0 {
		return 79
	}
	return min(max(s.columns, 60), 160)
}

// broken is text with the lines that have too many columns broken between words. What
// stands beside a bar goes on below itself.
func broken(text string, columns int) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if utf8.RuneCountInString(line) > columns {
			lines[i] = brokenLine(line, columns)
		}
	}
	return strings.Join(lines, "\n")
}

func brokenLine(line string, columns int) string {
	head := len(line) - len(strings.TrimLeft(line, " "))
	if bar := strings.LastIndex(line, "│ "); bar >= 0 {
		head = bar + len("│ ")
		head += len(line[head:]) - len(strings.TrimLeft(line[head:], " "))
	}
	var b strings.Builder
	b.WriteString(line[:head])
	indent := utf8.RuneCountInString(line[:head])
	at := indent
	if columns-indent < 10 {
		indent = 4
	}
	for i, word := range strings.Split(line[head:], " ") {
		wide := utf8.RuneCountInString(word)
		switch {
		case i == 0:
		case at+1+wide > columns:
			b.WriteString("\n" + strings.Repeat(" ", indent))
			at = indent
		default:
			b.WriteByte(' ')
			at++
		}
		b.WriteString(word)
		at += wide
	}
	return b.String()
}

// Title replaces the label of the run in the heading.
func Title(title string) Option {
	return func(s *style) { s.title = title }
}

// Calls says that each sample of a histogram is the time of n calls. The histogram
// is that of one call.
func Calls(n int) Option {
	return func(s *style) { s.calls = n }
}

func newStyle(width float64, opts []Option) style {
	s := style{palette: light, width: width}
	for _, o := range opts {
		if o != nil {
			o(&s)
		}
	}
	return s
}

// A palette holds the colours of a card, as #rrggbb.
type palette struct {
	card, border   string
	ink, muted     string // of text
	grid, track    string
	running        [4]string // by density, sparse to full
	returning      string
	failed         string
	cancelled      string
	queued         string
	mean, quantity string
	// Of the split of the workers' time, where nothing above fits.
	core, idle, serial string
}

var light = palette{
	card: "#fcfcfa", border: "#d8d8d2",
	ink: "#1d2329", muted: "#5b636b",
	grid: "#dcdcd6", track: "#efefeb",
	running:   [4]string{"#b3d3e6", "#7ab3d5", "#3c91c2", "#0072b2"},
	returning: "#e69f00", failed: "#d55e00", cancelled: "#8b8f94", queued: "#cc79a7",
	mean: "#d55e00", quantity: "#3c91c2",
	core: "#009e73", idle: "#c6c6bf", serial: "#e3d42c",
}

var dark = palette{
	card: "#1d2126", border: "#3c4249",
	ink: "#e9e9e5", muted: "#a4abb3",
	grid: "#343a41", track: "#282d33",
	running:   [4]string{"#25475f", "#2f6c94", "#4093c6", "#56b4e9"},
	returning: "#e69f00", failed: "#f0703a", cancelled: "#868d95", queued: "#cc79a7",
	mean: "#f0703a", quantity: "#4093c6",
	core: "#1fb98d", idle: "#4d555e", serial: "#f0e442",
}
