package supervisor

import (
	"fmt"
	"maps"
	"regexp"
	"strconv"
	"strings"
)

// Compiled cells are packages whose names and files do not depend on the number of
// a cell. In Go's own reports they stand under these; the session says which
// cells they are.

// compiledFrame is a frame of compiled code in a report: function, arguments, and
// the place in the next line.
var compiledFrame = regexp.MustCompile(`(?m)^((?:created by )?)(cell/[\w-]+)\.(.*)\n\t(?:.*/)?(cell\d+):(\d+)`)

// marks are what names in compiled code have that the user did not write.
var marks = strings.NewReplacer("Ʌ", "", "Ɣcell", "cell", "%c9%85", "", "[...]", "")

// places maps "cell/3f2a cell0" to numbers of cells. Its user locks it.
type places map[string]int

func (p *places) add(more map[string]int) {
	if *p == nil {
		*p = places{}
	}
	maps.Copy(*p, more)
}

// translate puts the user's cells and names into a report.
func (p places) translate(report []byte) []byte {
	if len(p) == 0 {
		return report
	}
	return compiledFrame.ReplaceAllFunc(report, func(frame []byte) []byte {
		m := compiledFrame.FindSubmatch(frame)
		n, known := p[string(m[2])+" "+string(m[4])]
		line, err := strconv.Atoi(string(m[5]))
		if !known || err != nil {
			return frame
		}
		return fmt.Appendf(nil, "%smain.%s\n\tIn[%d]:%d", m[1], marks.Replace(string(m[3])), n, line)
	})
}
