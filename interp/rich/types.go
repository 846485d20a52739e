package rich

import (
	"bytes"
	"fmt"
	"image"
	_ "image/gif"  // to read the size of a GIF
	_ "image/jpeg" // to read the size of a JPEG
	"strings"
)

// The types below are for cells: HTML("<b>bold</b>") as the last expression
// of a cell, or passed to display, shows itself.
type (
	HTML       string // HTML is shown as markup.
	SVG        string // SVG is an image/svg+xml document.
	Markdown   string // Markdown is rendered by the front end.
	LaTeX      string // LaTeX is set as mathematics; without delimiters it is put between $$.
	JavaScript string // JavaScript is run by the front end, where that is allowed.
	Text       string // Text is shown as it is, without quotes.
	PNG        []byte // PNG is an encoded picture.
	JPEG       []byte // JPEG is an encoded picture.
	GIF        []byte // GIF is an encoded picture.
)

// MimeBundle returns text/html and text/plain.
func (h HTML) MimeBundle() map[string]any {
	return map[string]any{textHTML: string(h), textPlain: source("HTML", string(h))}
}

// MimeBundle returns image/svg+xml and text/plain.
func (s SVG) MimeBundle() map[string]any {
	return map[string]any{imageSVG: string(s), textPlain: source("SVG", string(s))}
}

// MimeBundle returns text/markdown and text/plain.
func (m Markdown) MimeBundle() map[string]any {
	return map[string]any{"text/markdown": string(m), textPlain: cut(string(m), defaultMax)}
}

// MimeBundle returns text/latex and text/plain.
func (l LaTeX) MimeBundle() map[string]any {
	s := string(l)
	if !strings.Contains(s, "$") && !strings.Contains(s, `\begin`) &&
		!strings.Contains(s, `\(`) && !strings.Contains(s, `\[`) {
		s = "$$" + s + "$$"
	}
	return map[string]any{"text/latex": s, textPlain: cut(string(l), defaultMax)}
}

// MimeBundle returns application/javascript and text/plain.
func (j JavaScript) MimeBundle() map[string]any {
	return map[string]any{"application/javascript": string(j), textPlain: source("JavaScript", string(j))}
}

// MimeBundle returns text/plain.
func (t Text) MimeBundle() map[string]any {
	return map[string]any{textPlain: string(t)}
}

// MimeBundle returns image/png and text/plain.
func (p PNG) MimeBundle() map[string]any {
	return map[string]any{imagePNG: []byte(p), textPlain: pictureText("PNG", p)}
}

// MimeBundle returns image/jpeg and text/plain.
func (j JPEG) MimeBundle() map[string]any {
	return map[string]any{imageJPEG: []byte(j), textPlain: pictureText("JPEG", j)}
}

// MimeBundle returns image/gif and text/plain.
func (g GIF) MimeBundle() map[string]any {
	return map[string]any{imageGIF: []byte(g), textPlain: pictureText("GIF", g)}
}

// JSONValue is what [JSON] returns.
type JSONValue struct{ Value any }

// JSON shows v as a tree that can be unfolded, by way of encoding/json. A
// []byte is taken as JSON text.
func JSON(v any) JSONValue { return JSONValue{v} }

// MimeBundle returns application/json and text/plain.
func (j JSONValue) MimeBundle() map[string]any {
	raw, err := cleanJSON(j.Value)
	if err != nil {
		return map[string]any{textPlain: errorMark + err.Error()}
	}
	return map[string]any{applicationJSON: raw, textPlain: jsonText(raw)}
}

// source is the text/plain of markup: itself if it is short.
func source(kind, s string) string {
	if len(s) <= 200 {
		return s
	}
	return fmt.Sprintf("%s, %d bytes", kind, len(s))
}

func pictureText(kind string, data []byte) string {
	c, _, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return fmt.Sprintf("%s, %d bytes", kind, len(data))
	}
	return fmt.Sprintf("%s, %d×%d pixels, %d bytes", kind, c.Width, c.Height, len(data))
}
