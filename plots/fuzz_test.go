package plots

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/adabc437/fanout/parallel"
)

// Any run that can be read from a file can be drawn.
func FuzzTimeline(f *testing.F) {
	var b bytes.Buffer
	few := *cases()["few"]
	few.Records = slices.Clone(few.Records)
	few.Records[0].Err, few.Records[1].Err, few.Records[1].Retried = errBroken, errBroken, true
	if err := few.WriteJSON(&b); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add([]byte(`{"format":"fanout-run","version":1,"workers":9,"tasks":1099511627776,"wall_ns":140737488355327,"records":[{"count":1099511627776,"finished_ns":9}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		run, err := parallel.ReadRun(bytes.NewReader(data))
		if err != nil {
			return
		}
		fig := Timeline(run)
		svg := fig.SVG()
		parseSVG(t, svg)
		if strings.Contains(svg, "NaN") || strings.Contains(svg, "Inf") || len(svg) > 300_000 {
			t.Errorf("%d bytes, or a coordinate is not a number", len(svg))
		}
	})
}
