package notebook

import (
	"net/http"
	"strings"
)

// A Route is one row of the table of what is served.
type Route struct {
	// Method is GET (and HEAD with it), POST, PUT, PATCH or DELETE.
	Method string
	// Path is a pattern of http.ServeMux, without method and host.
	Path string
	// Serve answers; an error that it returns is answered as Jupyter Server does.
	Serve func(w http.ResponseWriter, r *http.Request) error
	// Public says that it is for everybody. It must give nothing away.
	Public bool
	// Page says that browsers show it: who is not logged in is sent to log in.
	Page bool
}

func (rt Route) pattern() string { return rt.Method + " " + rt.Path }

// routes is the table of all that is served.
func (s *Server) routes() []Route {
	get := func(path string, serve func(http.ResponseWriter, *http.Request) error) Route {
		return Route{Method: http.MethodGet, Path: path, Serve: serve}
	}
	on := func(method, path string, serve func(http.ResponseWriter, *http.Request) error) Route {
		return Route{Method: method, Path: path, Serve: serve}
	}
	page := func(path string) Route {
		return Route{Method: http.MethodGet, Path: path, Serve: s.page, Page: true}
	}
	public := func(method, path string, serve func(http.ResponseWriter, *http.Request) error) Route {
		return Route{Method: method, Path: path, Serve: serve, Public: true}
	}
	return []Route{
		public("GET", "/login", s.loginPage),
		public("POST", "/login", s.login),
		on("POST", "/logout", s.logout),
		public("GET", "/sandbox", s.sandbox),
		public("GET", "/api", s.apiVersion),

		page("/{$}"),
		page("/tree"),
		page("/tree/{path...}"),
		page("/notebooks/{path...}"),
		page("/edit/{path...}"),
		page("/lab"),
		page("/lab/{path...}"),
		get("/{path...}", s.asset),
		{Method: "GET", Path: "/files/{path...}", Serve: s.file, Page: true},

		get("/api/status", s.apiStatus),
		get("/api/me", s.apiMe),
		on("POST", "/api/shutdown", s.apiShutdown),
		get("/api/kernelspecs", s.listSpecs),
		get("/api/kernelspecs/{name}", s.getSpec),
		get("/kernelspecs/{name}/{file}", s.specFile),

		get("/api/kernels", s.listKernels),
		on("POST", "/api/kernels", s.startKernel),
		get("/api/kernels/{id}", s.getKernel),
		on("DELETE", "/api/kernels/{id}", s.deleteKernel),
		on("POST", "/api/kernels/{id}/interrupt", s.interruptKernel),
		on("POST", "/api/kernels/{id}/restart", s.restartKernel),
		get("/api/kernels/{id}/channels", s.channels),

		get("/api/sessions", s.listSessions),
		on("POST", "/api/sessions", s.startSession),
		get("/api/sessions/{id}", s.getSession),
		on("PATCH", "/api/sessions/{id}", s.changeSession),
		on("DELETE", "/api/sessions/{id}", s.deleteSession),

		get("/api/contents", s.getContents),
		get("/api/contents/{path...}", s.getContents),
		on("POST", "/api/contents", s.newContents),
		on("POST", "/api/contents/{path...}", s.newContents),
		on("PUT", "/api/contents/{path...}", s.saveContents),
		on("PATCH", "/api/contents/{path...}", s.renameContents),
		on("DELETE", "/api/contents/{path...}", s.deleteContents),

		get("/api/config/{section}", s.getConfig),
		on("PUT", "/api/config/{section}", s.putConfig),
		on("PATCH", "/api/config/{section}", s.patchConfig),

		get("/api/fanout/config", s.fanoutConfig),
		get("/api/fanout/tutorials", s.listTutorials),
		on("POST", "/api/fanout/tutorials", s.openTutorial),
	}
}

// find gives the route that r is for, or nil.
func (s *Server) find(r *http.Request) *Route {
	_, pattern := s.mux.Handler(r)
	if rt, ok := s.table[pattern]; ok {
		return &rt
	}
	return nil
}

// unknown answers a request that no route is for.
func (s *Server) unknown(w http.ResponseWriter, r *http.Request) error {
	var allowed []string
	for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE"} {
		other := r.Clone(r.Context())
		other.Method = method
		if rt := s.find(other); rt != nil && rt.Path != "/{path...}" {
			allowed = append(allowed, method)
		}
	}
	if len(allowed) == 0 {
		return refuse(http.StatusNotFound, "there is nothing at %s", r.URL.Path)
	}
	w.Header().Set("Allow", strings.Join(allowed, ", "))
	return refuse(http.StatusMethodNotAllowed, "%s has no method %s", r.URL.Path, r.Method)
}

// withoutSlash leaves the slash at the end of the path out, which some clients
// write.
func withoutSlash(r *http.Request) *http.Request {
	if len(r.URL.Path) < 2 || !strings.HasSuffix(r.URL.Path, "/") {
		return r
	}
	plain := *r
	u := *r.URL
	u.Path = "/" + strings.Trim(u.Path, "/")
	if u.RawPath != "" {
		u.RawPath = "/" + strings.Trim(u.RawPath, "/")
	}
	plain.URL = &u
	return &plain
}
