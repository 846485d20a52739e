package plots

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestNoLineOfATextIsWiderThanItsColumns(t *testing.T) {
	for name, run := range cases() {
		for columns, most := range map[int]int{0: 79, 20: 60, 60: 60, 80: 80, 133: 133, 500: 160} {
			widest := 0
			f := Timeline(run, Columns(columns))
			for line := range strings.SplitSeq(f.Text(), "\n") {
				widest = max(widest, utf8.RuneCountInString(line))
				if strings.Contains(line, "│") && utf8.RuneCountInString(line) > most {
					t.Errorf("%s in %d columns: %q", name, columns, line)
				}
			}
			if widest > most {
				t.Errorf("%s in %d columns: one line has %d", name, columns, widest)
			}
			if got, want := strings.Fields(f.Text()), strings.Fields(f.plain); strings.Join(got, " ") != strings.Join(want, " ") {
				t.Errorf("%s in %d columns: the text is not the same in other lines", name, columns)
			}
		}
	}
}
