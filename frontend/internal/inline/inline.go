// Package inline shows images among the text of a terminal, by the three protocols
// that terminals have: kitty's, iTerm2's and sixel.
//
// Start at [Choose] and [Protocol.Encode].
package inline

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"image"
	"image/png"
	"strings"

	"github.com/mattn/go-sixel"
	"golang.org/x/image/draw"
)

// A Protocol is a way to send images.
type Protocol string

// The protocols, by the names that the setting images takes.
const (
	Auto  Protocol = "auto"
	None  Protocol = "none"
	Kitty Protocol = "kitty"
	ITerm Protocol = "iterm2"
	Sixel Protocol = "sixel"
)

// Choose gives the protocol of a terminal that has said what it can do, and that names
// itself so in its answer or in TERM_PROGRAM. Names are asked for iTerm2's protocol,
// which has no question.
func Choose(kitty, sixel bool, names ...string) Protocol {
	if kitty {
		return Kitty
	}
	for _, name := range names {
		for _, known := range []string{"iTerm", "WezTerm", "mintty", "vscode"} {
			if strings.HasPrefix(name, known) {
				return ITerm
			}
		}
	}
	if sixel {
		return Sixel
	}
	return None
}

// The bounds of an image.
const (
	maxBytes  = 16 << 20
	maxPixels = 32 << 20
)

// A Place is what a terminal has room for: columns, and the pixels of one of its
// characters; 0 where these are not known.
type Place struct {
	Columns      int
	CellW, CellH int
}

// The size of a character where a terminal does not tell.
const (
	cellWidth  = 9
	cellHeight = 18
)

// Encode gives what shows a PNG file, so many pixels wide (0: as the file says), but no
// wider than the terminal. The cursor is below the image then, at the start of a line.
func (p Protocol) Encode(file []byte, width int, at Place) (string, error) {
	c, err := png.DecodeConfig(bytes.NewReader(file))
	switch {
	case err != nil:
		return "", fmt.Errorf("not a PNG image: %w", err)
	case len(file) > maxBytes || c.Width <= 0 || c.Height <= 0 || c.Width > maxPixels/c.Height:
		return "", fmt.Errorf("the image is too large for a terminal: %d by %d pixels, %d bytes", c.Width, c.Height, len(file))
	}
	if at.CellW <= 0 || at.CellH <= 0 {
		at.CellW, at.CellH = cellWidth, cellHeight
	}
	if width <= 0 {
		width = c.Width
	}
	columns := max(min((width+at.CellW-1)/at.CellW, at.Columns), 1)
	switch p {
	case Kitty:
		// The rows besides: older kittys keep the file's own height where there are none.
		rows := max((c.Height*columns*at.CellW/c.Width+at.CellH/2)/at.CellH, 1)
		return kitty(file, columns, rows), nil
	case ITerm:
		return fmt.Sprintf("\x1b]1337;File=inline=1;size=%d;width=%d;preserveAspectRatio=1:%s\x07\n",
			len(file), columns, base64.StdEncoding.EncodeToString(file)), nil
	case Sixel:
		return sixels(file, min(width, columns*at.CellW), c)
	}
	return "", errors.New("this terminal shows no images")
}

// kittyChunk is the most bytes of one sequence.
const kittyChunk = 4096

func kitty(file []byte, columns, rows int) string {
	var b strings.Builder
	rest := base64.StdEncoding.EncodeToString(file)
	head := fmt.Sprintf("a=T,f=100,q=2,c=%d,r=%d,", columns, rows)
	for {
		n := min(len(rest), kittyChunk)
		part := rest[:n]
		rest = rest[n:]
		more := 0
		if rest != "" {
			more = 1
		}
		fmt.Fprintf(&b, "\x1b_G%sm=%d;%s\x1b\\", head, more, part)
		head = ""
		if more == 0 {
			b.WriteString("\n")
			return b.String()
		}
	}
}

func sixels(file []byte, width int, c image.Config) (string, error) {
	src, err := png.Decode(bytes.NewReader(file))
	if err != nil {
		return "", fmt.Errorf("not a PNG image: %w", err)
	}
	height := max(c.Height*width/c.Width, 1)
	// On white, as sixel has no half-transparent colours.
	dst := image.NewRGBA(image.Rect(0, 0, width, height))
	draw.Draw(dst, dst.Bounds(), image.White, image.Point{}, draw.Src)
	draw.CatmullRom.Scale(dst, dst.Bounds(), src, src.Bounds(), draw.Over, nil)
	var b bytes.Buffer
	e := sixel.NewEncoder(&b)
	e.Colors = 64
	if err := e.Encode(dst); err != nil {
		return "", fmt.Errorf("encode the image as sixel: %w", err)
	}
	b.WriteString("\n")
	return b.String(), nil
}
