package notebook

import (
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gorilla/websocket"
)

// fill puts names into the wildcards of a pattern.
func fill(pattern string) string {
	r := strings.NewReplacer("{$}", "", "{path...}", "x/y.ipynb", "{id}", "abc", "{name}", "fanout", "{file}", "logo-svg.svg", "{section}", "s")
	return r.Replace(pattern)
}

func TestNoRouteAnswersWithoutCredentials(t *testing.T) {
	extra := func(s *Server) ([]Route, error) {
		return []Route{{Method: "GET", Path: "/api/extra", Serve: s.apiStatus}}, nil
	}
	d := newDesk(t, func(o *Options) { o.More = extra })
	public := map[string]bool{"GET /login": true, "POST /login": true, "GET /sandbox": true, "GET /api": true}
	if len(d.server.table) < 40 {
		t.Fatalf("%d routes in the table", len(d.server.table))
	}
	wrong := map[string]func(*http.Request){
		"nothing":           func(*http.Request) {},
		"a wrong token":     with("Authorization", "token "+testToken+"x"),
		"an empty token":    with("Authorization", "token "),
		"a wrong cookie":    with("Cookie", "fanout-0=abc; fanout-8888=abc"),
		"basic":             with("Authorization", "Basic "+testToken),
		"a query":           func(r *http.Request) { r.URL.RawQuery = "token=nonsense" },
		"an empty query":    func(r *http.Request) { r.URL.RawQuery = "token=" },
		"the cookie's name": with("Cookie", "fanout-0="),
	}
	for pattern, rt := range d.server.table {
		if rt.Public != public[pattern] {
			t.Errorf("%s: public is %v", pattern, rt.Public)
		}
		if rt.Public {
			continue
		}
		for name, edit := range wrong {
			for _, path := range []string{fill(rt.Path), fill(rt.Path) + "/"} {
				a := d.ask(rt.Method, path, "{}", edit)
				switch {
				case rt.Page && a.status == http.StatusFound && strings.HasPrefix(a.header.Get("Location"), "/login?next="):
				case !rt.Page && a.status == http.StatusForbidden && strings.Contains(a.body, `"message":"Forbidden`):
				default:
					t.Errorf("%s %s with %s: status %d: %s", rt.Method, path, name, a.status, a.body)
				}
			}
		}
	}
	for _, path := range []string{"/nowhere", "/api/terminals", "/api/kernels/x/y", "//api/status", "/api//status", "/%61pi/status", "/api/../api/status"} {
		if a := d.ask("GET", path, ""); a.status != http.StatusForbidden {
			t.Errorf("%s: status %d", path, a.status)
		}
	}
	if len(d.server.Kernels().List()) != 0 {
		t.Error("a kernel was started")
	}
}

func TestCredentials(t *testing.T) {
	d := newDesk(t)
	for name, edit := range map[string]func(*http.Request){
		"token":  withToken,
		"bearer": with("Authorization", "Bearer "+testToken),
		"query":  func(r *http.Request) { r.URL.RawQuery = "token=" + testToken },
	} {
		if a := d.ask("GET", "/api/status", "", edit); a.status != http.StatusOK {
			t.Errorf("%s: status %d: %s", name, a.status, a.body)
		}
	}
}

// cookieOf gives the cookie that an answer sets, as a browser sends it back.
func cookieOf(t *testing.T, d *desk, a answer) (header string, c *http.Cookie) {
	t.Helper()
	u, err := url.Parse(d.http.URL)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range (&http.Response{Header: a.header}).Cookies() {
		if c.Name == "fanout-"+u.Port() {
			return c.Name + "=" + c.Value, c
		}
	}
	t.Fatalf("no cookie in %v", a.header)
	return "", nil
}

func TestTheTokenIsExchangedForACookieAndLeavesTheAddress(t *testing.T) {
	d := newDesk(t)
	a := d.ask("GET", "/notebooks/a%20b.ipynb?x=1&token="+testToken, "")
	if to := a.header.Get("Location"); a.status != http.StatusFound || to != "/notebooks/a%20b.ipynb?x=1" {
		t.Errorf("status %d to %q", a.status, to)
	}
	header, c := cookieOf(t, d, a)
	if !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Path != "/" || c.Secure || c.MaxAge != 0 || len(c.Value) < 64 {
		t.Errorf("cookie %+v", c)
	}
	if strings.Contains(c.Value, testToken) || strings.Contains(a.body, testToken) {
		t.Error("the token is in the answer")
	}
	if a := d.ask("GET", "/notebooks/a.ipynb", "", with("Cookie", header)); a.status != http.StatusOK || !strings.Contains(a.body, "the page") {
		t.Errorf("with the cookie: %d %s", a.status, a.body)
	}
	if a := d.ask("POST", "/logout", "", with("Cookie", header)); a.status != http.StatusSeeOther {
		t.Errorf("logout: status %d", a.status)
	}
	if a := d.ask("GET", "/api/status", "", with("Cookie", header)); a.status != http.StatusForbidden {
		t.Errorf("after logout: status %d", a.status)
	}
}

func TestAnInvitationIsGoodOnce(t *testing.T) {
	d := newDesk(t)
	once := d.server.Invite()
	if a := d.ask("GET", "/api/status?token="+once, ""); a.status != http.StatusForbidden {
		t.Errorf("an invitation in place of the token: status %d", a.status)
	}
	cookieOf(t, d, d.ask("GET", "/?token="+once, ""))
	if a := d.ask("GET", "/?token="+once, ""); a.header.Get("Set-Cookie") != "" || !strings.HasPrefix(a.header.Get("Location"), "/login") {
		t.Errorf("a second time: %d %v", a.status, a.header)
	}
}

func TestALinkOfAnotherSiteIsAskedOnceMore(t *testing.T) {
	d := newDesk(t)
	// The browser keeps a strict cookie back when the link was another site's.
	a := d.ask("GET", "/notebooks/a.ipynb?q=%22", "", with("Sec-Fetch-Site", "cross-site"), with("Sec-Fetch-Mode", "navigate"))
	if a.status != http.StatusOK || !strings.Contains(a.body, `content="0;url=/notebooks/a.ipynb?q=%22"`) {
		t.Errorf("status %d: %s", a.status, a.body)
	}
}

func TestHosts(t *testing.T) {
	d := newDesk(t, func(o *Options) { o.Hosts = []string{"box.example", "192.0.2.7"} })
	for host, want := range map[string]int{
		"localhost": 200, "LOCALHOST:1": 200, "127.0.0.1:8888": 200, "127.9.9.9": 200, "[::1]:8888": 200, "box.example": 200,
		"Box.Example:8888": 200, "192.0.2.7": 200,
		"evil.example": 403, "localhost.evil.example": 403, "127.0.0.1.evil.example": 403, "192.0.2.8": 403, "evil.example:8888": 403,
		"0.0.0.0": 403, "[::ffff:127.0.0.1]": 200, "2130706433": 403,
	} {
		if a := d.ask("GET", "/api/status", "", withToken, with("Host", host)); a.status != want {
			t.Errorf("Host %s: status %d, want %d", host, a.status, want)
		}
		if want == 403 {
			if a := d.ask("GET", "/login", "", with("Host", host)); a.status != want {
				t.Errorf("Host %s: the public login page has status %d", host, a.status)
			}
		}
	}
}

func TestPagesOfOtherOriginsChangeNothing(t *testing.T) {
	d := newDesk(t)
	own := d.http.URL
	for _, test := range []struct {
		name, method, path string
		edit               []func(*http.Request)
		want               int
	}{
		{"no browser", "POST", "/api/kernels", nil, 201},
		{"own page", "POST", "/api/kernels", []func(*http.Request){with("Origin", own), with("Sec-Fetch-Site", "same-origin")}, 201},
		{"own page of an old browser", "POST", "/api/kernels", []func(*http.Request){with("Origin", own)}, 201},
		{"another origin", "POST", "/api/kernels", []func(*http.Request){with("Origin", "http://evil.example"), with("Sec-Fetch-Site", "cross-site")}, 403},
		{"another port", "POST", "/api/kernels", []func(*http.Request){with("Origin", "http://127.0.0.1:1"), with("Sec-Fetch-Site", "same-site")}, 403},
		{"an old browser", "POST", "/api/kernels", []func(*http.Request){with("Origin", "http://evil.example")}, 403},
		{"a sandbox", "DELETE", "/api/contents/x", []func(*http.Request){with("Origin", "null")}, 403},
		{"a form", "POST", "/login", []func(*http.Request){with("Origin", "http://evil.example"), with("Sec-Fetch-Site", "cross-site")}, 403},
	} {
		a := d.ask(test.method, test.path, "{}", append(test.edit, withToken)...)
		if a.status != test.want {
			t.Errorf("%s: status %d, want %d: %s", test.name, a.status, test.want, a.body)
		}
	}
	if a := d.ask("GET", "/api/status", "", withToken, with("Origin", "http://evil.example")); a.header.Get("Access-Control-Allow-Origin") != "" {
		t.Error("other origins may read")
	}
}

func TestWebsocketsAreForTheOwnOrigin(t *testing.T) {
	d := newDesk(t)
	var k kernelModel
	d.rest("POST", "/api/kernels", "{}", 201, &k)
	u, err := url.Parse(d.http.URL)
	if err != nil {
		t.Fatal(err)
	}
	for origin, want := range map[string]bool{
		"": true, d.http.URL: true, "http://evil.example": false, "null": false, "https://" + u.Host: false,
		"http://localhost:" + u.Port(): false, "http://" + u.Hostname(): false, "http://" + u.Host + ".evil.example": false,
	} {
		h := http.Header{"Authorization": {"token " + testToken}}
		if origin != "" {
			h.Set("Origin", origin)
		}
		conn, resp, err := d.tryDial(k.ID, "", h)
		if conn != nil {
			conn.Close()
		}
		if (err == nil) != want || !want && resp.StatusCode != http.StatusForbidden {
			t.Errorf("origin %q: %v, want it to be %v", origin, err, want)
		}
	}
	for name, h := range map[string]http.Header{
		"no token": {}, "a wrong token": {"Authorization": {"token x"}}, "another site": {"Authorization": {"token " + testToken}, "Sec-Fetch-Site": {"cross-site"}},
	} {
		if conn, resp, err := d.tryDial(k.ID, "", h); err == nil || resp.StatusCode != http.StatusForbidden {
			t.Errorf("%s: %v", name, err)
			conn.Close()
		}
	}
	if _, resp, err := d.tryDial("nothing", "", http.Header{"Authorization": {"token " + testToken}}); err == nil || resp.StatusCode != http.StatusNotFound {
		t.Errorf("a kernel that is not there: %v", err)
	}
}

func TestHeaders(t *testing.T) {
	d := newDesk(t)
	d.write("evil.html", "<script>alert(1)</script>")
	d.write("evil.svg", "<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>")
	directives := func(a answer) []string { return strings.Split(a.header.Get("Content-Security-Policy"), "; ") }
	for path, want := range map[string][]string{
		"/":                  {"script-src 'self'", "frame-ancestors 'none'", "default-src 'none'", "base-uri 'none'"},
		"/assets/a.js":       {"script-src 'self'"},
		"/api/status":        {"default-src 'none'", "sandbox", "frame-ancestors 'none'"},
		"/files/evil.html":   {"default-src 'none'", "sandbox", "frame-ancestors 'none'"},
		"/files/evil.svg":    {"default-src 'none'", "sandbox"},
		"/login":             {"default-src 'none'", "frame-ancestors 'none'"},
		"/sandbox":           {"sandbox allow-scripts", "default-src 'none'", "script-src 'unsafe-inline'", "frame-ancestors 'self'"},
		"/api/contents/none": {"default-src 'none'", "sandbox"},
	} {
		a := d.ask("GET", path, "", withToken)
		for _, w := range want {
			if !slices.Contains(directives(a), w) {
				t.Errorf("%s: no %q in %q", path, w, directives(a))
			}
		}
		frame := "DENY"
		if path == "/sandbox" {
			frame = "SAMEORIGIN"
		}
		for name, value := range map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "X-Frame-Options": frame} {
			if got := a.header.Get(name); got != value {
				t.Errorf("%s: %s is %q, want %q", path, name, got, value)
			}
		}
		if path != "/sandbox" && strings.Contains(a.header.Get("Content-Security-Policy"), "script-src 'unsafe") {
			t.Errorf("%s: scripts in the page are allowed", path)
		}
	}
	if a := d.ask("GET", "/files/evil.html?download=1", "", withToken); a.header.Get("Content-Disposition") != "attachment; filename=evil.html" {
		t.Errorf("download: %v", a.header)
	}
}

func TestPassword(t *testing.T) {
	real, err := HashPassword("open sesame")
	if err != nil || !strings.HasPrefix(real, "pbkdf2-sha256:600000:") || !checkPassword(real, "open sesame") || checkPassword(real, "open sesam") {
		t.Fatalf("hash %q, %v", real, err)
	}
	hash, err := hashPassword("open sesame", 10) // quick
	if err != nil {
		t.Fatal(err)
	}
	d := newDesk(t, func(o *Options) { o.Token, o.PasswordHash = "", hash })
	if a := d.ask("GET", "/api/status", "", with("Authorization", "token ")); a.status != 403 {
		t.Errorf("an empty token where there is none: status %d", a.status)
	}
	form := with("Content-Type", "application/x-www-form-urlencoded")
	for _, test := range []struct{ password, next, to string }{
		{"wrong", "/", ""}, {"", "/", ""}, {"open sesame", "/tree/a", "/tree/a"}, {"open sesame", "https://evil.example/", "/"},
		{"open sesame", "//evil.example/", "/"}, {"open sesame", `/\evil.example`, "/"}, {"open sesame", "evil", "/"},
	} {
		a := d.ask("POST", "/login", url.Values{"password": {test.password}, "next": {test.next}}.Encode(), form)
		if test.to == "" {
			if a.status != http.StatusUnauthorized || a.header.Get("Set-Cookie") != "" {
				t.Errorf("password %q: status %d, %v", test.password, a.status, a.header)
			}
			continue
		}
		if a.status != http.StatusFound || a.header.Get("Location") != test.to {
			t.Errorf("next %q: status %d to %q", test.next, a.status, a.header.Get("Location"))
		}
		cookie, _ := cookieOf(t, d, a)
		if a := d.ask("GET", "/api/status", "", with("Cookie", cookie)); a.status != http.StatusOK {
			t.Errorf("logged in: status %d", a.status)
		}
	}
	var last answer
	for range maxFailures + 1 {
		last = d.ask("POST", "/login", "password=x", form)
	}
	if last.status != http.StatusTooManyRequests {
		t.Errorf("after %d wrong passwords: status %d", maxFailures+1, last.status)
	}
	for _, bad := range []string{"", "x", "pbkdf2-sha256:0:AA:AA", "pbkdf2-sha256:999999999999:AA:AA", strings.Replace(hash, ":", ";", 1)} {
		if checkPassword(bad, "open sesame") {
			t.Errorf("the hash %q fits", bad)
		}
		if bad != "" {
			if _, err := New(Options{Root: t.TempDir(), PasswordHash: bad}); err == nil {
				t.Errorf("a server with the hash %q", bad)
			}
		}
	}
	if _, err := New(Options{Root: t.TempDir()}); err == nil {
		t.Error("a server without token and password")
	}
}

func TestCookiesAreSecureOverTLS(t *testing.T) {
	d := newDesk(t)
	r := httptest.NewRequest("GET", "https://localhost/?token="+testToken, nil)
	r.TLS = &tls.ConnectionState{}
	w := httptest.NewRecorder()
	d.server.ServeHTTP(w, r)
	if c := w.Result().Cookies(); len(c) != 1 || !c[0].Secure {
		t.Errorf("cookies %v", c)
	}
	r = httptest.NewRequest("GET", "https://localhost/api/kernels/x/channels", nil)
	r.TLS = &tls.ConnectionState{}
	for name, value := range map[string]string{"Upgrade": "websocket", "Origin": "http://localhost", "Authorization": "token " + testToken} {
		r.Header.Set(name, value)
	}
	w = httptest.NewRecorder()
	if d.server.ServeHTTP(w, r); w.Code != http.StatusForbidden {
		t.Errorf("a websocket of a page without TLS: status %d", w.Code)
	}
}

func TestNoSecretIsLogged(t *testing.T) {
	d := newDesk(t)
	once := d.server.Invite()
	secrets := []string{testToken, once}
	a := d.ask("GET", "/?token="+testToken, "")
	_, c := cookieOf(t, d, a)
	secrets = append(secrets, c.Value)
	d.ask("GET", "/?token="+once, "")
	d.ask("GET", "/api/kernels/nothing?token="+testToken, "")
	d.ask("POST", "/login", "password="+testToken+"x", with("Content-Type", "application/x-www-form-urlencoded"))
	var k kernelModel
	d.rest("POST", "/api/kernels", "{}", 201, &k)
	p := d.dial(k.ID, "s")
	p.until("execute_reply", p.run("print x"))
	if err := p.conn.WriteMessage(websocket.TextMessage, []byte("nonsense")); err != nil {
		t.Fatal(err)
	}
	p.until("execute_reply", p.run("print x"))
	d.close()
	text := d.log.String()
	if !strings.Contains(text, "wrong password") || !strings.Contains(text, "ignored") {
		t.Errorf("nothing is logged at all: %s", text)
	}
	for _, s := range secrets {
		if strings.Contains(text, s) {
			t.Errorf("%q is in the log:\n%s", s, text)
		}
	}
}

func TestCheckListen(t *testing.T) {
	for ip, want := range map[string]bool{"127.0.0.1": true, "::1": true, "127.1.2.3": true, "::ffff:127.0.0.1": true, "0.0.0.0": false, "::": false, "192.0.2.1": false} {
		if err := CheckListen(netip.MustParseAddr(ip), false); (err == nil) != want {
			t.Errorf("%s without TLS: %v", ip, err)
		}
		if err := CheckListen(netip.MustParseAddr(ip), true); err != nil {
			t.Errorf("%s with TLS: %v", ip, err)
		}
	}
}

func TestNoPathLeadsOut(t *testing.T) {
	d := newDesk(t)
	outside := t.TempDir()
	if err := os.WriteFile(filepath.Join(outside, "secret.txt"), []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	d.write(".hidden/secret.txt", "secret")
	d.write(".secret", "secret")
	d.write("dir/.secret", "secret")
	d.write("ok.txt", "fine")
	for name, to := range map[string]string{
		"link.txt": filepath.Join(outside, "secret.txt"), "linked": outside,
		"up.txt": "../" + filepath.Base(outside) + "/secret.txt",
	} {
		if err := os.Symlink(to, filepath.Join(d.dir, name)); err != nil {
			t.Skip("no links here: ", err)
		}
	}
	up := "../" + filepath.Base(outside) + "/secret.txt"
	paths := []string{
		"link.txt", "linked/secret.txt", "up.txt", ".hidden/secret.txt", ".secret", "dir/.secret",
		up, "dir/../" + up, strings.ReplaceAll(up, "..", "%2e%2e"), strings.ReplaceAll(up, "/", "%2f"),
		"%2e%2e%2f" + filepath.Base(outside) + "%2fsecret.txt", "..%5c" + filepath.Base(outside) + "%5csecret.txt",
		"%2f" + strings.TrimPrefix(filepath.ToSlash(outside), "/") + "/secret.txt", "/" + outside + "/secret.txt", ".%00secret", "link.txt%00.ipynb",
		".hidden", "./.secret", "dir//.secret", ".", "..",
	}
	for _, prefix := range []string{"/api/contents/", "/files/"} {
		for _, p := range paths {
			a := d.ask("GET", prefix+p, "", withToken)
			if strings.Contains(a.body, `"content":"secret"`) || a.body == "secret" || a.status == http.StatusOK && prefix == "/files/" {
				t.Errorf("GET %s%s: %d %s", prefix, p, a.status, a.body)
			}
			if a.status >= 500 {
				t.Errorf("GET %s%s: status %d", prefix, p, a.status)
			}
		}
	}
	for _, p := range paths {
		for method, body := range map[string]string{"PUT": `{"type":"file","format":"text","content":"gone"}`, "DELETE": "", "PATCH": `{"path":"stolen.txt"}`} {
			if p == "link.txt" && method != "PUT" || p == "linked" || p == "up.txt" && method != "PUT" {
				continue // the link itself is the user's to remove and rename
			}
			if a := d.ask(method, "/api/contents/"+p, body, withToken); a.status < 300 {
				t.Errorf("%s %s: status %d: %s", method, p, a.status, a.body)
			}
		}
		body := `{"path":"` + strings.NewReplacer("%2e", ".", "%2f", "/", "%5c", `\\`, "%00", `\u0000`).Replace(p) + `"}`
		if p == "link.txt" || p == "linked" || p == "up.txt" {
			continue
		}
		if a := d.ask("PATCH", "/api/contents/ok.txt", body, withToken); a.status < 300 {
			t.Errorf("rename to %s: status %d: %s", p, a.status, a.body)
		}
		if a := d.ask("POST", "/api/contents", strings.Replace(body, `"path"`, `"copy_from"`, 1), withToken); a.status < 300 {
			t.Errorf("copy of %s: status %d: %s", p, a.status, a.body)
		}
	}
	for _, name := range []string{filepath.Join(outside, "secret.txt"), filepath.Join(d.dir, ".secret"), filepath.Join(d.dir, "dir", ".secret")} {
		if text, err := os.ReadFile(name); err != nil || string(text) != "secret" {
			t.Errorf("%s: %q, %v", name, text, err)
		}
	}
	var list struct{ Content []struct{ Name string } }
	d.rest("GET", "/api/contents", "", 200, &list)
	for _, e := range list.Content {
		if e.Name != "ok.txt" && e.Name != "dir" && e.Name != "link.txt-Copy1" {
			t.Errorf("%s is listed", e.Name)
		}
	}
}
