package notebook

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strings"

	"github.com/adabc437/fanout/frontend/nbformat"
	"github.com/adabc437/fanout/frontend/notebook/contents"
)

// A tutorial is a notebook that the page offers. Path names it among the others.
type tutorial struct {
	Title   string `json:"title"`
	Summary string `json:"summary"`
	Path    string `json:"path"`
}

// readTutorials finds the titles of the tutorials.
func (s *Server) readTutorials() ([]tutorial, error) {
	list := []tutorial{}
	if s.opt.Tutorials == nil {
		return list, nil
	}
	names, err := fs.Glob(s.opt.Tutorials, "*.ipynb")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		text, err := fs.ReadFile(s.opt.Tutorials, name)
		if err != nil {
			return nil, err
		}
		nb, err := nbformat.Parse(text)
		if err != nil {
			return nil, fmt.Errorf("tutorial %s: %w", name, err)
		}
		title, summary := heading(nb)
		if title == "" {
			title = strings.TrimSuffix(name, path.Ext(name))
		}
		list = append(list, tutorial{title, summary, name})
	}
	return list, nil
}

// heading gives the first heading of a notebook and the first paragraph after it,
// in one line.
func heading(nb *nbformat.Notebook) (title, summary string) {
	for _, c := range nb.Cells {
		if c.Type != nbformat.Markdown {
			continue
		}
		for part := range strings.SplitSeq(c.Source, "\n\n") {
			line := strings.Join(strings.Fields(part), " ")
			switch {
			case strings.HasPrefix(line, "#") && title == "":
				title = strings.TrimSpace(strings.TrimLeft(strings.SplitN(part, "\n", 2)[0], "#"))
			case line != "" && title != "" && !strings.HasPrefix(line, "#"):
				return title, line
			}
		}
	}
	return title, ""
}

func (s *Server) listTutorials(w http.ResponseWriter, r *http.Request) error {
	list, err := s.tutorials()
	if err != nil {
		return err
	}
	return reply(w, http.StatusOK, list)
}

// openTutorial copies a tutorial into the folder of the notebooks, unless it is
// there.
func (s *Server) openTutorial(w http.ResponseWriter, r *http.Request) error {
	var ask struct {
		Name string `json:"name"`
	}
	if err := read(w, r, maxBody, &ask); err != nil {
		return err
	}
	list, err := s.tutorials()
	if err != nil {
		return err
	}
	for _, t := range list {
		if t.Path != ask.Name {
			continue
		}
		if _, err := s.files.Get(t.Path, contents.Options{}); err == nil {
			return reply(w, http.StatusOK, map[string]string{"path": t.Path})
		} else if !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		text, err := fs.ReadFile(s.opt.Tutorials, t.Path)
		if err != nil {
			return err
		}
		if _, err := s.files.WriteFile(t.Path, text); err != nil {
			return err
		}
		return reply(w, http.StatusCreated, map[string]string{"path": t.Path})
	}
	return refuse(http.StatusNotFound, "there is no tutorial %q", ask.Name)
}
