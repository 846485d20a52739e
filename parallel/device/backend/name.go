package backend

import (
	"regexp"
	"strings"
)

var (
	noiseRE = regexp.MustCompile(`\((?:R|TM|C)\)|®|™|\b(?:CPU|Processor|Graphics)\b|@.*$`)
	poclRE  = regexp.MustCompile(`^(?:pthread|basic|cpu)-[a-z0-9_-]*-([A-Z].*)$`)
)

// Tidy is a device's name as people say it: without trade marks, and without what PoCL
// sets in front of the processor's name.
func Tidy(name string) string {
	if m := poclRE.FindStringSubmatch(name); m != nil {
		name = m[1]
	}
	tidy := strings.Join(strings.Fields(noiseRE.ReplaceAllString(name, " ")), " ")
	if tidy == "" {
		return strings.TrimSpace(name)
	}
	return tidy
}
