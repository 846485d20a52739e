package notebook

import (
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"html/template"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
)

// The bounds of logins.
const (
	maxLogins   = 1000 // at the same time
	maxFailures = 10   // per failureTime
	failureTime = time.Minute
	maxForm     = 16 << 10
)

// NewToken returns a random token.
func NewToken() string { return randomText() }

func randomText() string {
	var b [32]byte
	rand.Read(b[:]) // never fails: see crypto/rand
	return hex.EncodeToString(b[:])
}

// logins are the sessions of browsers: who has a secret of one is let in.
type logins struct {
	mu       sync.Mutex
	sessions map[[sha256.Size]byte]time.Time // hash of the secret to when it was used last
	failures []time.Time
	invites  map[[sha256.Size]byte]time.Time // hash to when it ends
}

func newLogins() logins {
	return logins{sessions: make(map[[sha256.Size]byte]time.Time), invites: make(map[[sha256.Size]byte]time.Time)}
}

// Invite returns a token that lets one browser in, once, within two minutes. It
// may stand where others can read it later, as on the command line of a browser.
func (s *Server) Invite() string {
	const lasts = 2 * time.Minute
	secret := randomText()
	s.logins.mu.Lock()
	defer s.logins.mu.Unlock()
	s.logins.invites[sha256.Sum256([]byte(secret))] = time.Now().Add(lasts)
	return secret
}

// invited says whether secret is an invitation, and takes it back.
func (l *logins) invited(secret string) bool {
	key := sha256.Sum256([]byte(secret))
	l.mu.Lock()
	defer l.mu.Unlock()
	ends, ok := l.invites[key]
	delete(l.invites, key)
	return ok && time.Now().Before(ends)
}

// add makes a session and returns its secret.
func (l *logins) add() string {
	secret := randomText()
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.sessions) >= maxLogins {
		var oldest [sha256.Size]byte
		var at time.Time
		for k, t := range l.sessions {
			if at.IsZero() || t.Before(at) {
				oldest, at = k, t
			}
		}
		delete(l.sessions, oldest)
	}
	l.sessions[sha256.Sum256([]byte(secret))] = time.Now()
	return secret
}

func (l *logins) known(secret string) bool {
	key := sha256.Sum256([]byte(secret))
	l.mu.Lock()
	defer l.mu.Unlock()
	_, ok := l.sessions[key]
	if ok {
		l.sessions[key] = time.Now()
	}
	return ok
}

func (l *logins) remove(secret string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.sessions, sha256.Sum256([]byte(secret)))
}

// try says whether another password may be tried, and counts it as wrong until
// forgive.
func (l *logins) try() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	since := time.Now().Add(-failureTime)
	for len(l.failures) > 0 && l.failures[0].Before(since) {
		l.failures = l.failures[1:]
	}
	if len(l.failures) >= maxFailures {
		return false
	}
	l.failures = append(l.failures, time.Now())
	return true
}

func (l *logins) forgive() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.failures = nil
}

// cookieName tells servers on several ports of one machine apart, which share
// their cookies.
func cookieName(r *http.Request) string {
	_, port, err := net.SplitHostPort(r.Host)
	if _, bad := strconv.ParseUint(port, 10, 16); err != nil || bad != nil {
		port = "0"
	}
	return "fanout-" + port
}

// admitBrowser gives the browser a session of its own.
func (s *Server) admitBrowser(w http.ResponseWriter, r *http.Request) {
	http.SetCookie(w, &http.Cookie{
		Name: cookieName(r), Value: s.logins.add(), Path: "/", HttpOnly: true, Secure: r.TLS != nil, SameSite: http.SameSiteStrictMode,
	})
}

// exchange gives a browser that has the token in its address a session, and an
// address without it.
func (s *Server) exchange(w http.ResponseWriter, r *http.Request) {
	s.admitBrowser(w, r)
	q := r.URL.Query()
	q.Del("token")
	to := url.URL{Path: oneSlash(r.URL.Path), RawPath: oneSlash(r.URL.RawPath), RawQuery: q.Encode()}
	http.Redirect(w, r, to.String(), http.StatusFound)
}

// oneSlash makes a path begin with one slash: what follows two is a host to browsers.
func oneSlash(p string) string {
	if p == "" {
		return ""
	}
	return "/" + strings.TrimLeft(p, "/")
}

// askLogin sends a browser to the login page. One that followed a link of another
// site has not shown its cookie, which is for this site alone, and does so when it
// is asked once more.
func (s *Server) askLogin(w http.ResponseWriter, r *http.Request) {
	if crossSite(r) && r.Header.Get("Sec-Fetch-Mode") == "navigate" {
		setHeaders(w.Header(), formPolicy)
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		if err := again.Execute(w, local(r.URL.RequestURI())); err != nil {
			s.log.Info("page that did not reach its browser", "error", err)
		}
		return
	}
	http.Redirect(w, r, "/login?"+url.Values{"next": {local(r.URL.RequestURI())}}.Encode(), http.StatusFound)
}

// local gives an address of this server, which to may be.
func local(to string) string {
	u, err := url.Parse(to)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || !strings.HasPrefix(u.Path, "/") ||
		strings.HasPrefix(to, "//") || strings.ContainsAny(to, "\\\r\n\t") {
		return "/"
	}
	q := u.Query()
	q.Del("token")
	u.RawQuery = q.Encode()
	return u.String()
}

const formPolicy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

var again = template.Must(template.New("again").Parse(`<!doctype html>
<meta charset="utf-8"><meta http-equiv="refresh" content="0;url={{.}}"><title>Fanout</title>
<p><a href="{{.}}">Go on</a></p>
`))

var loginForm = template.Must(template.New("login").Parse(`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Log in to Fanout</title>
<style>
:root { --ink: #1c2733; --dim: #55626f; --page: #f4f6f8; --card: #fff; --line: #c9d1d9; --act: #0b6e8a; --bad: #b3261e }
@media (prefers-color-scheme: dark) { :root { --ink: #e4eaf0; --dim: #a0adba; --page: #12171c; --card: #1b2229; --line: #3a4652; --act: #4fb6d1; --bad: #ff8a80 } }
* { box-sizing: border-box }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1rem; background: var(--page); color: var(--ink); font: 16px/1.5 system-ui, sans-serif }
main { width: 100%; max-width: 26rem; padding: 2rem; background: var(--card); border: 1px solid var(--line); border-radius: 12px }
h1 { margin: 0 0 .5rem; font-size: 1.4rem }
p { margin: 0 0 1rem; color: var(--dim) }
label { display: block; margin-bottom: .3rem; font-weight: 600 }
input, button { width: 100%; padding: .6rem .8rem; font: inherit; border-radius: 8px }
input { margin-bottom: 1rem; border: 1px solid var(--line); background: var(--page); color: inherit }
button { border: 0; background: var(--act); color: var(--card); font-weight: 600; cursor: pointer }
:focus-visible { outline: 2px solid var(--act); outline-offset: 2px }
.bad { color: var(--bad) }
code { font-size: .9em }
</style>
</head>
<body>
<main>
<h1>Log in to Fanout</h1>
<p>{{if .Password}}This notebook server asks for a password.{{else}}Open the address that <code>fanout notebook</code> printed in its terminal, or paste the token from it here.{{end}}</p>
{{with .Error}}<p class="bad" role="alert">{{.}}</p>{{end}}
<form method="post" action="/login">
<input type="hidden" name="next" value="{{.Next}}">
<label for="password">{{if .Password}}Password{{if .Token}} or token{{end}}{{else}}Token{{end}}</label>
<input id="password" name="password" type="password" autocomplete="current-password" required autofocus>
<button>Log in</button>
</form>
</main>
</body>
</html>
`))

// loginPage asks for the password or the token.
func (s *Server) loginPage(w http.ResponseWriter, r *http.Request) error {
	// VS Code takes a server that sets no such cookie for another product's, and does
	// not send the password. Nothing is done with it here: see Server.checkOrigin.
	http.SetCookie(w, &http.Cookie{Name: "_xsrf", Value: randomText(), Path: "/", Secure: r.TLS != nil, SameSite: http.SameSiteStrictMode})
	return s.showLogin(w, http.StatusOK, r.URL.Query().Get("next"), "")
}

func (s *Server) showLogin(w http.ResponseWriter, status int, next, message string) error {
	setHeaders(w.Header(), formPolicy)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	return loginForm.Execute(w, map[string]any{
		"Password": s.opt.PasswordHash != "", "Token": s.opt.Token != "", "Next": local(next), "Error": message,
	})
}

// login checks the password or the token of the form.
func (s *Server) login(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		return refuse(http.StatusBadRequest, "not the form of the login page")
	}
	next := local(r.PostForm.Get("next"))
	if !s.logins.try() {
		w.Header().Set("Retry-After", strconv.Itoa(int(failureTime.Seconds())))
		return s.showLogin(w, http.StatusTooManyRequests, next, "Too many wrong passwords: try again in a minute.")
	}
	secret := r.PostForm.Get("password")
	if !s.isToken(strings.TrimSpace(secret)) && !checkPassword(s.opt.PasswordHash, secret) {
		s.log.Warn("login with a wrong password or token", "from", r.RemoteAddr)
		return s.showLogin(w, http.StatusUnauthorized, next, "That is not right.")
	}
	s.logins.forgive()
	s.admitBrowser(w, r)
	http.Redirect(w, r, next, http.StatusFound) // VS Code wants this status
	return nil
}

// logout ends the browser's session.
func (s *Server) logout(w http.ResponseWriter, r *http.Request) error {
	if c, err := r.Cookie(cookieName(r)); err == nil {
		s.logins.remove(c.Value)
	}
	http.SetCookie(w, &http.Cookie{Name: cookieName(r), Path: "/", HttpOnly: true, MaxAge: -1, SameSite: http.SameSiteStrictMode})
	http.Redirect(w, r, "/login", http.StatusSeeOther)
	return nil
}

// The parameters of password hashes: OWASP's for PBKDF2 with SHA-256.
//
// https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html#pbkdf2
const (
	hashName      = "pbkdf2-sha256"
	hashRounds    = 600_000
	maxHashRounds = 100_000_000
	hashSize      = 32
	saltSize      = 16
)

// HashPassword returns a text from which the password cannot be had, but by which
// it is known again.
func HashPassword(password string) (string, error) { return hashPassword(password, hashRounds) }

func hashPassword(password string, rounds int) (string, error) {
	if password == "" {
		return "", errors.New("the password is empty")
	}
	salt := make([]byte, saltSize)
	rand.Read(salt) // never fails: see crypto/rand
	key, err := pbkdf2.Key(sha256.New, password, salt, rounds, hashSize)
	if err != nil {
		return "", fmt.Errorf("hash the password: %w", err)
	}
	b64 := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("%s:%d:%s:%s", hashName, rounds, b64(salt), b64(key)), nil
}

// A passwordHash is a hash in its parts.
type passwordHash struct {
	rounds    int
	salt, key []byte
}

func parseHash(text string) (passwordHash, error) {
	parts := strings.Split(text, ":")
	wrong := fmt.Errorf("not the hash of a password: want %s:rounds:salt:key", hashName)
	if len(parts) != 4 || parts[0] != hashName {
		return passwordHash{}, wrong
	}
	rounds, err := strconv.Atoi(parts[1])
	salt, err2 := base64.RawStdEncoding.DecodeString(parts[2])
	key, err3 := base64.RawStdEncoding.DecodeString(parts[3])
	if errors.Join(err, err2, err3) != nil || rounds < 1 || rounds > maxHashRounds || len(key) != hashSize {
		return passwordHash{}, wrong
	}
	return passwordHash{rounds, salt, key}, nil
}

func checkPassword(hash, password string) bool {
	h, err := parseHash(hash)
	if err != nil || password == "" {
		return false
	}
	key, err := pbkdf2.Key(sha256.New, password, h.salt, h.rounds, len(h.key))
	return err == nil && subtle.ConstantTimeCompare(key, h.key) == 1
}
