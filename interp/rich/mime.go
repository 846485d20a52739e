package rich

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"unicode/utf8"
)

// MIME types that the package itself produces.
const (
	textPlain       = "text/plain"
	textHTML        = "text/html"
	imageSVG        = "image/svg+xml"
	imagePNG        = "image/png"
	imageJPEG       = "image/jpeg"
	imageGIF        = "image/gif"
	applicationJSON = "application/json"
)

// clean makes v fit to be sent under a MIME type: a UTF-8 string for text, a
// base64 string for binary data, a value that can be marshalled for JSON.
func clean(mime string, v any) (any, error) {
	if isJSON(mime) {
		return cleanJSON(v)
	}
	s, ok := v.(string)
	if ok {
		return valid(s), nil
	}
	if lines, isLines := v.([]string); isLines {
		return valid(strings.Join(lines, "")), nil
	}
	s, ok = asString(v)
	switch {
	case !ok:
		return nil, errors.New("want a string or []byte, have " + typeOf(v))
	case isText(mime) || reflect.TypeOf(v).Kind() == reflect.String:
		return valid(s), nil
	case s == "":
		return nil, errors.New("no bytes")
	}
	return base64.StdEncoding.EncodeToString([]byte(s)), nil
}

// cleanJSON marshals v, so that what cannot be marshalled is found here and
// not when the message is sent. Bytes are taken as JSON text.
func cleanJSON(v any) (any, error) {
	raw, ok := v.([]byte)
	if !ok {
		var err error
		if raw, err = json.Marshal(v); err != nil {
			return nil, err
		}
	}
	if !json.Valid(raw) {
		return nil, errors.New("not valid JSON")
	}
	return json.RawMessage(valid(string(raw))), nil
}

func isJSON(mime string) bool {
	return mime == applicationJSON || strings.HasSuffix(mime, "+json")
}

func isText(mime string) bool {
	return strings.HasPrefix(mime, "text/") || mime == imageSVG || mime == "application/javascript"
}

func typeOf(v any) string {
	if v == nil {
		return "nil"
	}
	return reflect.TypeOf(v).String()
}

// valid replaces what is not UTF-8.
func valid(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }

// cut shortens s to at most n bytes and an ellipsis, at a rune boundary.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}
