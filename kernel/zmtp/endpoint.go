package zmtp

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"strings"
	"syscall"
	"time"
)

// An endpoint is where a socket binds or dials, in the terms of package net.
type endpoint struct {
	network string // "tcp" or "unix"
	address string
}

// parseEndpoint reads "tcp://host:port" and "ipc://path".
func parseEndpoint(s string) (endpoint, error) {
	scheme, rest, ok := strings.Cut(s, "://")
	switch {
	case !ok || rest == "":
	case scheme == "ipc":
		return endpoint{"unix", rest}, nil
	case scheme == "tcp":
		host, port, err := net.SplitHostPort(rest)
		if err != nil || port == "" {
			break
		}
		if host == "*" {
			host = ""
		}
		if port == "*" {
			port = "0"
		}
		return endpoint{"tcp", net.JoinHostPort(host, port)}, nil
	}
	return endpoint{}, fmt.Errorf("%w: %q; want tcp://HOST:PORT or ipc://PATH", ErrEndpoint, s)
}

// formatEndpoint is the opposite of parseEndpoint.
func formatEndpoint(a net.Addr) string {
	if a.Network() == "unix" {
		return "ipc://" + a.String()
	}
	return "tcp://" + a.String()
}

// maxPath is the length of a Unix socket's path, in bytes, that every system allows.
const maxPath = 103

// listen binds e. A Unix socket is the user's alone, and replaces one that nobody
// listens at any more.
func (e endpoint) listen(ctx context.Context) (net.Listener, error) {
	var lc net.ListenConfig
	if e.network != "unix" || strings.HasPrefix(e.address, "@") {
		return lc.Listen(ctx, e.network, e.address)
	}
	if e.stale() {
		if err := os.Remove(e.address); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	l, err := lc.Listen(ctx, e.network, e.address)
	if err != nil && len(e.address) > maxPath {
		return nil, fmt.Errorf("a path of %d bytes; systems allow some %d: %w", len(e.address), maxPath, err)
	}
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(e.address, 0o600); err != nil {
		l.Close()
		return nil, err
	}
	return l, nil
}

// stale says whether e is the file of a socket whose listener has gone.
func (e endpoint) stale() bool {
	info, err := os.Lstat(e.address)
	if err != nil || info.Mode()&fs.ModeSocket == 0 {
		return false
	}
	conn, err := net.DialTimeout(e.network, e.address, time.Second)
	if err == nil {
		conn.Close()
		return false
	}
	return errors.Is(err, syscall.ECONNREFUSED)
}
