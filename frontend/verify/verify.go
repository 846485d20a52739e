// Package verify runs notebooks again and finds the outputs that changed against
// those that the file keeps.
//
// How cells run is left to package run; what counts as the same is said at
// [Options]. Start at [Find] and [All].
package verify

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/rogpeppe/go-internal/diff"

	"github.com/adabc437/fanout/frontend/nbformat"
	"github.com/adabc437/fanout/frontend/run"
)

// The tags of cells that mean something here, besides those of package run.
const (
	tagIgnore = "ignore-output" // the cell runs, and its outputs are not compared
	tagSkip   = "skip"          // the cell does not run, nor is it compared
)

// Options say how notebooks are run and compared.
//
// Text is the same if it is so line by line, but for white space at the ends of
// lines, colours, and what [Normal] takes for a time, a duration or an address.
// Of a display with an image, only the MIME types are compared. Of an error, its
// name and message count, and its traceback does not.
type Options struct {
	// Exact compares times, durations and addresses too.
	Exact bool
	// Ignore are patterns of text that may be different.
	Ignore []*regexp.Regexp
	// Update writes outputs that changed to the file.
	Update bool
	// Timeout bounds the time of each cell; 0 does not.
	Timeout time.Duration
}

// An Outcome says how a notebook did.
type Outcome string

// The outcomes. A notebook that keeps no outputs is OK when it runs to its end.
const (
	OK      Outcome = "ok"
	Changed Outcome = "CHANGED"
	Updated Outcome = "updated" // it had changed
	Failed  Outcome = "FAIL"    // a cell failed, or the notebook cannot be run
)

// A Change is a cell whose outputs are not what they were.
type Change struct {
	Cell int // in the notebook, from 1
	ID   string
	// Diff is a unified diff of the two outputs as text.
	Diff string
}

// A Report says what became of one notebook.
type Report struct {
	Path    string
	Outcome Outcome
	Changes []Change
	// Ran is how many cells ran, and Compared how many of those were compared.
	Ran, Compared int
	Took          time.Duration
	// FailedCell is the number of the cell that failed, and Err says what was wrong
	// with it, or with the file.
	FailedCell int
	Err        error
	// KeptError says that the outputs which the file keeps of that cell hold an error: it
	// may be meant to fail.
	KeptError bool
}

// All runs the notebooks, at most parallel at a time, each in a session of its own,
// and gives their reports to show in the order of paths.
func All(ctx context.Context, start run.Start, paths []string, parallel int, o Options, show func(Report)) {
	reports := make([]chan Report, len(paths))
	for i := range reports {
		reports[i] = make(chan Report, 1)
	}
	next := make(chan int)
	var running sync.WaitGroup
	for range max(1, min(parallel, len(paths))) {
		running.Go(func() {
			for i := range next {
				reports[i] <- File(ctx, start, paths[i], o)
			}
		})
	}
	running.Go(func() {
		for i := range paths {
			next <- i
		}
		close(next)
	})
	for _, r := range reports {
		show(<-r)
	}
	running.Wait()
}

// File runs the notebook at path and compares.
func File(ctx context.Context, start run.Start, path string, o Options) Report {
	r := Report{Path: path, Outcome: Failed}
	if ctx.Err() != nil {
		r.Err = errors.New("interrupted before it began")
		return r
	}
	kept, err := run.Load(path)
	if err != nil {
		r.Err = withoutPath(err, path)
		return r
	}
	now := again(kept)
	sess, err := start(ctx, filepath.Dir(path))
	if err != nil {
		r.Err = err
		return r
	}
	result, err := run.Execute(ctx, sess, now, run.Options{Timeout: o.Timeout, Skip: skips})
	err = errors.Join(err, sess.Close())
	r.Ran, r.Took = result.Ran, result.Took
	end := len(now.Cells)
	if result.Failed != nil {
		end = slices.Index(now.Cells, result.Failed)
		r.FailedCell = end + 1
		r.KeptError = slices.ContainsFunc(kept.Cells[end].Outputs, func(o *nbformat.Output) bool { return o.Type == nbformat.Error })
		err = errors.Join(fmt.Errorf("%s: %s", result.Error.Name, result.Error.Message), err)
	}
	r.compare(kept, now, end, o)
	switch {
	case err != nil:
		r.Err = err
	case len(r.Changes) == 0 && (!o.Update || keeps(kept)):
		r.Outcome = OK
	case o.Update && strings.EqualFold(filepath.Ext(path), ".ipynb"):
		r.update(kept, now)
	case len(r.Changes) == 0:
		r.Outcome = OK
	default:
		r.Outcome = Changed
	}
	return r
}

// withoutPath takes path away from the beginning of an error.
func withoutPath(err error, path string) error {
	if text, ok := strings.CutPrefix(err.Error(), path+": "); ok {
		return errors.New(text)
	}
	return err
}

// again is a notebook with the same cells, to be run.
func again(kept *nbformat.Notebook) *nbformat.Notebook {
	now := *kept
	now.Cells = make([]*nbformat.Cell, len(kept.Cells))
	for i, c := range kept.Cells {
		copied := *c
		now.Cells[i] = &copied
	}
	return &now
}

// skips says that a cell does not run here.
func skips(c *nbformat.Cell) bool { return c.HasTag(tagSkip) }

// keeps says that a notebook was run and keeps what it showed.
func keeps(nb *nbformat.Notebook) bool {
	return slices.ContainsFunc(nb.Cells, func(c *nbformat.Cell) bool { return c.ExecutionCount != nil || len(c.Outputs) > 0 })
}

// compare finds what changed in the first end cells.
func (r *Report) compare(kept, now *nbformat.Notebook, end int, o Options) {
	if !keeps(kept) {
		return
	}
	for i, c := range now.Cells[:end] {
		if c.Type != nbformat.Code || c.ExecutionCount == nil || skips(c) || c.HasTag(tagIgnore) {
			continue
		}
		r.Compared++
		before, after := o.text(kept.Cells[i].Outputs), o.text(c.Outputs)
		if before == after {
			continue
		}
		text := string(diff.Diff("kept", []byte(before), "now", []byte(after)))
		if _, body, ok := strings.Cut(text, "\n"); ok { // without the line of the command
			text = body
		}
		r.Changes = append(r.Changes, Change{Cell: i + 1, ID: c.ID, Diff: text})
	}
}

// update writes what changed to the file. Outputs that are the same stay as they
// were, to the digit.
func (r *Report) update(kept, now *nbformat.Notebook) {
	if !keeps(kept) {
		kept = now
	}
	for _, change := range r.Changes {
		c, fresh := kept.Cells[change.Cell-1], now.Cells[change.Cell-1]
		c.Outputs, c.ExecutionCount = fresh.Outputs, fresh.ExecutionCount
	}
	r.Outcome = Updated
	if err := kept.WriteFile(r.Path); err != nil {
		r.Outcome, r.Err = Failed, err
	}
}

// Find gives the notebooks of paths: files as they are, and of folders the .ipynb
// files in them and below, but for those whose names, or folders, begin with a dot.
// The error says that there are none.
func Find(paths []string) ([]string, error) {
	var out []string
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil {
			return nil, err
		}
		if !info.IsDir() {
			if _, err := run.IsNotebook(path); err != nil {
				return nil, err
			}
			out = append(out, path)
			continue
		}
		err = filepath.WalkDir(path, func(name string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case strings.HasPrefix(d.Name(), ".") && name != path:
				if d.IsDir() {
					return fs.SkipDir
				}
			case !d.IsDir() && strings.EqualFold(filepath.Ext(name), ".ipynb"):
				out = append(out, name)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("there are no notebooks in %s", strings.Join(paths, ", "))
	}
	return out, nil
}
