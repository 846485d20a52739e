package programs

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
)

// Known are the programs that are known to run wrong, by name.
type Known map[string]Fault

// A Fault says in which ways a program runs wrong, and what happens.
type Fault struct {
	Ways   []Way
	Reason string
}

// Has says that a run is among them.
func (k Known) Has(name string, way Way) bool { return slices.Contains(k[name].Ways, way) }

// Sometimes says that the runs of a program are wrong at times and right at
// others, for which its reason begins with that word.
func (k Known) Sometimes(name string) bool {
	return strings.HasPrefix(k[name].Reason, "sometimes ")
}

// ReadKnown reads what [Known.String] has written. Lines that begin with # are
// comments.
func ReadKnown(file string) (Known, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	k := Known{}
	for n, line := range strings.Split(string(text), "\n") {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		head, reason, _ := strings.Cut(line, ": ")
		name, ways, _ := strings.Cut(head, " ")
		f := Fault{Reason: reason}
		for w := range strings.SplitSeq(strings.ReplaceAll(ways, "all", "whole,two,many"), ",") {
			if !slices.Contains(Ways, Way(w)) {
				return nil, fmt.Errorf("%s:%d: no way %q to cut a program", file, n+1, w)
			}
			f.Ways = append(f.Ways, Way(w))
		}
		if _, twice := k[name]; twice || reason == "" {
			return nil, fmt.Errorf("%s:%d: want a name, once, its ways, a colon and a reason: %s", file, n+1, line)
		}
		k[name] = f
	}
	return k, nil
}

// String is the list as it is kept in a file: for each program a line with its
// name, the ways with commas between them, or "all", a colon, and the reason.
func (k Known) String() string {
	var b strings.Builder
	b.WriteString("# Programs that the interpreted tier does not run as go run does, and says nothing of it.\n" +
		"# A line that is not true any more fails the test; go test ./interp/programs -known\n" +
		"# writes the list anew, and keeps the reasons.\n")
	for _, name := range slices.Sorted(maps.Keys(k)) {
		var ways []string
		for _, w := range k[name].Ways {
			ways = append(ways, string(w))
		}
		list := strings.Join(ways, ",")
		if len(ways) == len(Ways) {
			list = "all"
		}
		fmt.Fprintf(&b, "%s %s: %s\n", name, list, k[name].Reason)
	}
	return b.String()
}

// Update gives the list that is true of results. What was on the list keeps its
// reason.
func (k Known) Update(results []Result) Known {
	out := Known{}
	for _, way := range Ways {
		for _, r := range results {
			if r.Way != way || r.Verdict != Wrong {
				continue
			}
			f := out[r.Name]
			if f.Reason == "" {
				f.Reason = k[r.Name].Reason
			}
			if f.Reason == "" {
				f.Reason = oneLine(r.Why)
			}
			f.Ways = append(f.Ways, way)
			out[r.Name] = f
		}
	}
	for name, f := range k {
		if k.Sometimes(name) {
			out[name] = f
		}
	}
	return out
}

// oneLine is the beginning of a text, in one line.
func oneLine(s string) string {
	r := []rune(strings.ReplaceAll(s, "\n", `\n`))
	if len(r) > 180 {
		return string(r[:180]) + "…"
	}
	return string(r)
}
