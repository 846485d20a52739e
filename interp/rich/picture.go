package rich

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"

	"golang.org/x/image/draw"
)

const (
	maxPixels = 4 << 20 // a larger picture is scaled down to be shown
	maxSide   = 1 << 16 // beyond it a picture is not one to show (image.Uniform)
)

// addImage adds a picture as PNG, scaled down if it is very large.
func (b *bundle) addImage(img image.Image) {
	r := img.Bounds()
	text := fmt.Sprintf("%T %d×%d", img, r.Dx(), r.Dy())
	if i, ok := img.(methodImage); ok {
		text = fmt.Sprintf("image %d×%d", i.Bounds().Dx(), i.Bounds().Dy())
	}
	if r.Empty() || r.Dx() > maxSide || r.Dy() > maxSide {
		b.add(textPlain, text+", not shown")
		return
	}
	shown := img
	if n := r.Dx() * r.Dy(); n > maxPixels {
		f := math.Sqrt(maxPixels / float64(n))
		w, h := max(1, int(f*float64(r.Dx()))), max(1, int(f*float64(r.Dy())))
		small := image.NewRGBA(image.Rect(0, 0, w, h))
		draw.ApproxBiLinear.Scale(small, small.Bounds(), img, r, draw.Src, nil)
		shown = small
		text += fmt.Sprintf(", shown at %d×%d", w, h)
	}
	var buf bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&buf, shown); err != nil {
		b.fail("PNG: " + err.Error())
		return
	}
	b.addSized(imagePNG, buf.Bytes(), shown.Bounds().Dx(), shown.Bounds().Dy())
	b.add(textPlain, text)
}

// addSized adds a picture with the size, in CSS pixels, to show it at.
func (b *bundle) addSized(mime string, data []byte, width, height int) {
	if _, have := b.data[mime]; have {
		return
	}
	b.add(mime, data)
	if _, have := b.metadata[mime]; !have {
		b.metadata[mime] = map[string]any{"width": width, "height": height}
	}
}

// methodImage is an image.Image of an interpreted type.
type methodImage struct {
	at     func(x, y int) color.Color
	bounds func() image.Rectangle
	model  func() color.Model
}

func (m methodImage) At(x, y int) color.Color { return m.at(x, y) }
func (m methodImage) Bounds() image.Rectangle { return m.bounds() }
func (m methodImage) ColorModel() color.Model { return m.model() }

func interpretedImage(m Methods) (image.Image, bool) {
	at, ok1 := m["At"].(func(x, y int) color.Color)
	bounds, ok2 := m["Bounds"].(func() image.Rectangle)
	model, ok3 := m["ColorModel"].(func() color.Model)
	return methodImage{at, bounds, model}, ok1 && ok2 && ok3
}

// jsonText is the text/plain of JSON: on one line if it fits, else indented.
func jsonText(v any) string {
	raw, ok := v.(json.RawMessage)
	if !ok {
		return ""
	}
	if len(raw) <= defaultWidth {
		return string(raw)
	}
	var buf bytes.Buffer
	if len(raw) > 4*defaultMax || json.Indent(&buf, raw, "", "  ") != nil {
		return cut(string(raw), defaultMax)
	}
	return cut(buf.String(), defaultMax)
}
