package plots

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/adabc437/fanout/parallel"
)

// lanesOf is the timeline of a run whose workers do different things, or nil.
func lanesOf(run *parallel.Run, title string) *lanes {
	if run.Lanes == nil || run.Workers > maxRows {
		return nil
	}
	l := &lanes{heading: plural(run.Tasks, "task"), to: run.Wall, columns: []string{"time", "busy"}, title: "where the time went"}
	if title = cmp.Or(title, run.Label); title != "" {
		l.heading = title + " · " + l.heading
	}
	stints := make([][]stint, run.Workers)
	for i := range run.Records {
		rec := &run.Records[i]
		stints[rec.Worker] = append(stints[rec.Worker], stint{rec.Started, rec.Finished, rec.Finished, kindOf(rec)})
	}
	for w, list := range stints {
		name := fmt.Sprintf("worker %d", w)
		if w < len(run.Lanes) {
			name = run.Lanes[w]
		}
		lane := lane{name: name, colour: laneColours[w%len(laneColours)], row: row{stints: joined(list)}}
		share := 0.0
		if run.Wall > 0 {
			share = float64(lane.busy()) / float64(run.Wall)
		}
		lane.notes = []string{formatDuration(lane.busy()), percent(share)}
		l.list = append(l.list, lane)
	}
	l.split("several at once", "none of them")
	l.caption = []figureOf{{"wall time", formatDuration(run.Wall)}}
	l.lesson = l.say(run)
	return l
}

// say says what there is to learn from a run with lanes.
func (l *lanes) say(run *parallel.Run) string {
	switch {
	case run.Tasks == 0:
		return "There was nothing to run: the input is empty."
	case run.Err != nil:
		return failure(run.Err, run.Wall)
	case !l.drawn():
		return "Nothing was timed."
	}
	most := slices.MaxFunc(l.list, func(a, b lane) int { return cmp.Compare(a.busy(), b.busy()) })
	s := fmt.Sprintf("The longest part was %s: %s, %s of the time.", oneLine(most.name), formatDuration(most.busy()), percent(float64(most.busy())/float64(run.Wall)))
	if together := l.parts[len(l.parts)-2]; together.percent > 0 {
		s += fmt.Sprintf(" For %d%% of the time, several went on at once.", together.percent)
	}
	if idle := l.parts[len(l.parts)-1]; idle.percent >= 10 {
		s += fmt.Sprintf(" For %d%%, none did.", idle.percent)
	}
	return s
}

// failure says that something ended with an error.
func failure(err error, after time.Duration) string {
	const most = 200
	switch {
	case errors.Is(err, context.Canceled):
		return fmt.Sprintf("It was stopped after %s.", formatDuration(after))
	case errors.Is(err, context.DeadlineExceeded):
		why := strings.TrimSuffix(strings.TrimSuffix(oneLine(err.Error()), context.DeadlineExceeded.Error()), ": ")
		if why == "" {
			return fmt.Sprintf("Its time was over after %s.", formatDuration(after))
		}
		return fmt.Sprintf("Its time was over after %s: %s.", formatDuration(after), clipRunes(why, most))
	}
	return fmt.Sprintf("It failed after %s: %s.", formatDuration(after), clipRunes(oneLine(err.Error()), most))
}
