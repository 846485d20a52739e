package plots

import (
	"fmt"
	"strings"
	"time"

	"github.com/adabc437/fanout/parallel/device"
)

// Device draws where the time of a call on a device went: the copies to the device, the
// kernels and the copies back over time, with how long each stage took, and of copies the
// bytes and how many a second. Steps of a stage that overlap are drawn as one. A build has
// its time beside it, and is not on the axis. A thin row shows when copies and kernels went
// on at once. Below stand the shares of the time (after the build) and a few sentences on
// what there is to learn. A nil profile is an empty one. Of a profile that cannot be, the
// figure says why.
func Device(p *device.Profile, opts ...Option) *Figure {
	if p == nil {
		p = new(device.Profile)
	}
	st := newStyle(760, opts)
	st.width = max(st.width, 480)
	heading := deviceHeading(p, st.title)
	if why := doubtOfProfile(p); why != "" {
		return senseless(st, heading, why)
	}
	f := deviceFigure{p: p}
	f.lanes = lanes{heading: heading, columns: []string{"time", "bytes", "bytes/s"}, title: "where the time went", to: p.Wall}
	f.fill()
	return f.lanes.figure(st)
}

func deviceHeading(p *device.Profile, title string) string {
	if title == "" {
		title = p.Function
	}
	parts := []string{plural(int(p.Tasks), "task")}
	if p.Rounds > 1 {
		parts = []string{plural(int(p.Tasks/int64(p.Rounds)), "cell"), plural(p.Rounds, "step")}
	}
	if title != "" {
		parts = append([]string{title}, parts...)
	}
	if p.Chunks > 1 {
		parts = append(parts, count(p.Chunks)+" chunks")
	}
	if p.Device.Name != "" {
		parts = append(parts, p.Device.Name)
	}
	return strings.Join(parts, " · ")
}

// deviceFigure makes lanes of a profile.
type deviceFigure struct {
	lanes
	p       *device.Profile
	copied  time.Duration // with one copy at least
	ran     time.Duration // with a kernel
	overlap time.Duration // with both
	// compiled is the time in which the driver compiled, and alone that with no other step.
	compiled, alone time.Duration
	bytes           float64
}

// stages are in the order of their rows. Compile is there if there was such a step.
var stages = [...]device.Stage{device.CopyIn, device.Compile, device.Kernel, device.CopyOut}

func (f *deviceFigure) fill() {
	p := f.p
	var stints [len(stages)][]stint
	var sums [len(stages)]time.Duration
	var bytes [len(stages)]float64
	first := p.Wall
	for _, s := range p.Steps {
		stints[s.Stage] = append(stints[s.Stage], stint{s.Began, s.Ended, s.Ended, running})
		sums[s.Stage] += s.Ended - s.Began
		bytes[s.Stage] += float64(s.Bytes)
		first = min(first, s.Began)
		f.to = max(f.to, s.Ended) // the device's clock may be ahead of the host's
	}
	if p.Build > 0 {
		f.build, f.built = p.Build, "once, for the first call of the function on the device"
		if p.Cached {
			f.built = "once; the compiled program was on disk"
		}
		f.from = min(p.Build, first)
		f.since = "after the build"
	}
	var at [len(stages)]int // of a stage, its row
	for _, k := range stages {
		if at[k] = len(f.list); k == device.Compile && len(stints[k]) == 0 {
			at[k] = -1
			continue
		}
		l := lane{name: k.String(), colour: laneColours[k], row: row{stints: joined(stints[k])}, notes: []string{formatDuration(sums[k])}}
		if len(stints[k]) == 0 {
			l.notes[0] = "–"
		}
		if bytes[k] > 0 {
			l.notes = append(l.notes, Bytes(int64(bytes[k])))
			if sums[k] > 0 {
				l.notes = append(l.notes, scaled(bytes[k]/sums[k].Seconds())+"B/s")
			}
		}
		f.bytes += bytes[k]
		f.list = append(f.list, l)
	}
	if f.bytes == 0 {
		f.columns = f.columns[:1]
	}
	f.split("several at once", "no step (launching, waiting)")
	sweep(f.list, f.from, f.to, func(from, to time.Duration, active []int, _ int) {
		copies, kernel := active[at[device.CopyIn]]+active[at[device.CopyOut]] > 0, active[at[device.Kernel]] > 0
		if k := at[device.Compile]; k >= 0 && active[k] > 0 {
			f.compiled += to - from
			if !copies && !kernel {
				f.alone += to - from
			}
		}
		if copies {
			f.copied += to - from
		}
		if kernel {
			f.ran += to - from
		}
		if copies && kernel {
			f.overlap += to - from
			if k := len(f.together); k > 0 && f.together[k-1].to == from {
				f.together[k-1].to, f.together[k-1].back = to, to
			} else {
				f.together = append(f.together, stint{from, to, to, running})
			}
		}
	})
	f.caption = f.figures()
	f.lesson = f.say()
}

// after is the time that is shown: that of the call without the build.
func (f *deviceFigure) after() time.Duration { return f.to - f.from }

// share is how much of it something took.
func (f *deviceFigure) share(d time.Duration) float64 { return float64(d) / float64(max(f.after(), 1)) }

// idle is the time in no step.
func (f *deviceFigure) idle() time.Duration {
	return f.after() - f.copied - f.ran + f.overlap - f.alone
}

func (f *deviceFigure) figures() []figureOf {
	list := []figureOf{{"wall time", formatDuration(f.p.Wall)}}
	if f.built != "" {
		list = append(list, figureOf{"of it, the build", formatDuration(f.build)})
	}
	if !f.drawn() {
		return list
	}
	if f.compiled > 0 {
		list = append(list, figureOf{"compiling at the first launch", formatDuration(f.compiled)})
	}
	return append(list, figureOf{"copying", formatDuration(f.copied)}, figureOf{"computing", formatDuration(f.ran)}, figureOf{"both at once", formatDuration(f.overlap)}, figureOf{"in no step", formatDuration(f.idle())})
}

// say says what there is to learn, in a few sentences.
func (f *deviceFigure) say() string {
	p := f.p
	switch {
	case p.Err != nil:
		return f.sayFailed()
	case p.Tasks == 0:
		return f.sayBuild() + "There was nothing to run: the list is empty."
	case !f.drawn():
		return f.sayBuild() + "No step was timed."
	}
	s := f.sayBuild() + f.sayMost() + f.sayCompile() + f.sayOverlap()
	switch copies := f.share(f.copied - f.overlap); {
	case f.share(f.idle()) > 0.5 && f.after() > 20*time.Millisecond && f.compiled == 0 && len(p.Steps) < 100:
		return s + " The driver may have been compiling, which it does once more for the first launch of some size: call it again to see."
	case f.share(f.idle()) > 0.5:
		return s + " A step has to be launched and waited for, whatever it does: more tasks in one call would pay."
	case copies > 0.5 && p.Device.Shared:
		return s + " More work for each element, or an array that stays on the device, would pay."
	case copies > 0.5:
		return s + " A device does not pay for so little work: more work for each element, or an array that stays on the device, would."
	}
	return s
}

// sayBuild is for a build that took its time.
func (f *deviceFigure) sayBuild() string {
	if f.built == "" || f.build < f.p.Wall/10 {
		return ""
	}
	return fmt.Sprintf("Building took %s of the call, and happens once: the next call of the function goes without it. ", percent(min(float64(f.build)/float64(max(f.p.Wall, 1)), 1)))
}

func (f *deviceFigure) sayFailed() string {
	s := failure(f.p.Err, f.p.Wall)
	if cells := f.p.Tasks / int64(max(f.p.Rounds, 1)); f.p.Rounds > 1 && cells > 0 {
		return s + fmt.Sprintf(" %s of %s had been made by then.", count(int(f.doneTasks()/cells)), plural(f.p.Rounds, "step"))
	}
	if done := f.doneTasks(); done > 0 && done < f.p.Tasks {
		s += fmt.Sprintf(" %s of %s had run by then.", count(int(done)), plural(int(f.p.Tasks), "task"))
	}
	return s
}

// doneTasks is how many tasks were in kernels that ended.
func (f *deviceFigure) doneTasks() (n int64) {
	for _, s := range f.p.Steps {
		if s.Stage == device.Kernel && s.Count > 0 && s.Count <= f.p.Tasks-n {
			n += s.Count
		}
	}
	return n
}

// sayMost says what took most of the time, and whether copying or computing dominates.
func (f *deviceFigure) sayMost() string {
	after := ""
	if f.built != "" {
		after = " after the build"
	}
	if share := f.share(f.alone); share > mostly {
		return fmt.Sprintf("For %s of the time%s the driver compiled the kernel, as it does for the first launch with groups of some size: the next call of the function goes without it.", percent(share), after)
	}
	var most lane
	for _, l := range f.list {
		if most.busy() <= l.busy() {
			most = l
		}
	}
	if idle := f.idle(); f.share(idle) > 0.5 {
		return fmt.Sprintf("For %s of the time%s, the device did nothing: the call was being prepared, launched or waited for.", percent(f.share(idle)), after)
	}
	if f.copied == 0 {
		return fmt.Sprintf("The kernel took %s of the time%s; nothing was copied.", percent(f.share(f.ran)), after)
	}
	switch copies, kernel := percent(f.share(f.copied)), percent(f.share(f.ran)); {
	case float64(f.ran) > 1.25*float64(f.copied):
		return fmt.Sprintf("The kernel took most of the time%s, %s of it, and the copies %s: computing dominates.", after, kernel, copies)
	case float64(f.copied) <= 1.25*float64(f.ran):
		return fmt.Sprintf("Of the time%s, copies took %s and the kernel %s: both cost about as much, and %s is the longest part.", after, copies, kernel, most.name)
	}
	what := "in"
	if most.name == device.CopyOut.String() {
		what = "out"
	}
	return fmt.Sprintf("The copies took %s of the time%s, most of it copying %s, and the kernel %s: copying dominates.", percent(f.share(f.copied)), after, what, percent(f.share(f.ran)))
}

// mostly is the share of the time from which on something is all that there is to say.
const mostly = 0.5

// sayCompile is for a driver that compiled for some of the time.
func (f *deviceFigure) sayCompile() string {
	if share := f.share(f.alone); share >= 0.1 && share <= mostly {
		return fmt.Sprintf(" For %s of it the driver compiled the kernel, at its first launch with groups of some size: the next call goes without that.", percent(share))
	}
	return ""
}

// sayOverlap says how much of the copies was hidden behind kernels.
func (f *deviceFigure) sayOverlap() string {
	less := min(f.copied, f.ran)
	if less == 0 || f.share(less) < 0.05 {
		return ""
	}
	switch share := float64(f.overlap) / float64(f.copied); {
	case f.p.Chunks <= 1:
		return " All was one chunk, so that copies and kernels could not overlap."
	case share < 0.02:
		return " Copies and kernels did not overlap."
	default:
		return fmt.Sprintf(" During %s of the time of the copies a kernel ran, too.", percent(share))
	}
}
