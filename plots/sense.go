package plots

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/adabc437/fanout/parallel"
	"github.com/adabc437/fanout/parallel/device"
	"github.com/adabc437/fanout/parallel/device/ir"
	"github.com/adabc437/fanout/parallel/scaling"
)

// Runs and results can be made by hand. What no run can have is not drawn: the figure
// says what makes no sense.

// Bounds of what is drawn. Those of runs are those of [parallel.ReadRun].
const (
	mostWorkers = 1 << 16
	mostTasks   = 1 << 40
	longestWall = math.MaxInt64 / mostWorkers // so that the workers' time can be summed up
	longestTime = 1 << 60                     // some 36 years
	mostFigure  = 1e15                        // of a speed-up and the like
)

// senseless is a figure that says why there is none.
func senseless(st style, heading, why string) *Figure {
	text := "The run's figures make no sense: " + why + "."
	draw := func(p palette) scene {
		s := newSheet(p, st.width)
		s.heading(heading)
		s.notes(text, nil, "")
		return s.finish(heading, text)
	}
	return newFigure(st, draw, oneLine(heading)+"\n"+text)
}

// A fact is a number that a figure rests on, with the least and the greatest that it
// can be.
type fact struct {
	name             string
	is, least, great float64
}

// doubtful says which of the facts cannot be, or "".
func doubtful(facts ...fact) string {
	for _, f := range facts {
		if !(f.is >= f.least && f.is <= f.great) { // not a number either
			if math.Abs(f.is) < 1e15 {
				return f.name + " is " + strconv.FormatFloat(f.is, 'f', -1, 64)
			}
			return fmt.Sprintf("%s is %.4g", f.name, f.is)
		}
	}
	return ""
}

func duration(name string, d, longest time.Duration) fact {
	return fact{name + " in nanoseconds", float64(d), 0, float64(longest)}
}

// doubtOfRun says what no run can be, or "".
func doubtOfRun(r *parallel.Run) string {
	if s := doubtful(
		fact{"the number of workers", float64(r.Workers), 0, mostWorkers},
		fact{"the number of cores", float64(r.Cores), 0, math.MaxInt32},
		fact{"the number of tasks", float64(r.Tasks), 0, mostTasks},
		duration("the wall time", r.Wall, longestWall),
		duration("the CPU time", r.CPU, math.MaxInt64),
		duration("the time of waiting for a core", r.Delayed, math.MaxInt64),
	); s != "" {
		return s
	}
	if len(r.Lanes) > r.Workers {
		return fmt.Sprintf("there are names for %d lanes, but %d workers", len(r.Lanes), r.Workers)
	}
	left := r.Tasks
	room := time.Duration(math.MaxInt64)
	for i := range r.Records {
		rec := &r.Records[i]
		switch {
		case rec.Index < 0 || rec.Count < 1 || rec.Count > r.Tasks || rec.Index > r.Tasks-rec.Count:
			return fmt.Sprintf("record %d is of %d tasks from %d, but there are %d in all", i, rec.Count, rec.Index, r.Tasks)
		case rec.Worker < 0 || rec.Worker >= r.Workers:
			return fmt.Sprintf("record %d is of worker %d, but there are %d in all, from 0", i, rec.Worker, r.Workers)
		case rec.Queued < 0 || rec.Queued > rec.Started || rec.Started > rec.Finished || rec.Finished > r.Wall || rec.Returned < 0:
			return fmt.Sprintf("record %d was queued at %v, started at %v, finished at %v and returned at %v in a run of %v", i, rec.Queued, rec.Started, rec.Finished, rec.Returned, r.Wall)
		}
		if rec.Attempt <= 1 && r.Lanes == nil { // each lane may have all of the tasks
			if left -= rec.Count; left < 0 {
				return fmt.Sprintf("the records are of more than the %d tasks", r.Tasks)
			}
		}
		if room -= rec.Busy(); room < 0 {
			return "the times of the records are too long to be added up"
		}
	}
	return ""
}

// doubtOfProfile says what no profile can be, or "".
func doubtOfProfile(p *device.Profile) string {
	const mostBytes = 1 << 60
	if s := doubtful(
		fact{"the number of tasks", float64(p.Tasks), 0, mostTasks}, fact{"the number of chunks", float64(p.Chunks), 0, mostTasks},
		duration("the wall time", p.Wall, longestWall), duration("the time of the build", p.Build, longestWall),
	); s != "" {
		return s
	}
	for i, s := range p.Steps {
		switch {
		case s.Stage > device.Compile:
			return fmt.Sprintf("step %d is of stage %d, which there is not", i, uint8(s.Stage))
		case s.Began < 0 || s.Began > s.Ended || s.Ended > longestWall:
			return fmt.Sprintf("step %d began at %v and ended at %v", i, s.Began, s.Ended)
		case s.Bytes < 0 || s.Bytes > mostBytes:
			return fmt.Sprintf("step %d copied %d bytes", i, s.Bytes)
		}
	}
	return ""
}

// doubtOfRoofline says what no roofline can be, or "".
func doubtOfRoofline(r *device.Roofline) string {
	const most = 1e30
	s := doubtful(
		fact{"the number of tasks", float64(r.Tasks), 0, mostTasks}, fact{"the number of tasks that were counted", float64(r.Sampled), 0, mostTasks},
		fact{"the number of launches", float64(r.Launches), 0, math.MaxInt32},
		fact{"the number of operations", r.Ops, 0, most}, fact{"the number of slow operations", r.Slow, 0, most}, fact{"the number of bytes", r.Bytes, 0, most},
		duration("the median time", r.Time, longestTime), duration("the lower quartile of the time", r.Low, longestTime), duration("the upper quartile of the time", r.High, longestTime),
	)
	if s == "" && r.Limits.Bandwidth != 0 {
		s = doubtful(fact{"the bandwidth of the memory", r.Limits.Bandwidth, 1, most})
	}
	for _, l := range r.Limits.Rates {
		if s == "" && l.Kind > ir.Float64 {
			s = fmt.Sprintf("there is a limit of numbers of kind %d, which there is not", uint8(l.Kind))
		}
		if s == "" {
			s = doubtful(fact{"the limit of " + l.Kind.String(), l.Rate, 1, most})
		}
	}
	if s == "" && r.Kind > ir.Float64 {
		s = fmt.Sprintf("the operations are of kind %d, which there is not", uint8(r.Kind))
	}
	return s
}

// doubtOfTiming says what the times of something cannot be, or "".
func doubtOfTiming(of string, t scaling.Timing) string {
	return doubtful(
		duration("the median time "+of, t.Median, longestTime), duration("the lower quartile of the time "+of, t.Low, longestTime),
		duration("the upper quartile of the time "+of, t.High, longestTime),
	)
}

// doubtOfCounts says what a list of numbers of workers, or of sizes, cannot be, or "".
func doubtOfCounts(name string, list []int, most float64) string {
	for i, n := range list {
		if s := doubtful(fact{name, float64(n), 1, most}); s != "" {
			return s
		}
		if i > 0 && n <= list[i-1] {
			return fmt.Sprintf("%s does not grow from point to point: after %d comes %d", name, list[i-1], n)
		}
	}
	return ""
}

// counts lists a number of each point.
func counts[P any](points []P, of func(P) int) (list []int) {
	for _, p := range points {
		list = append(list, of(p))
	}
	return list
}

// cores is the number of them in a result; 0 stands for unknown.
func cores(n int) fact { return fact{"the number of cores", float64(n), 0, math.MaxInt32} }

func doubtOfSpeedup(r *scaling.SpeedupResult) string {
	s := doubtOfCounts("the number of workers", counts(r.Points, func(p scaling.SpeedupPoint) int { return p.Workers }), mostWorkers)
	if s == "" {
		s = doubtful(cores(r.Cores), fact{"the serial fraction", r.Serial, 0, 1})
	}
	for i := 0; i < len(r.Points) && s == ""; i++ {
		p := r.Points[i]
		with := "with " + plural(p.Workers, "worker")
		if s = doubtOfTiming(with, p.Timing); s == "" {
			s = doubtful(
				fact{"the speed-up " + with, p.Speedup, 0, mostFigure}, fact{"the lower quartile of the speed-up " + with, p.SpeedupLow, 0, mostFigure},
				fact{"the upper quartile of the speed-up " + with, p.SpeedupHigh, 0, mostFigure}, fact{"the efficiency " + with, p.Efficiency, 0, mostFigure},
				fact{"the Karp–Flatt metric " + with, p.KarpFlatt, -mostFigure, mostFigure}, fact{"the share of waiting for a core " + with, p.Delayed, 0, mostFigure},
			)
		}
	}
	return s
}

func doubtOfScaling(r *scaling.EfficiencyResult) string {
	s := doubtful(cores(r.Cores), fact{"the serial fraction of strong scaling", r.StrongSerial, -mostFigure, mostFigure}, fact{"the serial fraction of weak scaling", r.WeakSerial, -mostFigure, mostFigure})
	for _, list := range [][]scaling.ScalingPoint{r.Strong, r.Weak} {
		if s == "" {
			s = doubtOfCounts("the number of workers", counts(list, func(p scaling.ScalingPoint) int { return p.Workers }), mostWorkers)
		}
	}
	for _, p := range slices.Concat(r.Strong, r.Weak) {
		with := "with " + plural(p.Workers, "worker")
		if s == "" {
			s = doubtOfTiming(with, p.Timing)
		}
		if s == "" {
			s = doubtful(
				fact{"the efficiency " + with, p.Efficiency, 0, mostFigure}, fact{"the lower quartile of the efficiency " + with, p.EfficiencyLow, 0, mostFigure},
				fact{"the upper quartile of the efficiency " + with, p.EfficiencyHigh, 0, mostFigure}, fact{"the speed-up " + with, p.Speedup, 0, mostFigure},
			)
		}
	}
	return s
}

func doubtOfChunks(r *scaling.ChunksResult) string {
	if len(r.Points) == 0 {
		return ""
	}
	s := doubtOfCounts("the size of the chunks", counts(r.Points, func(p scaling.ChunkPoint) int { return p.Size }), mostTasks)
	if s == "" {
		s = doubtful(
			fact{"the number of workers", float64(r.Workers), 1, mostWorkers}, fact{"the number of tasks", float64(r.Tasks), 1, mostTasks},
			duration("the floor", r.Floor, longestTime), duration("the cost of a chunk", r.Overhead, longestTime),
			fact{"the best size", float64(r.Best), 0, mostTasks}, fact{"the least good size", float64(r.GoodFrom), 0, mostTasks}, fact{"the greatest good size", float64(r.GoodTo), 0, mostTasks},
			fact{"the size from which on chunks are too few", float64(r.ImbalanceFrom), 0, mostTasks}, fact{"the mean size of automatic chunks", float64(r.Auto.Size), 0, mostTasks},
		)
	}
	for _, p := range append(slices.Clip(r.Points), r.Auto) {
		if s == "" {
			s = doubtOfTiming("of chunks of "+plural(p.Size, "task"), p.Timing)
		}
	}
	if s == "" && r.GoodTo > r.GoodFrom && r.GoodFrom == 0 {
		s = fmt.Sprintf("the good sizes are from 0 to %d", r.GoodTo)
	}
	return s
}

func doubtOfCompare(r *scaling.CompareResult) (s string) {
	for _, row := range r.Rows {
		of := "of " + called(row)
		if s == "" {
			s = doubtOfTiming(of, row.Timing)
		}
		if s == "" {
			s = doubtful(
				fact{"the ratio " + of, row.Ratio, 0, mostFigure}, fact{"the lower quartile of the ratio " + of, row.RatioLow, 0, mostFigure},
				fact{"the upper quartile of the ratio " + of, row.RatioHigh, 0, mostFigure},
			)
		}
	}
	return s
}

func doubtOfSamples(sorted []time.Duration) string {
	if len(sorted) == 0 {
		return ""
	}
	return doubtful(duration("the least time", sorted[0], longestTime), duration("the greatest time", sorted[len(sorted)-1], longestTime))
}
