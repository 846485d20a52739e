package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/cookiejar"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// pageDir has the page of the web notebook and the script that measures it.
const pageDir = "frontend/notebook/page"

// webToken is what the servers ask for. They listen for a minute, on loopback.
const webToken = "the-token-of-fanout-bench-0123456789"

// A web is a web notebook to measure.
type web struct {
	title, kind  string // kind is what bench.mjs calls it
	kernel, lang string // of its notebooks
	first        string // the path of its first page
	command      func(folder string, port int) *exec.Cmd
	browser      string // the path of Chromium
}

var webRows = []row{
	{"start", "start of the server to its first page", "s", 1},
	{"load", "from the address to the first cell on the screen ¹", "s", 1},
	{"bundle", "program, styles and page that this loads, compressed", "KB", 1e-3},
	{"click", "`1+1`, from the click to its result on the screen ²", "ms", 1e3},
	{"key", "from a key to the screen, in a notebook of 500 cells ³", "ms", 1e3},
	{"key95", "the same, 95 of 100 keys", "ms", 1e3},
	{"memory", "memory with a notebook open: server, kernel, session ⁴", "MB", 1e-6},
}

const webNotes = `
¹ In Chromium without a cache. ² Median of 8 cells within each run, after one that starts the kernel. ³ Median of 60 keys
within each run, until the frame with the character is made; a screen of 60 Hz alone makes it 8 ms. ⁴ Of all processes but the
browser's; pages that they share count once.
`

// web measures the web notebook beside JupyterLab, in Chromium.
func (b *bench) web(ctx context.Context) (string, error) {
	const title = "\n## Web notebook\n\n"
	browser, err := findBrowser(ctx)
	if err != nil {
		log.Print(err)
		return title + "Left out: there is no Chromium, or no Node.js to drive it.\n", nil
	}
	webs := b.webs(browser)
	results := make(map[string][]measurement)
	for i := range b.repeats {
		order := slices.Clone(webs)
		if i%2 == 1 {
			slices.Reverse(order)
		}
		for _, w := range order {
			log.Printf("web notebook, run %d of %d: %s", i+1, b.repeats, w.title)
			m, err := w.measure(ctx)
			if err != nil {
				return "", fmt.Errorf("%s: %w", w.title, err)
			}
			results[w.title] = append(results[w.title], m)
		}
	}
	return title + renderWeb(webs, results), nil
}

func (b *bench) webs(browser string) []web {
	return []web{
		{title: "Fanout", kind: "fanout", kernel: "fanout", lang: "go", first: "/", browser: browser,
			command: func(folder string, port int) *exec.Cmd {
				cmd := exec.Command(b.fanout, "notebook", "--no-browser", "--port", fmt.Sprint(port), folder)
				cmd.Env = append(os.Environ(), "FANOUT_TOKEN="+webToken)
				return cmd
			}},
		{title: "JupyterLab, ipykernel", kind: "lab", kernel: "python3", lang: "python", first: "/lab", browser: browser,
			command: func(folder string, port int) *exec.Cmd {
				cmd := exec.Command(b.python, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1",
					fmt.Sprintf("--ServerApp.port=%d", port), "--ServerApp.port_retries=0", "--IdentityProvider.token="+webToken,
					"--ServerApp.root_dir="+folder, "--LabApp.news_url=None")
				cmd.Env = os.Environ()
				return cmd
			}},
	}
}

// renderWeb writes the table.
func renderWeb(webs []web, results map[string][]measurement) string {
	var out strings.Builder
	out.WriteString("| |")
	rule := "\n|---|"
	for _, w := range webs {
		fmt.Fprintf(&out, " %s |", w.title)
		rule += "---:|"
	}
	out.WriteString(rule + "\n")
	for _, r := range webRows {
		fmt.Fprintf(&out, "| %s |", r.title)
		for _, w := range webs {
			fmt.Fprintf(&out, " %s |", cell(values(results[w.title], r.figure), r))
		}
		out.WriteString("\n")
	}
	out.WriteString(webNotes)
	for _, w := range webs {
		if runs := results[w.title]; len(runs) > 0 {
			fmt.Fprintf(&out, "\nChromium %s.\n", runs[0].Versions["browser"])
			break
		}
	}
	return out.String()
}

// findBrowser gives the path of Chromium, and sees to what drives it.
func findBrowser(ctx context.Context) (string, error) {
	browser := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			browser = path
			break
		}
	}
	if browser == "" {
		return "", errors.New("no Chromium on PATH: on Debian, apt-get install chromium")
	}
	if _, err := exec.LookPath("node"); err != nil {
		return "", fmt.Errorf("no Node.js: %w", err)
	}
	if _, err := os.Stat(filepath.Join(pageDir, "node_modules", "playwright-core")); err == nil {
		return browser, nil
	}
	cmd := exec.CommandContext(ctx, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	cmd.Dir = pageDir
	if text, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("npm ci in %s: %w\n%s", pageDir, err, text)
	}
	return browser, nil
}

// measure starts the server once and measures it.
func (w web) measure(ctx context.Context) (m measurement, err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	folder, err := os.MkdirTemp("", "fanout-bench-web-")
	if err != nil {
		return m, err
	}
	defer os.RemoveAll(folder)
	state := filepath.Join(folder, ".state") // new each time, so that nothing is warm
	if err := os.MkdirAll(state, 0o700); err != nil {
		return m, err
	}
	if err := errors.Join(w.notebook(folder, "small.ipynb", 12), w.notebook(folder, "long.ipynb", 500)); err != nil {
		return m, err
	}
	port, err := freePort()
	if err != nil {
		return m, err
	}
	server := w.command(folder, port)
	for _, name := range []string{"JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR", "JUPYTERLAB_SETTINGS_DIR", "JUPYTERLAB_WORKSPACES_DIR",
		"IPYTHONDIR", "XDG_RUNTIME_DIR", "XDG_STATE_HOME", "XDG_DATA_HOME"} {
		server.Env = append(server.Env, name+"="+state)
	}
	server.Env = append(server.Env, "FANOUT_HISTORY="+filepath.Join(state, "history.sqlite"))
	var said bytes.Buffer
	server.Stdout, server.Stderr = &said, &said
	base := fmt.Sprintf("http://127.0.0.1:%d", port)
	began := time.Now()
	if err := server.Start(); err != nil {
		return m, err
	}
	defer func() {
		_ = endTree(server.Process)
		_ = server.Wait()
		if err != nil {
			err = fmt.Errorf("%w\n%s", err, said.Bytes())
		}
	}()
	if err := firstPage(ctx, base+w.first+"?token="+webToken); err != nil {
		return m, err
	}
	start := time.Since(began).Seconds()
	if m, err = w.drive(ctx, base, server.Process.Pid); err != nil {
		return m, err
	}
	m.Figures["start"] = &start
	return m, nil
}

// notebook writes a notebook of n cells.
func (w web) notebook(folder, name string, n int) error {
	type object = map[string]any
	cells := make([]object, n)
	for i := range cells {
		cells[i] = object{"cell_type": "code", "id": fmt.Sprintf("c%d", i), "metadata": object{}, "source": "1+1",
			"outputs": []any{}, "execution_count": nil}
	}
	text, err := json.Marshal(object{"nbformat": 4, "nbformat_minor": 5, "cells": cells, "metadata": object{
		"kernelspec": object{"name": w.kernel, "display_name": w.kernel, "language": w.lang},
	}})
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, name), text, 0o600)
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// firstPage asks until the whole page comes.
func firstPage(ctx context.Context, address string) error {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return err
	}
	client := http.Client{Jar: jar}
	defer client.CloseIdleConnections()
	for {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
		if err != nil {
			return err
		}
		if resp, err := client.Do(r); err == nil {
			_, err = io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
			if err == nil && resp.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the server did not answer: %w", ctx.Err())
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// drive measures the page in the browser, and then the memory of the server with
// the process pid.
func (w web) drive(ctx context.Context, base string, pid int) (measurement, error) {
	var m measurement
	args, err := json.Marshal(map[string]string{"kind": w.kind, "base": base, "token": webToken, "browser": w.browser})
	if err != nil {
		return m, err
	}
	cmd := exec.CommandContext(ctx, "node", filepath.Join(pageDir, "bench", "bench.mjs"), string(args))
	var errs bytes.Buffer
	cmd.Stderr = &errs
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return m, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return m, err
	}
	if err := cmd.Start(); err != nil {
		return m, err
	}
	var report struct {
		Figures map[string]*float64 `json:"figures"`
		Browser string              `json:"browser"`
	}
	lines := bufio.NewScanner(stdout)
	if lines.Scan() {
		err = json.Unmarshal(lines.Bytes(), &report)
	} else {
		err = errors.New("it printed no figures")
	}
	memory := memoryOf(tree(pid))
	stdin.Close()
	if err := errors.Join(err, lines.Err(), cmd.Wait()); err != nil {
		return m, fmt.Errorf("measuring in the browser: %w\n%s", err, errs.Bytes())
	}
	report.Figures["memory"] = &memory
	return measurement{Figures: report.Figures, Versions: map[string]string{"browser": report.Browser}}, nil
}
