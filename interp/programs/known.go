package programs

import (
	"fmt"
	"os"
	"slices"
	"strings"
)

// Known are the runs that are known to be wrong: for each program, the ways.
type Known map[string][]Way

// Has says that a run is among them.
func (k Known) Has(name string, way Way) bool { return slices.Contains(k[name], way) }

// ReadKnown reads a list of runs. A line has a program's name, the ways with
// commas between them, or "all", a colon, and the reason; lines that begin with #
// are comments.
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
		head, reason, _ := strings.Cut(line, ":")
		name, ways, _ := strings.Cut(head, " ")
		if strings.TrimSpace(reason) == "" || k[name] != nil {
			return nil, fmt.Errorf("%s:%d: want a name, once, ways, a colon and a reason: %s", file, n+1, line)
		}
		if ways == "all" {
			k[name] = Ways
			continue
		}
		for w := range strings.SplitSeq(ways, ",") {
			if !slices.Contains(Ways, Way(w)) {
				return nil, fmt.Errorf("%s:%d: no way %q to cut a program", file, n+1, w)
			}
			k[name] = append(k[name], Way(w))
		}
	}
	return k, nil
}
