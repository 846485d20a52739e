package plots

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

func splitWords(s string) []string { return strings.Fields(s) }

// A unit of time, as an axis is labelled with.
type unit struct {
	name string
	size time.Duration
}

var units = []unit{
	{"ns", time.Nanosecond}, {"µs", time.Microsecond}, {"ms", time.Millisecond},
	{"s", time.Second}, {"min", time.Minute}, {"h", time.Hour},
}

// unitFor returns the unit in which d is a number of at least one; seconds up
// to two minutes, and minutes up to two hours.
func unitFor(d time.Duration) unit {
	u := units[0]
	for _, next := range units[1:] {
		least := next.size
		if next.size > time.Second {
			least *= 2
		}
		if d < least {
			break
		}
		u = next
	}
	return u
}

// formatDuration shows d with three figures and the fitting unit.
func formatDuration(d time.Duration) string {
	if d == 0 {
		return "0 s"
	}
	if d < 0 {
		return "−" + formatDuration(-max(d, -math.MaxInt64)) // the least has no opposite
	}
	u := unitFor(d)
	v := float64(d) / float64(u.size)
	if u.size == time.Nanosecond {
		return fmt.Sprintf("%d ns", d)
	}
	if v >= 999.5 && u.size < time.Second { // 999.7 µs is 1.00 ms
		return formatDuration(time.Duration(math.Round(v)) * u.size)
	}
	return figures(v) + " " + u.name
}

// figures writes v with three significant figures, and no exponent.
func figures(v float64) string {
	switch {
	case v >= 99.95:
		return strconv.FormatFloat(v, 'f', 0, 64)
	case v >= 9.995:
		return strconv.FormatFloat(v, 'f', 1, 64)
	}
	return strconv.FormatFloat(v, 'f', 2, 64)
}

// percent writes a share of one.
func percent(v float64) string {
	p := v * 100
	if p > 0 && p < 0.5 {
		return "<1%"
	}
	return strconv.FormatFloat(math.Round(p), 'f', 0, 64) + "%"
}

// finePercent is percent with a decimal where the share is small.
func finePercent(v float64) string {
	switch {
	case math.Abs(v) < 0.0005:
		return "0%"
	case v < 0:
		return "−" + finePercent(-v)
	case v < 0.0995:
		return fmt.Sprintf("%.1f%%", 100*v)
	}
	return percent(v)
}

// count writes n with thin groups: 5,000.
func count(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// compact writes n in at most five characters: 2.00M.
func compact(n int) string {
	switch {
	case n >= 999_500_000:
		return figures(float64(n)/1e9) + "G"
	case n >= 999_500:
		return figures(float64(n)/1e6) + "M"
	case n >= 10_000:
		return figures(float64(n)/1e3) + "k"
	}
	return count(n)
}

// scaled writes a number with the prefix of its unit, which is to stand behind it: 8.00 M.
func scaled(v float64) string {
	units := []string{"", " k", " M", " G", " T", " P"}
	k := 0
	for k+1 < len(units) && v >= 999.5 {
		v /= 1000
		k++
	}
	if k == 0 && v == math.Trunc(v) {
		return strconv.FormatFloat(v, 'f', 0, 64) + " "
	}
	if k == 0 {
		return figures(v) + " "
	}
	return figures(v) + units[k]
}

// Bytes writes a number of bytes in decimal units: 12.0 kB, 800 MB.
func Bytes(n int64) string { return scaled(float64(n)) + "B" }

// plural writes "1 task", "2 tasks".
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return count(n) + " " + noun + "s"
}

// A tick of a time axis.
type tick struct {
	at   time.Duration
	text string
}

// ticks divides the time up to total into some most steps of 1, 2 or 5 times a
// power of ten of the fitting unit.
func ticks(from, total time.Duration, most int) []tick {
	if total <= from {
		return []tick{{from, formatDuration(from)}}
	}
	u := unitFor(total)
	span := float64(total-from) / float64(u.size)
	step := math.Pow(10, math.Floor(math.Log10(span/float64(most))))
	for _, k := range []float64{1, 2, 5, 10} {
		if span/(step*k) <= float64(most) {
			step *= k
			break
		}
	}
	decimals := max(0, int(-math.Floor(math.Log10(step)+1e-9)))
	var list []tick
	first := math.Ceil(float64(from)/float64(u.size)/step - 1e-9)
	for i := first; ; i++ {
		v := i * step
		ns := math.Round(v * float64(u.size))
		if ns > float64(total) {
			return list
		}
		text := strconv.FormatFloat(v, 'f', decimals, 64)
		if i == 0 {
			text = "0"
		}
		list = append(list, tick{time.Duration(ns), text + " " + u.name})
	}
}

// logTicks marks a logarithmic axis of time at most times: at the powers of ten, and
// at twice and five times those if there is room.
func logTicks(from, to time.Duration, most int) []tick {
	for _, steps := range [][]float64{{1, 2, 5}, {1, 3}, {1}} {
		if list := decadeTicks(from, to, steps, 1); len(list) <= most {
			return list
		}
	}
	decades := int(math.Ceil(math.Log10(float64(to)/float64(from)))) + 1
	return decadeTicks(from, to, []float64{1}, (decades+most-1)/max(most, 1))
}

// decadeTicks marks the multiples in steps of every so many powers of ten.
func decadeTicks(from, to time.Duration, steps []float64, every int) (list []tick) {
	for e := 0; e < 19; e += every {
		for _, k := range steps {
			at := k * math.Pow10(e)
			if at >= float64(from) && at <= float64(to) {
				list = append(list, tick{time.Duration(at), roundTime(time.Duration(at))})
			}
		}
	}
	return list
}

// roundTime writes a time that is a round number of nanoseconds: 500 µs.
func roundTime(d time.Duration) string {
	u := unitFor(d)
	return strconv.FormatFloat(float64(d)/float64(u.size), 'g', 3, 64) + " " + u.name
}
