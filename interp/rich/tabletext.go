package rich

import (
	"html"
	"reflect"
	"strings"
	"unicode/utf8"

	"gonum.org/v1/gonum/mat"
)

// addTable adds text/html for what is a table. A map that fits on a line is
// left as its text.
func (b *bundle) addTable(v any, typeName string) {
	rv := reflect.ValueOf(v)
	if rv.Kind() == reflect.Map && rv.Len() <= b.o.Width/4 && len(plain(v, typeName, b.o, false)) <= b.o.Width {
		return
	}
	if t, ok := tableOf(rv, typeName, b.o); ok {
		b.add(textHTML, t.html())
	}
}

// tableText is the aligned text of a table, "" if v is none, or one too wide
// or too deep to be read as text.
func tableText(v reflect.Value, typeName string, o Options) string {
	t, ok := tableOf(v, typeName, o)
	if !ok || !t.scalar {
		return ""
	}
	return t.text(o.Width)
}

// addMatrix adds a matrix, of a type with the given name, as aligned text and as
// an HTML table.
func (b *bundle) addMatrix(m mat.Matrix, name string) {
	rows, cols := m.Dims()
	if rows == 0 || cols == 0 {
		b.add(textPlain, name+", empty")
		return
	}
	t := grid(name, rows, cols, func(i, j int) string { return short(m.At(i, j)) })
	b.add(textHTML, t.html())
	b.add(textPlain, t.text(b.o.Width))
}

// text aligns the table in columns. If it is wider than width, columns are
// left out in the middle.
func (t *table) text(width int) string {
	lines := [][]string{}
	if t.head != nil {
		lines = append(lines, append([]string{""}, t.head...))
	}
	if t.types != nil {
		lines = append(lines, append([]string{""}, t.types...))
	}
	for i, row := range t.rows {
		lines = append(lines, append([]string{t.index[i]}, row...))
	}
	cols := len(t.numeric) + 1
	widths := make([]int, cols)
	for _, line := range lines {
		for j, cell := range line {
			widths[j] = max(widths[j], utf8.RuneCountInString(cell))
		}
	}
	keep := fitting(widths, width)
	var s strings.Builder
	s.WriteString(t.caption)
	for _, line := range lines {
		s.WriteByte('\n')
		var row strings.Builder
		for _, j := range keep {
			if j == gap {
				row.WriteString("  …")
				continue
			}
			pad := strings.Repeat(" ", widths[j]-utf8.RuneCountInString(line[j]))
			row.WriteString("  ")
			if j > 0 && t.numeric[j-1] {
				row.WriteString(pad + line[j])
			} else {
				row.WriteString(line[j] + pad)
			}
		}
		s.WriteString(strings.TrimRight(row.String(), " "))
	}
	return s.String()
}

// fitting returns the columns that fit into width: all, or the first and the
// last ones with a gap between. The first column, the index, always stays.
func fitting(widths []int, width int) []int {
	total := 0
	for _, w := range widths {
		total += w + 2
	}
	if total <= width || len(widths) <= 2 {
		return window(len(widths), len(widths), 0)
	}
	room := width - widths[0] - 2 - 3
	left, right := 1, len(widths)
	for {
		if w := widths[left] + 2; left < right && w <= room {
			left, room = left+1, room-w
		} else {
			break
		}
		if w := widths[right-1] + 2; left < right && w <= room {
			right, room = right-1, room-w
		} else {
			break
		}
	}
	left = max(left, 2)
	keep := window(left, left, 0)
	if left < right {
		keep = append(keep, gap)
	}
	for j := max(left, right); j < len(widths); j++ {
		keep = append(keep, j)
	}
	return keep
}

// html writes the table with the colours of the page, light or dark.
func (t *table) html() string {
	var s strings.Builder
	s.WriteString(`<div style="overflow-x:auto"><table style="border-collapse:collapse">`)
	s.WriteString(`<caption style="text-align:left;opacity:.7">` + html.EscapeString(t.caption) + "</caption>")
	if t.head != nil {
		s.WriteString("<thead><tr><th></th>")
		for j, h := range t.head {
			kind := ""
			if t.types != nil {
				kind = t.types[j]
			}
			headCell(&s, h, kind, t.numeric[j])
		}
		s.WriteString("</tr></thead>")
	}
	s.WriteString("<tbody>")
	for i, row := range t.rows {
		s.WriteString("<tr>")
		cell(&s, "th", t.index[i], false)
		for j, c := range row {
			cell(&s, "td", c, t.numeric[j])
		}
		s.WriteString("</tr>")
	}
	s.WriteString("</tbody></table></div>")
	return s.String()
}

func headCell(s *strings.Builder, text, kind string, right bool) {
	if kind != "" {
		kind = `<br><span style="font-weight:normal;opacity:.6">` + html.EscapeString(kind) + "</span>"
	}
	s.WriteString(`<th style="padding:.1em .5em;text-align:` + side(right) + `">` + html.EscapeString(text) + kind + "</th>")
}

func side(right bool) string {
	if right {
		return "right"
	}
	return "left"
}

func cell(s *strings.Builder, tag, text string, right bool) {
	s.WriteString("<" + tag + ` style="padding:.1em .5em;text-align:` + side(right) + `">` + html.EscapeString(text) + "</" + tag + ">")
}
