package run

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/adabc437/fanout/frontend/nbformat"
	"github.com/adabc437/fanout/interp/session"
	"github.com/adabc437/fanout/kernel"
)

// The tags of cells that mean something here, as they do to nbclient.
const (
	tagRaises = "raises-exception" // the cell may fail
	tagSkip   = "skip-execution"   // the cell does not run
)

// folderOf says what is wrong with the folder that path is to be written in,
// before the cells run for nothing.
func folderOf(path string) error {
	if path == "" {
		return nil
	}
	dir := filepath.Dir(path)
	info, err := os.Stat(dir)
	if err == nil && !info.IsDir() {
		err = fmt.Errorf("%s is not a folder", dir)
	}
	if err != nil {
		return fmt.Errorf("the executed notebook cannot be written: %w", err)
	}
	return nil
}

// notebook runs the cells of nb in order and leaves their outputs in it.
func (r *runner) notebook(ctx context.Context, nb *nbformat.Notebook) (result Result) {
	begin := time.Now()
	defer func() { result.Took = time.Since(begin) }()
	cells := r.runnable(nb)
	for _, c := range cells {
		c.ExecutionCount, c.Outputs = nil, nil
	}
	describe(nb)
	var recorder nbformat.Recorder
	defer recorder.Close()
	result.Cells = len(cells)
	for i, c := range cells {
		number := i + 1
		c.ExecutionCount = &number
		result.Ran = number
		reply := r.execute(ctx, c.Source, number, &cellOutput{r, &recorder, c, number})
		r.screen.Pages(reply.Payloads)
		if reply.Err == nil {
			continue
		}
		r.screen.Error(reply.Err)
		content := kernel.ErrorContent(reply.Err)
		recorder.Error(c, content.EName, content.EValue, content.Traceback)
		switch {
		case ctx.Err() != nil:
			result.Status = exitInterrupted
		case !r.options.AllowErrors && !c.HasTag(tagRaises):
			result.Status = exitFailed
		}
		if result.Status != exitOK {
			result.Failed, result.Error = c, reply.Err
			return result
		}
	}
	return result
}

// runnable lists the cells that are run.
func (r *runner) runnable(nb *nbformat.Notebook) []*nbformat.Cell {
	var cells []*nbformat.Cell
	skip := r.options.Skip
	for _, c := range nb.Cells {
		if skip != nil && skip(c) {
			continue
		}
		if c.Type == nbformat.Code && strings.TrimSpace(c.Source) != "" && !c.HasTag(tagSkip) {
			cells = append(cells, c)
		}
	}
	return cells
}

// describe says in a notebook's metadata which language it is in, if it does not.
func describe(nb *nbformat.Notebook) {
	if _, ok := nb.Metadata["language_info"]; ok {
		return
	}
	meta := maps.Clone(nb.Metadata)
	if meta == nil {
		meta = map[string]any{}
	}
	meta["language_info"] = map[string]any{
		"name": "go", "file_extension": ".go", "mimetype": "text/x-go",
		"version": strings.TrimPrefix(runtime.Version(), "go"),
	}
	nb.Metadata = meta
}

// A cellOutput shows and keeps what one cell emits.
type cellOutput struct {
	runner   *runner
	recorder *nbformat.Recorder
	cell     *nbformat.Cell
	number   int
}

var _ session.Output = (*cellOutput)(nil)

// Emit shows one event and keeps it.
func (o *cellOutput) Emit(e session.Event) {
	o.recorder.Emit(o.cell, o.number, e)
	o.runner.screen.Emit(e)
}

// Input asks at the console.
func (o *cellOutput) Input(ctx context.Context, prompt string, password bool) (string, error) {
	return o.runner.screen.Input(ctx, prompt, password)
}
