package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/adabc437/fanout/examples"
	"github.com/adabc437/fanout/frontend/notebook"
	"github.com/adabc437/fanout/frontend/notebook/kernels"
	"github.com/adabc437/fanout/frontend/notebook/page"
	"github.com/adabc437/fanout/interp/session"
	"github.com/adabc437/fanout/interp/size"
	"github.com/adabc437/fanout/kernel/history"
)

// notebookOptions are the flags of `fanout notebook`.
type notebookOptions struct {
	ip, token, cert, key, memory string
	hosts                        []string
	port                         int
	noBrowser, password, verbose bool
}

func notebookCmd() *cobra.Command {
	var o notebookOptions
	cmd := &cobra.Command{
		Use:   "notebook [FOLDER or FILE]",
		Short: "Open the web notebook",
		Long: `Serve the web notebook and open it in the browser. FOLDER is where its notebooks
lie (default: this folder). JupyterLab, VS Code and other clients of Jupyter can
use the server too: give them the address that is printed.

The server listens on this machine alone and asks for a token, which is part of
that address. With --password it asks for a password instead, which
$FANOUT_PASSWORD gives or the terminal asks for. Beyond this machine it listens
only with TLS: see --ip, --tls-cert and --tls-key. Ctrl-C ends it.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			at := "."
			if len(args) > 0 {
				at = args[0]
			}
			return serveNotebook(cmd, at, o)
		},
	}
	f := cmd.Flags()
	f.IntVar(&o.port, "port", 8888, "the port; the next free one is taken if others have it, any free one if it is 0")
	f.StringVar(&o.ip, "ip", "127.0.0.1", "the address to listen at; beyond loopback it needs TLS")
	f.StringArrayVar(&o.hosts, "host", nil, "a further `NAME` that the server is asked for by, such as that of this machine")
	f.BoolVar(&o.noBrowser, "no-browser", false, "do not open the browser")
	f.StringVar(&o.token, "token", "", "the token (default: a new random one; safer in $FANOUT_TOKEN, where others on this machine cannot read it)")
	f.BoolVar(&o.password, "password", false, "ask for a password in place of a token")
	f.StringVar(&o.cert, "tls-cert", "", "serve TLS with the certificate in `FILE`")
	f.StringVar(&o.key, "tls-key", "", "and with its key in `FILE`")
	f.StringVar(&o.memory, "memory-limit", "", "memory that each kernel may use, such as 4GiB (default: 80% of what there is)")
	f.BoolVar(&o.verbose, "verbose", false, "log what goes on to stderr")
	cmd.MarkFlagsRequiredTogether("tls-cert", "tls-key")
	cmd.AddCommand(notebookListCmd())
	return cmd
}

// The variables of the environment that give what lets users in.
const (
	tokenVariable    = "FANOUT_TOKEN"
	passwordVariable = "FANOUT_PASSWORD"
)

// minToken is how long a token must be that a user chooses.
const minToken = 16

// maxPorts is how many ports are tried after the one that was asked for.
const maxPorts = 50

// serveNotebook serves the notebooks at a folder, or one notebook, until Ctrl-C.
func serveNotebook(cmd *cobra.Command, at string, o notebookOptions) error {
	root, file, err := splitRoot(at)
	if err != nil {
		return err
	}
	ip, err := netip.ParseAddr(o.ip)
	if o.ip == "localhost" {
		ip, err = netip.AddrFrom4([4]byte{127, 0, 0, 1}), nil
	}
	if err != nil {
		return fmt.Errorf("--ip %q is not an address such as 127.0.0.1", o.ip)
	}
	if err := notebook.CheckListen(ip, o.cert != ""); err != nil {
		return err
	}
	if o.memory != "" {
		if _, err := size.Parse(o.memory); err != nil {
			return fmt.Errorf("memory limit: %w", err)
		}
	}
	token, hash, err := o.credentials(cmd)
	if err != nil {
		return err
	}
	for _, name := range []string{tokenVariable, passwordVariable} {
		if err := os.Unsetenv(name); err != nil { // cells have the environment, and may print it
			return fmt.Errorf("leave $%s out of the environment of cells: %w", name, err)
		}
	}
	logger := slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	if o.verbose {
		logger = slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	server, err := notebook.New(notebook.Options{
		Root: root, Token: token, PasswordHash: hash, Hosts: o.names(ip), Tutorials: examples.Notebooks, Logger: logger,
		Info: kernelInfo(), More: roomRoutes(logger), Page: page.Dist(),
		Start: func(ctx context.Context, spec kernels.Spec) (session.Session, error) {
			return startSession(ctx, sessionOptions{memory: o.memory, dir: spec.Dir, logger: logger})
		},
		History: func() *history.Store {
			return history.Open(history.Options{Path: historyPath(), Warn: func(err error) { logger.Warn("history", "err", err) }})
		},
	})
	if err != nil {
		return err
	}
	return errors.Join(o.listenAndServe(cmd, server, ip, token, file, logger), server.Close())
}

// splitRoot gives the folder of the notebooks, and the one to open if at is a
// file.
func splitRoot(at string) (root, file string, err error) {
	abs, err := filepath.Abs(at)
	if err != nil {
		return "", "", err
	}
	info, err := os.Stat(abs)
	switch {
	case err != nil:
		return "", "", err
	case info.IsDir():
		return abs, "", nil
	case !strings.EqualFold(filepath.Ext(abs), ".ipynb"):
		return "", "", fmt.Errorf("%s is neither a folder nor a notebook (.ipynb)", at)
	}
	return filepath.Dir(abs), filepath.Base(abs), nil
}

// credentials give the token and the hash of the password, of which one may be
// empty.
func (o notebookOptions) credentials(cmd *cobra.Command) (token, hash string, err error) {
	token = o.token
	if token == "" && !cmd.Flags().Changed("token") {
		token = os.Getenv(tokenVariable)
	} else if token == "" {
		return "", "", errors.New("--token is empty: the server would be open to everybody; leave the flag out for a random one")
	}
	if token != "" && len(token) < minToken {
		return "", "", fmt.Errorf("the token has %d characters, want %d at least", len(token), minToken)
	}
	switch {
	case o.password:
		word, err := askPassword(cmd)
		if err != nil {
			return "", "", err
		}
		hash, err = notebook.HashPassword(word)
		return token, hash, err
	case token == "":
		token = notebook.NewToken()
	}
	return token, "", nil
}

// askPassword gives the password of the environment, or asks for a new one.
func askPassword(cmd *cobra.Command) (string, error) {
	const minPassword = 8
	word := os.Getenv(passwordVariable)
	if word == "" {
		in, ok := cmd.InOrStdin().(*os.File)
		if !ok || !term.IsTerminal(int(in.Fd())) {
			return "", errors.New("--password asks on a terminal, which there is none of: set FANOUT_PASSWORD")
		}
		ask := func(prompt string) (string, error) {
			fmt.Fprint(cmd.ErrOrStderr(), prompt)
			text, err := term.ReadPassword(int(in.Fd()))
			fmt.Fprintln(cmd.ErrOrStderr())
			return string(text), err
		}
		var err error
		if word, err = ask("Password for this server: "); err != nil {
			return "", fmt.Errorf("read the password: %w", err)
		}
		again, err := ask("Once more: ")
		if err != nil {
			return "", fmt.Errorf("read the password: %w", err)
		}
		if again != word {
			return "", errors.New("the two passwords differ")
		}
	}
	if len(word) < minPassword {
		return "", fmt.Errorf("the password has %d characters, want %d at least", len(word), minPassword)
	}
	return word, nil
}

// names are what the server is asked for by beyond loopback.
func (o notebookOptions) names(ip netip.Addr) []string {
	names := o.hosts
	if ip.IsLoopback() {
		return names
	}
	if !ip.IsUnspecified() {
		return append(names, ip.String())
	}
	if name, err := os.Hostname(); err == nil {
		names = append(names, name)
	}
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		return names
	}
	for _, a := range addrs {
		if prefix, err := netip.ParsePrefix(a.String()); err == nil {
			names = append(names, prefix.Addr().WithZone("").String())
		}
	}
	return names
}

// listenAndServe serves until Ctrl-C, SIGTERM, or a client that asks for the end.
func (o notebookOptions) listenAndServe(cmd *cobra.Command, server *notebook.Server, ip netip.Addr, token, file string, logger *slog.Logger) error {
	config, err := o.tlsConfig()
	if err != nil {
		return err
	}
	l, err := listen(ip, o.port)
	if err != nil {
		return err
	}
	h := &http.Server{
		Handler: server, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
		ErrorLog: slog.NewLogLogger(logger.Handler(), slog.LevelInfo), TLSConfig: config,
	}
	ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt)
	defer stop()
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the program at once
	ended := make(chan error, 1)
	go func() {
		if config != nil {
			ended <- h.ServeTLS(l, "", "")
		} else {
			ended <- h.Serve(l)
		}
	}()
	run := newRunning(l.Addr(), ip, config != nil, token, server.Root())
	remove := run.write(logger)
	defer remove()
	greet(cmd.ErrOrStderr(), run)
	if !o.noBrowser {
		once := ""
		if token != "" {
			once = server.Invite()
		}
		openBrowser(run.address(file, once), logger)
	}
	select {
	case err = <-ended:
		return fmt.Errorf("serve notebooks: %w", err)
	case <-ctx.Done():
	case <-server.Done():
	}
	fmt.Fprintln(cmd.ErrOrStderr(), "Ending the kernels …")
	if err := server.Close(); err != nil { // and with it the websockets, which Shutdown leaves alone
		logger.Warn("kernels that did not end well", "error", err)
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(cmd.Context()), 3*time.Second)
	defer cancel()
	if h.Shutdown(last) != nil {
		h.Close()
	}
	<-ended
	return nil
}

func (o notebookOptions) tlsConfig() (*tls.Config, error) {
	if o.cert == "" {
		return nil, nil
	}
	cert, err := tls.LoadX509KeyPair(o.cert, o.key)
	if err != nil {
		return nil, fmt.Errorf("certificate for TLS: %w", err)
	}
	// Websockets need HTTP/1.1.
	return &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}}, nil
}

// listen listens at port, or at the next that is free.
func listen(ip netip.Addr, port int) (net.Listener, error) {
	if port < 0 || port > 65535 {
		return nil, fmt.Errorf("--port %d: want 0 to 65535", port)
	}
	var first error
	for p := port; p < port+maxPorts && p <= 65535; p++ {
		l, err := net.Listen("tcp", netip.AddrPortFrom(ip, uint16(p)).String())
		if err == nil {
			return l, nil
		}
		if first == nil {
			first = err
		}
		if port == 0 {
			break
		}
	}
	return nil, fmt.Errorf("no port is free: %w", first)
}

// greet tells the user where the notebook is. The address lets in whoever has it:
// it goes to a terminal, and not to a log.
func greet(w io.Writer, run running) {
	f, ok := w.(*os.File)
	private := ok && term.IsTerminal(int(f.Fd()))
	address := run.URL
	if private {
		address = run.address("", run.Token)
	}
	fmt.Fprintf(w, "The notebook of %s is at\n\n    %s\n\n", run.Root, address)
	if run.Token != "" && !private {
		fmt.Fprintln(w, `"fanout notebook list" prints it with its token.`)
	}
	fmt.Fprintln(w, "Ctrl-C ends it and its kernels.")
}

// address is where a browser finds the server, or one of its notebooks, with a
// token.
func (r running) address(file, token string) string {
	u, err := url.Parse(r.URL)
	if err != nil {
		return r.URL
	}
	u.Path = "/"
	if file != "" {
		u.Path = "/notebooks/" + file
	}
	if token != "" {
		u.RawQuery = url.Values{"token": {token}}.Encode()
	}
	return u.String()
}

// newRunning describes a server that listens at addr.
func newRunning(addr net.Addr, ip netip.Addr, secure bool, token, root string) running {
	port := 0
	if tcp, ok := addr.(*net.TCPAddr); ok {
		port = tcp.Port
	}
	host := "localhost"
	if ip != netip.AddrFrom4([4]byte{127, 0, 0, 1}) && !ip.IsUnspecified() {
		host = ip.String()
	}
	u := url.URL{Scheme: "http", Host: net.JoinHostPort(host, strconv.Itoa(port)), Path: "/"}
	if secure {
		u.Scheme = "https"
	}
	return running{PID: os.Getpid(), URL: u.String(), Token: token, Root: root}
}
