package rich

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"errors"
	"image"
	"image/color"
	"image/png"
	"io"
	"math"
	"reflect"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
)

type card struct{ Name string }

func (c card) HTML() string               { return "<b>" + c.Name + "</b>" }
func (c *card) Markdown() (string, error) { return "**" + c.Name + "**", nil }
func (c card) PNG() ([]byte, error)       { return nil, errors.New("no picture") }
func (c card) String() string             { return "card " + c.Name }

type full struct{}

func (full) MimeBundle() map[string]any {
	return map[string]any{"text/html": []byte("<i>"), "application/vnd.x+json": map[string]any{"a": 1}, "image/png": "iVBOR"}
}
func (full) HTML() string     { return "not asked" }
func (full) LaTeX() string    { return "$x$" }
func (full) GoString() string { return "full{}" }

func panics() string { panic("boom\nagain") }

func TestBundle(t *testing.T) {
	type data = map[string]any
	for _, c := range []struct {
		name    string
		v       any
		methods Methods
		want    data
	}{
		{"scalar", 42, nil, data{"text/plain": "42"}},
		{"nil", nil, nil, data{"text/plain": "<nil>"}},
		{"nil pointer with methods", (*card)(nil), nil, data{"text/plain": "(*rich.card)(nil)"}},
		{"own methods", card{"a"}, nil, data{"text/html": "<b>a</b>", "text/markdown": "**a**",
			"text/plain": "card a\nPNG(): no picture"}},
		{"MimeBundle first", full{}, nil, data{"text/html": "<i>", "text/latex": "$x$", "image/png": "iVBOR",
			"application/vnd.x+json": json.RawMessage(`{"a":1}`), "text/plain": "full{}"}},
		{"given methods win", card{"a"}, Methods{
			"HTML": func() HTML { return "<u>" }, "PNG": func() []byte { return []byte{1, 2, 3} },
			"String": func() string { return "given" }},
			data{"text/html": "<u>", "text/markdown": "**a**", "image/png": "AQID", "text/plain": "given"}},
		{"other signatures are passed over", 1, Methods{"HTML": func(io.Writer) {}, "SVG": 3},
			data{"text/plain": "1"}},
		{"panic", 1, Methods{"HTML": panics}, data{"text/plain": "1\nHTML(): panic: boom again"}},
		{"panic in String", point{1, 2}, Methods{"String": panics},
			data{"text/plain": "rich.point{X: 1, Y: 2}\nString(): panic: boom again"}},
		{"panic in own String", broken{1}, nil, data{"text/plain": "rich.broken{A: 1}\nString(): panic: no text"}},
		{"given Error", 1, Methods{"Error": func() string { return "bad" }}, data{"text/plain": "error: bad"}},
		{"given JSON", 1, Methods{"JSON": func() any { return []int{1} }},
			data{"application/json": json.RawMessage("[1]"), "text/plain": "1"}},
		{"error", io.EOF, nil, data{"text/plain": "error: EOF"}},
		{"not UTF-8", HTML("a\xff"), nil, data{"text/html": "a\uFFFD", "text/plain": "a\uFFFD"}},
		{"HTML", HTML("<b>"), nil, data{"text/html": "<b>", "text/plain": "<b>"}},
		{"SVG", SVG("<svg/>"), nil, data{"image/svg+xml": "<svg/>", "text/plain": "<svg/>"}},
		{"Markdown", Markdown("*a*"), nil, data{"text/markdown": "*a*", "text/plain": "*a*"}},
		{"LaTeX", LaTeX("x^2"), nil, data{"text/latex": "$$x^2$$", "text/plain": "x^2"}},
		{"JavaScript", JavaScript("1"), nil, data{"application/javascript": "1", "text/plain": "1"}},
		{"Text", Text("a\nb"), nil, data{"text/plain": "a\nb"}},
		{"image.Rectangle", image.Rect(1, 2, 3, 4), nil, data{"text/plain": "(1,2)-(3,4)"}},
		{"PNG", PNG{1}, nil, data{"image/png": "AQ==", "text/plain": "PNG, 1 bytes"}},
		{"JSON", JSON([]int{1, 2}), nil, data{"application/json": json.RawMessage("[1,2]"), "text/plain": "[1,2]"}},
		{"JSON that is none", JSON(math.NaN()), nil, data{"text/plain": "error: json: unsupported value: NaN"}},
		{"raw JSON", json.RawMessage(`{"a": 1}`), nil,
			data{"application/json": json.RawMessage(`{"a":1}`), "text/plain": `{"a":1}`}},
		{"table", []point{{1, 2}, {3, 4}}, nil, data{"text/plain": "[]rich.point{{X: 1, Y: 2}, {X: 3, Y: 4}}",
			"text/html": table1}},
		{"short map", map[string]int{"a": 1, "b": 2}, nil, data{"text/plain": `map[string]int{"a": 1, "b": 2}`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, metadata := Bundle(c.v, c.methods)
			if !reflect.DeepEqual(got, c.want) || len(metadata) > 0 || metadata == nil {
				t.Errorf("got\n%q\nwant\n%q\nmetadata %v", got, c.want, metadata)
			}
			if _, err := json.Marshal(got); err != nil {
				t.Error(err)
			}
		})
	}
}

const table1 = `<div style="overflow-x:auto"><table style="border-collapse:collapse">` +
	`<caption style="text-align:left;opacity:.7">[]rich.point, 2 rows</caption>` +
	`<thead><tr><th></th><th style="padding:.1em .5em;text-align:right">X<br><span style="font-weight:normal;opacity:.6">int</span></th><th style="padding:.1em .5em;text-align:right">Y<br><span style="font-weight:normal;opacity:.6">int</span></th></tr></thead>` +
	`<tbody><tr><th style="padding:.1em .5em;text-align:left">0</th><td style="padding:.1em .5em;text-align:right">1</td><td style="padding:.1em .5em;text-align:right">2</td></tr>` +
	`<tr><th style="padding:.1em .5em;text-align:left">1</th><td style="padding:.1em .5em;text-align:right">3</td><td style="padding:.1em .5em;text-align:right">4</td></tr>` +
	`</tbody></table></div>`

func TestTableIsEscaped(t *testing.T) {
	data, _ := BundleAs([]card2{{"<script>"}, {"a & b"}}, "[]Card[<T>]", nil, Options{})
	html := data["text/html"].(string)
	if strings.Contains(html, "<script>") || !strings.Contains(html, "a &amp; b") || !strings.Contains(html, "[]Card[&lt;T&gt;], 2 rows") {
		t.Error(html)
	}
}

type card2 struct{ Name string }

func TestLongTableIsCut(t *testing.T) {
	data, _ := Bundle(make([]point, 1000), nil)
	if n := strings.Count(data["text/html"].(string), "<tr>"); n != 52 { // head, 50 rows and a gap
		t.Errorf("%d rows of HTML", n)
	}
	if text := data["text/plain"].(string); strings.Count(text, "\n") != 53 || !strings.HasPrefix(text, "[]rich.point, 1000 rows, 950 not shown\n") {
		t.Error(text)
	}
}

func TestMatrix(t *testing.T) {
	data, _ := Bundle(mat.NewDense(2, 3, []float64{1, 2.5, 3, 4, 5, 1.0 / 3}), nil)
	want := "*mat.Dense, 2×3\n     0    1         2\n  0  1  2.5         3\n  1  4    5  0.333333"
	if data["text/plain"] != want || !strings.Contains(data["text/html"].(string), "0.333333") {
		t.Errorf("got\n%s\nwant\n%s", data["text/plain"], want)
	}
	data, _ = Bundle(mat.NewDense(300, 300, nil), nil)
	text := data["text/plain"].(string)
	for _, line := range strings.Split(text, "\n") {
		if len([]rune(line)) > 80 {
			t.Errorf("a line of %d columns: %q", len([]rune(line)), line)
		}
	}
	if n := strings.Count(data["text/html"].(string), "<tr>"); n != 22 {
		t.Errorf("%d rows of HTML", n)
	}
	if data, _ = Bundle(&mat.Dense{}, nil); data["text/plain"] != "*mat.Dense, empty" {
		t.Error(data)
	}
}

type gradient struct{}

func (gradient) Bounds() image.Rectangle { return image.Rect(0, 0, 4, 3) }
func (gradient) ColorModel() color.Model { return color.RGBAModel }
func (gradient) At(x, y int) color.Color { return color.RGBA{uint8(x * 60), uint8(y * 80), 0, 255} }

func TestImage(t *testing.T) {
	g := gradient{}
	for name, c := range map[string]struct {
		v    any
		m    Methods
		w, h int
		text string
	}{
		"image":       {g, nil, 4, 3, "rich.gradient 4×3"},
		"interpreted": {struct{}{}, Methods{"At": g.At, "Bounds": g.Bounds, "ColorModel": g.ColorModel}, 4, 3, "image 4×3"},
		"large":       {image.NewGray(image.Rect(0, 0, 8000, 2000)), nil, 4096, 1024, "*image.Gray 8000×2000, shown at 4096×1024"},
	} {
		t.Run(name, func(t *testing.T) {
			data, metadata := Bundle(c.v, c.m)
			raw, _ := base64.StdEncoding.DecodeString(data["image/png"].(string))
			img, err := png.Decode(bytes.NewReader(raw))
			if err != nil || img.Bounds() != image.Rect(0, 0, c.w, c.h) {
				t.Error(img.Bounds(), err)
			}
			want := map[string]any{"image/png": map[string]any{"width": c.w, "height": c.h}}
			if !reflect.DeepEqual(metadata, want) || data["text/plain"] != c.text {
				t.Errorf("%v %v", metadata, data["text/plain"])
			}
		})
	}
	data, _ := Bundle(image.NewUniform(color.White), nil)
	if !strings.HasSuffix(data["text/plain"].(string), ", not shown") || len(data) != 1 {
		t.Error(data)
	}
}

func line(title string) *plot.Plot {
	p := plot.New()
	p.Title.Text = title
	l, err := plotter.NewLine(plotter.XYs{{X: 0, Y: 0}, {X: 1, Y: 2}})
	if err != nil {
		panic(err)
	}
	p.Add(l)
	return p
}

func TestPlot(t *testing.T) {
	p := line("a < b")
	p.BackgroundColor = color.Transparent
	for name, c := range map[string]struct {
		v    any
		w, h int
	}{
		"plot":   {p, 576, 384},
		"figure": {Figure{p, 3 * vg.Inch, 2 * vg.Inch}, 288, 192},
	} {
		t.Run(name, func(t *testing.T) {
			data, metadata := Bundle(c.v, nil)
			svg := data["image/svg+xml"].(string)
			if err := xml.Unmarshal([]byte(svg), new(struct{})); err != nil || !strings.HasPrefix(svg, "<svg") ||
				!strings.Contains(svg, "fill:#FFFFFF") || !strings.Contains(svg, "Times,serif") {
				t.Errorf("%v\n%.600s", err, svg)
			}
			raw, _ := base64.StdEncoding.DecodeString(data["image/png"].(string))
			img, err := png.Decode(bytes.NewReader(raw))
			if err != nil || img.Bounds().Dx() != c.w*3/2 || img.At(1, 1) != (color.RGBA{255, 255, 255, 255}) {
				t.Error(img.Bounds(), img.At(1, 1), err)
			}
			size := map[string]any{"width": c.w, "height": c.h}
			got, _ := json.Marshal(metadata)
			if want, _ := json.Marshal(map[string]any{"image/png": size}); string(got) != string(want) {
				t.Errorf("metadata %s", got)
			}
			if want := `plot "a < b", x "" from 0 to 1, y "" from 0 to 2`; data["text/plain"] != want {
				t.Error(data["text/plain"])
			}
		})
	}
	data, _ := Bundle([]*plot.Plot{line("a"), nil, line("b")}, nil)
	if strings.Count(data["text/html"].(string), "<svg") != 2 || strings.Contains(data["text/html"].(string), "<?xml") {
		t.Error(data["text/plain"])
	}
}

// faulty is a plotter that panics.
type faulty struct{ plot.Plotter }

func TestPlotThatPanics(t *testing.T) {
	p := plot.New()
	p.Add(faulty{})
	data, _ := Bundle(p, nil)
	if text := data["text/plain"].(string); !strings.Contains(text, "while drawing: panic: ") || len(data) != 1 {
		t.Error(data)
	}
}

func BenchmarkPlot(b *testing.B) {
	p := line("a")
	for b.Loop() {
		Bundle(p, nil)
	}
}
