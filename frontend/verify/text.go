package verify

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/adabc437/fanout/frontend/convert"
	"github.com/adabc437/fanout/frontend/nbformat"
)

// normal are the patterns of text that is another each time, and what stands for it.
var normal = []struct {
	pattern *regexp.Regexp
	name    string
}{
	{regexp.MustCompile(`\b\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z| ?[+-]\d\d:?\d\d)?(?: [A-Z]{3,4}\b)?(?: m=[+-]\d+\.\d+)?`), "<time>"},
	{regexp.MustCompile(`\b\d\d:\d\d:\d\d(?:\.\d+)?\b`), "<time>"},
	{regexp.MustCompile(`\b(?:\d+h)?(?:\d+m)?\d+(?:\.\d+)? ?(?:ns|µs|μs|us|ms|s)\b`), "<duration>"},
	{regexp.MustCompile(`\b0x[0-9a-f]{6,16}\b`), "<address>"},
	{regexp.MustCompile(`\bgoroutine \d+\b`), "goroutine <n>"},
}

// Normal gives text with a name in place of each time (2026-01-31 12:00:00, with or
// without a zone; 12:00:00), duration (1.5s, 3 ms, 1h2m3s), address (0xc000012345)
// and number of a goroutine.
func Normal(text string) string {
	for _, n := range normal {
		text = n.pattern.ReplaceAllString(text, n.name)
	}
	return text
}

// text gives outputs in the form in which they are compared.
func (o Options) text(outputs []*nbformat.Output) string {
	var b strings.Builder
	put := func(title, body string) {
		b.WriteString("[" + title + "]\n")
		if body = o.normal(body); body != "" {
			b.WriteString(body + "\n")
		}
	}
	for i := 0; i < len(outputs); {
		if n := streams(outputs[i:]); n > 0 {
			for _, name := range []string{"stdout", "stderr"} {
				if text := streamText(outputs[i:i+n], name); text != "" {
					put(name, text)
				}
			}
			i += n
			continue
		}
		if title, body := o.one(outputs[i]); title != "" {
			put(title, body)
		}
		i++
	}
	return b.String()
}

// streams is how many outputs at the beginning are streams. The two have no order
// among themselves.
func streams(outputs []*nbformat.Output) int {
	n := slices.IndexFunc(outputs, func(o *nbformat.Output) bool { return o.Type != nbformat.Stream })
	if n < 0 {
		n = len(outputs)
	}
	return n
}

func streamText(outputs []*nbformat.Output, name string) string {
	var b strings.Builder
	for _, o := range outputs {
		if o.Name == name {
			b.WriteString(o.Text)
		}
	}
	return b.String()
}

// one gives what is compared of a display, a result or an error; no title if it
// shows nothing.
func (o Options) one(out *nbformat.Output) (title, body string) {
	switch out.Type {
	case nbformat.Error:
		return "error", out.EName + ": " + out.EValue
	case nbformat.ExecuteResult:
		title = "result"
	default:
		title = "display"
	}
	mimes := slices.Sorted(maps.Keys(out.Data))
	if text, ok := out.Data["text/plain"].(string); ok && text == "" {
		return "", "" // a line that has been taken back
	}
	if slices.ContainsFunc(mimes, func(m string) bool { return strings.HasPrefix(m, "image/") }) {
		return title + " " + strings.Join(mimes, " "), ""
	}
	for _, mime := range []string{"text/plain", "text/markdown", "text/latex", "text/html"} {
		if text, ok := out.Data[mime].(string); ok {
			return title + others(mimes, mime), text
		}
	}
	if value, ok := out.Data["application/json"]; ok {
		if text, err := json.MarshalIndent(value, "", " "); err == nil {
			return title + others(mimes, "application/json"), string(text)
		}
	}
	return title + " " + strings.Join(mimes, " "), ""
}

// others names the MIME types beside the one whose text follows.
func others(mimes []string, shown string) string {
	if len(mimes) == 1 && shown == "text/plain" {
		return ""
	}
	return " " + strings.Join(mimes, " ")
}

// normal gives text without what does not count.
func (o Options) normal(text string) string {
	text = convert.PlainText(text)
	for _, pattern := range o.Ignore {
		text = pattern.ReplaceAllString(text, "<ignored>")
	}
	if !o.Exact {
		text = Normal(text)
	}
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight(line, " \t\r")
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n")
}
