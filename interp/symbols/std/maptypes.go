package std

import (
	"bufio"
	"encoding"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"reflect"
)

// MapTypes is symbols.MapTypes.
func MapTypes() map[reflect.Value][]reflect.Type {
	m := map[reflect.Value][]reflect.Type{}
	look := func(interfaces []reflect.Type, functions ...any) {
		for _, f := range functions {
			m[reflect.ValueOf(f)] = interfaces
		}
	}
	// The order is that in which package fmt asks. GoStringer is not here: what
	// only has GoString is seldom printed by it, and prints better unwrapped.
	look([]reflect.Type{
		reflect.TypeFor[fmt.Formatter](),
		reflect.TypeFor[error](),
		reflect.TypeFor[fmt.Stringer](),
	},
		fmt.Append, fmt.Appendf, fmt.Appendln, fmt.Errorf,
		fmt.Fprint, fmt.Fprintf, fmt.Fprintln,
		fmt.Print, fmt.Printf, fmt.Println,
		fmt.Sprint, fmt.Sprintf, fmt.Sprintln,
		log.Fatal, log.Fatalf, log.Fatalln,
		log.Panic, log.Panicf, log.Panicln,
		log.Print, log.Printf, log.Println,
	)
	look([]reflect.Type{reflect.TypeFor[fmt.Scanner]()},
		fmt.Fscan, fmt.Fscanf, fmt.Fscanln,
		fmt.Scan, fmt.Scanf, fmt.Scanln,
		fmt.Sscan, fmt.Sscanf, fmt.Sscanln,
	)
	// Which other methods count depends on the handler, and a wrapper of one of
	// them means nothing to the others.
	look([]reflect.Type{
		reflect.TypeFor[slog.LogValuer](),
		reflect.TypeFor[error](),
	},
		slog.Any, slog.AnyValue, slog.Group,
		slog.Debug, slog.Info, slog.Warn, slog.Error, slog.Log,
		slog.DebugContext, slog.InfoContext, slog.WarnContext, slog.ErrorContext,
	)
	look([]reflect.Type{
		reflect.TypeFor[json.Marshaler](),
		reflect.TypeFor[encoding.TextMarshaler](),
	}, json.Marshal, json.MarshalIndent)
	look([]reflect.Type{
		reflect.TypeFor[json.Unmarshaler](),
		reflect.TypeFor[encoding.TextUnmarshaler](),
	}, unmarshalJSON)
	look([]reflect.Type{
		reflect.TypeFor[xml.Marshaler](),
		reflect.TypeFor[encoding.TextMarshaler](),
	}, xml.Marshal, xml.MarshalIndent)
	look([]reflect.Type{
		reflect.TypeFor[xml.Unmarshaler](),
		reflect.TypeFor[encoding.TextUnmarshaler](),
	}, unmarshalXML)

	// Below a wrapper are those with more methods, largest first.
	look([]reflect.Type{
		reflect.TypeFor[goStringer](),
		reflect.TypeFor[stringer](),
	}, (*_fmt_Stringer)(nil))
	look([]reflect.Type{reflect.TypeFor[readerWriterTo]()}, (*_io_Reader)(nil))
	look([]reflect.Type{reflect.TypeFor[writerReaderFrom](), reflect.TypeFor[writerStringWriter]()}, (*_io_Writer)(nil))
	look([]reflect.Type{
		reflect.TypeFor[responseHijacker](),
		reflect.TypeFor[responseFlusher](),
	}, (*_net_http_ResponseWriter)(nil))
	return m
}

// Replacements are the functions that would not do for interpreted types.
func Replacements(path string) map[string]any {
	switch path {
	case "encoding/json":
		return map[string]any{"Unmarshal": unmarshalJSON}
	case "encoding/xml":
		return map[string]any{"Unmarshal": unmarshalXML}
	case "errors":
		return map[string]any{"As": errorsAs}
	}
	return nil
}

func unmarshalJSON(data []byte, v any) error { return json.Unmarshal(data, pointer(v)) }
func unmarshalXML(data []byte, v any) error  { return xml.Unmarshal(data, pointer(v)) }

// pointer returns a pointer to a wrapper: to unmarshal asks for pointers, and
// what is wrapped is one. Anything else stays.
func pointer(v any) any {
	if !wrapped(v).IsValid() {
		return v
	}
	p := reflect.New(reflect.TypeOf(v))
	p.Elem().Set(reflect.ValueOf(v))
	return p.Interface()
}

// stringer implements fmt.Stringer and also leaves verbs that do not ask for
// String to the value that is wrapped. (Of a struct, yaegi puts only the last
// field into IValue: its %d and %#v are wrong, with any wrapper.)
type stringer struct {
	IValue  any
	WString func() string
}

func (w stringer) String() string { return text(w.WString).String() }

// Format implements fmt.Formatter.
func (w stringer) Format(s fmt.State, verb rune) {
	if stringVerb(s, verb) {
		_, _ = fmt.Fprintf(s, fmt.FormatString(s, verb), text(w.WString))
		return
	}
	_, _ = fmt.Fprintf(s, fmt.FormatString(s, verb), w.IValue)
}

// goStringer is a stringer for types that have GoString too.
type goStringer struct {
	IValue    any
	WString   func() string
	WGoString func() string
}

func (w goStringer) String() string   { return text(w.WString).String() }
func (w goStringer) GoString() string { return text(w.WGoString).String() }

// Format implements fmt.Formatter.
func (w goStringer) Format(s fmt.State, verb rune) {
	if verb == 'v' && s.Flag('#') {
		_, _ = io.WriteString(s, w.GoString())
		return
	}
	stringer{w.IValue, w.WString}.Format(s, verb)
}

// A text is a String method; package fmt reports its panics as such.
type text func() string

func (t text) String() string {
	if t == nil {
		return ""
	}
	return t()
}

// stringVerb reports whether package fmt calls String for a verb.
func stringVerb(s fmt.State, verb rune) bool {
	switch verb {
	case 'v':
		return !s.Flag('#')
	case 's', 'q', 'x', 'X':
		return true
	}
	return false
}

// readerWriterTo is a reader for io.Copy.
type readerWriterTo struct {
	IValue   any
	WRead    func(p []byte) (int, error)
	WWriteTo func(w io.Writer) (int64, error)
}

func (w readerWriterTo) Read(p []byte) (int, error)                 { return w.WRead(p) }
func (w readerWriterTo) WriteTo(dst io.Writer) (n int64, err error) { return w.WWriteTo(dst) }

// writerReaderFrom is a writer for io.Copy.
type writerReaderFrom struct {
	IValue    any
	WWrite    func(p []byte) (int, error)
	WReadFrom func(r io.Reader) (int64, error)
}

func (w writerReaderFrom) Write(p []byte) (int, error)               { return w.WWrite(p) }
func (w writerReaderFrom) ReadFrom(r io.Reader) (n int64, err error) { return w.WReadFrom(r) }

// writerStringWriter is a writer for io.WriteString.
type writerStringWriter struct {
	IValue       any
	WWrite       func(p []byte) (int, error)
	WWriteString func(s string) (int, error)
}

func (w writerStringWriter) Write(p []byte) (int, error)       { return w.WWrite(p) }
func (w writerStringWriter) WriteString(s string) (int, error) { return w.WWriteString(s) }

// responseHijacker is a ResponseWriter whose connection can be taken over.
type responseHijacker struct {
	IValue       any
	WHeader      func() http.Header
	WWrite       func(p []byte) (int, error)
	WWriteHeader func(status int)
	WHijack      func() (net.Conn, *bufio.ReadWriter, error)
}

func (w responseHijacker) Header() http.Header         { return w.WHeader() }
func (w responseHijacker) Write(p []byte) (int, error) { return w.WWrite(p) }
func (w responseHijacker) WriteHeader(status int)      { w.WWriteHeader(status) }

// Hijack implements http.Hijacker.
func (w responseHijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) { return w.WHijack() }

// responseFlusher is a ResponseWriter that streams.
type responseFlusher struct {
	IValue       any
	WHeader      func() http.Header
	WWrite       func(p []byte) (int, error)
	WWriteHeader func(status int)
	WFlush       func()
}

func (w responseFlusher) Header() http.Header         { return w.WHeader() }
func (w responseFlusher) Write(p []byte) (int, error) { return w.WWrite(p) }
func (w responseFlusher) WriteHeader(status int)      { w.WWriteHeader(status) }
func (w responseFlusher) Flush()                      { w.WFlush() }
