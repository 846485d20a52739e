package main

import (
	"crypto/tls"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"time"

	"github.com/spf13/cobra"
)

// running is what is known of a notebook server that runs. Its file is for its
// user alone.
type running struct {
	PID   int    `json:"pid"`
	URL   string `json:"url"`
	Token string `json:"token,omitempty"`
	Root  string `json:"root"`
}

// runningDir is the folder of the files.
func runningDir() (string, error) {
	if dir := os.Getenv("XDG_RUNTIME_DIR"); dir != "" {
		return filepath.Join(dir, "fanout"), nil
	}
	dir, err := os.UserCacheDir()
	return filepath.Join(dir, "fanout", "servers"), err
}

// write makes the file, and returns what removes it. Without it the server is not
// listed, and nothing else is lost.
func (r running) write(logger *slog.Logger) (remove func()) {
	dir, err := runningDir()
	if err == nil {
		err = os.MkdirAll(dir, 0o700)
	}
	name := filepath.Join(dir, strconv.Itoa(r.PID)+".json")
	var text []byte
	if err == nil {
		text, err = json.Marshal(r)
	}
	if err == nil {
		_ = os.Remove(name) // of a process that had this number: its mode would be kept
		var f *os.File
		if f, err = os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600); err == nil {
			_, err = f.Write(append(text, '\n'))
			if closeErr := f.Close(); err == nil {
				err = closeErr
			}
		}
	}
	if err != nil {
		logger.Warn("\"fanout notebook list\" will not know of this server", "error", err)
		return func() {}
	}
	return func() {
		if err := os.Remove(name); err != nil {
			logger.Warn("file of this server that stays", "error", err)
		}
	}
}

func notebookListCmd() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List the notebook servers that run, with their tokens", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			dir, err := runningDir()
			if err != nil {
				return err
			}
			files, err := filepath.Glob(filepath.Join(dir, "*.json"))
			if err != nil {
				return err
			}
			for _, name := range files {
				var r running
				text, err := os.ReadFile(name)
				if err != nil || json.Unmarshal(text, &r) != nil {
					continue
				}
				if !r.answers() {
					_ = os.Remove(name) // it was killed
					continue
				}
				fmt.Fprintf(cmd.OutOrStdout(), "%s  %s\n", r.address("", r.Token), r.Root)
			}
			return nil
		},
	}
}

// answers says whether the server is there.
func (r running) answers() bool {
	// Nothing secret is sent or believed, whoever answers.
	anyone := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
	defer anyone.CloseIdleConnections()
	c := http.Client{Timeout: 2 * time.Second, Transport: anyone}
	resp, err := c.Get(r.URL + "api")
	if err != nil {
		return false
	}
	defer resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}

// openBrowser opens address in the user's browser, if there is one. Other users
// of the machine can read it from the command line: it must not hold the token.
func openBrowser(address string, logger *slog.Logger) {
	name, args := "xdg-open", []string{address}
	switch runtime.GOOS {
	case "darwin":
		name = "open"
	case "windows":
		name, args = "rundll32", []string{"url.dll,FileProtocolHandler", address}
	}
	cmd := exec.Command(name, args...)
	if err := cmd.Start(); err != nil {
		logger.Info("browser that is not opened", "error", err)
		return
	}
	go func() { _ = cmd.Wait() }() // ends with the command, or with this program
}
