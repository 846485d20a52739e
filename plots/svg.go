package plots

import (
	"fmt"
	"strconv"
	"strings"
)

// fontFamily lists fonts with the widths of Liberation Sans, by which labels
// are placed.
const fontFamily = "Arial, Helvetica, 'Liberation Sans', Arimo, sans-serif"

// svg renders the scene as an SVG document.
func (s *scene) svg() string {
	var b strings.Builder
	w, h := decimal(s.width), decimal(s.height)
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%s" height="%s" viewBox="0 0 %s %s" role="img" font-family="%s">`,
		w, h, w, h, escape(fontFamily))
	fmt.Fprintf(&b, "\n<title>%s</title>\n<desc>%s</desc>\n", escape(s.title), escape(s.desc))
	for _, it := range s.items {
		switch it := it.(type) {
		case card:
			fmt.Fprintf(&b, `<rect x="%s" y="%s" width="%s" height="%s" rx="%s" fill="%s" stroke="%s"/>`,
				decimal(it.x), decimal(it.y), decimal(it.w), decimal(it.h), decimal(it.radius), it.fill, it.border)
		case blocks:
			writeBlocks(&b, it)
		case polygon:
			writePolygon(&b, it)
		case line:
			writeLine(&b, it)
		case label:
			writeLabel(&b, it)
		}
		b.WriteByte('\n')
	}
	b.WriteString("</svg>\n")
	return b.String()
}

func writeBlocks(b *strings.Builder, it blocks) {
	fmt.Fprintf(b, `<path class="%s" fill="%s" d="`, it.class, it.fill)
	for _, r := range it.rects {
		w := decimal(r.w)
		fmt.Fprintf(b, "M%s %sh%sv%sh-%sz", decimal(r.x), decimal(r.y), w, decimal(r.h), w)
	}
	b.WriteString(`"/>`)
}

func writePolygon(b *strings.Builder, it polygon) {
	fmt.Fprintf(b, `<path class="%s" fill="%s" d="`, it.class, it.fill)
	writePoints(b, it.points)
	b.WriteString(`z"/>`)
}

func writeLine(b *strings.Builder, it line) {
	fmt.Fprintf(b, `<path class="%s" fill="none" stroke="%s" stroke-width="%s" stroke-linejoin="round"`, it.class, it.stroke, decimal(it.width))
	if it.dash > 0 {
		fmt.Fprintf(b, ` stroke-dasharray="%s"`, decimal(it.dash))
	}
	b.WriteString(` d="`)
	writePoints(b, it.points)
	b.WriteString(`"/>`)
}

func writePoints(b *strings.Builder, points []point) {
	for i, p := range points {
		b.WriteByte("LM"[btoi(i == 0)])
		fmt.Fprintf(b, "%s %s", decimal(p.x), decimal(p.y))
	}
}

func btoi(v bool) int {
	if v {
		return 1
	}
	return 0
}

func writeLabel(b *strings.Builder, it label) {
	fmt.Fprintf(b, `<text x="%s" y="%s" font-size="%s" fill="%s"`, decimal(it.x), decimal(it.y), decimal(it.size), it.fill)
	switch it.anchor {
	case middle:
		b.WriteString(` text-anchor="middle"`)
	case right:
		b.WriteString(` text-anchor="end"`)
	}
	if it.bold {
		b.WriteString(` font-weight="bold"`)
	}
	fmt.Fprintf(b, ">%s</text>", escape(it.text))
}

// decimal writes v with at most two decimals.
func decimal(v float64) string {
	s := strconv.FormatFloat(v, 'f', 2, 64)
	s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	if s == "" || s == "-0" {
		return "0"
	}
	return s
}

// escape makes s safe as XML or HTML text and attribute value, whatever is in
// it: characters that XML forbids become U+FFFD.
func escape(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '&':
			b.WriteString("&amp;")
		case r == '<':
			b.WriteString("&lt;")
		case r == '>':
			b.WriteString("&gt;")
		case r == '"':
			b.WriteString("&quot;")
		case r == '\'':
			b.WriteString("&#39;")
		case r == '\n' || r == '\t' || r == '\r':
			b.WriteByte(' ')
		case r < ' ' || r == 0xfffe || r == 0xffff:
			b.WriteRune('\ufffd')
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
