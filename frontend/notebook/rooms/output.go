package rooms

import (
	"crypto/sha256"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/adabc437/fanout/frontend/nbformat"
)

// The bounds of what pages are sent of one output.
const (
	maxView  = 128 << 10 // bytes of JSON, beyond which an output is cut
	viewHead = 16 << 10  // bytes of text that are sent then, from its start
	viewTail = 4 << 10   // and from its end
	maxViews = 4 << 20   // bytes of all outputs in one message; of the rest pages are told the size
)

// An output is one output of a cell. What it shows may be replaced; maps in it are
// never written to.
type output struct {
	o       nbformat.Output
	display string           // its display id, if it has one
	text    *strings.Builder // of a stream that grows
	raw     json.RawMessage  // of whole, if it was asked for since the last change
	cut     json.RawMessage  // of view, likewise
	bytes   int              // about how many it takes
	sum     *digest          // of whole, likewise
}

func newOutput(o *nbformat.Output) *output {
	out := &output{o: *o}
	out.changed()
	return out
}

// changed forgets what was made of the output before it changed.
func (o *output) changed() {
	o.raw, o.cut, o.sum = nil, nil, nil
	if o.o.Type == nbformat.Stream {
		o.bytes = len(o.o.Text)
	} else {
		o.bytes = len(o.whole())
	}
}

// grow adds text to a stream.
func (o *output) grow(text string) {
	if o.text == nil {
		o.text = &strings.Builder{}
		o.text.WriteString(o.o.Text)
	}
	o.text.WriteString(text)
	o.o.Text = o.text.String()
	o.changed()
}

// replace makes the output show what another shows.
func (o *output) replace(data, metadata map[string]any) {
	o.o.Data, o.o.Metadata = data, metadata
	o.changed()
}

// inFile is a copy of the output for a file.
func (o *output) inFile() *nbformat.Output {
	f := o.o
	return &f
}

// whole is the output in JSON, with text in one string each.
func (o *output) whole() json.RawMessage {
	if o.raw == nil {
		raw := encode(o.object())
		if o.o.Type == nbformat.Stream || len(raw) > maxView {
			return raw // to keep it would double what the output takes
		}
		o.raw = raw
	}
	return o.raw
}

// hash is the digest of whole.
func (o *output) hash() digest {
	if o.sum == nil {
		sum := digest(sha256.Sum256(o.whole()))
		o.sum = &sum
	}
	return *o.sum
}

// encode gives v, which is made of what JSON was read into, as JSON. It leaves <
// and > as they are: pages get it over a websocket.
func encode(v any) json.RawMessage {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return json.RawMessage(`null`)
	}
	return json.RawMessage(strings.TrimSuffix(b.String(), "\n"))
}

func (o *output) object() map[string]any {
	m := maps.Clone(o.o.Extra)
	if m == nil {
		m = map[string]any{}
	}
	m["output_type"] = o.o.Type
	switch o.o.Type {
	case nbformat.Stream:
		m["name"], m["text"] = o.o.Name, o.o.Text
	case nbformat.DisplayData, nbformat.ExecuteResult:
		m["data"], m["metadata"] = orEmpty(o.o.Data), orEmpty(o.o.Metadata)
		if o.o.Type == nbformat.ExecuteResult {
			m["execution_count"] = o.o.ExecutionCount
		}
	case nbformat.Error:
		m["ename"], m["evalue"], m["traceback"] = o.o.EName, o.o.EValue, orNone(o.o.Traceback)
	}
	return m
}

func orNone(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

// isCut says that pages are not sent all of the output.
func (o *output) isCut() bool { return o.bytes > maxView }

// view is what pages are sent of the output.
func (o *output) view() json.RawMessage {
	if o.cut == nil {
		if o.isCut() {
			o.cut = encode(o.cutObject())
		} else {
			o.cut = o.whole()
		}
	}
	return o.cut
}

// sent is about how many bytes view has.
func (o *output) sent() int {
	if !o.isCut() {
		return o.bytes
	}
	return maxView
}

// stub stands for an output that is sent when a page asks for it: it has its size, and what
// tells how high it will be.
func (o *output) stub() json.RawMessage {
	const most = 100 // lines that are counted
	later := map[string]any{"bytes": o.bytes}
	if o.o.Type == nbformat.Stream {
		lines, text := 1, o.o.Text
		for i := strings.IndexByte(text, '\n'); i >= 0 && lines < most; i = strings.IndexByte(text, '\n') {
			lines, text = lines+1, text[i+1:]
		}
		later["lines"] = lines
	} else if len(o.o.Data) > 0 {
		later["types"] = slices.Sorted(maps.Keys(o.o.Data))
	}
	return encode(map[string]any{"output_type": o.o.Type, "later": later})
}

// cutObject is the output cut to what fits.
func (o *output) cutObject() map[string]any {
	m := o.object()
	cut := map[string]any{"bytes": o.bytes}
	m["cut"] = cut
	switch o.o.Type {
	case nbformat.Stream:
		head, tail := ends(o.o.Text)
		m["text"] = head + tail
		cut["at"] = Units(head)
	case nbformat.Error:
		m["evalue"] = shorten(o.o.EValue)
		m["traceback"] = []string{shorten(strings.Join(o.o.Traceback, "\n"))}
	default:
		m["data"] = fitting(o.o.Data)
		if len(encode(o.o.Metadata)) > viewHead {
			m["metadata"] = map[string]any{}
		}
	}
	for key := range o.o.Extra {
		delete(m, key)
	}
	return m
}

// fitting is the part of a MIME bundle that is sent: the types that fit, smallest
// first, and of plain text at least the ends.
func fitting(data map[string]any) map[string]any {
	type entry struct {
		mime string
		size int
	}
	var list []entry
	for mime, v := range data {
		list = append(list, entry{mime, len(encode(v))})
	}
	slices.SortFunc(list, func(a, b entry) int {
		if a.size != b.size {
			return a.size - b.size
		}
		return strings.Compare(a.mime, b.mime)
	})
	out := map[string]any{}
	left := maxView
	for _, e := range list {
		if e.size <= left {
			out[e.mime] = data[e.mime]
			left -= e.size
		}
	}
	if text, ok := data["text/plain"].(string); ok && out["text/plain"] == nil {
		out["text/plain"] = shorten(text)
	}
	return out
}

// shorten gives the start and the end of a long text.
func shorten(text string) string {
	head, tail := ends(text)
	if tail == "" {
		return head
	}
	return head + "\n…\n" + tail
}

// ends are the start and the end of a long text; of one that is not, it is all the start.
func ends(text string) (head, tail string) {
	if len(text) <= viewHead+viewTail {
		return text, ""
	}
	to, from := viewHead, len(text)-viewTail
	for to > 0 && !utf8.RuneStart(text[to]) {
		to--
	}
	for from < len(text) && !utf8.RuneStart(text[from]) {
		from++
	}
	return text[:to], text[from:]
}
