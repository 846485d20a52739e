package nbformat

import (
	"strings"
	"unicode/utf8"
)

// splitLines cuts text after its line ends, which are those of Python's
// str.splitlines: Jupyter's are made by it.
func splitLines(text string) []string {
	lines := []string{}
	start := 0
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		i += size
		switch r {
		case '\r':
			if strings.HasPrefix(text[i:], "\n") {
				i++
			}
		case '\n', '\v', '\f', 0x1c, 0x1d, 0x1e, 0x85, 0x2028, 0x2029:
		default:
			continue
		}
		lines = append(lines, text[start:i])
		start = i
	}
	if start < len(text) {
		lines = append(lines, text[start:])
	}
	return lines
}

// joinLines gives the text of v, which is a string or a list of strings.
func joinLines(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case []any:
		var b strings.Builder
		for _, line := range v {
			s, ok := line.(string)
			if !ok {
				return "", false
			}
			b.WriteString(s)
		}
		return b.String(), true
	}
	return "", false
}

// isJSON says that values of a MIME type are JSON, of which a list is no text.
func isJSON(mime string) bool {
	return mime == "application/json" || strings.HasPrefix(mime, "application/") && strings.HasSuffix(mime, "+json")
}

// isLines says that values of a MIME type are stored as lists of lines.
func isLines(mime string) bool {
	return strings.HasPrefix(mime, "text/") || mime == "application/javascript" || mime == "image/svg+xml"
}

// joinBundle joins the lists of lines in a MIME bundle, in place.
func joinBundle(data map[string]any) {
	for mime, v := range data {
		if isJSON(mime) {
			continue
		}
		if text, ok := joinLines(v); ok {
			data[mime] = text
		}
	}
}

// splitBundle gives a MIME bundle with its text as lists of lines.
func splitBundle(data map[string]any) map[string]any {
	out := make(map[string]any, len(data))
	for mime, v := range data {
		if text, ok := v.(string); ok && isLines(mime) {
			out[mime] = splitLines(text)
		} else {
			out[mime] = v
		}
	}
	return out
}
