package interp

import (
	"context"
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"go/types"
	"slices"
	"strings"
	"time"

	"github.com/adabc437/fanout/interp/build"
	"github.com/adabc437/fanout/interp/cell"
	"github.com/adabc437/fanout/interp/session"
	"github.com/adabc437/fanout/interp/symbols"
)

// importer gives the types of the packages that cells can import: those that are
// bound, and those of modules that were added.
func (i *Interp) importer() types.Importer {
	if i.native == nil {
		return symbols.Importer(i.tier.FileSet())
	}
	tools := i.native.tools
	return addedImporter{symbols.ImporterWith(i.tier.FileSet(), tools.ExportData), tools}
}

// addedImporter says how a package that is missing can be added.
type addedImporter struct {
	types.Importer
	tools *build.Toolchain
}

func (a addedImporter) Import(path string) (*types.Package, error) {
	p, err := a.Importer.Import(path)
	first, _, _ := strings.Cut(path, "/")
	if err != nil && !bound(path) && !a.tools.Provides(path) && strings.Contains(first, ".") {
		return nil, fmt.Errorf("no package %q here: %%get %s@latest adds it", path, path)
	}
	return p, err
}

func bound(path string) bool { return symbols.Name(path) != "" }

// fetch readies the packages that the cell imports from modules that were added.
// The caller holds the session's lock.
func (r *run) fetch(chunks []cell.Chunk) *session.Diagnostic {
	if r.interp.native == nil {
		return nil
	}
	tools := r.interp.native.tools
	for _, c := range chunks {
		if c.Kind != cell.Import {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), "", "package main\n"+c.Text, parser.ImportsOnly)
		if err != nil {
			continue // which the checker says
		}
		var paths []string
		for _, s := range f.Imports {
			if p := strings.Trim(s.Path.Value, "`\""); !bound(p) && tools.Provides(p) {
				paths = append(paths, p)
			}
		}
		if err := tools.Import(r.ctx, paths, r.progress); err != nil {
			if r.ctx.Err() != nil {
				return &session.Diagnostic{Name: session.Interrupted, Message: "the cell was interrupted while the packages that it imports were compiled; it has not run"}
			}
			return &session.Diagnostic{Name: session.TypeError, Message: err.Error(), Pos: r.linePlace(r.cell.Number, c.Line)}
		}
	}
	return nil
}

// progress shows, of what the go command says, what takes long. Its errors are
// shown as such.
func (r *run) progress(line string) {
	if !strings.HasPrefix(line, "go: downloading ") {
		return
	}
	r.emit(session.Event{Kind: session.Stream, Name: "stderr", Text: line + "\n"})
}

// importPaths are the paths that an import can name.
func (i *Interp) importPaths() []string {
	list := slices.Clone(symbols.Paths())
	if i.native != nil {
		list = append(list, i.native.tools.ModulePackages()...)
		slices.Sort(list)
	}
	return slices.Compact(list)
}

// errNoModules says why there is no %get here.
var errNoModules = errors.New("third-party packages are for compiled cells, and cells are interpreted here: `fanout doctor` says what is missing, and how to get it")

// docWait is how long documentation may take that the go command looks up.
const docWait = 3 * time.Second

// addedDoc is the documentation of a package of a module that was added, or of a
// name of it.
func (i *Interp) addedDoc(path, name string) string {
	if i.native == nil || !i.native.tools.Provides(path) {
		return ""
	}
	ctx, cancel := context.WithTimeout(context.Background(), docWait)
	defer cancel()
	text, err := i.native.tools.Doc(ctx, path, name)
	if err != nil {
		return fmt.Sprintf("import %q", path)
	}
	return strings.TrimSpace(text)
}
