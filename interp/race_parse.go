package interp

import (
	"regexp"
	"slices"
	"strings"
)

// The bounds of what is read of the race detector's account.
const (
	maxRaceLog     = 4 << 20
	maxRaceReports = 1000
	maxRaceFrames  = 64
)

// A raceReport is one of the detector's: two accesses to the same memory.
type raceReport struct {
	accesses []raceAccess // the later one first
}

// A raceAccess is a read or a write.
type raceAccess struct {
	write, atomic bool
	goroutine     string      // "main goroutine", "goroutine 8"
	stack         []dumpFrame // innermost first; empty if the detector knows no more
	created       []dumpFrame // where the goroutine was started
}

// accessRE is the head of an access, as the detector writes it; a number is of a goroutine.
var (
	accessRE  = regexp.MustCompile(`^(?i:previous )?(?i:(atomic )?(read|write)) at 0x[0-9a-f]+ by (main goroutine|goroutine \d+):$`)
	createdRE = regexp.MustCompile(`^Goroutine (\d+) \([a-z]+\) created at:$`)
)

// parseRaces reads the detector's account. What it cannot read it leaves out.
func parseRaces(text string) (reports []raceReport) {
	if len(text) > maxRaceLog {
		text = text[:maxRaceLog]
	}
	for part := range strings.SplitSeq(text, "==================\n") {
		rest, ok := strings.CutPrefix(part, "WARNING: DATA RACE\n")
		if !ok {
			continue
		}
		if r := parseRace(rest); len(r.accesses) == 2 {
			reports = append(reports, r)
		}
		if len(reports) == maxRaceReports {
			break
		}
	}
	return reports
}

// parseRace reads one report, whose parts are parted by empty lines.
func parseRace(text string) (r raceReport) {
	for part := range strings.SplitSeq(text, "\n\n") {
		head, stack, _ := strings.Cut(strings.TrimLeft(part, "\n"), "\n")
		if m := accessRE.FindStringSubmatch(head); m != nil {
			r.accesses = append(r.accesses, raceAccess{atomic: m[1] != "", write: strings.EqualFold(m[2], "write"), goroutine: m[3], stack: raceFrames(stack)})
		} else if m := createdRE.FindStringSubmatch(head); m != nil {
			at := slices.IndexFunc(r.accesses, func(a raceAccess) bool { return a.goroutine == "goroutine "+m[1] })
			for ; at >= 0 && at < len(r.accesses); at++ {
				if r.accesses[at].goroutine == "goroutine "+m[1] {
					r.accesses[at].created = raceFrames(stack)
				}
			}
		}
	}
	return r
}

// raceFrames reads the frames of a stack. A function and its place have a line each.
func raceFrames(text string) (list []dumpFrame) {
	var b strings.Builder // as in a dump of goroutines
	for line := range strings.Lines(text) {
		switch {
		case strings.HasPrefix(line, "      "):
			b.WriteString("\t" + line[6:])
		case strings.HasPrefix(line, "  "):
			b.WriteString(line[2:])
		}
	}
	for f := range frames(b.String()) {
		if list = append(list, f); len(list) == maxRaceFrames {
			break
		}
	}
	return list
}
