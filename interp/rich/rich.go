// Package rich turns Go values into Jupyter MIME bundles: what a notebook
// shows for the last expression of a cell, or for display(v).
//
// It is pure. It knows nothing of the kernel, of sessions or of an
// interpreter; it reads a value and returns data. Who displays it, and under
// which display id, is the caller's affair.
//
// Start at [Bundle], which returns every representation of a value, and at
// [Plain], which returns the text/plain one alone and is fast enough for the
// path of 1+1. The types [HTML], [SVG], [Markdown], [LaTeX], [JavaScript],
// [PNG], [JPEG], [GIF], [Text], [Figure] and the function [JSON] are for
// cells: a value of one of them shows itself.
//
// A type of the user's own shows itself by having one or more of the methods
//
//	MimeBundle() map[string]any    // by MIME type; a second map is metadata
//	HTML() string                  // text/html
//	Markdown() string              // text/markdown
//	LaTeX() string                 // text/latex
//	SVG() string                   // image/svg+xml
//	PNG() []byte, JPEG() []byte, GIF() []byte
//	JavaScript() string            // application/javascript
//	JSON() any                     // application/json
//	Error() string, String() string, GoString() string // text/plain
//
// each of which may return an error as its last result.
package rich

import (
	"encoding/json"
	"fmt"
	"image"
	"reflect"
	"strings"
	"time"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/plot"
)

// Methods holds method values by name, such as "HTML": p.HTML. An interpreted
// value loses its methods when it is passed as any, so whoever knows them
// passes them here; they take precedence over those found by reflection. A
// nil map is fine.
type Methods map[string]any

// Bundle returns the representations of v by MIME type, and the metadata by
// MIME type (never nil, often empty). Everything has a text/plain. Text is a
// valid UTF-8 string, binary data a base64 string, application/json a value
// that encoding/json can marshal.
//
// Representations are merged: what MimeBundle returns comes first, then the
// single methods, then what Fanout itself knows about images, plots, matrices,
// raw JSON and table-like values; the first to name a MIME type wins. A method
// that panics or returns an error costs its own representation only, and is
// reported in text/plain.
func Bundle(v any, m Methods) (data, metadata map[string]any) {
	return BundleAs(v, "", m, Options{})
}

// BundleAs is [Bundle] for a caller that knows the static type of v as the
// user wrote it, such as "[]Point"; see [Plain] for what it is used for.
func BundleAs(v any, typeName string, m Methods, o Options) (data, metadata map[string]any) {
	if len(m) == 0 {
		if s, ok := scalar(v); ok {
			return map[string]any{textPlain: s}, map[string]any{}
		}
	}
	b := &bundle{data: map[string]any{}, metadata: map[string]any{}, o: o.withDefaults()}
	b.own = v
	if p := pointerOf(v); p != nil {
		v, typeName = p, ""
	}
	ms := methodsOf(v, m)
	b.addMethods(ms)
	b.addKnown(v, typeName, m)
	b.addPlain(v, typeName, ms)
	return b.data, b.metadata
}

// bundle is a MIME bundle being put together. The first value for a MIME type
// stays.
type bundle struct {
	data, metadata map[string]any
	own            any // the value itself, where a pointer to a copy is shown
	o              Options
	failures       []string // one line each, for text/plain
}

func (b *bundle) add(mime string, v any) {
	if _, ok := b.data[mime]; ok || mime == "" {
		return
	}
	c, err := clean(mime, v)
	if err != nil {
		b.fail(mime + ": " + err.Error())
		return
	}
	b.data[mime] = c
}

func (b *bundle) fail(line string) {
	b.failures = append(b.failures, cut(valid(line), b.o.Max))
}

// addMethods asks the value's own methods for representations.
func (b *bundle) addMethods(ms methodSet) {
	if out, ok := b.call(ms, "MimeBundle"); ok && len(out) > 0 {
		data, isMap := out[0].(map[string]any)
		if !isMap {
			b.fail("MimeBundle(): want a map[string]any, have " + reflect.TypeOf(out[0]).String())
		}
		for mime, v := range data {
			b.add(mime, v)
		}
		if len(out) > 1 {
			if metadata, isMap := out[1].(map[string]any); isMap {
				for k, v := range metadata {
					b.addMetadata(k, v)
				}
			}
		}
	}
	for _, r := range representations {
		if _, have := b.data[r.mime]; have {
			continue
		}
		if out, ok := b.call(ms, r.method); ok && len(out) > 0 {
			b.add(r.mime, r.convert(out[0]))
		}
	}
}

func (b *bundle) addMetadata(key string, v any) {
	if c, err := clean(applicationJSON, v); err == nil {
		b.metadata[key] = c
	} else {
		b.fail("metadata of " + key + ": " + err.Error())
	}
}

// call calls a method of the value if it has it. A failure is noted.
func (b *bundle) call(ms methodSet, name string) (out []any, ok bool) {
	f := ms.find(name)
	if !f.IsValid() {
		return nil, false
	}
	out, err := call(f)
	if err != nil {
		b.fail(name + "(): " + err.Error())
		return nil, false
	}
	return out, true
}

// addKnown adds what Fanout knows how to show without a method of the value.
func (b *bundle) addKnown(v any, typeName string, m Methods) {
	if isNil(v) {
		return
	}
	defer func() {
		if r := recover(); r != nil {
			b.fail("while drawing: " + panicText(r))
		}
	}()
	switch v := v.(type) {
	case json.RawMessage:
		b.add(applicationJSON, v)
		if text := jsonText(b.data[applicationJSON]); text != "" {
			b.add(textPlain, text)
		}
	case *plot.Plot:
		b.addPlot(v, DefaultWidth, DefaultHeight)
	case []*plot.Plot:
		b.addPlots(v)
	case image.Rectangle: // an image by its methods, and meant by its numbers
	case image.Image:
		b.addImage(v)
	case mat.Matrix:
		b.addMatrix(v, typeText(reflect.TypeOf(b.own)))
	default:
		if img, ok := interpretedImage(m); ok {
			b.addImage(img)
			return
		}
		b.addTable(v, typeName)
	}
}

// addPlain adds text/plain, and under it what failed.
func (b *bundle) addPlain(v any, typeName string, ms methodSet) {
	text, have := b.data[textPlain].(string)
	if !have {
		text = b.plain(v, typeName, ms)
	}
	for _, f := range b.failures {
		text += "\n" + f
	}
	b.data[textPlain] = text
}

// unwrapOf is the method Unwrap of an error, or nil.
func (b *bundle) unwrapOf(v any, ms methodSet) any {
	if f := ms.given["Unwrap"]; f != nil {
		return f
	}
	if b.o.Type != nil {
		if f := b.o.Type.Unwrap(reflect.ValueOf(v)); f != nil {
			return f
		}
	}
	switch v := v.(type) {
	case interface{ Unwrap() error }:
		return v.Unwrap
	case interface{ Unwrap() []error }:
		return v.Unwrap
	}
	return nil
}

func (b *bundle) plain(v any, typeName string, ms methodSet) string {
	if t, ok := v.(time.Time); ok {
		v = t.Round(0) // without the reading of the monotonic clock
		ms = methodsOf(v, nil)
	}
	for _, name := range []string{"Error", "String", "GoString"} {
		out, ok := b.call(ms, name)
		if !ok || len(out) == 0 {
			continue
		}
		if s, isString := asString(out[0]); isString {
			if name == "Error" {
				s = errorMark + cut(s, b.o.Max) + causes(strings.ReplaceAll(s, "\n", "; "), b.unwrapOf(v, ms))
			}
			return cut(valid(s), b.o.Max+b.o.Max/4)
		}
	}
	if f, ok := v.(fmt.Formatter); ok && !isNil(v) {
		return cut(valid(fmt.Sprint(f)), b.o.Max) // fmt sees to panics
	}
	return plain(v, typeName, b.o, len(b.failures) == 0)
}
