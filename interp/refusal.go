package interp

import (
	"regexp"
	"strings"

	"github.com/adabc437/fanout/interp/session"
)

// refusal completes what is said of a cell of which nothing was declared or run. Later
// cells hear where the names are declared that they miss.
func (r *run) refusal(d *session.Diagnostic) *session.Diagnostic {
	names := declaredBy(r.cell.Code)
	if d == nil || len(names) == 0 || r.cell.Silent {
		return d
	}
	i := r.interp
	i.mu.Lock()
	defer i.mu.Unlock()
	for _, name := range names {
		if i.scope.Lookup(name) == nil {
			i.checker.Refused[name] = r.cell.Number
		}
	}
	if len(declaredBy(withoutLine(r.cell.Code, d.Pos))) == 0 {
		return d // the statement that is wrong is all that there is
	}
	if d.Name == session.MagicError || d.Name == session.DeviceError || len(r.sites) > 0 && d.Name != session.SyntaxError {
		d.Notes = append(d.Notes, "nothing of this cell was declared or run")
	}
	return d
}

// withoutLine is the code without the line that is wrong.
func withoutLine(code string, at *session.Position) string {
	lines := strings.Split(code, "\n")
	if at != nil && at.Line >= 1 && at.Line <= len(lines) {
		lines[at.Line-1] = ""
	}
	return strings.Join(lines, "\n")
}

var (
	declarationRE = regexp.MustCompile(`^(?:func|type|var|const)\s+(\pL[\pL\d_]*)|^(\pL[\pL\d_]*(?:\s*,\s*\pL[\pL\d_]*)*)\s*:=`)
	groupRE       = regexp.MustCompile(`^(var|const|type|import)\s*\(\s*$`)
	memberRE      = regexp.MustCompile(`^\s+(\pL[\pL\d_]*)`)
	importRE      = regexp.MustCompile(`^(?:import)?\s+(?:(\w+)\s+)?"(?:[^"]*/)?([^"/]+)"`)
	versionRE     = regexp.MustCompile(`^v\d+$`)
)

// declaredBy lists the names that a cell seems to declare. The cell need not be Go.
func declaredBy(code string) (names []string) {
	group := ""
	for line := range strings.Lines(code) {
		line = strings.TrimRight(line, " \t\r\n")
		switch m := declarationRE.FindStringSubmatch(line); {
		case group != "" && strings.HasPrefix(line, ")"):
			group = ""
		case m != nil:
			for name := range strings.SplitSeq(m[1]+m[2], ",") {
				if name = strings.TrimSpace(name); name != "_" {
					names = append(names, name)
				}
			}
		case groupRE.MatchString(line):
			group = groupRE.FindStringSubmatch(line)[1]
		case group == "import" || strings.HasPrefix(line, "import"):
			if m := importRE.FindStringSubmatch(line); m != nil && m[1] != "" {
				names = append(names, m[1])
			} else if m != nil && !versionRE.MatchString(m[2]) {
				names = append(names, m[2])
			} else if m != nil {
				path := strings.TrimSuffix(line[strings.IndexByte(line, '"')+1:], "\"")
				parts := strings.Split(path, "/")
				names = append(names, parts[max(0, len(parts)-2)])
			}
		case group != "":
			if m := memberRE.FindStringSubmatch(line); m != nil {
				names = append(names, m[1])
			}
		}
	}
	return names
}
