package notebook

import (
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// admit is the one check before everything that is served. It sets the headers of
// the answer, and says which route r is for (nil: none), or answers r itself:
//
//   - The Host must be one of ours, or a page elsewhere could have its own name
//     lead to this server, and be taken for our page by the browser.
//   - What changes something, and every websocket, must not come from a page of
//     another origin.
//   - The client must have the token or a session, unless the route is public.
func (s *Server) admit(w http.ResponseWriter, r *http.Request) (*Route, bool) {
	setHeaders(w.Header(), apiPolicy)
	if !s.hostAllowed(r.Host) {
		replyError(w, http.StatusForbidden, fmt.Sprintf("this server does not go by the name %q", hostName(r.Host)))
		return nil, false
	}
	if err := s.checkOrigin(r); err != nil {
		replyError(w, http.StatusForbidden, err.Error())
		return nil, false
	}
	rt := s.find(r)
	public := rt != nil && rt.Public
	by := s.credential(r)
	if by == none && rt != nil && rt.Page && r.Method == http.MethodGet && s.logins.invited(r.URL.Query().Get("token")) {
		by = byURL
	}
	switch {
	case by == byURL && rt != nil && rt.Page && isRead(r):
		s.exchange(w, r)
		return nil, false
	case by == none && rt != nil && rt.Page && isRead(r):
		s.askLogin(w, r)
		return nil, false
	case by == none && !public:
		replyError(w, http.StatusForbidden, "Forbidden: show the token, or log in")
		return nil, false
	}
	return rt, true
}

func isRead(r *http.Request) bool { return r.Method == http.MethodGet || r.Method == http.MethodHead }

// hostAllowed says whether the server may be asked for by the Host of a request.
func (s *Server) hostAllowed(host string) bool {
	name := strings.ToLower(hostName(host))
	if name == "localhost" {
		return true
	}
	if ip, err := netip.ParseAddr(name); err == nil && ip.Unmap().IsLoopback() {
		return true
	}
	return slices.ContainsFunc(s.opt.Hosts, func(h string) bool { return name != "" && strings.EqualFold(h, name) })
}

// hostName is host without its port and without the brackets of an IPv6 address.
func hostName(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		return name
	}
	return strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
}

// checkOrigin refuses what pages of other origins ask for. Programs that are no
// browsers send no origin.
func (s *Server) checkOrigin(r *http.Request) error {
	if r.Header.Get("Upgrade") != "" { // whatever else it may say beside websocket
		origin := r.Header.Get("Origin")
		if origin != "" && origin != ownOrigin(r) || crossSite(r) {
			return fmt.Errorf("a websocket of another origin: %q is not this server's", origin)
		}
		return nil
	}
	if err := s.cross.Check(r); err != nil {
		return fmt.Errorf("a request of another origin: %w", err)
	}
	return nil
}

// ownOrigin is the origin of the page that r was sent from if that is ours.
func ownOrigin(r *http.Request) string {
	u := url.URL{Scheme: "http", Host: strings.ToLower(r.Host)}
	if r.TLS != nil {
		u.Scheme = "https"
	}
	return u.String()
}

func crossSite(r *http.Request) bool {
	site := r.Header.Get("Sec-Fetch-Site")
	return site != "" && site != "same-origin" && site != "none"
}

// A credential is what a request shows that it may be answered.
type credential int

const (
	none credential = iota
	byHeader
	byURL
	byCookie
)

// credential says what r shows.
func (s *Server) credential(r *http.Request) credential {
	kind, value, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if (strings.EqualFold(kind, "token") || strings.EqualFold(kind, "bearer")) && s.isToken(strings.TrimSpace(value)) {
		return byHeader
	}
	if c, err := r.Cookie(cookieName(r)); err == nil && s.logins.known(c.Value) {
		return byCookie
	}
	if t := r.URL.Query().Get("token"); t != "" && s.isToken(t) {
		return byURL
	}
	return none
}

// isToken compares without giving away by its time how much is right.
func (s *Server) isToken(t string) bool {
	got, want := sha256.Sum256([]byte(t)), sha256.Sum256([]byte(s.opt.Token))
	return subtle.ConstantTimeCompare(got[:], want[:]) == 1 && s.opt.Token != ""
}

// The policies for what browsers may do with an answer.
const (
	apiPolicy  = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; sandbox"
	pagePolicy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; " +
		"font-src 'self' data:; media-src 'self' data: blob:; connect-src 'self'; frame-src 'self'; worker-src 'self'; " +
		"manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
	// filePolicy is for files of users, which may be anything.
	filePolicy    = "default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'; media-src 'self'; frame-ancestors 'none'; sandbox"
	sandboxPolicy = "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; " +
		"img-src data: blob:; font-src data:; media-src data: blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)

func setHeaders(h http.Header, policy string) {
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()")
	h.Set("Cache-Control", "no-store")
}

// CheckListen says why a server must not listen at ip: beyond loopback, others could
// read along where there is no TLS.
func CheckListen(ip netip.Addr, tls bool) error {
	if ip.Unmap().IsLoopback() || tls {
		return nil
	}
	return fmt.Errorf("to listen at %s, where other machines reach it, the server needs TLS (--tls-cert and --tls-key): "+
		"without it, whoever is on the way reads the token or password", ip)
}
