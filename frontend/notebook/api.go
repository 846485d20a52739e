package notebook

import (
	"cmp"
	"encoding/json"
	"io/fs"
	"maps"
	"net/http"
	"os/user"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/adabc437/fanout/kernel/kernelspec"
)

// apiRelease is the version of Jupyter Server whose API is spoken here.
const apiRelease = "2.21.0"

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000Z") }

func (s *Server) apiVersion(w http.ResponseWriter, r *http.Request) error {
	return reply(w, http.StatusOK, map[string]string{"version": apiRelease})
}

func (s *Server) apiStatus(w http.ResponseWriter, r *http.Request) error {
	last, connections := s.active.when(), 0
	all := s.kernels.List()
	for _, k := range all {
		at, n := k.Active()
		connections += n
		if at.After(last) {
			last = at
		}
	}
	return reply(w, http.StatusOK, map[string]any{
		"started": stamp(s.started), "last_activity": stamp(last), "connections": connections, "kernels": len(all),
	})
}

// apiMe says who the user is: the one whose program this is, who may do all.
func (s *Server) apiMe(w http.ResponseWriter, r *http.Request) error {
	name := "user"
	if u, err := user.Current(); err == nil {
		name = u.Username
	}
	permissions := map[string][]string{}
	if asked := r.URL.Query().Get("permissions"); asked != "" {
		if err := json.Unmarshal([]byte(asked), &permissions); err != nil {
			return refuse(http.StatusBadRequest, "permissions are not an object of lists of words: %v", err)
		}
	}
	initials := strings.ToUpper(string([]rune(name)[:min(2, len([]rune(name)))]))
	return reply(w, http.StatusOK, map[string]any{
		"identity": map[string]any{
			"username": name, "name": name, "display_name": name, "initials": initials, "avatar_url": nil, "color": nil,
		},
		"permissions": permissions,
	})
}

// apiShutdown asks the owner of the server to end it.
func (s *Server) apiShutdown(w http.ResponseWriter, r *http.Request) error {
	err := reply(w, http.StatusOK, map[string]string{"message": "the server is shutting down"})
	s.asked.Do(func() { close(s.done) })
	return err
}

// specModel is the only kernelspec as the API gives it.
func specModel() (map[string]any, error) {
	spec, err := kernelspec.JSON(kernelspec.Options{})
	if err != nil {
		return nil, err
	}
	logos, err := fs.ReadDir(kernelspec.Logos(), ".")
	if err != nil {
		return nil, err
	}
	resources := map[string]string{}
	for _, logo := range logos {
		name, _, _ := strings.Cut(logo.Name(), ".")
		resources[name] = "/kernelspecs/" + kernelspec.DefaultName + "/" + logo.Name()
	}
	return map[string]any{"name": kernelspec.DefaultName, "spec": json.RawMessage(spec), "resources": resources}, nil
}

func (s *Server) listSpecs(w http.ResponseWriter, r *http.Request) error {
	m, err := specModel()
	if err != nil {
		return err
	}
	return reply(w, http.StatusOK, map[string]any{
		"default": kernelspec.DefaultName, "kernelspecs": map[string]any{kernelspec.DefaultName: m},
	})
}

func (s *Server) getSpec(w http.ResponseWriter, r *http.Request) error {
	if err := checkSpec(r.PathValue("name")); err != nil {
		return err
	}
	m, err := specModel()
	if err != nil {
		return err
	}
	return reply(w, http.StatusOK, m)
}

// checkSpec says that there is no kernel of that name.
func checkSpec(name string) error {
	if name != kernelspec.DefaultName {
		return refuse(http.StatusNotFound, "there is no kernel %q here, only %q", name, kernelspec.DefaultName)
	}
	return nil
}

func (s *Server) specFile(w http.ResponseWriter, r *http.Request) error {
	if err := checkSpec(r.PathValue("name")); err != nil {
		return err
	}
	name := r.PathValue("file")
	if _, err := fs.Stat(kernelspec.Logos(), name); err != nil {
		return refuse(http.StatusNotFound, "the kernel has no file %q", name)
	}
	http.ServeFileFS(w, r, kernelspec.Logos(), name)
	return nil
}

// settings are what front ends keep here, by section; the server makes no use of
// them, and forgets them when it ends.
type settings struct {
	mu sync.Mutex
	of map[string]map[string]any
}

const maxSections = 64

func (s *Server) getConfig(w http.ResponseWriter, r *http.Request) error {
	s.settings.mu.Lock()
	section := s.settings.of[r.PathValue("section")] // which nobody writes to: see merge
	s.settings.mu.Unlock()
	if section == nil {
		section = map[string]any{}
	}
	return reply(w, http.StatusOK, section)
}

func (s *Server) putConfig(w http.ResponseWriter, r *http.Request) error {
	return s.setConfig(w, r, func(old, fresh map[string]any) map[string]any { return fresh })
}

func (s *Server) patchConfig(w http.ResponseWriter, r *http.Request) error {
	return s.setConfig(w, r, merge)
}

func (s *Server) setConfig(w http.ResponseWriter, r *http.Request, combine func(old, fresh map[string]any) map[string]any) error {
	fresh := map[string]any{}
	if err := read(w, r, maxBody, &fresh); err != nil {
		return err
	}
	fresh, err := s.settings.put(r.PathValue("section"), fresh, combine)
	if err != nil {
		return err
	}
	return reply(w, http.StatusOK, fresh)
}

func (s *settings) put(name string, fresh map[string]any, combine func(old, fresh map[string]any) map[string]any) (map[string]any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	old, ok := s.of[name]
	if !ok && len(s.of) >= maxSections {
		return nil, refuse(http.StatusBadRequest, "there are %d sections of settings already", maxSections)
	}
	fresh = combine(old, fresh)
	if text, err := json.Marshal(fresh); err != nil || len(text) > maxBody {
		return nil, refuse(http.StatusRequestEntityTooLarge, "the settings %q are larger than %d bytes", name, maxBody)
	}
	s.of[name] = fresh
	return fresh, nil
}

// merge gives old with the fields of fresh; null removes one.
func merge(old, fresh map[string]any) map[string]any {
	all := maps.Clone(old)
	if all == nil {
		all = map[string]any{}
	}
	for k, v := range fresh {
		below, ok := v.(map[string]any)
		above, both := all[k].(map[string]any)
		switch {
		case v == nil:
			delete(all, k)
		case ok && both:
			all[k] = merge(above, below)
		default:
			all[k] = v
		}
	}
	return all
}

// fanoutConfig tells the page about the server.
func (s *Server) fanoutConfig(w http.ResponseWriter, r *http.Request) error {
	return reply(w, http.StatusOK, map[string]string{
		"version": s.opt.Info.Version, "root": s.root,
		"goVersion": cmp.Or(s.opt.Info.GoVersion, strings.TrimPrefix(runtime.Version(), "go")),
	})
}
