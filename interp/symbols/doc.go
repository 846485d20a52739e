package symbols

import (
	"sync"

	"github.com/adabc437/fanout/interp/symbols/internal/table"
)

type entry struct{ signature, doc string }

var documents = struct {
	mu   sync.Mutex
	pkgs map[string]map[string]entry
}{pkgs: map[string]map[string]entry{}}

// Doc returns the declaration and the documentation of what an exported name of
// a package stands for. A method or field is named Type.Name; the empty name is
// the package itself.
func Doc(path, name string) (signature, doc string, ok bool) {
	documents.mu.Lock()
	defer documents.mu.Unlock()
	all, ok := documents.pkgs[path]
	if !ok {
		all = document(path)
		documents.pkgs[path] = all
	}
	e, ok := all[name]
	return e.signature, e.doc, ok
}

func document(path string) map[string]entry {
	b, ok := index()[path]
	if !ok {
		return nil
	}
	archive, err := b.group.docs()
	if err != nil {
		return nil
	}
	text, err := archive.Text(path)
	if err != nil {
		return nil
	}
	all := map[string]entry{}
	for r := table.NewReader(text); r.More(); {
		name := r.String()
		all[name] = entry{r.String(), r.String()}
	}
	return all
}
