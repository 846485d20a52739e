package device

import (
	"errors"
	"slices"
	"testing"

	"github.com/adabc437/fanout/parallel"
)

func TestPlace(t *testing.T) {
	each(t, func(t *testing.T, d *Device) {
		var run parallel.Run
		xs := []float64{1, 2, -3}
		ys, err := parallel.Map(square, xs, parallel.WithPlace(d.Place(function(t, "square"))), parallel.WithRun(&run), parallel.WithLabel("squares"))
		if err != nil || !slices.Equal(ys, []float64{1, 4, 9}) {
			t.Fatal(ys, err)
		}
		if run.Label != "squares" || run.Tasks != 3 || len(run.Records) != 3 || len(run.Lanes) != 3 {
			t.Errorf("the run is %+v", run)
		}
		_, err = parallel.Map(lookup, []int{1, 2, 7}, parallel.WithPlace(d.Place(function(t, "lookup"), table)))
		var task *parallel.TaskError
		if !errors.As(err, &task) || task.Index != 2 || task.Input != "7" {
			t.Errorf("a task that fails: %v", err)
		}
	})
}
