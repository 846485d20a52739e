package interp

import (
	"testing"

	"github.com/adabc437/fanout/interp/session"
)

func TestPicturesComeAsPNGWhereTheCellAsksForIt(t *testing.T) {
	nb := newNotebook(t)
	for _, code := range []string{"%pmap func(i int) int { return i } []int{1, 2}", "%timeline", "%timeit -q 1 + 1", "%speedup func(i int) int { return i } []int{1, 2, 3}"} {
		for _, png := range []bool{false, true} {
			out := &recorder{}
			reply, err := nb.i.Execute(t.Context(), session.Cell{ID: "x", Code: code, Number: 1, PNG: png}, out)
			if err != nil || reply.Err != nil {
				t.Fatalf("%s: %v, %v", code, err, reply.Err)
			}
			pictures, sized := 0, 0
			for _, e := range out.events {
				if text, ok := e.Data["image/png"].(string); ok && text != "" {
					pictures++
					if size, ok := e.Metadata["image/png"].(map[string]any); ok && size["width"].(float64) > 100 {
						sized++
					}
				}
			}
			want := png && code != "%timeit -q 1 + 1"
			if (pictures > 0) != want || sized != pictures {
				t.Errorf("%s with PNG %v: %d pictures, %d with a size", code, png, pictures, sized)
			}
		}
	}
}
