package plots

// A scene is a picture made of few kinds of items, in painter's order. Units
// are CSS pixels, y downwards; colours are #rrggbb. Each renderer draws every
// kind.
type scene struct {
	width, height float64
	title, desc   string // for readers who do not see the picture
	items         []item
}

// An item is one of card, blocks, polygon, line and label.
type item interface{}

// A card is a rounded rectangle with a border.
type card struct {
	rect
	radius       float64
	fill, border string
}

type rect struct{ x, y, w, h float64 }

// blocks are rectangles of one colour. class tells what they stand for.
type blocks struct {
	class string
	fill  string
	rects []rect
}

// A polygon is filled, and closed by itself.
type polygon struct {
	class  string
	fill   string
	points []point
}

type point struct{ x, y float64 }

// A line goes from point to point, at least two. With a dash, it is as long as its
// gaps.
type line struct {
	class  string
	stroke string
	width  float64
	dash   float64 // 0: solid
	points []point
}

// anchors of a label: what its x stands for.
const (
	left = iota
	middle
	right
)

// A label is one line of text on the baseline y.
type label struct {
	x, y   float64
	size   float64
	anchor int
	bold   bool
	fill   string
	text   string
}

func (s *scene) add(items ...item) { s.items = append(s.items, items...) }
