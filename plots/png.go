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
	c := canvas{img: image.NewRGBA(bounds), scale: scale}
	for _, it := range s.items {
		switch it := it.(type) {
		case card:
			c.card(it)
		case blocks:
			paths := make([][]point, len(it.rects))
			for i, r := range it.rects {
				paths[i] = []point{{r.x, r.y}, {r.x + r.w, r.y}, {r.x + r.w, r.y + r.h}, {r.x, r.y + r.h}}
			}
			c.fill(it.fill, paths...)
		case polygon:
			c.fill(it.fill, it.points)
		case line:
			c.fill(it.stroke, outlines(it)...)
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
	img   *image.RGBA
	scale float64
}

// fill paints closed paths in one colour. Its cost is that of the rectangle
// around them.
func (c *canvas) fill(colour string, paths ...[]point) {
	from, to := point{math.Inf(1), math.Inf(1)}, point{math.Inf(-1), math.Inf(-1)}
	for _, path := range paths {
		for _, p := range path {
			from = point{min(from.x, p.x), min(from.y, p.y)}
			to = point{max(to.x, p.x), max(to.y, p.y)}
		}
	}
	box := image.Rect(int(math.Floor(from.x*c.scale)), int(math.Floor(from.y*c.scale)),
		int(math.Ceil(to.x*c.scale)), int(math.Ceil(to.y*c.scale))).Intersect(c.img.Bounds())
	if box.Empty() {
		return
	}
	v := vector.NewRasterizer(box.Dx(), box.Dy())
	v.DrawOp = draw.Over
	for _, path := range paths {
		for i, p := range path {
			x, y := float32(p.x*c.scale)-float32(box.Min.X), float32(p.y*c.scale)-float32(box.Min.Y)
			if i == 0 {
				v.MoveTo(x, y)
			} else {
				v.LineTo(x, y)
			}
		}
		v.ClosePath()
	}
	v.Draw(c.img, box, image.NewUniform(parseColour(colour)), image.Point{})
}

// card paints the border as a rounded rectangle under a smaller one.
func (c *canvas) card(it card) {
	const half = 0.5 // of the border's width
	c.fill(it.border, rounded(grow(it.rect, half), it.radius+half))
	c.fill(it.fill, rounded(grow(it.rect, -half), it.radius-half))
}

func grow(r rect, by float64) rect { return rect{r.x - by, r.y - by, r.w + 2*by, r.h + 2*by} }

// rounded returns the outline of r with round corners.
func rounded(r rect, radius float64) []point {
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
	return points
}

// outlines returns a rectangle around each piece of a line, and a disc around each
// bend. All turn the same way, so that none takes away from another where they overlap.
func outlines(it line) (paths [][]point) {
	half := it.width / 2
	gone := 0.0 // of the pattern of dashes and gaps
	for i := 1; i < len(it.points); i++ {
		from, to := it.points[i-1], it.points[i]
		long := math.Hypot(to.x-from.x, to.y-from.y)
		if long == 0 {
			continue
		}
		ux, uy := (to.x-from.x)/long, (to.y-from.y)/long
		piece := func(a, b float64) {
			x0, y0, x1, y1 := from.x+a*ux, from.y+a*uy, from.x+b*ux, from.y+b*uy
			dx, dy := -half*uy, half*ux
			paths = append(paths, []point{{x0 - dx, y0 - dy}, {x1 - dx, y1 - dy}, {x1 + dx, y1 + dy}, {x0 + dx, y0 + dy}})
		}
		if it.dash <= 0 {
			piece(0, long)
			if i > 1 {
				paths = append(paths, disc(from, half))
			}
			continue
		}
		for at := 0.0; at < long; {
			left := it.dash - math.Mod(gone, it.dash)
			step := min(left, long-at)
			if int(gone/it.dash)%2 == 0 {
				piece(at, at+step)
			}
			if at += step; step == left { // exactly, so that rounding leaves no sliver
				gone = (math.Floor(gone/it.dash) + 1) * it.dash
			} else {
				gone += step
			}
		}
	}
	return paths
}

// disc returns a circle as a polygon.
func disc(centre point, radius float64) []point {
	const corners = 20
	points := make([]point, corners)
	for i := range points {
		a := 2 * math.Pi * float64(i) / corners
		points[i] = point{centre.x + radius*math.Cos(a), centre.y + radius*math.Sin(a)}
	}
	return points
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
