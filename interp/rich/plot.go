package rich

import (
	"bytes"
	"fmt"
	"image/color"
	"math"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"
)

// The size at which a *plot.Plot shows itself.
const (
	DefaultWidth  = 6 * vg.Inch
	DefaultHeight = 4 * vg.Inch
)

const (
	maxSVG    = 1 << 20 // a larger SVG is left out in favour of the PNG
	maxPlots  = 12      // of a []*plot.Plot
	pngDPI    = 144
	margin    = 6         // points of white around a plot
	cssPerDot = 96.0 / 72 // CSS pixels a point
)

// Figure is a plot with a size of its own, in points (vg.Inch is 72): a cell
// ends in rich.Figure{p, 8 * vg.Inch, 3 * vg.Inch}. A zero size is the default.
type Figure struct {
	Plot          *plot.Plot
	Width, Height vg.Length
}

// MimeBundle returns image/svg+xml, image/png and text/plain, and as metadata
// the size to show the PNG at.
func (f Figure) MimeBundle() (data, metadata map[string]any) {
	b := &bundle{data: map[string]any{}, metadata: map[string]any{}}
	if f.Plot == nil {
		return map[string]any{textPlain: "<nil>"}, nil
	}
	if !(f.Width > 0) {
		f.Width = DefaultWidth
	}
	if !(f.Height > 0) {
		f.Height = DefaultHeight
	}
	b.addPlot(f.Plot, f.Width, f.Height)
	return b.data, b.metadata
}

// addPlot draws a plot as SVG and, for front ends that show none, as PNG.
func (b *bundle) addPlot(p *plot.Plot, w, h vg.Length) {
	svg := plotSVG(p, w, h)
	if len(svg) <= maxSVG {
		b.add(imageSVG, svg)
	}
	b.addSized(imagePNG, plotPNG(p, w, h), cssPixels(w), cssPixels(h))
	b.add(textPlain, plotText(p))
}

func cssPixels(l vg.Length) int { return int(math.Round(l.Points() * cssPerDot)) }

// addPlots shows several plots beside each other, as many as the page is wide.
func (b *bundle) addPlots(ps []*plot.Plot) {
	var page, text strings.Builder
	fmt.Fprintf(&text, "%d plots", len(ps))
	page.WriteString(`<div style="display:flex;flex-wrap:wrap;gap:8px">`)
	for i, p := range ps {
		if i == maxPlots {
			fmt.Fprintf(&page, "<div>… %d more</div>", len(ps)-i)
			break
		}
		if p == nil {
			continue
		}
		page.WriteString(plotSVG(p, DefaultWidth*2/3, DefaultHeight*2/3))
		text.WriteString("\n  " + plotText(p))
	}
	page.WriteString("</div>")
	b.add(textHTML, page.String())
	b.add(textPlain, text.String())
}

func plotText(p *plot.Plot) string {
	text := "plot"
	if p.Title.Text != "" {
		text += fmt.Sprintf(" %q", p.Title.Text)
	}
	return fmt.Sprintf("%s, x %q from %.4g to %.4g, y %q from %.4g to %.4g", text,
		p.X.Label.Text, p.X.Min, p.X.Max, p.Y.Label.Text, p.Y.Min, p.Y.Max)
}

// onWhite draws the plot over a white ground, so that black lines can be seen
// in a dark theme even if the plot's own background is clear.
func onWhite(p *plot.Plot, c draw.Canvas) {
	c.SetColor(color.White)
	c.Fill(c.Rectangle.Path())
	p.Draw(draw.Crop(c, margin, -margin, margin, -margin))
}

// families gives the fonts of gonum/plot, which few readers have installed,
// others to fall back on.
var families = strings.NewReplacer(
	"font-family:Liberation Serif;", "font-family:'Liberation Serif','Times New Roman',Times,serif;",
	"font-family:Liberation Sans;", "font-family:'Liberation Sans',Arial,Helvetica,sans-serif;",
	"font-family:Liberation Mono;", "font-family:'Liberation Mono','Courier New',monospace;",
)

// plotSVG draws the plot as an svg element without an XML declaration, which
// also makes it fit to stand within HTML.
func plotSVG(p *plot.Plot, w, h vg.Length) string {
	c := vgsvg.New(w, h)
	onWhite(p, draw.New(c))
	var buf bytes.Buffer
	if _, err := c.WriteTo(&buf); err != nil {
		panic(err)
	}
	svg := buf.String()
	if i := strings.Index(svg, "<svg"); i > 0 {
		svg = svg[i:]
	}
	return families.Replace(svg)
}

func plotPNG(p *plot.Plot, w, h vg.Length) []byte {
	c := vgimg.PngCanvas{Canvas: vgimg.NewWith(vgimg.UseWH(w, h), vgimg.UseDPI(pngDPI))}
	onWhite(p, draw.New(c))
	var buf bytes.Buffer
	if _, err := c.WriteTo(&buf); err != nil {
		panic(err)
	}
	return buf.Bytes()
}
