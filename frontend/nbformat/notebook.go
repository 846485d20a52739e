// Package nbformat reads and writes Jupyter notebooks of version 4, and turns
// what cells emit into the outputs that a notebook keeps.
//
// What it writes is, byte for byte, what Jupyter's own nbformat writes: sorted
// keys, an indent of one space, text as lists of lines, a line end at the end.
// Fields that it does not know are kept. Running cells is left to package run.
//
// Start at [ReadFile], [Notebook] and [Recorder].
//
// https://nbformat.readthedocs.io/en/latest/format_description.html
package nbformat

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
)

// MaxSize is how many bytes a notebook may have.
const MaxSize = 256 << 20

// The kinds of cells.
const (
	Code     = "code"
	Markdown = "markdown"
	Raw      = "raw"
)

// The kinds of outputs.
const (
	Stream        = "stream"
	DisplayData   = "display_data"
	ExecuteResult = "execute_result"
	Error         = "error"
)

// A Notebook is a notebook of version 4. JSON objects in it are map[string]any
// whose numbers are json.Number.
type Notebook struct {
	Minor    int // 4.Minor is the version
	Metadata map[string]any
	Cells    []*Cell
	// Extra holds the top-level fields beside those above.
	Extra map[string]any
}

// A Cell is one cell. Its source and its text are whole strings here, and lists
// of lines in the file only.
type Cell struct {
	Type     string // Code, Markdown or Raw
	ID       string // empty where the version has none (before 4.5)
	Metadata map[string]any
	Source   string
	// ExecutionCount and Outputs are for code cells. A count of nil is null.
	ExecutionCount *int
	Outputs        []*Output
	// Attachments maps file names to MIME bundles; nil if there are none.
	Attachments map[string]any
	// Extra holds the fields beside those above.
	Extra map[string]any
}

// An Output is something that a code cell showed. Which fields count depends on
// Type.
type Output struct {
	Type string
	// Name is "stdout" or "stderr", and Text what was written: of a Stream.
	Name, Text string
	// Data is a MIME bundle: of DisplayData and ExecuteResult.
	Data, Metadata map[string]any
	// ExecutionCount: of an ExecuteResult.
	ExecutionCount *int
	// EName, EValue and Traceback: of an Error.
	EName, EValue string
	Traceback     []string
	// Extra holds the fields beside those above.
	Extra map[string]any
}

// A VersionError says that a notebook is of a version that is not read here.
type VersionError struct{ Major, Minor int }

// Error names the version, and the way out.
func (e *VersionError) Error() string {
	version := fmt.Sprintf("the notebook has format version %d.%d, and only version 4 can be read", e.Major, e.Minor)
	if e.Major < 4 {
		return version + "; convert it with: jupyter nbconvert --to notebook --nbformat 4 FILE"
	}
	return version
}

// Language is the language of the notebook's code cells, in lower case, or
// empty if the notebook does not say.
func (nb *Notebook) Language() string {
	for _, place := range [][2]string{{"kernelspec", "language"}, {"language_info", "name"}} {
		info, _ := nb.Metadata[place[0]].(map[string]any)
		if name, _ := info[place[1]].(string); name != "" {
			return strings.ToLower(name)
		}
	}
	return ""
}

// HasTag says whether the cell's metadata lists tag.
func (c *Cell) HasTag(tag string) bool {
	tags, _ := c.Metadata["tags"].([]any)
	return slices.Contains(tags, any(tag))
}

// hasIDs says whether cells of this version have ids.
func (nb *Notebook) hasIDs() bool { return nb.Minor >= 5 }

// AddIDs gives an id to each cell that must have one and has none. [Read] and
// [Notebook.Encode] do it themselves.
func (nb *Notebook) AddIDs() {
	if !nb.hasIDs() {
		return
	}
	taken := map[string]bool{}
	for _, c := range nb.Cells {
		taken[c.ID] = true
	}
	for _, c := range nb.Cells {
		for c.ID == "" {
			if id := newID(); !taken[id] {
				c.ID = id
				taken[id] = true
			}
		}
	}
}

// newID makes a cell id as Jupyter does: eight hexadecimal digits.
func newID() string {
	var b [4]byte
	rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}
