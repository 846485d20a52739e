package notebook

import (
	"io/fs"
	"net/http"
	"strings"
)

const noPage = `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Fanout</title>
<h1>Fanout</h1>
<p>This server was built without its page. Jupyter's own front ends can use it: give them this address and the token.</p>
</html>
`

// page serves the page, which finds out by its address what to show.
func (s *Server) page(w http.ResponseWriter, r *http.Request) error {
	text := []byte(noPage)
	if s.opt.Page != nil {
		var err error
		if text, err = fs.ReadFile(s.opt.Page, "index.html"); err != nil {
			return refuse(http.StatusInternalServerError, "the page is broken: %v", err)
		}
	}
	setHeaders(w.Header(), pagePolicy)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(text) // an error means that the client is gone
	return nil
}

// asset serves the files of the page.
func (s *Server) asset(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("path")
	if s.opt.Page == nil || !fs.ValidPath(name) {
		return s.unknown(w, r)
	}
	if info, err := fs.Stat(s.opt.Page, name); err != nil || info.IsDir() {
		return s.unknown(w, r)
	}
	setHeaders(w.Header(), pagePolicy)
	w.Header().Set("Cache-Control", "no-cache")
	if strings.HasPrefix(name, "assets/") { // whose names change with their content
		w.Header().Set("Cache-Control", "private, max-age=31536000, immutable")
	}
	http.ServeFileFS(w, r, s.opt.Page, name)
	return nil
}

// sandbox serves the page in which outputs with scripts are shown: a frame of an
// origin of its own, which reaches neither this server nor another. Its parent sends
// it {html} by postMessage, and it tells {ready: true} and {height} in pixels.
func (s *Server) sandbox(w http.ResponseWriter, r *http.Request) error {
	setHeaders(w.Header(), sandboxPolicy)
	w.Header().Set("X-Frame-Options", "SAMEORIGIN")
	w.Header().Set("Cross-Origin-Resource-Policy", "cross-origin") // its own origin is another
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write([]byte(sandboxPage))
	return nil
}

const sandboxPage = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="color-scheme" content="light dark">
<title>Output</title>
<style>body { margin: 0; font: 14px/1.5 system-ui, sans-serif; overflow-wrap: anywhere }</style>
<body>
<script>
"use strict";
(() => {
  const tell = (message) => parent.postMessage(message, "*");
  const height = () => tell({ height: document.documentElement.scrollHeight });
  addEventListener("message", (event) => {
    if (event.source !== parent || typeof event.data?.html !== "string") return;
    if (typeof event.data.theme === "string") document.documentElement.style.colorScheme = event.data.theme;
    document.body.innerHTML = event.data.html;
    for (const old of document.body.querySelectorAll("script")) { // innerHTML runs none
      const script = document.createElement("script");
      for (const a of old.attributes) script.setAttribute(a.name, a.value);
      script.textContent = old.textContent;
      old.replaceWith(script);
    }
    height();
  });
  new ResizeObserver(height).observe(document.documentElement);
  tell({ ready: true });
})();
</script>
</body>
</html>
`
