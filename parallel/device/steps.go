package device

import (
	"cmp"
	"slices"
	"time"
)

// mostSteps is how many steps a profile keeps.
const mostSteps = 8192

// fewer draws short steps together until there are at most so many. A picture looks the
// same: what is drawn together lasts for less than a pixel, as long as that is enough.
func fewer(steps []Step, most int) []Step {
	slices.SortStableFunc(steps, inTime)
	last := slices.MaxFunc(steps, func(a, b Step) int { return cmp.Compare(a.Ended, b.Ended) })
	for width := max(1, (last.Ended-steps[0].Began)/1024); len(steps) > most && width <= 8*(last.Ended-steps[0].Began)+8; width *= 2 {
		steps = within(steps, width)
	}
	return slices.Clone(steps)
}

// within draws steps together that are within a time of that width. Those that last for
// much of it stay as they are. The time is cut where these begin and end, too, and short
// steps are cut with it, so that what goes on at once still does.
func within(steps []Step, width time.Duration) (all []Step) {
	var cuts []time.Duration
	var short []Step
	var end time.Duration
	for _, s := range steps {
		if end = max(end, s.Ended); s.Stage == Compile || s.Ended-s.Began > width/4 {
			all = append(all, s)
			cuts = append(cuts, s.Began, s.Ended)
		} else {
			short = append(short, s)
		}
	}
	for at := steps[0].Began; at < end; at += width {
		cuts = append(cuts, at)
	}
	cuts = append(cuts, end)
	slices.Sort(cuts)
	cuts = slices.Compact(cuts)
	parts := make([][]Step, len(cuts)) // parts[i] begin at cuts[i] or later
	i := 0
	for _, s := range short {
		for i+1 < len(cuts) && cuts[i+1] <= s.Began {
			i++
		}
		k := i
		for ; k+1 < len(cuts) && s.Ended > cuts[k+1]; k++ {
			front := s
			front.Ended = cuts[k+1]
			parts[k] = append(parts[k], front)
			s.Began, s.First, s.Count, s.Bytes = cuts[k+1], s.First+s.Count, 0, 0
		}
		parts[k] = append(parts[k], s)
	}
	for _, list := range parts {
		all = append(all, together(list)...)
	}
	slices.SortStableFunc(all, inTime)
	return all
}

func inTime(a, b Step) int { return cmp.Compare(a.Began, b.Began) }

// together makes one step of each stage of some that follow one another. How long there
// was one of a stage, a copy, a kernel, both and none stays the same.
func together(steps []Step) []Step {
	slices.SortStableFunc(steps, inTime)
	var some [3]bool
	for _, s := range steps {
		some[s.Stage] = true
	}
	list := make([]Step, 0, len(some))
	for stage, there := range some {
		if there {
			list = append(list, joined(steps, Stage(stage)))
		}
	}
	if len(list) == len(steps) {
		return steps
	}
	kernel := covered(steps, func(s Stage) bool { return s == Kernel })
	copies := covered(steps, func(s Stage) bool { return s != Kernel })
	both := kernel + copies - covered(steps, func(Stage) bool { return true })
	from := steps[0].Began
	for i := range list {
		s := &list[i]
		took := covered(steps, func(stage Stage) bool { return stage == s.Stage })
		switch s.Began = from; s.Stage { // the kernels, and then the copies
		case CopyIn:
			s.Began += kernel - both
		case CopyOut:
			s.Began += kernel - both + copies - took
		}
		s.Ended = s.Began + took
		s.Queued = min(s.Queued, s.Began)
	}
	return list
}

// joined is the tasks and bytes of the steps of a stage.
func joined(steps []Step, stage Stage) Step {
	var all Step
	first := true
	for _, s := range steps {
		switch {
		case s.Stage != stage:
		case first:
			all, first = s, false
		default:
			all.First, all.Queued = min(all.First, s.First), min(all.Queued, s.Queued)
			all.Count += s.Count
			all.Bytes += s.Bytes
		}
	}
	return all
}

// covered is how long there was a step of some stages; the steps are in the order that
// they began in.
func covered(steps []Step, of func(Stage) bool) (took time.Duration) {
	var to time.Duration
	for _, s := range steps {
		if from := max(to, s.Began); of(s.Stage) && s.Ended > from {
			took += s.Ended - from
			to = s.Ended
		}
	}
	return took
}
