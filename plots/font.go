package plots

import (
	"sort"
	"sync"

	"codeberg.org/go-fonts/liberation/liberationsansbold"
	"codeberg.org/go-fonts/liberation/liberationsansregular"
	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

var (
	regular = sync.OnceValue(func() *sfnt.Font { return mustParse(liberationsansregular.TTF) })
	bold    = sync.OnceValue(func() *sfnt.Font { return mustParse(liberationsansbold.TTF) })
)

func mustParse(ttf []byte) *sfnt.Font {
	f, err := opentype.Parse(ttf)
	if err != nil {
		panic(err) // the font is part of the program
	}
	return f
}

func fontOf(isBold bool) *sfnt.Font {
	if isBold {
		return bold()
	}
	return regular()
}

// newFace returns Liberation Sans with size pixels to the em.
func newFace(size float64, isBold bool) font.Face {
	face, err := opentype.NewFace(fontOf(isBold), &opentype.FaceOptions{Size: size, DPI: 72, Hinting: font.HintingNone})
	if err != nil {
		panic(err) // it fails for no options like these
	}
	return face
}

// textWidth returns how wide a line of text is, in the unit of size.
func textWidth(s string, size float64, isBold bool) float64 {
	const em = 1000
	f := fontOf(isBold)
	var buf sfnt.Buffer
	var sum int64 // of fixed.Int26_6
	for _, r := range s {
		g, err := f.GlyphIndex(&buf, r)
		if err != nil {
			continue
		}
		if a, err := f.GlyphAdvance(&buf, g, fixed.I(em), font.HintingNone); err == nil {
			sum += int64(a)
		}
	}
	return float64(sum) / 64 / em * size
}

// clip cuts s to at most width, with an ellipsis where it cuts.
func clip(s string, width, size float64, isBold bool) string {
	if textWidth(s, size, isBold) <= width {
		return s
	}
	runes := []rune(s)
	over := sort.Search(len(runes), func(n int) bool { return textWidth(string(runes[:n])+"…", size, isBold) > width })
	return string(runes[:max(over-1, 0)]) + "…"
}

// wrap breaks s at spaces into lines of at most width.
func wrap(s string, width, size float64) []string {
	var lines []string
	line := ""
	for _, word := range splitWords(s) {
		longer := word
		if line != "" {
			longer = line + " " + word
		}
		if line != "" && textWidth(longer, size, false) > width {
			lines = append(lines, line)
			longer = word
		}
		line = clip(longer, width, size, false)
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}
