package plots

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"math"
	"strconv"
	"strings"

	"golang.org/x/image/font"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"
)

// png renders the scene as a PNG file of scale pixels a unit.
func (s *scene) png(scale float64) []byte {
	bounds := image.Rect(0, 0, int(math.Ceil(s.width*scale)), int(math.Ceil(s.height*scale)))
	c := canvas{img: image.NewNRGBA(bounds), scale: scale}
	for _, it := range s.items {
		switch it := it.(type) {
		case card:
			c.card(it)
		case blocks:
			c.fill(it.fill, func(v *vector.Rasterizer) {
				for _, r := range it.rects {
					c.path(v, []point{{r.x, r.y}, {r.x + r.w, r.y}, {r.x + r.w, r.y + r.h}, {r.x, r.y + r.h}})
				}
			})
		case polygon:
			c.fill(it.fill, func(v *vector.Rasterizer) { c.path(v, it.points) })
		case label:
			c.label(it)
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, c.img); err != nil {
		panic(err) // a buffer takes everything, and the image is not empty
	}
	return b.Bytes()
}

type canvas struct {
	img   *image.NRGBA
	scale float64
}

// fill paints the path that draw makes.
func (c *canvas) fill(colour string, draws func(*vector.Rasterizer)) {
	size := c.img.Bounds().Size()
	v := vector.NewRasterizer(size.X, size.Y)
	v.DrawOp = draw.Over
	draws(v)
	v.Draw(c.img, c.img.Bounds(), image.NewUniform(parseColour(colour)), image.Point{})
}

func (c *canvas) path(v *vector.Rasterizer, points []point) {
	for i, p := range points {
		x, y := float32(p.x*c.scale), float32(p.y*c.scale)
		if i == 0 {
			v.MoveTo(x, y)
		} else {
			v.LineTo(x, y)
		}
	}
	v.ClosePath()
}

// card paints the border as a rounded rectangle under a smaller one.
func (c *canvas) card(it card) {
	const half = 0.5 // of the border's width
	c.fill(it.border, func(v *vector.Rasterizer) { c.rounded(v, grow(it.rect, half), it.radius+half) })
	c.fill(it.fill, func(v *vector.Rasterizer) { c.rounded(v, grow(it.rect, -half), it.radius-half) })
}

func grow(r rect, by float64) rect { return rect{r.x - by, r.y - by, r.w + 2*by, r.h + 2*by} }

func (c *canvas) rounded(v *vector.Rasterizer, r rect, radius float64) {
	const steps = 8 // lines to a quarter of a circle
	var points []point
	for corner := range 4 {
		cx, cy := r.x+r.w-radius, r.y+r.h-radius
		if corner == 1 || corner == 2 {
			cx = r.x + radius
		}
		if corner >= 2 {
			cy = r.y + radius
		}
		for i := range steps + 1 {
			a := (float64(corner) + float64(i)/steps) * math.Pi / 2
			points = append(points, point{cx + radius*math.Cos(a), cy + radius*math.Sin(a)})
		}
	}
	c.path(v, points)
}

func (c *canvas) label(it label) {
	x := it.x
	switch it.anchor {
	case middle:
		x -= textWidth(it.text, it.size, it.bold) / 2
	case right:
		x -= textWidth(it.text, it.size, it.bold)
	}
	face := newFace(it.size*c.scale, it.bold)
	defer face.Close()
	d := font.Drawer{
		Dst: c.img, Src: image.NewUniform(parseColour(it.fill)), Face: face,
		Dot: fixed.Point26_6{X: fixed.Int26_6(x * c.scale * 64), Y: fixed.Int26_6(it.y * c.scale * 64)},
	}
	d.DrawString(strings.ReplaceAll(it.text, "\n", " "))
}

// parseColour reads #rrggbb.
func parseColour(s string) color.Color {
	n, err := strconv.ParseUint(strings.TrimPrefix(s, "#"), 16, 32)
	if err != nil {
		return color.Black
	}
	return color.NRGBA{uint8(n >> 16), uint8(n >> 8), uint8(n), 255}
}
