package plots

// A Figure is a finished picture. It does not change any more, and may be read
// from several goroutines.
type Figure struct {
	scene scene
	text  string
}

// SVG returns the picture as an SVG document: static, self-contained, without
// script.
func (f *Figure) SVG() string { return f.scene.svg() }

// PNG returns the picture as a PNG file, at two pixels for each unit of the
// SVG.
func (f *Figure) PNG() []byte { return f.scene.png(2) }

// Text returns the same content in characters: several lines, without a final
// newline.
func (f *Figure) Text() string { return f.text }

// String returns Text.
func (f *Figure) String() string { return f.text }

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
	calls   int // that each sample of a histogram is of; 0: one
}

// Dark draws on a dark card.
func Dark() Option { return func(s *style) { s.palette = dark } }

// Width sets the width of the picture in units of the SVG: at least 360, and
// 480 for a timeline. Without it, a timeline is 760 wide and a histogram 460.
func Width(w float64) Option {
	return func(s *style) { s.width = max(w, 360) }
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
}

var light = palette{
	card: "#fcfcfa", border: "#d8d8d2",
	ink: "#1d2329", muted: "#5b636b",
	grid: "#dcdcd6", track: "#efefeb",
	running:   [4]string{"#b3d3e6", "#7ab3d5", "#3c91c2", "#0072b2"},
	returning: "#e69f00", failed: "#d55e00", cancelled: "#8b8f94", queued: "#cc79a7",
	mean: "#d55e00", quantity: "#3c91c2",
}

var dark = palette{
	card: "#1d2126", border: "#3c4249",
	ink: "#e9e9e5", muted: "#a4abb3",
	grid: "#343a41", track: "#282d33",
	running:   [4]string{"#25475f", "#2f6c94", "#4093c6", "#56b4e9"},
	returning: "#e69f00", failed: "#f0703a", cancelled: "#868d95", queued: "#cc79a7",
	mean: "#f0703a", quantity: "#4093c6",
}
